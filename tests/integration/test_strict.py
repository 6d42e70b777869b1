# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each behaviour of the stricter AWS alone, as boto3 meets it in front of a real emulator."""

from __future__ import annotations

import contextlib
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_aws import seed, strict
from local_aws.emulator import ACCOUNT, REGION, Emulator
from tests.integration.account import account_in

MakeClient = Callable[[str], Any]

FUNCTION = "one"
ARN = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{FUNCTION}"
ROLE = "one-role"
ALLOW = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}
TRUST = json.dumps({"Version": "2012-10-17", "Statement": [ALLOW]})
RIGHTS = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sqs:ListQueues", "Resource": "*"}]}
QUEUE = "one-queue"
PARAMETER = "/one/parameter"
STEPS = {"PolicyType": "StepScaling", "AdjustmentType": "ChangeInCapacity"}
STEPS_OUT: dict[str, Any] = {**STEPS, "StepAdjustments": [{"MetricIntervalLowerBound": 0.0, "ScalingAdjustment": 2}]}
ALARM = {"Statistic": "Maximum", "Period": 60, "EvaluationPeriods": 2, "Threshold": 10.0}
ALARM_OF_QUEUE: dict[str, Any] = {
    **ALARM,
    "Namespace": "AWS/SQS",
    "MetricName": "ApproximateNumberOfMessagesVisible",
    "Dimensions": [{"Name": "QueueName", "Value": QUEUE}],
    "ComparisonOperator": "GreaterThanOrEqualToThreshold",
    "TreatMissingData": "notBreaching",
}
CONFIGURATION_UPDATED = "AlarmConfigurationUpdatedTimestamp"
MATH = [
    {"Id": "e1", "Expression": "m1 + m2", "Label": "depth"},
    *(
        {
            "Id": name,
            "MetricStat": {
                "Metric": {
                    "Namespace": "AWS/SQS",
                    "MetricName": f"ApproximateNumberOfMessages{kind}",
                    "Dimensions": [{"Name": "QueueName", "Value": QUEUE}],
                },
                "Stat": "Sum",
            },
            "ReturnData": False,
        }
        for name, kind in (("m1", "Visible"), ("m2", "NotVisible"))
    ),
]


@contextlib.contextmanager
def only(ministack: Emulator, *behaviours: str, **settings: Any) -> Iterator[MakeClient]:
    with account_in(ministack, behaviours, strict.Settings(**settings)) as account:
        yield account.strict_client


def code(body: str = "def handler(event, context): return event") -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(zipfile.ZipInfo("code.py", (1980, 1, 1, 0, 0, 0)), body)
    return packed.getvalue()


def create_function(client: MakeClient, role: str = "other-role", **more: Any) -> dict[str, Any]:
    created: dict[str, Any] = client("lambda").create_function(
        **{
            "FunctionName": FUNCTION,
            "Runtime": "python3.12",
            "Handler": "code.handler",
            "Code": {"ZipFile": code()},
            "Role": f"arn:aws:iam::{ACCOUNT}:role/{role}",
            **more,
        }
    )
    return created


def refused(call: Callable[..., Any], **params: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as raised:
        call(**params)
    return raised.value.response["Error"]["Code"], raised.value.response["Error"]["Message"]


def track(client: MakeClient, target: float = 1.0, metric: str = "Depth", scale_in: bool = True, **custom: Any) -> Any:
    """Puts a target-tracking policy: over one metric, or over `Metrics`."""
    followed = custom or {"Namespace": "N", "MetricName": metric, "Statistic": "Average"}
    configuration = {"CustomizedMetricSpecification": followed, "TargetValue": target, "DisableScaleIn": not scale_in}
    return client("autoscaling").put_scaling_policy(
        AutoScalingGroupName=seed.GROUP,
        PolicyName="tracking",
        PolicyType="TargetTrackingScaling",
        TargetTrackingConfiguration=configuration,
    )


def policies(client: MakeClient) -> dict[str, dict[str, Any]]:
    found = client("autoscaling").describe_policies(AutoScalingGroupName=seed.GROUP)["ScalingPolicies"]
    return {policy["PolicyName"]: policy for policy in found}


def alarms(client: MakeClient, **chosen: Any) -> dict[str, dict[str, Any]]:
    return {alarm["AlarmName"]: alarm for alarm in client("cloudwatch").describe_alarms(**chosen)["MetricAlarms"]}


def test_every_behaviour_has_its_test():
    tests = {name.removeprefix("test_") for name in globals() if name.startswith("test_")}
    for name in strict.BEHAVIOURS:
        assert any(test.startswith(name) for test in tests), f"{name} is not tried alone"


def test_not_found_after_create(ministack):
    with only(ministack, "not_found_after_create") as client:
        create_function(client)
        aws = client("lambda")
        assert refused(aws.get_function, FunctionName=FUNCTION) == (
            "ResourceNotFoundException",
            f"Function not found: {ARN}",
        )
        permission = {"StatementId": "s", "Action": "lambda:InvokeFunction", "Principal": "events.amazonaws.com"}
        assert refused(aws.add_permission, FunctionName=FUNCTION, **permission)[0] == "ResourceNotFoundException"
        assert aws.get_function_configuration(FunctionName=FUNCTION)["FunctionName"] == FUNCTION
        aws.create_alias(FunctionName=FUNCTION, Name="live", FunctionVersion="$LATEST")
        assert refused(aws.get_alias, FunctionName=FUNCTION, Name="live") == (
            "ResourceNotFoundException",
            f"Cannot find alias arn: {ARN}:live",
        )
        alias = {"FunctionName": FUNCTION, "Qualifier": "live"}
        assert refused(aws.add_permission, **alias, **permission)[0] == "ResourceNotFoundException"
        aws.add_permission(**alias, **permission)
        aws.update_alias(FunctionName=FUNCTION, Name="live", Description="there")

        iam = client("iam")
        iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=TRUST)
        put = {"RoleName": ROLE, "PolicyName": "p", "PolicyDocument": json.dumps(RIGHTS)}
        assert refused(iam.put_role_policy, **put) == (
            "NoSuchEntity",
            f"The role with name {ROLE} cannot be found.",
        )
        assert refused(iam.put_role_policy, **put)[0] == "NoSuchEntity"
        iam.put_role_policy(**put)


def test_function_states_of_a_new_function(ministack):
    with only(ministack, "function_states") as client:
        created = create_function(client)
        aws = client("lambda")
        assert (created["State"], created["StateReasonCode"]) == ("Pending", "Creating")
        pending = "The operation cannot be performed at this time. The function is currently in the following state: "
        assert refused(aws.publish_version, FunctionName=FUNCTION) == ("ResourceConflictException", f"{pending}Pending")
        found = aws.get_function(FunctionName=FUNCTION)["Configuration"]
        assert (found["State"], found["RevisionId"]) == ("Pending", created["RevisionId"])
        settled = aws.get_function_configuration(FunctionName=FUNCTION)
        assert (settled["State"], settled["LastUpdateStatus"]) == ("Active", "Successful")
        assert settled["RevisionId"] != created["RevisionId"]
        stale = {"FunctionName": FUNCTION, "RevisionId": created["RevisionId"]}
        assert refused(aws.publish_version, **stale)[0] == "PreconditionFailedException"
        version = aws.publish_version(FunctionName=FUNCTION, RevisionId=settled["RevisionId"])
        assert (version["Version"], version["State"]) == ("1", "Pending")


def test_function_states_of_a_version(ministack):
    with only(ministack, "function_states", pace=3) as client:
        create_function(client)
        aws = client("lambda")
        aws.get_waiter("function_active_v2").wait(FunctionName=FUNCTION, WaiterConfig={"Delay": 0})
        aws.publish_version(FunctionName=FUNCTION)
        alias = {"FunctionName": FUNCTION, "Name": "live", "FunctionVersion": "1"}
        assert refused(aws.create_alias, **alias)[0] == "ResourceConflictException"
        assert refused(aws.invoke, FunctionName=FUNCTION, Qualifier="1")[0] == "ResourceConflictException"
        version = {"FunctionName": FUNCTION, "Qualifier": "1"}
        assert aws.get_function_configuration(**version)["State"] == "Pending"
        aws.get_waiter("published_version_active").wait(**version, WaiterConfig={"Delay": 0})
        aws.create_alias(**alias)
        # Nothing has changed, so it is the version of before, which has been active for long.
        again = aws.publish_version(FunctionName=FUNCTION)
        assert (again["Version"], again["State"]) == ("1", "Active")
        assert json.loads(aws.invoke(FunctionName=FUNCTION, Qualifier="live", Payload=b"1")["Payload"].read()) == 1


def test_function_states_of_an_update(ministack):
    with only(ministack, "function_states") as client:
        create_function(client)
        aws = client("lambda")
        waiter = aws.get_waiter("function_active_v2")
        waiter.wait(FunctionName=FUNCTION, WaiterConfig={"Delay": 0})
        updated = aws.update_function_configuration(FunctionName=FUNCTION, Timeout=9)
        assert (updated["State"], updated["LastUpdateStatus"]) == ("Active", "InProgress")
        refusal = (
            "ResourceConflictException",
            f"The operation cannot be performed at this time. An update is in progress for resource: {ARN}",
        )
        assert refused(aws.update_function_code, FunctionName=FUNCTION, ZipFile=code("other")) == refusal
        assert refused(aws.publish_version, FunctionName=FUNCTION) == refusal
        stale = {"FunctionName": FUNCTION, "RevisionId": updated["RevisionId"]}
        assert refused(aws.update_function_configuration, Timeout=8, **stale)[0] == "PreconditionFailedException"
        settled = aws.get_function_configuration(FunctionName=FUNCTION)
        assert (settled["Timeout"], settled["LastUpdateStatus"]) == (9, "Successful")
        revision = settled["RevisionId"]
        changed = aws.update_function_code(FunctionName=FUNCTION, ZipFile=code("other"), RevisionId=revision)
        assert changed["LastUpdateStatus"] == "InProgress"
        aws.get_waiter("function_updated_v2").wait(FunctionName=FUNCTION, WaiterConfig={"Delay": 0})


def test_role_propagation(ministack):
    with only(ministack, "role_propagation") as client:
        client("iam").create_role(RoleName=ROLE, AssumeRolePolicyDocument=TRUST)
        refusal = (
            "InvalidParameterValueException",
            "The role defined for the function cannot be assumed by Lambda.",
        )
        assert refused(create_function, client=client, role=ROLE) == refusal
        create_function(client, role="of-old")
        moved = {"FunctionName": FUNCTION, "Role": f"arn:aws:iam::{ACCOUNT}:role/{ROLE}"}
        assert refused(client("lambda").update_function_configuration, **moved) == refusal
        client("lambda").update_function_configuration(**moved)


def test_queue_attributes_late(ministack):
    with only(ministack, "queue_attributes_late", pace=1) as client:
        sqs = client("sqs")
        of_old = {"VisibilityTimeout": "30", "MessageRetentionPeriod": "345600"}
        url = sqs.create_queue(QueueName=QUEUE, Attributes=of_old)["QueueUrl"]
        policy = json.dumps({"maxReceiveCount": 3, "deadLetterTargetArn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:dead"})
        sqs.create_queue(QueueName="dead")
        sqs.set_queue_attributes(
            QueueUrl=url,
            Attributes={"VisibilityTimeout": "60", "MessageRetentionPeriod": "1209600", "RedrivePolicy": policy},
        )
        names = ["VisibilityTimeout", "MessageRetentionPeriod", "RedrivePolicy"]

        def shown() -> list[str | None]:
            found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
            return [found.get(name) for name in names]

        assert shown() == ["30", "345600", None]
        assert shown() == ["60", "345600", policy]
        assert shown() == ["60", "1209600", policy]


def test_parameter_versions_late(ministack):
    with only(ministack, "parameter_versions_late", pace=1) as client:
        ssm = client("ssm")
        ssm.put_parameter(Name=PARAMETER, Value="first", Type="String")
        assert refused(ssm.get_parameter, Name=PARAMETER)[0] == "ParameterNotFound"
        assert ssm.get_parameter(Name=PARAMETER)["Parameter"]["Value"] == "first"
        ssm.put_parameter(Name=PARAMETER, Value="second", Type="String", Overwrite=True)
        assert [one["Value"] for one in ssm.get_parameter_history(Name=PARAMETER)["Parameters"]] == ["first"]
        assert [one["Version"] for one in ssm.get_parameter_history(Name=PARAMETER)["Parameters"]] == [1, 2]
        ssm.put_parameter(Name=PARAMETER, Value="third", Type="String", Overwrite=True)
        late = ssm.get_parameters(Names=[PARAMETER, "/other"])
        assert [(one["Value"], one["Version"]) for one in late["Parameters"]] == [("second", 2)]
        assert late["InvalidParameters"] == ["/other"]
        assert ssm.get_parameters(Names=[PARAMETER])["Parameters"][0]["Value"] == "third"


def test_parameter_limit(ministack):
    with only(ministack, "parameter_limit") as client:
        ssm = client("ssm")
        for number in range(103):
            ssm.put_parameter(Name=PARAMETER, Value=str(number), Type="String", Overwrite=True)
        pages = list(ssm.get_paginator("get_parameter_history").paginate(Name=PARAMETER))
        assert [one["Version"] for page in pages for one in page["Parameters"]] == list(range(4, 104))
        assert refused(ssm.get_parameter, Name=f"{PARAMETER}:3")[0] == "ParameterVersionNotFound"
        assert ssm.get_parameter(Name=f"{PARAMETER}:4")["Parameter"]["Value"] == "3"
        ssm.label_parameter_version(Name=PARAMETER, ParameterVersion=4, Labels=["kept"])
        put = {"Name": PARAMETER, "Value": "104", "Type": "String", "Overwrite": True}
        assert refused(ssm.put_parameter, **put)[0] == "ParameterMaxVersionLimitExceeded"


def test_missing_group_or_policy(ministack):
    with only(ministack, "missing_group_or_policy") as client:
        autoscaling = client("autoscaling")
        group = {"AutoScalingGroupName": "nobody"}
        missing = "AutoScalingGroup name not found - AutoScalingGroup nobody not found"
        assert refused(autoscaling.put_scaling_policy, **group, PolicyName="p", **STEPS_OUT) == (
            "ValidationError",
            missing,
        )
        metrics = {**group, "Granularity": "1Minute"}
        assert refused(autoscaling.enable_metrics_collection, **metrics) == ("ValidationError", missing)
        assert refused(autoscaling.describe_policies, **group) == ("ValidationError", "Group nobody not found")
        seed.make_group(client)
        there = {"AutoScalingGroupName": seed.GROUP}
        assert refused(autoscaling.delete_policy, **there, PolicyName="p")[0] == "ValidationError"
        autoscaling.delete_policy(**there, PolicyName=seed.OLD_POLICY)
        assert policies(client) == {}


def test_delete_policy_removes_alarm_action(ministack):
    with only(ministack, "delete_policy_removes_alarm_action") as client:
        seed.make_group(client)
        arns = {
            name: client("autoscaling").put_scaling_policy(
                AutoScalingGroupName=seed.GROUP, PolicyName=name, **STEPS_OUT
            )["PolicyARN"]
            for name in ("steps", "others")
        }
        client("cloudwatch").put_metric_alarm(
            AlarmName="deep", AlarmActions=[*arns.values()], OKActions=[arns["steps"]], **ALARM_OF_QUEUE
        )
        before = alarms(client)["deep"]
        client("autoscaling").delete_policy(AutoScalingGroupName=seed.GROUP, PolicyName="steps")
        after = alarms(client)["deep"]
        assert (after["AlarmActions"], after["OKActions"]) == ([arns["others"]], [])
        changed = {name for name in before if before[name] != after.get(name)} - {CONFIGURATION_UPDATED}
        assert changed == {"AlarmActions", "OKActions"}


def test_alarms_of_policies_over_one_metric(ministack):
    with only(ministack, "alarms_of_policies") as client:
        seed.make_group(client, old_policy=None)
        put = track(client, target=4.0)
        high, low = [alarm["AlarmName"] for alarm in put["Alarms"]]
        found = alarms(client)
        assert [*found] == [high, low]
        assert [(one["EvaluationPeriods"], one["Period"], one["Threshold"]) for one in found.values()] == [
            (3, 60, 4.0),
            (15, 60, 3.6),
        ]
        assert [one["ComparisonOperator"] for one in found.values()] == ["GreaterThanThreshold", "LessThanThreshold"]
        assert all(one["AlarmActions"] == [put["PolicyARN"]] for one in found.values())
        assert found[high]["AlarmDescription"] == (
            f"DO NOT EDIT OR DELETE. For TargetTrackingScaling policy {put['PolicyARN']}."
        )
        again = track(client, target=4.0)
        assert (again["PolicyARN"], again["Alarms"]) == (put["PolicyARN"], put["Alarms"])
        for changed in ({"target": 5.0}, {"target": 5.0, "metric": "Other"}):
            moved = track(client, **changed)
            assert moved["PolicyARN"] == put["PolicyARN"]
            assert {alarm["AlarmName"] for alarm in moved["Alarms"]} == {*alarms(client)}
            assert not {*alarms(client)} & {*found}
            assert policies(client)["tracking"]["Alarms"] == moved["Alarms"]
            found = alarms(client)
        without = track(client, target=5.0, metric="Other", scale_in=False)
        assert {*alarms(client)} == {alarm["AlarmName"] for alarm in without["Alarms"]}
        assert len(alarms(client)) == 1 and {*alarms(client)} < {*found}
        client("autoscaling").delete_policy(AutoScalingGroupName=seed.GROUP, PolicyName="tracking")
        assert alarms(client) == {}


def test_alarms_of_policies_over_metric_math(ministack):
    with only(ministack, "alarms_of_policies") as client:
        seed.make_group(client, old_policy=None)
        put = track(client, Metrics=MATH)
        names = [alarm["AlarmName"] for alarm in put["Alarms"]]
        assert policies(client)["tracking"]["Alarms"] == put["Alarms"]
        for chosen in (
            {"AlarmNames": names},
            {"ActionPrefix": put["PolicyARN"]},
            {"AlarmNamePrefix": f"TargetTracking-{seed.GROUP}-"},
        ):
            assert [*alarms(client, **chosen)] == names, chosen
        assert alarms(client, ActionPrefix="arn:aws:sns") == {}
        high = alarms(client)[names[0]]
        assert "MetricName" not in high
        # As in tests/unit/recorded.
        assert high["Metrics"][0] == {**MATH[0], "ReturnData": True, "Period": 60}
        assert high["Metrics"][1]["MetricStat"]["Period"] == 60
        assert track(client, Metrics=MATH)["Alarms"] == put["Alarms"]
        assert not {alarm["AlarmName"] for alarm in track(client, target=2.0, Metrics=MATH)["Alarms"]} & {*names}


def test_alarms_of_policies_that_were_made_past_the_layer(ministack):
    with account_in(ministack, ["alarms_of_policies"]) as account:
        seed.make_group(account.client)
        made = policies(account.client)[seed.OLD_POLICY]
        client = account.strict_client
        assert policies(client)[seed.OLD_POLICY] == made
        seed.make_old_policy(client)
        assert policies(client)[seed.OLD_POLICY] == made
        assert {*alarms(client)} == {alarm["AlarmName"] for alarm in made["Alarms"]}
        seed.make_old_policy(client, target_value=2.0)
        assert policies(client)[seed.OLD_POLICY]["PolicyARN"] == made["PolicyARN"]
        assert not {*alarms(client)} & {alarm["AlarmName"] for alarm in made["Alarms"]}
        client("autoscaling").delete_auto_scaling_group(AutoScalingGroupName=seed.GROUP)
        assert alarms(client) == {}


def test_blocked_runtime(ministack):
    with only(ministack, "blocked_runtime", blocked_runtimes=frozenset({"python3.8"})) as client:
        kind, message = refused(create_function, client=client, Runtime="python3.8")
        assert kind == "InvalidParameterValueException"
        assert message.startswith("The runtime parameter of python3.8 is no longer supported for creating or updating")
        create_function(ministack.client, Runtime="python3.8")
        aws = client("lambda")
        assert refused(aws.update_function_code, FunctionName=FUNCTION, ZipFile=code("other")) == (kind, message)
        aws.update_function_configuration(FunctionName=FUNCTION, Timeout=9)
        aws.update_function_configuration(FunctionName=FUNCTION, Runtime="python3.12")
        aws.update_function_code(FunctionName=FUNCTION, ZipFile=code("other"))
        assert refused(aws.update_function_configuration, FunctionName=FUNCTION, Runtime="python3.8")[0] == kind


def test_reserved_concurrency_zero(ministack):
    with only(ministack, "reserved_concurrency_zero") as client:
        create_function(client)
        aws = client("lambda")
        aws.put_function_concurrency(FunctionName=FUNCTION, ReservedConcurrentExecutions=0)
        with pytest.raises(aws.exceptions.TooManyRequestsException) as raised:
            aws.invoke(FunctionName=FUNCTION)
        response = raised.value.response
        assert response["Reason"] == "ReservedFunctionConcurrentInvocationLimitExceeded"
        assert response["Error"]["Message"] == "Rate Exceeded."
        assert response["ResponseMetadata"]["HTTPStatusCode"] == 429
        aws.delete_function_concurrency(FunctionName=FUNCTION)
        assert "FunctionError" not in aws.invoke(FunctionName=FUNCTION, Payload=b"1")


def test_group_metrics(ministack):
    with only(ministack, "group_metrics") as client:
        seed.make_group(client)
        seed.make_group(client, name="other", launch_template="other")
        autoscaling = client("autoscaling")

        def enabled() -> dict[str, list[str]]:
            groups = autoscaling.describe_auto_scaling_groups()["AutoScalingGroups"]
            return {
                group["AutoScalingGroupName"]: [metric["Metric"] for metric in group.get("EnabledMetrics", [])]
                for group in groups
            }

        assert enabled() == {seed.GROUP: [], "other": []}
        group = {"AutoScalingGroupName": seed.GROUP}
        some = ["GroupInServiceInstances", "GroupDesiredCapacity"]
        autoscaling.enable_metrics_collection(**group, Granularity="1Minute", Metrics=some)
        assert enabled() == {seed.GROUP: some, "other": []}
        autoscaling.disable_metrics_collection(**group, Metrics=some[:1])
        assert enabled()[seed.GROUP] == some[1:]
        autoscaling.enable_metrics_collection(**group, Granularity="1Minute")
        assert len(enabled()[seed.GROUP]) == 13
        autoscaling.disable_metrics_collection(**group)
        assert enabled()[seed.GROUP] == []


def test_tags_required(ministack):
    tags = {"CostCenter": "video", "Owner": "me"}
    listed = [{"Key": key, "Value": value} for key, value in tags.items()]
    rule = {"Name": "one", "ScheduleExpression": "rate(1 minute)"}
    role = {"RoleName": ROLE, "AssumeRolePolicyDocument": TRUST}
    parameter = {"Name": PARAMETER, "Value": "v", "Type": "String"}
    with only(ministack, "tags_required", required_tags=("CostCenter",)) as client:
        for service, operation, params, given, code_of_refusal in (
            ("sqs", "create_queue", {"QueueName": QUEUE}, {"tags": tags}, "AccessDenied"),
            ("iam", "create_role", role, {"Tags": listed}, "AccessDenied"),
            ("logs", "create_log_group", {"logGroupName": "/one"}, {"tags": tags}, "AccessDeniedException"),
            ("events", "put_rule", rule, {"Tags": listed}, "AccessDeniedException"),
            ("ssm", "put_parameter", parameter, {"Tags": listed}, "AccessDeniedException"),
        ):
            create = getattr(client(service), operation)
            kind, message = refused(create, **params)
            assert kind == code_of_refusal, service
            assert message.endswith("with an explicit deny in a service control policy"), message
            create(**params, **given)
        assert refused(create_function, client=client)[0] == "AccessDeniedException"
        create_function(client, Tags=tags)
        # What exists is changed without them.
        client("events").put_rule(**rule)
        client("ssm").put_parameter(**parameter, Overwrite=True)


def test_an_unknown_behaviour_is_named(ministack):
    with pytest.raises(ValueError, match="no behaviour function_state; there are"):
        strict.layer(ministack.url, ["function_state"])
