# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each setting that differs is reported, and who left it so; other checks report a metric of another thing."""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.checks import policy_as_declared
from ansible_collections.academy.video_scaling.plugins.module_utils.resources import policy as resource
from ansible_collections.academy.video_scaling.tests.unit.examples import GROUP, POLICY, STAMP
from ansible_collections.academy.video_scaling.tests.unit.observations import (
    case,
    every_case,
    holds,
    kept,
    policy,
    wanted,
    written_before,
)

NONE = {"snapshot": None}
LEFT_BEHIND = policy(wanted(target_value=2))
PER_INSTANCE = "Academy/VideoProcessing/VideoQueueDepthTotalPerInstance"
LABEL = "VideoQueueDepthPerInstance"
BY = f"at 09:17 UTC by {STAMP.caller_arn}"
VISIBLE = {
    "Namespace": "AWS/SQS",
    "MetricName": "ApproximateNumberOfMessagesVisible",
    "Dimensions": [{"Name": "QueueName", "Value": "academy-video-jobs"}],
    "Statistic": "Sum",
}
PUBLISHED = {
    "Namespace": "Academy/VideoProcessing",
    "MetricName": "VideoQueueDepthTotal",
    "Dimensions": [{"Name": "WorkerType", "Value": "Video"}, {"Name": "AutoScalingGroupName", "Value": GROUP}],
    "Statistic": "Maximum",
    "Unit": "Count",
}


def following(**specification):
    return [
        policy(
            TargetTrackingConfiguration={
                "CustomizedMetricSpecification": specification,
                "TargetValue": 1.0,
                "DisableScaleIn": False,
            }
        )
    ]


def before(signal="published_per_instance"):
    return {"declared": {"signal": signal}, "policies": [written_before(signal)]}


def intending(desired):
    """The newest snapshot, of a change that was to leave this policy."""
    return replace(kept(), intent={POLICY: resource.digest(resource.from_response(desired))})


CASES = every_case(
    case("as declared"),
    case("a warm-up that is not declared", policies=[policy(EstimatedInstanceWarmup=120)]),
    case(
        "a target",
        "fail",
        f"policy {POLICY} differs in target_value: expected 1.0, found 2.0",
        policies=[LEFT_BEHIND],
        **NONE,
    ),
    case(
        "scale-in", "fail", "disable_scale_in: expected False", policies=[policy(wanted(disable_scale_in=True))], **NONE
    ),
    case(
        "a warm-up",
        "fail",
        "estimated_instance_warmup: expected 300, found 120",
        declared={"estimated_instance_warmup": 300},
        policies=[policy(EstimatedInstanceWarmup=120)],
        **NONE,
    ),
    case(
        "several",
        "fail",
        "disable_scale_in: expected False, found True, target_value: expected 1.0, found 2.0, metric: expected "
        f"{PER_INSTANCE}, found Academy/VideoProcessing/VideoQueueDepthTotal",
        policies=[policy(wanted(signal="published_total", disable_scale_in=True, target_value=2))],
        **NONE,
    ),
    case(
        "another measure of the queue",
        "fail",
        f"differs in metric: expected VideoQueueDepthTotal, found {PER_INSTANCE}",
        declared={"signal": "sqs_total"},
        **NONE,
    ),
    case("as 0.1.0 wrote it", "fail", f"differs in metric: expected {PER_INSTANCE}, found {LABEL}", **before(), **NONE),
    case(
        "as 0.1.0 wrote it, by SQS",
        "fail",
        "differs in metric.queries.e1.expression: expected '(m1 + m2) / (IF(m1 >= 0, 1) * IF(m2 >= 0, 1))', found "
        "'m1 + m2'",
        **before("sqs_total"),
        **NONE,
    ),
    case(
        "as 0.1.0 wrote it, by SQS per instance: both have one label",
        "fail",
        "metric.queries.m3.metric.name: expected 'GroupDesiredCapacity', found 'GroupInServiceInstances'",
        **before("sqs_per_instance"),
        **NONE,
    ),
    case(
        "another statistic",
        "fail",
        "differs in metric.statistic: expected 'Average', found 'Maximum'",
        declared={"signal": "published_total"},
        policies=following(**PUBLISHED),
        **NONE,
    ),
    case("not the queue", policies=following(**{**VISIBLE, "Namespace": "Other"}), **NONE),
    case("a part of the queue", policies=following(**VISIBLE), **NONE),
    case(
        "left so from here",
        "fail",
        f"found 2.0; so it was left by the change {BY}",
        policies=[LEFT_BEHIND],
        snapshot=intending(LEFT_BEHIND),
    ),
    case(
        "changed since",
        "fail",
        f"found 2.0; something else has changed it since the change {BY}",
        policies=[LEFT_BEHIND],
        snapshot=intending(policy()),
    ),
)


@CASES
def test_the_policy_is_as_declared(example):
    holds(policy_as_declared, example)
