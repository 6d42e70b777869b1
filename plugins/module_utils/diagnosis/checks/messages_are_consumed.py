# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting messages are taken by the instances that run: those that receive nothing have no worker on them (a wrong
image, failed user data), or it asks another queue or may not receive, and more of them will not help.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from ...resources.datapoints import Series
from ..evidence import live, series
from ..explainer.activities import arrivals
from ..finding import Finding, Remedy, failed, passed
from ..observed import Expected, Observed
from ..wording.command_line import cli
from ..wording.words import counted, since
from . import queue_exists

TITLE = "Waiting messages are consumed"
API = "cloudwatch:GetMetricData"
EFFECT = "Messages wait although instances run"
FOLLOWS: tuple[str, ...] = ("queue_exists",)
# An instance boots and its worker starts; until then nobody is late.
PATIENCE = timedelta(minutes=15)


def check(observed: Observed, expected: Expected) -> Finding:
    if observed.queue is None:
        return queue_exists.missing(observed, expected)
    pool, metrics = expected.pool, observed.queue_metrics
    shown = {
        "visible": observed.visible,
        "in_flight": observed.in_flight,
        **{name: series.total(metrics, name) for name in ("sent", "received", "deleted")},
    }
    start = observed.at - max(PATIENCE, timedelta(seconds=pool.estimated_instance_warmup or 0))
    taken = observed.in_flight + series.total(metrics, "received", start) + series.total(metrics, "deleted", start)
    if taken or not observed.visible or not _has_waited(metrics, start, observed.at):
        return passed(shown)
    # Arrivals are counted in instances, whatever weight these have.
    running = len(live.instances_in_service(observed.group or {}))
    shown["in_service"] = running
    if running <= _newly_in_service(observed, start):
        return passed(shown)
    last = _last_taken(metrics)
    return failed(
        f"queue {pool.queue_name} holds {counted(observed.visible, 'waiting message')}, "
        f"group {pool.auto_scaling_group_name} has {counted(running, 'instance')} in service, "
        f"and nothing was received or deleted {since(observed.at, last or observed.since)}",
        at=last,
        observed=shown,
        expected="messages received",
        remedy=Remedy(cli=_console(observed)),
    )


def _has_waited(metrics: Mapping[str, Series], start: datetime, at: datetime) -> bool:
    """Whether a message lies there since then, by its age or by the number of those waiting."""
    oldest = series.newest(series.after(metrics.get("oldest_age", ()), start))
    waiting = series.after(metrics.get("visible", ()), start)
    minutes = (at - start) / timedelta(minutes=1)
    by_number = len(waiting) >= minutes / 2 and all(value > 0 for dummy, value in waiting)
    return by_number or (oldest is not None and oldest[1] >= (at - start).total_seconds())


def _newly_in_service(observed: Observed, start: datetime) -> int:
    return sum(arrived > start for arrived in arrivals(observed.known("activities", ())))


def _last_taken(metrics: Mapping[str, Series]) -> datetime | None:
    found = (series.last_above_zero(metrics.get(name, ())) for name in ("received", "deleted"))
    return max((moment for moment in found if moment), default=None)


def _console(observed: Observed) -> str:
    """What an instance wrote while it started tells what became of its worker."""
    name = live.instances_in_service(observed.group or {})[0]["InstanceId"]
    return cli(observed.place, "ec2 get-console-output", instance_id=name, latest=True, output="text")
