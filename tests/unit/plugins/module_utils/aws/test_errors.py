# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What botocore raises becomes one sentence that names the cause and the way out."""

from __future__ import annotations

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.aws.errors import translated
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import AwsFailure, Outdated, Unusable
from botocore import exceptions as raised
from botocore.parsers import ResponseParserError

URL = "http://127.0.0.1:9"


def answered(code, message="refused\n  over two lines"):
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
        ("Throttling", AwsFailure, ["is throttled (refused over two lines)", "run again later"]),
        ("ThrottledException", AwsFailure, ["is throttled"]),
        (
            "ValidationError",
            AwsFailure,
            ["autoscaling:PutScalingPolicy in ap-northeast-2: ValidationError: refused over two lines"],
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
    ("code", "region", "part"),
    [
        ("InvalidClientTokenId", "ap-east-1", "ap-east-1"),
        ("UnrecognizedClientException", "me-south-1", "me-south-1"),
        ("AuthFailure", "ap-southeast-4", "ap-southeast-4"),
        ("OptInRequired", "eu-south-1", "eu-south-1"),
        ("RegionDisabledException", "af-south-1", "af-south-1"),
        *(
            (code, "ap-northeast-2", "")
            for code in ("InvalidClientTokenId", "UnrecognizedClientException", "AuthFailure")
        ),
        *(("InvalidClientTokenId", region, "") for region in ("cn-north-1", "us-gov-west-1", "us-east-1")),
        ("OptInRequired", "us-east-1", ""),
    ],
)
def test_a_region_that_has_to_be_enabled_first_is_distinguished_from_a_wrong_key(code, region, part):
    """Both answer the same, so only the region tells them apart."""
    failure = translated(answered(code), "sts", "GetCallerIdentity", region)
    commands = [f"aws account {name} --region-name {part}" for name in ("get-region-opt-status", "enable-region")]
    assert [command in str(failure) for command in commands] == [bool(part), bool(part)]
    assert isinstance(failure, Unusable) is (bool(part) or code != "OptInRequired")
    assert failure.code == code


WHO = "User: arn:aws:iam::123456789012:user/me is not authorized to perform: sqs:createqueue on resource: q"
POLICY_ARN = "arn:aws:organizations::123456789012:policy/o-1/service_control_policy/p-1"


@pytest.mark.parametrize(
    ("message", "part"),
    [
        (f"{WHO} with an explicit deny in a service control policy", "is denied by a service control policy; allowing"),
        (f"{WHO} with an explicit deny in a service control policy: {POLICY_ARN}", "does not lift it; ask whoever"),
        (f"{WHO} because no service control policy allows the sqs:createqueue action", "(video_scaling_tags)"),
        (f"{WHO} with an explicit deny in a resource control policy", "ask whoever administers the organization"),
        (f"{WHO} with an explicit deny in a permissions boundary", "change the boundary of the caller's"),
        (f"{WHO} because no permissions boundary allows the sqs:createqueue action", "no permissions boundary allows"),
        (f"{WHO} because no session policy allows the sqs:createqueue action", "the caller's session was opened"),
        (f"{WHO} with an explicit deny in a VPC endpoint policy", "change the policy of the VPC endpoint"),
        (f"{WHO} because no VPC endpoint policy allows the sqs:createqueue action", "of the VPC endpoint"),
        (f"{WHO} with an explicit deny in a resource-based policy", "change the policy of the resource itself"),
        (f"{WHO} because no resource-based policy allows the sqs:createqueue action", "of the resource itself"),
        (f"{WHO} with an explicit deny in an identity-based policy", "by an identity-based policy; take the deny"),
        (
            f"{WHO} because no identity-based policy allows the sqs:createqueue action",
            "; allow the caller this action (",
        ),
        (f"{WHO} with an explicit deny", "; allow the caller this action ("),
        ("Access to the resource https://sqs is denied.", "; allow the caller this action ("),
    ],
)
def test_a_denial_names_what_lifts_it(message, part):
    failure = translated(answered("AccessDenied", message), "sqs", "CreateQueue", "ap-northeast-2")
    assert str(failure).startswith("sqs:CreateQueue in ap-northeast-2 is denied")
    assert part in str(failure)
    assert ("allow the caller this action" in str(failure)) is ("allow the caller this action" in part)


@pytest.mark.parametrize(
    ("service", "operation", "code", "message", "outdated"),
    [
        ("iam", "CreateRole", "EntityAlreadyExists", "Role with name r already exists.", True),
        ("lambda", "CreateFunction", "ResourceConflictException", "Function already exist: f", True),
        ("lambda", "CreateAlias", "ResourceConflictException", "Alias already exists: arn", True),
        ("lambda", "AddPermission", "ResourceConflictException", "The statement id (s) provided already exists.", True),
        ("logs", "CreateLogGroup", "ResourceAlreadyExistsException", "", True),
        ("sqs", "CreateQueue", "QueueNameExists", "", True),
        ("iam", "DeleteRole", "NoSuchEntity", "", True),
        ("lambda", "DeleteFunction", "ResourceNotFoundException", "", True),
        ("lambda", "RemovePermission", "ResourceNotFoundException", "", True),
        ("sqs", "DeleteQueue", "AWS.SimpleQueueService.NonExistentQueue", "", True),
        ("lambda", "PublishVersion", "ResourceConflictException", "An update is in progress for resource: f", False),
        ("lambda", "AddPermission", "ResourceNotFoundException", "Function not found", False),
        ("iam", "PutRolePolicy", "NoSuchEntity", "", False),
        ("ssm", "PutParameter", "ParameterAlreadyExists", "", True),
        ("lambda", "UpdateAlias", "PreconditionFailedException", "", False),
    ],
)
def test_what_had_not_shown_when_it_was_planned_can_be_planned_again(service, operation, code, message, outdated):
    failure = translated(answered(code, message), service, operation, "ap-northeast-2")
    assert (isinstance(failure, Outdated), failure.code) == (outdated, code)
    is_somebody = "somebody else has changed the same thing" in str(failure)
    assert ("may not have shown it yet" in str(failure)) is (outdated and not is_somebody)


def test_a_function_whose_reserved_concurrency_is_in_use_says_so():
    reason = "ReservedFunctionConcurrentInvocationLimitExceeded"
    error = raised.ClientError({"Error": {"Code": "TooManyRequestsException"}, "Reason": reason}, "Invoke")
    failure = translated(error, "lambda", "Invoke", "ap-northeast-2")
    assert "run again later" in str(failure)
    assert "aws lambda delete-function-concurrency" in str(failure)


def test_a_wait_that_was_refused_is_reported_like_its_request():
    refusal = {"Error": {"Code": "AccessDeniedException", "Message": "no"}}
    error = raised.WaiterError("FunctionActive", "An error occurred (AccessDeniedException): no", refusal)
    failure = translated(error, "lambda", "GetFunctionConfiguration", "ap-northeast-2")
    assert str(failure).startswith("lambda:GetFunctionConfiguration in ap-northeast-2 is denied; allow the caller")


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
