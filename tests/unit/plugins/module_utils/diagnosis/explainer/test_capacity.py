# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The group's metrics tell the capacity where they are enabled; elsewhere it is reckoned back from now."""

from __future__ import annotations

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.explainer import capacity
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.explainer.minutes import Minutes
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.observing.reads import MOST_ACTIVITIES
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import Failure
from ansible_collections.academy.video_scaling.tests.unit.observations import (
    AT,
    SINCE,
    activity,
    ago,
    group,
    instance,
    observed,
    series,
)

DENIED = Failure("denied")
WINDOW = Minutes.of(SINCE, AT)


def change(minutes_ago, before, after, description="Launching a new EC2 instance: i-1"):
    started = ago(minutes=minutes_ago)
    cause = f"At {started:%Y-%m-%dT%H:%M:%SZ} a user request changing the desired capacity from {before} to {after}."
    return activity(cause, started, Description=description)


MEASURED = {"desired": series(7), "in_service": series(7)}
GREW = [change(10, 2, 3), change(60, 1, 2)]
SHRANK = [change(30, 4, 3, "Terminating EC2 instance: i-1")]
FULL = [change(1, 3, 3, "Something else")] * (MOST_ACTIVITIES - 1) + [change(30, 2, 3)]


@pytest.mark.parametrize(
    ("readings", "at_minute"),
    [
        ({"group_metrics": {}, "activities": GREW}, {0: 1, 119: 1, 121: 2, 169: 2, 171: 3, 180: 3}),
        ({"group_metrics": {}, "activities": SHRANK}, {149: 4, 150: 3}),
        ({"group_metrics": {}, "activities": []}, {0: 3, 180: 3}),
        ({"group_metrics": {}, "activities": [], "group": group(5)}, {0: 5}),
        ({"group_metrics": DENIED, "activities": GREW}, {0: 1, 180: 3}),
        ({"group_metrics": {}, "activities": DENIED}, {0: None, 179: None, 180: 3}),
        (
            {"group_metrics": {"desired": series(7), "in_service": series(7)}, "activities": GREW},
            {0: 7, 179: 7, 180: 3},
        ),
        ({"group_metrics": {}, "activities": FULL}, {149: None, 151: 3}),
        ({"group_metrics": DENIED, "activities": GREW, "group": DENIED}, {0: None, 180: None}),
        ({"group_metrics": {}, "activities": [], "group": None}, {0: None, 180: None}),
    ],
    ids=[
        "grew",
        "shrank",
        "nothing happened",
        "of five",
        "metrics denied",
        "activities denied",
        "measured before reckoned",
        "activities cut off",
        "group denied",
        "no group",
    ],
)
def test_the_capacity_of_a_minute(readings, at_minute):
    read = observed(**readings)
    for values in (capacity.desired(read, WINDOW), capacity.in_service(read, WINDOW)):
        assert {number: values[number] for number in at_minute} == at_minute
        assert len(values) == len(WINDOW)


def test_a_change_that_no_activity_tells_of_shows_now():
    values = capacity.desired(observed(group_metrics={}, activities=GREW, group=group(9)), WINDOW)
    assert values[-2:] == [3, 9]


def test_desired_and_in_service_are_two_things():
    read = observed(group_metrics={}, activities=[change(30, 3, 5, "Cancelled")], group=group(3, DesiredCapacity=5))
    assert (capacity.desired(read, WINDOW)[160], capacity.in_service(read, WINDOW)[160]) == (5, 3)


def weighing(*weights):
    return group(
        Instances=[instance(number, WeightedCapacity=str(weight)) for number, weight in enumerate(weights)],
        DesiredCapacity=sum(weights),
    )


STARTED = [change(10, 8, 12, f"Launching a new EC2 instance: {instance(2)['InstanceId']}")]
STOPPED = [change(30, 16, 12, "Terminating EC2 instance: i-0abc")]


@pytest.mark.parametrize(
    ("read", "activities", "at_minute"),
    [
        (weighing(4, 4, 4), STARTED, {0: 8, 169: 8, 171: 12, 180: 12}),
        (weighing(4, 4, 4), STOPPED, {0: 16, 149: 16, 151: 12}),
        (weighing(2, 4, 6), STARTED, {0: 6, 180: 12}),
        (weighing(2, 4, 6), STOPPED, {149: None, 151: 12, 180: 12}),
    ],
    ids=["one came", "one went", "one of several weights came", "the weight of one that went is not known"],
)
def test_an_instance_counts_as_much_as_it_weighs(read, activities, at_minute):
    values = capacity.in_service(observed(group=read, group_metrics={}, activities=activities), WINDOW)
    assert {number: values[number] for number in at_minute} == at_minute
