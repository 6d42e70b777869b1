# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The publisher: one for all published pools, which a run over some of them extends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import tags as tagging
from ..package import settings_of
from ..plan import Request
from ..pool import Pool
from ..reconcile import Outcome
from ..resources import memory, publisher
from ..resources.function import LIVE, PREVIOUS, Release
from ..resources.log_group import RETENTION_DAYS
from .result import StepResult, pool_result
from .step import Desired, Outcomes, Run

NAME = "publisher"
LOOKS_WHOLE = True

FUNCTION_NAME = "academy-worker-queue-depth-metric"
FUNCTION_OPTION: dict[str, Any] = {"function_name": {"type": "str", "default": FUNCTION_NAME}}
OPTIONS: dict[str, Any] = {
    **FUNCTION_OPTION,
    "role": {"type": "str"},
    "role_name": {"type": "str"},
    "runtime": {"type": "str", "default": "python3.13"},
    "architecture": {"type": "str", "choices": ["arm64", "x86_64"], "default": "arm64"},
    "memory_size": {"type": "str", "default": memory.AUTO},
    "timeout": {"type": "int", "default": 50},
    "retention_in_days": {"type": "int", "choices": list(RETENTION_DAYS)},
    "purge_pools": {"type": "bool", "default": False},
    "code": {"type": "str"},
    **tagging.OPTION,
}


def desired(run: Run, pools: Sequence[Pool]) -> Desired:
    """By the function's name, whether the pools need it or not."""
    # A purge drops what the list does not have, not what has failed in an earlier step.
    left = {pool.name for pool in pools}
    kept = [pool for pool in run.pools if pool.name not in left]
    options = run.options
    release = Release(
        code_sha256="",
        role=options["role"] or "",
        runtime=options["runtime"],
        architecture=options["architecture"],
        timeout=options["timeout"],
    )
    wanted = publisher.from_params(
        function_name=run.function_name,
        code=options["code"],
        pools={pool.name: settings_of(pool) for pool in pools if pool.published} if run.present else {},
        place=run.aws.place,
        release=release,
        memory_size=options["memory_size"],
        role_name=options["role_name"],
        retention_in_days=options["retention_in_days"],
        purge=options["purge_pools"],
        present=run.present,
        remove_log_group=options.get("remove_log_group", False),
        tags=run.tags,
        names=frozenset(pool.name for pool in (kept if run.present else pools) if pool.published or not run.present),
    )
    return {run.function_name: wanted}


def look(run: Run, pools: Sequence[Pool], desired: Desired) -> Outcomes:
    concerned = {name: wanted for name, wanted in desired.items() if wanted.concerned}
    return run.look(publisher, concerned, run.aws) if concerned else {}


def work(run: Run, pools: Sequence[Pool], desired: Desired, known: Outcomes) -> StepResult:
    """The one outcome is keyed by the function's name."""
    wanted, outcome = desired[run.function_name], Outcome(None)
    if wanted.concerned:
        outcome = run.reconcile(publisher, desired, known=known)[run.function_name]
    served = _served(outcome, wanted)
    # A purge that is refused where the list publishes nothing is a failure of the list.
    of_all = not wanted.present or not wanted.pools
    results = [
        pool_result(pool.name, [outcome if pool.published or of_all else Outcome(None)], served=pool.name in served)
        for pool in pools
    ]
    return StepResult(results, {run.function_name: outcome}, {"publisher": _facts(outcome, wanted, served)})


def _served(outcome: Outcome, wanted: publisher.DesiredPublisher) -> set[str]:
    """The pools that are served after this run; where nothing changes, or that fails, those that were served before."""
    live = outcome.found.function if outcome.found else None
    if outcome.failure or not outcome.changed:
        return set(live.pools or ()) if live else set()
    return set(publisher.served_after(live, wanted))


def _facts(outcome: Outcome, wanted: publisher.DesiredPublisher, served: set[str]) -> dict[str, Any]:
    before = outcome.found.function if outcome.found else None
    return {
        "function_name": wanted.function_name,
        "alias_arn": wanted.place.function_arn(wanted.function_name, LIVE),
        "served_pools": sorted(served),
        "dropped_pools": sorted(set(before.pools or ()) - served) if before else [],
        "replaced": _replaced(outcome),
    }


def _replaced(outcome: Outcome) -> bool:
    """Whether the version behind alias ``previous`` is the one that was live before this run."""
    if outcome.failure or outcome.plan is None:
        return False
    return any(isinstance(step, Request) and step.params.get("Name") == PREVIOUS for step in outcome.plan.steps)
