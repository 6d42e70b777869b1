# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Times and numbers are worded so that a person need not compute."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.wording.words import (
    counted,
    lasting,
    moment,
    since,
    stamped,
)
from ansible_collections.academy.video_scaling.tests.unit.observations import AT, ago

SEOUL = timezone(timedelta(hours=9))


@pytest.mark.parametrize(
    ("time", "words"),
    [
        (ago(minutes=5), "11:55 UTC"),
        (ago(days=1), "2026-02-21 12:00 UTC"),
        (datetime(2026, 2, 22, 20, 30, tzinfo=SEOUL), "11:30 UTC"),
    ],
    ids=["today", "another day", "another zone"],
)
def test_a_moment(time, words):
    assert moment(AT, time) == words


@pytest.mark.parametrize(
    ("duration", "words"),
    [
        ({"seconds": 45}, "45 s"),
        ({"seconds": 89}, "89 s"),
        ({"seconds": 90}, "2 min"),
        ({"minutes": 89}, "89 min"),
        ({"minutes": 90}, "1.5 h"),
        ({"hours": 3}, "3 h"),
        ({"hours": 47}, "47 h"),
        ({"hours": 6, "minutes": 12}, "6.2 h"),
        ({"days": 2}, "2 d"),
        ({"days": 2, "hours": 5}, "2.2 d"),
        ({"days": 3}, "3 d"),
        ({"days": 3, "hours": 12}, "3.5 d"),
    ],
)
def test_how_long(duration, words):
    assert lasting(timedelta(**duration)) == words


def test_since_when():
    assert since(AT, ago(hours=6, minutes=30)) == "since 05:30 UTC (6.5 h)"


@pytest.mark.parametrize(("number", "words"), [(0, "0 runs"), (1, "1 run"), (2.0, "2 runs"), (2.5, "2.5 runs")])
def test_a_number_of_things(number, words):
    assert counted(number, "run") == words


@pytest.mark.parametrize("text", ["2026-02-22T12:00:20+00:00", "2026-02-22T12:00:20Z", "2026-02-22T21:00:20+09:00"])
def test_a_stamp_is_a_moment(text):
    assert stamped(text) == AT
    assert stamped(text).tzinfo is UTC
