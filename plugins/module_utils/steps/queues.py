# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The queues: those that collect dead letters first, since a redrive policy is refused while its target is missing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .. import tags as tagging
from ..failures import Failure
from ..place import Place
from ..plan import Aws
from ..pool import Pool
from ..reconcile import Outcome
from ..resources import queue
from ..tags import Tags
from .result import PoolResult, StepResult, pool_result


def work(
    pools: Sequence[Pool],
    aws: Aws,
    bring: Callable[..., dict[Any, Outcome]],
    present: bool = True,
    tags: Tags = tagging.NONE,
) -> StepResult:
    """The outcomes are keyed by queue name.

    :param bring: ``reconcile`` with the connection and the mode of this run; for queues that shall go, it takes what is
        ``known`` and what is to be watched ``beside``.
    """
    declared: Mapping[str, queue.Queue | queue.Absent] = queue.declared(pools, aws.place, tags)
    collecting = {pool.dead_letter_queue_name for pool in pools if pool.dead_letter_queue_name}
    working = {pool.queue_name for pool in pools}
    stages = (collecting, working)
    if not present:
        declared = dict.fromkeys(declared, queue.Absent(leaving=frozenset(working)))
        stages = (working, collecting)
    outcomes: dict[str, Outcome] = {}
    later: dict[str, Outcome] = {}
    for names in stages:
        held = _held_back(pools, names, outcomes)
        desired = {name: declared[name] for name in sorted(names - held.keys())}
        # All that shall go is watched in the first stage, so that it waits for SQS's counts only once.
        others = set() if present else declared.keys() - names - outcomes.keys()
        beside = {name: declared[name] for name in sorted(others)}
        try:
            found = bring(queue, desired) if present else bring(queue, desired, known=later, beside=beside)
            outcomes |= {name: found[name] for name in desired} | held
            later = {name: found[name] for name in beside}
        except Failure as failure:
            # The result still has to say what was done to the queues before.
            outcomes = {**dict.fromkeys(declared, Outcome(None, failure)), **outcomes}
            break
    return StepResult([_row(pool, outcomes, aws.place) for pool in pools], outcomes)


def _held_back(pools: Sequence[Pool], names: set[str], outcomes: Mapping[str, Outcome]) -> dict[str, Outcome]:
    """The queues that wait for the other queue of their pool, which has failed."""
    held: dict[str, Outcome] = {}
    for pool in pools:
        pair = (pool.queue_name, pool.dead_letter_queue_name)
        for name, other in (pair, pair[::-1]):
            if name and other and name in names and other in outcomes and outcomes[other].failure:
                held[name] = Outcome(None, Failure(f"queue {name} is left as it is until {other} is in order"))
    return held


def _row(pool: Pool, outcomes: Mapping[str, Outcome], place: Place) -> PoolResult:
    names = [name for name in (pool.dead_letter_queue_name, pool.queue_name) if name]
    facts: dict[str, Any] = {"queue_arn": place.queue_arn(pool.queue_name)}
    if pool.dead_letter_queue_name:
        facts["dead_letter_queue_arn"] = place.queue_arn(pool.dead_letter_queue_name)
    return pool_result(pool.name, [outcomes[name] for name in names], **facts)
