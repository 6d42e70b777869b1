# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The metric says what the queue holds: another system behind it, or a count that leaves messages out, makes the group
follow a number that no worker can change.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeAlias

from ..evidence import pace, series
from ..finding import PASS, Finding, Remedy, failed, not_needed, passed, warned
from ..observed import Expected, Observed
from ..wording.command_line import playbook
from ..wording.queue_commands import attributes_of
from ..wording.words import moment, since
from . import metric_fresh, queue_exists

TITLE = "The metric matches the queue"
API = "cloudwatch:GetMetricData"
EFFECT = "The group follows a wrong number"
FOLLOWS: tuple[str, ...] = ("queue_exists", *metric_fresh.FOLLOWS[1:], "metric_fresh")
MINUTE = timedelta(minutes=1)
# What is compared, and how much of it has to be there to say anything.
COMPARED = timedelta(minutes=15)
ENOUGH = 5
# SQS calls its counts approximate.
NEAR = 0.1
# Of the minutes: one is chance, a third is a metric that flaps.
WRONG = 1 / 3

ByMinute: TypeAlias = Mapping[datetime, float]


@dataclass(frozen=True)
class Minute:
    """:param low, high: what the queue can have held in it."""

    at: datetime
    said: float
    low: float
    high: float

    @property
    def fits(self) -> bool:
        slack = max(1.0, NEAR * self.high)
        return self.low - slack <= self.said <= self.high + slack


def check(observed: Observed, expected: Expected) -> Finding:
    if not expected.pool.published:
        return not_needed(f"signal {expected.pool.signal} is measured by SQS itself")
    if observed.depth is None:
        return queue_exists.missing(observed, expected)
    start = observed.at - max(COMPARED, pace.recent(expected.schedule_expression))
    points = series.after(observed.metric, start)
    if not points:
        found = metric_fresh.check(observed, expected)
        if found.status == PASS:
            metric = expected.pool.metric
            name = f"{metric.namespace}/{metric.name}" if metric else ""
            return warned(f"metric {name} has no datapoint {since(observed.at, start)}, so it cannot be compared")
        # It says so itself, also where it stands alone.
        return replace(found, stands_alone=False)
    minutes = list(_minutes(dict(points), observed))
    wrong = [minute for minute in minutes if not minute.fits]
    remedy = Remedy(playbook("apply"), attributes_of(observed.place, expected.pool.queue_name))
    shown = {"metric": points[-1][1], "queue now": observed.depth, "minutes compared": len(minutes)}
    if len(minutes) >= ENOUGH and len(wrong) >= WRONG * len(minutes):
        last = wrong[-1]
        return failed(
            f"the metric said {last.said:g} at {moment(observed.at, last.at)} while queue {expected.pool.queue_name} "
            f"held {_range(last)}; it was wrong in {len(wrong)} of {len(minutes)} minutes{_kind(wrong, observed)}",
            at=last.at,
            observed=shown,
            expected=_range(last),
            remedy=remedy,
        )
    now = [Minute(time, value, observed.depth, observed.depth) for time, value in points]
    if len(minutes) < ENOUGH and not any(minute.fits for minute in now):
        return warned(
            f"the metric said {points[-1][1]:g} at {moment(observed.at, points[-1][0])} and queue "
            f"{expected.pool.queue_name} holds {observed.depth} now, with no datapoints of SQS to tell which is late",
            at=points[-1][0],
            observed=shown,
            expected=observed.depth,
            remedy=remedy,
        )
    return passed(shown, "what the queue held", points[-1][0])


def _minutes(said: ByMinute, observed: Observed) -> Iterator[Minute]:
    """Each minute that both have measured. The queue moves between two readings by what is sent and deleted."""
    metrics = {name: dict(points) for name, points in observed.queue_metrics.items()}
    in_flight = metrics.get("in_flight", {})
    held = {time: value + in_flight.get(time, 0) for time, value in metrics.get("visible", {}).items()}
    for time, value in said.items():
        beside = [held[near] for near in (time - MINUTE, time, time + MINUTE) if near in held]
        if time in held:
            sent, deleted = (metrics.get(name, {}).get(time, 0) for name in ("sent", "deleted"))
            yield Minute(time, value, max(0.0, min(beside) - deleted), max(beside) + sent)


def _kind(wrong: list[Minute], observed: Observed) -> str:
    waiting = dict(observed.queue_metrics.get("visible", ()))
    only_waiting = all(minute.said == waiting.get(minute.at) for minute in wrong)
    return ", always without the messages in flight" if only_waiting else ""


def _range(minute: Minute) -> str:
    return f"{minute.low:g}" if minute.low == minute.high else f"{minute.low:g} to {minute.high:g}"
