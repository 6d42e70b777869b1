# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An alarm that is gone, mute or calls somebody else is as good as none; what it was for is the effect."""

from __future__ import annotations

from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.checks import alarms_exist
from ansible_collections.academy.video_scaling.tests.unit.examples import POLICY
from ansible_collections.academy.video_scaling.tests.unit.observations import (
    POLICY_ARN,
    alarm,
    case,
    every_case,
    holds,
    observed,
    policy,
    wanted,
)

HIGH, LOW = alarm("High"), alarm("Low")
WITHOUT_ACTIONS_ENABLED = {name: value for name, value in HIGH.items() if name != "ActionsEnabled"}
HIGH_NAME, LOW_NAME = HIGH["AlarmName"], LOW["AlarmName"]
NAMELESS = [policy(Alarms=[])]
ONE_WAY = policy(wanted(disable_scale_in=True), Alarms=policy()["Alarms"][:1])
CASES = every_case(
    case("both"),
    case("of an API that tells no ARN", policies=[policy(PolicyARN=None)]),
    case("one is enough", declared={"disable_scale_in": True}, policies=[ONE_WAY], alarms=[HIGH]),
    case(
        "one is gone",
        "fail",
        f"alarm {LOW_NAME} of policy {POLICY} no longer exists",
        "Nothing scales in",
        alarms=[HIGH],
    ),
    case("the other is gone", "fail", HIGH_NAME, "Nothing scales out", alarms=[LOW]),
    case(
        "both are gone",
        "fail",
        f"alarms {HIGH_NAME}, {LOW_NAME} of policy {POLICY} no longer exist",
        "Nothing scales",
        alarms=[],
    ),
    case(
        "none was ever made",
        "fail",
        f"policy {POLICY} has no alarm that scales out or scales in",
        "Nothing scales",
        policies=NAMELESS,
        alarms=[],
    ),
    case(
        "one was never made",
        "fail",
        f"policy {POLICY} has no alarm that scales out",
        "Nothing scales out",
        policies=NAMELESS,
        alarms=[LOW],
    ),
    case(
        "mute",
        "fail",
        f"alarm {LOW_NAME} of policy {POLICY} may not act: ActionsEnabled is false",
        "Nothing scales in",
        alarms=[HIGH, {**LOW, "ActionsEnabled": False}],
    ),
    case("an API that does not tell whether it acts", alarms=[WITHOUT_ACTIONS_ENABLED, LOW]),
    case(
        "both call another",
        "fail",
        f"alarms {HIGH_NAME}, {LOW_NAME} do not call policy {POLICY}",
        "Nothing scales",
        alarms=[{**HIGH, "AlarmActions": []}, {**LOW, "AlarmActions": []}],
    ),
    case(
        "calls another",
        "fail",
        f"alarm {HIGH_NAME} does not call policy {POLICY}",
        "Nothing scales out",
        alarms=[{**HIGH, "AlarmActions": [f"{POLICY_ARN}-of-before"]}, LOW],
    ),
)


def test_the_way_out_puts_the_policy_as_it_is():
    found = alarms_exist.check(observed(alarms=[], policies=[policy(EstimatedInstanceWarmup=90)]), wanted())
    assert "put-scaling-policy --auto-scaling-group-name academy-video-worker-asg" in found.remedy.cli
    assert '"TargetValue": 1.0' in found.remedy.cli
    assert "--estimated-instance-warmup 90" in found.remedy.cli
    found = alarms_exist.check(observed(alarms=[]), wanted())
    assert found.cause.endswith("no longer exist")
    assert "warmup" not in found.remedy.cli


@CASES
def test_the_alarms_exist_and_act(example):
    holds(alarms_exist, example)
