# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The minutes of a time window: every column of a timeline has one value for each of them, None for a gap."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeAlias, TypeVar

from ...resources.datapoints import Point

Value = TypeVar("Value")
Numbers: TypeAlias = "list[float | None]"

# CloudWatch keeps a datapoint a minute, and target tracking looks at it once a minute.
STEP = timedelta(minutes=1)


def iso(time: datetime) -> str:
    """ISO 8601 in UTC, to the second."""
    return f"{time.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


@dataclass(frozen=True)
class Minutes:
    """:param start: of the first minute. :param at: a moment in the last one."""

    start: datetime
    at: datetime

    @classmethod
    def of(cls, since: datetime, at: datetime) -> Minutes:
        return cls(since.replace(second=0, microsecond=0), at)

    def __len__(self) -> int:
        return max(0, (self.at - self.start) // STEP + 1)

    def begin(self, number: int) -> datetime:
        return self.start + number * STEP

    def end(self, number: int) -> datetime:
        """Of the minute, or of the window where that ends within it."""
        return min(self.begin(number) + STEP, self.at)

    def number(self, time: datetime) -> int | None:
        """Of the minute that holds this moment, None where it lies outside."""
        found = (time - self.start) // STEP
        return found if 0 <= found < len(self) else None

    def points(self, series: Iterable[Point]) -> Numbers:
        """A series of datapoints, each in its minute."""
        values: Numbers = [None] * len(self)
        for time, value in series:
            number = self.number(time)
            if number is not None:
                values[number] = value
        return values

    def steps(self, before: Value, changes: Sequence[tuple[datetime, Value]]) -> list[Value]:
        """What holds at the end of each minute. :param changes: since when what holds, oldest first."""
        values: list[Value] = []
        holds, ahead = before, list(changes)
        for number in range(len(self)):
            while ahead and ahead[0][0] < self.begin(number) + STEP:
                holds = ahead.pop(0)[1]
            values.append(holds)
        return values
