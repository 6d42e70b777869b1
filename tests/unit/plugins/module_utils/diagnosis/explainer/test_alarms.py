# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An alarm's changes show what state it had, and where these could not be read, its current state does."""

from __future__ import annotations

import json

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.explainer import alarms
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.explainer.minutes import Minutes
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import Failure
from ansible_collections.academy.video_scaling.tests.unit.observations import AT, SINCE, ago, alarm, observed, policy

WINDOW = Minutes.of(SINCE, AT)
HIGH = alarm("High")["AlarmName"]


def turn(minutes_ago, before, after, **changes):
    states = {"oldState": {"stateValue": before}, "newState": {"stateValue": after}}
    return {
        "AlarmName": HIGH,
        "Timestamp": ago(minutes=minutes_ago),
        "HistoryItemType": "StateUpdate",
        "HistorySummary": f"Alarm updated from {before} to {after}",
        "HistoryData": json.dumps({"version": "1.0", **states}),
        **changes,
    }


UP, DOWN = turn(60, "OK", "ALARM"), turn(30, "ALARM", "OK")
SINCE_DOWN = {"StateTransitionedTimestamp": ago(minutes=30), "StateUpdatedTimestamp": ago(minutes=30)}


@pytest.mark.parametrize(
    ("changes", "history", "at_minute"),
    [
        (SINCE_DOWN, [DOWN, UP], {0: "OK", 119: "OK", 120: "ALARM", 149: "ALARM", 150: "OK", 180: "OK"}),
        (SINCE_DOWN, [UP, DOWN], {0: "OK", 120: "ALARM", 150: "OK"}),
        (SINCE_DOWN, [DOWN], {0: "ALARM", 149: "ALARM", 150: "OK"}),
        (SINCE_DOWN, [], {0: None, 149: None, 150: "OK"}),
        (SINCE_DOWN, Failure("denied"), {0: None, 149: None, 150: "OK"}),
        ({**SINCE_DOWN, "StateValue": "ALARM"}, [UP], {0: "OK", 120: "ALARM", 180: "ALARM"}),
        ({"StateTransitionedTimestamp": ago(hours=9)}, [], {0: "OK", 180: "OK"}),
        ({"StateTransitionedTimestamp": None, "StateUpdatedTimestamp": ago(minutes=30)}, [], {149: None, 150: "OK"}),
        (
            {**SINCE_DOWN, "AlarmConfigurationUpdatedTimestamp": ago(minutes=90)},
            [turn(30, "INSUFFICIENT_DATA", "OK")],
            {0: None, 89: None, 90: "INSUFFICIENT_DATA", 150: "OK"},
        ),
        (SINCE_DOWN, [{**DOWN, "HistoryData": '{"version":"1.0","oldSt'}], {0: "ALARM", 150: "OK"}),
        (SINCE_DOWN, [{**DOWN, "HistoryData": "[]", "HistorySummary": "?"}], {0: None, 150: "OK"}),
        (SINCE_DOWN, [turn(60, "OK", "ALARM", AlarmName="another")], {120: None, 150: "OK"}),
        (SINCE_DOWN, [turn(60, "OK", "ALARM", HistoryItemType="ConfigurationUpdate")], {120: None}),
        (SINCE_DOWN, [turn(60, "OK", "ALARM", Timestamp=None), {}], {120: None}),
        ({"StateValue": None}, [], {0: None, 180: None}),
    ],
    ids=[
        "up and down",
        "in another order",
        "only the last change",
        "no change listed",
        "history denied",
        "a change that is not listed yet",
        "the same for long",
        "an older API",
        "made in the window",
        "data cut off",
        "data of another form",
        "of another alarm",
        "of another kind",
        "without a time",
        "without a state",
    ],
)
def test_the_state_of_a_minute(changes, history, at_minute):
    read = observed(alarms=[alarm("High", **changes)], alarm_history=history)
    states = alarms.of_policy(read, policy(), WINDOW)[True].states
    assert {number: states[number] for number in at_minute} == at_minute
    assert len(states) == len(WINDOW)


def test_both_alarms_of_a_policy_are_kept_apart():
    found = alarms.of_policy(observed(), policy(), WINDOW)
    assert {above: (one.called, one.rule) for above, one in found.items()} == {
        True: ("AlarmHigh", "3 x 60 s above 1"),
        False: ("AlarmLow", "15 x 60 s below 0.9"),
    }


@pytest.mark.parametrize(
    ("kind", "values"), [("High", {1.0: False, 1.1: True}), ("Low", {0.9: False, 0.8: True})], ids=["high", "low"]
)
def test_what_breaches(kind, values):
    one = alarms.of_policy(observed(alarms=[alarm(kind)]), policy(), WINDOW)[kind == "High"]
    assert {value: one.breached_by(value) for value in values} == values


@pytest.mark.parametrize(
    ("changes", "period"),
    [
        ({}, 60),
        ({"Metrics": [], "Period": 300}, 300),
        ({"Metrics": [{"Id": "e1"}, {"MetricStat": {"Period": 120}}]}, 120),
        ({"Metrics": [{"Id": "e1", "Period": 30}]}, 30),
    ],
    ids=["the default", "its own", "of a metric", "of an expression"],
)
def test_how_long_a_period_is(changes, period):
    one = alarms.of_policy(observed(alarms=[alarm("High", **changes)]), policy(), WINDOW)[True]
    assert one.period == period


@pytest.mark.parametrize("readings", [{"alarms": Failure("denied")}, {"alarms": []}], ids=["denied", "none"])
def test_no_alarm_is_no_state(readings):
    assert alarms.of_policy(observed(**readings), policy(), WINDOW) == {}
