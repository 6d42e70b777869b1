# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A chart gets numbers and texts, in a form that HTML cannot mistake for its own."""

from __future__ import annotations

import json
import re

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.explainer import events
from ansible_collections.academy.video_scaling.plugins.plugin_utils.report import chart
from ansible_collections.academy.video_scaling.plugins.plugin_utils.report.wording import line
from ansible_collections.academy.video_scaling.tests.unit import diagnoses
from ansible_collections.academy.video_scaling.tests.unit.diagnoses import NASTY
from ansible_collections.academy.video_scaling.tests.unit.examples import ROOT

BUSY = diagnoses.busy()["timeline"]
LEAST = {
    "start": "2026-02-22T09:00:00Z",
    "step": 60,
    "minutes": 4,
    "series": {"depth": [1, None, 3.5, 0], "alarm_high": ["OK", "ALARM", "INSUFFICIENT_DATA", None]},
}
WORDS = (
    "no datapoint for 20 min: policy video-backlogcount-tt counts a missing "
    "Academy/VideoProcessing/VideoQueueDepthTotal as 0, so AWS scales in while it is missing"
)


def drawn(timeline):
    return json.loads(chart.embedded(timeline, timeline.get("held", ()), timeline.get("events", ())))


def test_what_is_drawn():
    assert drawn({**LEAST, "max_size": 20}) == {
        "start": 1771750800,
        "step": 60,
        "points": 4,
        "max": 20,
        "held": [],
        "events": [],
        "depth": [1, None, 3.5, 0],
        "published": None,
        "compared": None,
        "desired": None,
        "in_service": None,
        "alarm_high": [0, 1, 2, None],
        "alarm_low": None,
    }


def test_what_a_busy_pool_draws():
    numbers = drawn(BUSY)
    assert {len(numbers[name]) for name in (*chart.COLUMNS, *chart.ALARMS)} == {181}
    assert {kind for at, kind, words in numbers["events"]} >= {"alarm", "capacity", "launch", "failure"}
    assert all(numbers["start"] <= at <= numbers["start"] + 181 * 60 for at, kind, words in numbers["events"])
    assert {span[2] for span in numbers["held"]} == {"in", "out"}
    assert not any("at_min" in span[3] for span in numbers["held"])


def test_minutes_that_a_policy_took_for_an_empty_queue_are_marked():
    numbers = drawn(diagnoses.deceived()["timeline"])
    assert numbers["compared"][79:101] == [1, *[0] * 20, 1]
    assert [(at, words) for at, kind, words in numbers["events"] if kind == "missing"] == [
        (numbers["start"] + 80 * 60, WORDS)
    ]


def test_each_mark_has_a_letter_of_its_own():
    script = (ROOT / "files" / "report" / "page.js").read_text(encoding="utf-8")
    letters = dict(re.findall(r'(\w+): "(\w)"', re.search(r"LETTERS = {(.*)};", script)[1]))
    # A launch and a termination are the two sides of a change of capacity, which is marked.
    assert letters.keys() == {*events.KINDS} - {events.LAUNCH, events.TERMINATION}
    assert len(set(letters.values())) == len(letters)


@pytest.mark.parametrize(
    ("minutes", "points", "step"),
    [(1440, 1440, 60), (1441, 721, 120), (21600, 1440, 900)],
    ids=["day", "more", "15 days"],
)
def test_of_a_long_window_minutes_share_a_point(minutes, points, step):
    values = [None] * minutes
    values[-1] = 7
    numbers = drawn({**LEAST, "minutes": minutes, "series": {"depth": values}})
    assert (numbers["points"], len(numbers["depth"]), numbers["step"]) == (points, points, step)
    assert numbers["depth"][-1] == 7 and set(numbers["depth"][:-1]) == {None}


@pytest.mark.parametrize("text", NASTY)
def test_no_text_leaves_the_script_element(text):
    event = {"at": "2026-02-22T09:01:00Z", "kind": text, "words": text}
    span = {"from": "2026-02-22T09:01:00Z", "to": "2026-02-22T09:02:00Z", "minutes": 1, "direction": text}
    series = {"depth": [text, True, 1, 2], "alarm_low": [text, None, None, None]}
    embedded = chart.embedded({**LEAST, "series": series}, [{**span, "holder": text, "words": text}], [event])
    assert not set(embedded) & set("<>&\u2028\u2029\x00\x1b")
    found = json.loads(embedded)
    assert found["events"][0][2] == line(text)
    assert found["depth"] == [None, None, 1, 2] and found["alarm_low"] is None
    assert found["held"][0][2] == "in"


@pytest.mark.parametrize(
    ("timeline", "is_drawable"),
    [
        (None, False),
        ({}, False),
        ({"series": {"depth": [None], "held": ["at_max"]}}, False),
        ({"series": {"depth": [None], "desired": [0]}}, True),
    ],
    ids=["none", "empty", "gaps", "something"],
)
def test_nothing_known_is_nothing_to_draw(timeline, is_drawable):
    assert chart.drawable(timeline) == is_drawable


def test_a_chart_has_words():
    assert chart.summary(LEAST) == "queue depth from 0 to 3.5, at last 0"
    assert "in service from 1 to 12, at last 9" in chart.summary(BUSY)
