# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each event of the window is one line, once, in order."""

from __future__ import annotations

import json

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.explainer import events
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.explainer.layout import scene_of
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import Failure
from ansible_collections.academy.video_scaling.tests.unit.examples import POLICY
from ansible_collections.academy.video_scaling.tests.unit.observations import (
    activity,
    ago,
    alarm,
    group,
    kept,
    live_version,
    observed,
    policy,
    queue_metrics,
    series,
    wanted,
    written_before,
)

QUIET = {"activities": [], "alarm_history": [], "snapshot": None}
CAUSE = "At 2026-02-22T11:00:00Z a user request changing the desired capacity from 2 to 3."


def events_of(declared=None, **readings):
    read = observed(**{**QUIET, **readings})
    return events.of(read, scene_of(read, wanted(**(declared or {}))))


def turn(name, time):
    states = {"oldState": {"stateValue": "OK"}, "newState": {"stateValue": "ALARM"}}
    return {"AlarmName": name, "Timestamp": time, "HistoryData": json.dumps(states)}


@pytest.mark.parametrize(
    ("readings", "expected"),
    [
        ({}, []),
        ({"alarm_history": [turn(alarm("High")["AlarmName"], ago(hours=1))]}, [("alarm", "AlarmHigh OK -> ALARM")]),
        ({"alarm_history": [turn("my own", ago(hours=1))]}, [("alarm", "my own OK -> ALARM")]),
        ({"alarm_history": [turn("my own", ago(hours=4))]}, []),
        (
            {"activities": [activity(CAUSE), activity(CAUSE, Description="Launching a new EC2 instance: i-3")]},
            [
                ("capacity", "desired 2 -> 3 by a user request"),
                ("launch", "Launching a new EC2 instance: i-00000000000000002"),
                ("launch", "Launching a new EC2 instance: i-3"),
            ],
        ),
        (
            {"activities": [activity("", Description="Terminating EC2 instance: i-1")]},
            [("termination", "Terminating EC2 instance: i-1")],
        ),
        (
            {"activities": [activity("", Description="Launching", StatusCode="Failed", StatusMessage="no vCPU")]},
            [("failure", "Launching: no vCPU")],
        ),
        (
            {"activities": [activity("", Description="Launching", StatusCode="Cancelled")]},
            [("failure", "Launching: Cancelled")],
        ),
        ({"activities": [activity("", Description="Attaching i-1"), {}]}, [("configuration", "Attaching i-1")]),
        ({"group": group(CreatedTime=ago(hours=1))}, [("configuration", "the group was created")]),
        (
            {"live_version": live_version(LastModified="2026-02-22T11:00:00.000+0000")},
            [("configuration", "version 4 of the publisher was made")],
        ),
        ({"live_version": live_version(LastModified="yesterday")}, []),
        (
            {"alarms": [alarm("Low", AlarmConfigurationUpdatedTimestamp=ago(hours=1))]},
            [("configuration", "AlarmLow was made")],
        ),
        (
            {"instance_refreshes": [{"StartTime": ago(hours=1), "Status": "InProgress"}, {"Status": "Pending"}]},
            [("configuration", "an instance refresh began (InProgress)")],
        ),
        (
            {"snapshot": kept()},
            [
                (
                    "configuration",
                    "policy video-backlogcount-tt was changed by arn:aws:sts::123456789012:assumed-role/deployer/kim",
                )
            ],
        ),
        (dict.fromkeys(observed().readings, Failure("denied")), []),
        (dict.fromkeys(observed().readings), []),
    ],
    ids=[
        "nothing",
        "an alarm",
        "an alarm of one's own",
        "before the window",
        "one change, two instances",
        "an instance went",
        "a refusal",
        "cancelled",
        "something else",
        "a new group",
        "a new version",
        "no time",
        "a new alarm",
        "refreshes",
        "a policy changed",
        "all denied",
        "nothing there",
    ],
)
def test_what_happened(readings, expected):
    assert [(event.kind, event.words) for event in events_of(**readings)] == expected
    assert {kind for kind, dummy in expected} <= set(events.KINDS)


def test_they_are_listed_in_order():
    activities = [activity("", ago(minutes=5)), activity("", ago(minutes=9))]
    assert [event.shown() for event in events_of(activities=activities)] == [
        {"at": time, "kind": "launch", "words": "Launching a new EC2 instance: i-00000000000000002"}
        for time in ("2026-02-22T11:51:20Z", "2026-02-22T11:55:20Z")
    ]


def test_long_words_are_cut():
    refusal = activity("", Description="Launching", StatusCode="Failed", StatusMessage="x" * 1000)
    (event,) = events_of(activities=[refusal])
    assert (len(event.words), event.words[-4:]) == (events.LONGEST, "x...")


# --- minutes that a policy takes for an empty queue -------------------------------------------------------------


def without(points, first, last):
    """The series, but for the minutes that began so long ago."""
    return tuple(point for point in points if not ago(minutes=first) <= point[0] <= ago(minutes=last))


def before(signal="published_per_instance", **changes):
    return {"declared": {"signal": signal}, "policies": [written_before(signal, **changes)]}


TOTAL = "Academy/VideoProcessing/VideoQueueDepthTotal"
SQS = "AWS/SQS/ApproximateNumberOfMessagesVisible or AWS/SQS/ApproximateNumberOfMessagesNotVisible"
PUBLISHED = without(series(3), 101, 81)
HALF = queue_metrics(in_flight=PUBLISHED)
NO_QUEUE_METRICS = queue_metrics(in_flight=PUBLISHED, visible=without(series(0), 101, 81))


@pytest.mark.parametrize(
    ("readings", "expected"),
    [
        ({**before(), "metric": PUBLISHED}, [("10:20", 20, TOTAL)]),
        ({**before(), "metric": without(PUBLISHED, 41, 40)}, [("10:20", 20, TOTAL), ("11:20", 1, TOTAL)]),
        ({**before(), "metric": series(3, until=21)}, [("11:40", 18, TOTAL)]),
        ({**before(), "metric": series(3, until=3)}, []),
        ({**before(), "metric": Failure("denied")}, []),
        ({**before(disable_scale_in=True), "metric": PUBLISHED}, []),
        ({"metric": PUBLISHED, "per_instance_metric": PUBLISHED}, []),
        ({**before("sqs_total"), "queue_metrics": HALF}, [("10:20", 20, SQS)]),
        ({**before("sqs_total"), "queue_metrics": NO_QUEUE_METRICS}, []),
        ({**before("sqs_per_instance"), "queue_metrics": HALF}, [("10:20", 20, SQS)]),
        ({**before("sqs_total"), "policies": [policy(wanted(signal="sqs_total"))], "queue_metrics": HALF}, []),
    ],
    ids=[
        "in the middle of the window",
        "twice",
        "until now, but for what is late",
        "late",
        "denied",
        "scale-in is disabled",
        "a plain value per instance",
        "one half, by SQS",
        "both halves, by SQS: then nothing is computed",
        "one half, by SQS per instance",
        "one half, by SQS and guarded",
    ],
)
def test_what_a_policy_took_for_0(readings, expected):
    found = [event for event in events_of(**readings) if event.kind == events.MISSING]
    assert [(f"{event.at:%H:%M}", event.words) for event in found] == [
        (
            time,
            f"no datapoint for {minutes} min: policy {POLICY} counts a missing {names} as 0, so AWS scales in while it "
            "is missing",
        )
        for time, minutes, names in expected
    ]
