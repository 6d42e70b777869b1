# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A pool that is not well is a result; a wrong option is refused before anything is asked."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.catalogue import IDS
from ansible_collections.academy.video_scaling.plugins.modules import video_scaling_diagnosis_info
from ansible_collections.academy.video_scaling.tests.unit.examples import PLACE, given, other
from ansible_collections.academy.video_scaling.tests.unit.fake_aws import refusal
from ansible_collections.academy.video_scaling.tests.unit.fake_region import Region, nothing
from ansible_collections.academy.video_scaling.tests.unit.observations import live_version

ABSENT = {name: value for name, value in nothing().items() if name != "answer"}
DISABLED = {"Name": "academy-worker-queue-depth-rate", "State": "DISABLED", "ScheduleExpression": "rate(1 minute)"}
# These two look at nothing whose age matters, so a region of fixed times is well for them at any time.
TWO = ["queue_exists", "schedule_enabled"]


def diagnosed(run, region, *pools, check_mode=False, **options):
    ended = run(
        video_scaling_diagnosis_info.main,
        {"pools": list(pools) or [given(signal="published_per_instance")], **options},
        region,
        check_mode,
    )
    assert not region.sent
    return ended


def test_a_pool_that_is_well(run):
    ended = diagnosed(run, Region(), checks=TWO)
    (row,) = ended["pools"]
    assert (ended["changed"], ended["healthy"], row["name"], row["changed"]) == (False, True, "video", False)
    assert (row["healthy"], row["verdict"], row["unread"]) == (True, "Pool video is healthy.", {})
    assert [finding["id"] for finding in row["findings"]] == TWO
    assert row["counts"] == {"pass": 2, "skipped": 0, "warn": 0, "unknown": 0, "fail": 0}
    assert (ended["region"], ended["account_id"]) == (PLACE.region, PLACE.account_id)
    assert row["timeline"]["minutes"] == 181


def test_a_pool_that_is_not_well_is_no_failure_of_the_task(run):
    ended = diagnosed(run, Region(rule=DISABLED), checks=TWO)
    (row,) = ended["pools"]
    assert "failed" not in ended and not ended["healthy"] and not row["healthy"]
    assert row["verdict"].startswith("Nothing scales because rule academy-worker-queue-depth-rate is disabled")


def test_every_check_is_reported_in_causal_order(run):
    (row,) = diagnosed(run, Region())["pools"]
    assert [finding["id"] for finding in row["findings"]] == list(IDS)
    assert sum(row["counts"].values()) == len(IDS)


def test_a_pool_that_does_not_exist_gets_a_report(run):
    ended = diagnosed(run, Region(**ABSENT))
    (row,) = ended["pools"]
    assert "queue academy-video-jobs does not exist" in row["verdict"]
    assert row["unread"] == {}
    # What hangs on something that is not there follows from its failure, and nothing is left unexplained.
    assert row["counts"]["unknown"] == 0


def test_each_pool_has_its_own_row(run):
    ended = diagnosed(run, Region(), given(), other(), checks=["queue_exists"])
    assert [(row["name"], row["healthy"]) for row in ended["pools"]] == [("video", True), ("audio", False)]
    assert ended["healthy"] is False


def test_what_is_refused_is_named(run):
    region = Region()
    region.answers["events.describe_rule"] = refusal("AccessDenied")
    (row,) = diagnosed(run, region, checks=TWO)["pools"]
    assert list(row["unread"]) == ["rule"]
    assert [finding["status"] for finding in row["findings"]] == ["pass", "unknown"]
    assert row["findings"][1]["evidence"]["api"] == "events:DescribeRule"
    assert not row["healthy"]


@pytest.mark.parametrize(
    ("since", "length"),
    [("90m", timedelta(minutes=90)), ("3h", timedelta(hours=3)), (" 15d ", timedelta(days=15))],
)
def test_how_far_back_is_read(run, since, length):
    ended = diagnosed(run, Region(), since=since, checks=["queue_exists"])
    begin, at = (datetime.fromisoformat(ended[name]) for name in ("since", "at"))
    assert at - begin == length
    assert abs(datetime.now(at.tzinfo) - at) < timedelta(minutes=5)


@pytest.mark.parametrize(
    ("options", "parts"),
    [
        ({"since": "0m"}, ["since: '0m'", "90m, 3h or 2d"]),
        ({"pools": [given(target_value=0)]}, ["pool video: target_value"]),
    ],
    ids=str,
)
def test_a_wrong_option_is_refused_before_the_first_request(run, options, parts):
    region = Region()
    ended = diagnosed(run, region, **options)
    assert ended["failed"] and region.asked == []
    assert all(part in ended["msg"] for part in parts), ended["msg"]


def test_a_skip_is_shown_with_its_reason(run):
    ended = diagnosed(run, Region(rule=DISABLED), checks=TWO, skip={"schedule_enabled": "until Friday"})
    skipped = ended["pools"][0]["findings"][1]
    assert (skipped["status"], skipped["cause"]) == ("skipped", "it was skipped: until Friday")
    assert ended["healthy"]


@pytest.mark.parametrize("invoke", [False, True])
@pytest.mark.parametrize("check_mode", [False, True])
def test_the_publisher_is_invoked_only_on_request(run, invoke, check_mode):
    region = Region(answer={"video_queue_depth_total": 3})
    assert diagnosed(run, region, invoke=invoke, check_mode=check_mode)["changed"] is False
    assert [event for *_function, event in region.events] == ([{"publish": False}] if invoke else [])


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ({"function_name": "mine"}, "mine"),
        ({"rule_name": "mine"}, "mine"),
        ({}, "academy-worker-queue-depth"),
    ],
    ids=["function", "rule", "defaults"],
)
def test_the_publisher_is_known_by_its_names(run, options, found):
    region = Region()
    diagnosed(run, region, **options)
    named = [str(params) for operation, params in region.asked if operation.startswith(("lambda", "events"))]
    assert any(found in params for params in named)


def test_nothing_of_the_environment_is_reported(run):
    secret = live_version(Environment={"Variables": {"API_KEY": "hunter2"}})
    ended = diagnosed(run, Region(function=secret, live_version=secret, versions=[secret]))
    assert "hunter2" not in json.dumps(ended)
