# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run needs before it may write anything: the account and region, the groups, the queues it is not to make."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..failures import Failure
from ..package import settings_of
from ..plan import Aws
from ..pool import Pool
from ..reconcile import Outcome
from ..resources import function, group, queue
from . import group_metrics
from .result import StepResult, pool_result

PLACE_OPTIONS: dict[str, Any] = {"expected_account": {"type": "str"}, "expected_region": {"type": "str"}}
OPTIONS: dict[str, Any] = {
    **PLACE_OPTIONS,
    "manage_queues": {"type": "bool", "default": True},
    "require_empty_queues": {"type": "bool", "default": False},
    "require_groups": {"type": "bool", "default": True},
    **group_metrics.OPTIONS,
}


def work(pools: Sequence[Pool], aws: Aws, options: Mapping[str, Any]) -> StepResult:
    """The outcomes are those of the queues that were looked at.

    :raises Failure: in the wrong account or region.
    """
    require_place(aws, options)
    groups: Mapping[str, Any] = {}
    if options["require_groups"]:
        groups = group.find(aws, dict.fromkeys(pool.auto_scaling_group_name for pool in pools))
    queues: Mapping[str, Any] = {}
    if options["require_empty_queues"] or not options["manage_queues"]:
        queues = queue.find(
            aws, {name: found for pool in pools for name, found in queue.from_params(pool, aws.place).items()}
        )
    lacking = {} if options["manage_group_metrics"] else group_metrics.lacking(pools, aws, groups)
    unpublished = _unpublished(pools, aws, options) if options.get("require_published") else {}
    rows = []
    for pool in pools:
        causes = [_missing_group(aws, groups, pool), lacking.get(pool.name), unpublished.get(pool.name)]
        for option in ("queue_name", "dead_letter_queue_name"):
            causes.append(_unfit_queue(aws, queues, pool, option, options))
        rows.append(pool_result(pool.name, [Outcome(None, cause) for cause in causes if cause]))
    return StepResult(
        rows,
        {name: Outcome(None, found=found) for name, found in queues.items()},
        {"account_id": aws.place.account_id, "region": aws.place.region},
    )


def _unpublished(pools: Sequence[Pool], aws: Aws, options: Mapping[str, Any]) -> dict[str, Failure]:
    """Why a policy would follow what nobody publishes, by pool name; only of the values that the publisher divides."""
    divided = [pool for pool in pools if pool.divided_by_publisher]
    if not divided:
        return {}
    name = options["function_name"]
    try:
        served = function.served(aws, name)
    except Failure as failure:
        return {pool.name: failure for pool in divided}
    return {
        pool.name: Failure(
            f"signal: {pool.signal} follows what the publisher divides, and function {name} does not publish that yet "
            f"for this group, metric and target_value ({pool.target_value:g}); deploy it first (deploy_lambda.yml), or "
            "apply all (apply.yml)"
        )
        for pool in divided
        if served.get(pool.name) != settings_of(pool)
    }


def require_place(aws: Aws, options: Mapping[str, Any]) -> None:
    """:raises Failure: in the wrong account or region."""
    for option, found in (("expected_account", aws.place.account_id), ("expected_region", aws.place.region)):
        expected = options[option]
        if expected and expected != found:
            what = option.removeprefix("expected_")
            raise Failure(
                f"{option}: this run is to be in {what} {expected}, and the credentials lead to {what} {found}"
            )


def _missing_group(aws: Aws, groups: Mapping[str, Any], pool: Pool) -> Failure | None:
    found = groups.get(pool.auto_scaling_group_name, True)
    return None if found else group.missing(aws, pool.auto_scaling_group_name)


def _unfit_queue(
    aws: Aws, queues: Mapping[str, Any], pool: Pool, option: str, options: Mapping[str, Any]
) -> Failure | None:
    name = getattr(pool, option)
    found = queues.get(name, True)
    if isinstance(found, Failure):
        return found
    if found is None and not options["manage_queues"]:
        return Failure(
            f"{option}: there is no queue {name} in {aws.place}, and this run does not manage queues; "
            "create it, correct the name, or let the run make it (video_scaling_manage_queues: true)"
        )
    if options["require_empty_queues"] and isinstance(found, queue.Queue) and found.held:
        return Failure(
            f"{option}: queue {name} still holds {found.held}; let the workers empty it, or move its messages, first "
            "(or say that they may be left: video_scaling_retire_force: true)"
        )
    return None
