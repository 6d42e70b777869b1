# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A rule that fires into nothing fails; what only fires otherwise than declared warns."""

from __future__ import annotations

import json

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.checks import schedule_invokes_publisher
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.observed import Unread
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import AwsFailure
from ansible_collections.academy.video_scaling.tests.unit.examples import FUNCTION, PLACE, RULE, STATEMENT
from ansible_collections.academy.video_scaling.tests.unit.observations import (
    case,
    every_case,
    function_metrics,
    holds,
    observed,
    series,
    wanted,
)

ARN = PLACE.function_arn(FUNCTION)
SILENT = {
    "metric": series(3, until=122),
    "function_metrics": function_metrics(invocations=series(1, until=121)),
}


def target(arn=f"{ARN}:live", **more):
    return {"Id": arn, "Arn": arn, **more}


def sent(**event):
    return [target(Input=json.dumps(event))]


def statement(**changes):
    return [{**STATEMENT, **changes}]


CASES = every_case(
    case("it invokes"),
    case("beside others", targets=[target(), target("arn:aws:sqs:other")]),
    case("no target", "fail", f"rule {RULE} has no target", targets=[]),
    case(
        "another function",
        "fail",
        f"rule {RULE} fires {ARN}-old:live and not {FUNCTION}:live",
        targets=[target(f"{ARN}-old:live")],
    ),
    case("no alias", "fail", f"rule {RULE} fires {ARN} and not", targets=[target(ARN)]),
    case("another alias", "fail", f"rule {RULE} fires {ARN}:previous and not", targets=[target(f"{ARN}:previous")]),
    case("no right", "fail", f"rule {RULE} may not invoke {FUNCTION}:live (no statement allows it)", permissions=[]),
    case(
        "the right of another service",
        "fail",
        "may not invoke",
        permissions=statement(Principal={"Service": "s3.amazonaws.com"}),
    ),
    case(
        "the right of another rule",
        "fail",
        f"(statement events-{RULE} allows it only where AWS:SourceArn ArnLike arn:other)",
        permissions=statement(Condition={"ArnLike": {"AWS:SourceArn": "arn:other"}}),
    ),
    case("denied", "fail", "denies it", permissions=[*statement(), *statement(Effect="Deny")]),
    case(
        "the right of every rule",
        permissions=statement(Condition={"StringEquals": {"AWS:SourceAccount": PLACE.account_id}}),
    ),
    case("the right of the alias", permissions=statement(Resource=f"{ARN}:live")),
    case("the right of another alias", "fail", "does not cover", permissions=statement(Resource=f"{ARN}:previous")),
    case("a condition that cannot be decided", permissions=statement(Condition={"Null": {"AWS:SourceArn": "false"}})),
    case(
        "nothing runs",
        "fail",
        f"rule {RULE} has its target and the right to invoke it, but function {FUNCTION} has not run since 09:59 UTC",
        **SILENT,
    ),
    case("nothing ever ran", "fail", "has not run since 09:00 UTC (3 h)", metric=(), function_metrics={}),
    case("it runs and publishes nothing", metric=()),
    case("it publishes, and its metrics are late", function_metrics={}),
    case("it is throttled", **{**SILENT, "function_metrics": function_metrics(invocations=(), throttles=series(1))}),
    case("its metrics are denied, but it publishes", function_metrics=AwsFailure("denied")),
    case(
        "it only measures",
        "fail",
        f'rule {RULE} sends {{"publish": false}}, to which the publisher answers',
        targets=sent(publish=False),
    ),
    case("it only describes", "fail", '{"describe": true}', targets=sent(describe=True)),
    case(
        "another event",
        "warn",
        f"the target of rule {RULE} has Input, which is not declared",
        targets=sent(publish=True),
    ),
    case("an event that is no JSON", "warn", "has Input", targets=[target(Input="{")]),
    case("twice", "warn", f"rule {RULE} fires the publisher by 2 targets", targets=[target(), target(ARN)]),
    case("no rule", "fail", f"rule {RULE} does not exist", rule=None, targets=[]),
    case("no publisher is needed", declared={"signal": "sqs_total"}, targets=[]),
)


@CASES
def test_the_schedule_invokes_the_publisher(example):
    holds(schedule_invokes_publisher, example)


def test_silence_is_not_made_of_a_failed_reading():
    with pytest.raises(Unread):
        schedule_invokes_publisher.check(observed(metric=(), function_metrics=AwsFailure("denied")), wanted())


def test_the_command_gives_the_missing_right():
    found = schedule_invokes_publisher.check(observed(permissions=[]), wanted())
    assert f"--qualifier live --statement-id events-{RULE} " in found.remedy.cli
    assert f"--source-arn {PLACE.rule_arn(RULE)} " in found.remedy.cli
