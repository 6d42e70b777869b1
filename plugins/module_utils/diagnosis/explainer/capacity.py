# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many instances were wanted and how many worked, minute by minute.

The group's own metrics say it where they are enabled; elsewhere it is reckoned backwards from what is now, by the
scaling activities.
"""

from __future__ import annotations

from datetime import datetime

from ..observed import Observed
from . import activities
from .minutes import Minutes, Numbers


def desired(observed: Observed, minutes: Minutes) -> Numbers:
    return _joined(_measured(observed, minutes, "desired"), _reckoned_desired(observed, minutes))


def in_service(observed: Observed, minutes: Minutes) -> Numbers:
    return _joined(_measured(observed, minutes, "in_service"), _reckoned_in_service(observed, minutes))


def _measured(observed: Observed, minutes: Minutes, name: str) -> Numbers:
    return minutes.points(observed.known("group_metrics", {}).get(name, ()))


def _joined(measured: Numbers, reckoned: Numbers) -> Numbers:
    return [other if value is None else value for value, other in zip(measured, reckoned, strict=True)]


def _reckoned_desired(observed: Observed, minutes: Minutes) -> Numbers:
    now = observed.known("group", {}).get("DesiredCapacity")
    listed = observed.known("activities")
    if listed is None or now is None:
        return _only_now(minutes, now)
    changes = activities.changes(listed)
    before = changes[0].before if changes else now
    values: Numbers = list(minutes.steps(before, [(change.at, change.after) for change in changes]))
    # A change that no activity tells of (no instance had to start or stop) shows in the last minute only.
    values[-1] = now
    return _known_since(values, minutes, activities.reach_back(listed))


def _reckoned_in_service(observed: Observed, minutes: Minutes) -> Numbers:
    listed = observed.known("activities")
    group = observed.known("group")
    now = None if group is None else observed.in_service
    if listed is None or now is None:
        return _only_now(minutes, now)
    moves = sorted(
        [(time, 1) for time in activities.arrivals(listed)] + [(time, -1) for time in activities.departures(listed)]
    )
    before = count = now - sum(step for dummy, step in moves)
    steps = []
    for time, step in moves:
        count += step
        steps.append((time, max(0, count)))
    values: Numbers = list(minutes.steps(max(0, before), steps))
    return _known_since(values, minutes, activities.reach_back(listed))


def _only_now(minutes: Minutes, now: float | None) -> Numbers:
    values: Numbers = [None] * len(minutes)
    values[-1] = now
    return values


def _known_since(values: Numbers, minutes: Minutes, since: datetime | None) -> Numbers:
    if since is None:
        return values
    return [value if minutes.begin(number) >= since else None for number, value in enumerate(values)]
