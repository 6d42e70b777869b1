# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A person at a console reads the verdict, what is wrong, and what to type, and not a line more."""

from __future__ import annotations

import pytest
from ansible_collections.academy.video_scaling.plugins.plugin_utils.report import console
from ansible_collections.academy.video_scaling.tests.unit import diagnoses

WELL = diagnoses.well()


def finding(status, name, cause="", playbook="", cli="", follows_from=""):
    return {
        "id": name,
        "status": status,
        "cause": cause,
        "follows_from": follows_from,
        "remedy": {"playbook": playbook, "cli": cli},
    }


def pool(*findings, name="video", verdict="Verdict.", held=()):
    statuses = [one["status"] for one in findings]
    return {
        "name": name,
        "healthy": not {"fail", "unknown"} & set(statuses),
        "verdict": verdict,
        "counts": {status: statuses.count(status) for status in ("fail", "unknown", "warn", "skipped", "pass")},
        "findings": list(findings),
        "timeline": {"held": list(held)},
    }


def span(minute, minutes, holder="at_max"):
    return {
        "from": f"2026-02-22T10:{minute:02}:00Z",
        "to": "2026-02-22T11:00:00Z",
        "minutes": minutes,
        "direction": "out",
        "holder": holder,
        "words": "why",
    }


def test_a_pool_that_is_not_healthy():
    example = pool(
        finding("pass", "queue_exists"),
        finding("warn", "slow", "it is slow", cli="aws x"),
        finding("fail", "schedule_enabled", "rule r is off", "ansible-playbook y", "aws z"),
        finding("skipped", "metric_fresh", "it follows from schedule_enabled: old", follows_from="schedule_enabled"),
        finding("skipped", "alarms_exist", "it follows from schedule_enabled: none", follows_from="schedule_enabled"),
        finding("skipped", "snapshot_available", "it was skipped: not yet"),
        finding("unknown", "group_exists", "autoscaling:X is denied"),
        finding("unknown", "instances_stable", "autoscaling:X is denied"),
        finding("unknown", "alarms_have_data", "cloudwatch:Y is denied"),
        finding("unknown", "group_has_headroom", "autoscaling:X is denied"),
        verdict="Nothing scales because rule r is off.",
        held=[span(0, 5), span(6, 9), span(20, 1), span(30, 7, "at_min"), span(40, 6)],
    )
    assert console.lines(diagnoses.result(example)) == [
        "video: NOT HEALTHY. Nothing scales because rule r is off.",
        "  fail     schedule_enabled  -> ansible-playbook y",
        "  unknown  group_exists      autoscaling:X is denied",
        "                             so too instances_stable, group_has_headroom",
        "  unknown  alarms_have_data  cloudwatch:Y is denied",
        "  warn     slow              it is slow",
        "                             -> aws x",
        "  follows  schedule_enabled  metric_fresh, alarms_exist",
        "  held     10:00-11:00 UTC   5 min not scaled out (at_max): why",
        "  held     10:06-11:00 UTC   9 min not scaled out (at_max): why",
        "  held     10:40-11:00 UTC   6 min not scaled out (at_max): why",
        "  1 fail, 4 unknown, 1 warn, 3 skipped, 1 pass",
        "skipped: snapshot_available: it was skipped: not yet",
    ]


def test_what_somebody_skipped_is_listed_once_also_where_all_is_well():
    pools = [pool(finding("skipped", "slow", "it was skipped: known"), name=name) for name in ("a", "b")]
    assert console.lines(diagnoses.result(*pools))[-2:] == [
        "skipped: slow: it was skipped: known",
        "All 2 pools are healthy.",
    ]


def test_what_the_verdict_says_is_not_said_again_unless_nothing_else_is_said():
    example = pool(finding("fail", "x", "y is off"), verdict="It stops because y is off.")
    assert console.lines(diagnoses.result(example))[1] == "  fail  x  y is off"


def test_a_healthy_pool_is_a_line():
    assert console.lines(diagnoses.result(WELL)) == [
        f"video: healthy. Pool video is healthy. ({len(WELL['findings'])} pass)"
    ]


def test_a_healthy_pool_with_a_warning_says_which():
    example = pool(finding("warn", "slow", "it is slow"), finding("pass", "x"))
    assert console.lines(diagnoses.result(example)) == [
        "video: healthy. Verdict.",
        "  warn  slow  it is slow",
        "  1 warn, 1 pass",
    ]


def fleet(ill, warned, well):
    kinds = [("ill", ill, "fail"), ("warned", warned, "warn"), ("well", well, "pass")]
    return [
        pool(finding(status, "check", "cause"), name=f"{name}_{number}")
        for name, many, status in kinds
        for number in range(many)
    ]


@pytest.mark.parametrize(
    ("pools", "starts", "last"),
    [
        (
            fleet(1, 1, 2),
            [
                "ill_0: NOT",
                "  fail",
                "  1 fail",
                "warned_0: healthy",
                "  warn",
                "  1 warn",
                "well_0: healthy",
                "well_1: healthy",
            ],
            "1 of 4 pools is not healthy: ill_0.",
        ),
        (fleet(0, 0, 12), ["healthy: well_0, well_1"], "All 12 pools are healthy."),
        (
            fleet(1, 0, 11),
            ["ill_0: NOT", "  fail", "  1 fail", "healthy: well_0"],
            "1 of 12 pools is not healthy: ill_0.",
        ),
    ],
    ids=["few", "many, well", "many"],
)
def test_pools(pools, starts, last):
    *lines, summary = console.lines(diagnoses.result(*pools))
    assert len(lines) == len(starts) and all(map(str.startswith, lines, starts)), lines
    assert summary == last


def test_of_very_many_that_are_not_healthy_the_rest_is_shown_by_its_verdict():
    lines = console.lines(diagnoses.result(*fleet(console.DETAILED + 30, 0, 150)))
    assert len(lines) == 3 * console.DETAILED + 30 + 2
    assert lines[-3] == f"ill_{console.DETAILED + 29}: NOT HEALTHY. Verdict."
    assert lines[-2].endswith("well_9 and 140 more")


def test_columns_stand_below_each_other():
    lines = console.lines(diagnoses.result(diagnoses.stuck()))
    assert len({line.index("-> ") for line in lines if line.strip().startswith("-> ")}) == 1


@pytest.mark.parametrize("make", [diagnoses.blind, diagnoses.unknown, diagnoses.nasty, diagnoses.busy])
def test_every_line_is_one_line_of_text_that_a_terminal_does_not_act_on(make):
    for line in console.lines(diagnoses.result(make(), WELL)):
        assert line == line.rstrip()
        assert line.isprintable() or "\N{ZERO WIDTH JOINER}" in line
        assert not set(line) & set("\n\r\t\x1b\x07\x00\u202e")


def test_what_went_wrong_has_its_way_out():
    lines = console.lines(diagnoses.result(diagnoses.stuck()))
    fails = [number for number, line in enumerate(lines) if line.startswith("  fail")]
    assert fails
    for number in fails:
        assert "-> " in lines[number] or "-> " in lines[number + 1]


def plain(name, status, verdict="Why."):
    return pool(finding(status, "check", "cause"), name=name, verdict=verdict)


@pytest.mark.parametrize(
    ("pools", "fail_on", "sentences"),
    [
        ([plain("a", "pass")], "fail", []),
        ([plain("a", "fail")], "fail", ["Why."]),
        ([plain("a", "unknown")], "fail", ["Why."]),
        ([plain("a", "warn")], "fail", []),
        ([plain("a", "warn")], "warn", ["Why."]),
        ([plain("a", "pass")], "warn", []),
        ([plain("a", "skipped")], "warn", []),
        ([plain("a", "fail")], "never", []),
        ([plain("a", "warn"), plain("b", "fail", "Other.")], "warn", ["b: Other.", "a: Why."]),
        ([plain("a", "fail"), plain("b", "pass"), plain("c", "fail")], "fail", ["a, c: Why."]),
    ],
)
def test_what_fails_a_run(pools, fail_on, sentences):
    assert console.verdicts(diagnoses.result(*pools), fail_on) == sentences
