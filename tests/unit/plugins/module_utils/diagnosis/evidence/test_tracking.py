# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What of a queue a policy sees, judged by its metrics alone."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.evidence.tracking import (
    IN_FLIGHT,
    WAITING,
    WHOLE,
    divides,
    group_metrics,
    is_by_sqs,
    names,
    of_alarm,
    of_one_message,
    parts_seen,
    silence_scales_in,
    words,
)
from ansible_collections.academy.video_scaling.plugins.module_utils.pool import SIGNALS, Metric
from ansible_collections.academy.video_scaling.plugins.module_utils.resources.metric import (
    CustomMetric,
    MetricMath,
    MetricQuery,
    PredefinedMetric,
    from_params,
)
from ansible_collections.academy.video_scaling.plugins.module_utils.resources.policy import from_response
from ansible_collections.academy.video_scaling.tests.unit.examples import METRIC, POLICY, pool
from ansible_collections.academy.video_scaling.tests.unit.observations import policy, wanted, written_before

PUBLISHED = Metric.from_params(METRIC)
PER_INSTANCE = Metric.from_params({**METRIC, "name": "VideoQueueDepthTotalPerInstance"})
QUEUE = (("QueueName", "academy-video-jobs"),)
NOTHING = frozenset()
BOTH = f"AWS/SQS/{WAITING} (QueueName=academy-video-jobs) and AWS/SQS/{IN_FLIGHT} (QueueName=academy-video-jobs)"
DIVIDED = "Academy/VideoProcessing/VideoQueueDepthTotalPerInstance (A=1)"
CPU = PredefinedMetric("ASGAverageCPUUtilization")


def sqs(name, dimensions=QUEUE, namespace="AWS/SQS"):
    return MetricQuery(name[-8:].lower(), metric=Metric(namespace, name, dimensions), return_data=False)


def math(*queries, expression="a + b"):
    return MetricMath((MetricQuery("e1", expression=expression), *queries))


def before(signal="published_per_instance", **changes):
    """The live policy as version 0.1.0 wrote it."""
    return from_response(written_before(signal, **changes))


SIZE = sqs("GroupInServiceInstances", (("AutoScalingGroupName", "academy-video-worker-asg"),), "AWS/AutoScaling")
A, B = replace(sqs(WAITING), id="a"), replace(SIZE, id="b")


@pytest.mark.parametrize("signal", SIGNALS)
def test_every_signal_sees_the_whole_queue(signal):
    declared = pool(signal=signal)
    tracked = from_params(declared)
    assert parts_seen(tracked, declared) == WHOLE
    assert divides(tracked, declared) == declared.per_instance
    assert is_by_sqs(tracked) != declared.published


@pytest.mark.parametrize(
    ("tracked", "parts"),
    [
        (CustomMetric(PUBLISHED), WHOLE),
        (CustomMetric(PER_INSTANCE), WHOLE),
        (CustomMetric(PER_INSTANCE, unit="Percent"), NOTHING),
        (before().tracked, WHOLE),
        (before("sqs_per_instance").tracked, WHOLE),
        (CustomMetric(PUBLISHED, unit=None), WHOLE),
        (CustomMetric(PUBLISHED, unit="Seconds"), NOTHING),
        (CustomMetric(Metric("Other", "BacklogCount", ())), NOTHING),
        (CustomMetric(Metric("AWS/SQS", WAITING, QUEUE), "Sum", None), {WAITING}),
        (math(sqs(WAITING)), {WAITING}),
        (math(sqs(WAITING), sqs(IN_FLIGHT)), WHOLE),
        (math(sqs(IN_FLIGHT)), {IN_FLIGHT}),
        (math(sqs(WAITING), sqs(IN_FLIGHT, (("QueueName", "other"),))), NOTHING),
        (math(sqs(WAITING), sqs("Rows", namespace="Database")), NOTHING),
        (math(sqs("NumberOfMessagesSent")), NOTHING),
        (math(sqs("GroupInServiceInstances", namespace="AWS/AutoScaling")), NOTHING),
        (PredefinedMetric("ASGAverageCPUUtilization"), NOTHING),
        (None, NOTHING),
    ],
    ids=[
        "published",
        "published per instance",
        "per instance in another unit",
        "as 0.1.0 wrote it",
        "as 0.1.0 wrote it, by SQS",
        "in any unit",
        "in another unit",
        "another metric",
        "waiting",
        "waiting, by math",
        "both",
        "in flight",
        "another queue beside",
        "another system beside",
        "another number of the queue",
        "no queue at all",
        "the processor",
        "no metric",
    ],
)
def test_what_is_seen_of_the_queue(tracked, parts):
    assert parts_seen(tracked, pool()) == parts


@pytest.mark.parametrize(
    ("alarm", "expected"),
    [
        ({"Namespace": "N", "MetricName": "Depth", "Dimensions": [{"Name": "A", "Value": "1"}]}, "N/Depth (A=1)"),
        (
            {"Metrics": from_params(pool(signal="sqs_total")).to_request()["CustomizedMetricSpecification"]["Metrics"]},
            BOTH,
        ),
        ({"Metrics": None, "AlarmName": "by a query"}, "nothing"),
    ],
    ids=["a metric", "math", "neither"],
)
def test_what_an_alarm_looks_at(alarm, expected):
    assert words(of_alarm(alarm)) == expected


@pytest.mark.parametrize(
    ("tracked", "expected"),
    [
        (CustomMetric(Metric("N", "Depth", (("A", "1"), ("B", "2")))), "N/Depth (A=1, B=2)"),
        (CustomMetric(Metric("N", "Depth", ())), "N/Depth (no dimensions)"),
        (math(sqs(WAITING), sqs(IN_FLIGHT)), BOTH),
        (from_params(pool(signal="published_per_instance", metric={**METRIC, "dimensions": {"A": "1"}})), DIVIDED),
        (PredefinedMetric("ASGAverageCPUUtilization"), "ASGAverageCPUUtilization"),
        (None, "nothing"),
    ],
    ids=["dimensions", "none", "math", "divided", "the processor", "nothing"],
)
def test_its_metrics_in_words(tracked, expected):
    assert words(tracked) == expected
    assert names(tracked) == re.sub(r" \([^)]*\)", "", expected)


@pytest.mark.parametrize(
    ("tracked", "is_divided"),
    [
        (CustomMetric(PUBLISHED), False),
        (CustomMetric(PER_INSTANCE), True),
        (before().tracked, True),
        (before("sqs_total").tracked, False),
        (before("sqs_per_instance").tracked, True),
        (math(sqs(WAITING), SIZE), True),
        (math(sqs(WAITING)), False),
        (CPU, False),
        (None, False),
    ],
    ids=["total", "per instance", "before", "by SQS before", "by SQS per instance before", "own", "sum", "CPU", "none"],
)
def test_whether_it_is_divided(tracked, is_divided):
    for signal in SIGNALS:
        assert divides(tracked, pool(signal=signal)) == is_divided


def test_a_value_per_instance_of_another_name_is_known_from_the_pool():
    named = {"metric": {**METRIC, "per_instance_name": "Load"}}
    load = CustomMetric(Metric.from_params({**METRIC, "name": "Load"}))
    assert (divides(load, pool(**named)), divides(load, pool())) == (True, False)
    assert not divides(CustomMetric(PER_INSTANCE), pool(**named))
    assert not divides(CustomMetric(PER_INSTANCE), pool(signal="sqs_total", metric=...))


@pytest.mark.parametrize(
    ("tracked", "metrics"),
    [
        *((from_params(pool(signal=signal)), set()) for signal in SIGNALS[:3]),
        (from_params(pool(signal=SIGNALS[3])), {"GroupDesiredCapacity"}),
        (before().tracked, {"GroupInServiceInstances"}),
        (before("sqs_total").tracked, set()),
        (before("sqs_per_instance").tracked, {"GroupInServiceInstances"}),
        (CPU, set()),
        (None, set()),
    ],
    ids=[*SIGNALS, "before", "by SQS before", "by SQS per instance before", "CPU", "none"],
)
def test_of_which_group_metrics_it_is_made(tracked, metrics):
    assert group_metrics(tracked) == metrics


@pytest.mark.parametrize(
    ("tracked", "target", "value"),
    [
        *((from_params(pool(signal=signal)), 1, 1) for signal in SIGNALS[:2]),
        (CustomMetric(PER_INSTANCE), 1, 1.01),
        (CustomMetric(PER_INSTANCE), 5, 5.05),
        (CustomMetric(PER_INSTANCE), 0.5, 1),
        (from_params(pool(signal="sqs_per_instance")), 1, 1.01),
        # Its own target, whatever is declared.
        (from_params(pool(signal="sqs_per_instance", target_value=5)), 1, 5.05),
        (from_params(pool(signal="sqs_per_instance", target_value=0.5)), 1, 1),
        *((before(signal).tracked, 5, 1) for signal in ("published_per_instance", "sqs_total", "sqs_per_instance")),
        (math(A, B, expression="a / b"), 1, None),
        (math(A, B, expression="2 * a + b"), 1, 2),
        (math(replace(sqs(IN_FLIGHT), id="a"), expression="a"), 1, 0),
        (math(A, expression="FILL(a, REPEAT)"), 1, None),
        (CustomMetric(Metric("Other", "BacklogCount", ())), 1, None),
        (CPU, 1, None),
        (None, 1, None),
    ],
    ids=[
        *SIGNALS[:2],
        "published_per_instance",
        "of target 5",
        "of target 0.5",
        "sqs_per_instance",
        "by SQS, of its own target 5",
        "by SQS, of its own target 0.5",
        "before",
        "by SQS before",
        "by SQS per instance before",
        "over no instance",
        "own",
        "only what is in flight",
        "a function of other minutes",
        "another metric",
        "CPU",
        "none",
    ],
)
def test_what_one_message_reads_as_at_capacity_0(tracked, target, value):
    found = of_one_message(tracked, pool(target_value=target))
    assert found == (None if value is None else pytest.approx(value))


SCALES_IN = "as 0, so AWS scales in while it is missing"
BY_SQS = f"AWS/SQS/{WAITING} or AWS/SQS/{IN_FLIGHT}"


@pytest.mark.parametrize(
    ("live", "names_of"),
    [
        (before(), "Academy/VideoProcessing/VideoQueueDepthTotal"),
        (before("sqs_total"), BY_SQS),
        (before("sqs_per_instance"), BY_SQS),
        (before(disable_scale_in=True), ""),
        *((from_response(policy(wanted(signal=signal))), "") for signal in SIGNALS),
        *((from_response(policy(wanted(signal=signal, target_value=5))), "") for signal in SIGNALS),
        (from_response(policy(TargetTrackingConfiguration={**CPU.to_request(), "TargetValue": 60.0})), ""),
        (from_response(policy(PolicyType="StepScaling")), ""),
        (None, ""),
    ],
    ids=[
        "before",
        "by SQS before",
        "by SQS per instance before",
        "never scales in",
        *SIGNALS,
        *(f"{signal}, target 5" for signal in SIGNALS),
        "CPU",
        "steps",
        "no policy",
    ],
)
def test_whose_silence_scales_in(live, names_of):
    assert silence_scales_in(live) == (names_of and f"policy {POLICY} counts a missing {names_of} {SCALES_IN}")
