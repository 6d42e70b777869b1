# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What of a queue a policy sees, told from its metrics alone."""

from __future__ import annotations

import re

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.evidence.tracking import (
    IN_FLIGHT,
    WAITING,
    WHOLE,
    divides,
    is_by_sqs,
    names,
    of_alarm,
    parts_seen,
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
from ansible_collections.academy.video_scaling.tests.unit.examples import METRIC, pool

PUBLISHED = Metric.from_params(METRIC)
QUEUE = (("QueueName", "academy-video-jobs"),)
NOTHING = frozenset()
BOTH = f"AWS/SQS/{WAITING} (QueueName=academy-video-jobs) and AWS/SQS/{IN_FLIGHT} (QueueName=academy-video-jobs)"
DIVIDED = "Academy/VideoProcessing/VideoQueueDepthTotal (A=1)"


def sqs(name, dimensions=QUEUE, namespace="AWS/SQS"):
    return MetricQuery(name[-8:].lower(), metric=Metric(namespace, name, dimensions), return_data=False)


def math(*queries):
    return MetricMath((MetricQuery("e1", expression="a + b"), *queries))


@pytest.mark.parametrize("signal", SIGNALS)
def test_every_signal_sees_the_whole_queue(signal):
    declared = pool(signal=signal)
    tracked = from_params(declared)
    assert parts_seen(tracked, declared) == WHOLE
    assert divides(tracked) == declared.per_instance
    assert is_by_sqs(tracked) != declared.published


@pytest.mark.parametrize(
    ("tracked", "parts"),
    [
        (CustomMetric(PUBLISHED), WHOLE),
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
    ("alarm", "told"),
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
def test_what_an_alarm_looks_at(alarm, told):
    assert words(of_alarm(alarm)) == told


@pytest.mark.parametrize(
    ("tracked", "told"),
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
def test_its_metrics_in_words(tracked, told):
    assert words(tracked) == told
    assert names(tracked) == re.sub(r" \([^)]*\)", "", told)
