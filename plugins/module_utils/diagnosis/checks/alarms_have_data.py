# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The alarms see the metric: an alarm without data is INSUFFICIENT_DATA, which scales nothing and tells nobody."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from ...resources.policy import Policy
from ..evidence import live, others, tracking
from ..evidence.several import joined
from ..explainer.alarms import NO_DATA
from ..finding import Finding, Remedy, failed, passed, warned
from ..observed import Expected, Observed, Reply
from ..wording.command_line import cli
from ..wording.words import moment, since

TITLE = "The alarms have data"
API = "cloudwatch:DescribeAlarms"
EFFECT = "Nothing scales"
FOLLOWS: tuple[str, ...] = (
    "metric_fresh",
    "group_metrics_enabled",
    "policy_exists",
    # Another expression may have no value where the declared one has, and each change of a policy makes new alarms.
    "policy_as_declared",
    "policy_tracks_queue",
    "alarms_exist",
)

# A new alarm has its first state once all its periods (of a minute, in target tracking) have data, and CloudWatch looks
# a few minutes later than that: AlarmLow with its 15 periods was seen to take 13 minutes.
LATE = timedelta(minutes=5)
IDLE = "SQS emits nothing for a queue that was idle for 6 hours"


def check(observed: Observed, expected: Expected) -> Finding:
    own = live.own_policy(observed, expected)
    alarms = observed.alarms_of(own.raw)
    states = {alarm["AlarmName"]: alarm["StateValue"] for alarm in alarms}
    found = [*_blind(observed, own, alarms), *_lenient(observed, expected, own)]
    if not found:
        return passed(states)
    names = cli(observed.place, "cloudwatch describe-alarms", alarm_names=list(states))
    return replace(joined(found), observed=states, expected="OK or ALARM", remedy=Remedy(cli=names))


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
        told: dict[str, Any] = {"effect": f"Nothing scales {way}", "at": began}
        if made and observed.at < due:
            yield warned(
                f"alarm {alarm['AlarmName']} was made at {moment(observed.at, made)} and has no data yet: scale-{way} "
                f"is blind until about {moment(observed.at, due)}",
                **told,
            )
        else:
            idle = f" ({IDLE})" if by_sqs else ""
            yield failed(
                f"alarm {alarm['AlarmName']} has had no data {since(observed.at, began)}: scale-{way} is blind{idle}",
                **told,
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
            told = {"effect": "The group never goes down to its minimum"}
            happens = _could_shrink(observed) and observed.known("queue") and observed.depth == 0
            yield failed(cause, **told) if happens else warned(cause, **told)
