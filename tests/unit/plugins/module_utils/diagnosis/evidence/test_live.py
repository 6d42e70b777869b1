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


def weighted(*weights, overrides=(), **changes):
    """A group of instances with these weights, and instance types with those."""
    types = [{"InstanceType": f"c6g.{weight}", "WeightedCapacity": str(weight)} for weight in overrides]
    instances = [
        instance(number, **({"WeightedCapacity": str(each)} if each else {})) for number, each in enumerate(weights)
    ]
    mixed = {"MixedInstancesPolicy": {"LaunchTemplate": {"Overrides": types}}} if overrides else {}
    return group(Instances=instances, **mixed, **changes)


@pytest.mark.parametrize(
    ("read", "unit", "wanted_instances", "gone"),
    [
        (weighted(None, None, DesiredCapacity=12), "worker", 12, 1),
        (weighted(4, 4, 4, DesiredCapacity=12), "capacity unit", 3, 4),
        (weighted(4, 4, DesiredCapacity=12), "capacity unit", 3, 4),
        (weighted(4, 2, DesiredCapacity=12), "capacity unit", 4, None),
        (weighted(overrides=(4, 4), DesiredCapacity=12), "capacity unit", 12, 4),
        (weighted(4, overrides=(4, 8), DesiredCapacity=12), "capacity unit", 3, None),
        ({}, "worker", None, 1),
    ],
    ids=["no weights", "one weight", "one missing", "two weights", "no instances", "two in the template", "not known"],
)
def test_what_the_sizes_of_a_group_count(read, unit, wanted_instances, gone):
    assert live.unit(read) == unit
    if wanted_instances is not None:
        assert live.instances_wanted(read) == wanted_instances
    # Of an instance that is gone only what all of the group have is known.
    assert live.weight_of(read, "i-gone") == gone


def test_the_weight_of_an_instance_that_is_there_is_its_own():
    assert live.weight_of(weighted(4, 2), instance(1)["InstanceId"]) == 2


@pytest.mark.parametrize(
    ("read", "in_service"),
    [(weighted(4, 4, 4), series(12)), (weighted(None, None), series(3)), (AwsFailure("denied"), series(3))],
    ids=["weights", "no weights", "not known"],
)
def test_what_was_in_service_is_in_the_unit_of_the_sizes(read, in_service):
    metrics = {"desired": series(12), "in_service": series(3), "in_service_capacity": series(12)}
    assert live.in_service_lately(observed(group=read, group_metrics=metrics)) == in_service


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
