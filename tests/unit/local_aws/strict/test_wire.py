# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Requests are read, and answers written, as each protocol has them."""

from __future__ import annotations

import json

import pytest

from local_aws.strict import wire

from .sent import ACCOUNT, FUNCTION_ARN, REGION, XML, of_function, request

FORM = {
    "AutoScalingGroupName": "g",
    "PolicyName": "p",
    "EstimatedInstanceWarmup": "60",
    "TargetTrackingConfiguration.TargetValue": "1.5",
    "TargetTrackingConfiguration.DisableScaleIn": "false",
    "TargetTrackingConfiguration.CustomizedMetricSpecification.MetricName": "Depth",
    "TargetTrackingConfiguration.CustomizedMetricSpecification.Dimensions.member.1.Name": "A",
    "TargetTrackingConfiguration.CustomizedMetricSpecification.Dimensions.member.1.Value": "a",
    "TargetTrackingConfiguration.CustomizedMetricSpecification.Dimensions.member.2.Name": "B",
    "TargetTrackingConfiguration.CustomizedMetricSpecification.Dimensions.member.2.Value": "b",
}


@pytest.mark.parametrize(
    ("access_key", "region", "scope"),
    [
        ("210987654321", "eu-west-1", ("210987654321", "eu-west-1")),
        # Temporary credentials belong to the emulator's one account.
        ("ASIAEXAMPLE", "eu-west-1", (ACCOUNT, "eu-west-1")),
        ("", "", (ACCOUNT, REGION)),
    ],
)
def test_the_account_and_region_of_a_request(access_key, region, scope):
    assert wire.scope_of(request("sts:GetCallerIdentity", account=access_key, region=region)) == scope


@pytest.mark.parametrize(
    ("path", "parameters", "found"),
    [
        ("/2015-03-31/functions/f", {}, ("f", "")),
        ("/2015-03-31/functions/f/invocations?Qualifier=live", {}, ("f", "live")),
        ("/2015-03-31/functions/f%3Alive/invocations", {}, ("f", "live")),
        ("/2015-03-31/functions/" + FUNCTION_ARN.replace(":", "%3A") + "%3A3/configuration", {}, ("f", "3")),
        ("/2015-03-31/functions/123456789012%3Afunction%3Af/code", {}, ("f", "")),
        ("/2015-03-31/functions", {"FunctionName": "f"}, ("f", "")),
    ],
)
def test_the_function_of_a_request(path, parameters, found):
    assert wire.function_of(request("lambda:Invoke", path, **parameters)) == found


@pytest.mark.parametrize(("qualifier", "arn"), [("", FUNCTION_ARN), ("live", f"{FUNCTION_ARN}:live")])
def test_the_arn_of_a_function(qualifier, arn):
    assert wire.function_arn(of_function("GetFunction"), "f", qualifier) == arn


@pytest.mark.parametrize(("status", "good"), [(200, True), (204, True), (301, False), (404, False), (502, False)])
def test_what_is_a_success(status, good):
    assert wire.is_success((status, {}, b"")) is good


def test_an_equal_value_leaves_the_answer_to_the_byte():
    came = (200, {"X": "y"}, b'{ "a" : 1 }')
    assert wire.with_json(came, {"a": 1}) is came
    assert wire.with_json(came, {"a": 2}) == (200, {"X": "y"}, '{"a": 2}')
    assert wire.json_of((502, {}, "no reply")) is None


def test_a_form_is_read_as_boto3_was_given_it():
    assert wire.params_of(request("autoscaling:PutScalingPolicy", **FORM)) == {
        "AutoScalingGroupName": "g",
        "PolicyName": "p",
        "EstimatedInstanceWarmup": 60,
        "TargetTrackingConfiguration": {
            "TargetValue": 1.5,
            "DisableScaleIn": False,
            "CustomizedMetricSpecification": {
                "MetricName": "Depth",
                "Dimensions": [{"Name": "A", "Value": "a"}, {"Name": "B", "Value": "b"}],
            },
        },
    }


def test_a_plain_list_of_a_form():
    form = {"Metrics.member.2": "B", "Metrics.member.1": "A", "Metrics.member.10": "never"}
    assert wire.listed(form, "Metrics") == ["A", "B"]
    assert wire.listed({}, "Metrics") == []


def test_an_answer_in_xml_is_read_as_boto3_reads_it():
    body = (
        "<PutScalingPolicyResponse><PutScalingPolicyResult><PolicyARN>arn</PolicyARN><Alarms><member>"
        "<AlarmName>a &amp; b</AlarmName></member></Alarms></PutScalingPolicyResult></PutScalingPolicyResponse>"
    )
    found = wire.parsed(request("autoscaling:PutScalingPolicy", **FORM), (200, XML, body))
    assert (found["PolicyARN"], found["Alarms"]) == ("arn", [{"AlarmName": "a & b"}])


def test_errors_are_written_as_their_protocol_has_them():
    status, headers, body = wire.lambda_error(429, "TooManyRequestsException", "Rate Exceeded.", Reason="R")
    assert (status, headers["x-amzn-ErrorType"]) == (429, "TooManyRequestsException")
    assert json.loads(body) == {"Type": "User", "message": "Rate Exceeded.", "Reason": "R"}
    status, headers, body = wire.json_error("AccessDeniedException", "no", query_code="AccessDenied")
    assert (status, headers["x-amzn-query-error"]) == (400, "AccessDenied;Sender")
    assert json.loads(body) == {"__type": "AccessDeniedException", "message": "no"}
    status, _headers, body = wire.query_error("iam", 404, "NoSuchEntity", "a < b")
    assert status == 404 and "<Code>NoSuchEntity</Code><Message>a &lt; b</Message>" in body
    assert wire.query_answer("autoscaling", "EnableMetricsCollection")[2].startswith(
        '<EnableMetricsCollectionResponse xmlns="http://autoscaling'
    )
