# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What botocore raises is told as one sentence that names the cause and the way out."""

from __future__ import annotations

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.aws.errors import translated
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import AwsFailure, Unusable
from botocore import exceptions as raised
from botocore.parsers import ResponseParserError

URL = "http://127.0.0.1:9"


def answered(code, message="told\n  over two lines"):
    return raised.ClientError({"Error": {"Code": code, "Message": message}}, "PutScalingPolicy")


@pytest.mark.parametrize(
    ("code", "kind", "parts"),
    [
        ("ExpiredToken", Unusable, ["expired (ExpiredToken)", "log in again"]),
        ("ExpiredTokenException", Unusable, ["expired", "log in again"]),
        ("InvalidClientTokenId", Unusable, ["does not accept the credentials", "give profile, or access_key"]),
        ("SignatureDoesNotMatch", Unusable, ["does not accept the credentials", "AWS_PROFILE"]),
        ("UnrecognizedClientException", Unusable, ["does not accept the credentials"]),
        ("AccessDenied", AwsFailure, ["autoscaling:PutScalingPolicy in ap-northeast-2 is denied", "allow the caller"]),
        ("AccessDeniedException", AwsFailure, ["is denied"]),
        ("UnauthorizedOperation", AwsFailure, ["is denied"]),
        ("PreconditionFailedException", AwsFailure, ["somebody else has changed the same thing", "run again"]),
        ("ParameterAlreadyExists", AwsFailure, ["somebody else has changed the same thing", "run again"]),
        ("Throttling", AwsFailure, ["is throttled (told over two lines)", "run again later"]),
        ("ThrottledException", AwsFailure, ["is throttled"]),
        (
            "ValidationError",
            AwsFailure,
            ["autoscaling:PutScalingPolicy in ap-northeast-2: ValidationError: told over two lines"],
        ),
    ],
)
def test_what_aws_refuses(code, kind, parts):
    failure = translated(answered(code), "autoscaling", "PutScalingPolicy", "ap-northeast-2")
    assert (isinstance(failure, Unusable), isinstance(failure, AwsFailure)) == (kind is Unusable, True)
    assert all(part in str(failure) for part in parts)
    assert "\n" not in str(failure)
    assert (failure.code, failure.operation) == (code, "autoscaling:PutScalingPolicy")


@pytest.mark.parametrize(
    ("error", "parts"),
    [
        (raised.NoCredentialsError(), ["no AWS credentials found", "give profile, or access_key and secret_key"]),
        (
            raised.PartialCredentialsError(provider="env", cred_var="secret"),
            ["credentials are incomplete", "give profile"],
        ),
        (raised.ProfileNotFound(profile="prod"), ["profile: ", "prod", "choose one"]),
        (raised.NoRegionError(), ["no region: give region"]),
        (raised.InvalidRegionError(region_name="a b"), ["region: 'ap-northeast-2' is no region name"]),
        (raised.SSLError(endpoint_url=URL, error="self-signed"), ["TLS to AWS failed", "aws_ca_bundle"]),
        (
            raised.CredentialRetrievalError(provider="process", error_msg="exit 1"),
            ["could not be fetched", "log in again"],
        ),
        (raised.TokenRetrievalError(provider="sso", error_msg="expired"), ["SSO session has ended", "aws sso login"]),
        (raised.UnauthorizedSSOTokenError(), ["SSO session has ended", "aws sso login"]),
        (
            ValueError("Invalid endpoint: aws"),
            ["connection options do not work (Invalid endpoint: aws)", "endpoint_url"],
        ),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_what_lies_on_this_side_stops_the_run(error, parts):
    failure = translated(error, "sts", "GetCallerIdentity", "ap-northeast-2")
    assert isinstance(failure, Unusable)
    assert all(part in str(failure) for part in parts)
    assert "\n" not in str(failure)
    assert (failure.code, failure.operation) == (type(error).__name__, "sts:GetCallerIdentity")


@pytest.mark.parametrize(
    "error",
    [
        raised.EndpointConnectionError(endpoint_url=URL, error="refused"),
        raised.ConnectTimeoutError(endpoint_url=URL),
        raised.ReadTimeoutError(endpoint_url=URL),
        raised.ProxyConnectionError(proxy_url=URL),
        raised.ConnectionClosedError(endpoint_url=URL),
    ],
    ids=lambda error: type(error).__name__,
)
def test_no_route_names_the_address_and_is_the_failure_of_its_request(error):
    """One service may be out of reach and the others not; whether all are, the first request of a run shows."""
    failure = translated(error, "sqs", "GetQueueUrl", "ap-northeast-2")
    assert isinstance(failure, AwsFailure)
    assert not isinstance(failure, Unusable)
    assert str(failure).startswith("cannot reach AWS in region ap-northeast-2 (")
    assert URL in str(failure)
    assert str(failure).endswith("check endpoint_url, the proxy and the route")


@pytest.mark.parametrize(
    ("service", "operation", "action"),
    [
        ("lambda", "Invoke", "lambda:InvokeFunction"),
        ("lambda", "ListVersionsByFunction", "lambda:ListVersionsByFunction"),
        ("logs", "FilterLogEvents", "logs:FilterLogEvents"),
        ("cloudwatch", "GetMetricData", "cloudwatch:GetMetricData"),
        ("iam", "GetPolicyVersion", "iam:GetPolicyVersion"),
    ],
)
def test_an_operation_is_named_as_a_policy_names_it(service, operation, action):
    failure = translated(answered("AccessDeniedException"), service, operation, "ap-northeast-2")
    assert f"{action} in ap-northeast-2 is denied" in str(failure)
    assert failure.operation == action


def test_a_page_of_html_is_no_part_of_a_sentence():
    failure = translated(answered("502", "<p>" * 2000), "sqs", "GetQueueUrl", "ap-northeast-2")
    assert len(str(failure)) < 700


def test_a_reply_that_cannot_be_read_is_the_failure_of_its_request():
    failure = translated(ResponseParserError("no XML"), "autoscaling", "DescribePolicies", "ap-northeast-2")
    assert (type(failure), failure.operation) == (AwsFailure, "autoscaling:DescribePolicies")
    assert "gave an answer that cannot be read (no XML)" in str(failure)


@pytest.mark.parametrize(
    "error",
    [raised.ParamValidationError(report="Missing\nName"), raised.WaiterError("w", "timed out", {}), KeyError("Queue")],
    ids=lambda error: type(error).__name__,
)
def test_anything_else_is_the_failure_of_its_request(error):
    failure = translated(error, "sqs", "CreateQueue", "ap-northeast-2")
    assert isinstance(failure, AwsFailure)
    assert not isinstance(failure, Unusable)
    assert str(failure).startswith("sqs:CreateQueue in ap-northeast-2 failed: ")
    assert "\n" not in str(failure)


def test_a_reply_without_an_error_is_no_crash():
    failure = translated(raised.ClientError({}, "PutRule"), "events", "PutRule", "ap-northeast-2")
    assert str(failure).startswith("events:PutRule in ap-northeast-2")
