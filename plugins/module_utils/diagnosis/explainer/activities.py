# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a group's scaling activities tell: who changed its desired capacity, and what came of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from ..observed import Reply
from ..observing.reads import MOST_ACTIVITIES
from ..wording.words import stamped

# "At 2026-02-22T11:00:00Z a monitor alarm … triggered policy p changing the desired capacity from 2 to 3."
SENTENCE = re.compile(r"At (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ),? (.*?)(?=\s*At \d{4}-\d\d-\d\dT|\Z)", re.DOTALL)
CHANGE = re.compile(r"(.*?),?\s*changing the desired capacity from (\d+) to (\d+)", re.DOTALL)
INSTANCE = re.compile(r"i-[0-9a-f]+")
POLICY = re.compile(r"triggered policy (.+)", re.DOTALL)


@dataclass(frozen=True)
class Change:
    """One change of the desired capacity.

    :param by: the policy's name, or what else AWS says it was (``a user request …``).
    """

    at: datetime
    before: int
    after: int
    by: str
    is_policy: bool

    @property
    def words(self) -> str:
        return f"desired {self.before} -> {self.after} by {'policy ' if self.is_policy else ''}{self.by}"


def changes(activities: Sequence[Reply]) -> list[Change]:
    """Each once (several instances can have one cause), oldest first."""
    found = {change for activity in activities for change in _changes_in(str(activity.get("Cause", "")))}
    return sorted(found, key=lambda change: change.at)


def _changes_in(cause: str) -> Iterator[Change]:
    for time, sentence in SENTENCE.findall(cause):
        match = CHANGE.match(sentence)
        if match:
            who = " ".join(match[1].split())
            policy = POLICY.search(who)
            yield Change(stamped(time), int(match[2]), int(match[3]), policy[1] if policy else who, bool(policy))


def arrivals(activities: Sequence[Reply]) -> list[datetime]:
    """When instances came into service, oldest first."""
    return [time for time, step, _instance_id in moves(activities) if step > 0]


def moves(activities: Sequence[Reply]) -> list[tuple[datetime, int, str]]:
    """When an instance came into service (1) or was taken out of it (-1), and its id, oldest first."""
    came = [(one["EndTime"], 1, _instance(one)) for one in activities if _is(one, "Launching") and one.get("EndTime")]
    went = [(one["StartTime"], -1, _instance(one)) for one in activities if _is(one, "Terminating")]
    return sorted(came + went)


def _instance(activity: Reply) -> str:
    found = INSTANCE.search(str(activity.get("Description", "")))
    return found[0] if found else ""


def reach_back(activities: Sequence[Reply]) -> datetime | None:
    """The moment before which activities may be missing, None where they are complete."""
    times = [activity["StartTime"] for activity in activities if activity.get("StartTime")]
    return min(times) if len(activities) >= MOST_ACTIVITIES and times else None


def failed(activity: Reply) -> bool:
    return activity.get("StatusCode") in ("Failed", "Cancelled")


def _is(activity: Reply, what: str) -> bool:
    started = activity.get("StartTime") is not None and not failed(activity)
    return started and str(activity.get("Description", "")).startswith(what)
