# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Each step runs once untimed, to warm up, be recorded and be looked at; then as often as asked, undisturbed."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from local_aws.emulator import LOOPBACK, Emulator, ministack
from local_aws.recorder import Recording, recording

from . import commands, fleet
from .commands import HERE, Cost
from .figures import Figure, estimated
from .subjects import CHECK, DIAGNOSIS, DRIFTED, FIRST, LISTED, NOOP, READS, Subject

PEER_POOLS_IN_FULL = 1
PEER_POOLS = 20
PEER_RUNS = 3


@dataclass(frozen=True)
class Settings:
    """What a bench measures, and when it gives up."""

    pools: tuple[int, ...] = (1, 20, 200, 1000)
    latencies_ms: tuple[int, ...] = (0, 40)
    runs: int = 5
    only: tuple[str, ...] = ()
    command_seconds: float = 900.0
    peer_seconds: float = 60.0


@dataclass(frozen=True)
class Bench:
    """One local AWS, the recorder and the proxies before it, and a home for what is measured."""

    aws: Emulator
    wire: Recording
    proxies: Mapping[int, str]
    home: Path
    settings: Settings

    def environment(self, url: str, subject: Subject) -> dict[str, str]:
        return {**commands.environment(self.home, self.aws.environment(url)), **subject.variables}


@contextlib.contextmanager
def bench(home: Path, settings: Settings) -> Iterator[Bench]:
    (home / "tmp").mkdir()
    with contextlib.ExitStack() as stack:
        aws = stack.enter_context(ministack())
        wire = stack.enter_context(recording(aws.url))
        proxies = {latency: stack.enter_context(proxy(home, aws, latency)) for latency in settings.latencies_ms}
        yield Bench(aws, wire, proxies, home, settings)


@contextlib.contextmanager
def proxy(home: Path, aws: Emulator, latency_ms: int) -> Iterator[str]:
    words = ["-I", "-S", str(HERE / "delay.py"), port_of(aws.url), str(latency_ms)]
    with commands.program(words, commands.environment(home, {})) as started:
        assert started.stdout is not None
        yield f"http://{LOOPBACK}:{int(started.stdout.readline())}"


def port_of(url: str) -> str:
    return url.rpartition(":")[2]


def measured(bench: Bench, subject: Subject, pools: int, before: list[Figure]) -> Iterator[Figure]:
    """Every step of a subject for so many pools; `before` is what was measured so far."""
    if subject.is_peer and pools > PEER_POOLS:
        guesses = guessed(bench.settings, subject, pools, before)
        if not is_bounded(guesses, bench.settings.peer_seconds):
            yield from guesses
            return
    if CHECK in subject.steps:
        empty(bench, pools)
    for step in subject.steps:
        yield from of_step(bench, subject, step, pools)


def guessed(settings: Settings, subject: Subject, pools: int, before: list[Figure]) -> list[Figure]:
    """What each step would take by what it took for fewer pools; no estimate where that is not known."""
    of = {(one.step, one.pools, one.latency_ms): one for one in before if one.subject == subject.name}
    pairs = {
        (step, latency): [of.get((step, fewer, latency)) for fewer in (PEER_POOLS_IN_FULL, PEER_POOLS)]
        for step in subject.steps
        for latency in settings.latencies_ms
    }
    return [
        Figure(subject.name, step, pools, latency, estimate=estimated(small, large, pools) if small and large else None)
        for (step, latency), (small, large) in pairs.items()
    ]


def is_bounded(guesses: list[Figure], seconds: float) -> bool:
    known = [one.estimate for one in guesses if one.estimate is not None]
    return bool(known) and max(known) <= seconds


def of_step(bench: Bench, subject: Subject, step: str, pools: int) -> Iterator[Figure]:
    blank = looked_at(bench, subject, step, pools)
    for latency in latencies_of(bench.settings, step, pools):
        figure = replace(blank, latency_ms=latency)
        for _run in range(0 if blank.error else runs_of(bench.settings, subject, step, pools)):
            cost = once(bench, subject, step, pools, bench.proxies[latency])
            if cost.error:
                figure = replace(figure, error=cost.error)
                break
            figure = with_run(figure, cost)
        yield figure


def looked_at(bench: Bench, subject: Subject, step: str, pools: int) -> Figure:
    """The requests of a step, and the largest of its processes, from a run whose times nobody looks at."""
    prepare(bench, step, pools)
    bench.wire.clear()
    cost = run(bench, subject, step, bench.wire.url, look=True)
    mutating = len(bench.wire.mutating())
    requests = dict(bench.wire.count())
    error = cost.error or belied(step, mutating)
    return Figure(subject.name, step, pools, 0, largest=cost.largest, requests=requests, mutating=mutating, error=error)


def belied(step: str, mutating: int) -> str:
    """Why a run was not the step that it was to be, or nothing: a no-op that writes is none."""
    if step in (CHECK, NOOP, DIAGNOSIS, READS, LISTED) and mutating:
        return f"sent {mutating} requests that change something"
    return "sent no request that changes anything" if step in (FIRST, DRIFTED) and not mutating else ""


def settle(bench: Bench, subject: Subject, pools: int) -> None:
    """The account as the subject's first apply leaves it, for whoever only reads."""
    cost = once(bench, subject, FIRST, pools, bench.aws.url)
    if cost.error:
        raise RuntimeError(f"the first apply of {pools} pools failed: {cost.error}")


def once(bench: Bench, subject: Subject, step: str, pools: int, url: str) -> Cost:
    prepare(bench, step, pools)
    return run(bench, subject, step, url)


def run(bench: Bench, subject: Subject, step: str, url: str, *, look: bool = False) -> Cost:
    seconds = bench.settings.command_seconds
    return commands.run(subject.steps[step], bench.environment(url, subject), seconds, look=look)


def prepare(bench: Bench, step: str, pools: int) -> None:
    """The account as the step is to find it; all but these leave it as they found it."""
    if step == FIRST:
        empty(bench, pools)
    elif step == DRIFTED:
        wanted = fleet.pools(pools)
        fleet.drift(bench.aws.client, wanted[len(wanted) // 2])


def empty(bench: Bench, pools: int) -> None:
    bench.aws.reset()
    fleet.make_groups(bench.aws.client, fleet.pools(pools))


def latencies_of(settings: Settings, step: str, pools: int) -> tuple[int, ...]:
    """What no target compares is run for a fleet behind the shortest latency only."""
    return settings.latencies_ms[:1] if step in (CHECK, FIRST, DIAGNOSIS) and pools > 1 else settings.latencies_ms


def runs_of(settings: Settings, subject: Subject, step: str, pools: int) -> int:
    """The median of several is for what the targets compare; the rest of a fleet is run once, to end within an hour."""
    if subject.is_peer:
        most = settings.runs if pools <= PEER_POOLS_IN_FULL else PEER_RUNS if pools <= PEER_POOLS else 1
        return min(settings.runs, most) if step == NOOP else 1
    if step in (CHECK, FIRST, DIAGNOSIS):
        return settings.runs if pools == 1 else 1
    return settings.runs


def with_run(figure: Figure, cost: Cost) -> Figure:
    return replace(
        figure,
        walls=(*figure.walls, cost.wall_seconds),
        cpus=(*figure.cpus, cost.cpu_seconds),
        peaks=(*figure.peaks, cost.peak_megabytes),
    )
