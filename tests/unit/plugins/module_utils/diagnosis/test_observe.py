# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything is read once for all pools, and what one request meets is no other reading's."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.observe import observe
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.observed import READINGS
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import AwsFailure, Failure, Unusable
from ansible_collections.academy.video_scaling.plugins.module_utils.pool import Pool
from ansible_collections.academy.video_scaling.tests.unit.examples import FUNCTION, GROUP, METRIC, ROOT, other, typed
from ansible_collections.academy.video_scaling.tests.unit.fake_aws import refusal
from ansible_collections.academy.video_scaling.tests.unit.fake_region import Region, nothing
from ansible_collections.academy.video_scaling.tests.unit.observations import (
    AT,
    SINCE,
    activity,
    alarm,
    group,
    healthy,
    instance,
    live_version,
    queue,
    queue_metrics,
    series,
    wanted,
)

PUBLISHER = {
    *("function", "live_version", "aliases", "versions", "reserved_concurrency", "permissions", "role_statements"),
    *("function_metrics", "log_errors", "answer", "rule", "targets"),
}
METRICS = {"queue_metrics", "dead_letter_metrics", "function_metrics", "group_metrics", "metric", "per_instance_metric"}
SECRET = "hunter2"
REFRESHED = "At 2026-02-22T11:00:00Z an instance was taken out of service in response to an instance refresh."


def read(region, *expected, invoke=False):
    """The readings of each pool, by name; of the seed pool alone where no other is given."""
    found = observe(region, expected or [wanted()], SINCE, AT, invoke)
    assert {(one.at, one.since, one.place) for one in found.values()} == {(AT, SINCE, region.place)}
    assert not region.sent
    readings = {name: one.readings for name, one in found.items()}
    return readings if expected else readings["video"]


def failing(readings):
    return {name for name, value in readings.items() if isinstance(value, Failure)}


def asked(region):
    return Counter(operation for operation, params in region.asked)


def test_every_reading_of_a_healthy_pool():
    answers = read(Region())
    assert set(answers) == set(READINGS)
    assert failing(answers) == set()
    assert answers == healthy()


@pytest.mark.parametrize(
    ("reading", "value"),
    [
        ("reserved_concurrency", 0),
        ("log_errors", [(AT.replace(microsecond=0), "[ERROR] NotPublished")]),
        ("alarm_history", [{"AlarmName": alarm("Low")["AlarmName"], "Timestamp": AT, "HistoryData": "{}"}]),
        ("scheduled_actions", [{"AutoScalingGroupName": GROUP, "ScheduledActionName": "night"}]),
        ("activities", [activity("later", AT), activity("sooner", SINCE)]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_the_healthy_pool_has_none_of(reading, value):
    assert read(Region(**{reading: value}))[reading] == value


def test_a_pool_of_which_nothing_is_there():
    gone = nothing()
    answers = read(Region(**{name: value for name, value in gone.items() if name != "answer"}))
    assert failing(answers) == set()
    assert answers == gone


OF_REQUEST = {
    "sqs.get_queue_url": {"queue", "dead_letter_queue"},
    "sqs.get_queue_attributes": {"queue", "dead_letter_queue"},
    "cloudwatch.get_metric_data": METRICS,
    "lambda.get_function_configuration": {"function", "live_version", "role_statements"},
    "lambda.list_aliases": {"aliases"},
    "lambda.list_versions_by_function": {"versions"},
    "lambda.get_function_concurrency": {"reserved_concurrency"},
    "lambda.get_policy": {"permissions"},
    "iam.list_role_policies": {"role_statements"},
    "iam.get_role_policy": {"role_statements"},
    "iam.list_attached_role_policies": {"role_statements"},
    "logs.filter_log_events": {"log_errors"},
    "events.describe_rule": {"rule"},
    "events.list_targets_by_rule": {"targets"},
    "autoscaling.describe_policies": {"policies", "alarms", "alarm_history"},
    "cloudwatch.describe_alarms": {"alarms"},
    "cloudwatch.describe_alarm_history": {"alarm_history"},
    "autoscaling.describe_auto_scaling_groups": {"group", "lifecycle_hooks", "instance_refreshes"},
    "autoscaling.describe_scheduled_actions": {"scheduled_actions"},
    "autoscaling.describe_scaling_activities": {"activities"},
    "autoscaling.describe_lifecycle_hooks": {"lifecycle_hooks"},
    "ssm.get_parameters": {"snapshot", "baseline"},
}


def test_the_rights_that_are_documented_are_those_that_are_needed():
    needed = {operation.partition(".")[2] for operation in OF_REQUEST}
    needed |= {"describe_instance_refreshes", "get_policy", "get_policy_version", "get_caller_identity"}
    chapter = (ROOT / "docs" / "permissions.md").read_text(encoding="utf-8").partition("## Diagnosis")[2]
    documented = set(re.findall(r"`([A-Z]\w+)`", chapter))
    assert documented == {"".join(map(str.title, name.split("_"))) for name in needed} | {"InvokeFunction"}


def read_with(operation, answer):
    """The names of the failed readings; all others are as they were."""
    region = Region()
    region.answers[operation] = answer
    answers = read(region)
    assert {name: answers[name] for name in answers if name not in failing(answers)} == {
        name: value for name, value in healthy().items() if name not in failing(answers)
    }
    return answers, failing(answers)


def test_the_table_has_every_request():
    region = Region()
    read(region)
    assert asked(region).keys() == OF_REQUEST.keys()


@pytest.mark.parametrize("operation", OF_REQUEST)
def test_what_one_request_is_refused_is_no_other_readings(operation):
    refused = AwsFailure("it is denied", "AccessDenied", "the:Action")
    answers, failed = read_with(operation, refused)
    assert failed == OF_REQUEST[operation]
    assert {answers[name].operation for name in failed} == {"the:Action"}


# As a reply looks of which something is missing; an empty list is a good answer.
GARBLED = {
    "sqs.get_queue_url": {},
    "sqs.get_queue_attributes": {},
    "cloudwatch.get_metric_data": [{"Id": "q0"}],
    "lambda.get_function_configuration": {},
    "lambda.list_aliases": [{}],
    "lambda.list_versions_by_function": [{}],
    "lambda.get_policy": {"Policy": "{"},
    "iam.get_role_policy": {"PolicyDocument": "{"},
    "iam.list_attached_role_policies": [{}],
    "logs.filter_log_events": {"events": [{}]},
    "autoscaling.describe_policies": [{}],
    "cloudwatch.describe_alarms": [{}],
    "cloudwatch.describe_alarm_history": [{}],
    "autoscaling.describe_auto_scaling_groups": [{}],
    "autoscaling.describe_scheduled_actions": [{}],
    "autoscaling.describe_scaling_activities": [{"AutoScalingGroupName": GROUP}],
    "autoscaling.describe_lifecycle_hooks": {},
    "ssm.get_parameters": {},
}


@pytest.mark.parametrize("operation", GARBLED)
def test_a_garbled_reply_is_no_other_readings(operation):
    answers, failed = read_with(operation, GARBLED[operation])
    assert failed == OF_REQUEST[operation]
    service = operation.split(".")[0]
    assert {answers[name].operation.split(":")[0] for name in failed} == {service}
    assert all("cannot be read" in str(answers[name]) for name in failed)


def test_without_credentials_nothing_is_read():
    region = Region()
    region.answers["events.describe_rule"] = Unusable("AWS credentials have expired")
    with pytest.raises(Unusable):
        read(region)


def test_what_is_not_answered_in_time_is_named():
    class Slow(Region):
        def each(self, function, keys, counted=True):
            found = super().each(function, keys, counted)
            return {key: AwsFailure("no answer", "NotAnswered") if key[0] == "alarms" else found[key] for key in found}

    failure = read(Slow())["alarms"]
    assert str(failure) == "cloudwatch:DescribeAlarms in ap-northeast-2: no answer"
    assert (failure.code, failure.operation) == ("NotAnswered", "cloudwatch:DescribeAlarms")


# --- what a pool has to do with ---------------------------------------------------------------------------------


def test_a_pool_without_publisher():
    region = Region(queue_metrics=queue_metrics(visible=series(2), in_flight=series(3, minutes=4)))
    answers = read(region, wanted(signal="sqs_total", metric=...))["video"]
    assert set(answers) == set(READINGS) - PUBLISHER - {"per_instance_metric"}
    assert answers["metric"] == series(5, minutes=4)
    assert {operation.split(".")[0] for operation in asked(region)} == {"sqs", "cloudwatch", "autoscaling", "ssm"}


def names_asked_of(region):
    """The published metrics that were asked for."""
    asked_for = [
        query["MetricStat"]["Metric"]
        for operation, params in region.asked
        if operation == "cloudwatch.get_metric_data"
        for query in params["MetricDataQueries"]
    ]
    return {one["MetricName"] for one in asked_for if one["Namespace"] == METRIC["namespace"]}


@pytest.mark.parametrize(
    ("options", "read_as", "names"),
    [
        ({}, series(1), {"VideoQueueDepthTotal", "VideoQueueDepthTotalPerInstance"}),
        ({"metric": {**METRIC, "per_instance_name": "Load"}}, (), {"VideoQueueDepthTotal", "Load"}),
        ({"signal": "published_total"}, None, {"VideoQueueDepthTotal"}),
        ({"signal": "sqs_per_instance"}, None, set()),
    ],
    ids=["per instance", "by another name, which is not there", "a total", "by SQS"],
)
def test_the_value_per_instance_is_read_where_the_publisher_divides(options, read_as, names):
    region = Region()
    answers = read(region, wanted(**options))["video"]
    assert answers.get("per_instance_metric") == read_as
    assert names_asked_of(region) == names


@pytest.mark.parametrize(
    ("attributes", "found"),
    [(queue(), True), (queue(RedrivePolicy=""), False), (None, False)],
    ids=["of the redrive policy", "none", "no queue"],
)
def test_a_dead_letter_queue_that_is_not_declared(attributes, found):
    answers = read(Region(queue=attributes), wanted(dead_letter_queue_name=None))["video"]
    assert failing(answers) == set()
    same = {name: answers[name] == healthy()[name] for name in ("dead_letter_queue", "dead_letter_metrics")}
    assert same == dict.fromkeys(same, found)
    if not found:
        assert (answers["dead_letter_queue"], answers["dead_letter_metrics"]) == (None, {})


@pytest.mark.parametrize("operation", ["sqs.get_queue_attributes", "cloudwatch.get_metric_data"])
def test_a_dead_letter_queue_that_cannot_be_known(operation):
    region = Region()
    region.answers[operation] = refusal("AccessDenied")
    answers = read(region, wanted(dead_letter_queue_name=None))["video"]
    assert isinstance(answers["dead_letter_metrics"], Failure)
    assert isinstance(answers["dead_letter_queue"], Failure) == operation.startswith("sqs")


def test_the_environment_of_a_function_goes_nowhere():
    environment = {"Environment": {"Variables": {"API_KEY": SECRET}}}
    found = {name: live_version(**environment) for name in ("function", "live_version")}
    answers = read(Region(**found, versions=[live_version(**environment)]))
    assert failing(answers) == set()
    assert SECRET not in repr(answers)


@pytest.mark.parametrize(
    ("live", "invoke", "events"),
    [
        (live_version(), True, [(FUNCTION, "live", {"publish": False})]),
        (live_version(), False, []),
        (live_version(Description="by hand"), True, []),
        (None, True, []),
    ],
    ids=["asked", "not asked", "made by hand", "not there"],
)
def test_the_publisher_is_asked_only_on_request(live, invoke, events):
    region = Region(live_version=live, answer={"video_queue_depth_total": 3})
    answers = read(region, wanted(), invoke=invoke)["video"]
    assert region.events == events
    assert answers["answer"] == ({"video_queue_depth_total": 3} if events else None)


@pytest.mark.parametrize(
    ("readings", "needed"),
    [
        ({}, True),
        ({"queue": queue(ApproximateNumberOfMessagesNotVisible=0)}, True),
        (
            {"queue": queue(ApproximateNumberOfMessagesNotVisible=0), "queue_metrics": queue_metrics(in_flight=())},
            False,
        ),
        ({"queue_metrics": queue_metrics(in_flight=series(0))}, True),
        ({"queue": None, "queue_metrics": queue_metrics(in_flight=series(0))}, False),
        ({"group": None}, False),
    ],
    ids=["busy", "was busy", "idle", "is busy", "no queue", "no group"],
)
def test_hooks_are_read_where_work_may_be_lost(readings, needed):
    region = Region(**readings)
    hooks = read(region)["lifecycle_hooks"]
    assert asked(region)["autoscaling.describe_lifecycle_hooks"] == needed
    assert hooks == (healthy()["lifecycle_hooks"] if needed else [])


@pytest.mark.parametrize("operation", ["sqs.get_queue_url", "cloudwatch.get_metric_data"])
def test_hooks_are_read_where_it_is_not_known(operation):
    idle = queue_metrics(in_flight=series(0))
    region = Region(queue=queue(ApproximateNumberOfMessagesNotVisible=0), queue_metrics=idle)
    region.answers[operation] = refusal("AccessDenied")
    assert read(region)["lifecycle_hooks"] == healthy()["lifecycle_hooks"]


@pytest.mark.parametrize(
    ("readings", "needed"),
    [
        ({}, False),
        ({"group": group(NewInstancesProtectedFromScaleIn=True)}, True),
        ({"group": group(Instances=[instance(1), instance(2, ProtectedFromScaleIn=True)])}, True),
        ({"group": group(Instances=[instance(1), instance(2, LifecycleState="Standby")])}, True),
        ({"group": group(SuspendedProcesses=[{"ProcessName": "InstanceRefresh"}])}, True),
        ({"group": group(SuspendedProcesses=[{"ProcessName": "Launch"}])}, False),
        ({"activities": [activity(REFRESHED)]}, True),
        ({"activities": [activity(REFRESHED, SINCE - timedelta(minutes=1))]}, False),
        ({"activities": [activity(REFRESHED, AutoScalingGroupName="other")]}, False),
        ({"group": None}, False),
    ],
    ids=[
        "not",
        "new ones protected",
        "one protected",
        "one on standby",
        "suspended",
        "another suspended",
        "was one",
        "was one before",
        "was one elsewhere",
        "no group",
    ],
)
def test_refreshes_are_read_where_one_may_be_held_up_or_was_there(readings, needed):
    refresh = {"InstanceRefreshId": "r", "Status": "InProgress"}
    region = Region(**readings, instance_refreshes=[refresh])
    refreshes = read(region)["instance_refreshes"]
    assert asked(region)["autoscaling.describe_instance_refreshes"] == needed
    assert refreshes == ([refresh] if needed else [])


# --- a fleet ----------------------------------------------------------------------------------------------------


def fleet(size):
    """Pools that share nothing but the publisher; the first is the seed pool."""
    return [wanted(), *(replace(wanted(), pool=Pool.from_params(numbered(number))) for number in range(1, size))]


def numbered(number):
    return typed(
        other(
            name=f"pool{number}",
            queue_name=f"jobs-{number}",
            dead_letter_queue_name=f"jobs-{number}-dlq",
            auto_scaling_group_name=f"workers-{number}",
            policy_name=f"policy-{number}",
            signal="published_per_instance",
            metric={"namespace": "Academy", "name": "Depth", "dimensions": {"Pool": f"pool{number}"}},
        )
    )


def test_only_queues_cost_requests_of_their_own():
    region = Region()
    answers = read(region, *fleet(200))
    assert {name for name, readings in answers.items() if failing(readings)} == set()
    times = asked(region)
    # Those of the other pools are not there, which GetQueueUrl says.
    assert times.pop("sqs.get_queue_url") == 400
    assert times.pop("sqs.get_queue_attributes") == 2
    batched = {
        # 1800 queues' and groups' and 400 published metrics and 4 of the publisher, 500 to a request.
        "cloudwatch.get_metric_data": -(-(200 * 11 + 4) // 500),
        "autoscaling.describe_auto_scaling_groups": 2,
        "ssm.get_parameters": 40,
    }
    single = Region()
    read(single)
    alone = asked(single)
    assert times == {name: batched.get(name, alone[name]) for name in alone if not name.startswith("sqs")}


def test_each_pool_of_a_fleet_has_its_own():
    region = Region()
    answers = read(region, *fleet(3))
    assert answers["video"] == healthy()
    shared = PUBLISHER - {"answer"}
    gone = {**nothing(), **{name: healthy()[name] for name in shared}}
    assert answers["pool1"] == answers["pool2"] == gone
    unfiltered = {
        operation: params
        for operation, params in region.asked
        if operation.startswith("autoscaling") and "hook" not in operation
    }
    assert not any("AutoScalingGroupName" in params for params in unfiltered.values())


def test_pools_that_share_a_queue_and_a_group_share_the_readings():
    region = Region()
    second = replace(wanted(), pool=replace(wanted().pool, name="second", policy_name="second"))
    answers = read(region, wanted(), second)
    video, other = answers["video"], answers["second"]
    assert {**other, **{name: video[name] for name in ("snapshot", "baseline")}} == video
    assert (other["snapshot"], other["baseline"]) == (None, None)
    assert asked(region)["sqs.get_queue_url"] == 2


def test_alarms_and_their_changes_are_those_of_the_groups_policies():
    own, foreign = alarm("High"), alarm("High", AlarmName="foreign", AlarmActions=["arn:other"])
    changes = [{"AlarmName": name, "Timestamp": AT} for name in (own["AlarmName"], "foreign", "acting")]
    acting = alarm("High", AlarmName="acting")
    region = Region(alarms=[own, foreign, acting], alarm_history=changes)
    answers = read(region)
    assert answers["alarms"] == [own, acting]
    assert [change["AlarmName"] for change in answers["alarm_history"]] == [own["AlarmName"], "acting"]


def test_changes_of_alarms_are_read_where_the_alarms_may_not_be():
    name = alarm("High")["AlarmName"]
    region = Region(alarm_history=[{"AlarmName": name, "Timestamp": AT}])
    region.answers["cloudwatch.describe_alarms"] = refusal("AccessDenied")
    assert [change["AlarmName"] for change in read(region)["alarm_history"]] == [name]


def test_a_group_without_policies_has_no_alarms_to_ask_for():
    region = Region(policies=[], alarms=[alarm("High")])
    assert read(region)["alarms"] == []
    assert not {"cloudwatch.describe_alarms", "cloudwatch.describe_alarm_history"} & asked(region).keys()
