# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A few lines that a person can read close a run, however many pools there are."""

from __future__ import annotations

import pytest
from ansible_collections.academy.video_scaling.plugins.filter.summary import LINES, FilterModule, summary
from ansible_collections.academy.video_scaling.tests.unit.examples import given, other

FOLLOWS = "academy-video-worker-asg follows published_total (Academy/VideoProcessing/VideoQueueDepthTotal), target 1: "


def step(**changed):
    return {
        "changed": any(changed.values()),
        "pools": [{"name": name, "changed": value} for name, value in changed.items()],
    }


SKIPPED = {"skipped": True, "changed": False}


@pytest.mark.parametrize(
    ("steps", "check_mode", "what", "total"),
    [
        pytest.param({"queue": step(video=False)}, False, "unchanged", "1 pool, 0 changed", id="unchanged"),
        pytest.param(
            {"queue": step(video=True), "policy": step(video=True)},
            False,
            "changed queue, policy",
            "1 pool, 1 changed",
            id="changed",
        ),
        pytest.param({"queue": step(video=True)}, True, "would change queue", "1 pool, 1 would change", id="check"),
        pytest.param(
            {"queue": step(video=False)}, True, "nothing to change", "1 pool, 0 would change", id="check, nothing"
        ),
        pytest.param(
            {"queue": SKIPPED, "policy": step(video=True)},
            False,
            "changed policy",
            "1 pool, 1 changed",
            id="a step skipped",
        ),
        pytest.param({}, False, "unchanged", "1 pool, 0 changed", id="no step"),
    ],
)
def test_what_a_run_did_to_a_pool(steps, check_mode, what, total):
    assert summary([given()], steps, check_mode) == [f"video  {FOLLOWS}{what}", total]


@pytest.mark.parametrize(
    ("pool", "part"),
    [
        (given(target_value=2.5), "target 2.5: "),
        (given(target_value="3"), "target 3: "),
        (given(target_value=...), "target 1: "),
        (given(signal=...), "follows published_total (Academy/VideoProcessing/VideoQueueDepthTotal)"),
        (given(signal="sqs_total"), "follows sqs_total (AWS/SQS)"),
        (given(signal="sqs_total", metric=...), "follows sqs_total (AWS/SQS)"),
    ],
    ids=["fraction", "text", "default target", "default signal", "SQS's own", "SQS's own without metric"],
)
def test_signal_and_target(pool, part):
    assert part in summary([pool], {})[0]


def test_names_stand_in_a_column():
    lines = summary([given(name="a"), other(name="longer_name")], {})
    assert lines[0].index("academy-video-worker-asg") == lines[1].index("academy-audio-worker-asg")


def fleet(number):
    return [given(name=f"pool_{n:03}") for n in range(number)]


@pytest.mark.parametrize(
    ("number", "changed", "listed", "last"),
    [
        (LINES, 0, LINES, [f"{LINES} pools, 0 changed"]),
        (LINES + 1, 0, 0, [f"{LINES + 1} pools, 0 changed"]),
        (LINES + 1, 2, 2, [f"{LINES + 1} pools, 2 changed"]),
        (1000, 25, LINES, ["... and 5 more", "1000 pools, 25 changed"]),
    ],
    ids=["as many as fit", "many, unchanged", "many, some changed", "many, many changed"],
)
def test_of_many_pools_only_the_changed_are_listed(number, changed, listed, last):
    pools = fleet(number)
    steps = {"policy": step(**{pool["name"]: position < changed for position, pool in enumerate(pools)})}
    lines = summary(pools, steps)
    assert lines[listed:] == last
    assert all(line.startswith("pool_") for line in lines[:listed])


def test_the_filter_has_its_name():
    assert FilterModule().filters() == {"summary": summary}
