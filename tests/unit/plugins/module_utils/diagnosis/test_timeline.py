# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A timeline is whole whatever was read, and says of the failures that really happened what held the group."""

from __future__ import annotations

import json

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.explainer import held
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.observed import READINGS
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.timeline import MADE_OF, timeline
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import Failure
from ansible_collections.academy.video_scaling.tests.unit.examples import POLICY
from ansible_collections.academy.video_scaling.tests.unit.observations import (
    ago,
    alarm,
    group,
    kept,
    observed,
    policy,
    queue,
    queue_metrics,
    series,
    wanted,
    written_before,
)

# What a pool's timeline is made of, whose publisher divides.
WHOLE = {**MADE_OF, "per_instance_metric": "the metric per instance"}
DENIED = Failure("sqs:X is denied")
LONG_AGO = {"StateTransitionedTimestamp": ago(hours=9)}


def timeline_of(declared=None, **readings):
    return timeline(observed(**readings), wanted(**(declared or {}))).shown()


def test_each_minute_has_its_place_in_every_series():
    shown = timeline_of()
    assert (shown["start"], shown["step"], shown["minutes"]) == ("2026-02-22T09:00:00Z", 60, 181)
    assert {len(values) for values in shown["series"].values()} == {181}
    assert {name: values[100] for name, values in shown["series"].items()} == {
        "depth": 3,
        "published": 3,
        "compared": 1,
        "desired": 3,
        "in_service": 3,
        "alarm_high": None,
        "alarm_low": None,
        "held": None,
    }
    assert [shown["series"][name][130] for name in ("alarm_high", "alarm_low")] == ["OK", "OK"]


def test_what_belongs_to_the_whole_window():
    shown = timeline_of(snapshot=None, activities=[])
    assert {name: shown[name] for name in shown if name != "series"} == {
        "since": "2026-02-22T09:00:20Z",
        "at": "2026-02-22T12:00:20Z",
        "start": "2026-02-22T09:00:00Z",
        "step": 60,
        "minutes": 181,
        "follows": "Academy/VideoProcessing/VideoQueueDepthTotalPerInstance",
        "target": 1.0,
        "min_size": 1,
        "max_size": 20,
        "alarms": {
            "AlarmLow": {"name": alarm("Low")["AlarmName"], "needs": "15 x 60 s below 0.9"},
            "AlarmHigh": {"name": alarm("High")["AlarmName"], "needs": "3 x 60 s above 1"},
        },
        "held": [],
        "events": [],
        "gaps": [],
    }


@pytest.mark.parametrize("reading", READINGS)
@pytest.mark.parametrize("value", [DENIED, None], ids=["denied", "nothing"])
def test_no_reading_is_needed(reading, value):
    shown = timeline_of(**{reading: value})
    json.dumps(shown, allow_nan=False)
    expected = [f"{WHOLE[reading]} could not be read: {value}"] if value and reading in WHOLE else []
    assert shown["gaps"] == expected
    assert {len(values) for values in shown["series"].values()} == {181}


@pytest.mark.parametrize("value", [DENIED, None], ids=["denied", "nothing"])
def test_a_pool_of_which_nothing_is_known_has_an_empty_timeline(value):
    shown = timeline_of(**dict.fromkeys(READINGS, value))
    assert {one for values in shown["series"].values() for one in values} == {None}
    assert (shown["held"], shown["events"]) == ([], [])
    assert len(shown["gaps"]) == (len(WHOLE) if value else 0)


def test_what_was_not_asked_for_is_a_gap():
    blind = observed()
    shown = timeline(type(blind)(blind.at, blind.since, blind.place, {}), wanted()).shown()
    assert len(shown["gaps"]) == len(WHOLE)


@pytest.mark.parametrize("signal", ["published_total", "sqs_total", "sqs_per_instance"])
def test_without_a_value_per_instance_there_is_none_to_miss(signal):
    readings = {"policies": [policy(wanted(signal=signal))], "per_instance_metric": DENIED}
    assert timeline_of({"signal": signal}, **readings)["gaps"] == []


def test_minutes_that_a_policy_took_for_an_empty_queue_are_marked_and_listed():
    silent = (*series(3, 80, until=101), *series(3, 80))
    shown = timeline_of(policies=[written_before()], metric=silent)
    assert shown["series"]["compared"][78:102] == [1, 1, *[0] * 20, 1, 1]
    assert [(event["at"], event["kind"]) for event in shown["events"] if event["kind"] == "missing"] == [
        ("2026-02-22T10:20:00Z", "missing")
    ]
    divided = (*series(1, 80, until=101), *series(1, 80))
    shown = timeline_of(metric=silent, per_instance_metric=divided)
    assert shown["series"]["compared"][78:102] == [1, 1, *[None] * 20, 1, 1]
    assert [event for event in shown["events"] if event["kind"] == "missing"] == []


def empty(**readings):
    none = {"queue_metrics": queue_metrics(in_flight=series(0)), "activities": []}
    published = {"metric": series(0), "per_instance_metric": series(0)}
    return {**none, **published, "queue": queue(ApproximateNumberOfMessagesNotVisible=0), **readings}


def metrics(count):
    return {"desired": series(count), "in_service": series(count)}


OLD = kept().policies[POLICY]
ALARMS = [alarm("High", **LONG_AGO), alarm("Low", **LONG_AGO)]
BLIND = [ALARMS[0], alarm("Low", StateValue="INSUFFICIENT_DATA", **LONG_AGO)]


@pytest.mark.parametrize(
    ("declared", "readings", "direction", "holder", "words"),
    [
        (
            {},
            empty(group=group(20), group_metrics=metrics(20), policies=[OLD]),
            "in",
            "other_metric",
            "BacklogCount",
        ),
        (
            {},
            empty(group=group(20), group_metrics=metrics(20), policies=[], alarms=[]),
            "in",
            "policy_missing",
            "nor any other",
        ),
        (
            {},
            empty(
                group=group(5),
                group_metrics=metrics(5),
                alarms=[ALARMS[0], alarm("Low", StateValue="INSUFFICIENT_DATA", **LONG_AGO)],
            ),
            "in",
            "no_data",
            "needs 15 x 60 s below 0.9",
        ),
        (
            {},
            {
                "queue": queue(ApproximateNumberOfMessages=6),
                "metric": (),
                "per_instance_metric": (),
                "alarms": ALARMS,
                "queue_metrics": queue_metrics(visible=series(6)),
            },
            "out",
            "no_data",
            "no datapoint",
        ),
        (
            {"min_size": 0, "signal": "published_total"},
            {
                "policies": [policy(wanted(signal="published_total"))],
                "queue": queue(ApproximateNumberOfMessages=1, ApproximateNumberOfMessagesNotVisible=0),
                "queue_metrics": queue_metrics(visible=series(1), in_flight=series(0)),
                "metric": series(1),
                "group": group(0, MinSize=0),
                "group_metrics": metrics(0),
                "activities": [],
                "alarms": ALARMS,
            },
            "out",
            "alarm_not_yet_breached",
            "the value is not above 1, the threshold of AlarmHigh",
        ),
        (
            {"signal": "sqs_total"},
            empty(
                queue_metrics={},
                metric=(),
                group=group(4),
                group_metrics=metrics(4),
                policies=[policy(wanted(signal="sqs_total"))],
                alarms=ALARMS,
            ),
            "in",
            "no_data",
            "there is no datapoint of what AlarmLow looks at",
        ),
    ],
    ids=[
        "capacity at max for an empty queue",
        "no policy at all",
        "scale-in blind",
        "the publisher is silent",
        "one message never starts a worker",
        "an idle queue emits nothing",
    ],
)
def test_what_really_went_wrong(declared, readings, direction, holder, words):
    """Of nearly the whole window: the newest minute has no datapoint yet."""
    spans = timeline_of(declared, **readings)["held"]
    longest = max(spans, key=lambda span: span["minutes"])
    assert (longest["direction"], longest["holder"]) == (direction, holder)
    assert words in longest["words"]
    assert longest["minutes"] >= 178


def test_every_minute_that_was_held_lies_in_a_span():
    busy = {"metric": series(30), "per_instance_metric": series(10)}
    shown = timeline_of(queue_metrics=queue_metrics(in_flight=series(30)), **busy, group=group(MaxSize=3))
    assert (
        sum(span["minutes"] for span in shown["held"]) == sum(one is not None for one in shown["series"]["held"]) > 100
    )
    assert {span["holder"] for span in shown["held"]} <= set(held.NAMES)
