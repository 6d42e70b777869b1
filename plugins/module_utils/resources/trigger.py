# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The alarms that trigger a step or simple scaling policy: of an alarm only its action on the policy is ever written.

DeletePolicy also deletes the alarm's action (documented: API_DeletePolicy), and a policy that is put again has a new
ARN (observed by others: hashicorp/terraform-provider-aws issue 4340). So what triggered a policy is kept with it. The
alarms of target tracking are AWS's own and no matter of this file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..plan import Aws, Request

# In which states of an alarm it may act, as the API names the lists of its actions.
ACTIONS = ("AlarmActions", "OKActions", "InsufficientDataActions")
# What DescribeAlarms returns of an alarm and PutMetricAlarm does not take.
NOT_PUT = (
    "AlarmArn",
    "AlarmConfigurationUpdatedTimestamp",
    "StateValue",
    "StateReason",
    "StateReasonData",
    "StateUpdatedTimestamp",
    "StateTransitionedTimestamp",
    "EvaluationState",
)
NAMES_PER_REQUEST = 100

Alarm = Mapping[str, Any]


@dataclass(frozen=True)
class Trigger:
    """:param actions: those of ACTIONS in which the alarm names the policy."""

    alarm_name: str
    actions: tuple[str, ...]


def of_policy(arn: str | None, alarms: Iterable[Alarm]) -> tuple[Trigger, ...]:
    """Which of the alarms act on the policy of this ARN, by name of the alarm."""
    found = []
    for alarm in sorted(alarms, key=lambda one: str(one["AlarmName"])):
        acting = tuple(name for name in ACTIONS if arn and arn in (alarm.get(name) or ()))
        if acting:
            found.append(Trigger(alarm["AlarmName"], acting))
    return tuple(found)


def acts_on(alarm: Alarm, trigger: Trigger, arn: Any) -> bool:
    return all(arn in (alarm.get(name) or ()) for name in trigger.actions)


def with_action(alarm: Alarm, trigger: Trigger, arn: Any, policy_part: str) -> Alarm:
    """The alarm as it is, but for its actions on the policy.

    :param arn: of the policy as it is now, or the reply that will tell it.
    :param policy_part: how the ARN of the policy ends, also that of a policy of this name which is gone.
    """
    acting = {}
    for name in trigger.actions:
        others = [action for action in alarm.get(name) or () if not str(action).endswith(policy_part)]
        acting[name] = [*others, arn]
    return {**alarm, **acting}


def to_request(alarm: Alarm) -> Request:
    """PutMetricAlarm, which replaces the whole alarm, with all that DescribeAlarms returned of it."""
    params = {name: value for name, value in alarm.items() if name not in NOT_PUT and value not in (None, [], "")}
    return Request("cloudwatch", "put_metric_alarm", params)


def find(aws: Aws, arns: Sequence[str], names: Sequence[str]) -> dict[str, Alarm]:
    """The alarms that act on one of these policies, and those of these names, by name."""
    found: dict[str, Alarm] = {}
    for arn in arns:
        found |= _alarms(aws, ActionPrefix=arn)
    for start in range(0, len(names), NAMES_PER_REQUEST):
        found |= _alarms(aws, AlarmNames=list(names[start : start + NAMES_PER_REQUEST]))
    return found


def low_thresholds(aws: Aws, names: Sequence[str]) -> dict[str, float]:
    """Of those alarms that fire below their threshold, as the one that scales in does, by name."""
    alarms = find(aws, (), names)
    below = {name: alarm for name, alarm in alarms.items() if str(alarm["ComparisonOperator"]).startswith("Less")}
    return {name: float(alarm["Threshold"]) for name, alarm in below.items()}


def _alarms(aws: Aws, **chosen: Any) -> dict[str, Alarm]:
    every = aws.pages("cloudwatch", "describe_alarms", "MetricAlarms", AlarmTypes=["MetricAlarm"], **chosen)
    return {alarm["AlarmName"]: alarm for alarm in every}
