# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The queues: those that collect dead letters first, since a redrive policy is refused while its target is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..failures import Failure
from ..place import Place
from ..pool import Pool
from ..reconcile import Outcome
from ..resources import queue
from .result import PoolResult, StepResult, pool_result
from .step import Desired, Outcomes, Run

NAME = "queue"
OPTIONS: dict[str, Any] = {"manage_queues": {"type": "bool", "default": True}}
LOOKS_WHOLE = True


def desired(run: Run, pools: Sequence[Pool]) -> Desired:
    """By queue name."""
    queues = queue.declared(pools, run.aws.place, run.tags)
    leaving = frozenset(pool.queue_name for pool in pools)
    return queues if run.present else dict.fromkeys(queues, queue.DesiredAbsent(leaving=leaving))


def look(run: Run, pools: Sequence[Pool], desired: Desired) -> Outcomes:
    return run.look(queue, desired, run.aws)


def work(run: Run, pools: Sequence[Pool], desired: Desired, known: Outcomes) -> StepResult:
    collecting = {pool.dead_letter_queue_name for pool in pools if pool.dead_letter_queue_name}
    working = {pool.queue_name for pool in pools}
    outcomes: dict[str, Outcome] = {}
    for names in (collecting, working) if run.present else (working, collecting):
        held = _held_back(pools, names, outcomes)
        stage = {name: desired[name] for name in sorted(names - held.keys())}
        # All that shall go is watched in the first stage, so that it waits for SQS's counts only once.
        others = set() if run.present else desired.keys() - names - outcomes.keys()
        beside = {name: desired[name] for name in sorted(others)}
        try:
            found = run.reconcile(queue, stage, known=known, beside=beside)
            outcomes |= {name: found[name] for name in stage} | held
            known = {**known, **{name: found[name] for name in beside}}
        except Failure as failure:
            # The result still has to say what was done to the queues before.
            outcomes = {**dict.fromkeys(desired, Outcome(None, failure)), **outcomes}
            break
    return StepResult([_pool_result(pool, outcomes, run.aws.place) for pool in pools], outcomes)


def _held_back(pools: Sequence[Pool], names: set[str], outcomes: Mapping[str, Outcome]) -> dict[str, Outcome]:
    """The queues that wait for the other queue of their pool, which has failed."""
    held: dict[str, Outcome] = {}
    for pool in pools:
        pair = (pool.queue_name, pool.dead_letter_queue_name)
        for name, other in (pair, pair[::-1]):
            if name and other and name in names and other in outcomes and outcomes[other].failure:
                held[name] = Outcome(None, Failure(f"queue {name} is left as it is until {other} is in order"))
    return held


def _pool_result(pool: Pool, outcomes: Mapping[str, Outcome], place: Place) -> PoolResult:
    names = [name for name in (pool.dead_letter_queue_name, pool.queue_name) if name]
    facts: dict[str, Any] = {"queue_arn": place.queue_arn(pool.queue_name)}
    if pool.dead_letter_queue_name:
        facts["dead_letter_queue_arn"] = place.queue_arn(pool.dead_letter_queue_name)
    return pool_result(pool.name, [outcomes[name] for name in names], **facts)
