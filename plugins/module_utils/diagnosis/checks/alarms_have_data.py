# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The alarms see the metric: an alarm without data is INSUFFICIENT_DATA, which scales nothing and tells nobody. One
that sees 0 instead of nothing scales in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from ...resources.policy import Policy
from ..evidence import live, others, tracking
from ..evidence.several import joined
from ..explainer import compared
from ..explainer.alarms import NO_DATA
from ..explainer.minutes import Minutes
from ..finding import Finding, Remedy, failed, passed, warned
from ..observed import Expected, Observed, Reply
from ..wording.command_line import cli, playbook
from ..wording.words import moment, since

TITLE = "The alarms have data"
API = "cloudwatch:DescribeAlarms"
EFFECT = "Nothing scales"
FOLLOWS: tuple[str, ...] = (
    "metric_fresh",
    "group_metrics_enabled",
    "policy_exists",
    # Another expression may have no value where the declared one has, and a new metric or target makes new alarms.
    "policy_as_declared",
    "policy_tracks_queue",
    "alarms_exist",
)

# A new alarm has its first state once all its periods (of a minute, in target tracking) have data, also data of before
# it was made: over a metric that was there already 46 to 118 seconds later, over a new one after 13 minutes (observed).
LATE = timedelta(minutes=5)
# A datapoint that lacks for a minute or two is late, and one run of the publisher may fail.
SILENT_MINUTES = 3
STOPS: Mapping[str, Any] = {"effect": "Busy workers are stopped", "stands_alone": True}
IDLE = "SQS emits nothing for a queue that was idle for 6 hours"


def check(observed: Observed, expected: Expected) -> Finding:
    own = live.own_policy(observed, expected)
    alarms = observed.alarms_of(own.raw)
    states = {alarm["AlarmName"]: alarm["StateValue"] for alarm in alarms}
    deceived = list(_deceived(observed, expected, own))
    found = [*deceived, *_blind(observed, own, alarms), *_lenient(observed, expected, own)]
    if not found:
        return passed(states)
    names = cli(observed.place, "cloudwatch describe-alarms", alarm_names=list(states))
    remedy = Remedy(playbook("apply") if deceived else "", names)
    return replace(joined(found), observed=states, expected="OK or ALARM", remedy=remedy)


def _deceived(observed: Observed, expected: Expected, own: Policy) -> Iterator[Finding]:
    """What looks like data and is not: a missing value that the policy's metric math counts as 0."""
    cause = tracking.silence_scales_in(own)
    if not cause:
        return
    now = _counted_as_zero_since(observed, expected, own)
    if now and observed.depth != 0:
        yield failed(f"{cause}, as it is {since(observed.at, now)}", **STOPS)
    else:
        yield warned(cause, **STOPS)


def _counted_as_zero_since(observed: Observed, expected: Expected, own: Policy) -> datetime | None:
    """Since when the newest values have lacked a metric; None where they do not, or have not for some minutes."""
    minutes, pool = Minutes.of(observed.since, observed.at), expected.pool
    found = compared.followed(own.raw, pool)
    values = compared.values(observed, minutes, pool, found)
    lacking = compared.counted_as_zero(observed, minutes, pool, found, values)[: -compared.LATE_MINUTES]
    whole = [number for number, lacks in enumerate(lacking) if not lacks]
    first = whole[-1] + 1 if whole else 0
    return minutes.begin(first) if first + SILENT_MINUTES <= len(lacking) else None


def _blind(observed: Observed, own: Policy, alarms: Sequence[Reply]) -> Iterator[Finding]:
    by_sqs = tracking.is_by_sqs(own.tracked)
    silent = [alarm for alarm in alarms if alarm["StateValue"] == NO_DATA]
    if silent and by_sqs and not observed.depth:
        # An idle queue: the silence is SQS's own, and ends with the next message. Until then it only keeps whom
        # there is to send home.
        silent = [alarm for alarm in silent if not live.is_high(alarm) and _could_shrink(observed)]
    for alarm in silent:
        way = "out" if live.is_high(alarm) else "in"
        began, made = live.in_state_since(alarm), alarm.get("AlarmConfigurationUpdatedTimestamp")
        due = (made or began) + timedelta(minutes=alarm["EvaluationPeriods"]) + LATE
        details: dict[str, Any] = {"effect": f"Nothing scales {way}", "at": began}
        if made and observed.at < due:
            yield warned(
                f"alarm {alarm['AlarmName']} was made at {moment(observed.at, made)} and has no data yet: scale-{way} "
                f"is blind until about {moment(observed.at, due)}",
                **details,
            )
        else:
            idle = f" ({IDLE})" if by_sqs else ""
            yield failed(
                f"alarm {alarm['AlarmName']} has had no data {since(observed.at, began)}: scale-{way} is blind{idle}",
                **details,
            )


def _could_shrink(observed: Observed) -> bool:
    group = observed.known("group")
    return group is not None and group["DesiredCapacity"] > group["MinSize"]


def _lenient(observed: Observed, expected: Expected, own: Policy) -> Iterator[Finding]:
    """Scale-in alarms that take the silence of an idle queue for a queue that is well."""
    shrinking = [policy for policy in others.policies(observed, expected) if others.shrinks(policy)]
    for policy in (own.raw, *shrinking):
        for alarm in observed.alarms_of(policy):
            treats = alarm.get("TreatMissingData", "missing")
            is_aws_own = policy is own.raw and treats == "missing"
            by_sqs = tracking.is_by_sqs(tracking.of_alarm(alarm))
            if live.is_high(alarm) or treats == "breaching" or is_aws_own or not by_sqs:
                continue
            cause = (
                f"alarm {alarm['AlarmName']} of policy {policy['PolicyName']} treats missing data as {treats}: {IDLE}"
            )
            details = {"effect": "The group never goes down to its minimum"}
            happens = _could_shrink(observed) and observed.known("queue") and observed.depth == 0
            yield failed(cause, **details) if happens else warned(cause, **details)
