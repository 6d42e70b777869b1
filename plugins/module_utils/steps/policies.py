# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The scaling policy of each pool, with a snapshot of what was live before the first request that changes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from .. import tags as tagging
from ..plan import Aws
from ..pool import Pool
from ..reconcile import Outcome, planned
from ..resources import group, policy, snapshot, snapshot_tags
from ..resources.snapshot_tags import SnapshotTags
from ..resources.trigger import Trigger
from ..tags import Tags
from . import group_metrics, scale_in
from .publisher import FUNCTION_OPTION
from .result import Reconcile, StepResult, combined, pool_result, warning

OPTIONS: dict[str, Any] = {**FUNCTION_OPTION, **group_metrics.OPTION, **scale_in.OPTION, **tagging.OPTION}


def work(
    pools: Sequence[Pool],
    aws: Aws,
    function_name: str,
    bring: Reconcile,
    present: bool = True,
    tags: Tags = tagging.NONE,
) -> StepResult:
    """The outcomes are keyed by (group, policy), those of the snapshots' tags by the parameter's name.

    :param tags: of the parameters that keep the snapshots.
    """
    record = snapshot.Record(aws.stamp, function_name, tags=tags)
    outcomes = bring(policy, policy.declared(pools, record, present))
    tagged = tag_snapshots(outcomes, tags, bring)
    rows, lines = [], []
    for pool in pools:
        outcome = outcomes[policy.key_of(pool)]
        live = outcome.found.by_name if outcome.found else {}
        others = sorted(live.keys() - {pool.policy_name})
        removed = others if pool.exclusive and present else []
        lines += [_removal(pool, live[name], outcome.found.triggers(name)) for name in removed]
        every = [outcome, *of_snapshots(pool, tagged)]
        rows.append(pool_result(pool.name, every, other_policies=others, removed_policies=removed))
    return StepResult(rows, {**outcomes, **tagged}, warning(lines))


def _removal(pool: Pool, going: policy.Policy, triggers: Sequence[Trigger]) -> str:
    """What goes with a policy that is not this pool's."""
    alarms = ", ".join(one.alarm_name for one in triggers)
    losing = f"; these alarms trigger it and lose that action: {alarms}" if alarms else ""
    return (
        f"pool {pool.name}: exclusive: true removes policy {going.name} ({going.type}) of group "
        f"{pool.auto_scaling_group_name}{losing}; a rollback puts it back"
    )


def tag_snapshots(outcomes: Mapping[policy.Key, Outcome], tags: Tags, bring: Reconcile) -> dict[str, Outcome]:
    """Mend the given tags of the snapshots that are kept of these policies; by the parameter's name.

    :param outcomes: of the policies; of one that failed nothing more is touched.
    """
    if not tags:
        return {}
    names = [snapshot.parameter_name(*key) for key, outcome in outcomes.items() if not outcome.failure]
    return bring(snapshot_tags, {name: SnapshotTags(name, tags) for name in names})


def of_snapshots(pool: Pool, tagged: Mapping[str, Outcome]) -> list[Outcome]:
    """What became of the tags of this pool's snapshots, if they were looked at."""
    name = snapshot.parameter_name(*policy.key_of(pool))
    return [tagged[name]] if name in tagged else []


def alone(
    pools: Sequence[Pool],
    aws: Aws,
    options: Mapping[str, Any],
    bring: Callable[..., dict[Any, Outcome]],
    present: bool = True,
) -> StepResult:
    """The policies with all that they need, in a run that does nothing else.

    :param options: the values of OPTIONS.
    :param bring: ``reconcile`` with the connection and the mode of this run; it takes what is ``known``.
    """
    tags = tagging.from_params(options["tags"])
    desired = policy.declared(pools, snapshot.Record(aws.stamp, options["function_name"], tags=tags), present)
    looked = planned(policy, desired, aws)
    risk = scale_in.look(pools, aws, options["on_scale_in"], desired, looked)
    if risk.failed:
        return combined(pools, [risk])
    metrics = _metrics(pools, aws, options["manage_group_metrics"], bring) if present else StepResult([])
    left = [pool for pool in pools if pool.name not in metrics.failed]
    done = work(left, aws, options["function_name"], partial(bring, known=looked), present, tags)
    return combined(pools, [risk, metrics, done])


def _metrics(pools: Sequence[Pool], aws: Aws, managed: bool, bring: Reconcile) -> StepResult:
    if managed:
        return group_metrics.work(pools, bring)
    groups = group.find(aws, dict.fromkeys(group.declared(pools)))
    lacking = group_metrics.lacking(pools, aws, groups)
    return StepResult([pool_result(pool.name, [Outcome(None, lacking.get(pool.name))]) for pool in pools])
