# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a live policy compares is computed of its own expression, as CloudWatch does, where all of it was read."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.explainer import compared
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.explainer.compared import Followed
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.explainer.minutes import Minutes
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import Failure
from ansible_collections.academy.video_scaling.plugins.module_utils.pool import SIGNALS
from ansible_collections.academy.video_scaling.plugins.module_utils.resources.metric import from_response
from ansible_collections.academy.video_scaling.tests.unit.examples import POLICY
from ansible_collections.academy.video_scaling.tests.unit.observations import (
    AT,
    SINCE,
    activity,
    group,
    kept,
    observed,
    policy,
    queue_metrics,
    series,
    wanted,
    written_before,
)

WINDOW = Minutes.of(SINCE, AT)
# All differ, so that each value tells what it was made of: a depth of 6 by SQS, and of 8 by the publisher.
READ = {
    "queue_metrics": queue_metrics(visible=series(4), in_flight=series(2)),
    "metric": series(8),
    "per_instance_metric": series(2.5),
    "group_metrics": {"desired": series(3), "in_service": series(5)},
}
GAPS = [None] * len(WINDOW)
BACKLOG = kept().policies[POLICY]
CPU = {"PredefinedMetricSpecification": {"PredefinedMetricType": "ASGAverageCPUUtilization"}}


def math(expression, queue_name):
    dimensions = [{"Name": "QueueName", "Value": queue_name}]
    waiting = {"Namespace": "AWS/SQS", "MetricName": "ApproximateNumberOfMessagesVisible", "Dimensions": dimensions}
    queries = [
        {"Id": "e1", "Expression": expression, "Label": "Mine"},
        {"Id": "m0", "ReturnData": False, "MetricStat": {"Stat": "Sum", "Metric": waiting}},
    ]
    return tracking({"CustomizedMetricSpecification": {"Metrics": queries}})


def tracking(specification, **more):
    return policy(TargetTrackingConfiguration={**specification, "TargetValue": 1.0, **more})


def as_declared(signal, **options):
    return policy(wanted(signal=signal, **options))


def values(live, declared="published_per_instance", **readings):
    """Minute by minute, of what was read but for what differs."""
    pool = wanted(signal=declared).pool
    return compared.values(observed(**{**READ, **readings}), WINDOW, pool, compared.followed(live, pool))


def zeros(live, declared="published_per_instance", **readings):
    """The numbers of the minutes that the policy had a value of although a metric was missing."""
    pool, read = wanted(signal=declared).pool, observed(**{**READ, **readings})
    found = compared.followed(live, pool)
    marked = compared.counted_as_zero(read, WINDOW, pool, found, compared.values(read, WINDOW, pool, found))
    assert len(marked) == len(WINDOW)
    return [number for number, is_zero in enumerate(marked) if is_zero]


@pytest.mark.parametrize("declared", SIGNALS)
@pytest.mark.parametrize("signal", SIGNALS)
def test_each_signal_is_recognised_whatever_is_declared(signal, declared):
    found = compared.followed(as_declared(signal, target_value=2), wanted(signal=declared, target_value=2).pool)
    assert (found.is_queue, found.target) == (True, 2)


@pytest.mark.parametrize("live", [as_declared, written_before], ids=["as declared", "as 0.1.0 wrote it"])
@pytest.mark.parametrize("signal", ["published_per_instance", "sqs_total", "sqs_per_instance"])
def test_the_queue_is_recognised_by_another_target_too(signal, live):
    for declared in SIGNALS:
        found = compared.followed(live(signal), wanted(signal=declared, target_value=7).pool)
        assert (found.is_queue, found.target) == (True, 1)


@pytest.mark.parametrize(
    ("live", "found"),
    [
        (BACKLOG, Followed("Academy/VideoProcessing/BacklogCount", False, 1.0)),
        (math("m0 * 2", "academy-video-jobs"), Followed("Mine", True, 1.0)),
        (math("m0 * 2", "another-queue"), Followed("Mine", False, 1.0)),
        (tracking(CPU), Followed("ASGAverageCPUUtilization", False, 1.0)),
        (policy(PolicyType="StepScaling"), Followed("the alarms of a StepScaling policy", True)),
        (policy(TargetTrackingConfiguration={}), Followed("something that could not be read", True)),
        (written_before(disable_scale_in=True), Followed("VideoQueueDepthPerInstance", True, 1.0, True)),
    ],
    ids=["another metric", "the queue in its own way", "another queue", "CPU", "steps", "cut off", "never scales in"],
)
def test_what_else_a_policy_may_follow(live, found):
    following = compared.followed(live, wanted().pool)
    assert replace(following, tracked=None) == found
    if following.target:
        assert following.tracked == from_response(live["TargetTrackingConfiguration"])


def test_a_label_is_for_people():
    live = as_declared("sqs_total", metric=...)
    assert compared.followed(live, wanted(signal="sqs_total").pool).is_queue


@pytest.mark.parametrize(
    ("live", "declared", "value"),
    [
        (as_declared("published_total"), "published_total", 8),
        (as_declared("published_total"), "published_per_instance", 8),
        (as_declared("published_per_instance"), "published_per_instance", 2.5),
        # The value per instance is read only for a pool that declares it, and the total only for one that publishes.
        (as_declared("published_per_instance"), "published_total", None),
        (as_declared("published_per_instance"), "sqs_per_instance", None),
        (as_declared("published_total"), "sqs_total", None),
        (as_declared("sqs_total"), "sqs_total", 6),
        (as_declared("sqs_total"), "published_per_instance", 6),
        (as_declared("sqs_per_instance"), "sqs_per_instance", 2),
        (as_declared("sqs_per_instance"), "published_total", 2),
        (written_before(), "published_per_instance", 1.6),
        (written_before(), "published_total", 1.6),
        (written_before(), "sqs_total", None),
        (written_before("sqs_total"), "published_per_instance", 6),
        (written_before("sqs_per_instance"), "sqs_per_instance", 1.2),
        (math("m0 * 2", "academy-video-jobs"), "published_total", 8),
        (math("m0 / 3", "academy-video-jobs"), "published_total", 1.333),
        (math("m0 * 2", "another-queue"), "published_total", None),
        (math("FILL(m0, REPEAT)", "academy-video-jobs"), "published_total", None),
        (BACKLOG, "published_total", None),
        (tracking(CPU), "published_total", None),
        (policy(PolicyType="StepScaling"), "published_total", None),
    ],
    ids=[
        "a total",
        "a total, per instance is declared",
        "per instance",
        "per instance, a total is declared",
        "per instance, declared by SQS",
        "a total, declared by SQS",
        "by SQS",
        "by SQS, published is declared",
        "by SQS per instance",
        "by SQS per instance, a total is declared",
        "as before",
        "as before, a total is declared",
        "as before, declared by SQS",
        "by SQS as before",
        "by SQS per instance as before",
        "own math",
        "own math, rounded",
        "another queue",
        "a function that looks at other minutes",
        "another metric",
        "CPU",
        "steps",
    ],
)
def test_what_is_compared(live, declared, value):
    assert values(live, declared)[100] == value


def test_without_a_policy_nothing_is_compared():
    pool = wanted().pool
    assert compared.values(observed(), WINDOW, pool, None) == GAPS
    assert (compared.inputs(None, pool), compared.readings(None, pool)) == ((), frozenset())
    assert compared.counted_as_zero(observed(), WINDOW, pool, None, GAPS) == [False] * len(WINDOW)


@pytest.mark.parametrize(
    ("live", "declared", "names"),
    [
        (as_declared("published_total"), "published_total", {"metric"}),
        (as_declared("published_per_instance"), "published_per_instance", {"per_instance_metric"}),
        (as_declared("published_per_instance"), "published_total", set()),
        (as_declared("sqs_total"), "published_total", {"queue_metrics"}),
        (as_declared("sqs_per_instance"), "published_total", {"queue_metrics", "group_metrics"}),
        (written_before(), "published_per_instance", {"metric", "group_metrics"}),
        (BACKLOG, "published_total", set()),
        (tracking(CPU), "published_total", set()),
    ],
    ids=[
        "a total",
        "per instance",
        "per instance, a total is declared",
        "by SQS",
        "by SQS per instance",
        "as before",
        "another metric",
        "CPU",
    ],
)
def test_what_has_to_be_read_for_it(live, declared, names):
    pool = wanted(signal=declared).pool
    assert compared.readings(compared.followed(live, pool), pool) == names


BEFORE, BY_SQS = written_before(), as_declared("sqs_per_instance")
DENIED = {"group_metrics": Failure("denied")}


@pytest.mark.parametrize(
    ("live", "readings", "value"),
    [
        (BEFORE, {"group_metrics": {"in_service": series(0)}}, 8),
        (BEFORE, {"group_metrics": {"in_service": series(3)}}, 2.667),
        (BEFORE, {"group_metrics": {}}, None),
        (BEFORE, {**DENIED, "activities": [], "group": group(4)}, 2),
        (BEFORE, {**DENIED, "activities": [activity("", Description="?")], "group": None}, None),
        (BY_SQS, {"group_metrics": {"desired": series(4)}}, 1.5),
        (BY_SQS, {"group_metrics": {"desired": series(0)}}, 6),
        (BY_SQS, {"group_metrics": {"desired": series(0)}, "queue_metrics": queue_metrics(in_flight=series(1))}, 1.01),
        (BY_SQS, {"group_metrics": {"desired": series(0)}, "queue_metrics": queue_metrics(in_flight=series(0))}, 0),
        (BY_SQS, {"group_metrics": {"in_service": series(3)}}, None),
        (BY_SQS, {**DENIED, "activities": [], "group": group(4)}, 1.5),
        (BY_SQS, {**DENIED, "activities": [activity("", Description="?")], "group": None}, None),
    ],
    ids=[
        "no instance counts as one",
        "a fraction",
        "no metrics are a gap",
        "reckoned",
        "no group",
        "desired capacity",
        "at capacity 0",
        "one message at capacity 0",
        "an empty queue at capacity 0",
        "no desired capacity is a gap",
        "reckoned, by SQS",
        "no group, by SQS",
    ],
)
def test_over_how_many_instances(live, readings, value):
    assert values(live, **readings)[100] == value


# --- minutes without a datapoint --------------------------------------------------------------------------------

# 20 minutes in the middle of the window.
SILENT = range(80, 100)


def without_them(value):
    return tuple(point for point in series(value) if WINDOW.number(point[0]) not in SILENT)


HALF = queue_metrics(visible=series(4), in_flight=without_them(2))
NEITHER = queue_metrics(visible=without_them(4), in_flight=without_them(2))
NO_GROUP = {"desired": without_them(3), "in_service": without_them(5)}


@pytest.mark.parametrize(
    ("live", "readings", "before", "while_silent"),
    [
        (BEFORE, {"metric": without_them(8)}, 1.6, 0),
        (BEFORE, {"group_metrics": NO_GROUP}, 1.6, None),
        (BEFORE, {"metric": without_them(8), "group_metrics": NO_GROUP}, 1.6, None),
        (policy(), {"metric": without_them(8), "per_instance_metric": without_them(2.5)}, 2.5, None),
        (policy(), {"metric": without_them(8)}, 2.5, 2.5),
        (as_declared("published_total"), {"metric": without_them(8)}, 8, None),
        (written_before("sqs_total"), {"queue_metrics": HALF}, 6, 4),
        (written_before("sqs_total"), {"queue_metrics": NEITHER}, 6, None),
        (written_before("sqs_per_instance"), {"queue_metrics": HALF}, 1.2, 0.8),
        (as_declared("sqs_total"), {"queue_metrics": HALF}, 6, None),
        (as_declared("sqs_total"), {"queue_metrics": NEITHER}, 6, None),
        (as_declared("sqs_per_instance"), {"queue_metrics": HALF}, 2, None),
        (as_declared("sqs_per_instance"), {"queue_metrics": NEITHER}, 2, None),
        (as_declared("sqs_per_instance"), {"group_metrics": NO_GROUP}, 2, None),
    ],
    ids=[
        "as before, no total: 0",
        "as before, no group",
        "as before, neither",
        "per instance",
        "per instance, which needs no total",
        "total",
        "by SQS as before, one half: too low",
        "by SQS as before, neither",
        "by SQS per instance as before, one half: too low",
        "by SQS, one half",
        "by SQS, neither",
        "by SQS per instance, one half",
        "by SQS per instance, neither",
        "by SQS per instance, no group",
    ],
)
def test_minutes_without_a_datapoint(live, readings, before, while_silent):
    seen = values(live, **readings)
    # The minute in which it was read has none yet.
    assert seen == [*[before] * 80, *[while_silent] * 20, *[before] * 80, None]
    marked = while_silent is not None and while_silent < before
    assert zeros(live, **readings) == (list(SILENT) if marked else [])


@pytest.mark.parametrize(
    ("until", "last", "marked"),
    [
        (2, [1.6, 1.6, None, None], []),
        (3, [1.6, None, None, None], []),
        (4, [0, None, None, None], [177]),
        (6, [0, None, None, None], [175, 176, 177]),
    ],
    ids=str,
)
def test_what_is_late_is_not_missing_yet(until, last, marked):
    late = {"metric": series(8, until=until)}
    assert values(BEFORE, **late)[-4:] == last
    assert zeros(BEFORE, **late) == marked


@pytest.mark.parametrize(
    ("live", "named"),
    [
        (BEFORE, "Academy/VideoProcessing/VideoQueueDepthTotal"),
        (written_before("sqs_total"), "ApproximateNumberOfMessagesVisible"),
        (math("m0 + 1", "another-queue"), ""),
        (written_before(disable_scale_in=True), ""),
        *((as_declared(signal), "") for signal in SIGNALS),
    ],
    ids=["as before", "by SQS as before", "another queue", "never scales in", *SIGNALS],
)
def test_what_it_does_with_them_is_said(live, named):
    words = compared.followed(live, wanted().pool).scales_in_on_silence
    assert named in words
    assert bool(words) == bool(named)
