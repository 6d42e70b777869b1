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
# How many periods of a minute an alarm looks at, and where AWS starts the one that scales in (observed).
HIGH_MINUTES = 3
LOW_MINUTES = 15
NEW_LOW_SHARE = 0.9
# At capacity 0 one message reads as this much of the target. The publisher has the same number.
ABOVE_TARGET = 1.01
ROUNDING = 9


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
    desired: int
    in_service: int

    @property
    def depth(self) -> int:
        return self.visible + self.in_flight


# What a policy compares with its target, of a minute and of that target.
Signal = Callable[[Minute, float], float]


def total(now: Minute, _target: float) -> float:
    return now.depth


def per_instance(now: Minute, target: float) -> float:
    """As the publisher divides, and the metric math of an ``sqs_`` signal too."""
    if now.desired:
        return now.depth / now.desired
    return max(now.depth, target * ABOVE_TARGET) if now.depth else 0.0


def per_instance_in_service(now: Minute, _target: float) -> float:
    """As version 0.1.0 divided."""
    return now.depth / max(now.in_service, 1)


def visible_only(now: Minute, _target: float) -> float:
    return now.visible


def low_share(desired: int) -> float:
    """Where a run of the policy puts the threshold of the scale-in alarm, as a share of the target (assumed).

    For 4 to 9 instances it is about the value from which one instance fewer would pass the target, in steps of 0.05;
    below and above it is capped, at 0.70 and at 0.90.
    """
    steps = 20 * (desired - 1) // desired if desired else 0
    return min(max(steps, 14), 18) / 20


def run(
    work: Work,
    signal: Signal,
    minutes: int,
    target: float = 1.0,
    most: int = 20,
    launch: int = 0,
    late: int = 0,
    all_at_once: bool = False,
) -> list[Minute]:
    """A group that begins empty and follows the signal.

    :param launch: the minutes from a step to the instance in service.
    :param late: the minutes by which the values come late.
    :param all_at_once: whether the first step from capacity 0 is proportional. AWS documents one instance for other
        services, and says nothing of EC2.
    """
    history, values, wanted = [Minute(0, 0, 0, 0)], [0.0], [0]
    ends: list[int] = []
    waiting, share = 0, NEW_LOW_SHARE
    for minute in range(1, minutes + 1):
        waiting += work.jobs if minute == work.arrive else 0
        ends = [end for end in ends if end > minute]
        desired = wanted[-1]
        if _fires(values[: len(values) - late], target, share * target):
            # The policy runs again in each minute in which the alarm lasts, and each run writes the threshold anew.
            desired = min(_asked(values[-1 - late], desired, target, all_at_once), most)
            share = low_share(desired)
        wanted.append(desired)
        in_service = min(wanted[-1 - launch :])
        taken = min(waiting, max(in_service - len(ends), 0))
        ends += [minute + work.minutes] * taken
        waiting -= taken
        history.append(Minute(waiting, len(ends), desired, in_service))
        values.append(signal(history[-1], target))
    return history


def _fires(values: Sequence[float], target: float, low: float) -> bool:
    """Whether one of the two alarms does."""
    is_high = len(values) >= HIGH_MINUTES and all(value > target for value in values[-HIGH_MINUTES:])
    return is_high or (len(values) >= LOW_MINUTES and all(value < low for value in values[-LOW_MINUTES:]))


def _asked(value: float, desired: int, target: float, all_at_once: bool) -> int:
    """The capacity that a run of the policy asks for: it takes away no more than whole instances (documented)."""
    if not desired and value > target:
        return math.ceil(round(value / target, ROUNDING)) if all_at_once else 1
    return math.ceil(round(desired * value / target, ROUNDING))


def chart(title: str, description: str, unit: str, top: int, *lines: Sequence[int]) -> str:
    """Each line has one value a minute, from minute 0."""
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
    by_total = [now.desired for now in run(long_jobs, total, 15)]
    by_instance = [now.desired for now in run(long_jobs, per_instance, 15)]
    by_in_service = [now.desired for now in run(long_jobs, per_instance_in_service, 15, launch=5)]
    by_desired = [now.desired for now in run(long_jobs, per_instance, 15, launch=5)]
    busy = run(Work(jobs=5, arrive=1, minutes=60), per_instance, 30)
    short = run(Work(jobs=4, arrive=5, minutes=20), per_instance, 50)
    return {
        "total": chart(
            "Workers for ten jobs, by a total and by a value per instance",
            f"By a value per instance the group has {max(by_instance)} workers and stays there. "
            f"By a total it has {max(by_total)}, its maximum, after {by_total.index(max(by_total))} minutes.",
            "workers",
            25,
            by_total,
            by_instance,
        ),
        "launching": chart(
            "Desired capacity for ten jobs while instances take five minutes to launch",
            f"Divided by the desired capacity, ten jobs ask for {max(by_desired)} workers. Divided by the instances in "
            f"service, they ask for {max(by_in_service)}, the maximum, before the first worker has started.",
            "desired capacity",
            25,
            by_in_service,
            by_desired,
        ),
        "in_flight": chart(
            "What two signals see of five long jobs",
            "Visible and in-flight messages together stay at 5 while the jobs run. Visible messages alone fall to 0 "
            "as soon as the workers have taken them.",
            "messages",
            6,
            [now.depth for now in busy],
            [now.visible for now in busy],
        ),
        "windows": chart(
            "Four jobs and their workers",
            "Four jobs come at minute 5. The first worker starts three minutes later, the others one minute after it. "
            "After the last job is done it takes another fifteen minutes until the workers are stopped.",
            "jobs, workers",
            5,
            [now.depth for now in short],
            [now.desired for now in short],
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
