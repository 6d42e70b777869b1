# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A figure is the median of runs that went well, or says why there is none; an estimate is never taken for a figure."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any


@dataclass(frozen=True)
class Figure:
    """What one step of one subject takes for so many pools behind one latency; `error` says why it has no figures."""

    subject: str
    step: str
    pools: int
    latency_ms: int
    walls: tuple[float, ...] = ()
    cpus: tuple[float, ...] = ()
    peaks: tuple[float, ...] = ()
    largest: str = ""
    requests: Mapping[str, int] = field(default_factory=dict)
    mutating: int = 0
    error: str = ""
    estimate: float | None = None

    @property
    def wall(self) -> float | None:
        return median(self.walls)

    @property
    def cpu(self) -> float | None:
        return median(self.cpus)

    @property
    def peak(self) -> float | None:
        return median(self.peaks)

    @property
    def requests_total(self) -> int:
        return sum(self.requests.values())

    def written(self) -> dict[str, Any]:
        """As it stands in the results."""
        medians = {"wall_seconds": self.wall, "cpu_seconds": self.cpu, "peak_megabytes": self.peak}
        rounded = {name: None if value is None else round(value, 3) for name, value in medians.items()}
        kept = asdict(self) | {name: [round(x, 3) for x in getattr(self, name)] for name in ("walls", "cpus", "peaks")}
        return {
            **kept,
            "requests": dict(sorted(self.requests.items())),
            **rounded,
            "requests_total": self.requests_total,
        }


@dataclass(frozen=True)
class Growth:
    """How many requests more one operation takes for each pool more."""

    operation: str
    small: int
    large: int
    per_pool: float


def median(values: Sequence[float]) -> float | None:
    return statistics.median(values) if values else None


def read(written: Mapping[str, Any]) -> Figure:
    """A figure as it was written."""
    # JSON knows no tuples.
    own: dict[str, Any] = {
        one.name: tuple(written[one.name]) if isinstance(written[one.name], list) else written[one.name]
        for one in fields(Figure)
    }
    return Figure(**own)


def found(figures: Iterable[Figure], subject: str, step: str, pools: int, latency_ms: int) -> Figure | None:
    """The figure of that name if it was measured."""
    wanted = (subject, step, pools, latency_ms)
    named = (one for one in figures if (one.subject, one.step, one.pools, one.latency_ms) == wanted)
    return next((one for one in named if one.walls), None)


def growth(small: Figure, large: Figure) -> list[Growth]:
    """Every operation of either, those that grow most first."""
    more = large.pools - small.pools
    grown = [
        Growth(name, small.requests.get(name, 0), large.requests.get(name, 0), per_pool)
        for name in {*small.requests, *large.requests}
        for per_pool in [(large.requests.get(name, 0) - small.requests.get(name, 0)) / more]
    ]
    return sorted(grown, key=lambda one: (-one.per_pool, one.operation))


def estimated(small: Figure, large: Figure, pools: int) -> float | None:
    """The wall time for so many pools, as if each pool more took what it takes between the two that were measured."""
    if small.wall is None or large.wall is None or large.pools <= small.pools:
        return None
    return large.wall + (pools - large.pools) * (large.wall - small.wall) / (large.pools - small.pools)
