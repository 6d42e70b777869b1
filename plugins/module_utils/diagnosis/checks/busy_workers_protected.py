# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Something holds a worker until its job is done: scale-in and Spot reclaims take any instance, and the message of a
job that is cut off comes back only after the queue's visibility timeout.
"""

from __future__ import annotations

from datetime import timedelta

from ..evidence import live
from ..finding import Finding, Remedy, failed, passed, warned
from ..observed import Expected, Observed, Reply
from ..wording.command_line import cli
from ..wording.words import counted, lasting

TITLE = "Busy workers are protected"
API = "autoscaling:DescribeLifecycleHooks"
EFFECT = "Busy workers are stopped"
FOLLOWS: tuple[str, ...] = ("group_exists", "policy_exists")

TERMINATING = "autoscaling:EC2_INSTANCE_TERMINATING"
# A job that is cut off and begun again after so long is a loss that somebody notices.
LONG = timedelta(minutes=5)
# Long enough for most jobs, within what AWS takes (30 to 7200); the worker may end it sooner, or prolong it.
HEARTBEAT_SECONDS = 900


def check(observed: Observed, expected: Expected) -> Finding:
    group, name = live.group(observed, expected), expected.pool.auto_scaling_group_name
    own = live.own_policy(observed, expected)
    hooks = [
        hook["LifecycleHookName"] for hook in observed.lifecycle_hooks if hook["LifecycleTransition"] == TERMINATING
    ]
    dangers = [f"scale-in may take {bare}"] if not own.disable_scale_in and (bare := _unprotected(group)) else []
    if _is_spot(group):
        dangers.append("Spot may reclaim any of its instances")
    seen = {"terminating lifecycle hooks": hooks, "scale-in": not own.disable_scale_in, "Spot": _is_spot(group)}
    # The hooks are read only of a pool that was busy, since there is no batched read of them.
    if hooks or not dangers or not observed.was_busy:
        return passed(seen)
    in_flight, returns = _at_stake(observed)
    if not (in_flight or returns >= LONG):
        return passed(seen)
    cause = (
        f"group {name} has no terminating lifecycle hook, and {' and '.join(dangers)}: "
        f"{counted(in_flight, 'message')} in flight, and one that is cut off comes back after {lasting(returns)}"
    )
    is_loss = in_flight and returns >= LONG
    return (failed if is_loss else warned)(
        cause,
        observed=seen,
        expected="a terminating lifecycle hook, or workers that are protected from scale-in",
        remedy=_remedy(observed, name),
    )


def _unprotected(group: Reply) -> str:
    """The workers that scale-in may take, in words.

    Where some are protected the workers see to it themselves: those that are not have nothing to do.
    """
    workers = [one for one in group.get("Instances", ()) if one["LifecycleState"] == "InService"]
    if group.get("NewInstancesProtectedFromScaleIn") or any(one.get("ProtectedFromScaleIn") for one in workers):
        return ""
    return f"any of its {len(workers)} workers" if workers else "any worker"


def _is_spot(group: Reply) -> bool:
    mixed = group.get("MixedInstancesPolicy")
    on_demand = (mixed or {}).get("InstancesDistribution", {}).get("OnDemandPercentageAboveBaseCapacity", 100)
    return mixed is not None and on_demand < 100


def _at_stake(observed: Observed) -> tuple[int, timedelta]:
    """The messages in flight, and after how long one that nobody finishes comes back."""
    queue = observed.queue or {}
    return observed.in_flight, timedelta(seconds=int(queue.get("VisibilityTimeout", 0)))


def _remedy(observed: Observed, name: str) -> Remedy:
    return Remedy(
        cli=cli(
            observed.place,
            "autoscaling put-lifecycle-hook",
            auto_scaling_group_name=name,
            lifecycle_hook_name="drain",
            lifecycle_transition=TERMINATING,
            heartbeat_timeout=HEARTBEAT_SECONDS,
            default_result="CONTINUE",
        )
    )
