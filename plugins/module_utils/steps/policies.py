# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The scaling policy of each pool, with a snapshot of what was live before the first request that changes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from .. import tags as tagging
from ..pool import Pool
from ..reconcile import Outcome
from ..resources import policy, snapshot, snapshot_tags
from ..resources.snapshot_tags import SnapshotTags
from ..resources.trigger import Trigger
from .publisher import FUNCTION_OPTION
from .result import StepResult, pool_result, warning
from .step import Desired, Outcomes, Run

NAME = "policy"
OPTIONS: dict[str, Any] = {**FUNCTION_OPTION, **tagging.OPTION}
# Who only looks reads no snapshots: they name the version of the publisher, which an earlier step may leave live.
LOOKS_WHOLE = False


def desired(run: Run, pools: Sequence[Pool]) -> Desired:
    """By group and policy."""
    return policy.declared(pools, snapshot.Record(run.aws.stamp, run.function_name, tags=run.tags), run.present)


def look(run: Run, pools: Sequence[Pool], desired: Desired) -> Outcomes:
    return run.look(policy, {key: replace(wanted, record=None) for key, wanted in desired.items()}, run.aws)


def work(run: Run, pools: Sequence[Pool], desired: Desired, known: Outcomes) -> StepResult:
    """The outcomes of the snapshots' tags are keyed by the parameter's name."""
    outcomes = run.reconcile(policy, desired, known=known)
    tagged = tag_snapshots(outcomes, run)
    results, lines = [], []
    for pool in pools:
        outcome = outcomes[policy.key_of(pool)]
        live = outcome.found.by_name if outcome.found else {}
        others = sorted(live.keys() - {pool.policy_name})
        removed = others if pool.exclusive and run.present else []
        lines += [_removal(pool, live[name], outcome.found.triggers(name)) for name in removed]
        every = [outcome, *of_snapshots(pool, tagged)]
        results.append(pool_result(pool.name, every, other_policies=others, removed_policies=removed))
    return StepResult(results, {**outcomes, **tagged}, warning(lines))


def _removal(pool: Pool, going: policy.Policy, triggers: Sequence[Trigger]) -> str:
    """What goes with a policy that is not this pool's."""
    alarms = ", ".join(one.alarm_name for one in triggers)
    losing = f"; these alarms trigger it and lose that action: {alarms}" if alarms else ""
    return (
        f"pool {pool.name}: exclusive: true removes policy {going.name} ({going.type}) of group "
        f"{pool.auto_scaling_group_name}{losing}; a rollback puts it back"
    )


def tag_snapshots(outcomes: Mapping[policy.Key, Outcome], run: Run) -> dict[str, Outcome]:
    """Mend the run's tags of the snapshots that are kept of these policies; by the parameter's name.

    :param outcomes: of the policies; of one that failed nothing more is touched.
    """
    if not run.tags:
        return {}
    names = [snapshot.parameter_name(*key) for key, outcome in outcomes.items() if not outcome.failure]
    return run.reconcile(snapshot_tags, {name: SnapshotTags(name, run.tags) for name in names})


def of_snapshots(pool: Pool, tagged: Mapping[str, Outcome]) -> list[Outcome]:
    """What became of the tags of this pool's snapshots, if they were looked at."""
    name = snapshot.parameter_name(*policy.key_of(pool))
    return [tagged[name]] if name in tagged else []
