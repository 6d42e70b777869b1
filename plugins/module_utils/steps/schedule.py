# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The schedule that fires the publisher. Where nothing is published, there is nothing to fire."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from .. import tags as tagging
from ..plan import Aws
from ..pool import Pool
from ..reconcile import Outcome
from ..resources import function, rule_snapshot, schedule, snapshot_tags
from ..resources.snapshot_tags import SnapshotTags
from .publisher import FUNCTION_OPTION
from .result import StepResult, pool_result
from .step import Desired, Outcomes, Run

RULE_OPTIONS: dict[str, Any] = {
    "rule_name": {"type": "str", "default": "academy-worker-queue-depth-rate"},
    "schedule_expression": {"type": "str", "default": "rate(1 minute)"},
}
OPTIONS: dict[str, Any] = {**FUNCTION_OPTION, **RULE_OPTIONS, **tagging.OPTION}
NAME = "schedule"
LOOKS_WHOLE = False


def desired(run: Run, pools: Sequence[Pool]) -> Desired:
    """By the rule's name, whether the pools need it or not."""
    names = (run.options["rule_name"], run.options["schedule_expression"], run.function_name)
    wanted = schedule.from_params(*names, run.aws.place, run.present, run.tags, run.aws.stamp)
    return {wanted.rule_name: wanted}


def look(run: Run, pools: Sequence[Pool], desired: Desired) -> Outcomes:
    return run.look(schedule, compared(desired), run.aws) if concerned(pools) else {}


def compared(desired: Desired) -> Desired:
    """The same for who only compares it, and reads nothing of what is kept of a rule."""
    return {name: replace(wanted, stamp=None) for name, wanted in desired.items()}


def concerned(pools: Sequence[Pool]) -> bool:
    """Whether the schedule is looked at."""
    return any(pool.published for pool in pools)


def work(run: Run, pools: Sequence[Pool], desired: Desired, known: Outcomes) -> StepResult:
    """The outcome is keyed by the rule's name, that of the tags of what is kept of it by the parameter's.

    The rule goes only when no other pool is served.
    """
    (rule_name,) = desired
    leaving = concerned(pools) and not run.present
    kept_for = _served_beside(pools, run.aws, run.function_name) if leaving else []
    outcome = Outcome(None)
    if concerned(pools) and not kept_for:
        outcome = run.reconcile(schedule, desired, known=known)[rule_name]
    outcomes = {rule_name: outcome}
    if concerned(pools) and run.present and run.tags and not outcome.failure:
        name = rule_snapshot.parameter_name(rule_name)
        outcomes |= run.reconcile(snapshot_tags, {name: SnapshotTags(name, run.tags, has_baseline=False)})
    results = [pool_result(pool.name, outcomes.values() if pool.published else [Outcome(None)]) for pool in pools]
    facts = {"rule_name": rule_name, "rule_arn": run.aws.place.rule_arn(rule_name), "kept_for_pools": kept_for}
    return StepResult(results, outcomes, {"schedule": facts})


def _served_beside(pools: Sequence[Pool], aws: Aws, function_name: str) -> list[str]:
    """The pools that the publisher serves beside the given ones."""
    served = function.served(aws, function_name)
    return sorted(served.keys() - {pool.name for pool in pools})
