# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An account that remembers: groups with their policies and alarms and a Parameter Store, which requests change."""

from __future__ import annotations

from itertools import count

from .fake_aws import FakeAws, Parameters, refusal

ACTIONS = ("AlarmActions", "OKActions", "InsufficientDataActions")


class Account(FakeAws):
    """Groups with their policies. A policy that is created gets an ARN of its own; a deleted one leaves its alarms.

    :param alarms: as DescribeAlarms returns them.
    """

    def __init__(self, *group_names, policies=(), alarms=(), refused=()):
        sizes = {"MinSize": 0, "MaxSize": 20, "DesiredCapacity": 0}
        self.created = count(1)
        self.policies = {(one["AutoScalingGroupName"], one["PolicyName"]): one for one in policies}
        self.alarms = {alarm["AlarmName"]: alarm for alarm in alarms}
        self.refused = refused
        self.parameters = Parameters()
        super().__init__(
            {
                "autoscaling.describe_auto_scaling_groups": [{"AutoScalingGroupName": n, **sizes} for n in group_names],
                "autoscaling.describe_policies": lambda params: list(self.policies.values()),
                "autoscaling.put_scaling_policy": self.put,
                "autoscaling.delete_policy": self.delete,
                "cloudwatch.describe_alarms": self.describe_alarms,
                "cloudwatch.put_metric_alarm": self.put_alarm,
                "lambda.list_aliases": [{"Name": "live", "FunctionVersion": "4"}],
                **self.parameters.answers(),
            }
        )

    def put(self, params):
        if params["AutoScalingGroupName"] in self.refused:
            return refusal("LimitExceeded", "too many policies")
        key = params["AutoScalingGroupName"], params["PolicyName"]
        arn = self.policies.get(key, {}).get("PolicyARN") or arn_of(*key, next(self.created))
        self.policies[key] = {**params, "PolicyARN": arn}
        return {"PolicyARN": arn}

    def delete(self, params):
        gone = self.policies.pop((params["AutoScalingGroupName"], params["PolicyName"]))
        for alarm in self.alarms.values():
            for name in ACTIONS:
                alarm[name] = [action for action in alarm.get(name, ()) if action != gone.get("PolicyARN")]
        return {}

    def describe_alarms(self, params):
        if names := params.get("AlarmNames"):
            return [alarm for name, alarm in self.alarms.items() if name in names]
        prefix = params["ActionPrefix"]
        return [
            alarm
            for alarm in self.alarms.values()
            if any(action.startswith(prefix) for name in ACTIONS for action in alarm.get(name, ()))
        ]

    def put_alarm(self, params):
        # What the request does not take is AWS's own and stays.
        kept = {name: value for name, value in self.alarms[params["AlarmName"]].items() if name.startswith("Alarm")}
        self.alarms[params["AlarmName"]] = {**kept, **params}
        return {}


def arn_of(group_name, policy_name, number):
    unique = f"{number:08d}-0000-4000-8000-000000000000"
    return (
        f"arn:aws:autoscaling:ap-northeast-2:123456789012:scalingPolicy:{unique}:"
        f"autoScalingGroupName/{group_name}:policyName/{policy_name}"
    )
