# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A metric that stops or has gaps fails, and a policy that takes silence for 0 is warned of before; an empty queue of
which SQS says nothing is idle.
"""

from __future__ import annotations

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.checks import metric_fresh
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import AwsFailure
from ansible_collections.academy.video_scaling.plugins.module_utils.pool import SIGNALS
from ansible_collections.academy.video_scaling.tests.unit.examples import FUNCTION, GROUP, POLICY
from ansible_collections.academy.video_scaling.tests.unit.observations import (
    case,
    every_case,
    function_metrics,
    holds,
    observed,
    policy,
    queue,
    series,
    wanted,
    written_before,
)

DIMENSIONS = "(AutoScalingGroupName=academy-video-worker-asg, WorkerType=Video)"
TOTAL = f"metric Academy/VideoProcessing/VideoQueueDepthTotal {DIMENSIONS}"
NAME = f"metric Academy/VideoProcessing/VideoQueueDepthTotalPerInstance {DIMENSIONS}"
BY_SQS = {"signal": "sqs_per_instance"}
A_TOTAL = {"signal": "published_total"}
EMPTY = queue(ApproximateNumberOfMessagesNotVisible=0)


def every(minutes, until=1):
    """One datapoint in so many minutes."""
    return tuple(point for number, point in enumerate(series(3, until=until)) if number % minutes == 0)


def without(length, *gaps):
    """Of each so many datapoints in a row, these are missing."""
    return tuple(point for number, point in enumerate(series(3)) if number % length not in gaps)


def both(points):
    """Of the total and of the value per instance, which the publisher writes in one request."""
    return {"metric": points, "per_instance_metric": points}


CASES = every_case(
    case("fresh"),
    case("as old as it may be", **both(series(3, until=4))),
    case(
        "stopped",
        "fail",
        f"the newest datapoint of {NAME} is of 11:55 UTC, 5 min ago",
        **both(series(3, until=5)),
        function_metrics={},
    ),
    case(
        "stopped, and nobody noticed",
        "fail",
        f"2 h ago, although function {FUNCTION} ran 120 times without an error in that time: it publishes under "
        "another name, dimension or unit, or does not serve the pool",
        **both(series(3, 10, until=121)),
    ),
    case("never written", "fail", f"{NAME} has no datapoint since 09:00 UTC (3 h), although function", **both(())),
    case(
        "gaps",
        "fail",
        f"{NAME} lacks 13 datapoints of the last 30 min",
        "Scaling is late",
        **both(every(2)),
    ),
    case("one gap", **both(tuple(point for point in series(3) if point not in series(3, 2, until=9)))),
    case("two of five are missing", "fail", "lacks 11 datapoints", "Scaling is late", **both(without(5, 1, 3))),
    case("a quarter is missing", **both(without(4, 2))),
    case("two of five, it has just begun", **both(tuple(series(3, 5)[number] for number in (0, 1, 4)))),
    case("it has just begun", **both(series(3, 2))),
    case(
        "a slower schedule",
        declared={"schedule_expression": "rate(5 minutes)"},
        **both(every(5, until=4)),
    ),
    case("a cron schedule", declared={"schedule_expression": "cron(0 * * * ? *)"}, **both(series(3, 1, until=50))),
    case("measured by SQS", declared=BY_SQS),
    case("idle", declared=BY_SQS, queue=EMPTY, metric=()),
    case("idle since a while", declared=BY_SQS, queue=EMPTY, metric=series(0, until=90)),
    case("late, as SQS is", declared=BY_SQS, metric=series(3, until=14)),
    case(
        "awake again, and not measured yet",
        "fail",
        "metric AWS/SQS of queue academy-video-jobs has no datapoint since 09:00 UTC (3 h) and the queue holds "
        "3 messages: SQS takes up to 15 min to measure an idle queue again",
        declared=BY_SQS,
        metric=(),
    ),
    case(
        "SQS has stopped",
        "fail",
        "is of 11:40 UTC, 20 min ago and the queue holds",
        declared=BY_SQS,
        metric=series(3, until=20),
    ),
    case(
        "no queue to measure", "fail", "queue academy-video-jobs does not exist", declared=BY_SQS, queue=None, metric=()
    ),
    case("the queue is not known", queue=AwsFailure("denied")),
    # --- one of the publisher's two metrics ---
    case("only the total is stale", metric=series(3, until=20)),
    case("only the total may not be read", metric=AwsFailure("denied")),
    case(
        "only the value per instance is stale",
        "fail",
        f"the newest datapoint of {NAME} is of 11:40 UTC, 20 min ago, although the total is of 11:59 UTC: the "
        f"publisher could not read group {GROUP}, or is an older one",
        per_instance_metric=series(1, until=20),
    ),
    case(
        "no value per instance at all",
        "fail",
        f"{NAME} has no datapoint since 09:00 UTC (3 h), although the total is of 11:59 UTC",
        per_instance_metric=(),
    ),
    case(
        "only the value per instance has gaps",
        "fail",
        f"{NAME} lacks 13 datapoints",
        "Scaling is late",
        per_instance_metric=every(2),
    ),
    case(
        "both are stale",
        "fail",
        f"{NAME} is of 11:40 UTC, 20 min ago, although function {FUNCTION} ran 19 times",
        **both(series(3, until=20)),
    ),
    case(
        "stale, and the total may not be read",
        "fail",
        f"20 min ago, although function {FUNCTION} ran",
        metric=AwsFailure("denied"),
        per_instance_metric=series(1, until=20),
    ),
    case("a total needs no value per instance", declared=A_TOTAL, per_instance_metric=()),
    case(
        "a total is stale",
        "fail",
        f"{TOTAL} is of 11:40 UTC, 20 min ago, although function",
        declared=A_TOTAL,
        metric=series(3, until=20),
    ),
)


@CASES
def test_the_metric_is_fresh(example):
    holds(metric_fresh, example)


@pytest.mark.parametrize(
    "metrics",
    [function_metrics(errors=series(1)), function_metrics(invocations=series(1, until=121)), AwsFailure("denied")],
    ids=["they failed", "there were none", "nothing is known of them"],
)
def test_only_runs_without_errors_speak_to_somebody_else(metrics):
    found = metric_fresh.check(observed(**both(series(3, until=121)), function_metrics=metrics), wanted())
    assert found.cause.endswith("UTC, 2 h ago")


# --- a policy that takes silence for 0 --------------------------------------------------------------------------

STOPS = "Busy workers are stopped"
COUNTS = f"policy {POLICY} counts a missing "
OF_TOTAL = f"{COUNTS}Academy/VideoProcessing/VideoQueueDepthTotal as 0, so AWS scales in while it is missing"
OF_SQS = (
    f"{COUNTS}AWS/SQS/ApproximateNumberOfMessagesVisible or AWS/SQS/ApproximateNumberOfMessagesNotVisible as 0, so AWS "
    "scales in while it is missing"
)
BY_SQS_BEFORE = {"declared": {"signal": "sqs_total"}, "policies": [written_before("sqs_total")]}


def before(**changes):
    return {"policies": [written_before(**changes)]}


SILENCES = every_case(
    case("per instance: it flows", "warn", OF_TOTAL, STOPS, **before()),
    case(
        "per instance: it is silent",
        "fail",
        f"20 min ago, although function {FUNCTION} ran 19 times without an error "
        f"in that time: it publishes under another name, dimension or unit, or does not serve the pool; {OF_TOTAL}",
        STOPS,
        **before(),
        **both(series(3, until=20)),
    ),
    case(
        "per instance: the publisher is an older one",
        "fail",
        f"or is an older one; {OF_TOTAL}",
        STOPS,
        **before(),
        per_instance_metric=(),
    ),
    case(
        "per instance: it has gaps",
        "fail",
        f"lacks 13 datapoints of the last 30 min; {OF_TOTAL}",
        STOPS,
        **before(),
        **both(every(2)),
    ),
    case("by SQS: it flows", "warn", OF_SQS, STOPS, **BY_SQS_BEFORE),
    case("by SQS: it is silent", "fail", f"again; {OF_SQS}", STOPS, **BY_SQS_BEFORE, metric=series(3, until=20)),
    case("by SQS: the queue is idle", "warn", OF_SQS, STOPS, **BY_SQS_BEFORE, queue=EMPTY, metric=()),
    case("by SQS per instance", "warn", OF_SQS, STOPS, declared=BY_SQS, policies=[written_before("sqs_per_instance")]),
)


@SILENCES
def test_a_policy_of_the_previous_version_scales_in_on_silence(example):
    holds(metric_fresh, example)
    found = metric_fresh.check(observed(**example.readings), wanted(**example.declared))
    assert found.remedy.playbook == "ansible-playbook academy.video_scaling.apply"
    assert found.stands_alone


@pytest.mark.parametrize("status", ["pass", "fail"])
@pytest.mark.parametrize(
    "policies",
    [
        *([policy(wanted(signal=signal))] for signal in SIGNALS),
        [written_before(disable_scale_in=True)],
        [written_before("sqs_total", disable_scale_in=True)],
        [written_before(PolicyName="another")],
        [],
        AwsFailure("denied"),
    ],
    ids=[*SIGNALS, "never scales in", "never scales in, by SQS", "not its own", "no policy", "policies denied"],
)
def test_of_any_other_policy_it_is_not_said(status, policies):
    readings = {} if status == "pass" else both(series(3, until=20))
    found = metric_fresh.check(observed(policies=policies, **readings), wanted())
    assert (found.status, found.effect) == (status, "")
    assert "as 0" not in found.cause
    assert not found.stands_alone
    assert found.remedy.playbook != "ansible-playbook academy.video_scaling.apply"
