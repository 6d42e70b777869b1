# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A target is met, missed, or not measured; what was not measured is never met."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from .figures import Figure, found, growth

SEED, SOME, MANY = 1, 20, 1000
# What an operation may grow by for each pool without being one of those that grow: a page of twenty pools.
PER_PAGE = 1 / 20
# A name and its attributes, of a queue and of its dead-letter queue.
QUEUE_READS = {"sqs:GetQueueUrl": 2.0, "sqs:GetQueueAttributes": 2.0}
# What still counts as the same time.
SAME = 1.1
# What one pool that differs may be read for: itself again, after its change, and the parts of its snapshot.
OWN_READS = 12


@dataclass(frozen=True)
class Target:
    """`met` is None where a figure that it needs is missing."""

    what: str
    latency_ms: int
    target: str
    measured: str
    met: bool | None


@dataclass(frozen=True)
class Figures:
    """All figures behind one latency; `need` collects what a target compares."""

    all: Sequence[Figure]
    latency_ms: int

    def named(self, subject: str, step: str, pools: int) -> Figure | None:
        return found(self.all, subject, step, pools, self.latency_ms)

    def compared(
        self, what: str, target: str, names: Sequence[tuple[str, str, int]], by: Callable[..., tuple[str, bool]]
    ) -> Target:
        figures = [self.named(*name) for name in names]
        if None in figures:
            missing = [
                f"{subject} {step} of {pools}" for subject, step, pools in names if not self.named(subject, step, pools)
            ]
            return Target(what, self.latency_ms, target, f"not measured: {', '.join(missing)}", None)
        measured, met = by(*figures)
        return Target(what, self.latency_ms, target, measured, met)


def targets(figures: Sequence[Figure], latencies: Iterable[int]) -> list[Target]:
    return [target for latency in latencies for target in behind(Figures(figures, latency))]


def behind(figures: Figures) -> Iterator[Target]:
    """Each row of the targets, for one latency."""
    seed = [("ours", "noop", SEED), ("peers", "noop", SEED)]
    yield figures.compared("seed pool, no-op: wall", "<= 0.45 x peers", seed, by_wall(0.45))
    yield figures.compared("seed pool, no-op: requests", "<= 0.8 x peers", seed, by_requests)
    some = [("ours", "noop", SOME), ("peers", "noop", SOME)]
    yield figures.compared("20 pools, no-op: wall", "<= 0.1 x peers", some, by_wall(0.1))
    floor = [("ours", "noop", SOME), ("floor", "reads", SOME), ("floor", "empty playbook", 0)]
    yield figures.compared("20 pools, no-op: wall", "<= 2 x (floor + empty playbook)", floor, by_floor_and_ansible)
    many = [("ours", "noop", MANY), ("floor", "reads", MANY)]
    yield figures.compared("1,000 pools, no-op: wall", "<= 1.3 x floor + 3 s", many, by_floor)
    yield figures.compared("1,000 pools, no-op: memory", "<= 400 MB", many[:1], by_memory)
    drifted = [("ours", "drifted", MANY), ("ours", "noop", MANY)]
    own = "within 10 % of no-op + its own writes"
    yield figures.compared("1,000 pools, one drifted: wall", own, drifted, by_drift)
    yield figures.compared("1,000 pools, one drifted: reads", f"no-op + {OWN_READS} of its own", drifted, by_reads)
    grown = [("ours", "noop", SOME), ("ours", "noop", MANY)]
    yield figures.compared("growth 20 -> 1,000 pools", "linear in queue reads only", grown, by_growth)


def beside(figures: Figures) -> Iterator[Target]:
    """The same limits over the floor that lists the queues, as this collection does; they are nobody's targets."""
    some = [("ours", "noop", SOME), ("floor", "reads, listed", SOME), ("floor", "empty playbook", 0)]
    yield figures.compared("20 pools, no-op: wall", "2 x (floor + empty playbook)", some, by_floor_and_ansible)
    many = [("ours", "noop", MANY), ("floor", "reads, listed", MANY)]
    yield figures.compared("1,000 pools, no-op: wall", "1.3 x floor + 3 s", many, by_floor)


def by_wall(factor: float) -> Callable[[Figure, Figure], tuple[str, bool]]:
    def compare(ours: Figure, other: Figure) -> tuple[str, bool]:
        return by_limit(seconds(ours), factor * seconds(other))

    return compare


def by_limit(value: float, limit: float, unit: str = "s") -> tuple[str, bool]:
    return f"{value:.2f} {unit} of {limit:.2f} {unit}", value <= limit


def by_requests(ours: Figure, peers: Figure) -> tuple[str, bool]:
    limit = 0.8 * peers.requests_total
    return f"{ours.requests_total} of {limit:g}", ours.requests_total <= limit


def by_floor_and_ansible(ours: Figure, floor: Figure, empty: Figure) -> tuple[str, bool]:
    return by_limit(seconds(ours), 2 * (seconds(floor) + seconds(empty)))


def by_floor(ours: Figure, floor: Figure) -> tuple[str, bool]:
    return by_limit(seconds(ours), 1.3 * seconds(floor) + 3)


def by_drift(drifted: Figure, noop: Figure) -> tuple[str, bool]:
    """Its writes go out one after the other, and each takes the latency."""
    own = drifted.mutating * drifted.latency_ms / 1000
    return by_limit(seconds(drifted), SAME * seconds(noop) + own)


def by_memory(ours: Figure) -> tuple[str, bool]:
    return f"{ours.peak or 0:.0f} MB ({ours.largest})", (ours.peak or 0) <= 400


def by_reads(drifted: Figure, noop: Figure) -> tuple[str, bool]:
    """Its own writes are free; what it reads more is not, however many pools there are."""
    reads, most = drifted.requests_total - drifted.mutating, noop.requests_total + OWN_READS
    return f"{reads} of {most}; {drifted.mutating} writes", reads <= most


def by_growth(some: Figure, many: Figure) -> tuple[str, bool]:
    growing = [one for one in growth(some, many) if one.per_pool > PER_PAGE]
    text = ", ".join(f"{one.operation} {one.per_pool:.2f} per pool" for one in growing)
    return text or "nothing grows", all(one.per_pool <= QUEUE_READS.get(one.operation, 0) for one in growing)


def seconds(figure: Figure) -> float:
    """Only measured figures come here."""
    if figure.wall is None:
        raise ValueError(f"{figure.subject} {figure.step} was not measured")
    return figure.wall
