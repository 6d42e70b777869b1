# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every reading has its place, and one that failed leaves a gap in that place only."""

from __future__ import annotations

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.explainer.layout import scene_of
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import Failure
from ansible_collections.academy.video_scaling.tests.unit.observations import (
    AT,
    observed,
    policy,
    queue,
    queue_metrics,
    series,
    wanted,
    written_before,
)

DENIED = Failure("denied")
IDLE = queue(ApproximateNumberOfMessagesNotVisible=0)


def scene(**readings):
    return scene_of(observed(**readings), wanted())


@pytest.mark.parametrize(
    ("readings", "first", "last"),
    [
        ({}, 3, 3),
        ({"queue_metrics": queue_metrics(visible=series(4))}, 7, 3),
        ({"queue": queue(ApproximateNumberOfMessages=5)}, 3, 8),
        ({"queue": DENIED}, 3, None),
        ({"queue": None, "queue_metrics": {}}, None, None),
        ({"queue_metrics": DENIED}, None, 3),
        ({"queue_metrics": DENIED, "queue": IDLE}, None, 0),
        ({"queue_metrics": {}, "queue": IDLE}, 0, 0),
        ({"queue_metrics": {}}, None, 3),
        ({"queue_metrics": {"visible": series(4)}}, None, 3),
    ],
    ids=[
        "healthy",
        "waiting",
        "now",
        "queue denied",
        "no queue",
        "metrics denied",
        "metrics denied, empty now",
        "idle for hours",
        "no metrics, not empty",
        "half of the metrics",
    ],
)
def test_the_depth_is_measured_and_at_last_the_queues_own(readings, first, last):
    depth = scene(**readings).depth
    assert (depth[0], depth[-1]) == (first, last)


def test_what_the_queue_says_now_is_nothing_that_a_policy_compares():
    live = policy(wanted(signal="sqs_total", metric=...))
    seen = scene(policies=[live], queue=queue(ApproximateNumberOfMessages=5), queue_metrics=queue_metrics())
    assert (seen.depth[-1], seen.compared[-2:]) == (8, [3, None])


def test_minutes_that_a_policy_took_for_0_are_marked():
    silent = {"metric": (*series(3, 80, until=101), *series(3, 80))}
    assert not any(scene(**silent).counted_as_zero)
    marked = scene(**silent, policies=[written_before()]).counted_as_zero
    assert (marked.index(True), sum(marked), len(marked)) == (80, 20, 181)


def test_the_own_policy_is_kept_apart_from_the_others():
    other = policy(PolicyName="other", PolicyARN="arn:other", Alarms=[{"AlarmName": "their AlarmLow"}])
    low = {**observed().alarms[1], "AlarmName": "their AlarmLow", "AlarmActions": ["arn:other"]}
    seen = scene(policies=[other, policy()], alarms=[*observed().alarms, low])
    assert (seen.policy["PolicyName"], [one["PolicyName"] for one in seen.others]) == (
        "video-backlogcount-tt",
        ["other"],
    )
    assert {name: one.name for name, one in seen.other_lows.items()} == {"other": "their AlarmLow"}


@pytest.mark.parametrize(
    "other",
    [
        {"PolicyType": "StepScaling"},
        {"TargetTrackingConfiguration": {"DisableScaleIn": True}},
        {"Enabled": False},
    ],
    ids=["steps", "never scales in", "disabled"],
)
def test_who_has_no_say_in_scaling_in(other):
    foreign = {"PolicyName": "other", "PolicyARN": "arn:other", **other}
    low = {**observed().alarms[1], "AlarmName": "their AlarmLow", "AlarmActions": ["arn:other"]}
    assert scene(policies=[policy(**foreign), policy()], alarms=[*observed().alarms, low]).other_lows == {}


@pytest.mark.parametrize(
    ("readings", "flags"),
    [
        ({}, (True, True, True)),
        ({"policies": DENIED}, (False, True, False)),
        ({"alarms": DENIED}, (True, False, True)),
        ({"per_instance_metric": DENIED}, (True, True, False)),
        ({"per_instance_metric": ()}, (True, True, True)),
        ({"metric": DENIED, "queue_metrics": DENIED, "group_metrics": DENIED}, (True, True, True)),
        ({"policies": [written_before()], "metric": DENIED}, (True, True, False)),
        ({"policies": [written_before()], "group_metrics": DENIED}, (True, True, False)),
        ({"policies": [written_before()], "per_instance_metric": DENIED}, (True, True, True)),
    ],
    ids=[
        "all",
        "policies",
        "alarms",
        "metric",
        "an empty metric was read",
        "what the policy does not follow",
        "metric, as before",
        "group, as before",
        "what a policy as before does not follow",
    ],
)
def test_what_was_read_is_kept_apart_from_what_is_not_there(readings, flags):
    seen = scene(**readings)
    assert (seen.has_policies, seen.has_alarms, seen.has_values) == flags


def test_the_window_ends_when_it_was_read():
    assert scene().minutes.at == AT
