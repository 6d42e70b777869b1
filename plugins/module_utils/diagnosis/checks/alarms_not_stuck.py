# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No alarm rings for an empty queue, and none loses its data again and again: while the scale-out alarm is in ALARM the
policy adds workers at every evaluation, and while it has no data nothing happens at all, whatever the queue says.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from ..evidence import live
from ..explainer.alarms import ALARM, NO_DATA, turns
from ..finding import Finding, Remedy, failed, passed, warned
from ..observed import Expected, Observed, Reply
from ..wording.command_line import cli
from ..wording.words import moment, since

TITLE = "No alarm is stuck, and none comes and goes"
API = "cloudwatch:DescribeAlarms"
EFFECT = "Workers are kept for nothing"
FOLLOWS: tuple[str, ...] = ("queue_exists", "metric_fresh", "metric_matches_queue", "policy_exists", "alarms_exist")

# The alarm looks at 3 minutes, and a value is at most 3 minutes late: one that still rings when the queue has been
# empty for so long measures something else ...
QUIET_MINUTES = 10
# ... and one that rings for so long has outlived any burst that is gone by now.
STUCK = timedelta(minutes=30)
# Data that was lost once in the time window is a deployment; more often it is a metric that comes and goes.
MANY_TIMES = 2


def check(observed: Observed, expected: Expected) -> Finding:
    own = live.own_policy(observed, expected)
    alarms = observed.alarms_of(own.raw)
    found = _ringing(observed, expected, alarms) or _flapping(observed, alarms)
    return found or passed({alarm["AlarmName"]: alarm["StateValue"] for alarm in alarms})


def _ringing(observed: Observed, expected: Expected, alarms: Sequence[Reply]) -> Finding | None:
    high = [alarm for alarm in alarms if live.is_high(alarm) and alarm["StateValue"] == ALARM]
    alarm = next((alarm for alarm in high if observed.at - live.in_state_since(alarm) >= STUCK), None)
    if alarm is None or not live.is_empty(observed, expected, QUIET_MINUTES):
        return None
    began, group, pool = live.in_state_since(alarm), observed.known("group"), expected.pool
    wants = ""
    if group:
        wanted = f"{group['DesiredCapacity']} {live.unit(group)}s"
        wants = f", and group {pool.auto_scaling_group_name} wants {wanted}"
    return failed(
        f"alarm {alarm['AlarmName']} is in ALARM {since(observed.at, began)} though queue {pool.queue_name} is "
        f"empty{wants}",
        at=began,
        observed={"StateValue": alarm["StateValue"], "StateReason": alarm.get("StateReason"), "depth": 0},
        expected="OK for an empty queue",
        remedy=Remedy(cli=cli(observed.place, "cloudwatch describe-alarms", alarm_names=[alarm["AlarmName"]])),
    )


def _flapping(observed: Observed, alarms: Sequence[Reply]) -> Finding | None:
    for alarm in alarms:
        changes = turns(alarm["AlarmName"], observed.alarm_history)
        lost = [time for time, dummy, after in changes if after == NO_DATA and time >= observed.since]
        history = cli(observed.place, "cloudwatch describe-alarm-history", alarm_name=alarm["AlarmName"])
        if len(lost) >= MANY_TIMES:
            return warned(
                f"alarm {alarm['AlarmName']} has lost its data {len(lost)} times since "
                f"{moment(observed.at, observed.since)} (last at {moment(observed.at, lost[-1])})",
                effect="Scaling comes and goes",
                at=lost[-1],
                observed=len(lost),
                expected=f"less than {MANY_TIMES} times",
                remedy=Remedy(cli=history),
            )
    return None
