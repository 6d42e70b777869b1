# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every snapshot of a pool is listed, newest first and the baseline last, with what it holds and whether it is live."""

from __future__ import annotations

import pytest
from ansible_collections.academy.video_scaling.plugins.modules import video_scaling_policy, video_scaling_snapshot_info
from ansible_collections.academy.video_scaling.tests.unit.examples import GROUP, POLICY, STAMP, given, other
from ansible_collections.academy.video_scaling.tests.unit.fake_account import Account
from ansible_collections.academy.video_scaling.tests.unit.fake_aws import refusal

AUDIO_GROUP = "academy-audio-worker-asg"
HOLDS = f"{POLICY} follows Academy/VideoProcessing/VideoQueueDepthTotal, target {{}}"


def changed(run, *targets):
    """The pool after a change to each of these targets."""
    aws = Account(GROUP)
    for target in targets:
        run(video_scaling_policy.main, {"pools": [given(target_value=target)]}, aws)
    aws.sent.clear()
    aws.asked.clear()
    return aws


def listed(run, aws, *pools):
    ended = run(video_scaling_snapshot_info.main, {"pools": list(pools) or [given()]}, aws)
    assert aws.sent == []
    assert ended.get("changed") is not True
    return ended


def test_the_newest_first_and_the_baseline_last(run):
    aws = changed(run, 1, 2, 3)
    (row,) = listed(run, aws)["pools"]
    assert [(one["id"], one["holds"], one["live"]) for one in row["snapshots"]] == [
        ("3", HOLDS.format(2), False),
        ("2", HOLDS.format(1), False),
        ("1", f"no {POLICY}", False),
        ("baseline", f"no {POLICY}", False),
    ]
    assert (row["name"], row["changed"]) == ("video", False)


def test_what_a_snapshot_tells(run):
    newest = listed(run, changed(run, 1, 2))["pools"][0]["snapshots"][0]
    assert newest["policies"][POLICY]["TargetTrackingConfiguration"]["TargetValue"] == 1.0
    assert {name: newest[name] for name in ("at", "by", "kind", "function_version")} == {
        "at": STAMP.at,
        "by": STAMP.caller_arn,
        "kind": "change",
        "function_version": "4",
    }


def test_what_is_live_now_is_marked(run):
    aws = changed(run, 1, 2, 1)
    snapshots = listed(run, aws)["pools"][0]["snapshots"]
    assert [(one["id"], one["live"]) for one in snapshots] == [
        ("3", False),
        ("2", True),
        ("1", False),
        ("baseline", False),
    ]


def test_a_pool_that_was_never_changed_has_none(run):
    assert listed(run, Account(GROUP))["pools"] == [{"name": "video", "changed": False, "snapshots": []}]


def test_the_snapshots_of_a_group_that_is_gone_are_listed_all_the_same(run):
    aws = changed(run, 1)
    aws.policies.clear()
    aws.answers["autoscaling.describe_auto_scaling_groups"] = []
    snapshots = listed(run, aws)["pools"][0]["snapshots"]
    assert [one["live"] for one in snapshots] == [True, True]


def test_only_what_is_live_and_kept_is_read(run):
    aws = changed(run, 1, 2)
    listed(run, aws)
    assert {operation for operation, _params in aws.asked} == {
        "autoscaling.describe_policies",
        "ssm.get_parameter",
        "ssm.get_parameter_history",
    }


@pytest.mark.parametrize("asked", ["ssm.get_parameter", "ssm.get_parameter_history"])
def test_one_pools_failure_is_its_own(run, asked):
    aws = changed(run, 1)
    answer = aws.answers[asked]
    aws.answers[asked] = lambda params: refusal("AccessDenied") if AUDIO_GROUP in params["Name"] else answer(params)
    ended = listed(run, aws, given(), other())
    assert [bool(row.get("failed")) for row in ended["pools"]] == [False, True]
    assert ended["msg"].startswith("pool audio: AccessDenied")
    assert len(ended["pools"][0]["snapshots"]) == 2


def test_an_unreadable_snapshot_is_listed_with_the_reason_and_the_others_are_too(run):
    aws = changed(run, 1)
    next(iter(aws.parameters.versions.values()))[0]["Value"] = "x"
    (row,) = listed(run, aws)["pools"]
    unreadable = [one for one in row["snapshots"] if one["kind"] == "unreadable"]
    assert len(unreadable) == 1
    assert "it is no snapshot" in unreadable[0]["holds"]
    assert len(row["snapshots"]) > 1
