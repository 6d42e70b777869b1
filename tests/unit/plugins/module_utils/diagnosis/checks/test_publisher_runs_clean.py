# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs that fail now fail the check, those that failed before warn, and those that fail for another pool do neither."""

from __future__ import annotations

import json

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.checks import publisher_runs_clean
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.observed import Unread
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import AwsFailure, Failure
from ansible_collections.academy.video_scaling.tests.unit.examples import FUNCTION
from ansible_collections.academy.video_scaling.tests.unit.observations import (
    ago,
    case,
    every_case,
    function_metrics,
    holds,
    observed,
    series,
    wanted,
)

FAILING = function_metrics(errors=series(1))
OVER = function_metrics(errors=series(1, 10, until=40))


def lines(minutes=1, **failed):
    return [(ago(minutes=minutes), json.dumps({"failed": failed}))]


CASES = every_case(
    case("no errors"),
    case(
        "all fail",
        "fail",
        f"function {FUNCTION} failed 9 of its 9 runs since 11:50 UTC (10 min)",
        function_metrics=FAILING,
    ),
    case(
        "the log says why",
        "fail",
        ', and said last "KeyError: x"',
        function_metrics=FAILING,
        log_errors=lines(video="KeyError: x"),
    ),
    case(
        "the log is denied",
        "fail",
        "9 of its 9 runs",
        function_metrics=FAILING,
        log_errors=AwsFailure("denied"),
        metric=(),
    ),
    case(
        "only the log tells",
        "fail",
        'failed its runs since 11:50 UTC (10 min), and said last "gone"',
        function_metrics={},
        log_errors=lines(video="gone"),
    ),
    case("all fail for another pool", function_metrics=FAILING, log_errors=lines(audio="gone")),
    case(
        "over",
        "warn",
        f"function {FUNCTION} failed 10 times since 09:00 UTC (3 h), the last time at 11:20 UTC",
        function_metrics=OVER,
    ),
    case(
        "over, and the log says why",
        "warn",
        'at 11:20 UTC, and said last "gone"',
        function_metrics=OVER,
        log_errors=lines(40, video="gone"),
    ),
    case("over, of another pool", function_metrics=OVER, log_errors=lines(40, audio="gone")),
    case(
        "throttled",
        "fail",
        f"function {FUNCTION} was throttled 9 times and ran 0 times since 11:50 UTC (10 min)",
        function_metrics=function_metrics(throttles=series(1), invocations=series(1, until=20)),
    ),
    case(
        "throttled every second time",
        "fail",
        "was throttled 9 times and ran 9 times",
        function_metrics=function_metrics(throttles=series(1)),
    ),
    case("it has not run yet", function_metrics=function_metrics(invocations=())),
    case(
        "throttled once",
        "warn",
        f"function {FUNCTION} was throttled 1 time since 09:00 UTC (3 h), the last time at 11:58 UTC",
        function_metrics=function_metrics(throttles=series(1, 1, until=2)),
    ),
    case(
        "failed and throttled",
        "warn",
        "failed 10 times and was throttled 1 time since 09:00 UTC (3 h), the last time at 11:58 UTC",
        function_metrics=function_metrics(errors=series(1, 10, until=40), throttles=series(1, 1, until=2)),
    ),
    case(
        "may never run",
        "fail",
        f"function {FUNCTION} has reserved concurrency 0, so Lambda never runs it",
        reserved_concurrency=0,
    ),
    case("some concurrency is reserved", reserved_concurrency=1),
    case("asked, and it measured", answer={"video_queue_depth_total": 3}),
    case("asked, and another pool failed", answer={"video_queue_depth_total": 3, "failed": {"audio": "gone"}}),
    case(
        "asked, and it could not",
        "fail",
        "asked now, could not measure the pool: gone",
        answer={"failed": {"video": "gone"}},
    ),
    case(
        "asked, and it broke",
        "fail",
        "function f:live failed: KeyError",
        answer=Failure("function f:live failed: KeyError"),
    ),
    case("no function", "fail", f"function {FUNCTION} does not exist", function=None),
    case("no publisher is needed", declared={"signal": "sqs_total"}, function_metrics=FAILING),
)


@CASES
def test_the_publisher_runs_without_errors(example):
    holds(publisher_runs_clean, example)


@pytest.mark.parametrize("reading", ["answer", "reserved_concurrency", "function_metrics", "log_errors"])
def test_it_passes_only_when_all_was_read(reading):
    denied = AwsFailure("denied", "AccessDenied", "lambda:InvokeFunction")
    with pytest.raises(Unread):
        publisher_runs_clean.check(observed(**{reading: denied}), wanted())


@pytest.mark.parametrize(
    ("answer", "shown"), [(None, None), ({"video_queue_depth_total": 3}, {"video_queue_depth_total": 3})]
)
def test_what_it_answered_is_shown(answer, shown):
    found = publisher_runs_clean.check(observed(answer=answer), wanted())
    assert found.observed.get("answer") == shown
