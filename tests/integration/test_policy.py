# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A group has its declared policy before it loses any other, and loses another only where that was asked for."""

from __future__ import annotations

from typing import Any

import pytest

from local_aws import seed
from tests.integration.account import Account, pool
from tests.integration.playbook import Run

OTHERS = ["by-hand-cpu", "left-by-a-test"]
# What is live is kept first: as the baseline, and as the first snapshot.
FIRST_CHANGE = ["ssm:PutParameter", "ssm:PutParameter", "autoscaling:PutScalingPolicy"]


def policies(account: Account) -> list[str]:
    found = account.client("autoscaling").describe_policies(AutoScalingGroupName=seed.GROUP)["ScalingPolicies"]
    return sorted(policy["PolicyName"] for policy in found)


def policy(account: Account, options: dict[str, Any], **how: Any) -> Run:
    run = account.module("video_scaling_policy", {"pools": [pool(**options)]}, **how)
    assert run.code == 0, run.output
    return run


@pytest.fixture
def crowded(account: Account) -> Account:
    """The seed group with its old policy and two others."""
    seed.make_group(account.client)
    for name in OTHERS:
        seed.make_old_policy(account.client, name=name)
    return account


def test_other_policies_are_reported_and_kept(crowded):
    run = policy(crowded, {})
    assert run.mutating == FIRST_CHANGE
    assert sorted(run["video_scaling_policy"].pools["video"]["other_policies"]) == OTHERS
    assert policies(crowded) == sorted([*OTHERS, "video-backlogcount-tt"])


def test_an_exclusive_policy_is_in_place_before_the_others_are_deleted(crowded):
    checked = policy(crowded, {"exclusive": True}, check=True, diff=True)
    assert checked.mutating == []
    run = policy(crowded, {"exclusive": True}, diff=True)
    assert run.mutating == [*FIRST_CHANGE, "autoscaling:DeletePolicy", "autoscaling:DeletePolicy"]
    assert run.diffs == checked.diffs
    assert policies(crowded) == ["video-backlogcount-tt"]
    again = policy(crowded, {"exclusive": True})
    assert (again["video_scaling_policy"].changed, again.mutating) == (False, [])


def test_the_old_policy_becomes_the_declared_one_in_place(account):
    seed.make_group(account.client)
    run = policy(account, {}, diff=True)
    assert run.mutating == FIRST_CHANGE
    assert run["video_scaling_policy"].differences == {
        f"policies.{seed.OLD_POLICY}.metric.name": ("BacklogCount", "VideoQueueDepthTotal")
    }


@pytest.mark.parametrize(
    ("signal", "without"),
    [("sqs_total", {"metric": None}), ("published_per_instance", {})],
)
def test_a_policy_of_each_signal_converges(account, signal, without):
    seed.make_group(account.client)
    by_sqs = {"signal": signal, **without}
    assert policy(account, by_sqs).mutating == FIRST_CHANGE
    again = policy(account, by_sqs)
    assert (again["video_scaling_policy"].changed, again.mutating) == (False, [])
