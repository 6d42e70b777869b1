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
from ..resources import function, policy
from ..resources import schedule as schedule_resource
from ..verify import agreed_depths, mismatches
from . import schedule as schedule_step
from .result import StepResult, merged, pool_result

PUBLISHER, SCHEDULE, POLICY = ASPECTS = ("publisher", "schedule", "policy")
OPTIONS: dict[str, Any] = {
    "aspects": {"type": "list", "elements": "str", "choices": list(ASPECTS), "default": list(ASPECTS)},
    "publish": {"type": "bool", "default": False},
    "wait_timeout": {"type": "int", "default": 60},
    **schedule_step.OPTIONS,
}


def work(pools: Sequence[Pool], aws: Aws, options: Mapping[str, Any], publish: bool) -> StepResult:
    """What the chosen aspects come to.

    :param options: the values of OPTIONS. :param publish: whether the publisher may publish where that is asked for.
    """
    published = [pool for pool in pools if pool.published]
    parts = []
    if PUBLISHER in options["aspects"] and published:
        how = (options["function_name"], options["publish"] and publish, options["wait_timeout"])
        parts.append(own_depths(published, aws, *how))
    if SCHEDULE in options["aspects"] and published:
        parts.append(schedule(published, aws, schedule_step.wish(aws.place, options)))
    if POLICY in options["aspects"]:
        parts.append(policies(pools, aws))
    return StepResult(merged(pools, parts))


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


def own_depths(pools: Sequence[Pool], aws: Aws, function_name: str, publish: bool, wait_timeout: float) -> StepResult:
    """The same of a publisher that has yet to show that it is ours: a foreign function is never invoked."""
    try:
        function.require_own(aws, function_name)
    except Failure as failure:
        return StepResult([pool_result(pool.name, [Outcome(None, failure)]) for pool in pools])
    return depths(pools, aws, function_name, publish, wait_timeout)


def schedule(pools: Sequence[Pool], aws: Aws, wanted: schedule_resource.Wish) -> StepResult:
    causes = mismatches(schedule_resource, {wanted.rule_name: wanted}, aws).values()
    return StepResult([pool_result(pool.name, [Outcome(None, cause) for cause in causes]) for pool in pools])


def policies(pools: Sequence[Pool], aws: Aws) -> StepResult:
    found = mismatches(policy, policy.declared(pools), aws)
    return StepResult([pool_result(pool.name, [Outcome(None, found.get(policy.key_of(pool)))]) for pool in pools])
