# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The right to invoke comes before the rule that fires, and goes after it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import Failure
from ansible_collections.academy.video_scaling.plugins.module_utils.resources import schedule
from ansible_collections.academy.video_scaling.plugins.module_utils.resources.retries import Retries
from ansible_collections.academy.video_scaling.plugins.module_utils.resources.schedule import Schedule
from ansible_collections.academy.video_scaling.tests.unit.examples import FUNCTION, PLACE, RULE
from ansible_collections.academy.video_scaling.tests.unit.fake_aws import FakeAws, operations, refusal
from ansible_collections.academy.video_scaling.tests.unit.tag_cases import TAGS


def desired(rule_name=RULE, expression="rate(1 minute)", present=True):
    return schedule.from_params(rule_name, expression, FUNCTION, PLACE, present)


RETRIES = Retries(FUNCTION)
WHOLE = Schedule(desired().permission.permission, RETRIES, desired().firing.rule)
NOTHING = Schedule(None, None, None)
QUIET = "put_function_event_invoke_config"


@pytest.mark.parametrize(
    ("current", "present", "steps"),
    [
        pytest.param(NOTHING, True, ["add_permission", QUIET, "put_rule", "put_targets"], id="new"),
        pytest.param(WHOLE, True, [], id="as declared"),
        pytest.param(replace(WHOLE, permission=None), True, ["add_permission"], id="the right is missing"),
        pytest.param(replace(WHOLE, retries=None), True, [QUIET], id="failed runs are repeated"),
        pytest.param(replace(WHOLE, rule=None), True, ["put_rule", "put_targets"], id="the rule is missing"),
        pytest.param(WHOLE, False, ["remove_targets", "delete_rule", "remove_permission"], id="to be removed"),
        pytest.param(NOTHING, False, [], id="removed already"),
        pytest.param(replace(NOTHING, retries=RETRIES), False, [], id="removed already, the function stays"),
    ],
)
def test_the_way_to_the_schedule(current, present, steps):
    plan = schedule.plan(current, desired(present=present))
    assert operations(plan) == steps
    assert bool(plan.differences()) is bool(steps)


@pytest.mark.parametrize("current", [NOTHING, replace(WHOLE, retries=Retries(FUNCTION, 2))], ids=["new", "changed"])
def test_an_alias_or_a_rule_that_was_made_a_moment_ago_may_not_be_found_yet(current):
    steps = [step for step in schedule.plan(current, desired()).requests if step.operation != "put_rule"]
    assert steps
    assert all(("ResourceNotFoundException", "") in step.until_consistent for step in steps)


def test_the_plan_shows_every_part():
    plan = schedule.plan(NOTHING, desired())
    assert plan.before is None
    assert list(plan.after) == [
        f"permission of rule to invoke {FUNCTION}:live",
        f"repetition of failed runs of {FUNCTION}:live",
        f"rule {RULE}",
    ]


@pytest.mark.parametrize(
    ("options", "option"),
    [
        ({"rule_name": ""}, "rule_name"),
        ({"rule_name": "every minute"}, "rule_name"),
        ({"rule_name": "r" * 65}, "rule_name"),
        ({"expression": "1 minute"}, "schedule_expression"),
        ({"expression": "every(1 minute)"}, "schedule_expression"),
        ({"expression": "rate()"}, "schedule_expression"),
        ({"expression": ""}, "schedule_expression"),
    ],
    ids=str,
)
def test_what_eventbridge_does_not_take_is_named(options, option):
    with pytest.raises(Failure, match=f"^{option}: "):
        desired(**options)


@pytest.mark.parametrize("expression", ["rate(1 minute)", "rate(5 minutes)", "cron(0/5 * * * ? *)"])
def test_rates_and_crons_are_taken(expression):
    assert desired(expression=expression).firing.rule.schedule_expression == expression


def test_nothing_there_is_found_as_nothing():
    gone = refusal("ResourceNotFoundException")
    asked = ("lambda.get_policy", "lambda.get_function_event_invoke_config", "events.describe_rule")
    assert schedule.find(FakeAws(dict.fromkeys(asked, gone)), {RULE: desired()}) == {RULE: NOTHING}


def test_what_may_not_be_read_is_the_rules_failure():
    operations = ("lambda.get_policy", "lambda.get_function_event_invoke_config", "events.describe_rule")
    aws = FakeAws(dict.fromkeys(operations, refusal("AccessDeniedException")))
    assert "AccessDenied" in str(schedule.find(aws, {RULE: desired()})[RULE])


def test_the_rule_alone_has_the_tags():
    wanted = schedule.from_params(RULE, "rate(1 minute)", FUNCTION, PLACE, tags=TAGS)
    plan = schedule.plan(NOTHING, wanted)
    assert [step.operation for step in plan.requests if "Tags" in step.params] == ["put_rule"]
    untagged = replace(WHOLE, rule=replace(WHOLE.rule, arn=PLACE.rule_arn(RULE)))
    assert operations(schedule.plan(untagged, wanted)) == ["tag_resource"]
