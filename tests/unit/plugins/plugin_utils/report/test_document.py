# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong comes first, and one sentence speaks for all pools."""

from __future__ import annotations

import pytest
from ansible_collections.academy.video_scaling.plugins.plugin_utils.report import document
from ansible_collections.academy.video_scaling.tests.unit import diagnoses


def pool(name="video", healthy=True, **counts):
    return {"name": name, "healthy": healthy, "verdict": f"Verdict of {name}.", "counts": counts}


def finding(status, name="x", **more):
    return {"id": name, "status": status, "cause": "rule r is off", **more}


def test_only_the_diagnosis_is_shown():
    shown = document.document(diagnoses.result(diagnoses.well()) | {"invocation": {"secret": 1}})
    assert list(shown) == ["healthy", "at", "since", "region", "account_id", "pools"]


def test_failures_come_first_and_causes_stay_before_what_follows():
    statuses = {"a": "pass", "b": "warn", "c": "fail", "d": "skipped", "e": "unknown", "f": "fail"}
    listed = [finding(status, name) for name, status in statuses.items()]
    assert "".join(one["id"] for one in document.by_status(listed)) == "cfebda"


def test_the_worst_pools_come_first():
    listed = [pool("a"), pool("b", False), pool("c", warn=1), pool("d", False)]
    assert [one["name"] for one in document.worst_first(listed)] == ["b", "d", "c", "a"]


@pytest.mark.parametrize(
    ("pools", "sentence"),
    [
        ([pool()], "Verdict of video."),
        ([pool("a"), pool("b")], "All 2 pools are healthy."),
        ([pool("a"), pool("b", warn=2)], "All 2 pools are healthy, 1 of them with warnings."),
        ([pool("a"), pool("b", False)], "1 of 2 pools is not healthy: b."),
        ([pool("a", False), pool("b", False), pool("c")], "2 of 3 pools are not healthy: a, b."),
        (
            [pool(str(number), False) for number in range(12)],
            "12 of 12 pools are not healthy: 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 2 more.",
        ),
        ([], "All 0 pools are healthy."),
    ],
    ids=["one", "all well", "a warning", "one ill", "two ill", "very many", "none"],
)
def test_the_headline(pools, sentence):
    assert document.headline({"pools": pools}) == sentence


@pytest.mark.parametrize(
    ("counts", "expected"),
    [({"pass": 3, "fail": 1, "warn": 0}, "1 fail, 3 pass"), ({}, "no check ran"), (None, "no check ran")],
    ids=["some", "none", "not counted"],
)
def test_the_tally(counts, expected):
    assert document.tally({"counts": counts}) == expected


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (finding("fail", effect="Nothing scales"), "Nothing scales because rule r is off."),
        (finding("fail"), "Rule r is off."),
        (finding("warn", effect="Nothing scales"), "Rule r is off."),
        (finding("unknown", effect="Nothing scales"), "It is not known: rule r is off."),
        (finding("skipped"), "Rule r is off."),
        (finding("fail", effect="Nothing\nscales", cause="it ends. "), "Nothing scales because it ends."),
        (finding("pass", cause=""), ""),
    ],
    ids=["fail", "no effect", "warn", "unknown", "skipped", "several lines", "pass"],
)
def test_a_finding_is_a_sentence(found, expected):
    assert document.sentence(found) == expected


@pytest.mark.parametrize(
    ("remedy", "expected"),
    [
        ({"playbook": "p", "cli": "c"}, [("Playbook", "p"), ("AWS CLI", "c")]),
        ({"playbook": "", "cli": "c"}, [("AWS CLI", "c")]),
        ({}, []),
        (None, []),
    ],
    ids=["both", "one", "empty", "none"],
)
def test_the_ways_out(remedy, expected):
    assert document.remedies({"remedy": remedy}) == expected


@pytest.mark.parametrize("timeline", [None, {}, {"held": None, "events": None}])
def test_of_a_pool_without_a_timeline_nothing_is_listed(timeline):
    assert document.held({"timeline": timeline}) == document.events({"timeline": timeline}) == []
