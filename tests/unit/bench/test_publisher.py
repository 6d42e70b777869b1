# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The page says what was measured, and by itself whether the publisher's CPU keeps to its limit."""

from __future__ import annotations

import pytest

from bench import publisher


def row(pools, times_bare, latency_ms=0):
    spent = {"wall": 1.0, "cpu": 0.5}
    requests = {"GetQueueAttributes": pools, "PutMetricData": 1}
    measured = {
        "pools": pools,
        "latency_ms": latency_ms,
        "zip_bytes": 9400,
        "peak_mb": 46.4,
        "cold": {**spent, "requests": {"GetQueueUrl": pools, **requests}},
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
        ([row(1, 3.4), row(1000, 1.3)], "yes, 1.30 at the most."),
        ([row(1000, 0.9), row(1000, 1.31, latency_ms=10)], "**no**, 1.31 at the most."),
    ],
    ids=["one pool alone does not count", "one latency is enough"],
)
def test_the_limit_holds_for_every_latency_from_a_hundred_pools_on(rows, verdict):
    assert f"1.3 x a bare request: {verdict}" in publisher.page(result(*rows))


def test_a_cold_and_a_warm_invocation_have_a_row_each():
    lines = publisher.table(result(row(1000, 0.9))).splitlines()
    assert lines[2].startswith("| 1,000 | 0 ms | cold | 1.00 | 0.500 | 0.50 |  | 1,000 | 1,000 | 1 | 46 | 9 |")
    assert lines[3].startswith("| 1,000 | 0 ms | warm | 1.00 | 0.500 | 0.50 | 0.90 | 0 | 1,000 | 1 | 46 | 9 |")


def test_less_memory_takes_longer_and_never_less_than_was_measured():
    seconds = publisher.computed({"cold": {"wall": 1.0, "cpu": 0.5}, "warm": {"wall": 1.0, "cpu": 0.5}})["warm"]
    assert seconds["1769"] == 1.0
    assert seconds["128"] == pytest.approx(0.5 * 1769 / 128)
