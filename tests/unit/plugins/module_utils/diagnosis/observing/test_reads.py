# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each request by itself: what it asks, when it stops asking, and what is not there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.observing import reads
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import AwsFailure, Failure
from ansible_collections.academy.video_scaling.tests.unit.examples import FUNCTION, GROUP, PLACE
from ansible_collections.academy.video_scaling.tests.unit.fake_aws import FakeAws, refusal
from ansible_collections.academy.video_scaling.tests.unit.observations import (
    AT,
    POLICY_ARN,
    ROLE,
    SINCE,
    activity,
    alarm,
    live_version,
    policy,
)

NO_GROUP = refusal("ValidationError", "AutoScalingGroup name not found")


class Counted:
    """The items, and how many of them were asked for."""

    def __init__(self, items):
        self.items, self.taken = list(items), 0

    def __call__(self, params) -> Iterator:
        for item in self.items:
            self.taken += 1
            yield item


@pytest.mark.parametrize(
    ("names", "batches"),
    [([], []), (["a", "b", "a", "c"], [("a", "b"), ("c",)])],
    ids=["none", "each once"],
)
def test_batches(names, batches):
    assert reads.in_batches(names, 2) == batches


# --- queues -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("gone", ["QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue"])
@pytest.mark.parametrize("operation", ["sqs.get_queue_url", "sqs.get_queue_attributes"])
def test_a_queue_that_is_not_there(operation, gone):
    answers = {"sqs.get_queue_url": {"QueueUrl": "u"}, "sqs.get_queue_attributes": {"Attributes": {}}}
    assert reads.queue_attributes(FakeAws({**answers, operation: refusal(gone)}), "jobs") is None
    with pytest.raises(AwsFailure):
        reads.queue_attributes(FakeAws({**answers, operation: refusal("AccessDenied")}), "jobs")


@pytest.mark.parametrize(
    ("attributes", "name"),
    [
        (None, None),
        ({}, None),
        ({"RedrivePolicy": ""}, None),
        ({"RedrivePolicy": json.dumps({"deadLetterTargetArn": PLACE.queue_arn("dead"), "maxReceiveCount": 3})}, "dead"),
    ],
    ids=["no queue", "no policy", "an empty one", "named"],
)
def test_the_queue_that_the_redrive_policy_names(attributes, name):
    assert reads.dead_letter_queue_name(attributes) == name


# --- the publisher ----------------------------------------------------------------------------------------------


def test_versions_are_the_published_ones_without_their_environment():
    found = [live_version(Version=version, Environment={"Variables": {"KEY": "x"}}) for version in ("$LATEST", "1")]
    assert reads.versions(FakeAws({"lambda.list_versions_by_function": found}), FUNCTION) == [live_version(Version="1")]


def test_the_statements_of_a_role_are_those_of_all_its_policies():
    inline = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}}
    managed = {"Statement": [{"Effect": "Deny", "Action": ["b:B", "a:A"], "Resource": ["*"]}]}
    versions = {"arn:aws:iam::aws:policy/one": "v3", "arn:aws:iam::aws:policy/removed": None}

    def of(params):
        version = versions[params["PolicyArn"]]
        return {"Policy": {"DefaultVersionId": version}} if version else refusal("NoSuchEntity")

    aws = FakeAws(
        {
            "iam.list_role_policies": ["first", "removed"],
            "iam.get_role_policy": lambda params: (
                {"RoleName": ROLE, "PolicyName": "first", "PolicyDocument": json.dumps(inline)}
                if params["PolicyName"] == "first"
                else refusal("NoSuchEntity")
            ),
            "iam.list_attached_role_policies": [{"PolicyArn": arn} for arn in versions],
            "iam.get_policy": of,
            "iam.get_policy_version": {"PolicyVersion": {"Document": managed}},
        }
    )
    assert reads.role_statements(aws, live_version()) == [
        {"Action": ["sqs:*"], "Effect": "Allow", "Resource": ["*"]},
        {"Action": ["a:A", "b:B"], "Effect": "Deny", "Resource": ["*"]},
    ]
    assert ("iam.get_policy_version", {"PolicyArn": "arn:aws:iam::aws:policy/one", "VersionId": "v3"}) in aws.asked
    assert {params["RoleName"] for operation, params in aws.asked if "role" in operation} == {ROLE}


@pytest.mark.parametrize("found", [None, live_version()], ids=["no function", "no role"])
def test_a_role_that_is_not_there(found):
    gone = refusal("NoSuchEntity")
    aws = FakeAws({"iam.list_role_policies": gone, "iam.list_attached_role_policies": gone})
    assert reads.role_statements(aws, found) == []
    assert bool(aws.asked) == bool(found)


@pytest.mark.parametrize(
    ("found", "group"),
    [
        (None, f"/aws/lambda/{FUNCTION}"),
        (live_version(), f"/aws/lambda/{FUNCTION}"),
        (live_version(LoggingConfig={"LogGroup": "shared"}), "shared"),
    ],
    ids=["no function", "the usual", "another"],
)
def test_the_last_errors_of_the_log(found, group):
    times = [SINCE + timedelta(seconds=number) for number in range(150)]
    lines = [{"timestamp": int(at.timestamp() * 1000), "message": f"{at}\n"} for at in times]
    pages = {None: (lines[:60], "a"), "a": ([], "b"), "b": (lines[60:], "b")}

    def page(params):
        events, following = pages[params.get("nextToken")]
        return {"events": events, "nextToken": following}

    aws = FakeAws({"logs.filter_log_events": page})
    errors = reads.log_errors(aws, FUNCTION, found, SINCE)
    assert errors == [(at, str(at)) for at in times[50:]]
    # The last page names itself as the next one, which ends it.
    assert [params.get("nextToken") for dummy, params in aws.asked] == [None, "a", "b"]
    params = aws.asked[0][1]
    assert (params["logGroupName"], params["startTime"]) == (group, int(SINCE.timestamp() * 1000))


# --- groups -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("read", "operation"),
    [
        (reads.policies, "describe_policies"),
        (reads.scheduled_actions, "describe_scheduled_actions"),
        (lambda aws, names: reads.activities(aws, names, SINCE), "describe_scaling_activities"),
    ],
    ids=["policies", "scheduled actions", "activities"],
)
def test_one_group_is_asked_for_by_name_and_several_together(read, operation):
    items = [{**activity("x"), "AutoScalingGroupName": name} for name in ("a", "b", "foreign")]
    for names, asked in ((["a"], {"AutoScalingGroupName": "a", "MaxRecords": 100}), (["a", "b"], {"MaxRecords": 100})):
        aws = FakeAws({f"autoscaling.{operation}": items})
        assert [item["AutoScalingGroupName"] for item in read(aws, names)] == names
        assert aws.asked == [(f"autoscaling.{operation}", asked)]
    assert read(FakeAws({f"autoscaling.{operation}": NO_GROUP}), ["a"]) == []
    with pytest.raises(AwsFailure):
        read(FakeAws({f"autoscaling.{operation}": NO_GROUP}), ["a", "b"])


def before(count, **changes):
    """Activities of before the window."""
    return [activity(str(n), SINCE - timedelta(minutes=n + 1), **changes) for n in range(count)]


@pytest.mark.parametrize(
    ("items", "taken"),
    [
        (before(300), 101),
        ([activity(str(n), AT - timedelta(seconds=n)) for n in range(250)] + before(300), 251),
        ([activity("x", AT)] * 5000, reads.MOST_ACTIVITIES),
    ],
    ids=["a page at least", "all of the window", "not without end"],
)
def test_activities_end_with_the_window(items, taken):
    counted = Counted(items)
    found = reads.activities(FakeAws({"autoscaling.describe_scaling_activities": counted}), [GROUP], SINCE)
    assert counted.taken == taken
    assert found == sorted(found, key=lambda one: one["StartTime"], reverse=True)


def test_an_activity_under_way_is_no_end():
    open_ones = before(150)
    for one in open_ones:
        del one["EndTime"]
    newest = activity("newest", AT)
    found = reads.activities(FakeAws({"autoscaling.describe_scaling_activities": [*open_ones, newest]}), [GROUP], SINCE)
    assert found[0] == newest and len(found) == 151


@pytest.mark.parametrize("read", [reads.lifecycle_hooks, reads.instance_refreshes], ids=["hooks", "refreshes"])
def test_a_group_that_is_gone_meanwhile(read):
    for operation in ("describe_lifecycle_hooks", "describe_instance_refreshes"):
        aws = FakeAws({f"autoscaling.{operation}": NO_GROUP})
        if operation.endswith(read.__name__):
            assert read(aws, GROUP) == []


# --- alarms -----------------------------------------------------------------------------------------------------


def of_alarms(params, every):
    named = params.get("AlarmNames")
    acts = params.get("ActionPrefix")
    return [
        one
        for one in every
        if (named and one["AlarmName"] in named) or (acts and any(arn.startswith(acts) for arn in one["AlarmActions"]))
    ]


def alarms(live, *every):
    aws = FakeAws({"cloudwatch.describe_alarms": lambda params: of_alarms(params, every)})
    found = reads.alarms(aws, live)
    return [one["AlarmName"] for one in found], [params for dummy, params in aws.asked]


def test_alarms_that_a_policy_names_and_alarms_that_act_on_it():
    named = alarm("High", AlarmActions=[])
    acting = alarm("High", AlarmName="acting")
    foreign = alarm("High", AlarmName="foreign", AlarmActions=[POLICY_ARN.replace("0d1f", "ffff")])
    found, asked = alarms([policy()], named, acting, foreign)
    assert found == [named["AlarmName"], "acting"]
    assert [set(params) - {"AlarmTypes", "MaxRecords"} for params in asked] == [{"AlarmNames"}, {"ActionPrefix"}]


def test_the_alarms_of_many_policies_take_few_requests():
    live, every = [], []
    for number in range(150):
        arn = POLICY_ARN.replace("0d1f", f"{number:04x}")
        names = [f"alarm-{number}-{kind}" for kind in ("high", "low")]
        every += [alarm("High", AlarmName=name, AlarmActions=[arn]) for name in names]
        live.append(policy(PolicyARN=arn, Alarms=[{"AlarmName": name} for name in names]))
    every.append(alarm("High", AlarmName="foreign", AlarmActions=[POLICY_ARN.replace("0d1f", "ffff")]))
    found, asked = alarms(live, *every)
    assert found == [one["AlarmName"] for one in every[:-1]]
    assert [len(params["AlarmNames"]) for params in asked[:-1]] == [100, 100, 100]
    assert asked[-1]["ActionPrefix"] == f"arn:aws:autoscaling:{PLACE.region}:{PLACE.account_id}:scalingPolicy:"


@pytest.mark.parametrize(
    ("count", "asked"), [(0, []), (2, ["alarm-0", "alarm-1"]), (11, [None])], ids=["none", "few", "many"]
)
def test_changes_of_state(count, asked):
    names = [f"alarm-{number}" for number in range(count)]
    times = [AT - timedelta(minutes=number) for number in range(count)]
    every = [{"AlarmName": name, "Timestamp": at} for name, at in zip(names, times, strict=True)]
    every.append({"AlarmName": "foreign", "Timestamp": AT})
    aws = FakeAws(
        {
            "cloudwatch.describe_alarm_history": lambda params: [
                one for one in reversed(every) if params.get("AlarmName") in (None, one["AlarmName"])
            ]
        }
    )
    found = reads.alarm_history(aws, names, SINCE, AT)
    assert [change["AlarmName"] for change in found] == names
    assert [params.get("AlarmName") for dummy, params in aws.asked] == asked
    for _operation, params in aws.asked:
        assert (params["HistoryItemType"], params["StartDate"]) == ("StateUpdate", SINCE)
        assert params["EndDate"] > AT


def test_changes_of_state_are_not_read_without_end():
    counted = Counted({"AlarmName": "a", "Timestamp": AT} for dummy in range(20_000))
    # Cut off, they would look complete to every alarm.
    with pytest.raises(Failure, match="choose a shorter since, or fewer pools"):
        reads.alarm_history(FakeAws({"cloudwatch.describe_alarm_history": counted}), ["a"], SINCE, AT)
    assert counted.taken == reads.MOST_OF_REGION + 1


# --- snapshots --------------------------------------------------------------------------------------------------


def test_a_parameter_that_holds_no_snapshot_is_named():
    found = [{"Name": "/video_scaling/g/p", "Version": 4, "Value": "x"}]
    snapshots = reads.snapshots(FakeAws({"ssm.get_parameters": {"Parameters": found}}), ["/video_scaling/g/p"])
    assert isinstance(snapshots["/video_scaling/g/p"], Failure)
    assert "parameter /video_scaling/g/p, version 4: it is no snapshot" in str(snapshots["/video_scaling/g/p"])
