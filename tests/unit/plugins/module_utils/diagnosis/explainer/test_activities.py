# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who changed the capacity stands in the words of AWS, which are read as AWS writes them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.explainer import activities
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.explainer.activities import Change
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.observing.reads import MOST_ACTIVITIES
from ansible_collections.academy.video_scaling.tests.unit.observations import activity, ago

ELEVEN = datetime(2026, 2, 22, 11, 0, tzinfo=UTC)
STARTED = (
    "  At 2026-02-22T11:00:04Z an instance was started in response to a difference between desired and actual "
    "capacity, increasing the capacity from 2 to 3."
)


@pytest.mark.parametrize(
    ("cause", "by", "is_policy", "words"),
    [
        (
            "a monitor alarm TargetTracking-g-AlarmHigh-0d1f in state ALARM triggered policy video-tt changing the",
            "video-tt",
            True,
            "desired 2 -> 3 by policy video-tt",
        ),
        (
            "a monitor alarm x in state ALARM triggered policy two words changing the",
            "two words",
            True,
            "desired 2 -> 3 by policy two words",
        ),
        (
            "a user request explicitly set group desired capacity changing the",
            "a user request explicitly set group desired capacity",
            False,
            "desired 2 -> 3 by a user request explicitly set group desired capacity",
        ),
        (
            "a user request update of AutoScalingGroup constraints to min: 1, max: 20, desired: 3 changing the",
            "a user request update of AutoScalingGroup constraints to min: 1, max: 20, desired: 3",
            False,
            "desired 2 -> 3 by a user request update of AutoScalingGroup constraints to min: 1, max: 20, desired: 3",
        ),
    ],
    ids=["a policy", "a policy of two words", "a user", "an update"],
)
def test_who_changed_the_capacity(cause, by, is_policy, words):
    entry = activity(f"At 2026-02-22T11:00:00Z {cause} desired capacity from 2 to 3.{STARTED}")
    assert activities.changes([entry]) == [Change(ELEVEN, 2, 3, by, is_policy)]
    assert activities.changes([entry])[0].words == words


@pytest.mark.parametrize(
    "cause",
    [
        "",
        "At 2026-02-22T11:00:00Z an instance was taken out of service in response to an EC2 health check.",
        f"Something else.{STARTED}",
        "changing the desired capacity from 2 to 3",
    ],
    ids=["nothing", "a health check", "no change", "no time"],
)
def test_what_is_no_change(cause):
    assert activities.changes([activity(cause), {}]) == []


def test_one_change_that_started_several_instances_is_listed_once_and_in_order():
    first, second = (
        activity(f"At 2026-02-22T1{hour}:00:00Z a user request changing the desired capacity from {hour} to 9.")
        for hour in (0, 1)
    )
    assert [change.before for change in activities.changes([second, first, second])] == [0, 1]


def test_instances_come_when_they_are_started_and_go_when_their_stop_begins():
    launch, stop = (
        activity("", Description=f"{what} EC2 instance: i-1") for what in ("Launching a new", "Terminating")
    )
    listed = [
        launch,
        stop,
        {**launch, "StatusCode": "Failed"},
        {**launch, "EndTime": None, "StatusCode": "InProgress"},
        {**stop, "StatusCode": "Cancelled"},
        {},
    ]
    assert activities.arrivals(listed) == [launch["EndTime"]]
    assert activities.moves(listed) == [(stop["StartTime"], -1, "i-1"), (launch["EndTime"], 1, "i-1")]


@pytest.mark.parametrize(
    ("number", "since"),
    [(0, None), (MOST_ACTIVITIES - 1, None), (MOST_ACTIVITIES, ago(minutes=MOST_ACTIVITIES - 1))],
    ids=["none", "all", "as many as are read"],
)
def test_as_many_as_are_read_may_be_cut_off(number, since):
    assert activities.reach_back([activity("", ago(minutes=minutes)) for minutes in range(number)]) == since


@pytest.mark.parametrize("status", ["Successful", "InProgress", "Failed", "Cancelled"])
def test_what_failed(status):
    assert activities.failed({"StatusCode": status}) == (status in ("Failed", "Cancelled"))
