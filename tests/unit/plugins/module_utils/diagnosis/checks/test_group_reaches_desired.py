# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Launches that fail are reported with the words of AWS; one that only takes its time passes."""

from __future__ import annotations

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.checks import group_reaches_desired
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import AwsFailure
from ansible_collections.academy.video_scaling.tests.unit.examples import GROUP
from ansible_collections.academy.video_scaling.tests.unit.observations import (
    activity,
    ago,
    case,
    every_case,
    group,
    holds,
    instance,
    observed,
    series,
    wanted,
)

QUOTA = "Could not launch Spot Instances. MaxSpotInstanceCountExceeded - Max spot instance count exceeded."


def launch(minutes, **changes):
    return activity("difference between desired and actual capacity", ago(minutes=minutes), **changes)


def refused(minutes, **changes):
    return launch(minutes, **{"StatusCode": "Failed", "StatusMessage": QUOTA, **changes})


def short(minutes):
    """As the group's metrics tell it."""
    in_service = (*series(20, 180 - minutes, minutes + 1), *series(16, minutes))
    return {"group": SHORT, "group_metrics": {"desired": series(20), "in_service": in_service}}


SHORT = group(16, DesiredCapacity=20)
NO_METRICS = {"group": SHORT, "group_metrics": {}}
SHORTAGE = f"16 of 20 workers of group {GROUP} are in service"
CASES = every_case(
    case("as many as it wants"),
    case("more than it wants", group=group(3, DesiredCapacity=2), activities=[refused(1)]),
    case("as many, for all that failed", activities=[refused(1)]),
    case("for a moment", **short(14), activities=[]),
    case("for long", "fail", f"{SHORTAGE} for 15 min", **short(15), activities=[]),
    case(
        "for long, and waiting",
        "fail",
        "for 60 min (the others are Pending:Wait, Warmed:Stopped)",
        **{
            **short(60),
            "group": group(
                DesiredCapacity=20,
                Instances=[
                    *(instance(number) for number in range(16)),
                    instance(16, LifecycleState="Warmed:Stopped"),
                    instance(17, LifecycleState="Pending:Wait"),
                ],
            ),
        },
        activities=[],
    ),
    case(
        "refused",
        "fail",
        f"{SHORTAGE}, and 2 launches failed since 11:30 UTC: {QUOTA[:-1]}",
        **short(3),
        activities=[refused(10), launch(20), refused(30)],
    ),
    case("refused once", "fail", "and 1 launch failed since 11:50 UTC", **NO_METRICS, activities=[refused(10)]),
    case("cancelled", "fail", "and 1 launch failed", **NO_METRICS, activities=[refused(10, StatusCode="Cancelled")]),
    case(
        "refused, and no reason",
        "fail",
        "difference between desired",
        **NO_METRICS,
        activities=[refused(9, StatusMessage="")],
    ),
    case("refused before it went well", **NO_METRICS, activities=[launch(5), refused(10)]),
    case("refused long ago", **NO_METRICS, activities=[refused(190)]),
    case("a stop that failed", **NO_METRICS, activities=[refused(9, Description="Terminating EC2 instance: i-1")]),
    case("under way", **NO_METRICS, activities=[launch(14, EndTime=None)]),
    case(
        "under way for too long",
        "fail",
        f"{SHORTAGE} for 15 min",
        **NO_METRICS,
        activities=[launch(1, EndTime=None), launch(15, EndTime=None)],
    ),
    case("metrics denied", **{**NO_METRICS, "group_metrics": AwsFailure("denied")}, activities=[]),
)


@pytest.mark.parametrize(
    ("message", "command"),
    [
        (QUOTA, "get-service-quota --service-code ec2 --quota-code L-34B43A08"),
        ("VcpuLimitExceeded - You have requested more vCPU capacity", "--quota-code L-1216C47A"),
        ("InsufficientInstanceCapacity", "describe-scaling-activities"),
    ],
)
def test_the_way_out_shows_the_quota_that_stops_it(message, command):
    seen = observed(group=SHORT, activities=[refused(1, StatusMessage=message)])
    assert command in group_reaches_desired.check(seen, wanted()).remedy.cli


@CASES
def test_the_group_reaches_what_it_wants(example):
    holds(group_reaches_desired, example)
