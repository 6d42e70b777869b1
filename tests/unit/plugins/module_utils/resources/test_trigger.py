# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Of an alarm only its action on a policy is written; every other field goes back as it came."""

from __future__ import annotations

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.plan import Reply
from ansible_collections.academy.video_scaling.plugins.module_utils.resources import trigger
from ansible_collections.academy.video_scaling.plugins.module_utils.resources.trigger import Trigger
from ansible_collections.academy.video_scaling.tests.unit.fake_aws import FakeAws, require_valid
from botocore.session import Session

PART = ":autoScalingGroupName/workers:policyName/out"
ARN, GONE = f"arn:aws:autoscaling:x:1:scalingPolicy:new{PART}", f"arn:aws:autoscaling:x:1:scalingPolicy:old{PART}"
TOPIC = "arn:aws:sns:x:1:pages"
# What PutMetricAlarm takes of it.
PUT = {
    "AlarmName": "jobs",
    "AlarmDescription": "more jobs than workers",
    "ActionsEnabled": True,
    "AlarmActions": [TOPIC, ARN],
    "MetricName": "Depth",
    "Namespace": "Jobs",
    "Statistic": "Maximum",
    "Dimensions": [{"Name": "Queue", "Value": "jobs"}],
    "Period": 60,
    "EvaluationPeriods": 1,
    "Threshold": 0.0,
    "ComparisonOperator": "GreaterThanThreshold",
    "TreatMissingData": "notBreaching",
}
ALARM = {
    **PUT,
    "AlarmArn": "arn:aws:cloudwatch:x:1:alarm:jobs",
    "OKActions": [],
    "InsufficientDataActions": [],
    "StateValue": "OK",
    "StateReason": "fine",
}


@pytest.mark.parametrize(
    ("alarms", "found"),
    [
        ([ALARM], [Trigger("jobs", ("AlarmActions",))]),
        ([{**ALARM, "OKActions": [ARN]}], [Trigger("jobs", ("AlarmActions", "OKActions"))]),
        ([{**ALARM, "AlarmActions": [GONE]}], []),
        ([{**ALARM, "AlarmName": "b"}, {**ALARM, "AlarmName": "a"}], [Trigger(n, ("AlarmActions",)) for n in "ab"]),
        ([], []),
    ],
    ids=["one", "in two states", "of another policy", "two", "none"],
)
def test_the_alarms_that_act_on_a_policy(alarms, found):
    assert trigger.of_policy(ARN, alarms) == tuple(found)


def test_a_policy_without_an_arn_has_no_trigger():
    assert trigger.of_policy(None, [ALARM]) == ()


@pytest.mark.parametrize("actions", [[], [TOPIC], [TOPIC, GONE], [TOPIC, GONE, ARN]], ids=len)
def test_the_action_comes_back_once_and_every_other_field_stays(actions):
    alarm = {**ALARM, "AlarmActions": actions}
    changed = trigger.with_action(alarm, Trigger("jobs", ("AlarmActions",)), ARN, PART)
    request = trigger.to_request(changed)
    assert request.params == {**PUT, "AlarmActions": [*([TOPIC] if TOPIC in actions else []), ARN]}
    require_valid(request.service, request.operation, request.params)
    assert trigger.acts_on(changed, Trigger("jobs", ("AlarmActions",)), ARN)


def test_an_arn_that_is_not_known_yet_is_filled_in_when_it_is_sent():
    changed = trigger.with_action(ALARM, Trigger("jobs", ("AlarmActions",)), Reply("policy out", "PolicyARN"), PART)
    assert changed["AlarmActions"] == [TOPIC, Reply("policy out", "PolicyARN")]


def test_whatever_is_returned_of_an_alarm_can_be_put():
    """A field that AWS adds makes this fail, instead of being lost at the next rollback."""
    model = Session().get_service_model("cloudwatch")
    put = set(model.operation_model("PutMetricAlarm").input_shape.members) - {"Tags"}
    returned = set(model.shape_for("MetricAlarm").members)
    assert returned - put == set(trigger.NOT_PUT)
    assert put - returned == set()


def test_alarms_are_asked_for_by_action_and_by_name():
    aws = FakeAws({"cloudwatch.describe_alarms": [ALARM]})
    assert trigger.find(aws, [ARN], [f"alarm-{n}" for n in range(150)]) == {"jobs": ALARM}
    asked = [params for _name, params in aws.asked]
    assert [params.get("ActionPrefix") for params in asked] == [ARN, None, None]
    assert [len(params.get("AlarmNames", ())) for params in asked] == [0, 100, 50]


def test_nothing_is_asked_for_nobody():
    aws = FakeAws()
    assert (trigger.find(aws, [], []), aws.asked) == ({}, [])


def test_only_alarms_that_fire_below_are_those_that_scale_in():
    low = {**ALARM, "AlarmName": "low", "ComparisonOperator": "LessThanThreshold", "Threshold": 0.7}
    aws = FakeAws({"cloudwatch.describe_alarms": [ALARM, low]})
    assert trigger.low_thresholds(aws, ["jobs", "low"]) == {"low": 0.7}
