# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A deleted step or simple policy leaves every alarm, which keeps all else that it is."""

from __future__ import annotations

import pytest

from local_aws.strict.delete_policy_removes_alarm_action import DeletePolicyRemovesAlarmAction

from .sent import OK, Emulator, made, passed, request

DELETE = request("autoscaling:DeletePolicy", AutoScalingGroupName="g", PolicyName="p")


def arn(policy="p", group="g", uuid="1"):
    return f"arn:aws:autoscaling:r:1:scalingPolicy:{uuid}:autoScalingGroupName/{group}:policyName/{policy}"


def alarm(name, **actions):
    return {
        "AlarmName": name,
        "AlarmArn": f"arn:aws:cloudwatch:r:1:alarm:{name}",
        "StateValue": "ALARM",
        "EvaluationPeriods": 2,
        "ComparisonOperator": "GreaterThanThreshold",
        "Threshold": 10.0,
        "AlarmActions": [],
        "OKActions": [],
        "InsufficientDataActions": [],
        **actions,
    }


def deleted(kind, alarms, came=OK):
    """The alarms that were put, by name."""
    aws = Emulator(
        autoscaling__describe_policies={"ScalingPolicies": [{"PolicyName": "p", "PolicyType": kind}]},
        cloudwatch__describe_alarms={"MetricAlarms": alarms},
    )
    assert passed(made(DeletePolicyRemovesAlarmAction, aws), DELETE, came) is came
    return {params["AlarmName"]: params for params in aws.called("cloudwatch:put_metric_alarm")}


@pytest.mark.parametrize("kind", ["StepScaling", "SimpleScaling"])
def test_its_action_goes_and_all_else_stays(kind):
    acting = alarm("a", AlarmActions=[arn("q"), arn(), "arn:aws:sns:r:1:t"], OKActions=[arn(uuid="2")])
    others = [alarm("other"), alarm("group", AlarmActions=[arn(group="gg")]), alarm("q", AlarmActions=[arn("pp")])]
    put = deleted(kind, [acting, *others])
    assert [*put] == ["a"]
    assert put["a"] == {
        "AlarmName": "a",
        "EvaluationPeriods": 2,
        "ComparisonOperator": "GreaterThanThreshold",
        "Threshold": 10.0,
        "AlarmActions": [arn("q"), "arn:aws:sns:r:1:t"],
        "OKActions": [],
        "InsufficientDataActions": [],
    }


@pytest.mark.parametrize(
    ("kind", "came"), [("TargetTrackingScaling", OK), ("PredictiveScaling", OK), ("StepScaling", (400, {}, "<e/>"))]
)
def test_no_alarm_is_touched_otherwise(kind, came):
    assert deleted(kind, [alarm("a", AlarmActions=[arn()])], came) == {}


def test_other_requests_pass():
    sent = request("autoscaling:DescribePolicies", AutoScalingGroupName="g")
    aws = Emulator()
    assert passed(made(DeletePolicyRemovesAlarmAction, aws), sent) is OK
    assert aws.calls == []
