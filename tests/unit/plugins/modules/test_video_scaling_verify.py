# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is live is read back and nothing is changed; each pool says what was expected and what was found."""

from __future__ import annotations

import io
import json

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.resources.function import DESCRIPTION
from ansible_collections.academy.video_scaling.plugins.modules import video_scaling_verify
from ansible_collections.academy.video_scaling.tests.unit.examples import (
    FUNCTION,
    GROUP,
    PLACE,
    POLICY,
    RULE,
    STATEMENT,
    given,
    other,
)
from ansible_collections.academy.video_scaling.tests.unit.fake_aws import FakeAws, refusal

SPECIFICATION = {
    "MetricName": "VideoQueueDepthTotal",
    "Namespace": "Academy/VideoProcessing",
    "Dimensions": [{"Name": "WorkerType", "Value": "Video"}, {"Name": "AutoScalingGroupName", "Value": GROUP}],
    "Statistic": "Average",
    "Unit": "Count",
}


def account(depth=5, state="ENABLED", target=1.0, description=DESCRIPTION):
    events = []

    def invoke(params):
        events.append(json.loads(params["Payload"]))
        return {"Payload": io.BytesIO(json.dumps({"video_queue_depth_total": depth}).encode())}

    aws = FakeAws(
        {
            "lambda.get_function_configuration": {"Description": description},
            "lambda.invoke": invoke,
            "lambda.get_policy": {"Policy": json.dumps({"Statement": [STATEMENT]})},
            "lambda.get_function_event_invoke_config": {"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60},
            "sqs.get_queue_url": {"QueueUrl": "u"},
            "sqs.get_queue_attributes": {
                "Attributes": {
                    "VisibilityTimeout": "30",
                    "MessageRetentionPeriod": "60",
                    "ApproximateNumberOfMessages": "3",
                    "ApproximateNumberOfMessagesNotVisible": "2",
                    "ApproximateNumberOfMessagesDelayed": "0",
                }
            },
            "events.describe_rule": {"Name": RULE, "ScheduleExpression": "rate(1 minute)", "State": state},
            "events.list_targets_by_rule": [{"Id": "1", "Arn": PLACE.function_arn(FUNCTION, "live")}],
            "autoscaling.describe_auto_scaling_groups": [
                {"AutoScalingGroupName": GROUP, "MinSize": 0, "MaxSize": 20, "DesiredCapacity": 0}
            ],
            "autoscaling.describe_policies": [
                {
                    "AutoScalingGroupName": GROUP,
                    "PolicyName": POLICY,
                    "PolicyType": "TargetTrackingScaling",
                    "TargetTrackingConfiguration": {
                        "CustomizedMetricSpecification": SPECIFICATION,
                        "TargetValue": target,
                        "DisableScaleIn": False,
                    },
                    "Enabled": True,
                }
            ],
        }
    )
    aws.events = events
    return aws


def verify(run, aws, *pools, check_mode=False, **options):
    ended = run(
        video_scaling_verify.main, {"pools": list(pools) or [given()], "wait_timeout": 0, **options}, aws, check_mode
    )
    assert aws.sent == []
    assert ended.get("changed") is not True
    return ended


def test_what_is_as_declared_passes_with_the_depth(run):
    assert verify(run, account())["pools"] == [{"name": "video", "changed": False, "queue_depth_total": 5}]


@pytest.mark.parametrize(
    ("aws", "parts"),
    [
        (account(depth=4), ["expected video_queue_depth_total 5", "found 4"]),
        (account(state="DISABLED"), [f"rule {RULE}.state: expected 'ENABLED', found 'DISABLED'"]),
        (account(target=2.0), ["target_value: expected 1.0, found 2.0"]),
        (account(depth=4, target=2.0), ["found 4", "found 2.0"]),
        (account(description="by hand"), ["found a version that this collection did not make"]),
    ],
    ids=["depth", "rule", "policy", "depth and policy", "publisher by hand"],
)
def test_a_mismatch_fails_with_expected_and_found(run, aws, parts):
    ended = verify(run, aws)
    assert ended["failed"]
    assert all(part in ended["msg"] for part in parts), ended["msg"]


def test_a_function_made_by_hand_is_never_invoked(run):
    aws = account(description="by hand")
    verify(run, aws)
    assert aws.events == []


@pytest.mark.parametrize(
    ("aspects", "services"),
    [
        (["policy"], {"autoscaling"}),
        (["schedule"], {"lambda", "events"}),
        (["publisher"], {"lambda", "sqs"}),
        ([], set()),
    ],
    ids=["policy", "schedule", "publisher", "none"],
)
def test_only_the_wanted_aspects_are_read(run, aspects, services):
    aws = account()
    verify(run, aws, aspects=aspects)
    assert {operation.split(".")[0] for operation, _params in aws.asked} == services


@pytest.mark.parametrize(
    ("publish", "check_mode", "asked"),
    [(False, False, False), (True, False, True), (True, True, False)],
    ids=["asked", "publishing", "publishing, in a check"],
)
def test_a_check_never_publishes(run, publish, check_mode, asked):
    aws = account()
    verify(run, aws, publish=publish, check_mode=check_mode)
    assert aws.events == [{"publish": asked}]


def test_a_pool_that_is_not_published_needs_no_publisher(run):
    aws = account()
    ended = verify(run, aws, given(signal="sqs_total"))
    # Nothing is kept, so no snapshot is read; the publisher is neither invoked nor described.
    assert {operation for operation, _params in aws.asked} == {
        "autoscaling.describe_policies",
    }
    assert aws.events == []
    assert "metric.queries" in ended["msg"]


def test_each_pool_has_its_own_reason(run):
    ended = verify(run, account(), given(), other(), aspects=["policy"])
    assert [bool(row.get("failed")) for row in ended["pools"]] == [False, True]
    assert "academy-audio-worker-asg" in ended["msg"]


def test_a_policy_that_may_not_be_read_is_reported(run):
    aws = account()
    aws.answers["autoscaling.describe_policies"] = refusal("AccessDenied")
    assert "AccessDenied" in verify(run, aws)["msg"]
