# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Retention is set where it is declared or where nothing is lost by it, and never shortened by itself."""

from __future__ import annotations

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import Failure
from ansible_collections.academy.video_scaling.plugins.module_utils.resources import log_group
from ansible_collections.academy.video_scaling.plugins.module_utils.resources.log_group import LogGroup
from ansible_collections.academy.video_scaling.tests.unit.examples import PLACE
from ansible_collections.academy.video_scaling.tests.unit.fake_aws import FakeAws, refusal, sent
from ansible_collections.academy.video_scaling.tests.unit.tag_cases import TAGS, every_drift, require_own_tags_shown

NAME = "/aws/lambda/depth"


def create():
    return ("create_log_group", {"logGroupName": NAME})


def keep(days):
    return ("put_retention_policy", {"logGroupName": NAME, "retentionInDays": days})


@pytest.mark.parametrize(
    ("current", "declared", "requests"),
    [
        pytest.param(None, None, [create(), keep(14)], id="new"),
        pytest.param(None, 30, [create(), keep(30)], id="new, declared"),
        pytest.param(
            LogGroup(NAME, None, stored=False), None, [keep(14)], id="made a moment ago, by a run that was stopped"
        ),
        pytest.param(LogGroup(NAME, None), None, [], id="kept forever"),
        pytest.param(LogGroup(NAME, 365), None, [], id="kept longer"),
        pytest.param(LogGroup(NAME, 3, stored=False), None, [], id="kept shorter"),
        pytest.param(LogGroup(NAME, 365), 7, [keep(7)], id="declared shorter"),
        pytest.param(LogGroup(NAME, None), 7, [keep(7)], id="declared, kept forever"),
        pytest.param(LogGroup(NAME, 7), 7, [], id="as declared"),
    ],
)
def test_retention(current, declared, requests):
    plan = log_group.plan(current, LogGroup(NAME, declared))
    assert sent(plan) == requests
    assert bool(plan.differences()) is bool(requests)


@pytest.mark.parametrize(
    ("current", "requests"),
    [
        pytest.param(None, [], id="not there"),
        pytest.param(LogGroup(NAME, 14), [("delete_log_group", {"logGroupName": NAME})], id="there"),
    ],
)
def test_an_absent_log_group_goes(current, requests):
    plan = log_group.plan_absent(current)
    assert sent(plan) == requests
    assert plan.after is None
    assert bool(plan.differences()) is bool(requests)


def test_only_the_group_of_exactly_that_name_is_found():
    aws = FakeAws(
        {"logs.describe_log_groups": [{"logGroupName": f"{NAME}-2"}, {"logGroupName": NAME, "retentionInDays": 7}]}
    )
    assert log_group.find(aws, NAME) == LogGroup(NAME, 7)


def test_a_group_with_a_longer_name_is_another():
    assert log_group.find(FakeAws({"logs.describe_log_groups": [{"logGroupName": f"{NAME}-2"}]}), NAME) is None


@pytest.mark.parametrize(
    ("answer", "stored"),
    [({}, False), ({"storedBytes": 0}, False), ({"storedBytes": 1}, True)],
    ids=["unsaid", "none", "some"],
)
def test_what_a_retention_could_delete_is_known(answer, stored):
    assert log_group.from_response({"logGroupName": NAME, **answer}).stored is stored


def test_the_first_retention_is_one_that_aws_takes():
    assert log_group.INITIAL_RETENTION_DAYS in log_group.RETENTION_DAYS


# --- tags -------------------------------------------------------------------------------------------------------


def test_a_new_log_group_is_made_with_its_tags():
    plan = log_group.plan(None, LogGroup(NAME, tags=TAGS))
    assert sent(plan) == [("create_log_group", {"logGroupName": NAME, "tags": TAGS}), keep(14)]
    require_own_tags_shown(plan, {})


@every_drift
def test_the_given_tags_of_a_log_group_are_mended_and_no_others(live, untagged):
    aws = FakeAws(
        {
            "logs.describe_log_groups": [{"logGroupName": NAME, "retentionInDays": 7}],
            "logs.list_tags_for_resource": {"tags": live},
        }
    )
    plan = log_group.plan(log_group.find(aws, NAME, TAGS), LogGroup(NAME, tags=TAGS))
    arn = PLACE.log_group_arn(NAME)
    assert sent(plan) == ([("tag_resource", {"resourceArn": arn, "tags": untagged})] if untagged else [])
    assert aws.asked[-1] == ("logs.list_tags_for_resource", {"resourceArn": arn})
    require_own_tags_shown(plan, live)


def test_tags_that_may_not_be_read_are_reported():
    answers = {
        "logs.describe_log_groups": [{"logGroupName": NAME}],
        "logs.list_tags_for_resource": refusal("AccessDeniedException"),
    }
    with pytest.raises(Failure, match="AccessDenied"):
        log_group.find(FakeAws(answers), NAME, TAGS)


@pytest.mark.parametrize("found", [[], [{"logGroupName": NAME}]], ids=["no group", "no tags given"])
def test_tags_are_read_only_where_some_are_given(found):
    aws = FakeAws({"logs.describe_log_groups": found})
    log_group.find(aws, NAME, {} if found else TAGS)
    assert [name for name, _params in aws.asked] == ["logs.describe_log_groups"]
