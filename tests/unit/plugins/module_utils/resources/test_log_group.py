# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Retention is set where it is declared or where nothing is lost by it, and never shortened by itself."""

from __future__ import annotations

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.resources import log_group
from ansible_collections.academy.video_scaling.plugins.module_utils.resources.log_group import LogGroup
from ansible_collections.academy.video_scaling.tests.unit.fake_aws import FakeAws, sent

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
