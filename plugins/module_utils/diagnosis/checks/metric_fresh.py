# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The metric that the policy follows has new datapoints: without them its alarms have no data, and a group whose alarms
have no data stays as it is, silently. A policy that counts a missing value as 0 even scales in.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from ...resources import policy
from ...resources.datapoints import Point, Series
from ...resources.metric import CustomMetric
from ...resources.policy import Policy
from ..evidence import pace, runs, series, tracking
from ..finding import PASS, WARN, Finding, Remedy, failed, passed
from ..observed import Expected, Observed
from ..wording.command_line import cli, playbook
from ..wording.words import counted, lasting, moment, since
from . import queue_exists

TITLE = "The metric is fresh"
API = "cloudwatch:GetMetricData"
EFFECT = "Nothing scales"
STOPS = "Busy workers are stopped"
FOLLOWS: tuple[str, ...] = (
    "queue_exists",
    "publisher_exists",
    "publisher_runs_clean",
    "publisher_may_publish",
    "publisher_reaches_aws",
    "publisher_as_declared",
    "schedule_enabled",
    "schedule_invokes_publisher",
)
# SQS needs up to a quarter of an hour to measure a queue again that nobody has used for six hours.
WAKING = timedelta(minutes=15)
# Alarms look at three minutes in a row, so in this time a few missing ones are a pattern and one is none.
STEADY = timedelta(minutes=30)
# Of the datapoints that there should be.
GAPS = 1 / 3


def check(observed: Observed, expected: Expected) -> Finding:
    found = _published(observed, expected) if expected.pool.published else _measured_by_sqs(observed, expected)
    silence = tracking.silence_scales_in(_own_policy(observed, expected))
    if not silence:
        return found
    status = WARN if found.status == PASS else found.status
    cause = f"{found.cause}; {silence}" if found.cause else silence
    remedy = replace(found.remedy, playbook=playbook("apply"))
    return replace(found, status=status, cause=cause, effect=STOPS, remedy=remedy, stands_alone=True)


def _own_policy(observed: Observed, expected: Expected) -> Policy | None:
    reply = observed.policy(expected.pool.policy_name) if observed.known("policies") else None
    return policy.from_response(reply) if reply else None


def _followed(observed: Observed, expected: Expected) -> Series:
    """What the policy is declared to follow."""
    return observed.per_instance_metric if expected.pool.divided_by_publisher else observed.metric


def _published(observed: Observed, expected: Expected) -> Finding:
    last = series.newest(_followed(observed, expected))
    allowed = pace.allowed_age(expected.schedule_expression)
    details = {
        "at": last[0] if last else None,
        "observed": {"newest": last[0] if last else None, "value": last[1] if last else None},
        "expected": f"not older than {lasting(allowed)}",
    }
    name = _name(expected)
    remedy = runs.remedy(observed, expected)
    if last is None or observed.at - last[0] > allowed:
        return failed(f"{_stale(name, last, observed)}{_although(last, observed, expected)}", remedy=remedy, **details)
    if missing := _missing(_followed(observed, expected), observed.at, pace.pause(expected.schedule_expression)):
        words = f"{name} lacks {counted(missing, 'datapoint')} of the last {lasting(STEADY)}"
        return failed(words, effect="Scaling is late", remedy=remedy, **details)
    return passed(details["observed"], details["expected"], last[0])


def _measured_by_sqs(observed: Observed, expected: Expected) -> Finding:
    """An empty queue that falls silent is idle: nothing waits for its datapoints."""
    last = series.newest(observed.metric)
    shown = {"newest": last[0] if last else None, "messages": observed.depth}
    if observed.depth is None:
        return queue_exists.missing(observed, expected)
    if not observed.depth or (last and observed.at - last[0] <= WAKING):
        return passed(shown, f"not older than {lasting(WAKING)} while the queue holds messages")
    name = expected.pool.queue_name
    dimension = f"Name=QueueName,Value={name}"
    return failed(
        f"{_stale(f'metric AWS/SQS of queue {name}', last, observed)} and the queue holds "
        f"{counted(observed.depth, 'message')}: SQS takes up to {lasting(WAKING)} to measure an idle queue again",
        observed=shown,
        remedy=Remedy(cli=cli(observed.place, "cloudwatch list-metrics", namespace="AWS/SQS", dimensions=dimension)),
    )


def _stale(name: str, last: Point | None, observed: Observed) -> str:
    if last is None:
        return f"{name} has no datapoint {since(observed.at, observed.since)}"
    return f"the newest datapoint of {name} is of {moment(observed.at, last[0])}, {lasting(observed.at - last[0])} ago"


def _although(last: Point | None, observed: Observed, expected: Expected) -> str:
    """A publisher that runs and is not heard speaks to somebody else, or lacks a part of what it should say."""
    pool, total = expected.pool, series.newest(observed.known("metric", ()))
    allowed = pace.allowed_age(expected.schedule_expression)
    if pool.divided_by_publisher and total and observed.at - total[0] <= allowed:
        although = f", although the total is of {moment(observed.at, total[0])}"
        return f"{although}: the publisher could not read group {pool.auto_scaling_group_name}, or is an older one"
    start = last[0] if last else observed.since
    ran = runs.of(observed, expected, observed.known("function_metrics", {}), start + timedelta(minutes=1))
    if not ran.count or ran.errors:
        return ""
    return (
        f", although function {expected.function_name} ran {counted(ran.count, 'time')} without an error in that time: "
        "it publishes under another name, dimension or unit, or does not serve the pool"
    )


def _missing(followed: Series, now: datetime, pause: timedelta) -> int:
    """How many datapoints there are too few between the first and the newest of the last time, where they are many."""
    points = series.after(followed, now - STEADY)
    if not points:
        return 0
    due = round((points[-1][0] - points[0][0]) / pause) + 1
    missing = due - len(points)
    return missing if missing >= max(3, GAPS * due) else 0


def _name(expected: Expected) -> str:
    pool = expected.pool
    metric = pool.per_instance_metric if pool.divided_by_publisher else pool.metric
    return f"metric {tracking.words(CustomMetric(metric) if metric else None)}"
