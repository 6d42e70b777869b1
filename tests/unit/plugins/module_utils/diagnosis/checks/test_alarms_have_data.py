# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An alarm without data fails, but for a new one, and for an idle queue of SQS with nobody to send home."""

from __future__ import annotations

from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.checks import alarms_have_data
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import AwsFailure
from ansible_collections.academy.video_scaling.tests.unit.examples import GROUP
from ansible_collections.academy.video_scaling.tests.unit.observations import (
    ago,
    alarm,
    case,
    every_case,
    group,
    holds,
    policy,
    queue,
    wanted,
)

HIGH, LOW = alarm("High"), alarm("Low")
NO_DATA = {"StateValue": "INSUFFICIENT_DATA", "StateTransitionedTimestamp": ago(minutes=40)}
SQS = {"declared": {"signal": "sqs_total"}, "policies": [policy(wanted(signal="sqs_total"))]}
EMPTY = queue(ApproximateNumberOfMessagesNotVisible=0)
IDLE = "SQS emits nothing for a queue that was idle for 6 hours"
DOWN = "The group never goes down to its minimum"
AWS_SQS = {
    "Metrics": None,
    "Namespace": "AWS/SQS",
    "MetricName": "ApproximateNumberOfMessagesVisible",
    "Dimensions": [{"Name": "QueueName", "Value": "academy-video-jobs"}],
    "Statistic": "Sum",
}


def low(**changes):
    return {"alarms": [HIGH, {**LOW, **NO_DATA, **changes}]}


def steps(**changes):
    """A second policy, which shrinks the group when the queue is empty."""
    arn = f"arn:{GROUP}:steps"
    shrinks = policy(
        PolicyName="steps", PolicyARN=arn, PolicyType="StepScaling", AdjustmentType="ExactCapacity", Alarms=[]
    )
    return {
        "policies": [policy(), shrinks],
        "alarms": [HIGH, LOW, {**LOW, "AlarmName": "idle", "AlarmActions": [arn], **AWS_SQS, **changes}],
    }


CASES = every_case(
    case("data"),
    case(
        "none to scale in by",
        "fail",
        f"alarm {LOW['AlarmName']} has had no data since 11:20 UTC (40 min): scale-in is blind",
        "Nothing scales in",
        **low(),
    ),
    case(
        "none to scale out by",
        "fail",
        f"alarm {HIGH['AlarmName']} has had no data since 11:20 UTC (40 min): scale-out is blind",
        "Nothing scales out",
        alarms=[{**HIGH, **NO_DATA}, LOW],
    ),
    case("none at all", "fail", "scale-out is blind; alarm", "", alarms=[{**HIGH, **NO_DATA}, {**LOW, **NO_DATA}]),
    case(
        "a new alarm",
        "warn",
        f"alarm {LOW['AlarmName']} was made at 11:57 UTC and has no data yet: scale-in is blind until about 12:17 UTC",
        "Nothing scales in",
        **low(AlarmConfigurationUpdatedTimestamp=ago(minutes=3)),
    ),
    case(
        "no longer new",
        "fail",
        "no data since",
        "Nothing scales in",
        **low(AlarmConfigurationUpdatedTimestamp=ago(minutes=21)),
    ),
    case(
        "a new one needs fewer periods",
        "fail",
        "no data since",
        "Nothing scales out",
        alarms=[{**HIGH, **NO_DATA, "AlarmConfigurationUpdatedTimestamp": ago(minutes=9)}, LOW],
    ),
    case("an idle queue at the minimum", **SQS, **low(), queue=EMPTY, group=group(1)),
    case(
        "an idle queue and workers for it",
        "fail",
        f"scale-in is blind ({IDLE})",
        "Nothing scales in",
        **SQS,
        **low(),
        queue=EMPTY,
    ),
    case(
        "an idle queue needs none to scale out by",
        **SQS,
        alarms=[{**HIGH, **NO_DATA}, LOW],
        queue=EMPTY,
    ),
    case(
        "a busy queue at the minimum", "fail", "scale-in is blind", "Nothing scales in", **SQS, **low(), group=group(1)
    ),
    case(
        "an idle queue that is published",
        "fail",
        "scale-in is blind",
        "Nothing scales in",
        **low(),
        queue=EMPTY,
        group=group(1),
    ),
    case(
        "steps that wait for an idle queue",
        "warn",
        f"alarm idle of policy steps treats missing data as missing: {IDLE}",
        DOWN,
        **steps(),
    ),
    case(
        "steps that keep an idle queue",
        "fail",
        "as notBreaching",
        DOWN,
        **steps(TreatMissingData="notBreaching"),
        queue=EMPTY,
    ),
    case(
        "steps at the minimum",
        "warn",
        "as ignore",
        DOWN,
        **steps(TreatMissingData="ignore"),
        queue=EMPTY,
        group=group(1),
    ),
    case("steps that know it", **steps(TreatMissingData="breaching"), queue=EMPTY),
    case("steps by a metric that never ends", **steps(Namespace="Academy")),
    case("steps by no metric", **steps(Namespace=None, MetricName=None)),
    case("steps, queue denied", "warn", "as missing", DOWN, **steps(), queue=AwsFailure("denied")),
    case("data, queue denied", **SQS, queue=AwsFailure("denied"), group=group(1)),
    case("steps that scale out", **steps(ComparisonOperator="GreaterThanThreshold")),
    case(
        "changed by hand",
        "warn",
        "treats missing data as notBreaching",
        DOWN,
        **SQS,
        alarms=[HIGH, {**LOW, **AWS_SQS, "TreatMissingData": "notBreaching"}],
    ),
    case("as AWS makes it", **SQS, alarms=[HIGH, {**LOW, **AWS_SQS}]),
)


@CASES
def test_the_alarms_have_data(told):
    holds(alarms_have_data, told)
