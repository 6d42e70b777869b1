# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is not there has no answer, instead of a wrong one; what there is has its newest values."""

from __future__ import annotations

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.evidence import live
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.observed import Unread
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import AwsFailure
from ansible_collections.academy.video_scaling.tests.unit.examples import GROUP, POLICY
from ansible_collections.academy.video_scaling.tests.unit.observations import (
    ago,
    alarm,
    group,
    instance,
    observed,
    policy,
    queue,
    queue_metrics,
    series,
    wanted,
)


@pytest.mark.parametrize(
    ("needed", "readings", "says"),
    [
        (live.group, {"group": None}, f"there is no group {GROUP}"),
        (live.depth, {"queue": None}, "there is no queue academy-video-jobs"),
        (live.own_policy, {"policies": []}, f"there is no target-tracking policy {POLICY} on group {GROUP}"),
        (live.own_policy, {"policies": [policy(PolicyType="StepScaling")]}, f"no target-tracking policy {POLICY}"),
        (live.own_policy, {"policies": [policy(PolicyName="other")]}, f"no target-tracking policy {POLICY}"),
        (live.group, {"group": AwsFailure("denied")}, "denied"),
    ],
    ids=["no group", "no queue", "no policy", "another type", "another name", "denied"],
)
def test_what_is_not_there_is_no_value(needed, readings, says):
    with pytest.raises(Unread, match=says):
        needed(observed(**readings), wanted())


def test_what_is_there():
    seen = observed()
    assert live.group(seen, wanted())["AutoScalingGroupName"] == GROUP
    assert live.depth(seen, wanted()) == 3
    assert live.own_policy(seen, wanted()).raw == policy()
    assert live.target(live.own_policy(observed(policies=[policy(wanted(target_value=4))]), wanted()), wanted()) == 4


@pytest.mark.parametrize(
    ("instances", "capacity"),
    [
        ([], 0),
        ([instance(1), instance(2), instance(3, LifecycleState="Pending")], 2),
        ([instance(1, WeightedCapacity="3"), instance(2)], 4),
    ],
    ids=["none", "one is on its way", "one counts as three"],
)
def test_the_capacity_that_works(instances, capacity):
    assert live.in_service(group(Instances=instances)) == capacity


@pytest.mark.parametrize(
    ("metrics", "depths"),
    [
        (queue_metrics(visible=series(2)), [5, 5, 5]),
        (queue_metrics(visible=series(2, until=2)), [5, 5, 3]),
        (queue_metrics(visible=(), in_flight=()), []),
        ({}, []),
        (AwsFailure("denied"), []),
    ],
    ids=["both", "one is late", "idle", "nothing", "denied"],
)
def test_the_depths_of_the_last_minutes(metrics, depths):
    assert live.depths(observed(queue_metrics=metrics), 4) == depths


EMPTY = queue(ApproximateNumberOfMessagesNotVisible=0)


@pytest.mark.parametrize(
    ("attributes", "metrics", "is_empty"),
    [
        (queue(), {}, False),
        (EMPTY, {}, True),
        (EMPTY, queue_metrics(in_flight=series(0)), True),
        (EMPTY, queue_metrics(in_flight=series(1, until=11)), True),
        (EMPTY, queue_metrics(in_flight=series(1, until=9)), False),
    ],
    ids=["it holds some", "SQS is silent", "empty", "empty for long enough", "empty since a moment ago"],
)
def test_a_queue_is_empty_when_it_has_been_so(attributes, metrics, is_empty):
    assert live.is_empty(observed(queue=attributes, queue_metrics=metrics), wanted(), 10) is is_empty


def test_an_alarm_tells_what_it_is_for_and_since_when_it_is_so():
    assert live.is_high(alarm("High")) and not live.is_high(alarm("Low"))
    assert live.in_state_since(alarm("High", StateTransitionedTimestamp=ago(hours=2))) == ago(hours=2)
    assert live.in_state_since(alarm("High", StateTransitionedTimestamp=None)) == ago(hours=1)
