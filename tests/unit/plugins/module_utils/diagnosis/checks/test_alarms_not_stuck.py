# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A scale-out alarm that rings for long while the queue is empty contradicts it; any other ringing is honest."""

from __future__ import annotations

import json

from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.checks import alarms_not_stuck
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import AwsFailure
from ansible_collections.academy.video_scaling.tests.unit.examples import GROUP
from ansible_collections.academy.video_scaling.tests.unit.observations import (
    ago,
    alarm,
    case,
    every_case,
    group,
    holds,
    queue,
    queue_metrics,
    series,
)

LOW, RINGING = alarm("Low"), alarm("High", StateValue="ALARM", StateTransitionedTimestamp=ago(hours=6.5))
NAME = RINGING["AlarmName"]
EMPTY = {
    "queue": queue(ApproximateNumberOfMessagesNotVisible=0),
    "queue_metrics": queue_metrics(in_flight=series(0)),
}
STUCK = f"alarm {NAME} is in ALARM since 05:30 UTC (6.5 h) though queue academy-video-jobs is empty"


def lost(*minutes, name=NAME):
    return [
        {
            "AlarmName": name,
            "Timestamp": ago(minutes=past),
            "HistoryItemType": "StateUpdate",
            "HistoryData": json.dumps(
                {"oldState": {"stateValue": "OK"}, "newState": {"stateValue": "INSUFFICIENT_DATA"}}
            ),
        }
        for past in minutes
    ]


CASES = every_case(
    case("quiet"),
    case("quiet and empty", **EMPTY),
    case("work to do", alarms=[RINGING, LOW]),
    case(
        "stuck", "fail", f"{STUCK}, and group {GROUP} wants 20 workers", alarms=[RINGING, LOW], **EMPTY, group=group(20)
    ),
    case("group denied", "fail", STUCK, alarms=[RINGING, LOW], **EMPTY, group=AwsFailure("denied")),
    case("SQS is silent", "fail", STUCK, alarms=[RINGING, LOW], **{**EMPTY, "queue_metrics": {}}),
    case("SQS denied", "fail", STUCK, alarms=[RINGING, LOW], **{**EMPTY, "queue_metrics": AwsFailure("denied")}),
    case("it has begun to ring", alarms=[{**RINGING, "StateTransitionedTimestamp": ago(minutes=29)}, LOW], **EMPTY),
    case(
        "it has rung long enough",
        "fail",
        "(30 min)",
        alarms=[{**RINGING, "StateTransitionedTimestamp": ago(minutes=30)}, LOW],
        **EMPTY,
    ),
    case(
        "empty since a moment ago",
        alarms=[RINGING, LOW],
        **{**EMPTY, "queue_metrics": queue_metrics(in_flight=series(3, until=9))},
    ),
    case(
        "empty long enough",
        "fail",
        STUCK,
        alarms=[RINGING, LOW],
        **{**EMPTY, "queue_metrics": queue_metrics(in_flight=series(3, until=11))},
    ),
    case(
        "only the time of the update is known",
        "fail",
        "since 06:00 UTC",
        alarms=[{**RINGING, "StateTransitionedTimestamp": None, "StateUpdatedTimestamp": ago(hours=6)}, LOW],
        **EMPTY,
    ),
    case(
        "it comes and goes",
        "warn",
        f"alarm {NAME} has lost its data 2 times since 09:00 UTC (last at 11:30 UTC)",
        "Scaling comes and goes",
        alarm_history=lost(30, 60),
    ),
    case("it went once", alarm_history=lost(30)),
    case("it went long ago", alarm_history=lost(30, 200)),
    case("those of others", alarm_history=lost(30, 60, name="other")),
    case("stuck all the same", "fail", STUCK, alarms=[RINGING, LOW], **EMPTY, alarm_history=AwsFailure("denied")),
    case("the scale-in alarm of an empty queue", alarms=[alarm("Low", StateValue="ALARM")], **EMPTY),
)


@CASES
def test_no_alarm_is_stuck(example):
    holds(alarms_not_stuck, example)
