# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the next apply would undo of a rollback, since the variables still say otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from ..failures import Failure, listed
from ..plan import Plan
from ..pool import Pool
from ..reconcile import Outcome
from ..resources import policy
from ..resources.policy import DesiredPolicies, Key, Policies
from .result import StepResult, pool_result, warning

DIFFERENCES_LISTED = 5


def look(pools: Sequence[Pool], desired: Mapping[Key, DesiredPolicies], outcomes: Mapping[Key, Outcome]) -> StepResult:
    """A row and a warning for each pool whose variables differ from what it goes back to.

    :param desired: what the rollback makes of the policies. :param outcomes: what came of that.
    """
    rows, lines = [], []
    for pool in pools:
        outcome = outcomes.get(policy.key_of(pool))
        if outcome is None or outcome.found is None:
            continue
        differences = list(_differences(pool, _gone_back_to(outcome.found, desired[policy.key_of(pool)])))
        rows.append(pool_result(pool.name, [], declared_otherwise=differences))
        if differences:
            lines.append(
                f"pool {pool.name}: its variables still differ from what it goes back to, so the next apply undoes "
                f"this rollback: {listed(differences, DIFFERENCES_LISTED)}; change them, or leave this pool out of it"
            )
    return StepResult(rows, facts=warning(lines))


def _gone_back_to(live: Policies, wanted: DesiredPolicies) -> Policies:
    every = {**live.by_name, **wanted.over(live).by_name}
    return replace(live, by_name={name: one for name, one in every.items() if one})


def _differences(pool: Pool, live: Policies) -> Iterator[str]:
    try:
        wanted = policy.from_params(pool)
        policy.plan(live, wanted)
    except Failure as failure:
        yield str(failure)
        return
    for name, declared in wanted.over(live).by_name.items():
        found = live.by_name.get(name)
        if declared is None:
            yield f"exclusive: true removes policy {name}"
        elif found is None:
            yield f"policy {name} is declared and will not be there"
        elif found != declared:
            for line in Plan(name, found.shown(), declared.shown()).differences():
                yield f"policy {name}: {line}"
