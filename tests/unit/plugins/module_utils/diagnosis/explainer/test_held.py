# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A minute in which something was to do and was not done has one holder, and minutes in a row are one span."""

from __future__ import annotations

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.explainer import held
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.explainer.layout import scene_of
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import Failure
from ansible_collections.academy.video_scaling.tests.unit.observations import (
    activity,
    ago,
    alarm,
    group,
    observed,
    queue_metrics,
    series,
    wanted,
)

LONG_AGO = {"StateTransitionedTimestamp": ago(hours=9)}
CALM = {"activities": [], "alarms": [alarm("High", **LONG_AGO), alarm("Low", **LONG_AGO)]}


def scene(**readings):
    return scene_of(observed(**{**CALM, **readings}), wanted())


def depth(value):
    """Of the queue and of the metric."""
    return {"queue_metrics": queue_metrics(in_flight=series(value)), "metric": series(value)}


def held_at(seen, number=100):
    one = held.each_minute(seen)[number]
    return one and (one.direction, one.holder, one.wanted, one.capacity)


def metrics(desired, in_service):
    return {"group_metrics": {"desired": series(desired), "in_service": series(in_service)}}


@pytest.mark.parametrize(
    ("readings", "found"),
    [
        ({}, None),
        (depth(3), None),
        ({**depth(9), "group": group(MaxSize=3)}, ("out", "at_max", 9, 3)),
        ({**depth(0), "group": group(MinSize=3)}, ("in", "at_min", 0, 3)),
        ({**depth(9), "policies": []}, ("out", "policy_missing", 9, 3)),
        ({**depth(2), "policies": [], "group": group(MaxSize=3)}, ("in", "policy_missing", 2, 3)),
        ({**depth(9), "group": group(MaxSize=3), "policies": []}, ("out", "at_max", 9, 3)),
        (depth(9), ("out", "alarm_not_yet_breached", 9, 3)),
        ({**depth(9), "queue_metrics": Failure("denied"), "metric": Failure("denied")}, None),
        ({**depth(9), "group": None, "group_metrics": {}}, None),
        ({**metrics(5, 3), **depth(5)}, ("out", "launching", 5, 3)),
        ({**metrics(3, 5), **depth(3)}, ("in", "terminating", 3, 5)),
        ({**metrics(5, 3), **depth(9)}, ("out", "alarm_not_yet_breached", 9, 5)),
        ({**depth(3), "group_metrics": {"desired": series(3)}, "group": Failure("denied")}, None),
    ],
    ids=[
        "healthy",
        "as many as asked for",
        "at max",
        "at min",
        "no policy",
        "no policy, at max but too many",
        "the first holder counts",
        "waiting",
        "nobody knows the need",
        "no group",
        "on their way",
        "on their way out",
        "on their way, and more wanted",
        "nobody knows who works",
    ],
)
def test_what_held_a_minute(readings, found):
    assert held_at(scene(**readings)) == found


@pytest.mark.parametrize(
    ("before", "after", "value", "found"),
    [
        (1, 2, 9, None),
        (2, 1, 9, ("out", "alarm_not_yet_breached", 9, 1)),
        (9, 8, 1, None),
        (8, 9, 1, ("in", "alarm_not_yet_breached", 1, 9)),
    ],
    ids=["scaled out", "scaled the other way", "scaled in", "scaled out instead of in"],
)
def test_a_minute_in_which_it_scaled_was_not_held(before, after, value, found):
    """In minute 100, which begins 80 minutes and 20 seconds before the reading."""
    changing = [*series(before, 100, until=81), *series(after, 80)]
    seen = scene(**{**depth(value), "group_metrics": {"desired": changing, "in_service": changing}})
    assert (seen.desired[99], seen.desired[100]) == (before, after)
    assert held_at(seen) == found
    assert held_at(seen, 101) is not None


SUSPENDED = [{"ProcessName": "Launch", "SuspensionReason": "by kim"}, {"ProcessName": "Terminate"}]


def refused(minutes_ago, message, what="Launching a new EC2 instance"):
    return activity("", ago(minutes=minutes_ago), Description=what, StatusCode="Failed", StatusMessage=message)


@pytest.mark.parametrize(
    ("readings", "words"),
    [
        ({}, "desired is 5, and not all are in service yet"),
        ({"group": group(SuspendedProcesses=SUSPENDED)}, "process Launch of the group is suspended (by kim)"),
        (
            {"activities": [refused(10, "later"), refused(90, "the quota"), refused(95, "older")]},
            "desired is 5, and not all are in service yet: the quota",
        ),
        (
            {"activities": [refused(90, "the hook", "Terminating EC2 instance")]},
            "desired is 5, and not all are in service yet",
        ),
    ],
    ids=["nothing said", "suspended", "the last refusal until then", "another refusal"],
)
def test_why_instances_have_not_followed(readings, words):
    assert held.each_minute(scene(**{**metrics(5, 3), **depth(5), **readings}))[100].words == words


def spans(**readings):
    seen = scene(**readings)
    return [span.shown() for span in held.spans(seen, held.each_minute(seen))]


def test_minutes_in_a_row_are_one_span_with_the_worst_of_them():
    """It asks for 5, for 9, for as many as there are, and for 5 again."""
    asked = [*series(5, 50, until=131), *series(9, 50, until=81), *series(3, 40, until=41), *series(5, 40)]
    first, second = spans(queue_metrics=queue_metrics(in_flight=asked), metric=asked, group=group(MaxSize=3))
    assert first == {
        "from": "2026-02-22T09:00:00Z",
        "to": "2026-02-22T10:40:00Z",
        "minutes": 100,
        "direction": "out",
        "holder": "at_max",
        "words": "the group is at its maximum of 3",
        "wanted": 9,
        "capacity": 3,
    }
    assert (second["from"], second["to"], second["wanted"]) == ("2026-02-22T11:20:00Z", "2026-02-22T12:00:00Z", 5)


def test_another_holder_is_another_span():
    late = [{"ProcessName": "Launch", "SuspensionReason": "User suspended at 2026-02-22T10:00:00Z"}]
    found = spans(**depth(9), group=group(SuspendedProcesses=late))
    assert [(span["holder"], span["from"]) for span in found] == [
        ("alarm_not_yet_breached", "2026-02-22T09:00:00Z"),
        ("suspended_process", "2026-02-22T10:00:00Z"),
    ]


def test_the_last_span_ends_when_it_was_read():
    (span,) = spans(queue=observed().queue | {"ApproximateNumberOfMessages": "6"})
    assert (span["from"], span["to"], span["minutes"]) == ("2026-02-22T12:00:00Z", "2026-02-22T12:00:20Z", 1)


def test_a_healthy_pool_was_never_held():
    assert spans() == []


def test_every_holder_has_its_name_once():
    assert len(set(held.NAMES)) == len(held.NAMES)
    assert {"warm_up", "alarm_not_yet_breached", "no_data", "suspended_process", "at_max", "at_min"} <= set(held.NAMES)
    assert {"scale_in_disabled", "other_policy", "policy_missing", "launching", "terminating"} <= set(held.NAMES)
