# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The publisher's runs succeed: each one that fails leaves the pool's metric without a datapoint, and Lambda tells that
only to who looks.
"""

from __future__ import annotations

from typing import Any

from ..evidence import runs, series
from ..evidence.runs import Runs
from ..finding import Finding, Remedy, failed, passed, warned
from ..observed import Expected, Observed, Unread
from ..wording.command_line import cli
from ..wording.words import counted, moment, since
from . import publisher_exists

TITLE = "The publisher runs without errors"
API = "cloudwatch:GetMetricData"
EFFECT = "Nothing scales"
# A missing right and a missing way to AWS say more than that the runs fail.
FOLLOWS: tuple[str, ...] = ("queue_exists", "publisher_exists", "publisher_may_publish", "publisher_reaches_aws")


def check(observed: Observed, expected: Expected) -> Finding:
    if not expected.pool.published:
        return publisher_exists.unneeded(expected)
    if observed.function is None:
        return publisher_exists.missing(observed, expected)
    if observed.reserved_concurrency == 0:
        return _forbidden(observed, expected)
    lately = runs.of(observed, expected, observed.function_metrics)
    if refusal := _refusal(observed, expected):
        return failed(refusal, remedy=runs.remedy(observed, expected))
    if lately.failing:
        return _failing(lately, observed, expected)
    if lately.throttles and lately.throttles >= lately.count:
        return failed(
            f"function {expected.function_name} was throttled {counted(lately.throttles, 'time')} and ran "
            f"{counted(lately.count, 'time')} {since(observed.at, lately.start)}: the account's concurrency is used up",
            observed={"throttles": lately.throttles, "invocations": lately.count},
            expected={"throttles": 0},
            remedy=runs.remedy(observed, expected),
        )
    return _in_the_window(observed, expected)


def _in_the_window(observed: Observed, expected: Expected) -> Finding:
    """Earlier failures that are over are reported; failures of other pools only are not this pool's."""
    metrics = observed.function_metrics
    whole = runs.of(observed, expected, metrics, observed.since)
    own_errors = whole.errors if whole.reasons or not whole.lines else 0
    counts = {"errors": own_errors, "throttles": whole.throttles}
    shown: dict[str, Any] = {"invocations": whole.count, **counts, "lines of the log": len(observed.log_errors)}
    if answer := observed.known("answer"):
        shown["answer"] = {expected.pool.depth_field: answer.get(expected.pool.depth_field)}
    happened = [name for name, count in counts.items() if count]
    if not happened:
        return passed(shown, dict.fromkeys(counts, 0))
    words = {"errors": "failed", "throttles": "was throttled"}
    last = max(filter(None, (series.last_above_zero(metrics[name]) for name in happened)))
    incidents = " and ".join(f"{words[name]} {counted(counts[name], 'time')}" for name in happened)
    return warned(
        f"function {expected.function_name} {incidents} {since(observed.at, observed.since)}, "
        f"the last time at {moment(observed.at, last)}{_last_reason(whole)}",
        at=last,
        observed=shown,
        expected=dict.fromkeys(counts, 0),
        remedy=runs.remedy(observed, expected),
    )


def _failing(lately: Runs, observed: Observed, expected: Expected) -> Finding:
    how_many = f"{lately.errors:g} of its {counted(lately.count, 'run')}" if lately.count else "its runs"
    return failed(
        f"function {expected.function_name} failed {how_many} {since(observed.at, lately.start)}{_last_reason(lately)}",
        observed={"invocations": lately.count, "errors": lately.errors},
        expected={"errors": 0},
        remedy=runs.remedy(observed, expected),
    )


def _last_reason(period: Runs) -> str:
    return f', and said last "{period.reasons[-1][1]}"' if period.reasons else ""


def _forbidden(observed: Observed, expected: Expected) -> Finding:
    name = expected.function_name
    return failed(
        f"function {name} has reserved concurrency 0, so Lambda never runs it",
        observed={"ReservedConcurrentExecutions": 0},
        expected={"ReservedConcurrentExecutions": None},
        remedy=Remedy(cli=cli(observed.place, "lambda delete-function-concurrency", function_name=name)),
    )


def _refusal(observed: Observed, expected: Expected) -> str:
    """Why the publisher, asked to measure, could not measure this pool; empty where it could or was not asked."""
    try:
        answer = observed.answer or {}
    except Unread as unread:
        if unread.action:
            raise
        # It was asked, and failed by itself.
        return str(unread)
    reason = answer.get("failed", {}).get(expected.pool.name)
    return f"function {expected.function_name}, asked now, could not measure the pool: {reason}" if reason else ""
