# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What botocore raises, told as one sentence that names the cause and the way out. Nothing above sees botocore."""

from __future__ import annotations

import contextlib
from typing import Any

with contextlib.suppress(ImportError):  # module.py reports it
    from botocore import exceptions as raised
    from botocore.parsers import ResponseParserError

from ..failures import AwsFailure, Unusable

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
STALE = ("PreconditionFailedException", "ParameterAlreadyExists")
THROTTLED = (
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "ThrottledException",
    "SlowDown",
)
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
    if code in UNKNOWN_KEY:
        return Unusable(f"AWS does not accept the credentials ({code}: {message}): {CREDENTIALS_WAY_OUT}", code, action)
    if code in DENIED:
        return AwsFailure(f"{action} in {region} is denied; allow the caller this action ({message})", code, action)
    if code in STALE:
        sentence = (
            f"{action} in {region}: somebody else has changed the same thing since it was read, so nothing was "
            "overwritten; look at what they did, then run again"
        )
        return AwsFailure(sentence, code, action)
    if code in THROTTLED:
        return AwsFailure(f"{action} in {region} is throttled ({message}); run again later", code, action)
    return AwsFailure(f"{action} in {region}: {code}: {message}", code, action)


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
