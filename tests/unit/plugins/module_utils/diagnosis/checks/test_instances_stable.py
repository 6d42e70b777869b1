# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A few replacements are chance, many are churn; in a large group more are needed for that."""

from __future__ import annotations

from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.checks import instances_stable
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
    wanted,
)

CHECKED = "an EC2 health check indicating it has been terminated or stopped"


def lost(*minutes, why=CHECKED):
    return [
        activity(
            f"At 2026-02-22T11:00:00Z an instance was taken out of service in response to {why}.",
            ago(minutes=past),
            Description=f"Terminating EC2 instance: i-{past:017x}",
        )
        for past in minutes
    ]


CASES = every_case(
    case("scaled only"),
    case("two replaced", activities=lost(10, 20)),
    case(
        "three replaced",
        "fail",
        f"3 instances of group {GROUP} were replaced since 11:30 UTC (last at 11:50 UTC: EC2 health check indicating "
        "it has been terminated or stopped)",
        activities=lost(10, 20, 30),
    ),
    case(
        "by a load balancer",
        "fail",
        "ELB system health check",
        activities=lost(1, 2, 3, why="an ELB system health check failure"),
    ),
    case("by a request", "fail", "user health-check", activities=lost(1, 2, 3, why="a user health-check")),
    case("rebalanced", activities=lost(1, 2, 3, why="an EC2 instance rebalance recommendation")),
    case("long ago", activities=lost(10, 20, 190)),
    case("many workers, few replaced", activities=lost(10, 20, 30, 40), group=group(20)),
    case(
        "as many units, few instances, many of them replaced",
        "fail",
        "4 inst",
        activities=lost(10, 20, 30, 40),
        group=group(20, Instances=[instance(number, WeightedCapacity="5") for number in range(4)]),
    ),
    case("many workers, many replaced", "fail", "5 inst", activities=lost(10, 20, 30, 40, 50), group=group(20)),
)


def test_the_way_out_shows_what_the_last_one_wrote():
    found = instances_stable.check(observed(activities=lost(16, 20, 30)), wanted())
    assert "get-console-output --instance-id i-00000000000000010 " in found.remedy.cli
    found = instances_stable.check(observed(activities=[{**one, "Description": ""} for one in lost(1, 2, 3)]), wanted())
    assert "describe-scaling-activities" in found.remedy.cli


@CASES
def test_instances_stay(example):
    holds(instances_stable, example)
