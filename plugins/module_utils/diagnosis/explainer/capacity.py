# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How much capacity was wanted and how much worked, minute by minute: instances, or units where they have weights.

The group's own metrics say it where they are enabled; elsewhere it is reckoned backwards from what is now, by the
scaling activities.
"""

from __future__ import annotations

from datetime import datetime

from ..evidence import live
from ..observed import Observed
from . import activities
from .minutes import Minutes, Numbers


def desired(observed: Observed, minutes: Minutes) -> Numbers:
    measured = minutes.points(observed.known("group_metrics", {}).get("desired", ()))
    return _joined(measured, _reckoned_desired(observed, minutes))


def in_service(observed: Observed, minutes: Minutes) -> Numbers:
    return _joined(minutes.points(live.in_service_lately(observed)), _reckoned_in_service(observed, minutes))


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
    now = None if group is None else live.in_service(group)
    if listed is None or group is None or now is None:
        return _only_now(minutes, now)
    known_since = activities.reach_back(listed)
    moves = []
    for time, step, instance_id in activities.moves(listed):
        weight = live.weight_of(group, instance_id)
        if weight is None:
            # What there was before it came or went cannot be known.
            known_since = max(time, known_since or time)
        moves.append((time, step * (weight or 0)))
    before = count = now - sum(step for dummy, step in moves)
    steps = []
    for time, step in moves:
        count += step
        steps.append((time, max(0, count)))
    values: Numbers = list(minutes.steps(max(0, before), steps))
    return _known_since(values, minutes, known_since)


def _only_now(minutes: Minutes, now: float | None) -> Numbers:
    values: Numbers = [None] * len(minutes)
    values[-1] = now
    return values


def _known_since(values: Numbers, minutes: Minutes, since: datetime | None) -> Numbers:
    if since is None:
        return values
    return [value if minutes.begin(number) >= since else None for number, value in enumerate(values)]
