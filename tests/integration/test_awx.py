# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every job template of examples/awx runs from a fresh clone, and its workflow takes back what it did, and no more."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from local_aws import seed
from local_aws.emulator import REGION
from tests.integration.account import RULE, account_in, pool
from tests.integration.awx import Awx, Job, configuration
from tests.integration.checkout import copy_checkout
from tests.integration.history import policies, tracked

CHANGE = "Video scaling change"
OWN = "video-backlogcount-tt"
READING = {
    "Video scaling check",
    "Video scaling check for drift",
    "Video scaling diagnose",
    "Video scaling diagnose what was applied",
    "Video scaling list snapshots",
}
AUDIO = pool("audio", signal="sqs_total", metric=None, dead_letter_queue_name=None)
EXTRA = pool("extra", signal="sqs_total", metric=None, dead_letter_queue_name=None)
STEPS = {
    "AutoScalingGroupName": AUDIO["auto_scaling_group_name"],
    "PolicyName": AUDIO["policy_name"],
    "PolicyType": "StepScaling",
    "AdjustmentType": "ChangeInCapacity",
    "StepAdjustments": [{"MetricIntervalLowerBound": 0.0, "ScalingAdjustment": 1}],
}


@pytest.fixture(scope="module")
def went(ministack, tmp_path_factory) -> Any:
    """A change that goes well; one that is diagnosed as broken; two whose apply fails; all other templates once."""
    configured = configuration(tmp_path_factory.mktemp("awx"))
    # Fifteen minutes of a test teach nothing.
    for template in configured["controller_templates"]:
        if "video_scaling_diagnose_after" in template["extra_vars"]:
            template["extra_vars"]["video_scaling_diagnose_after"] = 1
    with account_in(ministack) as account:
        awx = Awx(account, configured, copy_checkout(tmp_path_factory.mktemp("clone")))
        declared = awx.pools
        seed.make_group(account.client)

        def live() -> tuple[Any, Any]:
            return tracked(policies(account)[OWN])

        good = awx.walk(CHANGE, start="check")
        after_good = live()
        snapshots = awx.launch("Video scaling list snapshots")

        awx.pools = [{**declared[0], "target_value": 3}]
        awx.variables = {"video_scaling_memory_size": "256"}
        drift = awx.launch("Video scaling check for drift")
        seen = {}

        def break_the_schedule() -> None:
            seen["applied"] = live()
            account.client("events").disable_rule(Name=RULE)

        broken = awx.walk(CHANGE, start="apply", before={"diagnose": break_the_schedule})
        after_broken = live()
        account.client("events").enable_rule(Name=RULE)

        awx.variables = {"video_scaling_expected_account": "999999999999"}
        refused = awx.walk(CHANGE, start="apply")
        refused_by_hand = awx.launch("Video scaling roll back", {"video_scaling_only": "video"})
        awx.variables = {}
        after_refused = live()

        seed.make_group(account.client, name=AUDIO["auto_scaling_group_name"], old_policy=None)
        account.client("autoscaling").put_scaling_policy(**STEPS)
        audio_before = policies(account, AUDIO["auto_scaling_group_name"])
        awx.pools = [{**declared[0], "target_value": 4}, AUDIO]
        halved = awx.walk(CHANGE, start="apply", before={"undo": lambda: seen.update(halved=live())})
        after_halved = live()

        # The same over two hosts, a slice of the job for each.
        awx.pools = [{**declared[0], "target_value": 5}]
        seed.make_group(account.client, name=EXTRA["auto_scaling_group_name"], old_policy=EXTRA["policy_name"])
        extra_before = policies(account, EXTRA["auto_scaling_group_name"])
        awx.others = {"audio": {"video_scaling_region": REGION, "video_scaling_pools": [AUDIO, EXTRA]}}
        sliced = awx.walk(CHANGE, start="apply", before={"undo": lambda: seen.update(sliced=live())}, sliced="apply")
        after_sliced = live()
        awx.others = {}

        awx.pools = declared
        diagnosed = awx.launch("Video scaling diagnose", {"video_scaling_only": "video"})
        pool_named = {"video_scaling_only": "video"}
        awx.pools = [{**declared[0], "target_value": 6}]
        awx.variables = {"video_scaling_memory_size": "512"}
        checked, done = [], []
        for template, answers in (
            ("Video scaling apply policies", {}),
            ("Video scaling deploy publisher", {}),
            ("Video scaling roll back", {**pool_named, "video_scaling_snapshot": "baseline"}),
            ("Video scaling retire", pool_named),
        ):
            checked.append(awx.launch(template, answers, job_type="check"))
            done.append(awx.launch(template, answers))
        mistyped = awx.launch("Video scaling retire", {"video_scaling_only": "vidio"})
        yield SimpleNamespace(**{name: value for name, value in locals().items() if name != "ministack"})


def ok(*jobs: Job) -> None:
    for job in jobs:
        assert job.code == 0, job.output


# --- every template ---------------------------------------------------------------------------------------------


def test_every_template_was_run(went):
    assert {job.template for job in went.awx.jobs} == set(went.awx.templates)


def test_what_only_looks_writes_nothing(went):
    looking = [job for job in went.awx.jobs if job.template in READING] + went.checked
    assert looking
    for job in looking:
        assert job.mutating == [], job.template


def test_every_job_hands_its_outcome_on_also_one_that_fails(went):
    hosts = {id(went.sliced["apply audio"]): {"audio"}, id(went.sliced["undo"]): {"localhost", "audio"}}
    for job in went.awx.jobs:
        outcomes = job.artifacts["video_scaling_outcome"]
        assert set(outcomes) == hosts.get(id(job), {"localhost"}), job.template
        bad = [one for one in outcomes.values() if one["failed"] or one.get("unhealthy_pools")]
        assert (job.code != 0) == bool(bad or job is went.drift), job.output


def test_a_job_does_what_its_check_has_shown_and_the_events_hold_both(went):
    ok(*went.checked, *went.done)
    tasks = ["Pools", "Pools", "Rollback", "Policy: retire"]
    for check, job, name in zip(went.checked, went.done, tasks, strict=True):
        planned, result = check.results[name], job.results[name]
        assert (check.check_mode, job.check_mode) == (True, False)
        assert check.outcome["changed"] == any(each.get("changed") for each in check.results.values())
        assert planned["diff"] and planned["diff"] == result["diff"], job.template
        assert planned["changed"] and result["changed"], job.template
        assert job.mutating, job.template
        assert check.outcome["changed_pools"] == job.outcome["changed_pools"] != {}, job.template
    of_each = [job.outcome["changed_pools"]["video"] for job in went.done]
    assert of_each == [["policy"], ["publisher"], ["rollback"], ["schedule", "publisher", "policy"]]


def test_snapshots_and_findings_are_in_the_events(went):
    ok(went.snapshots, went.diagnosed)
    (row,) = went.snapshots.results["Snapshots"]["pools"]
    assert [one["id"] for one in row["snapshots"]] == ["1", "baseline"]
    assert any("video: " in line for line in went.diagnosed.results["Findings"]["msg"])
    assert [one["name"] for one in went.diagnosed.results["Diagnosis"]["pools"]] == ["video"]


def test_drift_fails_the_check_for_drift(went):
    assert went.drift.code != 0
    assert went.drift.results["Drift"]["msg"].startswith("An apply would change publisher, policy: ")
    assert went.drift.outcome["changed_steps"] == ["publisher", "policy"]


def test_a_pool_that_is_not_declared_is_not_retired(went):
    assert went.mistyped.code != 0
    assert "there is no pool vidio here; declared: video" in went.mistyped.output
    assert went.mistyped.mutating == []


# --- the workflow -----------------------------------------------------------------------------------------------


def test_a_good_change_is_checked_applied_and_found_healthy(went):
    assert list(went.good) == ["check", "apply", "diagnose"]
    ok(*went.good.values())
    checked, applied = went.good["check"].results["Pools"], went.good["apply"].results["Pools"]
    assert checked["changed_steps"] == applied["changed_steps"] == ["queue", "publisher", "schedule", "policy"]
    assert checked["diff"] == applied["diff"]
    assert applied["pools"][0]["queue_depth_total"] == 0
    assert went.after_good == ("VideoQueueDepthTotal", 1.0)
    assert went.good["diagnose"].results["Diagnosis"]["pools"][0]["healthy"]


def test_a_check_hands_nothing_on_that_could_be_taken_for_done(went):
    assert set(went.good["check"].artifacts) == {"video_scaling_outcome"}
    assert set(went.good["apply"].artifacts) == {"video_scaling_outcome", "video_scaling_applied_localhost"}


def test_a_change_that_is_diagnosed_as_broken_is_undone(went):
    assert list(went.broken) == ["apply", "diagnose", "undo"]
    ok(went.broken["apply"], went.broken["undo"])
    assert went.broken["diagnose"].code != 0
    assert "is disabled" in went.broken["diagnose"].outcome["unhealthy_pools"]["video"]
    assert went.seen["applied"] == ("VideoQueueDepthTotal", 3.0)
    assert went.after_broken == ("VideoQueueDepthTotal", 1.0)
    # This apply has changed the publisher as well.
    assert went.broken["undo"].mutating == ["ssm:PutParameter", "autoscaling:PutScalingPolicy", "lambda:UpdateAlias"]


def test_the_account_of_the_inventory_is_the_only_one_that_is_written_to(went):
    for job in (went.refused["apply"], went.refused_by_hand):
        assert job.code != 0
        assert "this run is to be in account 999999999999" in job.output
        assert job.mutating == []


def test_an_apply_that_changed_nothing_has_nothing_undone(went):
    assert list(went.refused) == ["apply", "undo"]
    assert went.refused["apply"].code != 0
    assert went.refused["apply"].outcome["changed_pools"] == {}
    ok(went.refused["undo"])
    assert went.refused["undo"].mutating == []
    assert went.refused["undo"].results["Summary"]["msg"] == [
        "The apply before this has handed on nothing that could be taken back."
    ]
    assert went.after_refused == went.after_broken


def test_of_an_apply_that_failed_half_way_only_what_it_changed_is_undone(went):
    assert list(went.halved) == ["apply", "undo"]
    outcome = went.halved["apply"].outcome
    assert list(outcome["failed_pools"]) == ["audio"]
    assert "policy" in outcome["changed_pools"]["video"] and "policy" not in outcome["changed_pools"].get("audio", [])
    assert went.seen["halved"] == ("VideoQueueDepthTotal", 4.0)
    # What lay beside the live version was mended, and no version was replaced: the one before it is none to go to.
    assert "publisher" in outcome["changed_steps"] and not outcome["publisher_replaced"]
    ok(went.halved["undo"])
    assert went.halved["undo"].mutating == ["ssm:PutParameter", "autoscaling:PutScalingPolicy"]
    assert went.after_halved == ("VideoQueueDepthTotal", 1.0)
    assert policies(went.account, AUDIO["auto_scaling_group_name"]) == went.audio_before
    assert [row["name"] for row in went.halved["undo"].results["Rollback"]["pools"]] == ["video"]


def test_of_a_sliced_apply_each_host_undoes_its_own(went):
    assert list(went.sliced) == ["apply localhost", "apply audio", "undo"]
    ok(went.sliced["apply localhost"], went.sliced["undo"])
    assert went.sliced["apply audio"].outcome["failed_pools"].keys() == {"audio"}
    assert went.seen["sliced"] == ("VideoQueueDepthTotal", 5.0)
    outcomes = went.sliced["undo"].artifacts["video_scaling_outcome"]
    changed = {host: list(one["changed_pools"]) for host, one in outcomes.items()}
    assert changed == {"localhost": ["video"], "audio": ["extra"]}
    assert went.after_sliced == ("VideoQueueDepthTotal", 1.0)
    assert policies(went.account, EXTRA["auto_scaling_group_name"]) == went.extra_before
    assert sorted(went.sliced["undo"].mutating) == ["autoscaling:PutScalingPolicy"] * 2 + ["ssm:PutParameter"] * 2
