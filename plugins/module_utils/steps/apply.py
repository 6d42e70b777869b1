# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every step of a run in its order, over one connection, after one look at everything that they are about.

A pool that fails in one step takes no part in the next; the others go on. Only the preflight stops all of them, since
nothing has been written by then.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from ..pool import Pool
from . import group_metrics, policies, prefetch, preflight, publisher, queues, scale_in, schedule, verification
from .prefetch import FRESH_SECONDS, Prefetched
from .result import StepResult, of_steps
from .step import Desired, Run, Step, guarded

STEPS: tuple[Step, ...] = (queues, publisher, schedule, group_metrics, policies)
NAMES = [step.NAME for step in STEPS]
MANAGED = {queues.NAME: "manage_queues", group_metrics.NAME: "manage_group_metrics"}
PREFLIGHT, SCALE_IN, VERIFY = "preflight", "scale_in", "verify"
OPTIONS: dict[str, Any] = {
    **preflight.PLACE_OPTIONS,
    **{name: option for step in STEPS for name, option in step.OPTIONS.items()},
    **scale_in.OPTIONS,
    "steps": {"type": "list", "elements": "str", "choices": NAMES, "default": NAMES},
    "wait_timeout": {"type": "int", "default": 60},
}

Parts = dict[str, StepResult]


def work(run: Run) -> dict[str, Any]:
    """The module's result.

    :raises Failure: for an option that AWS does not take, or in the wrong account or region: before anything is sent.
    """
    steps = [step for step in STEPS if _is_chosen(run, step)]
    desired = {step.NAME: step.desired(run, run.pools) for step in steps}
    started = run.clock()
    parts: Parts = {PREFLIGHT: _preflight(run)}
    left = _left(run.pools, parts) if not parts[PREFLIGHT].failed else []
    seen = prefetch.read(run, [(step, desired[step.NAME]) for step in steps] if left else [])
    if left and policies in steps and run.options["on_scale_in"] != scale_in.IGNORE:
        risks = partial(scale_in.ahead, run, desired[policies.NAME], seen.planned(policies.NAME))
        parts[SCALE_IN] = guarded(run, SCALE_IN, risks, left)
        left = [] if parts[SCALE_IN].failed else left
    for step in steps:
        parts[step.NAME] = guarded(run, step.NAME, partial(_step, run, step, desired[step.NAME], seen, parts), left)
        left = _left(left, parts)
    if run.sends and publisher in steps:
        published = [pool for pool in left if pool.published]
        counted = [parts[name].outcomes for name in (PREFLIGHT, queues.NAME) if name in parts]
        # What a queue counted longer ago is no measure of what the publisher counts now.
        fresh = counted if run.clock() - started <= FRESH_SECONDS else []
        check = partial(verification.after, run, parts[publisher.NAME].changed, fresh)
        parts[VERIFY] = guarded(run, VERIFY, check, published)
    return of_steps(run.pools, parts)


def _step(run: Run, step: Step, desired: Desired, seen: Prefetched, parts: Parts, pools: Sequence[Pool]) -> StepResult:
    known = seen.known(step.NAME)
    if len(pools) < len(run.pools):
        # Whoever failed needs nothing more, which changes what the others share.
        desired, known = step.desired(run, pools), prefetch.settled(known)
    elif not step.LOOKS_WHOLE or any(part.changed for part in parts.values()):
        known = prefetch.settled(known)
    return step.work(run, pools, desired, known)


def _is_chosen(run: Run, step: Step) -> bool:
    return step.NAME in run.options["steps"] and bool(run.options.get(MANAGED.get(step.NAME, ""), True))


def _left(pools: Sequence[Pool], parts: Parts) -> list[Pool]:
    failed = {name for part in parts.values() for name in part.failed}
    return [pool for pool in pools if pool.name not in failed]


def _preflight(run: Run) -> StepResult:
    chosen = {step.NAME for step in STEPS if _is_chosen(run, step)}
    needed = {
        **run.options,
        # A run that leaves the queues out needs only their names.
        "manage_queues": run.options["manage_queues"] or queues.NAME not in run.options["steps"],
        "require_empty_queues": False,
        "require_groups": True,
        # Where no policy is put in place, none needs them.
        "manage_group_metrics": group_metrics.NAME in chosen or policies.NAME not in chosen,
        # What this run does not deploy has to be there already.
        "require_published": policies.NAME in chosen and publisher.NAME not in chosen,
    }
    with run.aws.phase(PREFLIGHT, len(run.pools)):
        return preflight.work(run.pools, run.aws, needed)
