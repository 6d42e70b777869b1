# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Only a whole bench, or one with `--keep`, replaces the results and tables that are kept; others are shown."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from local_aws import interrupts
from local_aws.marked import between

from . import commands, subjects, tables
from .commands import HERE, ROOT
from .figures import Figure, found, growth, read
from .machine import machine, versions
from .session import Bench, Settings, bench, measured, port_of, settle
from .subjects import Subject
from .targets import MANY, SOME, targets

RESULTS = HERE / "results.json"
TRIAL = ROOT / ".cache" / "bench" / "results.json"
SO_FAR = TRIAL.with_name("figures.jsonl")
PAGE = ROOT / "docs" / "performance.md"
LIMIT_SECONDS = 5.0


def main() -> int:
    interrupts.as_ctrl_c()
    asked = arguments()
    if asked.tables:
        write_page(judged(json.loads(RESULTS.read_text(encoding="utf-8"))))
        return 0
    settings = Settings(
        tuple(asked.pools), tuple(asked.latencies), asked.runs, tuple(asked.only), peer_seconds=asked.peer_seconds
    )
    started = time.monotonic()
    try:
        results = everything(settings)
    except KeyboardInterrupt:
        print(f"\nInterrupted, all is stopped. Measured so far: {SO_FAR.relative_to(ROOT)}", file=sys.stderr)
        return 130
    except RuntimeError as failure:
        print(f"\nThe bench failed: {failure}", file=sys.stderr)
        return 1
    results["took_seconds"] = round(time.monotonic() - started)
    keep(results, is_kept=asked.keep or settings == Settings(peer_seconds=asked.peer_seconds))
    return 0


def arguments() -> argparse.Namespace:
    default = Settings()
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--pools", type=int, nargs="+", default=default.pools, help="how many pools")
    parser.add_argument("--latencies", type=int, nargs="+", default=default.latencies_ms, help="in milliseconds")
    parser.add_argument("--runs", type=int, default=default.runs, help="of which the median is taken")
    parser.add_argument("--only", nargs="+", choices=subjects.NAMES, default=[], help="what to measure")
    parser.add_argument(
        "--peer-seconds", type=float, default=default.peer_seconds, help="above this, more than 20 pools are estimated"
    )
    parser.add_argument("--keep", action="store_true", help="keep the results of a narrowed bench as well")
    parser.add_argument("--tables", action="store_true", help="measure nothing, write the tables of the kept results")
    return parser.parse_args()


def everything(settings: Settings) -> dict[str, Any]:
    figures: list[Figure] = []
    SO_FAR.parent.mkdir(parents=True, exist_ok=True)
    SO_FAR.write_text("", encoding="utf-8")
    with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        with bench(home, settings) as running:
            limits = limits_of(running)
            print(f"The emulator answers {limits['direct']:.0f} calls a second to a bare client.", flush=True)
            for figure in all_figures(running, figures):
                figures.append(figure)
                tell(figure)
                with SO_FAR.open("a", encoding="utf-8") as so_far:
                    so_far.write(json.dumps(figure.written()) + "\n")
    return {
        "measured_at": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "machine": machine(),
        "versions": versions(),
        "settings": asdict(settings),
        "limits": limits,
        "figures": [figure.written() for figure in figures],
        "growth": growth_of(figures, settings),
        "targets": [asdict(target) for target in targets(figures, settings.latencies_ms)],
    }


def all_figures(running: Bench, before: list[Figure]) -> Iterator[Figure]:
    """Ours and its floor on the same account, then the peers, each on one of its own."""
    settings, folder = running.settings, running.home
    wanted = settings.only or subjects.NAMES
    if "floor" in wanted:
        yield from measured(running, subjects.empty_playbook(), 0, before)
    for pools in settings.pools:
        as_yaml, as_json = subjects.written(folder, pools)
        named: dict[str, Subject] = {
            "ours": subjects.ours(as_yaml),
            "floor": subjects.floor(as_json),
            "peers": subjects.peers(folder, as_yaml, mitogen=False),
            "mitogen": subjects.peers(folder, as_yaml, mitogen=True),
        }
        for name, subject in named.items():
            if name not in wanted:
                continue
            if reason := subjects.missing(name):
                yield from (
                    Figure(name, step, pools, latency, error=reason)
                    for step in subject.steps
                    for latency in settings.latencies_ms
                )
            else:
                if name == "floor" and "ours" not in wanted:
                    settle(running, named["ours"], pools)
                yield from measured(running, subject, pools, before)


def limits_of(running: Bench) -> dict[str, Any]:
    """What the emulator itself can do, and what is left of it behind each proxy."""
    direct = calls_per_second(running, running.aws.url)
    proxied = {str(latency): calls_per_second(running, url) for latency, url in running.proxies.items()}
    return {"threads": 16, "direct": direct, "proxied": proxied}


def calls_per_second(running: Bench, url: str) -> float:
    words = [str(HERE / "ceiling.py"), port_of(url), str(LIMIT_SECONDS)]
    with commands.program(words, commands.environment(running.home, {})) as started:
        assert started.stdout is not None
        return round(float(json.loads(started.stdout.readline())["calls_per_second"]), 1)


def growth_of(figures: list[Figure], settings: Settings) -> list[dict[str, Any]]:
    latency = settings.latencies_ms[0]
    some, many = (found(figures, "ours", "noop", pools, latency) for pools in (SOME, MANY))
    return [asdict(one) for one in growth(some, many)] if some and many else []


def tell(figure: Figure) -> None:
    said = figure.error or tables.wall(figure)
    more = "" if figure.cpu is None else f", user + sys {figure.cpu:.2f} s, {figure.peak:.0f} MB"
    requests = f", {figure.requests_total} requests" if figure.requests_total else ""
    print(
        f"{tables.title(figure)}, {tables.counted(figure.pools)}, {figure.latency_ms} ms: {said}{more}{requests}",
        flush=True,
    )


def keep(results: dict[str, Any], *, is_kept: bool) -> None:
    path = RESULTS if is_kept else TRIAL
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    print(f"\n{rendered(results)}\n")
    if is_kept:
        write_page(results)
    else:
        print("A narrowed bench: the kept results and tables stay as they are (--keep replaces them).")
    print(f"Results: {path.relative_to(ROOT)}")


def rendered(results: dict[str, Any]) -> str:
    figures = [read(written) for written in results["figures"]]
    return tables.full(results, figures, targets(figures, results["settings"]["latencies_ms"]))


def judged(results: dict[str, Any]) -> dict[str, Any]:
    """The kept results with their targets looked at again."""
    figures = [read(written) for written in results["figures"]]
    results["targets"] = [asdict(target) for target in targets(figures, results["settings"]["latencies_ms"])]
    RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    return results


def write_page(results: dict[str, Any]) -> None:
    text = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(between(text, tables.MARK, rendered(results)), encoding="utf-8")
    print(f"Written: the tables of {PAGE.relative_to(ROOT)}")


if __name__ == "__main__":
    sys.exit(main())
