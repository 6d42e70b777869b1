# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An alarm without data fails, but for a new one, and for an idle queue of SQS with nobody to send home; so does one
that takes silence for an empty queue.
"""

from __future__ import annotations

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.checks import alarms_have_data
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import AwsFailure
from ansible_collections.academy.video_scaling.plugins.module_utils.pool import SIGNALS
from ansible_collections.academy.video_scaling.tests.unit.examples import GROUP, POLICY
from ansible_collections.academy.video_scaling.tests.unit.observations import (
    ago,
    alarm,
    case,
    every_case,
    group,
    holds,
    observed,
    policy,
    queue,
    queue_metrics,
    series,
    wanted,
    written_before,
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
def test_the_alarms_have_data(example):
    holds(alarms_have_data, example)


# --- a policy of the previous version, which takes silence for 0 ------------------------------------------------

STOPS = "Busy workers are stopped"
OF_TOTAL = (
    f"policy {POLICY} counts a missing Academy/VideoProcessing/VideoQueueDepthTotal as 0, so AWS scales in while it is "
    "missing"
)
OF_SQS = (
    f"policy {POLICY} counts a missing AWS/SQS/ApproximateNumberOfMessagesVisible or "
    "AWS/SQS/ApproximateNumberOfMessagesNotVisible as 0, so AWS scales in while it is missing"
)
SILENT = {"metric": series(3, until=20)}
HALF = {"queue_metrics": queue_metrics(visible=series(0, until=20))}
SINCE = ", as it is since 11:41 UTC (19 min)"


def before(signal="published_per_instance", **changes):
    return {"declared": {"signal": signal}, "policies": [written_before(signal, **changes)]}


SILENCES = every_case(
    case("per instance: it flows", "warn", OF_TOTAL, STOPS, **before()),
    case("per instance: as late as it may be", "warn", OF_TOTAL, STOPS, **before(), metric=series(3, until=4)),
    case("per instance: it is silent", "fail", f"{OF_TOTAL}{SINCE}", STOPS, **before(), **SILENT),
    case("per instance: it never was", "fail", f"{OF_TOTAL}, as it is", STOPS, **before(), metric=()),
    case(
        "per instance: an empty queue has none to stop for", "warn", OF_TOTAL, STOPS, **before(), **SILENT, queue=EMPTY
    ),
    case("per instance: it may not be read", "warn", OF_TOTAL, STOPS, **before(), metric=AwsFailure("denied")),
    case("by SQS: it flows", "warn", OF_SQS, STOPS, **before("sqs_total")),
    case("by SQS: half of it is silent", "fail", f"{OF_SQS}{SINCE}", STOPS, **before("sqs_total"), **HALF),
    case("by SQS: the queue is idle", "warn", OF_SQS, STOPS, **before("sqs_total"), **HALF, queue=EMPTY),
    # Where both are silent metric math has no value either, and nothing is scaled in.
    case(
        "by SQS: all of it is silent",
        "warn",
        OF_SQS,
        STOPS,
        **before("sqs_total"),
        queue_metrics=queue_metrics(visible=(), in_flight=()),
    ),
    case("what the publisher wrote is not what it follows", "warn", OF_SQS, STOPS, **before("sqs_total"), **SILENT),
    case(
        "by SQS per instance: half of it is silent",
        "fail",
        f"{OF_SQS}{SINCE}",
        STOPS,
        **before("sqs_per_instance"),
        **HALF,
    ),
    case(
        "an alarm without data beside it",
        "fail",
        f"scale-out is blind; {OF_TOTAL}",
        "Nothing scales out",
        **before(),
        alarms=[{**HIGH, **NO_DATA}, LOW],
    ),
)


@SILENCES
def test_silence_is_no_data(example):
    holds(alarms_have_data, example)
    found = alarms_have_data.check(observed(**example.readings), wanted(**example.declared))
    assert found.remedy.playbook == "ansible-playbook academy.video_scaling.apply"
    assert found.stands_alone == (example.effect == STOPS)


@pytest.mark.parametrize("silent", [{}, SILENT], ids=["it flows", "it is silent"])
@pytest.mark.parametrize(
    "live",
    [*(policy(wanted(signal=signal)) for signal in SIGNALS), written_before(disable_scale_in=True)],
    ids=[*SIGNALS, "never scales in"],
)
def test_a_policy_that_does_not_scale_in_on_silence_is_not_warned_of(live, silent):
    found = alarms_have_data.check(observed(policies=[live], **silent), wanted())
    assert (found.status, found.cause, found.remedy.playbook, found.stands_alone) == ("pass", "", "", False)
