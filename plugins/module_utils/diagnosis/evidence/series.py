# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Series of datapoints: their sums, their newest, and what they say of the last minutes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from ...resources.datapoints import Point, Series


def after(series: Series, start: datetime) -> list[Point]:
    """The points of this moment and later."""
    return [point for point in series if point[0] >= start]


def total(metrics: Mapping[str, Series], name: str, start: datetime | None = None) -> float:
    """The sum of a metric, from a moment on or whole; 0 where it has no datapoint."""
    series = metrics.get(name, ())
    return sum(value for dummy, value in (after(series, start) if start else series))


def summed(parts: Sequence[Series]) -> Series:
    """Minute by minute; a minute that one of them lacks has no sum, as in CloudWatch."""
    by_minute = [dict(one) for one in parts]
    common = set.intersection(*map(set, by_minute)) if by_minute else set()
    return tuple((minute, sum(values[minute] for values in by_minute)) for minute in sorted(common))


def newest(series: Series) -> Point | None:
    return series[-1] if series else None


def last_above_zero(series: Series) -> datetime | None:
    """When something was counted for the last time."""
    return next((time for time, value in reversed(series) if value > 0), None)
