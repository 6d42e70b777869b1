# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each value lies in the minute that it is of, and what lies outside the window is not seen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.explainer.minutes import Minutes, iso

SINCE = datetime(2026, 2, 22, 9, 0, 20, tzinfo=UTC)
FOUR = Minutes.of(SINCE, SINCE + timedelta(minutes=3))


def at(minute, second=0):
    return datetime(2026, 2, 22, 9, minute, second, tzinfo=UTC)


@pytest.mark.parametrize(
    ("time", "number"),
    [
        (at(0), 0),
        (at(0, 59), 0),
        (at(1), 1),
        (at(3, 59), 3),
        (at(4), None),
        (at(0) - timedelta(seconds=1), None),
    ],
    ids=["its begin", "its end", "the next", "the last", "after", "before"],
)
def test_the_minute_of_a_moment(time, number):
    assert FOUR.number(time) == number


def test_the_window_begins_with_a_whole_minute_and_ends_when_it_was_read():
    assert len(FOUR) == 4
    assert [FOUR.begin(0), FOUR.end(0), FOUR.begin(3), FOUR.end(3)] == [at(0), at(1), at(3), at(3, 20)]


def test_a_minute_without_a_datapoint_is_a_gap():
    points = [(at(0) - timedelta(minutes=1), 9.0), (at(1), 1.0), (at(3), 3.0), (at(4), 9.0)]
    assert FOUR.points(points) == [None, 1.0, None, 3.0]


@pytest.mark.parametrize(
    ("changes", "values"),
    [
        ([], ["old"] * 4),
        ([(at(1, 30), "new")], ["old", "new", "new", "new"]),
        ([(at(1, 10), "brief"), (at(1, 50), "new")], ["old", "new", "new", "new"]),
        ([(at(0) - timedelta(hours=1), "new")], ["new"] * 4),
        ([(at(9), "new")], ["old"] * 4),
    ],
    ids=["none", "one", "two in a minute", "before the window", "after the window"],
)
def test_what_holds_at_the_end_of_each_minute(changes, values):
    assert FOUR.steps("old", changes) == values


def test_times_are_shown_in_utc():
    assert iso(datetime(2026, 2, 22, 18, 0, 20, 999, tzinfo=timezone(timedelta(hours=9)))) == "2026-02-22T09:00:20Z"
