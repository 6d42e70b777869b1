# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The snapshots of each pool, newest first and the baseline last, and which of them is live."""

from __future__ import annotations

from typing import Any

from ..failures import Failure
from ..pool import Pool
from ..reconcile import Outcome
from ..resources import policy, snapshot
from ..resources.snapshot import Snapshot, Unreadable
from .result import PoolResult, StepResult, pool_result
from .step import Run

UNREADABLE = "unreadable"


def work(run: Run) -> StepResult:
    """A row for each pool with its ``snapshots``."""
    keys = [policy.key_of(pool) for pool in run.pools]
    kept = run.aws.each(lambda key: (snapshot.all_of(run.aws, key), snapshot.baseline_of(run.aws, key)), keys)
    # Nothing is desired: this only shows what is live, also of a group that is gone.
    live = policy.find(run.aws, {key: policy.DesiredPolicies(*key, {}) for key in keys})
    return StepResult([_row(pool, kept[policy.key_of(pool)], live[policy.key_of(pool)]) for pool in run.pools])


def _row(pool: Pool, kept: Any, live: Any) -> PoolResult:
    for found in (kept, live):
        if isinstance(found, Failure):
            return pool_result(pool.name, [Outcome(None, found)])
    snapshots, baseline = kept
    return pool_result(pool.name, [], snapshots=[_described(one, live) for one in (*snapshots, baseline) if one])


def _described(one: Snapshot | Unreadable, live: policy.Policies) -> dict[str, Any]:
    if isinstance(one, Unreadable):
        unusable = {"holds": one.reason, "live": False, "policies": {}, "function_version": None}
        return {"id": one.label, "at": one.at, "by": one.by, "kind": UNREADABLE, **unusable}
    return {
        "id": one.label,
        "at": one.record.stamp.at,
        "by": one.record.stamp.caller_arn,
        "kind": one.record.kind,
        "holds": policy.held_by(one),
        "live": policy.is_live(one, live),
        "policies": dict(one.policies),
        "function_version": one.record.function_version,
    }
