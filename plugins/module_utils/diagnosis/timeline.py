# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why it did, or did not, scale: what was measured, what the alarms said and what the group did, minute by minute."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..failures import Failure
from .explainer import events, held
from .explainer.events import Event
from .explainer.held import Held, Span
from .explainer.layout import scene_of
from .explainer.minutes import STEP, Numbers, iso
from .explainer.scene import Scene
from .observed import Expected, Observed

# The readings that a timeline is made of, with what is missing where one failed.
MADE_OF = {
    "queue_metrics": "the depth of the queue",
    "metric": "the metric",
    "group": "the group",
    "group_metrics": "the capacity (what the scaling activities tell of it stands in its place)",
    "activities": "the scaling activities",
    "policies": "the policies",
    "alarms": "the alarms",
    "alarm_history": "the changes of the alarms' states",
}


@dataclass(frozen=True)
class Timeline:
    """:param held: for each minute. :param gaps: what could not be read, and why."""

    since: datetime
    at: datetime
    scene: Scene
    held: Sequence[Held | None]
    spans: Sequence[Span]
    events: Sequence[Event]
    gaps: Sequence[str]

    def shown(self) -> dict[str, Any]:
        """Made of JSON only. The value at place n of a series is that of the minute ``start`` + n x ``step``."""
        seen = self.scene
        states = {above: alarm.states for above, alarm in seen.alarms.items()}
        unknown: list[str | None] = [None] * len(seen.minutes)
        return {
            "since": iso(self.since),
            "at": iso(self.at),
            "start": iso(seen.minutes.start),
            "step": int(STEP.total_seconds()),
            "minutes": len(seen.minutes),
            "series": {
                "depth": _whole(seen.depth),
                "published": _whole(seen.published),
                "compared": _whole(seen.compared),
                "desired": _whole(seen.desired),
                "in_service": _whole(seen.in_service),
                "alarm_high": states.get(True, unknown),
                "alarm_low": states.get(False, unknown),
                "held": [one.holder if one else None for one in self.held],
            },
            "follows": seen.followed.words if seen.followed else None,
            "target": seen.target,
            "min_size": seen.group.get("MinSize"),
            "max_size": seen.group.get("MaxSize"),
            "alarms": {
                alarm.called: {"name": alarm.name, "needs": alarm.rule} for dummy, alarm in sorted(seen.alarms.items())
            },
            "held": [span.shown() for span in self.spans],
            "events": [event.shown() for event in self.events],
            "gaps": list(self.gaps),
        }


def timeline(observed: Observed, expected: Expected) -> Timeline:
    """Pure. A reading that failed leaves a gap, and never stops it."""
    seen = scene_of(observed, expected)
    minutes = held.each_minute(seen)
    return Timeline(
        observed.since,
        observed.at,
        seen,
        minutes,
        held.spans(seen, minutes),
        events.of(observed, seen),
        _gaps(observed, expected),
    )


def _gaps(observed: Observed, expected: Expected) -> list[str]:
    gaps = []
    divided = {"per_instance_metric": "the metric per instance"} if expected.pool.divided_by_publisher else {}
    for name, what in {**MADE_OF, **divided}.items():
        value = observed.readings.get(name, Failure("it was not asked for"))
        if isinstance(value, Failure):
            gaps.append(f"{what} could not be read: {value}")
    return gaps


def _whole(values: Numbers) -> Numbers:
    """Whole numbers without a fraction: half the length, and what people expect of a count."""
    return [int(value) if value is not None and value == int(value) else value for value in values]
