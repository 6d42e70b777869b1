# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The page says what was measured, and by itself whether the publisher's CPU keeps to its limit."""

from __future__ import annotations

import pytest

from bench import publisher


def row(pools, times_bare, latency_ms=0, signal="published_total"):
    spent = {"wall": 1.0, "cpu": 0.5}
    requests = {"GetQueueAttributes": pools, "PutMetricData": 1}
    measured = {
        "pools": pools,
        "signal": signal,
        "latency_ms": latency_ms,
        "zip_bytes": 9400,
        "peak_mb": 46.4,
        "cold": {**spent, "requests": {"ListQueues": 1, "GetQueueUrl": 2, **requests}},
        "warm": {**spent, "requests": requests},
        "times_bare": times_bare,
        "import_botocore": spent,
        "import_boto3": spent,
        "clients": spent,
    }
    return {**measured, "seconds_by_memory_computed": publisher.computed(measured)}


def result(*rows):
    machine = {"cores": 2, "processor": "a processor", "python": "3.11.7", "botocore": "1.44.5"}
    start = {"wall": 0.03, "cpu": 0.01}
    return {"measured_at": "now", "machine": machine, "rounds": 3, "python_start": start, "rows": list(rows)}


@pytest.mark.parametrize(
    ("rows", "verdict"),
    [
        (
            [row(1, 3.4), row(1000, 1.3), row(100, 1.1), row(100, 9.9, signal="published_per_instance")],
            "behind 0 ms 1.30 (yes).",
        ),
        ([row(1000, 1.31), row(1000, 0.9, latency_ms=10)], "behind 0 ms 1.31 (**no**), behind 10 ms 0.90 (yes)."),
    ],
    ids=["one pool alone does not count", "each latency for itself"],
)
def test_the_limit_is_judged_for_each_latency(rows, verdict):
    assert f"1.3 x that of a bare request from 100 pools on: {verdict}" in publisher.page(result(*rows))


def test_a_cold_and_a_warm_invocation_have_a_row_each():
    lines = publisher.table(result(row(1000, 0.9))).splitlines()
    assert lines[2].startswith(
        "| 1,000 | `published_total` | 0 ms | cold | 1.00 | 0.500 | 0.50 |  | 1 | 2 | 1,000 | 0 | 1 | 46 | 9 |"
    )
    assert lines[3].startswith(
        "| 1,000 | `published_total` | 0 ms | warm | 1.00 | 0.500 | 0.50 | 0.90 | 0 | 0 | 1,000 | 0 | 1 | 46 | 9 |"
    )


def test_less_memory_takes_longer_and_never_less_than_was_measured():
    seconds = publisher.computed({"cold": {"wall": 1.0, "cpu": 0.5}, "warm": {"wall": 1.0, "cpu": 0.5}})["warm"]
    assert seconds["1769"] == 1.0
    assert seconds["128"] == pytest.approx(0.5 * 1769 / 128)


@pytest.mark.parametrize(
    ("kind", "is_divided", "is_above"),
    [(publisher.TOTAL, False, False), (publisher.PER_INSTANCE, True, False), (publisher.WATCHED, True, True)],
)
def test_each_kind_of_pool_is_above_or_below_its_target(kind, is_divided, is_above):
    settings = publisher.pool(7, kind)
    assert ("per_instance_name" in settings["metric"]) == ("auto_scaling_group_name" in settings) == is_divided
    # What the other end answers: five messages, and the instances of the group.
    assert (settings.get("target_value", 1) < 5 / publisher.INSTANCES) == is_above


def test_a_pause_passes_at_once_and_counts():
    clock = publisher.Clock()
    before = clock.monotonic()
    clock.sleep(1000)
    assert clock.monotonic() - before >= 1000
    assert clock.slept == 1000
