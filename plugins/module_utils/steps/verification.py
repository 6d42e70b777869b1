# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is live is read back: the publisher agrees with the queues, schedule and policies are the declared ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..failures import Failure
from ..plan import Aws
from ..pool import Pool
from ..reconcile import Outcome
from ..resources import function, policy, queue
from ..resources import schedule as schedule_resource
from ..verify import agreed_depths, mismatches
from . import schedule as schedule_step
from .publisher import FUNCTION_OPTION
from .result import StepResult, merged, pool_result
from .step import Run

PUBLISHER, SCHEDULE, POLICY = ASPECTS = ("publisher", "schedule", "policy")
OPTIONS: dict[str, Any] = {
    "aspects": {"type": "list", "elements": "str", "choices": list(ASPECTS), "default": list(ASPECTS)},
    "publish": {"type": "bool", "default": False},
    "wait_timeout": {"type": "int", "default": 60},
    **FUNCTION_OPTION,
    **schedule_step.RULE_OPTIONS,
}


def work(run: Run) -> StepResult:
    """What the chosen aspects come to."""
    aspects, published = run.options["aspects"], [pool for pool in run.pools if pool.published]
    parts = []
    if PUBLISHER in aspects and published:
        # A check run may not make the publisher publish.
        how = (run.function_name, run.options["publish"] and run.sends, run.options["wait_timeout"])
        parts.append(own_depths(published, run.aws, *how))
    if SCHEDULE in aspects and published:
        parts.append(schedule(run, published))
    if POLICY in aspects:
        parts.append(policies(run.pools, run.aws))
    return StepResult(merged(run.pools, parts))


def depths(
    pools: Sequence[Pool],
    aws: Aws,
    function_name: str,
    publish: bool,
    wait_timeout: float,
    counted: Mapping[str, int] | None = None,
) -> StepResult:
    """Whether the publisher, which is known to be ours, counts what the queues count."""
    agreed, unsettled = agreed_depths(aws, pools, function_name, publish, wait_timeout, counted)
    rows = []
    for pool in pools:
        facts = {"queue_depth_total": agreed[pool.name]} if pool.name in agreed else {}
        rows.append(pool_result(pool.name, [Outcome(None, unsettled.get(pool.name))], **facts))
    return StepResult(rows)


def after(run: Run, has_changed: bool, counted: Sequence[Mapping[Any, Outcome]], pools: Sequence[Pool]) -> StepResult:
    """The same after an apply. Schedule and policies were found as declared, or became it, in their own steps.

    :param has_changed: whether the publisher has, which then also shows that it may publish.
    :param counted: what was found of the queues a moment ago, by queue name.
    """
    found = {name: outcome.found for outcomes in counted for name, outcome in outcomes.items()}
    depths_of = {pool.name: live.depth for pool in pools if isinstance(live := found.get(pool.queue_name), queue.Queue)}
    return depths(pools, run.aws, run.function_name, has_changed, run.options["wait_timeout"], depths_of)


def own_depths(pools: Sequence[Pool], aws: Aws, function_name: str, publish: bool, wait_timeout: float) -> StepResult:
    """The same of a publisher that has yet to show that it is ours: a foreign function is never invoked."""
    try:
        function.require_own(aws, function_name)
    except Failure as failure:
        return StepResult([pool_result(pool.name, [Outcome(None, failure)]) for pool in pools])
    return depths(pools, aws, function_name, publish, wait_timeout)


def schedule(run: Run, pools: Sequence[Pool]) -> StepResult:
    causes = mismatches(schedule_resource, schedule_step.compared(schedule_step.desired(run, pools)), run.aws).values()
    return StepResult([pool_result(pool.name, [Outcome(None, cause) for cause in causes]) for pool in pools])


def policies(pools: Sequence[Pool], aws: Aws) -> StepResult:
    found = mismatches(policy, policy.declared(pools), aws)
    return StepResult([pool_result(pool.name, [Outcome(None, found.get(policy.key_of(pool)))]) for pool in pools])
