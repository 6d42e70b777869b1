# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What botocore raises, as one sentence that names the cause and the way out. Nothing above sees botocore."""

from __future__ import annotations

import contextlib
import re
from typing import Any

with contextlib.suppress(ImportError):  # module.py reports it
    from botocore import exceptions as raised
    from botocore.parsers import ResponseParserError

from ..failures import AwsFailure, Outdated, Unusable
from ..plan import Answers, is_one_of

EXPIRED = ("ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired")
UNKNOWN_KEY = (
    "InvalidClientTokenId",
    "UnrecognizedClientException",
    "AuthFailure",
    "SignatureDoesNotMatch",
    "InvalidAccessKeyId",
    "IncompleteSignature",
    "MissingAuthenticationToken",
)
DENIED = ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError")
EXISTING_PARAMETER = "ParameterAlreadyExists"
STALE = ("PreconditionFailedException", EXISTING_PARAMETER)
TOO_MANY = "TooManyRequestsException"
# Lambda's reason for it where as many run as may at once of what is reserved for the function, or where that is 0.
NO_CONCURRENCY = "ReservedFunctionConcurrentInvocationLimitExceeded"
THROTTLED = (
    "Throttling",
    "ThrottlingException",
    TOO_MANY,
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "ThrottledException",
    "SlowDown",
)
# Somebody, this run included, changes the same thing at this moment: what is refused now is taken in some seconds. The
# words of Lambda's two are observed (public issues), the codes are those of the API references.
CONTENDED: Answers = (
    ("ResourceConflictException", "in progress"),
    ("ResourceConflictException", "following state"),
    ("TooManyUpdates", ""),
    ("ResourceContention", ""),
    ("ScalingActivityInProgress", ""),
    ("ConcurrentModification", ""),
    ("ConcurrentModificationException", ""),
    ("OperationAbortedException", ""),
)
# What is to be made exists already: it was made by a run that was stopped a moment ago, and had not shown yet.
THERE: Answers = (
    ("EntityAlreadyExists", ""),
    ("EntityAlreadyExistsException", ""),
    ("ResourceAlreadyExistsException", ""),
    ("QueueNameExists", ""),
    ("QueueAlreadyExists", ""),
    ("ResourceConflictException", "already exist"),
)
# What is to be deleted does not exist any more: that had not shown yet.
GONE: Answers = (
    ("NoSuchEntity", ""),
    ("NoSuchEntityException", ""),
    ("ResourceNotFoundException", ""),
    ("QueueDoesNotExist", ""),
    ("AWS.SimpleQueueService.NonExistentQueue", ""),
)
DELETING = ("Delete", "Remove")
# The regions of before March 20, 2019, which every account may use; any other of this partition has to be enabled first
# ("Enable or disable AWS Regions in your account", documented). What a region that is not enabled answers is observed
# in public issues (InvalidClientTokenId, UnrecognizedClientException, AuthFailure): the same as to a wrong key.
ALWAYS_ENABLED = (
    *("us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1", "sa-east-1"),
    *("eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3"),
    *("ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ap-southeast-2"),
)
OTHER_PARTITIONS = ("cn-", "us-gov-", "us-iso", "eu-iso", "eusc-")
NOT_ENABLED = ("OptInRequired", "RegionDisabledException")
# Who has to lift a denial, by the kind of policy that AWS names ("Troubleshoot access denied error messages", IAM User
# Guide, documented; some services name none).
DENIED_BY = re.compile(
    r"explicit deny in an? ([\w -]+? (?:policy|boundary))|because no ([\w -]+? (?:policy|boundary)) allows",
    re.IGNORECASE,
)
LIFTED_BY = {
    "service control policy": "allowing the caller the action does not lift it; ask whoever administers the "
    "organization, or, where the policy asks for tags on what is created, give them (video_scaling_tags)",
    "resource control policy": "allowing the caller the action does not lift it; ask whoever administers the "
    "organization",
    "permissions boundary": "change the boundary of the caller's user or role",
    "session policy": "change the policy with which the caller's session was opened",
    "vpc endpoint policy": "change the policy of the VPC endpoint that the requests go through",
    "resource-based policy": "change the policy of the resource itself",
    "identity-based policy": "take the deny out of the caller's policies; allowing the action does not lift it",
}
ALLOW = "allow the caller this action"
# Of what a quick connection has no answer to in time.
NOT_ANSWERED = "NotAnswered"
# Where the action that a policy allows is named unlike the operation.
IAM_NAMES = {"Invoke": "InvokeFunction"}
# Of what AWS or a proxy on the way says: a page of HTML is no part of a sentence.
LONGEST_DETAIL = 600
CREDENTIALS_WAY_OUT = "give profile, or access_key and secret_key, or set AWS_PROFILE or AWS_ACCESS_KEY_ID"


def translated(error: Exception, service: str, operation: str, region: str) -> AwsFailure:
    """:param operation: as AWS names it (``PutScalingPolicy``)."""
    action = action_of(service, operation)
    if isinstance(error, raised.ClientError):
        return _refused(error.response, action, region)
    if isinstance(error, ResponseParserError):
        return unreadable(error, action, region)
    if isinstance(error, raised.WaiterError) and (error.last_response or {}).get("Error"):
        return _refused(error.last_response, action, region)
    name = type(error).__name__
    if isinstance(error, (raised.ConnectionError, raised.HTTPClientError)) and not isinstance(error, raised.SSLError):
        sentence = (
            f"cannot reach AWS in region {region} ({_one_line(error)}): check endpoint_url, the proxy and the route"
        )
        return AwsFailure(sentence, name, action)
    for kind, sentence in _local_causes(error, region):
        if isinstance(error, kind):
            return Unusable(sentence, name, action)
    return AwsFailure(f"{action} in {region} failed: {_one_line(error)}", name, action)


def action_of(service: str, operation: str) -> str:
    return f"{service}:{IAM_NAMES.get(operation, operation)}"


def unreadable(error: Exception, action: str, region: str) -> AwsFailure:
    """:param error: met while the reply was read."""
    sentence = f"{action} in {region} gave an answer that cannot be read ({_one_line(error)}); run again"
    return AwsFailure(sentence, type(error).__name__, action)


def _refused(response: Any, action: str, region: str) -> AwsFailure:
    code = response.get("Error", {}).get("Code", "")
    message = " ".join(str(response.get("Error", {}).get("Message", "")).split())[:LONGEST_DETAIL]
    if code in EXPIRED:
        return Unusable(f"AWS credentials have expired ({code}): log in again, then repeat the run", code, action)
    if code in (*NOT_ENABLED, *UNKNOWN_KEY) and _has_to_be_enabled(region):
        return Unusable(_not_enabled(region, code, message), code, action)
    if code in UNKNOWN_KEY:
        return Unusable(f"AWS does not accept the credentials ({code}: {message}): {CREDENTIALS_WAY_OUT}", code, action)
    if code in DENIED:
        return AwsFailure(f"{action} in {region} is denied{_lifted_by(message)} ({message})", code, action)
    if code in STALE:
        sentence = (
            f"{action} in {region}: somebody else has changed the same thing since it was read, so nothing was "
            "overwritten; look at what they did, then run again"
        )
        # A parameter may also be one that had not shown yet.
        return (Outdated if code == EXISTING_PARAMETER else AwsFailure)(sentence, code, action)
    if response.get("Reason") == NO_CONCURRENCY:
        sentence = (
            f"{action} in {region} is throttled ({message}: {NO_CONCURRENCY}); as many of the function run as are "
            "reserved for it, so run again later, or that is 0, which `aws lambda delete-function-concurrency` lifts"
        )
        return AwsFailure(sentence, code, action)
    if code in THROTTLED:
        return AwsFailure(f"{action} in {region} is throttled ({message}); run again later", code, action)
    failure = AwsFailure(f"{action} in {region}: {code}: {message}", code, action)
    is_deleting = action.rpartition(":")[2].startswith(DELETING)
    if is_one_of(failure, GONE if is_deleting else THERE):
        return Outdated(f"{failure} (AWS may not have shown it yet; run again in some minutes)", code, action)
    return failure


def _has_to_be_enabled(region: str) -> bool:
    return region not in ALWAYS_ENABLED and not region.startswith(OTHER_PARTITIONS)


def _not_enabled(region: str, code: str, message: str) -> str:
    return (
        f"AWS does not accept the credentials in {region} ({code}: {message}), a region that an account has to enable "
        f"first: look with `aws account get-region-opt-status --region-name {region}`, enable it with `aws account "
        f"enable-region --region-name {region}`, which takes minutes, and get session tokens from a regional endpoint "
        f"of STS; where it is enabled, {CREDENTIALS_WAY_OUT}"
    )


def _lifted_by(message: str) -> str:
    """What lifts a denial: the kind of policy that denies, or that does not allow, is in AWS's message."""
    found = DENIED_BY.search(message)
    denying, lacking = found.groups() if found else (None, None)
    kind = str(denying or lacking).lower()
    if kind not in LIFTED_BY or (lacking and kind == "identity-based policy"):
        return f"; {ALLOW}"
    who = f" by {'an' if kind.startswith('i') else 'a'} {denying}" if denying else f", as no {lacking} allows it"
    return f"{who}; {LIFTED_BY[kind]}"


def _local_causes(error: Exception, region: str) -> list[tuple[Any, str]]:
    """The causes that lie on this side of the network, each with its way out."""
    detail = _one_line(error)
    return [
        (raised.NoCredentialsError, f"no AWS credentials found: {CREDENTIALS_WAY_OUT}"),
        (raised.PartialCredentialsError, f"AWS credentials are incomplete ({detail}): {CREDENTIALS_WAY_OUT}"),
        (raised.ProfileNotFound, f"profile: {detail}; choose one that the AWS configuration has"),
        (raised.NoRegionError, "no region: give region, or set AWS_REGION"),
        (raised.SSLError, f"TLS to AWS failed ({detail}): check aws_ca_bundle and validate_certs"),
        (raised.CredentialRetrievalError, f"AWS credentials could not be fetched ({detail}): log in again"),
        (raised.TokenRetrievalError, f"the SSO session has ended ({detail}): run aws sso login"),
        (raised.UnauthorizedSSOTokenError, f"the SSO session has ended ({detail}): run aws sso login"),
        (raised.InvalidRegionError, f"region: {region!r} is no region name"),
        (ValueError, f"the connection options do not work ({detail}): check endpoint_url"),
    ]


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:LONGEST_DETAIL]
