# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a chart draws of a timeline: few numbers, and nothing that could be anything but JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from .wording import legible, line, seconds

# A chart is at most some 1,400 pixels wide: of a longer window several minutes share a point.
MOST_POINTS = 1440
COLUMNS = ("depth", "published", "compared", "desired", "in_service")
ALARMS = ("alarm_high", "alarm_low")
STATES = {"OK": 0, "ALARM": 1, "INSUFFICIENT_DATA": 2}
# What a parser of HTML would see in a text of JSON, and what ends a line in JavaScript.
UNSAFE = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}


def drawable(timeline: Mapping[str, Any] | None) -> bool:
    """Whether there is anything to draw."""
    series = (timeline or {}).get("series") or {}
    return any(value is not None for name in COLUMNS for value in series.get(name) or ())


def embedded(
    timeline: Mapping[str, Any], spans: Sequence[Mapping[str, Any]], events: Sequence[Mapping[str, Any]]
) -> str:
    """The chart's numbers as JSON that can stand in a script element."""
    series, step = timeline["series"], int(timeline["step"])
    minutes = int(timeline["minutes"])
    share = -(-minutes // MOST_POINTS) or 1
    numbers: dict[str, Any] = {
        "start": seconds(timeline["start"]),
        "step": step * share,
        "points": -(-minutes // share),
        "max": timeline.get("max_size"),
        # At its smallest with nothing to do a group is where it should be.
        "held": [_span(span) for span in spans if span["holder"] != "at_min"],
        "events": [_event(event) for event in events],
    }
    for name in COLUMNS:
        numbers[name] = _column([_number(value) for value in series.get(name) or ()], share)
    for name in ALARMS:
        numbers[name] = _column([STATES.get(str(state)) for state in series.get(name) or ()], share)
    return json.dumps(numbers, separators=(",", ":"), ensure_ascii=False, allow_nan=False).translate(UNSAFE)


def summary(timeline: Mapping[str, Any]) -> str:
    """The chart in words, for whoever does not see it."""
    series = timeline["series"]
    ranges = [
        _range(words, series.get(name)) for name, words in (("depth", "queue depth"), ("in_service", "in service"))
    ]
    ranges += [_range("desired capacity", series.get("desired"))]
    return "; ".join(words for words in ranges if words)


def _range(words: str, values: Sequence[Any] | None) -> str:
    known = [value for value in values or () if value is not None]
    return f"{words} from {min(known):g} to {max(known):g}, at last {known[-1]:g}" if known else ""


def _span(span: Mapping[str, Any]) -> list[Any]:
    words = f"{span['minutes']} min not scaled {span['direction']}, {span['holder']}: {line(span['words'])}"
    return [seconds(span["from"]), seconds(span["to"]), "out" if span["direction"] == "out" else "in", words]


def _event(event: Mapping[str, Any]) -> list[Any]:
    return [seconds(event["at"]), legible(event["kind"]), line(event["words"])]


def _number(value: Any) -> Any:
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _column(values: list[Any], share: int) -> list[Any] | None:
    """Of the minutes that share a point the highest counts: a peak is what a person looks for. None for no value."""
    if not any(value is not None for value in values):
        return None
    if share == 1:
        return values
    parts = [values[first : first + share] for first in range(0, len(values), share)]
    return [max((value for value in part if value is not None), default=None) for part in parts]
