# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The schedule is made for published pools, and goes only with the last pool that is served."""

from __future__ import annotations

import pytest
from ansible_collections.academy.video_scaling.plugins.modules import queue_depth_schedule
from ansible_collections.academy.video_scaling.tests.unit.examples import FUNCTION, PLACE, RULE, given, other
from ansible_collections.academy.video_scaling.tests.unit.fake_aws import FakeAws, publisher_serving, refusal
from ansible_collections.academy.video_scaling.tests.unit.tag_cases import TAGS, as_list

GONE = refusal("ResourceNotFoundException")
NOTHING = {
    "lambda.get_function_configuration": GONE,
    "lambda.get_policy": GONE,
    "lambda.get_function_event_invoke_config": GONE,
    "events.describe_rule": GONE,
}


def serving(*pools):
    """A publisher that serves these pools, fired by a rule."""
    return FakeAws(
        NOTHING
        | {
            **publisher_serving(*(pools or [given()])),
            "events.describe_rule": {"Name": RULE, "ScheduleExpression": "rate(1 minute)", "State": "ENABLED"},
            "events.list_targets_by_rule": [{"Id": "1", "Arn": PLACE.function_arn(FUNCTION, "live")}],
        }
    )


def schedule(run, aws, *pools, check_mode=True, **options):
    return run(queue_depth_schedule.main, {"pools": list(pools), **options}, aws, check_mode)


def test_a_check_on_an_empty_account_plans_everything_and_sends_nothing(run):
    aws = FakeAws(NOTHING)
    ended = schedule(run, aws, given(), other(signal="sqs_total"))
    assert aws.sent == []
    assert [step["operation"] for step in ended["requests"]] == [
        "add_permission",
        "put_function_event_invoke_config",
        "put_rule",
        "put_targets",
    ]
    assert [row["changed"] for row in ended["pools"]] == [True, False]
    assert ended["schedule"] == {"rule_name": RULE, "rule_arn": PLACE.rule_arn(RULE), "kept_for_pools": []}


def test_an_apply_sends_what_the_check_planned(run):
    aws = FakeAws(NOTHING)
    planned = schedule(run, aws, given())["requests"]
    ended = schedule(run, aws, given(), check_mode=False)
    assert [f"{step['service']}.{step['operation']}" for step in planned] == [name for name, _params in aws.sent]
    assert "did not converge" in ended["msg"], "this account never shows the change"


def test_pools_that_are_not_published_need_no_schedule(run):
    aws = FakeAws()
    ended = schedule(run, aws, given(signal="sqs_total"))
    assert (ended["changed"], aws.asked) == (False, [])


@pytest.mark.parametrize(
    ("served", "given_pools", "kept_for", "removed"),
    [
        ([given(), other()], [given()], ["audio"], False),
        ([given(), other()], [given(), other()], [], True),
        ([given()], [given()], [], True),
    ],
    ids=["another pool is served", "all are given", "the only one is given"],
)
def test_an_absent_schedule_goes_with_the_last_pool(run, served, given_pools, kept_for, removed):
    ended = schedule(run, serving(*served), *given_pools, state="absent")
    assert ended["schedule"]["kept_for_pools"] == kept_for
    operations = [step["operation"] for step in ended["requests"]]
    assert operations == (["remove_targets", "delete_rule"] if removed else [])


def test_without_a_publisher_an_absent_schedule_goes(run):
    aws = serving()
    aws.answers["lambda.get_function_configuration"] = GONE
    assert schedule(run, aws, given(), state="absent")["changed"]


@pytest.mark.parametrize("option", [{"rule_name": "a b"}, {"schedule_expression": "hourly"}], ids=str)
def test_a_wrong_option_is_refused_before_anything_is_asked(run, option):
    aws = FakeAws()
    ended = schedule(run, aws, given(), **option)
    assert ended["msg"].startswith(f"{next(iter(option))}: ")
    assert aws.asked == []


def test_a_new_rule_gets_the_tags(run):
    aws = FakeAws({**NOTHING, "ssm.list_tags_for_resource": refusal("InvalidResourceId")})
    ended = schedule(run, aws, given(), tags=TAGS)
    tagged = [step["params"]["Tags"] for step in ended["requests"] if "Tags" in step["params"]]
    assert tagged == [as_list(TAGS)]
