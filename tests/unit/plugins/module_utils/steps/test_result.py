# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a step tells: a row per pool, and of all its resources only those that change."""

from __future__ import annotations

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import Failure
from ansible_collections.academy.video_scaling.plugins.module_utils.plan import Plan, Request
from ansible_collections.academy.video_scaling.plugins.module_utils.reconcile import Outcome
from ansible_collections.academy.video_scaling.plugins.module_utils.steps.result import (
    StepResult,
    combined,
    diff,
    facts_of,
    merged,
    pool_result,
    stopped,
    warning,
)
from ansible_collections.academy.video_scaling.tests.unit.examples import other, pool

PUT = Request("sqs", "delete_queue", {"QueueUrl": "u"})
CHANGE = Plan("queue jobs", {"visibility_timeout": 1}, {"visibility_timeout": 2}, (PUT,))
NO_CHANGE = Plan("queue dlq", {}, {})
VIDEO, AUDIO = pool(), pool(**other())


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        ([Outcome(NO_CHANGE)], {"changed": False}),
        ([Outcome(NO_CHANGE), Outcome(CHANGE)], {"changed": True}),
        ([Outcome(None)], {"changed": False}),
        (
            [Outcome(None, Failure("x")), Outcome(CHANGE, Failure("y"))],
            {"changed": True, "failed": True, "msg": "x; y"},
        ),
    ],
    ids=["as it was", "one changed", "nothing planned", "both failed"],
)
def test_a_row_is_about_all_resources_of_its_pool(outcomes, expected):
    assert pool_result("video", outcomes, fact=1) == {"name": "video", "fact": 1, **expected}


def test_a_result_holds_only_what_changes():
    done = StepResult([{"name": "video"}], {1: Outcome(NO_CHANGE), 2: Outcome(CHANGE), 3: Outcome(None)}, {"fact": 1})
    assert done.result() == {
        "changed": True,
        "pools": [{"name": "video"}],
        "requests": [{"service": "sqs", "operation": "delete_queue", "params": {"QueueUrl": "u"}}],
        "diff": [diff(CHANGE)],
        "fact": 1,
    }


@pytest.mark.parametrize(
    ("outcomes", "changed"),
    [({}, False), ({1: Outcome(NO_CHANGE)}, False), ({1: Outcome(NO_CHANGE), 2: Outcome(CHANGE, Failure("x"))}, True)],
    ids=["nothing", "as it was", "sent, and failed"],
)
def test_a_step_changed_what_any_of_its_resources_changed(outcomes, changed):
    done = StepResult([], outcomes)
    assert (done.changed, done.result()["changed"], done.read_result()["changed"]) == (changed, changed, False)


def test_a_step_that_only_reads_tells_its_pools_and_facts():
    assert StepResult([{"name": "video"}], {1: Outcome(CHANGE)}, {"region": "r"}).read_result() == {
        "changed": False,
        "pools": [{"name": "video"}],
        "region": "r",
    }


def test_the_pools_that_failed_are_reported_with_their_reason():
    assert StepResult(
        [pool_result("video", [Outcome(CHANGE)]), pool_result("audio", [Outcome(None, Failure("x"))])]
    ).failed == {"audio": "x"}


def test_a_step_that_came_to_nothing_fails_each_of_its_pools():
    done = stopped([VIDEO, AUDIO], "expired")
    assert (done.failed, done.changed, done.result()["diff"]) == ({"video": "expired", "audio": "expired"}, False, [])
    assert [one["changed"] for one in done.rows] == [False, False]


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([], {"changed": False}),
        ([{"changed": True, "a": 1}, {"changed": False, "b": 2}], {"changed": True, "a": 1, "b": 2}),
        ([{"changed": False}, {"changed": True}], {"changed": True}),
        (
            [{"changed": True, "failed": True, "msg": "x"}, {"changed": False, "b": 2}],
            {"changed": True, "failed": True, "msg": "x", "b": 2},
        ),
        (
            [{"changed": False, "failed": True, "msg": "x"}, {"changed": False, "failed": True, "msg": "y"}],
            {"changed": False, "failed": True, "msg": "x; y"},
        ),
    ],
    ids=["no part", "changed first", "changed last", "failed first", "failed twice"],
)
def test_all_parts_make_one_row_of_a_pool(parts, expected):
    rows = merged([VIDEO, AUDIO], [StepResult([{"name": "audio", **part}]) for part in parts])
    assert rows == [{"name": "video", "changed": False}, {"name": "audio", **expected}]


def test_every_part_may_warn():
    parts = [
        StepResult([], facts={**warning(["first"]), "a": 1}),
        StepResult([], facts=warning([])),
        StepResult([], facts={**warning(["second", "third"]), "a": 2}),
    ]
    assert combined([], parts).facts == {"a": 2, "warnings": ["first", "second", "third"]}
    assert facts_of(parts[1:2]) == {}


def test_before_and_after_are_not_the_same_thing():
    shown = diff(CHANGE)
    assert (shown["before"], shown["after"]) == ({"visibility_timeout": 1}, {"visibility_timeout": 2})
    assert shown["before_header"] == shown["after_header"] == "queue jobs"


@pytest.mark.parametrize(("before", "after"), [(None, {"a": 1}), ({"a": 1}, None)], ids=["made", "removed"])
def test_nothing_is_shown_as_empty(before, after):
    shown = diff(Plan("queue jobs", before, after, (PUT,)))
    assert (shown["before"], shown["after"]) == (before or {}, after or {})
