# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Of a pool the page shows what is wrong first, and of many pools less of each."""

from __future__ import annotations

import pytest
from ansible_collections.academy.video_scaling.plugins.plugin_utils.report.view import pool_view
from ansible_collections.academy.video_scaling.tests.unit import diagnoses
from markupsafe import Markup

STUCK = diagnoses.stuck()


@pytest.mark.parametrize(
    ("pool", "state"),
    [
        ({"healthy": True, "counts": {"pass": 3}}, "pass"),
        ({"healthy": True, "counts": {"warn": 1}}, "warn"),
        ({"healthy": False, "counts": {"unknown": 1}}, "unknown"),
        ({"healthy": False, "counts": {"unknown": 1, "fail": 1}}, "fail"),
        ({"healthy": False}, "fail"),
    ],
    ids=["well", "a warning", "unknown", "a failure", "nobody says why"],
)
def test_the_state_of_a_pool(pool, state):
    assert pool_view({"name": "x", "verdict": "y", "findings": [], **pool}, 1, False)["state"] == state


def test_what_a_person_must_look_at_is_kept_apart():
    seen = pool_view(STUCK, 3, False)
    assert [finding["status"] for finding in seen["open"]] == ["fail", "fail", "fail", "warn"]
    assert {finding["status"] for finding in seen["skipped"]} == {"skipped"}
    assert {finding["status"] for finding in seen["passed"]} == {"pass"}
    assert sum(len(seen[kind]) for kind in ("open", "skipped", "passed")) == len(STUCK["findings"])
    assert seen["open"][0]["commands"][0] == ("Playbook", "ansible-playbook academy.video_scaling.apply")


def test_what_follows_leads_to_its_cause():
    seen = pool_view(STUCK, 3, False)
    (follower,) = [one for one in seen["skipped"] if one["id"] == "signal_is_per_instance"]
    assert (follower["root"], follower["root_anchor"]) == ("policy_tracks_queue", "p3-policy_tracks_queue")
    assert follower["root_anchor"] in {one["anchor"] for one in seen["open"]}
    assert not follower["rest"].startswith("it follows")


def test_of_many_pools_less_is_shown_of_each():
    few, many = (pool_view(diagnoses.busy(), 1, is_many) for is_many in (False, True))
    assert any(one["observed"] for one in few["passed"]) and not any(one["observed"] for one in many["passed"])
    assert many["open"][0]["observed"]
    assert len(many["events"]) <= len(few["events"]) == len(few["events"]) + few["earlier"]
    assert len(many["chart"]) <= len(few["chart"])


@pytest.mark.parametrize("kind", ["events", "evidence"])
def test_what_is_too_long_is_cut_and_says_so(kind):
    pool = diagnoses.stuck()
    pool["timeline"]["events"] = [{"at": "2026-02-22T09:01:00Z", "kind": "alarm", "words": str(n)} for n in range(400)]
    pool["findings"][0]["evidence"]["observed"] = "x" * 7000
    seen = pool_view(pool, 1, False)
    if kind == "events":
        assert (len(seen["events"]), seen["events"][0]["words"], seen["earlier"]) == (300, "399", 100)
    else:
        assert seen["passed"][0]["observed"].endswith("... (1000 characters more)")


def test_a_pool_without_a_timeline_has_no_chart():
    seen = pool_view({**STUCK, "timeline": None}, 1, False)
    assert (seen["chart"], seen["summary"], seen["held"], seen["events"], seen["gaps"]) == ("", "", [], [], [])


def test_only_the_chart_is_trusted():
    def trusted(value):
        if isinstance(value, Markup):
            return [value]
        inner = value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else ()
        return [found for one in inner for found in trusted(one)]

    seen = pool_view(diagnoses.nasty(), 1, False)
    assert trusted(seen) == [seen["chart"]]
