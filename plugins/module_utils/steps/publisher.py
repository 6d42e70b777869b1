# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The publisher: one for all published pools, which a run over some of them extends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .. import tags as tagging
from ..package import settings_of
from ..place import Place
from ..plan import Request
from ..pool import Pool
from ..reconcile import Outcome
from ..resources import memory, publisher
from ..resources.function import LIVE, PREVIOUS, Release
from ..resources.log_group import RETENTION_DAYS
from .result import Reconcile, StepResult, pool_result

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


def wish(
    pools: Sequence[Pool],
    place: Place,
    options: Mapping[str, Any],
    present: bool = True,
    remove_log_group: bool = False,
    kept: Sequence[Pool] = (),
) -> publisher.Wish:
    """:param options: the values of OPTIONS.
    :param kept: pools that a purge leaves as they are served, if they are.
    :raises Failure: for an option outside of what Lambda takes.
    """
    release = Release(
        code_sha256="",
        role=options["role"] or "",
        runtime=options["runtime"],
        architecture=options["architecture"],
        timeout=options["timeout"],
    )
    return publisher.from_params(
        function_name=options["function_name"],
        code=options["code"],
        pools={pool.name: settings_of(pool) for pool in pools if pool.published} if present else {},
        place=place,
        release=release,
        memory_size=options["memory_size"],
        role_name=options["role_name"],
        retention_in_days=options["retention_in_days"],
        purge=options["purge_pools"],
        present=present,
        remove_log_group=remove_log_group,
        tags=tagging.from_params(options["tags"]),
        names=frozenset(pool.name for pool in (kept if present else pools) if pool.published or not present),
    )


def work(pools: Sequence[Pool], wanted: publisher.Wish, bring: Reconcile) -> StepResult:
    """The one outcome is keyed by the function's name."""
    outcome = Outcome(None)
    if wanted.concerned:
        outcome = bring(publisher, {wanted.function_name: wanted})[wanted.function_name]
    served = _served(outcome, wanted)
    # A purge that is refused where the list publishes nothing is a failure of the list.
    of_all = not wanted.present or not wanted.pools
    rows = [
        pool_result(pool.name, [outcome if pool.published or of_all else Outcome(None)], served=pool.name in served)
        for pool in pools
    ]
    return StepResult(rows, {wanted.function_name: outcome}, {"publisher": _facts(outcome, wanted, served)})


def _served(outcome: Outcome, wanted: publisher.Wish) -> set[str]:
    """The pools that are served after this run; where nothing changes, or that fails, those that were served before."""
    live = outcome.found.function if outcome.found else None
    if outcome.failure or not outcome.changed:
        return set(live.pools or ()) if live else set()
    return set(publisher.served_after(live, wanted))


def _facts(outcome: Outcome, wanted: publisher.Wish, served: set[str]) -> dict[str, Any]:
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
