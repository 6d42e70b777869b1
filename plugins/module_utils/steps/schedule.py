# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The schedule that fires the publisher. Where nothing is published, there is nothing to fire."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .. import tags as tagging
from ..place import Place, Stamp
from ..plan import Aws
from ..pool import Pool
from ..reconcile import Outcome
from ..resources import function, rule_snapshot, schedule, snapshot_tags
from ..resources.snapshot_tags import SnapshotTags
from ..tags import Tags
from .publisher import FUNCTION_OPTION
from .result import Reconcile, StepResult, pool_result

RULE_OPTIONS: dict[str, Any] = {
    "rule_name": {"type": "str", "default": "academy-worker-queue-depth-rate"},
    "schedule_expression": {"type": "str", "default": "rate(1 minute)"},
}
OPTIONS: dict[str, Any] = {**FUNCTION_OPTION, **RULE_OPTIONS}


def wish(
    place: Place,
    options: Mapping[str, Any],
    present: bool = True,
    tags: Tags = tagging.NONE,
    stamp: Stamp | None = None,
) -> schedule.Wish:
    """:param options: the values of OPTIONS. :param tags: of the rule. Who only compares it gives no tags and no stamp.
    :raises Failure: for a name or an expression that EventBridge does not take.
    """
    named = (options["rule_name"], options["schedule_expression"], options["function_name"])
    return schedule.from_params(*named, place, present, tags, stamp)


def concerned(pools: Sequence[Pool]) -> bool:
    """Whether the schedule is looked at."""
    return any(pool.published for pool in pools)


def work(pools: Sequence[Pool], aws: Aws, wanted: schedule.Wish, bring: Reconcile) -> StepResult:
    """The outcome is keyed by the rule's name, that of the tags of what is kept of it by the parameter's.

    The rule goes only when no other pool is served.
    """
    leaving = concerned(pools) and not wanted.permission.present
    kept_for = _served_beside(pools, aws, wanted.function_name) if leaving else []
    outcome = Outcome(None)
    if concerned(pools) and not kept_for:
        outcome = bring(schedule, {wanted.rule_name: wanted})[wanted.rule_name]
    outcomes = {wanted.rule_name: outcome}
    if concerned(pools) and wanted.permission.present and wanted.tags and not outcome.failure:
        name = rule_snapshot.parameter_name(wanted.rule_name)
        outcomes |= bring(snapshot_tags, {name: SnapshotTags(name, wanted.tags, has_baseline=False)})
    rows = [pool_result(pool.name, outcomes.values() if pool.published else [Outcome(None)]) for pool in pools]
    facts = {
        "rule_name": wanted.rule_name,
        "rule_arn": aws.place.rule_arn(wanted.rule_name),
        "kept_for_pools": kept_for,
    }
    return StepResult(rows, outcomes, {"schedule": facts})


def _served_beside(pools: Sequence[Pool], aws: Aws, function_name: str) -> list[str]:
    """The pools that the publisher serves beside the given ones."""
    served = function.served(aws, function_name)
    return sorted(served.keys() - {pool.name for pool in pools})
