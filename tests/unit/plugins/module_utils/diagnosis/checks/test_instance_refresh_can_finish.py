# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An active refresh fails for whatever it waits for in vain, unless its preferences say not to wait."""

from __future__ import annotations

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.checks import instance_refresh_can_finish
from ansible_collections.academy.video_scaling.tests.unit.examples import GROUP
from ansible_collections.academy.video_scaling.tests.unit.observations import (
    ago,
    case,
    every_case,
    group,
    holds,
    instance,
    observed,
    wanted,
)


def refresh(status="InProgress", minutes=30, **changes):
    return [
        {
            "InstanceRefreshId": "08b9",
            "AutoScalingGroupName": GROUP,
            "Status": status,
            "StartTime": ago(minutes=minutes),
            "PercentageComplete": 50,
            **changes,
        }
    ]


def preferring(**preferences):
    return refresh(Preferences=preferences)


SOME_PROTECTED = group(Instances=[instance(1), instance(2, ProtectedFromScaleIn=True)])
NEW_PROTECTED = group(NewInstancesProtectedFromScaleIn=True)
STANDBY = group(Instances=[instance(1), instance(2, LifecycleState="Standby")])
SUSPENDED = group(SuspendedProcesses=[{"ProcessName": "InstanceRefresh"}])
WAITS = f"instance refresh 08b9 of group {GROUP}, active since 11:30 UTC (30 min), waits for"
MIXED = "Workers of two versions run"
CASES = every_case(
    case("none"),
    case("none, and protected", group=NEW_PROTECTED),
    case("active", instance_refreshes=refresh()),
    case("over, and protected", instance_refreshes=refresh("Successful"), group=NEW_PROTECTED),
    case(
        "protected instances",
        "fail",
        f"{WAITS} 1 instance protected from scale-in (i-00000000000000002)",
        instance_refreshes=refresh(),
        group=SOME_PROTECTED,
    ),
    case(
        "new ones are protected",
        "fail",
        f"{WAITS} every instance that the group starts: NewInstancesProtectedFromScaleIn is true",
        instance_refreshes=refresh(),
        group=NEW_PROTECTED,
    ),
    case(
        "not even begun",
        "fail",
        f"instance refresh 08b9 of group {GROUP} waits for every instance",
        instance_refreshes=refresh("Pending", StartTime=None),
        group=NEW_PROTECTED,
    ),
    case("on the way back", "fail", WAITS, instance_refreshes=refresh("RollbackInProgress"), group=SOME_PROTECTED),
    case(
        "set to wait",
        "fail",
        WAITS,
        instance_refreshes=preferring(ScaleInProtectedInstances="Wait"),
        group=SOME_PROTECTED,
    ),
    case(
        "set to refresh them", instance_refreshes=preferring(ScaleInProtectedInstances="Refresh"), group=SOME_PROTECTED
    ),
    case("set to leave them", instance_refreshes=preferring(ScaleInProtectedInstances="Ignore"), group=NEW_PROTECTED),
    case("on standby", "fail", f"{WAITS} 1 instance on standby (i-", instance_refreshes=refresh(), group=STANDBY),
    case("set to terminate those", instance_refreshes=preferring(StandbyInstances="Terminate"), group=STANDBY),
    case(
        "suspended",
        "fail",
        "stands still: process InstanceRefresh is suspended",
        instance_refreshes=refresh(),
        group=SUSPENDED,
    ),
    case(
        "failed",
        "warn",
        f"instance refresh 08b9 of group {GROUP} failed at 11:40 UTC: it waited an hour",
        MIXED,
        instance_refreshes=refresh("Failed", EndTime=ago(minutes=20), StatusReason="it waited an hour."),
    ),
    case(
        "failed, no reason",
        "warn",
        "at 11:30 UTC: no reason is given",
        MIXED,
        instance_refreshes=refresh("RollbackFailed"),
    ),
    case("failed long ago", instance_refreshes=refresh("Failed", minutes=190)),
    case("failed, and another went well", instance_refreshes=[*refresh("Successful", 10), *refresh("Failed")]),
)


@pytest.mark.parametrize(
    ("group", "command"),
    [
        (
            SOME_PROTECTED,
            "set-instance-protection --auto-scaling-group-name academy-video-worker-asg --instance-ids "
            "i-00000000000000002 --no-protected-from-scale-in --region",
        ),
        (NEW_PROTECTED, "--no-new-instances-protected-from-scale-in --region"),
        (STANDBY, "exit-standby --auto-scaling-group-name academy-video-worker-asg --instance-ids i-0"),
    ],
    ids=["protected", "new ones protected", "on standby"],
)
def test_the_way_out_ends_what_it_waits_for(group, command):
    seen = observed(instance_refreshes=refresh(), group=group)
    assert command in instance_refresh_can_finish.check(seen, wanted()).remedy.cli


@CASES
def test_an_instance_refresh_can_finish(example):
    holds(instance_refresh_can_finish, example)
