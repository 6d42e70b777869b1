# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whoever else sets the capacity is named; it fails where workers can be taken away, or where it is a program."""

from __future__ import annotations

from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.checks import single_scaling_owner
from ansible_collections.academy.video_scaling.tests.unit.examples import GROUP, PLACE
from ansible_collections.academy.video_scaling.tests.unit.observations import (
    activity,
    ago,
    case,
    every_case,
    holds,
    observed,
    policy,
    queue,
    queue_metrics,
    wanted,
)

RIGHT = {"Effect": "Allow", "Action": ["cloudwatch:PutMetricData", "autoscaling:SetDesiredCapacity"], "Resource": "*"}
OTHER = f"arn:aws:autoscaling:{PLACE.region}:{PLACE.account_id}:autoScalingGroup:c0de:autoScalingGroupName/other"


def beside(**changes):
    """A second policy of the group, by default one that adds workers in steps."""
    steps = {"AdjustmentType": "ChangeInCapacity", "StepAdjustments": [{"ScalingAdjustment": 1}]}
    return {"policies": [policy(), policy(PolicyName="steps", PolicyType="StepScaling", **{**steps, **changes})]}


def by_hand(*hours, times=1):
    """The capacity was set so many hours ago, and each time so many instances were launched for it."""
    return [
        activity(
            f"At {ago(hours=past):%Y-%m-%dT%H:%M:%SZ} a user request explicitly set group desired capacity changing "
            "the desired capacity from 1 to 3.",
            ago(hours=past),
        )
        for past in hours
        for dummy in range(times)
    ]


def scheduled(**sizes):
    return [{"ScheduledActionName": "night", "StartTime": ago(hours=-9), **sizes}]


CASES = every_case(
    case("one policy"),
    case(
        "another that adds",
        "warn",
        f"policy steps (StepScaling, ChangeInCapacity +1) acts on group {GROUP} as well",
        **beside(),
    ),
    case(
        "another that sets",
        "fail",
        "policy steps (StepScaling, ExactCapacity 1) acts",
        "Busy workers are stopped",
        **beside(AdjustmentType="ExactCapacity"),
    ),
    case(
        "another that sets, and nobody is at work",
        "warn",
        "can shrink it",
        "Busy workers are stopped",
        **beside(AdjustmentType="ExactCapacity"),
        queue=queue(ApproximateNumberOfMessagesNotVisible=0),
        queue_metrics=queue_metrics(in_flight=()),
    ),
    case("another that is disabled", **beside(AdjustmentType="ExactCapacity", Enabled=False)),
    case(
        "several: the worst comes first",
        "fail",
        "as well and can shrink it; policy tracks (TargetTrackingScaling) acts",
        "Busy workers are stopped",
        policies=[policy(), policy(PolicyName="tracks"), *beside(AdjustmentType="ExactCapacity")["policies"][1:]],
    ),
    case(
        "a scheduled action",
        "warn",
        f"scheduled action night of group {GROUP} sets MinSize 0, DesiredCapacity 0 (at 21:00 UTC)",
        scheduled_actions=scheduled(MinSize=0, DesiredCapacity=0),
    ),
    case(
        "a recurring one",
        "warn",
        "sets MaxSize 5 (at 0 8 * * 1-5)",
        scheduled_actions=scheduled(MaxSize=5, Recurrence="0 8 * * 1-5"),
    ),
    case(
        "set once",
        "warn",
        f"the capacity of group {GROUP} was set by request 1 time (last at 11:00 UTC)",
        activities=by_hand(1, times=3),
    ),
    case("set long ago", activities=by_hand(4)),
    case("set twice", "warn", "2 times (last at 11:00 UTC)", activities=by_hand(1, 2)),
    case("set three times", "fail", "3 times (last at 11:30 UTC)", activities=by_hand(0.5, 1, 2)),
    case(
        "sizes updated",
        "warn",
        "1 time",
        activities=[
            activity("At 2026-02-22T11:00:00Z a user request update of AutoScalingGroup constraints to min: 1, max: 9.")
        ],
    ),
    case(
        "made", activities=[activity("At 2026-02-22T11:00:00Z a user request created an AutoScalingGroup changing ...")]
    ),
    case(
        "the publisher may",
        "warn",
        f"the publisher's role may set the capacity of group {GROUP} as well (autoscaling:SetDesiredCapacity)",
        role_statements=[RIGHT],
    ),
    case("the publisher may, elsewhere", role_statements=[{**RIGHT, "Resource": OTHER}]),
    case(
        "the publisher may, and it is set",
        "fail",
        "1 time (last at 11:00 UTC), and the publisher's role has autoscaling:SetDesiredCapacity",
        role_statements=[RIGHT],
        activities=by_hand(1),
    ),
)


def test_the_publisher_is_named_only_where_it_may():
    found = single_scaling_owner.check(observed(activities=by_hand(1)), wanted())
    assert found.cause.endswith("(last at 11:00 UTC)")


@CASES
def test_nobody_else_sets_the_capacity(example):
    holds(single_scaling_owner, example)
