# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The group metrics that a signal needs: without them its metric math has no value, and nothing scales."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..failures import Failure, listed
from ..plan import Aws
from ..pool import Pool
from ..resources import group
from .result import StepResult, pool_result
from .step import Desired, Outcomes, Run

NAME = "group_metrics"
OPTIONS: dict[str, Any] = {"manage_group_metrics": {"type": "bool", "default": True}}
LOOKS_WHOLE = True


def desired(run: Run, pools: Sequence[Pool]) -> Desired:
    """By group name; they are enabled and never disabled, as somebody else may need them."""
    return group.declared(pools)


def look(run: Run, pools: Sequence[Pool], desired: Desired) -> Outcomes:
    return run.look(group, desired, run.aws) if desired else {}


def work(run: Run, pools: Sequence[Pool], desired: Desired, known: Outcomes) -> StepResult:
    outcomes = run.reconcile(group, desired, known=known) if desired else {}
    # Another pool of the same group may need none of them.
    results = [pool_result(pool.name, [outcomes[name] for name in group.declared([pool])]) for pool in pools]
    return StepResult(results, outcomes)


def lacking(pools: Sequence[Pool], aws: Aws, groups: Mapping[str, Any]) -> dict[str, Failure]:
    """Why the signal of a pool would have no value, by pool name, in a run that enables no metrics.

    :param groups: by name, as they were found; one that was not is somebody else's to tell.
    """
    found: dict[str, Failure] = {}
    for pool in pools:
        wanted, live = group.declared([pool]), groups.get(pool.auto_scaling_group_name)
        if not isinstance(live, group.Group) or live.name not in wanted:
            continue
        if missing := wanted[live.name].metrics - live.enabled_metrics:
            names = " ".join(sorted(missing))
            found[pool.name] = Failure(
                f"signal: {pool.signal} needs {listed(sorted(missing))} of group {live.name}, which does not publish "
                "it, and this run does not manage group metrics; run `aws autoscaling enable-metrics-collection "
                f"--auto-scaling-group-name {live.name} --granularity {group.GRANULARITY} --metrics {names} --region "
                f"{aws.place.region}`, or let the run enable it (video_scaling_manage_group_metrics: true, with "
                "group_metrics among its steps)"
            )
    return found
