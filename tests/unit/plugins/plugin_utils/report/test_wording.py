# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever a text holds is seen, and nothing of it does anything."""

from __future__ import annotations

import json
from collections import UserDict

import pytest
from ansible_collections.academy.video_scaling.plugins.plugin_utils.report import wording
from ansible_collections.academy.video_scaling.tests.unit.diagnoses import NASTY


@pytest.mark.parametrize(
    ("value", "seen"),
    [
        ("plain", "plain"),
        (None, ""),
        (3.5, "3.5"),
        ("bell\x07", "bell\\x07"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("null\x00", "null\\x00"),
        ("next\x85", "next\\x85"),
        ("turned\u202egnp.exe", "turned\\u202egnp.exe"),
        ("\ufeffhidden\u200b", "\\ufeffhidden\\u200b"),
        ("half \ud800", "half \\ud800"),
        ("line\u2028end", "line\\u2028end"),
        ("two\nlines\tand tab", "two\nlines\tand tab"),
        ("two\r\nlines", "two\nlines"),
        ("one\rline", "one\\x0dline"),
        ("비디오 \N{MAN}\N{ZERO WIDTH JOINER}\N{WOMAN} é", "비디오 \N{MAN}\N{ZERO WIDTH JOINER}\N{WOMAN} é"),
        ("<script>", "<script>"),
    ],
)
def test_what_cannot_be_seen_is_written_out(value, seen):
    assert wording.legible(value) == seen


@pytest.mark.parametrize("text", NASTY)
def test_every_text_can_be_written_to_a_file_and_stays_as_it_is_then(text):
    seen = wording.legible(text)
    seen.encode("utf-8")
    assert wording.legible(seen) == seen


def test_a_line_is_one_line():
    assert wording.line(" two\n lines\r\n\tand tab ") == "two lines and tab"


def test_ansibles_containers_become_plain_ones():
    class Listed(list):
        pass

    copied = wording.plain(UserDict({1: Listed([UserDict({"a": (1, None)})]), "b": "text"}))
    assert copied == {"1": [{"a": [1, None]}], "b": "text"}
    assert not isinstance(copied["1"], Listed) and json.dumps(copied)


@pytest.mark.parametrize(
    ("value", "seen"),
    [
        (None, ""),
        ("", ""),
        (0, "0"),
        (False, "false"),
        ("some text", "some text"),
        ({"a": [1]}, '{\n  "a": [\n    1\n  ]\n}'),
        ("한글", "한글"),
        (["한글"], '[\n  "한글"\n]'),
        ("x" * 31, "x" * 30 + " ... (1 characters more)"),
        (["\ud800"], '[\n  "\\ud800"\n]'),
    ],
)
def test_evidence(value, seen):
    assert wording.evidence(value, 30) == seen


AT = "2026-02-22T12:00:20Z"


@pytest.mark.parametrize(
    ("time", "clock", "stamp", "seconds"),
    [
        ("2026-02-22T09:17:40Z", "09:17", "2026-02-22 09:17 UTC", 1771751860),
        ("2026-02-21T23:59:00Z", "2026-02-21 23:59", "2026-02-21 23:59 UTC", 1771718340),
        ("yesterday", "yesterday", "yesterday", 0),
        ("", "", "", 0),
    ],
    ids=["today", "the day before", "no time", "nothing"],
)
def test_times(time, clock, stamp, seconds):
    assert (wording.clock(time, AT), wording.stamp(time), wording.seconds(time)) == (clock, stamp, seconds)
