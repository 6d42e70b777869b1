# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""With a step or simple scaling policy goes its action in every alarm; the alarms stay."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from local_aws.recorder import Answer, Recorded
from local_aws.strict import wire
from local_aws.strict.behaviour import Behaviour, Settings, Upstream

NAME = "delete_policy_removes_alarm_action"
SOURCE = ("documented: API_DeletePolicy (EC2 Auto Scaling: the underlying alarm action, but not the alarm)",)

ACTIONS = ("AlarmActions", "OKActions", "InsufficientDataActions")
TYPES = ("StepScaling", "SimpleScaling")


class DeletePolicyRemovesAlarmAction(Behaviour):
    def __init__(self, aws: Upstream, settings: Settings) -> None:
        super().__init__(aws, settings)
        self._leaving: set[int] = set()

    def before(self, request: Recorded) -> Answer | None:
        if (request.service, request.operation) == ("autoscaling", "DeletePolicy"):
            group, name = _named(request)
            policies = self.aws.client("autoscaling", request).describe_policies(AutoScalingGroupName=group)
            types = {policy["PolicyName"]: policy["PolicyType"] for policy in policies["ScalingPolicies"]}
            if types.get(name) in TYPES:
                self._leaving.add(id(request))
        return None

    def after(self, request: Recorded, answer: Answer) -> Answer:
        if id(request) in self._leaving:
            self._leaving.discard(id(request))
            if wire.is_success(answer):
                self._remove(request)
        return answer

    def _remove(self, request: Recorded) -> None:
        cloudwatch = self.aws.client("cloudwatch", request)
        takes = cloudwatch.meta.service_model.operation_model("PutMetricAlarm").input_shape.members
        group, policy = _named(request)
        # A group has one policy of a name at a time, and alarms may name it by an ARN that the emulator does not have.
        ends = f":autoScalingGroupName/{group}:policyName/{policy}"
        for page in cloudwatch.get_paginator("describe_alarms").paginate(AlarmTypes=["MetricAlarm"]):
            for alarm in page["MetricAlarms"]:
                left = _without(alarm, ends)
                if left != alarm:
                    cloudwatch.put_metric_alarm(**{name: value for name, value in left.items() if name in takes})


def _without(alarm: Mapping[str, Any], ends: str) -> dict[str, Any]:
    acting = {name: [arn for arn in alarm.get(name, []) if not arn.endswith(ends)] for name in ACTIONS}
    return {**alarm, **{name: actions for name, actions in acting.items() if name in alarm}}


def _named(request: Recorded) -> tuple[str, str]:
    return request.parameters["AutoScalingGroupName"], request.parameters["PolicyName"]
