# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No policy, another one, or one that does not act fails; the snapshot shows where it went."""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.checks import policy_exists
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import AwsFailure
from ansible_collections.academy.video_scaling.tests.unit.examples import GROUP, POLICY, STAMP
from ansible_collections.academy.video_scaling.tests.unit.observations import (
    ago,
    case,
    every_case,
    group,
    holds,
    kept,
    policy,
)

NONE = f"group {GROUP} has no scaling policy at all"
STEP = policy(PolicyType="StepScaling", TargetTrackingConfiguration=None)
CASES = every_case(
    case("a policy"),
    case("beside another", policies=[policy(PolicyName="other"), policy()]),
    case("none at all", "fail", NONE, policies=[], snapshot=None),
    case("snapshots denied", "fail", NONE, policies=[], snapshot=AwsFailure("denied")),
    case(
        "another only",
        "fail",
        f"group {GROUP} has no policy {POLICY} (it has other)",
        policies=[policy(PolicyName="other")],
        snapshot=None,
    ),
    case(
        "the group was made anew",
        "fail",
        f"{NONE}; it was made anew at 11:00 UTC, after the newest snapshot of the policy (09:17 UTC), and the policy "
        "was not put back",
        policies=[],
        group=group(CreatedTime=ago(hours=1)),
    ),
    case(
        "a change removed it",
        "fail",
        f"{NONE}; a change removed it at 09:17 UTC (by {STAMP.caller_arn})",
        policies=[],
        snapshot=replace(kept(), intent={POLICY: None}),
    ),
    case(
        "it was there after the last change",
        "fail",
        f"{NONE}; the last change from here that left one was at 09:17 UTC (by {STAMP.caller_arn})",
        policies=[],
        group=None,
        snapshot=replace(kept(), intent={POLICY: "0123"}),
    ),
    case(
        "of another type",
        "fail",
        f"policy {POLICY} of group {GROUP} is a StepScaling policy",
        "Capacity does not follow the queue",
        policies=[STEP],
    ),
    case("disabled", "fail", f"policy {POLICY} of group {GROUP} is disabled", policies=[policy(Enabled=False)]),
)


@CASES
def test_the_policy_exists(example):
    holds(policy_exists, example)
