# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every step of a run in its order, over one connection, after one look at everything that they are about.

A pool that fails in one step takes no part in the next; the others go on. Only the preflight stops all of them, since
nothing has been written by then.
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from .. import tags as tagging
from ..failures import Failure
from ..plan import Aws
from ..pool import Pool
from ..reconcile import Outcome, planned
from ..resources import group as group_resource
from ..resources import policy as policy_resource
from ..resources import publisher as publisher_resource
from ..resources import queue as queue_resource
from ..resources import schedule as schedule_resource
from ..tags import Tags
from . import group_metrics, policies, prefetch, preflight, publisher, queues, scale_in, schedule, verification
from .prefetch import FRESH_SECONDS, Prefetched
from .result import Reconcile, StepResult, facts_of, merged, stopped

QUEUE, PUBLISHER, SCHEDULE, GROUP_METRICS, POLICY = STEPS = (
    "queue",
    "publisher",
    "schedule",
    "group_metrics",
    "policy",
)
# The option that takes a step out of a run.
MANAGED = {QUEUE: "manage_queues", GROUP_METRICS: "manage_group_metrics"}
OPTIONS: dict[str, Any] = {
    **preflight.PLACE_OPTIONS,
    **publisher.OPTIONS,
    **schedule.OPTIONS,
    **tagging.OPTION,
    "steps": {"type": "list", "elements": "str", "choices": list(STEPS), "default": list(STEPS)},
    "manage_queues": {"type": "bool", "default": True},
    **group_metrics.OPTION,
    **scale_in.OPTION,
    "wait_timeout": {"type": "int", "default": 60},
}


@dataclass(frozen=True)
class Run:
    """:param options: the values of OPTIONS.
    :param bring: ``reconcile`` with the connection and the mode of this run; it takes what is ``known``.
    :param look: what plans and sends nothing.
    :param verifying: whether the publisher is asked at the end; in a check run what is declared is not there yet.
    """

    pools: Sequence[Pool]
    aws: Aws
    options: Mapping[str, Any]
    bring: Callable[..., dict[Any, Outcome]]
    verifying: bool
    look: Callable[[Any, Mapping[Any, Any], Aws], Mapping[Any, Outcome]] = planned
    clock: Callable[[], float] = time.monotonic

    @property
    def tags(self) -> Tags:
        return tagging.from_params(self.options["tags"])

    def chosen(self, step: str) -> bool:
        managed = self.options.get(MANAGED.get(step, ""), True)
        return step in self.options["steps"] and managed

    def bring_known(self, seen: Prefetched, step: str) -> Reconcile:
        """Nothing is changed before the queues, so whatever was planned for them still holds."""

        def bring(resource: Any, desired: Mapping[Any, Any]) -> dict[Any, Outcome]:
            known = seen.known(step)
            return self.bring(resource, desired, known=known if step == QUEUE else prefetch.settled(known))

        return bring


def work(run: Run) -> dict[str, Any]:
    """The module's result.

    :raises Failure: for an option that AWS does not take, or in the wrong account or region: before anything is sent.
    """
    looking, working = _looking(run), _working(run)
    started = run.clock()
    done = {"preflight": _preflight(run)}
    left = [] if done["preflight"].failed else list(run.pools)
    seen = prefetch.read(run.aws, looking if left else {}, len(left), run.clock)
    done["scale_in"] = _scale_in(run, seen) if left else StepResult([])
    left = [] if done["scale_in"].failed else left
    for step, work_on in working.items():
        done[step] = _done(run.aws, step, partial(work_on, run.bring_known(seen, step)), left)
        failed = done[step].failed
        left = [pool for pool in left if pool.name not in failed]
    if run.verifying and PUBLISHER in working:
        published = [pool for pool in left if pool.published]
        done["verify"] = _done(
            run.aws, "verify", lambda pools: _verify(run, done, pools, run.clock() - started), published
        )
    return _result(run, done)


def _looking(run: Run) -> dict[str, Callable[[], Mapping[Any, Outcome]]]:
    """What is read before the chosen steps begin. The wishes that an option can spoil are made here, so that it shows.

    What comes after the queues may mean something else by its turn: a snapshot, for one, names the version that the
    publisher's step has left live.
    """
    aws, pools = run.aws, run.pools

    def look(resource: Any, desired: Mapping[Any, Any]) -> Callable[[], Mapping[Any, Outcome]]:
        return lambda: run.look(resource, desired, aws)

    parts: dict[str, Callable[[], Mapping[Any, Outcome]]] = {}
    if run.chosen(QUEUE):
        parts[QUEUE] = look(queue_resource, queue_resource.declared(pools, aws.place, run.tags))
    if run.chosen(PUBLISHER):
        publishing = publisher.wish(pools, aws.place, run.options)
        if publishing.concerned:
            parts[PUBLISHER] = look(publisher_resource, {publishing.function_name: publishing})
    if run.chosen(SCHEDULE):
        firing = schedule.wish(aws.place, run.options, tags=run.tags)
        if schedule.concerned(pools):
            parts[SCHEDULE] = look(schedule_resource, {firing.rule_name: firing})
    if run.chosen(GROUP_METRICS) and (metrics := group_resource.declared(pools)):
        parts[GROUP_METRICS] = look(group_resource, metrics)
    if run.chosen(POLICY):
        parts[POLICY] = look(policy_resource, policy_resource.declared(pools))
    return parts


def _working(run: Run) -> dict[str, Callable[[Reconcile, Sequence[Pool]], StepResult]]:
    """The chosen steps in their order."""
    aws, options = run.aws, run.options

    def publish(bring: Reconcile, pools: Sequence[Pool]) -> StepResult:
        # A purge drops what the list does not have, not what has failed in an earlier step.
        left = {pool.name for pool in pools}
        failed = [pool for pool in run.pools if pool.name not in left]
        return publisher.work(pools, publisher.wish(pools, aws.place, options, kept=failed), bring)

    steps: dict[str, Callable[[Reconcile, Sequence[Pool]], StepResult]] = {
        QUEUE: lambda bring, pools: queues.work(pools, aws, bring, tags=run.tags),
        PUBLISHER: publish,
        SCHEDULE: lambda bring, pools: schedule.work(
            pools, aws, schedule.wish(aws.place, options, tags=run.tags, stamp=aws.stamp), bring
        ),
        GROUP_METRICS: lambda bring, pools: group_metrics.work(pools, bring),
        POLICY: lambda bring, pools: policies.work(pools, aws, options["function_name"], bring, tags=run.tags),
    }
    return {step: work_on for step, work_on in steps.items() if run.chosen(step)}


def _preflight(run: Run) -> StepResult:
    needed = {
        **run.options,
        # A run that leaves the queues out needs only their names.
        "manage_queues": run.options["manage_queues"] or QUEUE not in run.options["steps"],
        "require_empty_queues": False,
        "require_groups": True,
        # Where no policy is put in place, none needs them.
        "manage_group_metrics": run.chosen(GROUP_METRICS) or not run.chosen(POLICY),
        # What this run does not deploy has to be there already.
        "require_published": run.chosen(POLICY) and not run.chosen(PUBLISHER),
    }
    with run.aws.phase("preflight", len(run.pools)):
        return preflight.work(run.pools, run.aws, needed)


def _scale_in(run: Run, seen: Prefetched) -> StepResult:
    if not run.chosen(POLICY):
        return StepResult([])
    mode, desired, found = run.options["on_scale_in"], policy_resource.declared(run.pools), seen.planned(POLICY)

    def look(pools: Sequence[Pool]) -> StepResult:
        # What could not be read ahead may be read in the policies' own step, and changed there: so it is read here too.
        missing = {key: wish for key, wish in desired.items() if key not in found or found[key].failure}
        try:
            live = {**found, **(run.look(policy_resource, missing, run.aws) if missing else {})}
        except Exception as error:
            if mode == scale_in.REFUSE:
                raise
            # The step comes upon it again, and tells whose pools it stops.
            return scale_in.unknown(pools, error)
        return scale_in.look(pools, run.aws, mode, desired, live)

    return StepResult([]) if mode == scale_in.IGNORE else _done(run.aws, "scale_in", look, run.pools)


def _done(aws: Aws, step: str, work_on: Callable[[Sequence[Pool]], StepResult], pools: Sequence[Pool]) -> StepResult:
    """What ends one step ends none of what earlier steps have to tell."""
    if not pools:
        return StepResult([])
    with aws.phase(step, len(pools)):
        try:
            return work_on(pools)
        except Failure as failure:
            ended = stopped(pools, str(failure))
        except Exception as error:
            reason = f"this is a defect of the collection, please report it: {error!r}"
            ended = stopped(pools, reason, exception=traceback.format_exc())
        aws.count(failed=len(pools))
        return ended


def _verify(run: Run, done: Mapping[str, StepResult], pools: Sequence[Pool], age_seconds: float) -> StepResult:
    """Schedule and policies were found as declared, or became it, in their steps, which leaves the publisher."""
    read = {**done["preflight"].outcomes, **(done[QUEUE].outcomes if QUEUE in done else {})}
    counted = {
        pool.name: live.depth
        for pool in pools
        # What a queue counted longer ago is no measure of what the publisher counts now.
        if age_seconds <= FRESH_SECONDS
        and isinstance(live := read.get(pool.queue_name, Outcome(None)).found, queue_resource.Queue)
    }
    # A publisher that has just changed also shows that it may publish.
    return verification.depths(
        pools, run.aws, run.options["function_name"], done[PUBLISHER].changed, run.options["wait_timeout"], counted
    )


def _result(run: Run, done: Mapping[str, StepResult]) -> dict[str, Any]:
    results = [part.result() for part in done.values()]
    changing = {step: {row["name"] for row in part.rows if row["changed"]} for step, part in done.items()}
    return {
        **facts_of(done.values()),
        "changed": any(result["changed"] for result in results),
        "changed_steps": [step for step, part in done.items() if part.changed],
        "pools": [
            {**row, "changed_steps": [step for step in changing if row["name"] in changing[step]]}
            for row in merged(run.pools, done.values())
        ],
        "requests": [request for result in results for request in result["requests"]],
        "diff": [entry for result in results for entry in result["diff"]],
    }
