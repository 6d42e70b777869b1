# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was there comes back, also if that was nothing; run twice is once; where nothing is kept, it says so."""

from __future__ import annotations

import io
import json

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.aws.module import PoolModule
from ansible_collections.academy.video_scaling.plugins.module_utils.resources import rule_snapshot
from ansible_collections.academy.video_scaling.plugins.module_utils.resources.function import DESCRIPTION
from ansible_collections.academy.video_scaling.plugins.module_utils.resources.rule import Rule, Target
from ansible_collections.academy.video_scaling.plugins.module_utils.resources.rule_snapshot import History, Kept
from ansible_collections.academy.video_scaling.plugins.modules import video_scaling_policy, video_scaling_rollback
from ansible_collections.academy.video_scaling.tests.unit.examples import (
    FUNCTION,
    GROUP,
    PLACE,
    POLICY,
    RULE,
    STAMP,
    given,
    other,
    settings,
)
from ansible_collections.academy.video_scaling.tests.unit.fake_account import Account
from ansible_collections.academy.video_scaling.tests.unit.fake_aws import refusal
from ansible_collections.academy.video_scaling.tests.unit.tag_cases import FOREIGN, TAGS

AUDIO_GROUP = "academy-audio-worker-asg"
NAME = f"/video_scaling/{GROUP}/{POLICY}"
STEPS = {
    "AutoScalingGroupName": GROUP,
    "PolicyName": "steps",
    "PolicyType": "StepScaling",
    "AdjustmentType": "ChangeInCapacity",
    "StepAdjustments": [{"MetricIntervalLowerBound": 0.0, "ScalingAdjustment": 2}],
    "EstimatedInstanceWarmup": 60,
    "Enabled": True,
}
BACKLOG = {
    "CustomizedMetricSpecification": {
        "MetricName": "BacklogCount",
        "Namespace": "Academy/VideoProcessing",
        "Dimensions": [{"Name": "WorkerType", "Value": "Video"}],
        "Statistic": "Average",
        "Unit": "Count",
    },
    "TargetValue": 1.0,
    "DisableScaleIn": False,
}


class Publishing(Account):
    """An account with a publisher whose alias live moves."""

    def __init__(self, *group_names, live="2", previous="1", **options):
        super().__init__(*group_names, **options)
        self.aliases = {"live": live, **({"previous": previous} if previous else {})}
        self.answers |= {
            "lambda.list_aliases": lambda params: [
                {"Name": name, "FunctionVersion": at, "RevisionId": "r"} for name, at in self.aliases.items()
            ],
            "lambda.get_function_configuration": {"Description": "by hand", "Role": "r"},
            "lambda.update_alias": self.move,
        }

    def move(self, params):
        self.aliases[params["Name"]] = params["FunctionVersion"]
        return {}


def apply(run, aws, *targets, **options):
    for target in targets:
        ended = run(video_scaling_policy.main, {"pools": [given(target_value=target, **options)]}, aws)
        assert not ended.get("failed"), ended["msg"]
    return aws


def back(run, aws, *pools, check_mode=False, **options):
    return run(video_scaling_rollback.main, {"pools": list(pools) or [given()], **options}, aws, check_mode)


def target(aws):
    found = aws.policies.get((GROUP, POLICY))
    return found and found["TargetTrackingConfiguration"]["TargetValue"]


def sent(aws):
    return [operation.split(".")[1] for operation, _params in aws.sent]


# --- to which ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("targets", "options", "found"),
    [
        ([1, 2, 3], {}, 2.0),
        ([1, 2, 2, 2], {}, 1.0),
        ([1], {}, None),
        ([1, 2, 3], {"snapshot": "2"}, 1.0),
        ([1, 2, 3], {"snapshot": "1"}, None),
        ([1, 2, 3], {"snapshot": "baseline"}, None),
    ],
    ids=[
        "the newest change",
        "the newest change, not the newest run",
        "nothing",
        "an id",
        "an id of nothing",
        "baseline",
    ],
)
def test_what_was_there_comes_back(run, targets, options, found):
    aws = apply(run, Account(GROUP), *targets)
    ended = back(run, aws, **options)
    assert (ended["changed"], target(aws)) == (True, found)
    again = back(run, aws, **options)
    assert (again["changed"], again["requests"], target(aws)) == (False, [], found)


@pytest.mark.parametrize(
    ("options", "label"),
    [({}, "2"), ({"snapshot": "1"}, "1"), ({"snapshot": "baseline"}, "baseline")],
    ids=["newest", "an id", "baseline"],
)
def test_the_row_tells_which_snapshot(run, options, label):
    aws = apply(run, Account(GROUP), 1, 2)
    expected = {"id": label, "at": STAMP.at, "by": STAMP.caller_arn, "kind": "change"}
    (one,) = back(run, aws, **options)["pools"]
    assert (one["name"], one["changed"], one["snapshot"]) == ("video", True, expected)


def test_what_the_next_apply_would_undo_is_warned_of(run):
    aws = apply(run, Account(GROUP), 1, 2)
    ended = back(run, aws, given(target_value=2))
    assert ended["pools"][0]["declared_otherwise"] == [f"policy {POLICY}: target_value: expected 2.0, found 1.0"]


@pytest.mark.parametrize("option", [{"expected_account": "210987654321"}, {"expected_region": "us-east-1"}], ids=str)
def test_in_the_wrong_place_nothing_is_looked_at(run, option):
    aws = apply(run, Account(GROUP), 1, 2)
    aws.sent.clear()
    ended = back(run, aws, **option)
    assert ended["failed"] and ended["msg"].startswith(next(iter(option)))
    assert (aws.sent, target(aws)) == ([], 2.0)


def test_a_check_sends_nothing_and_plans_what_the_rollback_sends(run):
    aws = apply(run, Account(GROUP), 1, 2)
    aws.sent.clear()
    checked = back(run, aws, check_mode=True)
    assert aws.sent == []
    done = back(run, aws)
    assert {name: checked[name] for name in ("changed", "diff", "pools", "requests")} == {
        name: done[name] for name in ("changed", "diff", "pools", "requests")
    }
    assert sent(aws) == ["put_parameter", "put_scaling_policy"]


def test_a_rollback_can_be_taken_back(run):
    aws = apply(run, Account(GROUP), 1, 2)
    back(run, aws)
    newest = aws.parameters.versions[NAME][-1]
    assert json.loads(newest["Value"])["kind"] == "rollback"
    back(run, aws, snapshot=str(newest["Version"]))
    assert target(aws) == 2.0


def test_a_change_after_a_rollback_is_what_the_next_one_undoes(run):
    aws = apply(run, Account(GROUP), 1, 2)
    back(run, aws)
    apply(run, aws, 5)
    back(run, aws)
    assert target(aws) == 1.0


def test_all_that_an_exclusive_change_removed_is_back(run):
    others = [STEPS, {**STEPS, "PolicyName": "steps-in"}]
    aws = Account(GROUP, policies=others)
    before = dict(aws.policies)
    apply(run, aws, 1, exclusive=True)
    assert set(aws.policies) == {(GROUP, POLICY)}
    assert not back(run, aws).get("failed")
    # What is put says nothing of being enabled, since a new policy is; it gets an ARN of its own.
    assert all(policy.pop("PolicyARN") for policy in aws.policies.values())
    assert {key: {**policy, "Enabled": True} for key, policy in aws.policies.items()} == before
    assert sent(aws)[-4:] == ["put_parameter", "put_scaling_policy", "put_scaling_policy", "delete_policy"]


# --- nothing to go back to --------------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [{}, {"snapshot": "baseline"}], ids=["newest", "baseline"])
def test_nothing_to_go_back_to_is_a_sentence_in_a_check_and_a_failure_else(run, options):
    aws = Account(GROUP)
    checked = back(run, aws, check_mode=True, **options)
    assert (bool(checked.get("failed")), checked["changed"]) == (False, False)
    assert checked["pools"][0]["msg"].startswith("nothing to go back to: ")
    ended = back(run, aws, **options)
    assert ended["failed"]
    assert ended["msg"].startswith("pool video: nothing to go back to: ")
    assert aws.sent == []


@pytest.mark.parametrize("check_mode", [True, False], ids=["check", "for good"])
def test_what_may_not_be_read_is_a_failure_in_a_check_too(run, check_mode):
    aws = Account(GROUP)
    aws.answers["ssm.get_parameter_history"] = refusal("AccessDeniedException")
    ended = back(run, aws, check_mode=check_mode)
    assert ended["failed"]
    assert "AccessDenied" in ended["msg"]


def test_one_pools_failure_is_its_own_and_the_others_go_back(run):
    aws = apply(run, Account(GROUP, AUDIO_GROUP), 1, 2)
    ended = back(run, aws, given(), other())
    assert [bool(row.get("failed")) for row in ended["pools"]] == [False, True]
    assert ended["msg"].startswith("pool audio: nothing to go back to")
    assert target(aws) == 1.0


def test_what_aws_refuses_is_reported(run):
    aws = apply(run, Account(GROUP), 1, 2)
    aws.refused = [GROUP]
    ended = back(run, aws)
    assert ended["failed"]
    assert ended["msg"].startswith("pool video: LimitExceeded")
    assert ended["pools"][0]["snapshot"]["id"] == "2"


# --- a file of the old tools ------------------------------------------------------------------------------------


@pytest.fixture
def file(tmp_path):
    def write(content):
        path = tmp_path / "video_tt_config.json"
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return str(path)

    return write


def test_a_policy_of_an_old_file_is_put_in_place(run, file):
    aws = apply(run, Account(GROUP), 1)
    path = file(BACKLOG)
    ended = back(run, aws, snapshot_file=path)
    assert aws.policies[GROUP, POLICY]["TargetTrackingConfiguration"] == BACKLOG
    assert (ended["changed"], ended["pools"][0]["snapshot"]["kind"]) == (True, "file")
    assert not back(run, aws, snapshot_file=path)["changed"]
    assert json.loads(aws.parameters.versions[NAME][-1]["Value"])["policies"][POLICY] is not None


@pytest.mark.parametrize(
    ("content", "pools", "options", "message"),
    [
        ("no json", [given()], {}, "snapshot_file: is no JSON"),
        ({**BACKLOG, "TargetValue": 0}, [given()], {}, "snapshot_file: is no TargetTrackingConfiguration: TargetVal"),
        (BACKLOG, [given(), other()], {}, "snapshot_file: holds one policy, and 2 pools are given"),
        (BACKLOG, [given()], {"snapshot": "1"}, "snapshot_file: cannot be given beside snapshot"),
    ],
    ids=["no JSON", "bad", "two pools", "beside a snapshot"],
)
def test_a_bad_file_changes_nothing(run, file, content, pools, options, message):
    aws = Account(GROUP, AUDIO_GROUP)
    ended = back(run, aws, *pools, snapshot_file=file(content), **options)
    assert ended["failed"]
    assert ended["msg"].startswith(message)
    assert aws.sent == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_file_is_read_as_its_writer_encoded_it(run, tmp_path, encoding):
    path = tmp_path / "config.json"
    path.write_bytes(json.dumps(BACKLOG).encode(encoding))
    aws = Account(GROUP)
    assert back(run, aws, snapshot_file=str(path))["changed"]
    assert aws.policies[GROUP, POLICY]["TargetTrackingConfiguration"] == BACKLOG


def test_an_unreadable_file_is_reported(run, tmp_path):
    ended = back(run, Account(GROUP), snapshot_file=str(tmp_path / "config.json"))
    assert ended["failed"]
    assert ended["msg"].startswith("snapshot_file: cannot be read (")


# --- the publisher ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "live"),
    [
        ({}, "2"),
        ({"rollback_lambda": True}, "1"),
        ({"rollback_lambda": True, "snapshot": "2"}, "2"),
        ({"rollback_lambda": True, "snapshot": "1"}, "1"),
    ],
    ids=["stays", "to the version before", "to the version of the snapshot", "to the version of the first snapshot"],
)
def test_the_publisher_goes_back_only_when_asked_to(run, options, live):
    aws = apply(run, Publishing(GROUP), 1, 2)
    ended = back(run, aws, **options)
    assert not ended.get("failed"), ended["msg"]
    assert aws.aliases["live"] == live
    if options:
        assert ended["publisher"] == {"function_name": FUNCTION, "changed": live == "1"}
        assert not back(run, aws, **options)["changed"]
    else:
        assert "publisher" not in ended


def serving(aws, *pools):
    """A publisher of this collection: its versions, from the first on, serve these pools."""

    def invoke(params):
        answer = {"pools": list(settings(*pools[int(params["Qualifier"]) - 1]).values())}
        return {"Payload": io.BytesIO(json.dumps(answer).encode())}

    aws.answers |= {
        "lambda.get_function_configuration": {"Description": DESCRIPTION, "Role": "by-hand"},
        "lambda.invoke": invoke,
        "iam.get_role": refusal("NoSuchEntity"),
    }
    return aws


@pytest.mark.parametrize("policies_too", [True, False], ids=["with its policy", "the publisher alone"])
def test_a_policy_whose_metric_the_earlier_version_does_not_write_is_reported(run, monkeypatch, policies_too):
    warned = []
    monkeypatch.setattr(PoolModule, "warn", lambda _module, line: warned.append(line))
    divided = given(signal="published_per_instance")
    aws = serving(Publishing(GROUP), [given()], [divided, other()])
    for one in (given(), divided):
        run(video_scaling_policy.main, {"pools": [one]}, aws)
    ended = back(run, aws, divided, rollback_lambda=True, rollback_policies=policies_too)
    assert not ended.get("failed"), ended["msg"]
    metric = "Academy/VideoProcessing/VideoQueueDepthTotalPerInstance"
    expected = [] if policies_too else [f"pool video: version 1 of the publisher does not write {metric}"]
    expected.append(
        "pool audio: version 1 of the publisher does not write Academy/VideoProcessing/AudioQueueDepthTotal"
    )
    assert [line.partition(", as ")[0] for line in warned if "of the publisher" in line] == expected


def test_the_rule_goes_back_with_the_publisher_and_not_without_it(run):
    aws = apply(run, Publishing(GROUP), 1, 2)
    rule = {"Name": RULE, "ScheduleExpression": "rate(1 minute)", "State": "ENABLED"}
    arn = PLACE.function_arn(FUNCTION)
    live = Kept("rate(5 minutes)", "ENABLED", (Target("1", arn, {"Input": "{}"}),), "2", STAMP)
    (kept,) = rule_snapshot.preparation(
        Rule(RULE, live.schedule_expression, live.state, live.targets), History(live_version="2"), STAMP, {}
    )
    aws.parameters.put(kept.params)
    aws.answers |= {
        "events.describe_rule": lambda _params: rule,
        "events.list_targets_by_rule": [{"Id": "1", "Arn": f"{arn}:live"}],
    }
    for options, requests in (({}, []), ({"rollback_lambda": True}, ["put_rule", "put_targets"])):
        ended = back(run, aws, check_mode=True, **options)
        assert [one["operation"] for one in ended["requests"] if one["service"] == "events"] == requests
        assert ended.get("publisher", {}).get("changed", False) is bool(options)


@pytest.mark.parametrize(
    ("options", "snapshots"),
    [({}, [None]), ({"snapshot": "1"}, ["1"])],
    ids=["to the version before", "to the version of the snapshot"],
)
def test_the_publisher_goes_back_alone(run, options, snapshots):
    aws = apply(run, Publishing(GROUP), 1, 2)
    alone = {"rollback_lambda": True, "rollback_policies": False, **options}
    ended = back(run, aws, **alone)
    assert not ended.get("failed"), ended["msg"]
    assert (aws.aliases["live"], target(aws), sent(aws)[-1]) == ("1", 2.0, "update_alias")
    assert [row["changed"] for row in ended["pools"]] == [False]
    assert [row.get("snapshot", {}).get("id") for row in ended["pools"]] == snapshots
    assert not back(run, aws, **alone)["changed"]


@pytest.mark.parametrize(
    "options",
    [{}, {"rollback_lambda": True, "snapshot_file": "/nowhere.json"}],
    ids=["nothing would be left", "a file of a policy"],
)
def test_without_policies_only_the_publisher_is_left(run, options):
    aws = apply(run, Publishing(GROUP), 1, 2)
    aws.sent.clear()
    ended = back(run, aws, rollback_policies=False, **options)
    assert ended["failed"]
    assert ended["msg"].startswith("rollback_policies: false leaves only the publisher")
    assert aws.sent == []


def test_a_publisher_that_was_never_another_is_reported_also_alone(run):
    aws = Publishing(GROUP, previous=None)
    ended = back(run, aws, rollback_lambda=True, rollback_policies=False)
    assert ended["failed"]
    assert f"nothing to go back to: function {FUNCTION} has no version before 2" in ended["msg"]


def test_the_version_of_the_snapshot_is_gone_back_to(run):
    aws = Publishing(GROUP, live="5", previous=None)
    apply(run, aws, 1)
    aws.aliases |= {"live": "7", "previous": "6"}
    apply(run, aws, 2)
    back(run, aws, snapshot="baseline", rollback_lambda=True)
    assert aws.aliases["live"] == "5"


def recorded_version(aws):
    """The publisher's version that the newest snapshot records."""
    return json.loads(aws.parameters.versions[NAME][-1]["Value"])["function"]["version"]


def test_a_rollback_tells_the_version_that_it_found(run):
    """Before a change there may have been a deployment; a rollback comes to the publisher last."""
    aws = apply(run, Publishing(GROUP), 1, 2)
    aws.aliases |= {"live": "3", "previous": "2"}
    back(run, aws)
    assert recorded_version(aws) == "3"


@pytest.mark.parametrize(
    ("options", "version"),
    [({}, "2"), ({"rollback_lambda": True}, "1")],
    ids=["the publisher stayed", "the publisher went back and was deployed again"],
)
def test_a_change_after_a_rollback_tells_the_version_before_it(run, options, version):
    aws = apply(run, Publishing(GROUP), 1, 2)
    back(run, aws, **options)
    # Deployed again, the same code is the same version.
    aws.aliases |= {"live": "2", "previous": "1"}
    apply(run, aws, 3)
    assert recorded_version(aws) == version


def test_a_check_moves_no_alias(run):
    aws = apply(run, Publishing(GROUP), 1, 2)
    aws.sent.clear()
    ended = back(run, aws, rollback_lambda=True, check_mode=True)
    assert (aws.sent, ended["publisher"]["changed"]) == ([], True)
    assert ended["requests"][-1]["operation"] == "update_alias"


@pytest.mark.parametrize(
    ("broken", "reason", "done"),
    [
        ({"lambda.update_alias": refusal("AccessDeniedException")}, "AccessDenied", True),
        ({"lambda.list_aliases": refusal("AccessDeniedException")}, "AccessDenied", False),
        ({"lambda.list_aliases": []}, f"nothing to go back to: function {FUNCTION} has no alias live", False),
    ],
    ids=["not moved", "not read", "no alias"],
)
def test_a_publisher_that_cannot_go_back_fails_every_pool_with_its_reason(run, broken, reason, done):
    """What can be known beforehand stops it before any policy is changed."""
    aws = apply(run, Publishing(GROUP), 1, 2)
    aws.answers |= broken
    aws.sent.clear()
    ended = back(run, aws, rollback_lambda=True)
    assert ended["failed"]
    assert "defect" not in ended["msg"]
    assert reason in ended["msg"]
    assert ended["pools"][0]["changed"] is done
    assert target(aws) == (1.0 if done else 2.0)
    assert bool(aws.sent) is done


def test_no_alias_to_go_back_with_is_a_sentence_in_a_check(run):
    aws = apply(run, Publishing(GROUP), 1, 2)
    aws.answers["lambda.list_aliases"] = []
    checked = back(run, aws, rollback_lambda=True, check_mode=True)
    assert (bool(checked.get("failed")), checked["changed"]) == (False, False)
    assert checked["pools"][0]["msg"] == f"nothing to go back to: function {FUNCTION} has no alias live"


def two_versions(run):
    aws = Publishing(GROUP, AUDIO_GROUP, live="5", previous=None)
    run(video_scaling_policy.main, {"pools": [given()]}, aws)
    aws.aliases["live"] = "7"
    run(video_scaling_policy.main, {"pools": [other()]}, aws)
    return aws, [given(), other()], "rollback_lambda: the snapshots of these pools tell different versions (5, 7)"


def no_version(run):
    aws = Publishing(GROUP)
    aliases = aws.answers["lambda.list_aliases"]
    aws.answers["lambda.list_aliases"] = refusal("ResourceNotFoundException")
    run(video_scaling_policy.main, {"pools": [given()]}, aws)
    aws.answers["lambda.list_aliases"] = aliases
    return aws, [given()], "rollback_lambda: this snapshot tells no version of the publisher"


@pytest.mark.parametrize("history", [two_versions, no_version], ids=["two versions", "no version"])
def test_a_version_that_cannot_be_determined_is_refused_before_anything_is_changed(run, history):
    aws, pools, message = history(run)
    aws.sent.clear()
    ended = back(run, aws, *pools, snapshot="baseline", rollback_lambda=True)
    assert ended["failed"]
    assert message in ended["msg"]
    assert aws.sent == []


# --- tags -------------------------------------------------------------------------------------------------------


def test_what_a_rollback_keeps_gets_the_tags_that_are_given(run):
    aws = apply(run, Account(GROUP), 1, 2)
    aws.parameters.tags[NAME] |= FOREIGN
    checked = back(run, aws, tags=TAGS, check_mode=True)
    ended = back(run, aws, tags=TAGS)
    assert (ended["changed"], target(aws)) == (True, 1.0)
    assert ended["diff"] == checked["diff"]
    assert aws.parameters.tags == {NAME: {**FOREIGN, **TAGS}, f"{NAME}/baseline": TAGS}
    assert not back(run, aws, tags=TAGS)["changed"]


def test_without_tags_a_rollback_asks_for_none(run):
    aws = apply(run, Account(GROUP), 1, 2)
    back(run, aws)
    assert not [operation for operation, params in (*aws.asked, *aws.sent) if "tags" in f"{operation} {params}".lower()]


def test_tags_of_snapshots_that_may_not_be_read_fail_the_pool(run):
    aws = apply(run, Account(GROUP), 1, 2)
    aws.answers["ssm.list_tags_for_resource"] = refusal("AccessDeniedException", "may not list tags")
    ended = back(run, aws, tags=TAGS)
    assert "may not list tags" in ended["pools"][0]["msg"]
    assert (ended["failed"], target(aws)) == (True, 1.0)
