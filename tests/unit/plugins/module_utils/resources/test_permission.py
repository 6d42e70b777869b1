# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rule may invoke the publisher's alias, and nobody else's rule is let in by it."""

from __future__ import annotations

import json

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import Failure
from ansible_collections.academy.video_scaling.plugins.module_utils.resources import permission
from ansible_collections.academy.video_scaling.tests.unit.examples import FUNCTION, PLACE, RULE
from ansible_collections.academy.video_scaling.tests.unit.fake_aws import FakeAws, refusal, sent

ALIAS_ARN = PLACE.function_arn(FUNCTION, "live")
STATEMENT = {
    "Sid": f"events-{RULE}",
    "Effect": "Allow",
    "Principal": {"Service": "events.amazonaws.com"},
    "Action": "lambda:InvokeFunction",
    "Resource": ALIAS_ARN,
    "Condition": {"ArnLike": {"AWS:SourceArn": PLACE.rule_arn(RULE)}},
}
ADDED = (
    "add_permission",
    {
        "FunctionName": FUNCTION,
        "Qualifier": "live",
        "StatementId": f"events-{RULE}",
        "Action": "lambda:InvokeFunction",
        "Principal": "events.amazonaws.com",
        "SourceArn": PLACE.rule_arn(RULE),
    },
)
REMOVED = ("remove_permission", {"FunctionName": FUNCTION, "Qualifier": "live", "StatementId": f"events-{RULE}"})


def wanted(present=True, rule=RULE):
    return permission.from_params(FUNCTION, rule, PLACE.rule_arn(rule), present)


def found(**changes):
    return permission.from_response(FUNCTION, {**STATEMENT, **changes})


@pytest.mark.parametrize(
    ("current", "present", "requests"),
    [
        pytest.param(None, True, [ADDED], id="missing"),
        pytest.param(found(), True, [], id="as declared"),
        pytest.param(
            found(Condition={"ArnLike": {"aws:SourceArn": PLACE.rule_arn(RULE)}}), True, [], id="key spelt otherwise"
        ),
        pytest.param(found(Condition={}), True, [REMOVED, ADDED], id="every rule"),
        pytest.param(
            found(Condition={"ArnLike": {"AWS:SourceArn": PLACE.rule_arn("x")}}),
            True,
            [REMOVED, ADDED],
            id="another rule",
        ),
        pytest.param(found(Principal={"Service": "s3.amazonaws.com"}), True, [REMOVED, ADDED], id="another service"),
        pytest.param(found(Principal="*"), True, [REMOVED, ADDED], id="everybody"),
        pytest.param(found(Action="lambda:*"), True, [REMOVED, ADDED], id="every action"),
        pytest.param(found(Effect="Deny"), True, [REMOVED, ADDED], id="denied"),
        pytest.param(found(), False, [REMOVED], id="to be removed"),
        pytest.param(None, False, [], id="removed already"),
    ],
)
def test_the_way_to_the_permission(current, present, requests):
    plan = permission.plan(current, wanted(present))
    assert sent(plan) == requests
    assert bool(plan.differences()) is bool(requests)


@pytest.mark.parametrize(
    "rules", [("rate", "rate-2"), ("depth.rate", "depth_rate"), ("a" * 63 + "b", "a" * 64)], ids=str
)
def test_each_rule_has_a_statement_of_its_own(rules):
    one, another = (wanted(rule=rule).permission.statement_id for rule in rules)
    assert one != another


def account(answer):
    return FakeAws({"lambda.get_policy": answer})


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (refusal("ResourceNotFoundException"), None),
        ({"Policy": json.dumps({"Statement": []})}, None),
        ({"Policy": json.dumps({"Statement": [{**STATEMENT, "Sid": "somebody's"}]})}, None),
        ({"Policy": json.dumps({"Statement": [{**STATEMENT, "Sid": "somebody's"}, STATEMENT]})}, found()),
    ],
    ids=["no policy", "no statement", "only another's", "among others"],
)
def test_only_the_own_statement_is_found(answer, expected):
    aws = account(answer)
    assert permission.find(aws, wanted()) == expected
    assert aws.asked == [("lambda.get_policy", {"FunctionName": FUNCTION, "Qualifier": "live"})]


def test_what_may_not_be_read_is_reported():
    with pytest.raises(Failure, match="AccessDenied"):
        permission.find(account(refusal("AccessDeniedException")), wanted())
