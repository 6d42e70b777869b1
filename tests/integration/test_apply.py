# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A check run says beforehand what an apply then does once, and a second apply has nothing left to do."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

from local_aws import seed
from tests.integration.account import FUNCTION, RULE, Account
from tests.integration.checkout import copy_checkout

STEPS = ["queue", "publisher", "schedule", "policy"]

# The seed pool as the design declares it, in the words of the wire.
SEED_POLICY = {
    "AutoScalingGroupName": "academy-video-worker-asg",
    "PolicyName": "video-backlogcount-tt",
    "PolicyType": "TargetTrackingScaling",
    "TargetTrackingConfiguration.CustomizedMetricSpecification.MetricName": "VideoQueueDepthTotal",
    "TargetTrackingConfiguration.CustomizedMetricSpecification.Namespace": "Academy/VideoProcessing",
    "TargetTrackingConfiguration.CustomizedMetricSpecification.Statistic": "Average",
    "TargetTrackingConfiguration.CustomizedMetricSpecification.Unit": "Count",
    "TargetTrackingConfiguration.TargetValue": "1.0",
    "TargetTrackingConfiguration.DisableScaleIn": "false",
}
SEED_DIMENSIONS = {"WorkerType": "Video", "AutoScalingGroupName": "academy-video-worker-asg"}
DIMENSIONS = "TargetTrackingConfiguration.CustomizedMetricSpecification.Dimensions.member."


@pytest.fixture(scope="module")
def runs(shared: Account, tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """One account through its whole first day."""
    seed.make_group(shared.client, old_policy=None)
    checked = shared.apply(check=True, diff=True)
    applied = shared.apply(diff=True)
    again = shared.apply(diff=True)
    clone = copy_checkout(tmp_path_factory.mktemp("elsewhere") / "clone", modified=1_000_000_000)
    cloned = shared.apply(diff=True, directory=clone)
    return SimpleNamespace(checked=checked, applied=applied, again=again, cloned=cloned)


def test_a_check_of_an_empty_account_plans_everything_and_sends_no_change(runs):
    assert runs.checked.code == 0, runs.checked.output
    assert runs.checked.mutating == []
    assert runs.checked["Pools"].result["changed_steps"] == STEPS


def test_apply_changes_in_the_steps_that_the_check_named(runs):
    assert runs.applied.code == 0, runs.applied.output
    assert runs.applied["Pools"].result["changed_steps"] == STEPS
    assert runs.applied.changed == runs.checked.changed


def test_apply_shows_the_diff_of_the_check(runs):
    applied, checked = runs.applied["Pools"], runs.checked["Pools"]
    assert [entry["before_header"].split()[0] for entry in checked.diff] == [
        "queue",
        "queue",
        "publisher",
        "schedule",
        "scaling",
    ]
    assert applied.diff == checked.diff
    # Only an apply asks the new publisher.
    verified = {name: {**row, "queue_depth_total": 0} for name, row in checked.pools.items()}
    assert applied.pools == verified


def test_the_planned_requests_are_those_that_are_sent(runs):
    planned = [
        f"{request['service']}:{request['operation'].title().replace('_', '')}"
        for request in runs.checked["Pools"].result["requests"]
        if "operation" in request  # else something is waited for
    ]
    # At the end a new publisher is let to publish once.
    assert sorted(runs.applied.mutating) == sorted([*planned, "lambda:Invoke"])


def test_the_policy_on_the_wire_is_the_designs_table_to_the_letter(runs):
    (put,) = [request for request in runs.applied.requests if request.operation == "PutScalingPolicy"]
    sent = {name: value for name, value in put.parameters.items() if name not in ("Action", "Version")}
    dimensions = {name: sent.pop(name) for name in list(sent) if name.startswith(DIMENSIONS)}
    assert sent == SEED_POLICY
    assert len(dimensions) == 2 * len(SEED_DIMENSIONS)
    assert {
        dimensions[f"{DIMENSIONS}{number}.Name"]: dimensions[f"{DIMENSIONS}{number}.Value"] for number in (1, 2)
    } == SEED_DIMENSIONS


@pytest.mark.parametrize("which", ["again", "cloned"])
def test_the_next_apply_changes_nothing_and_uploads_nothing(runs, which):
    run = getattr(runs, which)
    assert run.code == 0, run.output
    assert "changed=0 " in run.stdout
    assert run.mutating == []
    assert run.diffs == {}
    assert "lambda:UpdateFunctionCode" not in [request.name for request in run.requests]


def test_the_summary_names_pool_signal_target_and_what_changed(runs):
    for run, verdict in ((runs.checked, "would change"), (runs.applied, "changed"), (runs.again, "unchanged")):
        lines = "\n".join(run["Summary"].result["msg"])
        for word in ("video", "published_total", "target 1", verdict):
            assert word in lines
        assert len(run["Summary"].result["msg"]) <= 5


def test_what_was_applied_is_there(runs, shared):
    sqs = shared.client("sqs")
    attributes = sqs.get_queue_attributes(
        QueueUrl=sqs.get_queue_url(QueueName="academy-video-jobs")["QueueUrl"], AttributeNames=["RedrivePolicy"]
    )["Attributes"]
    redrive = json.loads(attributes["RedrivePolicy"])
    assert int(redrive["maxReceiveCount"]) == 3
    assert redrive["deadLetterTargetArn"].endswith(":academy-video-jobs-dlq")
    function = shared.client("lambda").get_function_configuration(FunctionName=FUNCTION, Qualifier="live")
    assert (function["Runtime"], function["MemorySize"], function["Architectures"]) == ("python3.13", 128, ["arm64"])
    rule = shared.client("events").describe_rule(Name=RULE)
    assert (rule["ScheduleExpression"], rule["State"]) == ("rate(1 minute)", "ENABLED")
    (target,) = shared.client("events").list_targets_by_rule(Rule=RULE)["Targets"]
    assert target["Arn"].endswith(f":function:{FUNCTION}:live")
    groups = shared.client("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"]
    assert [(group["MinSize"], group["MaxSize"], group["DesiredCapacity"]) for group in groups] == [(0, 20, 0)]
