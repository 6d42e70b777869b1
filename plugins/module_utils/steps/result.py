# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The result of a step as Ansible gets it: a row per pool, the requests, a diff per resource that changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from ..plan import Plan
from ..pool import Pool
from ..reconcile import Outcome

# Ansible's name for what a module warns of.
WARNINGS = "warnings"

PoolResult: TypeAlias = dict[str, Any]


@dataclass(frozen=True)
class StepResult:
    """:param rows: one per pool, in the order given.
    :param outcomes: of every resource that the step looked after, as the resource is keyed.
    :param facts: what the step reports beside its pools.
    """

    rows: Sequence[PoolResult]
    outcomes: Mapping[Any, Outcome] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def changed(self) -> bool:
        return any(outcome.changed for outcome in self.outcomes.values())

    @property
    def failed(self) -> dict[str, str]:
        """Why, by the name of each pool that failed."""
        return {row["name"]: row["msg"] for row in self.rows if row.get("failed")}

    def read_result(self) -> dict[str, Any]:
        """The result of a step that only reads."""
        return {"changed": False, "pools": list(self.rows), **self.facts}

    def result(self) -> dict[str, Any]:
        """The result of a step that may change something."""
        plans = [outcome.plan for outcome in self.outcomes.values() if outcome.plan and outcome.plan.changed]
        return {
            **self.read_result(),
            "changed": bool(plans),
            "requests": [step for plan in plans for step in plan.shown()],
            "diff": [diff(plan) for plan in plans],
        }


def pool_result(name: str, outcomes: Iterable[Outcome], **facts: Any) -> PoolResult:
    """The row of one pool, over all of its resources.

    :param facts: what this step reports of the pool beside.
    """
    every = list(outcomes)
    result: PoolResult = {"name": name, "changed": any(outcome.changed for outcome in every), **facts}
    # Two resources may be stopped by the same thing.
    failures = dict.fromkeys(str(outcome.failure) for outcome in every if outcome.failure)
    if failures:
        result |= {"failed": True, "msg": "; ".join(failures)}
    return result


def stopped(pools: Iterable[Pool], reason: str, **facts: Any) -> StepResult:
    """The step came to nothing for any of them."""
    rows = [{"name": pool.name, "changed": False, "failed": True, "msg": reason} for pool in pools]
    return StepResult(rows, facts=facts)


def combined(pools: Sequence[Pool], parts: Sequence[StepResult]) -> StepResult:
    """Several steps over the same pools as one."""
    outcomes = {key: outcome for part in parts for key, outcome in part.outcomes.items()}
    return StepResult(merged(pools, parts), outcomes, facts_of(parts))


def warning(lines: Iterable[str]) -> dict[str, Any]:
    """The fact that shows these lines as warnings."""
    warnings = list(lines)
    return {WARNINGS: warnings} if warnings else {}


def facts_of(parts: Iterable[StepResult]) -> dict[str, Any]:
    """What the parts report beside their pools; every part may warn."""
    every = list(parts)
    facts = {name: value for part in every for name, value in part.facts.items()}
    return facts | warning([line for part in every for line in part.facts.get(WARNINGS, ())])


def merged(pools: Iterable[Pool], parts: Iterable[StepResult]) -> list[PoolResult]:
    """One row per pool over all parts: all that they report of it, and every reason for which it failed."""
    rows: dict[str, PoolResult] = {pool.name: {"name": pool.name, "changed": False} for pool in pools}
    for part in parts:
        for found in part.rows:
            rows[found["name"]] = _over(rows[found["name"]], found)
    return list(rows.values())


def of_steps(pools: Iterable[Pool], parts: Mapping[str, StepResult]) -> dict[str, Any]:
    """The result of a run of several steps, by their names: also which of them changed something."""
    results = [part.result() for part in parts.values()]
    changing = {name: {one["name"] for one in part.rows if one["changed"]} for name, part in parts.items()}
    return {
        **facts_of(parts.values()),
        "changed": any(result["changed"] for result in results),
        "changed_steps": [name for name, part in parts.items() if part.changed],
        "pools": [
            {**one, "changed_steps": [name for name in changing if one["name"] in changing[name]]}
            for one in merged(pools, parts.values())
        ],
        "requests": [request for result in results for request in result["requests"]],
        "diff": [entry for result in results for entry in result["diff"]],
    }


def _over(known: PoolResult, found: PoolResult) -> PoolResult:
    both = {**known, **found, "changed": known["changed"] or found["changed"]}
    reasons = [each["msg"] for each in (known, found) if each.get("failed")]
    return {**both, "msg": "; ".join(reasons)} if reasons else both


def diff(plan: Plan) -> dict[str, Any]:
    return {
        "before_header": plan.resource,
        "after_header": plan.resource,
        "before": plan.before or {},
        "after": plan.after or {},
    }
