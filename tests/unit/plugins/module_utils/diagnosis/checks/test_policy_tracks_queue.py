# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever does not measure this queue fails, by as little as a letter; another form of its depth passes."""

from __future__ import annotations

from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.checks import policy_tracks_queue
from ansible_collections.academy.video_scaling.tests.unit.examples import POLICY
from ansible_collections.academy.video_scaling.tests.unit.observations import (
    case,
    every_case,
    holds,
    policy,
    wanted,
    written_before,
)

PUBLISHED = {
    "Namespace": "Academy/VideoProcessing",
    "MetricName": "VideoQueueDepthTotal",
    "Dimensions": [
        {"Name": "WorkerType", "Value": "Video"},
        {"Name": "AutoScalingGroupName", "Value": "academy-video-worker-asg"},
    ],
    "Statistic": "Average",
    "Unit": "Count",
}
IN_FLIGHT = {
    "Namespace": "AWS/SQS",
    "MetricName": "ApproximateNumberOfMessagesNotVisible",
    "Dimensions": [{"Name": "QueueName", "Value": "academy-video-jobs"}],
    "Statistic": "Sum",
}
TOTAL = {"signal": "published_total"}
BOTH = "(AutoScalingGroupName=academy-video-worker-asg, WorkerType=Video)"


def following(**specification):
    return [policy(TargetTrackingConfiguration={"CustomizedMetricSpecification": specification, "TargetValue": 1.0})]


CPU = policy(
    TargetTrackingConfiguration={
        "PredefinedMetricSpecification": {"PredefinedMetricType": "ASGAverageCPUUtilization"},
        "TargetValue": 1.0,
    }
)
CASES = every_case(
    case("its depth per instance"),
    case("its depth per instance, as 0.1.0 wrote it", policies=[written_before()]),
    case("the total instead of the value per instance", policies=following(**PUBLISHED)),
    case("the value per instance instead of the total", declared=TOTAL, policies=[policy()]),
    case(
        "the value per instance in another unit",
        "fail",
        f"follows Academy/VideoProcessing/VideoQueueDepthTotalPerInstance {BOTH} in a unit other than Count",
        policies=following(**{**PUBLISHED, "MetricName": "VideoQueueDepthTotalPerInstance", "Unit": "None"}),
    ),
    case("its depth", declared=TOTAL, policies=following(**PUBLISHED)),
    case("its depth in another form", policies=[policy(wanted(signal="sqs_total"))]),
    case(
        "its waiting messages", policies=following(**{**IN_FLIGHT, "MetricName": "ApproximateNumberOfMessagesVisible"})
    ),
    case("in any unit", declared=TOTAL, policies=following(**{**PUBLISHED, "Unit": None})),
    case(
        "a database count",
        "fail",
        f"policy {POLICY} follows Academy/VideoProcessing/BacklogCount instead of the depth of queue academy-video-jobs"
        " (Academy/VideoProcessing/VideoQueueDepthTotal)",
        declared=TOTAL,
        policies=following(**{**PUBLISHED, "MetricName": "BacklogCount"}),
    ),
    case(
        "a dimension by one letter",
        "fail",
        "follows Academy/VideoProcessing/VideoQueueDepthTotal (WorkerType=video) instead of the depth of queue "
        f"academy-video-jobs (Academy/VideoProcessing/VideoQueueDepthTotal {BOTH})",
        declared=TOTAL,
        policies=following(**{**PUBLISHED, "Dimensions": [{"Name": "WorkerType", "Value": "video"}]}),
    ),
    case(
        "another unit",
        "fail",
        "in a unit other than Count",
        declared=TOTAL,
        policies=following(**{**PUBLISHED, "Unit": "None"}),
    ),
    case("only what is in flight", "fail", "follows AWS/SQS/ApproximateNumberOf", policies=following(**IN_FLIGHT)),
    case(
        "another queue",
        "fail",
        "(QueueName=other)",
        policies=[policy(wanted(signal="sqs_per_instance", queue_name="other"))],
    ),
    case("the processor", "fail", "follows ASGAverageCPUUtilization instead", policies=[CPU]),
)


@CASES
def test_the_policy_follows_the_queue(example):
    holds(policy_tracks_queue, example)
