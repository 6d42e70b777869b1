# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""For each minute in which a group could have scaled and did not: which way, and what held it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from . import activities
from .holders import HOLDERS
from .minutes import iso
from .scene import IN, OUT, Scene

# What is on its way already: the group has scaled, and its instances have not followed yet.
LAUNCHING, TERMINATING = "launching", "terminating"
NAMES: tuple[str, ...] = (*(name for name, dummy in HOLDERS), LAUNCHING, TERMINATING)


@dataclass(frozen=True)
class Held:
    """One minute. :param wanted: the instances that the queue asked for. :param capacity: what there was instead."""

    direction: str
    holder: str
    words: str
    wanted: int
    capacity: int

    def continues(self, other: Held | None) -> bool:
        return other is not None and (self.direction, self.holder, self.words) == (
            other.direction,
            other.holder,
            other.words,
        )


@dataclass(frozen=True)
class Span:
    """Minutes in a row with one holder. :param held: that of the minute in which most was missing, or too much."""

    begin: datetime
    end: datetime
    minutes: int
    held: Held

    def shown(self) -> dict[str, Any]:
        return {
            "from": iso(self.begin),
            "to": iso(self.end),
            "minutes": self.minutes,
            "direction": self.held.direction,
            "holder": self.held.holder,
            "words": self.held.words,
            "wanted": self.held.wanted,
            "capacity": self.held.capacity,
        }


def each_minute(scene: Scene) -> list[Held | None]:
    """None for a minute in which nothing was to do, or was done, or nobody knows."""
    return [_held(scene, number) for number in range(len(scene.minutes))]


def spans(scene: Scene, held: Sequence[Held | None]) -> list[Span]:
    return [
        Span(scene.minutes.begin(first), scene.minutes.end(last), last - first + 1, _worst(held[first : last + 1]))
        for first, last in _runs(held)
    ]


def _held(scene: Scene, number: int) -> Held | None:
    wanted, desired = scene.wanted(number), scene.desired[number]
    if wanted is None or desired is None:
        return None
    if wanted == desired or _scaled(scene, number, wanted > desired):
        return _under_way(scene, number, wanted, int(desired))
    direction = OUT if wanted > desired else IN
    holder, words = next(
        (name, words) for name, rule in HOLDERS if (words := rule(scene, number, direction)) is not None
    )
    return Held(direction, holder, words, wanted, int(desired))


def _scaled(scene: Scene, number: int, is_more: bool) -> bool:
    before, now = scene.desired[max(0, number - 1)], scene.desired[number]
    return before is not None and now is not None and (now > before if is_more else now < before)


def _under_way(scene: Scene, number: int, wanted: int, desired: int) -> Held | None:
    """The group has scaled as it should; its instances may not have followed."""
    working = scene.in_service[number]
    if working is None or working == desired:
        return None
    is_more = working < desired
    holder, process = (LAUNCHING, "Launch") if is_more else (TERMINATING, "Terminate")
    words = f"desired is {desired}, and " + ("not all are in service yet" if is_more else "more are still in service")
    if process in (found := scene.suspended(number)):
        holder, words = "suspended_process", f"process {process} of the group is suspended ({found[process]})"
    elif refusal := _refusal(scene, number, process):
        words += f": {refusal}"
    return Held(OUT if is_more else IN, holder, words, wanted, int(working))


def _refusal(scene: Scene, number: int, process: str) -> str:
    """What AWS said when it last failed to do so."""
    end = scene.minutes.end(number)
    said = [
        (activity["StartTime"], str(activity.get("StatusMessage", "")).strip())
        for activity in scene.activities
        if activities.failed(activity)
        and str(activity.get("Description", "")).startswith(process)
        and activity.get("StartTime")
        and activity["StartTime"] <= end
    ]
    return max(said)[1] if said else ""


def _runs(held: Sequence[Held | None]) -> Iterator[tuple[int, int]]:
    first = 0
    for number, one in enumerate(held):
        if one is None:
            continue
        if number == 0 or not one.continues(held[number - 1]):
            first = number
        following = held[number + 1] if number + 1 < len(held) else None
        if not one.continues(following):
            yield first, number


def _worst(held: Sequence[Held | None]) -> Held:
    return max((one for one in held if one), key=lambda one: abs(one.wanted - one.capacity))
