# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One row per pool says what became of its policy; a check sends nothing and plans what an apply sends."""

from __future__ import annotations

import pytest
from ansible_collections.academy.video_scaling.plugins.modules import video_scaling_policy
from ansible_collections.academy.video_scaling.tests.unit.examples import GROUP, POLICY, given, other
from ansible_collections.academy.video_scaling.tests.unit.fake_aws import FakeAws, refusal

CPU = {
    "AutoScalingGroupName": GROUP,
    "PolicyName": "cpu",
    "PolicyType": "StepScaling",
    "AdjustmentType": "ChangeInCapacity",
    "Enabled": True,
}
AUDIO_GROUP = "academy-audio-worker-asg"


class Account(FakeAws):
    """Groups with their policies, which a put changes."""

    def __init__(self, *group_names, policies=(), refused=()):
        sizes = {"MinSize": 0, "MaxSize": 20, "DesiredCapacity": 0}
        self.policies = {(one["AutoScalingGroupName"], one["PolicyName"]): one for one in policies}
        self.refused = refused
        super().__init__(
            {
                "autoscaling.describe_auto_scaling_groups": [{"AutoScalingGroupName": n, **sizes} for n in group_names],
                "autoscaling.describe_policies": lambda params: list(self.policies.values()),
                "autoscaling.put_scaling_policy": self.put,
                "autoscaling.delete_policy": self.delete,
            }
        )

    def put(self, params):
        if params["AutoScalingGroupName"] in self.refused:
            return refusal("LimitExceeded", "too many policies")
        self.policies[params["AutoScalingGroupName"], params["PolicyName"]] = params
        return {}

    def delete(self, params):
        del self.policies[params["AutoScalingGroupName"], params["PolicyName"]]
        return {}


def names(aws):
    return [
        (operation.split(".")[1], params["AutoScalingGroupName"], params["PolicyName"])
        for operation, params in aws.sent
    ]


def test_check_then_apply_then_apply_again(run):
    aws = Account(GROUP)
    checked = run(video_scaling_policy.main, {"pools": [given()]}, aws, check_mode=True)
    assert aws.sent == []
    applied = run(video_scaling_policy.main, {"pools": [given()]}, aws)
    assert names(aws) == [("put_scaling_policy", GROUP, POLICY)]
    for told in ("changed", "diff", "pools", "requests"):
        assert checked[told] == applied[told]
    assert applied["changed"] is True
    again = run(video_scaling_policy.main, {"pools": [given()]}, aws)
    assert (again["changed"], again["diff"], again["requests"], len(aws.sent)) == (False, [], [], 1)


@pytest.mark.parametrize(
    ("exclusive", "left"), [(False, {POLICY, "cpu"}), (True, {POLICY})], ids=["reported", "removed"]
)
def test_other_policies_are_reported_or_removed(run, exclusive, left):
    aws = Account(GROUP, policies=[CPU])
    ended = run(video_scaling_policy.main, {"pools": [given(exclusive=exclusive)]}, aws)
    assert ended["pools"] == [{"name": "video", "changed": True, "other_policies": ["cpu"]}]
    assert {name for _group, name in aws.policies} == left


@pytest.mark.parametrize(
    ("aws", "told"),
    [
        (Account(AUDIO_GROUP), f"pool video: auto_scaling_group_name: there is no group {GROUP}"),
        (Account(GROUP, AUDIO_GROUP, refused=[GROUP]), "pool video: LimitExceeded: too many policies"),
        (
            Account(GROUP, AUDIO_GROUP, policies=[{**CPU, "PolicyName": POLICY}]),
            "pool video: policy video-backlogcount-tt",
        ),
    ],
    ids=["no group", "refused", "another type"],
)
def test_one_pools_failure_is_its_own_and_the_others_go_on(run, aws, told):
    ended = run(video_scaling_policy.main, {"pools": [given(), other()]}, aws)
    assert ended["failed"]
    assert ended["msg"].startswith(told)
    assert [(row["name"], bool(row.get("failed"))) for row in ended["pools"]] == [("video", True), ("audio", False)]
    assert (AUDIO_GROUP, "audio-backlogcount-tt") in aws.policies


def test_an_absent_policy_goes_alone(run):
    aws = Account(GROUP, policies=[CPU])
    run(video_scaling_policy.main, {"pools": [given()]}, aws)
    ended = run(video_scaling_policy.main, {"pools": [given()], "state": "absent"}, aws)
    assert (ended["changed"], list(aws.policies)) == (True, [(GROUP, "cpu")])
    assert not run(video_scaling_policy.main, {"pools": [given()], "state": "absent"}, aws)["changed"]
