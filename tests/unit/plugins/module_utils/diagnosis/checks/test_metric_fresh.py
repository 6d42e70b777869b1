# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A metric that stops or has gaps fails; an empty queue of which SQS says nothing is idle."""

from __future__ import annotations

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.checks import metric_fresh
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import AwsFailure
from ansible_collections.academy.video_scaling.tests.unit.examples import FUNCTION
from ansible_collections.academy.video_scaling.tests.unit.observations import (
    case,
    every_case,
    function_metrics,
    holds,
    observed,
    queue,
    series,
    wanted,
)

NAME = (
    "metric Academy/VideoProcessing/VideoQueueDepthTotal "
    "(AutoScalingGroupName=academy-video-worker-asg, WorkerType=Video)"
)
BY_SQS = {"signal": "sqs_per_instance"}
EMPTY = queue(ApproximateNumberOfMessagesNotVisible=0)


def every(minutes, until=1):
    """One datapoint in so many minutes."""
    return tuple(point for number, point in enumerate(series(3, until=until)) if number % minutes == 0)


def without(length, *gaps):
    """Of each so many datapoints in a row, these are missing."""
    return tuple(point for number, point in enumerate(series(3)) if number % length not in gaps)


CASES = every_case(
    case("fresh"),
    case("as old as it may be", metric=series(3, until=4)),
    case(
        "stopped",
        "fail",
        f"the newest datapoint of {NAME} is of 11:55 UTC, 5 min ago",
        metric=series(3, until=5),
        function_metrics={},
    ),
    case(
        "stopped, and nobody noticed",
        "fail",
        f"2 h ago, although function {FUNCTION} ran 120 times without an error in that time: it publishes under "
        "another name, dimension or unit, or does not serve the pool",
        metric=series(3, 10, until=121),
    ),
    case("never written", "fail", f"{NAME} has no datapoint since 09:00 UTC (3 h), although function", metric=()),
    case(
        "gaps",
        "fail",
        f"{NAME} lacks 13 datapoints of the last 30 min",
        "Scaling is late",
        metric=every(2),
    ),
    case("one gap", metric=tuple(point for point in series(3) if point not in series(3, 2, until=9))),
    case("two of five are missing", "fail", "lacks 11 datapoints", "Scaling is late", metric=without(5, 1, 3)),
    case("a quarter is missing", metric=without(4, 2)),
    case("two of five, it has just begun", metric=tuple(series(3, 5)[number] for number in (0, 1, 4))),
    case("it has just begun", metric=series(3, 2)),
    case(
        "a slower schedule",
        declared={"schedule_expression": "rate(5 minutes)"},
        metric=every(5, until=4),
    ),
    case("a cron schedule", declared={"schedule_expression": "cron(0 * * * ? *)"}, metric=series(3, 1, until=50)),
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
)


@CASES
def test_the_metric_is_fresh(told):
    holds(metric_fresh, told)


@pytest.mark.parametrize(
    "metrics",
    [function_metrics(errors=series(1)), function_metrics(invocations=series(1, until=121)), AwsFailure("denied")],
    ids=["they failed", "there were none", "nothing is known of them"],
)
def test_only_runs_without_errors_speak_to_somebody_else(metrics):
    found = metric_fresh.check(observed(metric=series(3, until=121), function_metrics=metrics), wanted())
    assert found.cause.endswith("UTC, 2 h ago")
