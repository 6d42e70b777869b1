# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A right that is missing for sure fails, with what would have to be wider; what cannot be decided does not."""

from __future__ import annotations

import json

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.checks import publisher_may_publish
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.observed import Unread
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import AwsFailure
from ansible_collections.academy.video_scaling.tests.unit.examples import FUNCTION, PLACE
from ansible_collections.academy.video_scaling.tests.unit.observations import (
    ROLE,
    ago,
    case,
    every_case,
    function_metrics,
    holds,
    live_version,
    observed,
    queue,
    series,
    wanted,
)

ARN = PLACE.queue_arn("academy-video-jobs")
READ = {"Sid": "Read", "Effect": "Allow", "Action": ["sqs:GetQueue*"], "Resource": [ARN]}
GROUPS = {"Sid": "Groups", "Effect": "Allow", "Action": ["autoscaling:DescribeAutoScalingGroups"], "Resource": ["*"]}
TOTAL = {"signal": "published_total"}
PUT = {"Sid": "Put", "Effect": "Allow", "Action": ["cloudwatch:PutMetricData"], "Resource": ["*"]}
DENIED = "ClientError: An error occurred (AccessDenied) when calling the PutMetricData operation: not authorized"


def only(*namespaces, operator="StringEquals", key="cloudwatch:namespace"):
    return {**PUT, "Condition": {operator: {key: list(namespaces)}}}


def queue_policy(**changes):
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{PLACE.account_id}:role/{ROLE}"},
        "Action": "SQS:*",
        "Resource": ARN,
    }
    return queue(Policy=json.dumps({"Statement": {**statement, **changes}}))


def logged(reason):
    return {
        "function_metrics": function_metrics(errors=series(1)),
        "log_errors": [(ago(minutes=1), json.dumps({"failed": {"video": reason}}))],
    }


CASES = every_case(
    case("as deployed"),
    case("no condition", role_statements=[READ, GROUPS, PUT]),
    case("everything", role_statements=[{"Effect": "Allow", "Action": "*", "Resource": "*"}]),
    case(
        "another namespace",
        "fail",
        f"role {ROLE} may not cloudwatch:PutMetricData into namespace Academy/VideoProcessing (statement Put allows it "
        "only where cloudwatch:namespace StringEquals Academy/Old)",
        role_statements=[READ, only("Academy/Old")],
    ),
    case(
        "no wildcard in StringEquals",
        "fail",
        "StringEquals Academy/*",
        role_statements=[READ, only("Academy/*")],
    ),
    case("a pattern", role_statements=[READ, GROUPS, only("Academy/*", operator="StringLike")]),
    case("a condition that cannot be decided", role_statements=[READ, GROUPS, only("x", key="aws:PrincipalTag/team")]),
    case(
        "denied",
        "fail",
        "(statement No denies it)",
        role_statements=[READ, PUT, {**PUT, "Sid": "No", "Effect": "Deny"}],
    ),
    case(
        "another queue",
        "fail",
        f"may not sqs:GetQueueUrl on {ARN} (statement Read does not cover {ARN}) and may not sqs:GetQueueAttributes on",
        role_statements=[{**READ, "Resource": [f"{ARN}-old"]}, PUT],
    ),
    case(
        "half of the rights",
        "fail",
        f"role {ROLE} may not sqs:GetQueueUrl",
        role_statements=[{**READ, "Action": ["sqs:GetQueueAttributes"]}, PUT],
    ),
    case(
        "it may not read groups",
        "fail",
        f"role {ROLE} may not autoscaling:DescribeAutoScalingGroups",
        role_statements=[READ, PUT],
    ),
    case(
        "it is kept from reading groups",
        "fail",
        f"role {ROLE} may not autoscaling:DescribeAutoScalingGroups on * (statement No denies it)",
        role_statements=[READ, PUT, GROUPS, {**GROUPS, "Sid": "No", "Effect": "Deny"}],
    ),
    case(
        "it may describe all of Auto Scaling",
        role_statements=[READ, PUT, {**GROUPS, "Action": "autoscaling:Describe*"}],
    ),
    case("a total needs no group", declared=TOTAL, role_statements=[READ, PUT]),
    case("a total needs all else", "fail", "may not cloudwatch:PutMetricData", declared=TOTAL, role_statements=[READ]),
    case("no rights", "fail", "sqs:GetQueueUrl on", role_statements=[]),
    case("the queue lets it in", role_statements=[GROUPS, PUT], queue=queue_policy()),
    case("the queue lets everybody in", role_statements=[GROUPS, PUT], queue=queue_policy(Principal="*")),
    case(
        "the queue lets another in",
        "fail",
        "GetQueueUrl",
        role_statements=[PUT],
        queue=queue_policy(Principal={"AWS": "arn:other"}),
    ),
    case(
        "the queue only keeps out",
        "fail",
        "GetQueueUrl",
        role_statements=[PUT],
        queue=queue_policy(Principal="*", Effect="Deny", Condition={"Bool": {"aws:SecureTransport": "false"}}),
    ),
    case(
        "the queue cannot let it publish",
        "fail",
        "PutMetricData",
        role_statements=[READ],
        queue=queue_policy(Action="*", Resource="*"),
    ),
    case(
        "refused by what cannot be seen",
        "fail",
        f"role {ROLE} has the rights and is refused all the same, in the log's words \"ClientError: An error occurred",
        **logged(DENIED),
    ),
    case("another failure", **logged("ReadTimeoutError: Read timeout on endpoint URL")),
    case("the metrics of its runs are denied", function_metrics=AwsFailure("denied")),
    case("no function", "fail", f"function {FUNCTION} does not exist", function=None),
    case("no publisher is needed", declared={"signal": "sqs_total"}, role_statements=[]),
)


@CASES
def test_the_publisher_may_read_and_publish(example):
    holds(publisher_may_publish, example)


def test_without_its_statements_nothing_is_claimed():
    with pytest.raises(Unread):
        publisher_may_publish.check(observed(role_statements=AwsFailure("denied")), wanted())


def test_the_role_is_that_of_what_is_live():
    other = live_version(Role="arn:aws:iam::123456789012:role/service/other")
    found = publisher_may_publish.check(observed(live_version=other, role_statements=[]), wanted())
    assert found.cause.startswith("role other may not")
    assert "--policy-source-arn arn:aws:iam::123456789012:role/service/other" in found.remedy.cli
