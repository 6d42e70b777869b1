# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One row per pool says what became of its policy; a check sends nothing and plans what an apply sends."""

from __future__ import annotations

import json

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils import reconcile
from ansible_collections.academy.video_scaling.plugins.modules import video_scaling_policy
from ansible_collections.academy.video_scaling.tests.unit.examples import FUNCTION, GROUP, POLICY, given, other
from ansible_collections.academy.video_scaling.tests.unit.fake_account import Account
from ansible_collections.academy.video_scaling.tests.unit.fake_aws import refusal
from ansible_collections.academy.video_scaling.tests.unit.tag_cases import FOREIGN, TAGS

CPU = {
    "AutoScalingGroupName": GROUP,
    "PolicyName": "cpu",
    "PolicyType": "StepScaling",
    "AdjustmentType": "ChangeInCapacity",
    "Enabled": True,
}
NAME = f"/video_scaling/{GROUP}/{POLICY}"
AUDIO_GROUP = "academy-audio-worker-asg"


def names(aws):
    return [
        (operation.split(".")[1], params["AutoScalingGroupName"], params["PolicyName"])
        for operation, params in aws.sent
        if operation.startswith("autoscaling.")
    ]


def kept(aws):
    return [params["Name"] for operation, params in aws.sent if operation == "ssm.put_parameter"]


def test_check_then_apply_then_apply_again(run):
    aws = Account(GROUP)
    checked = run(video_scaling_policy.main, {"pools": [given()]}, aws, check_mode=True)
    assert aws.sent == []
    applied = run(video_scaling_policy.main, {"pools": [given()]}, aws)
    assert names(aws) == [("put_scaling_policy", GROUP, POLICY)]
    for field in ("changed", "diff", "pools", "requests"):
        assert checked[field] == applied[field]
    assert applied["changed"] is True
    again = run(video_scaling_policy.main, {"pools": [given()]}, aws)
    assert kept(aws) == [f"{NAME}/baseline", NAME]
    assert (again["changed"], again["diff"], again["requests"], len(aws.sent)) == (False, [], [], 3)
    assert [request["operation"] for request in applied["requests"]] == ["put_parameter"] * 2 + ["put_scaling_policy"]


@pytest.mark.parametrize(
    ("exclusive", "left"), [(False, {POLICY, "cpu"}), (True, {POLICY})], ids=["reported", "removed"]
)
def test_other_policies_are_reported_or_removed(run, exclusive, left):
    aws = Account(GROUP, policies=[CPU])
    ended = run(video_scaling_policy.main, {"pools": [given(exclusive=exclusive)]}, aws)
    removed = ["cpu"] if exclusive else []
    assert ended["pools"] == [
        {"name": "video", "changed": True, "other_policies": ["cpu"], "removed_policies": removed}
    ]
    assert {name for _group, name in aws.policies} == left


@pytest.mark.parametrize(
    ("aws", "message"),
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
def test_one_pools_failure_is_its_own_and_the_others_go_on(run, aws, message):
    ended = run(video_scaling_policy.main, {"pools": [given(), other()]}, aws)
    assert ended["failed"]
    assert ended["msg"].startswith(message)
    assert [(row["name"], bool(row.get("failed"))) for row in ended["pools"]] == [("video", True), ("audio", False)]
    assert (AUDIO_GROUP, "audio-backlogcount-tt") in aws.policies


def test_an_absent_policy_goes_alone(run):
    aws = Account(GROUP, policies=[CPU])
    run(video_scaling_policy.main, {"pools": [given()]}, aws)
    ended = run(video_scaling_policy.main, {"pools": [given()], "state": "absent"}, aws)
    assert (ended["changed"], list(aws.policies)) == (True, [(GROUP, "cpu")])
    assert not run(video_scaling_policy.main, {"pools": [given()], "state": "absent"}, aws)["changed"]


def value(aws):
    return json.loads(aws.parameters.versions[NAME][-1]["Value"])


def test_a_snapshot_is_taken_before_the_change_and_the_baseline_once(run):
    aws = Account(GROUP, policies=[CPU])
    for target in (1, 2, 2, 3):
        run(video_scaling_policy.main, {"pools": [given(target_value=target)]}, aws)
    order = [operation for operation, _params in aws.sent]
    assert order == ["ssm.put_parameter", *["ssm.put_parameter", "autoscaling.put_scaling_policy"] * 3]
    assert kept(aws) == [f"{NAME}/baseline", NAME, NAME, NAME]
    assert value(aws)["policies"][POLICY]["TargetTrackingConfiguration"]["TargetValue"] == 2.0
    assert value(aws)["function"] == {"name": FUNCTION, "version": "4", "live": "4"}


def test_the_hundred_and_first_change_works_and_the_baseline_stays(run):
    aws = Account(GROUP, policies=[CPU])
    for target in range(1, 122):
        assert not run(video_scaling_policy.main, {"pools": [given(target_value=target)]}, aws).get("failed")
    assert len(aws.parameters.versions[NAME]) == 100
    ((baseline,),) = [versions for name, versions in aws.parameters.versions.items() if name.endswith("/baseline")]
    assert json.loads(baseline["Value"])["policies"] == {POLICY: None}


def test_a_smaller_change_after_a_large_one_works(run):
    """A parameter that became an advanced one does not become a standard one again."""
    others = [{**CPU, "PolicyName": f"cpu-{n}", "PolicyARN": "arn:" + "x" * 200} for n in range(10)]
    aws = Account(GROUP, policies=others)
    assert not run(video_scaling_policy.main, {"pools": [given(exclusive=True)]}, aws).get("failed")
    assert aws.parameters.versions[NAME][-1]["Tier"] == "Advanced"
    ended = run(video_scaling_policy.main, {"pools": [given(target_value=2)]}, aws)
    assert not ended.get("failed"), ended["msg"]


def test_a_change_that_began_with_a_deployment_tells_the_version_before_it(run):
    aws = Account(GROUP)
    for target, aliases in (
        (1, {"live": "4"}),
        (2, {"live": "6", "previous": "4"}),
        (3, {"live": "6", "previous": "4"}),
    ):
        aws.answers["lambda.list_aliases"] = [{"Name": name, "FunctionVersion": at} for name, at in aliases.items()]
        run(video_scaling_policy.main, {"pools": [given(target_value=target)]}, aws)
    functions = [json.loads(one["Value"])["function"] for one in aws.parameters.versions[NAME]]
    assert [(one["version"], one["live"]) for one in functions] == [("4", "4"), ("4", "6"), ("6", "6")]


@pytest.mark.parametrize(
    "service_answer",
    [
        {"ssm.put_parameter": refusal("AccessDeniedException")},
        {"lambda.list_aliases": refusal("AccessDeniedException")},
    ],
    ids=["not written", "no version read"],
)
def test_without_its_snapshot_nothing_is_changed(run, service_answer):
    aws = Account(GROUP, policies=[CPU])
    aws.answers.update(service_answer)
    ended = run(video_scaling_policy.main, {"pools": [given(exclusive=True)]}, aws)
    assert ended["failed"]
    assert "AccessDenied" in ended["msg"]
    assert (names(aws), list(aws.policies)) == ([], [(GROUP, "cpu")])


def test_a_run_that_was_stopped_after_its_snapshot_goes_on_without_another(run):
    aws = Account(GROUP, refused=[GROUP])
    run(video_scaling_policy.main, {"pools": [given()]}, aws)
    assert (kept(aws), aws.policies) == ([f"{NAME}/baseline", NAME], {})
    aws.refused = ()
    assert not run(video_scaling_policy.main, {"pools": [given()]}, aws).get("failed")
    assert kept(aws) == [f"{NAME}/baseline", NAME]
    assert value(aws)["policies"] == {POLICY: None}


def test_whoever_finds_the_policies_moved_stops(run, monkeypatch):
    monkeypatch.setattr(reconcile, "PREPARED_SECONDS", (0.0,))
    aws = Account(GROUP)

    def put_and_move(params):
        aws.policies[GROUP, POLICY] = {**CPU, "PolicyName": POLICY}
        return aws.parameters.put(params)

    aws.answers["ssm.put_parameter"] = put_and_move
    ended = run(video_scaling_policy.main, {"pools": [given()]}, aws)
    assert ended["failed"]
    assert names(aws) == []


@pytest.mark.parametrize("state", ["present", "absent"])
def test_what_is_kept_before_a_change_gets_the_tags(run, state):
    aws = Account(GROUP)
    run(video_scaling_policy.main, {"pools": [given()], "tags": TAGS if state == "present" else {}}, aws)
    aws.parameters.tags[NAME] |= FOREIGN
    options = {"pools": [given(target_value=2)], "tags": TAGS, "state": state}
    assert run(video_scaling_policy.main, options, aws)["changed"]
    assert aws.parameters.tags == {NAME: {**FOREIGN, **TAGS}, f"{NAME}/baseline": TAGS}
    assert not run(video_scaling_policy.main, options, aws)["changed"]
