# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The tables say what the results say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from .figures import Figure, found, growth
from .fleet import POOLS_WITH_AN_OLD_POLICY
from .targets import MANY, SEED, SOME, Figures, Target, beside

# Between the comments of this name stand the tables in the page.
MARK = "bench"
TITLES = {
    ("ours", "check"): "check, before the first apply",
    ("ours", "first"): "first apply",
    ("ours", "noop"): "no-op apply",
    ("ours", "drifted"): "apply, one pool drifted",
    ("ours", "diagnose"): "diagnose",
    ("floor", "reads"): "floor: botocore, 16 threads, reads only",
    ("floor", "reads, listed"): "the same, the queues listed",
    ("floor", "empty playbook"): "ansible-playbook without a task",
}
# Who makes a run that changes nothing, beside whom.
NO_OP = {
    "apply": ("ours", "noop"),
    "amazon.aws + community.aws": ("peers", "noop"),
    "the same with mitogen": ("mitogen", "noop"),
    "floor: botocore alone": ("floor", "reads"),
}
STEPS = {"check": "check", "first": "first", "noop": "no-op", "drifted": "one pool drifted"}
PEERS = {"peers": "peers", "mitogen": "peers with mitogen"}
MET = {True: "yes", False: "**no**", None: "not measured"}


def title(figure: Figure) -> str:
    named = TITLES.get((figure.subject, figure.step)) or (
        f"{PEERS.get(figure.subject, figure.subject)}: {STEPS.get(figure.step, figure.step)}"
    )
    is_partial = figure.step == "first" and figure.pools > POOLS_WITH_AN_OLD_POLICY and figure.wall is not None
    return f"{named} (the policies are there)" if is_partial else named


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def full(results: Mapping[str, Any], figures: Sequence[Figure], targets: Sequence[Target]) -> str:
    """All that was measured, for the page on performance."""
    latencies = results["settings"]["latencies_ms"]
    sizes = sorted({figure.pools for figure in figures} - {0})
    parts = [*conditions(results), "### In short", short(results, figures), "### Targets", of_targets(targets)]
    listed = [one for latency in latencies for one in beside(Figures(figures, latency)) if one.met is not None]
    if listed:
        parts += [
            "The same limits over the floor that lists the queues, which no target speaks of:",
            of_targets(listed),
        ]
    for pools in sizes:
        parts += [f"### {counted(pools)}", of_pools(figures, pools, latencies)]
    if any(figure.pools == 0 for figure in figures):
        parts += ["### Without a pool", of_pools(figures, 0, latencies)]
    parts += [*of_operations(figures, latencies), *of_growth(figures, latencies)]
    # The same failure behind several latencies is listed once.
    failed = dict.fromkeys(f"- {title(one)}, {counted(one.pools)}: {code(one.error)}" for one in figures if one.error)
    parts += ["### What could not be measured", "\n".join(failed)] if failed else []
    return "\n\n".join(parts)


def conditions(results: Mapping[str, Any]) -> Iterator[str]:
    machine, limits, settings = results["machine"], results["limits"], results["settings"]
    yield (
        f"Measured on {results['measured_at']}: {machine['cores']} cores ({machine['processor']}), "
        f"{machine['memory_gigabytes']:g} GB, Python {machine['python']}. Medians of {settings['runs']} runs "
        "where no other number is given; an estimate is no measurement."
    )
    yield (
        f"The emulator shares the cores. It answers {limits['direct']:.0f} calls a second to a bare client with 16 "
        + "threads"
        + "".join(f", {rate:.0f} behind the proxy of {latency} ms" for latency, rate in limits["proxied"].items())
        + "."
    )


def of_targets(targets: Sequence[Target]) -> str:
    rows = [(one.what, f"{one.latency_ms} ms", one.target, one.measured, MET[one.met]) for one in targets]
    return table(("what", "latency", "target", "measured", "met"), rows)


def of_pools(figures: Sequence[Figure], pools: int, latencies: Sequence[int]) -> str:
    """A row for each step of each subject; time and memory side by side for each latency."""
    walls = [f"wall, {latency} ms" for latency in latencies]
    head = ("what", *walls, "user + sys", "peak memory", "largest", "requests")
    steps = dict.fromkeys((one.subject, one.step) for one in figures if one.pools == pools)
    return table(head, [row(figures, subject, step, pools, latencies) for subject, step in steps])


def row(figures: Sequence[Figure], subject: str, step: str, pools: int, latencies: Sequence[int]) -> list[str]:
    of = {one.latency_ms: one for one in figures if (one.subject, one.step, one.pools) == (subject, step, pools)}
    first = next(iter(of.values()))
    measured = next((one for one in of.values() if one.walls), first)
    walls = [wall(of[latency]) if latency in of else "" for latency in latencies]
    cpu = "" if measured.cpu is None else f"{measured.cpu:.2f} s"
    peak = "" if measured.peak is None else f"{measured.peak:.0f} MB"
    requests = str(first.requests_total) if first.requests_total or first.walls else ""
    return [title(first), *walls, cpu, peak, measured.largest if measured.walls else "", requests]


def wall(figure: Figure) -> str:
    if figure.wall is not None:
        count = len(figure.walls)
        return f"{figure.wall:.2f} s" + (f" ({count} run{'s' * (count > 1)})" if count < 5 else "")
    if figure.estimate is not None:
        return f"not run; estimated {figure.estimate:.0f} s"
    return "failed" if figure.error else "not run"


def of_operations(figures: Sequence[Figure], latencies: Sequence[int]) -> Iterator[str]:
    """What a no-op of the seed pool asks, side by side."""
    sides = {
        name: of.requests
        for name, (subject, step) in NO_OP.items()
        if latencies and (of := found(figures, subject, step, SEED, latencies[0])) and of.requests
    }
    if len(sides) < 2:
        return
    operations = sorted({operation for requests in sides.values() for operation in requests})
    rows = [(operation, *(str(of.get(operation, "")) for of in sides.values())) for operation in operations]
    rows.append(("all", *(str(sum(of.values())) for of in sides.values())))
    yield "### Requests of a no-op of the seed pool"
    yield table(("operation", *sides), rows)


def of_growth(figures: Sequence[Figure], latencies: Sequence[int]) -> Iterator[str]:
    """What a no-op apply asks for more when there are more pools: the same behind every latency."""
    pair = [found(figures, "ours", "noop", pools, latencies[0]) for pools in (SOME, MANY)] if latencies else []
    some, many = pair if len(pair) == 2 else (None, None)
    if some is None or many is None:
        return
    rows = [(one.operation, str(one.small), str(one.large), f"{one.per_pool:.3f}") for one in growth(some, many)]
    rows.append(("all", str(some.requests_total), str(many.requests_total), ""))
    yield "### Requests of a no-op apply"
    yield table(("operation", f"{SOME} pools", f"{MANY:,} pools", "for each pool more"), rows)


def short(results: Mapping[str, Any], figures: Sequence[Figure]) -> str:
    """The no-op apply beside the others, behind the longest latency: what the page begins with."""
    latency = max(results["settings"]["latencies_ms"])
    sizes = sorted({figure.pools for figure in figures} - {0})
    of = {(one.subject, one.step, one.pools, one.latency_ms): one for one in figures}
    rows = []
    for label, (subject, step) in NO_OP.items():
        cells = [of.get((subject, step, pools, latency)) for pools in sizes]
        if any(cells):
            rows.append([label, *("" if one is None else brief(one) for one in cells)])
    return table((f"nothing to change, {latency} ms latency", *map(counted, sizes)), rows)


def brief(figure: Figure) -> str:
    if figure.wall is None:
        return wall(figure)
    parts = [f"{figure.wall:.1f} s"]
    parts += [] if figure.cpu is None else [f"{figure.cpu:.1f} s CPU"]
    parts += [] if figure.peak is None else [f"{figure.peak:.0f} MB"]
    parts += [f"{figure.requests_total} requests"] if figure.requests_total else []
    return ", ".join(parts)


def counted(pools: int) -> str:
    return f"{pools:,} pool{'s' * (pools != 1)}"


def code(text: str) -> str:
    """As code, whatever backticks it holds itself."""
    return "`" + text.replace("`", "'") + "`"
