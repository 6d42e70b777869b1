# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is live is read back and held against what was declared, by the same find and plan that a change uses."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .failures import Failure, Lasting, Unusable
from .plan import Aws, Key
from .pool import Pool
from .reconcile import Resource, planned
from .resources import answer, function, queue

PAUSE_SECONDS = 2.0


def mismatches(resource: Resource, desired: Mapping[Key, Any], aws: Aws) -> dict[Key, Failure]:
    """What is not as declared, by key, with what was expected and what was found."""
    found: dict[Key, Failure] = {}
    for key, outcome in planned(resource, desired, aws).items():
        if outcome.failure:
            found[key] = outcome.failure
        elif outcome.plan and outcome.plan.changed:
            found[key] = Failure(f"{outcome.plan.resource}: " + "; ".join(outcome.plan.differences()))
    return found


def agreed_depths(
    aws: Aws,
    pools: Sequence[Pool],
    function_name: str,
    publish: bool,
    wait_timeout: float,
    counted: Mapping[str, int] | None = None,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> tuple[dict[str, int], dict[str, Failure]]:
    """Ask the live version and the queues until they agree on every pool, by pool name.

    :param function_name: of a publisher that is known to be ours, since it is invoked.
    :param publish: until it has published every pool once; after that it is only asked to measure.
    :param counted: by pool name, what a queue counted a moment ago; it is asked again only where the answer differs.

    A queue that moves is read before and after the publisher, whose answer may then lie between the two.
    """
    deadline = clock() + wait_timeout
    agreed: dict[str, int] = {}
    earlier: dict[str, int] = dict(counted or {})
    while True:
        said_all = _answer(aws, function_name, publish)
        if isinstance(said_all, Lasting):
            return agreed, {pool.name: said_all for pool in pools if pool.name not in agreed}
        if not isinstance(said_all, Failure) and not said_all.get("failed", {}).keys() & {pool.name for pool in pools}:
            publish = False
        said_of = {pool.name: _said(said_all, pool, function_name) for pool in pools if pool.name not in agreed}
        agreed |= {name: said for name, said in said_of.items() if name in earlier and said == earlier[name]}
        open_pools = [pool for pool in pools if pool.name not in agreed]
        counts = _counted(aws, open_pools)
        unsettled: dict[str, Failure] = {}
        for pool in open_pools:
            said, now = said_of[pool.name], counts[pool.name]
            if isinstance(said, Failure) or isinstance(now, Failure):
                unsettled[pool.name] = said if isinstance(said, Failure) else now
            elif min(now, earlier.get(pool.name, now)) <= said <= max(now, earlier.get(pool.name, now)):
                agreed[pool.name] = said
            else:
                earlier[pool.name] = now
                unsettled[pool.name] = Failure(
                    f"function {function_name}:{function.LIVE}: expected {pool.depth_field} {now} "
                    f"as queue {pool.queue_name} counts (visible + in flight), found {said}"
                )
        if not unsettled or clock() >= deadline:
            return agreed, unsettled
        sleep(PAUSE_SECONDS)


def _answer(aws: Aws, function_name: str, publish: bool) -> dict[str, Any] | Failure:
    try:
        return answer.asked(aws, function_name, function.LIVE, {"publish": publish})
    except Unusable:
        # Nothing that is asked again could go better.
        raise
    except Failure as failure:
        return failure


def _said(said_all: dict[str, Any] | Failure, pool: Pool, function_name: str) -> Any:
    if isinstance(said_all, Failure):
        return said_all
    refused = said_all.get("failed", {}).get(pool.name)
    if refused:
        return Failure(f"function {function_name}:{function.LIVE} could not publish it: {refused}")
    if pool.depth_field not in said_all:
        fields = ", ".join(sorted(said_all)[:5]) or "nothing"
        return Failure(
            f"function {function_name}:{function.LIVE}: expected {pool.depth_field} in its answer, found {fields}"
        )
    return said_all[pool.depth_field]


def _counted(aws: Aws, pools: Sequence[Pool]) -> dict[str, Any]:
    """The depth as the queue itself counts it, or why there is none, by pool name."""
    found = queue.find(aws, {pool.queue_name: queue.Queue(pool.queue_name) for pool in pools})
    counted: dict[str, Any] = {}
    for pool in pools:
        live = found[pool.queue_name]
        if live is None:
            live = Failure(f"queue {pool.queue_name}: expected to exist, found nothing")
        counted[pool.name] = live if isinstance(live, Failure) else live.depth
    return counted
