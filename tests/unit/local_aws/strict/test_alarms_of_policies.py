# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Alarms come and go with what a policy follows, and the policy keeps its ARN."""

from __future__ import annotations

import re

import pytest

from local_aws.strict import wire
from local_aws.strict.alarms_of_policies import AlarmsOfPolicies

from .sent import XML, Emulator, answer, made, passed, request, value_of

SPECIFICATION = "TargetTrackingConfiguration.CustomizedMetricSpecification"
ONE_METRIC = {
    f"{SPECIFICATION}.Namespace": "N",
    f"{SPECIFICATION}.MetricName": "Depth",
    f"{SPECIFICATION}.Statistic": "Average",
    f"{SPECIFICATION}.Dimensions.member.1.Name": "A",
    f"{SPECIFICATION}.Dimensions.member.1.Value": "a",
    f"{SPECIFICATION}.Dimensions.member.2.Name": "B",
    f"{SPECIFICATION}.Dimensions.member.2.Value": "b",
}
OTHER_ORDER = {
    **ONE_METRIC,
    f"{SPECIFICATION}.Dimensions.member.1.Name": "B",
    f"{SPECIFICATION}.Dimensions.member.1.Value": "b",
    f"{SPECIFICATION}.Dimensions.member.2.Name": "A",
    f"{SPECIFICATION}.Dimensions.member.2.Value": "a",
}
STAT = f"{SPECIFICATION}.Metrics.member.2.MetricStat"
MATH = {
    f"{SPECIFICATION}.Metrics.member.1.Id": "e1",
    f"{SPECIFICATION}.Metrics.member.1.Expression": "m1 * 2",
    f"{SPECIFICATION}.Metrics.member.2.Id": "m1",
    f"{SPECIFICATION}.Metrics.member.2.ReturnData": "false",
    f"{STAT}.Metric.Namespace": "AWS/SQS",
    f"{STAT}.Metric.MetricName": "M",
    f"{STAT}.Stat": "Sum",
    f"{STAT}.Unit": "Count",
}
PREDEFINED = "TargetTrackingConfiguration.PredefinedMetricSpecification"


def arn(number, policy="p"):
    return f"arn:aws:autoscaling:r:1:scalingPolicy:{number}:autoScalingGroupName/g:policyName/{policy}"


class Group(Emulator):
    """An emulator whose policies have a new ARN, and new alarms, at each put."""

    def __init__(self):
        super().__init__(autoscaling__describe_policies=lambda **_: {"ScalingPolicies": [*self.policies.values()]})
        self.policies = {}
        self.puts = 0

    def put(self, behaviour, form, target="1.0", policy="p", **more):
        sent = request(
            "autoscaling:PutScalingPolicy",
            AutoScalingGroupName="g",
            PolicyName=policy,
            **{"TargetTrackingConfiguration.TargetValue": target, **form, **more},
        )
        assert behaviour.before(sent) is None
        self.stored(policy, wire.params_of(sent).get("TargetTrackingConfiguration"))
        body = (
            f"<PutScalingPolicyResponse><PutScalingPolicyResult><PolicyARN>{self.policies[policy]['PolicyARN']}"
            f"</PolicyARN><Alarms><member><AlarmName>emulators-{self.puts}</AlarmName></member></Alarms>"
            "</PutScalingPolicyResult></PutScalingPolicyResponse>"
        )
        return wire.parsed(sent, behaviour.after(sent, (200, XML, body)))

    def stored(self, policy, tracking, *alarms):
        self.puts += 1
        self.policies[policy] = {
            "AutoScalingGroupName": "g",
            "PolicyName": policy,
            "PolicyARN": arn(self.puts, policy),
            "Alarms": [{"AlarmName": name} for name in alarms],
            **({"TargetTrackingConfiguration": tracking} if tracking else {}),
        }

    @property
    def alarms(self):
        """Those that were put and not deleted, as they were put."""
        found = {}
        for name, params in self.calls:
            if name == "cloudwatch:put_metric_alarm":
                found[params["AlarmName"]] = params
            for gone in params.get("AlarmNames", []) if name == "cloudwatch:delete_alarms" else ():
                found.pop(gone, None)
        return found


@pytest.fixture
def group():
    return Group()


@pytest.fixture
def behaviour(group):
    return made(AlarmsOfPolicies, group)


def names(reply):
    return [alarm["AlarmName"] for alarm in reply["Alarms"]]


def test_a_policy_has_a_high_and_a_low_alarm(group, behaviour):
    reply = group.put(behaviour, ONE_METRIC, target="4")
    high, low = (group.alarms[name] for name in names(reply))
    for level, alarm in (("High", high), ("Low", low)):
        assert re.fullmatch(rf"TargetTracking-g-Alarm{level}-[0-9a-f-]{{36}}", alarm["AlarmName"])
    assert (high["EvaluationPeriods"], high["ComparisonOperator"], high["Threshold"]) == (
        3,
        "GreaterThanThreshold",
        4.0,
    )
    assert (low["EvaluationPeriods"], low["ComparisonOperator"], low["Threshold"]) == (15, "LessThanThreshold", 3.6)
    for alarm in (high, low):
        assert alarm["AlarmActions"] == [reply["PolicyARN"]]
        assert (alarm["Namespace"], alarm["MetricName"], alarm["Statistic"]) == ("N", "Depth", "Average")
        assert (alarm["Period"], len(alarm["Dimensions"])) == (60, 2)
    assert reply["Alarms"][0]["AlarmARN"] == f"arn:aws:cloudwatch:r:1:alarm:{high['AlarmName']}"


@pytest.mark.parametrize(
    ("form", "changed", "stays"),
    [
        (ONE_METRIC, {}, True),
        (OTHER_ORDER, {}, True),
        (ONE_METRIC, {"EstimatedInstanceWarmup": "60"}, True),
        (ONE_METRIC, {"target": "2.0"}, False),
        ({**ONE_METRIC, f"{SPECIFICATION}.MetricName": "Other"}, {}, False),
        (MATH, {}, False),
    ],
)
def test_alarms_stay_unless_the_metric_or_the_target_changes(group, behaviour, form, changed, stays):
    first = group.put(behaviour, ONE_METRIC)
    second = group.put(behaviour, form, **changed)
    assert second["PolicyARN"] == first["PolicyARN"] == arn(1)
    assert (names(second) == names(first)) is stays
    assert stays or not {*names(second)} & {*names(first)}
    assert {*group.alarms} == {*names(second)}


def test_the_emulators_own_alarms_go(group, behaviour):
    group.put(behaviour, ONE_METRIC)
    assert "emulators-1" in group.called("cloudwatch:delete_alarms")[0]["AlarmNames"]


def test_without_scale_in_there_is_no_low_alarm(group, behaviour):
    first = group.put(behaviour, ONE_METRIC)
    off = {"TargetTrackingConfiguration.DisableScaleIn": "true"}
    assert names(group.put(behaviour, ONE_METRIC, **off)) == names(first)[:1]
    assert [*group.alarms] == names(first)[:1]
    again = group.put(behaviour, ONE_METRIC)
    assert names(again)[0] == names(first)[0] and names(again)[1] not in names(first)


@pytest.mark.parametrize(
    ("form", "metric"),
    [
        (
            {f"{PREDEFINED}.PredefinedMetricType": "ASGAverageCPUUtilization"},
            {
                "Namespace": "AWS/EC2",
                "MetricName": "CPUUtilization",
                "Unit": "Percent",
                "Statistic": "Average",
                "Dimensions": [{"Name": "AutoScalingGroupName", "Value": "g"}],
                "Period": 60,
            },
        ),
        (
            {
                f"{PREDEFINED}.PredefinedMetricType": "ALBRequestCountPerTarget",
                f"{PREDEFINED}.ResourceLabel": "app/lb/1/targetgroup/t/2",
            },
            {
                "Namespace": "AWS/ApplicationELB",
                "MetricName": "RequestCountPerTarget",
                "Statistic": "Sum",
                "Dimensions": [
                    {"Name": "LoadBalancer", "Value": "app/lb/1"},
                    {"Name": "TargetGroup", "Value": "targetgroup/t/2"},
                ],
                "Period": 60,
            },
        ),
        (
            MATH,
            {
                "Metrics": [
                    {"Id": "e1", "Expression": "m1 * 2", "ReturnData": True, "Period": 60},
                    {
                        "Id": "m1",
                        "ReturnData": False,
                        "MetricStat": {
                            "Metric": {"Namespace": "AWS/SQS", "MetricName": "M"},
                            "Period": 60,
                            "Stat": "Sum",
                            "Unit": "Count",
                        },
                    },
                ]
            },
        ),
    ],
)
def test_what_an_alarm_watches(group, behaviour, form, metric):
    group.put(behaviour, form)
    for alarm in group.alarms.values():
        assert {name: alarm[name] for name in metric} == metric


def test_metric_math_is_shown_with_the_alarm(group, behaviour):
    (high, _low) = names(group.put(behaviour, MATH))
    came = answer({"MetricAlarms": [{"AlarmName": high, "Statistic": "Average", "AlarmActions": []}]})
    (shown,) = value_of(passed(behaviour, request("cloudwatch:DescribeAlarms"), came))["MetricAlarms"]
    assert [query["Id"] for query in shown["Metrics"]] == ["e1", "m1"] and "Statistic" not in shown


def described(group, behaviour):
    sent = request("autoscaling:DescribePolicies", AutoScalingGroupName="g")
    members = "".join(
        f"<member><PolicyARN>{policy['PolicyARN']}</PolicyARN><PolicyName>{name}</PolicyName>"
        "<AutoScalingGroupName>g</AutoScalingGroupName>"
        + (
            "<TargetTrackingConfiguration><TargetValue>1.0</TargetValue><CustomizedMetricSpecification>"
            "<MetricName>Depth</MetricName></CustomizedMetricSpecification></TargetTrackingConfiguration>"
            if "TargetTrackingConfiguration" in policy
            else ""
        )
        + "<Alarms>"
        + "".join(f"<member><AlarmName>{alarm['AlarmName']}</AlarmName></member>" for alarm in policy["Alarms"])
        + "</Alarms></member>"
        for name, policy in group.policies.items()
    )
    body = (
        f"<DescribePoliciesResponse><DescribePoliciesResult><ScalingPolicies>{members}</ScalingPolicies>"
        "</DescribePoliciesResult></DescribePoliciesResponse>"
    )
    found = wire.parsed(sent, passed(behaviour, sent, (200, XML, body)))["ScalingPolicies"]
    return {policy["PolicyName"]: (policy["PolicyARN"], names(policy)) for policy in found}


def test_a_description_names_the_alarms_and_the_arn_for_life(group, behaviour):
    group.put(behaviour, ONE_METRIC)
    second = group.put(behaviour, ONE_METRIC, target="2.0")
    group.stored("steps", None)
    assert described(group, behaviour) == {"p": (arn(1), names(second)), "steps": (arn(3, "steps"), [])}


def test_a_policy_of_before_is_taken_over_with_its_alarms(group, behaviour):
    tracking = {"TargetValue": 1.0, "CustomizedMetricSpecification": {"MetricName": "Depth"}}
    group.stored("p", tracking, "TargetTracking-g-AlarmHigh-1", "TargetTracking-g-AlarmLow-2")
    before = ["TargetTracking-g-AlarmHigh-1", "TargetTracking-g-AlarmLow-2"]
    assert described(group, behaviour) == {"p": (arn(1), before)}
    reply = group.put(behaviour, {f"{SPECIFICATION}.MetricName": "Depth"})
    assert (reply["PolicyARN"], names(reply)) == (arn(1), before)
    # The emulator has deleted them by itself.
    assert [*group.alarms] == before


def test_one_of_before_without_alarms_gets_them(group, behaviour):
    group.stored("p", {"TargetValue": 1.0, "CustomizedMetricSpecification": {"MetricName": "Depth"}})
    _arn, made_now = described(group, behaviour)["p"]
    assert [*group.alarms] == made_now and len(made_now) == 2


@pytest.mark.parametrize(
    ("query", "watched"),
    [
        (
            {"Id": "e", "Expression": "1", "Period": 10},
            {"Id": "e", "Expression": "1", "Period": 10, "ReturnData": True},
        ),
        (
            {"Id": "m", "MetricStat": {"Metric": {}, "Stat": "Sum", "Period": 30}, "Period": 10},
            {"Id": "m", "MetricStat": {"Metric": {}, "Stat": "Sum", "Period": 30}, "ReturnData": True},
        ),
        (
            {"Id": "m", "MetricStat": {"Metric": {}, "Stat": "Sum"}, "Period": 10},
            {"Id": "m", "MetricStat": {"Metric": {}, "Stat": "Sum", "Period": 10}, "ReturnData": True},
        ),
    ],
)
def test_the_period_of_a_query(group, behaviour, query, watched):
    # Past the form: not every botocore that is supported knows the period of an expression.
    group.stored("p", {"TargetValue": 1.0, "CustomizedMetricSpecification": {"Metrics": [query]}})
    group.put(behaviour, ONE_METRIC, policy="q")
    assert [alarm["Metrics"] for alarm in group.alarms.values() if "Metrics" in alarm] == [[watched], [watched]]


def test_one_that_was_put_past_the_layer_is_taken_over_again(group, behaviour):
    group.put(behaviour, ONE_METRIC)
    group.stored("p", {"TargetValue": 3.0, "CustomizedMetricSpecification": {"MetricName": "Depth"}})
    found, alarms = described(group, behaviour)["p"]
    assert found == arn(2) and [*group.alarms] == alarms


@pytest.mark.parametrize(
    ("deleted", "left"),
    [
        (request("autoscaling:DeletePolicy", AutoScalingGroupName="g", PolicyName="p"), 2),
        (request("autoscaling:DeleteAutoScalingGroup", AutoScalingGroupName="g"), 0),
        (request("autoscaling:DeletePolicy", AutoScalingGroupName="other", PolicyName="p"), 4),
    ],
)
def test_alarms_go_with_their_policy(group, behaviour, deleted, left):
    group.put(behaviour, ONE_METRIC)
    group.put(behaviour, ONE_METRIC, policy="q")
    passed(behaviour, deleted, (200, XML, "<r/>"))
    assert len(group.alarms) == left


def test_one_that_comes_back_has_another_arn_and_other_alarms(group, behaviour):
    first = group.put(behaviour, ONE_METRIC)
    passed(behaviour, request("autoscaling:DeletePolicy", AutoScalingGroupName="g", PolicyName="p"), (200, XML, "<r/>"))
    del group.policies["p"]
    second = group.put(behaviour, ONE_METRIC)
    assert second["PolicyARN"] == arn(2) and not {*names(second)} & {*names(first)}


def test_a_refusal_is_passed_on():
    behaviour = made(AlarmsOfPolicies, Group())
    came = (400, XML, "<ErrorResponse/>")
    sent = request("autoscaling:PutScalingPolicy", AutoScalingGroupName="g", PolicyName="p", **ONE_METRIC)
    assert passed(behaviour, sent, came) is came
