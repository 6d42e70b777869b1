# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The policies with all that they need, in a run that does nothing else."""

from __future__ import annotations

from typing import Any

from ..reconcile import Outcome
from ..resources import group, policy
from . import group_metrics, policies, prefetch, scale_in
from .result import StepResult, combined, pool_result
from .step import Run

OPTIONS: dict[str, Any] = {**policies.OPTIONS, **group_metrics.OPTIONS, **scale_in.OPTIONS}


def work(run: Run) -> StepResult:
    desired = policies.desired(run, run.pools)
    planned = run.look(policy, desired, run.aws)
    risk = scale_in.look(run.pools, run.aws, run.options["on_scale_in"], desired, planned)
    if risk.failed:
        return combined(run.pools, [risk])
    metrics = _metrics(run) if run.present else StepResult([])
    left = [pool for pool in run.pools if pool.name not in metrics.failed]
    keys = {policy.key_of(pool) for pool in left}
    wanted = {key: one for key, one in desired.items() if key in keys}
    return combined(run.pools, [risk, metrics, policies.work(run, left, wanted, prefetch.prepared(planned))])


def _metrics(run: Run) -> StepResult:
    needed = group_metrics.desired(run, run.pools)
    if run.options["manage_group_metrics"]:
        return group_metrics.work(run, run.pools, needed, {})
    lacking = group_metrics.lacking(run.pools, run.aws, group.find(run.aws, dict.fromkeys(needed)))
    return StepResult([pool_result(pool.name, [Outcome(None, lacking.get(pool.name))]) for pool in run.pools])
