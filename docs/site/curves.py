# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The curves of docs/signals.md, reckoned minute by minute from the rules that the page tells.

The page holds them as text, so that a Git host shows them too; `python -m docs.site.curves` brings the page up to date.
"""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

PAGE = Path(__file__).resolve().parents[1] / "signals.md"
HIGH_MINUTES = 3
LOW_MINUTES = 15
LOW_SHARE = 0.9


@dataclass(frozen=True)
class Work:
    """Jobs that all come in one minute and keep a worker busy for so many."""

    jobs: int
    arrive: int
    minutes: int


@dataclass(frozen=True)
class Minute:
    """What is so at the end of a minute."""

    visible: int
    in_flight: int
    workers: int


Signal = Callable[[Minute], float]


def total(now: Minute) -> float:
    return now.visible + now.in_flight


def per_instance(now: Minute) -> float:
    return total(now) / max(now.workers, 1)


def visible_only(now: Minute) -> float:
    return now.visible


def run(work: Work, signal: Signal, minutes: int, target: float = 1.0, most: int = 20) -> list[Minute]:
    """A group that begins empty and follows the signal."""
    told, values = [Minute(0, 0, 0)], [0.0]
    ends: list[int] = []
    waiting = workers = changed = 0
    for minute in range(1, minutes + 1):
        waiting += work.jobs if minute == work.arrive else 0
        ends = [end for end in ends if end > minute]
        wanted = _wanted(values[changed:], workers, target)
        if wanted is not None and min(wanted, most) != workers:
            workers, changed = min(wanted, most), minute
        taken = min(waiting, workers - len(ends))
        ends += [minute + work.minutes] * taken
        waiting -= taken
        told.append(Minute(waiting, len(ends), workers))
        values.append(signal(told[-1]))
    return told


def _wanted(values: Sequence[float], workers: int, target: float) -> int | None:
    """The capacity that an alarm asks for, None where none rings; only values since the last change count."""
    if len(values) >= HIGH_MINUTES and all(value > target for value in values[-HIGH_MINUTES:]):
        return math.ceil(max(workers, 1) * values[-1] / target)
    if len(values) >= LOW_MINUTES and all(value < LOW_SHARE * target for value in values[-LOW_MINUTES:]):
        return math.floor(workers * values[-1] / target)
    return None


def chart(title: str, description: str, unit: str, top: int, *lines: Sequence[int]) -> str:
    """One line for each minute that is told, from minute 0."""
    last = len(lines[0]) - 1
    rows = [
        "xychart-beta",
        f"    accTitle: {title}",
        f"    accDescr: {description}",
        f'    x-axis "minutes" 0 --> {last}',
        f'    y-axis "{unit}" 0 --> {top}',
    ]
    rows += [f"    line {list(line)}" for line in lines]
    return "\n".join(rows)


def charts() -> dict[str, str]:
    """By name, as the page's comments name them."""
    long_jobs = Work(jobs=10, arrive=1, minutes=60)
    by_total = [now.workers for now in run(long_jobs, total, 15)]
    by_instance = [now.workers for now in run(long_jobs, per_instance, 15)]
    busy = run(Work(jobs=5, arrive=1, minutes=60), per_instance, 30)
    short = run(Work(jobs=4, arrive=5, minutes=20), per_instance, 50)
    return {
        "total": chart(
            "Workers for ten jobs, by a total and by a value per instance",
            f"By a value per instance the group has {max(by_instance)} workers and stays there. "
            f"By a total it has 10 first and {max(by_total)}, its maximum, after {by_total.index(20)} minutes.",
            "workers",
            25,
            by_total,
            by_instance,
        ),
        "in_flight": chart(
            "What two signals see of five long jobs",
            "Visible and in-flight messages together stay at 5 while the jobs run. Visible messages alone fall to 0 "
            "as soon as the workers have taken them.",
            "messages",
            6,
            [round(total(now)) for now in busy],
            [round(visible_only(now)) for now in busy],
        ),
        "windows": chart(
            "Four jobs and their workers",
            "Four jobs come at minute 5. Workers start three minutes later. After the last job is done it takes "
            "another fifteen minutes until the workers are stopped.",
            "jobs, workers",
            5,
            [round(total(now)) for now in short],
            [now.workers for now in short],
        ),
    }


def up_to_date(text: str) -> str:
    """The page with each chart as it is reckoned now."""
    for name, drawn in charts().items():
        pattern = rf"(<!-- curve: {name} -->\n\n```mermaid\n).*?(\n```\n)"
        text, count = re.subn(pattern, lambda found, drawn=drawn: found[1] + drawn + found[2], text, flags=re.DOTALL)
        if count != 1:
            raise SystemExit(f"{PAGE.name} has {count} places for the curve {name}")
    return text


if __name__ == "__main__":
    PAGE.write_text(up_to_date(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    sys.exit()
