# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The two alarms of a target-tracking policy, and the state that each had in every minute."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from ..evidence.live import is_high
from ..observed import Observed, Reply
from .minutes import Minutes

OK, ALARM, NO_DATA = "OK", "ALARM", "INSUFFICIENT_DATA"
DEFAULT_PERIOD_SECONDS = 60

States: TypeAlias = "list[str | None]"


@dataclass(frozen=True)
class Alarm:
    """:param above: whether it fires above its threshold, as the one that scales out does.
    :param needed: how many periods in a row must breach.
    """

    name: str
    above: bool
    threshold: float
    needed: int
    period: int
    is_acting: bool
    states: States

    @property
    def called(self) -> str:
        """What people call it: its whole name is long and holds a random part."""
        return "AlarmHigh" if self.above else "AlarmLow"

    @property
    def rule(self) -> str:
        side = "above" if self.above else "below"
        return f"{self.needed} x {self.period} s {side} {self.threshold:g}"

    def breached_by(self, value: float) -> bool:
        return value > self.threshold if self.above else value < self.threshold


def of_policy(observed: Observed, policy: Reply, minutes: Minutes) -> dict[bool, Alarm]:
    """By whether they fire above their threshold; none where they could not be read."""
    if observed.known("alarms") is None:
        return {}
    history = observed.known("alarm_history", ())
    found: dict[bool, Alarm] = {}
    for reply in observed.alarms_of(policy):
        alarm = _alarm(reply, history, minutes)
        found.setdefault(alarm.above, alarm)
    return found


def turns(name: str, history: Iterable[Reply]) -> list[tuple[datetime, str, str]]:
    """Each change of an alarm's state: when, from what, to what; oldest first."""
    changes = [
        (item["Timestamp"], *states)
        for item in history
        if item.get("AlarmName") == name and item.get("Timestamp") and (states := _states(item))
    ]
    return sorted(changes)


def _alarm(reply: Reply, history: Sequence[Reply], minutes: Minutes) -> Alarm:
    name = str(reply.get("AlarmName", ""))
    return Alarm(
        name,
        is_high(reply),
        float(reply.get("Threshold", 0)),
        int(reply.get("EvaluationPeriods", 1)),
        _period(reply),
        bool(reply.get("ActionsEnabled", True)),
        _each_minute(reply, turns(name, history), minutes),
    )


def _each_minute(reply: Reply, past_changes: Sequence[tuple[datetime, str, str]], minutes: Minutes) -> States:
    changes: list[tuple[datetime, str | None]] = [(time, after) for time, dummy, after in past_changes]
    before: str | None = past_changes[0][1] if past_changes else None
    since, now = reply.get("StateTransitionedTimestamp") or reply.get("StateUpdatedTimestamp"), reply.get("StateValue")
    if now and since and (not past_changes or since > past_changes[-1][0]):
        # Its history does not tell how it came to be as it is.
        changes.append((since, now))
    states = minutes.steps(before, changes)
    # Before it was made, or made anew over another metric, it had no state.
    made = reply.get("AlarmConfigurationUpdatedTimestamp")
    return [state if made is None or minutes.end(number) >= made else None for number, state in enumerate(states)]


def _states(item: Reply) -> tuple[str, str] | None:
    """From and to, out of HistoryData, or out of the summary where that is cut off."""
    if item.get("HistoryItemType", "StateUpdate") != "StateUpdate":
        return None
    try:
        data = json.loads(item.get("HistoryData") or "{}")
        return str(data["oldState"]["stateValue"]), str(data["newState"]["stateValue"])
    except (ValueError, KeyError, TypeError):
        summary = re.search(r"from (OK|ALARM|INSUFFICIENT_DATA) to (OK|ALARM|INSUFFICIENT_DATA)", _summary(item))
        return (summary[1], summary[2]) if summary else None


def _summary(item: Reply) -> str:
    return str(item.get("HistorySummary", ""))


def _period(reply: Mapping[str, Any]) -> int:
    inner = [query.get("Period") or (query.get("MetricStat") or {}).get("Period") for query in reply.get("Metrics", ())]
    return int(next((period for period in [reply.get("Period"), *inner] if period), DEFAULT_PERIOD_SECONDS))
