# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Findings come to one sentence: the first cause, and what follows from it does not shout as well."""

from __future__ import annotations

import json
import math
from datetime import timedelta, timezone
from types import SimpleNamespace

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis import verdict
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.finding import (
    Remedy,
    failed,
    passed,
    warned,
)
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.observed import Unread
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import AwsFailure
from ansible_collections.academy.video_scaling.tests.unit.examples import PLACE
from ansible_collections.academy.video_scaling.tests.unit.observations import AT, observed, wanted

DENIED = Unread(AwsFailure("sqs:X is denied", "AccessDenied", "sqs:X"))


def check(name, says, *follows):
    def answer(observed, expected):
        if isinstance(says, Exception):
            raise says
        return says

    return SimpleNamespace(
        __name__=f"checks.{name}",
        __doc__="Why it\nmatters.",
        TITLE=name.title(),
        API="sqs:Y",
        EFFECT=f"No {name}",
        FOLLOWS=follows,
        check=answer,
    )


def judged(monkeypatch, *checks, **options):
    monkeypatch.setattr(verdict, "CHECKS", checks)
    return verdict.judged(observed(), wanted(), **options)


QUEUE = check("queue", failed("queue q is gone"))
FINE = check("queue", passed())
ALONE = check("metric", failed("0 is seen", stands_alone=True), "queue")
BLIND = check("queue", DENIED)


@pytest.mark.parametrize(
    ("checks", "options", "statuses", "healthy", "sentence"),
    [
        ([FINE], {}, ["pass"], True, "Pool video is healthy."),
        (
            [FINE, check("slow", warned("it is slow"))],
            {},
            ["pass", "warn"],
            True,
            "Pool video is healthy, with 1 warning (slow).",
        ),
        (
            [check("slow", warned("it is slow")), check("rule", failed("rule r is off"))],
            {},
            ["warn", "fail"],
            False,
            "No rule because rule r is off.",
        ),
        (
            [check("a", warned("w")), check("b", failed("x is off", effect="Scaling is late"))],
            {},
            ["warn", "fail"],
            False,
            "Scaling is late because x is off.",
        ),
        (
            [BLIND],
            {},
            ["unknown"],
            False,
            "It is not known whether pool video is healthy because check queue has no answer: sqs:X is denied.",
        ),
        (
            [BLIND, check("rule", failed("rule r is off"))],
            {},
            ["unknown", "fail"],
            False,
            "No rule because rule r is off.",
        ),
        (
            [QUEUE, check("metric", failed("old"), "queue")],
            {},
            ["fail", "skipped"],
            False,
            "No queue because queue q is gone.",
        ),
        (
            [QUEUE, check("metric", failed("old"), "queue"), check("alarm", DENIED, "metric")],
            {},
            ["fail", "skipped", "skipped"],
            False,
            "No queue because queue q is gone.",
        ),
        ([QUEUE, check("metric", passed(), "queue")], {}, ["fail", "pass"], False, "No queue because queue q is gone."),
        ([BLIND, check("metric", failed("old"), "queue")], {}, ["unknown", "fail"], False, "No metric because old."),
        ([QUEUE], {"skip": {"queue": "being made"}}, ["skipped"], True, "Pool video is healthy."),
        (
            [QUEUE, check("metric", failed("old"), "queue")],
            {"skip": {"queue": "being made"}},
            ["skipped", "fail"],
            False,
            "No metric because old.",
        ),
        (
            [QUEUE, ALONE, check("alarm", failed("silent"), "metric")],
            {},
            ["fail", "fail", "skipped"],
            False,
            "No queue because queue q is gone. No metric because 0 is seen.",
        ),
        (
            [
                check("metric", failed("0 is seen", stands_alone=True)),
                check("rule", failed("off")),
                check("alarm", failed("0", stands_alone=True), "rule"),
            ],
            {},
            ["fail", "fail", "fail"],
            False,
            "No metric because 0 is seen.",
        ),
        (
            [QUEUE, ALONE, check("alarm", failed("0", stands_alone=True), "metric")],
            {},
            ["fail", "fail", "fail"],
            False,
            "No queue because queue q is gone. No metric because 0 is seen.",
        ),
        (
            [QUEUE, check("metric", warned("0 would be seen", stands_alone=True), "queue")],
            {},
            ["fail", "warn"],
            False,
            "No queue because queue q is gone.",
        ),
        ([QUEUE, check("rule", failed("off"))], {"checks": ["rule"]}, ["fail"], False, "No rule because off."),
        (
            [FINE, check("rule", failed("off")), check("metric", failed("old"), "rule")],
            {"checks": ["metric"]},
            ["fail", "skipped"],
            False,
            "No rule because off.",
        ),
    ],
    ids=[
        "well",
        "a warning",
        "a warning before the failure",
        "an effect of its own",
        "unknown",
        "a failure says more than what is unknown",
        "what follows",
        "what follows from what follows",
        "what passes all the same",
        "nothing follows from what is unknown",
        "what stands alone, and what follows from it",
        "what stands alone comes first",
        "one that stands alone is enough",
        "a warning that stands alone",
        "skipped",
        "nothing follows from what is skipped",
        "chosen",
        "chosen with its cause",
    ],
)
def test_the_verdict(monkeypatch, checks, options, statuses, healthy, sentence):
    outcome = judged(monkeypatch, *checks, **options)
    assert [finding.status for finding in outcome.findings] == statuses
    assert (outcome.healthy, outcome.sentence) == (healthy, sentence)
    assert outcome.pool == "video"
    assert sum(outcome.count(status) for status in set(statuses)) == len(statuses)


def test_a_finding_tells_what_belongs_to_its_check(monkeypatch):
    (found,) = judged(monkeypatch, QUEUE).findings
    assert (found.id, found.pool, found.title, found.why) == ("queue", "video", "Queue", "Why it matters.")
    assert (found.api, found.at, found.effect) == ("sqs:Y", AT, "No queue")


def test_what_is_unknown_names_the_missing_action(monkeypatch):
    (found,) = judged(monkeypatch, BLIND).findings
    assert (found.api, found.cause) == ("sqs:X", "sqs:X is denied")


def test_a_verdict_is_shown_in_what_json_has(monkeypatch):
    seen = {
        "at": AT.astimezone(timezone(timedelta(hours=9))),
        "series": ((AT, 1.5),),
        "names": {"b", "a"},
        "place": PLACE,
        "share": math.inf,
        "none": None,
        "is": True,
        5: "number",
    }
    remedy = Remedy("ansible-playbook x", "aws x")
    outcome = judged(monkeypatch, check("queue", failed("it is <gone>", observed=seen, expected=("x",), remedy=remedy)))
    shown = outcome.shown()
    assert json.loads(json.dumps(shown, allow_nan=False)) == shown
    (finding,) = shown.pop("findings")
    assert shown == {
        "healthy": False,
        "verdict": "No queue because it is <gone>.",
        "counts": {"pass": 0, "skipped": 0, "warn": 0, "unknown": 0, "fail": 1},
    }
    assert finding == {
        "id": "queue",
        "pool": "video",
        "status": "fail",
        "title": "Queue",
        "cause": "it is <gone>",
        "effect": "No queue",
        "why": "Why it matters.",
        "follows_from": "",
        "evidence": {
            "api": "sqs:Y",
            "observed": {
                "at": "2026-02-22T12:00:20Z",
                "series": [["2026-02-22T12:00:20Z", 1.5]],
                "names": ["a", "b"],
                "place": str(PLACE),
                "share": "inf",
                "none": None,
                "is": True,
                "5": "number",
            },
            "expected": ["x"],
            "at": "2026-02-22T12:00:20Z",
        },
        "remedy": {"playbook": "ansible-playbook x", "cli": "aws x"},
    }


def test_a_defect_of_one_check_costs_no_other_answer(monkeypatch):
    odd, fine = judged(monkeypatch, check("odd", KeyError("State")), check("rule", passed())).findings
    assert (odd.status, fine.status) == ("unknown", "pass")
    assert odd.cause == "this is a defect of the collection, please report it: KeyError('State')"


@pytest.mark.parametrize(
    ("options", "cause"),
    [
        ({"skip": {"queue": "being made"}}, "it was skipped: being made"),
        ({}, "it follows from queue: old"),
    ],
    ids=["skipped", "follows"],
)
def test_a_skip_is_shown_with_its_reason(monkeypatch, options, cause):
    found = judged(monkeypatch, QUEUE, check("metric", failed("old"), "queue"), **options)
    assert found.findings[0 if options else 1].cause == cause
    assert found.findings[1].follows_from == ("" if options else "queue")
