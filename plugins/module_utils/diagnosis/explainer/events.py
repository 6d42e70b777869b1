# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What happened to a pool in a time window, one line each: what a chart marks and a person looks for first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from ..observed import Observed, Reply
from . import activities, alarms
from .minutes import iso
from .scene import Scene

# What kinds there are. A failed activity is no launch.
ALARM, CAPACITY, LAUNCH, TERMINATION, FAILURE, CONFIGURATION, MISSING = KINDS = (
    "alarm",
    "capacity",
    "launch",
    "termination",
    "failure",
    "configuration",
    "missing",
)
# Longer words (a StatusMessage can have 1,023 characters) are cut: the finding of it has them whole.
LONGEST = 240


@dataclass(frozen=True, order=True)
class Event:
    at: datetime
    kind: str
    words: str

    def shown(self) -> dict[str, Any]:
        return {"at": iso(self.at), "kind": self.kind, "words": self.words}


def of(observed: Observed, scene: Scene) -> list[Event]:
    """Oldest first, each once."""
    found = {*_alarms(observed), *_activities(observed), *_configuration(observed), *_silences(scene)}
    return sorted(event for event in found if observed.since <= event.at <= observed.at)


def _alarms(observed: Observed) -> Iterator[Event]:
    history = observed.known("alarm_history", ())
    for name in {str(item.get("AlarmName", "")) for item in history}:
        for time, before, after in alarms.turns(name, history):
            yield Event(time, ALARM, f"{_called(name)} {before} -> {after}")


def _called(name: str) -> str:
    return next((short for short in ("AlarmHigh", "AlarmLow") if short in name), name)


def _activities(observed: Observed) -> Iterator[Event]:
    listed = observed.known("activities", ())
    for change in activities.changes(listed):
        yield Event(change.at, CAPACITY, change.words)
    for activity in listed:
        if activity.get("StartTime"):
            yield _activity(activity)


def _activity(activity: Reply) -> Event:
    what = str(activity.get("Description", ""))
    if activities.failed(activity):
        message = str(activity.get("StatusMessage") or activity.get("StatusCode"))
        return Event(activity["StartTime"], FAILURE, _cut(f"{what}: {message}"))
    kind = LAUNCH if what.startswith("Launch") else TERMINATION if what.startswith("Terminat") else CONFIGURATION
    return Event(activity["StartTime"], kind, _cut(what))


def _silences(scene: Scene) -> Iterator[Event]:
    """Minutes in a row of which AWS saw 0 where there was nothing to see."""
    reason = scene.followed.scales_in_on_silence if scene.followed else ""
    number = 0
    for is_silent, run in groupby(scene.counted_as_zero):
        minutes = len(list(run))
        if is_silent and reason:
            yield Event(scene.minutes.begin(number), MISSING, _cut(f"no datapoint for {minutes} min: {reason}"))
        number += minutes


def _configuration(observed: Observed) -> Iterator[Event]:
    """What is known of changes of the settings: AWS keeps the time of the last one of some things only."""
    group, version, rows = observed.known("group", {}), observed.known("live_version", {}), observed.known("alarms", ())
    snapshot = observed.known("snapshot")
    entries: list[tuple[Any, str]] = [
        (group.get("CreatedTime"), "the group was created"),
        (version.get("LastModified"), f"version {version.get('Version')} of the publisher was made"),
        *((row.get("AlarmConfigurationUpdatedTimestamp"), f"{_called(row['AlarmName'])} was made") for row in rows),
        *(
            (refresh.get("StartTime"), f"an instance refresh began ({refresh.get('Status')})")
            for refresh in observed.known("instance_refreshes", ())
        ),
    ]
    if snapshot:
        stamp = snapshot.record.stamp
        entries.append((stamp.at, f"policy {snapshot.policy_name} was changed by {stamp.caller_arn}"))
    yield from _dated(entries)


def _dated(entries: Iterable[tuple[Any, str]]) -> Iterator[Event]:
    for time, words in entries:
        try:
            moment = datetime.fromisoformat(time) if isinstance(time, str) else time
        except ValueError:
            continue
        if isinstance(moment, datetime) and moment.tzinfo:
            yield Event(moment, CONFIGURATION, _cut(words))


def _cut(words: str) -> str:
    return words if len(words) <= LONGEST else f"{words[: LONGEST - 3]}..."
