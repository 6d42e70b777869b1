# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The group wants as many workers as the queue has work for: too many cost money for nothing, too few let messages
wait. This is what a person sees; the checks before it look for the cause.
"""

from __future__ import annotations

import math
from datetime import timedelta

from ...resources.policy import Policy
from ..evidence import live, tracking
from ..finding import Finding, Remedy, failed, passed, warned
from ..observed import Expected, Observed, Reply
from ..wording.group_commands import activities_of
from ..wording.words import counted, moment

TITLE = "The capacity fits the queue"
API = "autoscaling:DescribeAutoScalingGroups"
EFFECT = "Workers are paid for that have nothing to do"
FOLLOWS: tuple[str, ...] = (
    "queue_exists",
    "metric_matches_queue",
    "group_exists",
    "scaling_processes_running",
    "policy_exists",
    "alarms_exist",
    "alarms_have_data",
)

# The scale-in alarm looks at 15 minutes (observed); how many workers go at once is not known, and as many minutes more
# are left for it.
SCALE_IN_MINUTES = 30
SCALE_IN = timedelta(minutes=SCALE_IN_MINUTES)
# The scale-out alarm looks at 3 minutes; one change takes the group to what the queue needs, another one corrects it.
SCALE_OUT_MINUTES = 20
# SQS tells its numbers late, and not those of every minute: from half of them it is known that it lasts.
KNOWN_MINUTES = SCALE_OUT_MINUTES // 2
ROUNDING = 1e-9


def check(observed: Observed, expected: Expected) -> Finding:
    group, own = live.group(observed, expected), live.own_policy(observed, expected)
    depth = live.depth(observed, expected)
    seen = {"depth": depth, **{size: group[size] for size in ("DesiredCapacity", "MinSize", "MaxSize")}}
    if live.is_empty(observed, expected, SCALE_IN_MINUTES) and seen["DesiredCapacity"] > seen["MinSize"]:
        return _too_many(observed, expected, own, seen)
    return _too_few(observed, expected, own, seen)


def _too_many(observed: Observed, expected: Expected, own: Policy, seen: Reply) -> Finding:
    alarms = observed.alarms_of(own.raw) if observed.known("alarms") else []
    made = [alarm.get("AlarmConfigurationUpdatedTimestamp") for alarm in alarms if not live.is_high(alarm)]
    newest = max((time for time in made if time), default=None)
    if newest and observed.at < newest + SCALE_IN:
        return passed({**seen, "scale-in": f"its alarm is new and acts by {moment(observed.at, newest + SCALE_IN)}"})
    pool, desired = expected.pool, seen["DesiredCapacity"]
    group = live.group(observed, expected)
    protected = live.capacity(one for one in group.get("Instances", ()) if one.get("ProtectedFromScaleIn"))
    cause = (
        f"group {pool.auto_scaling_group_name} wants {desired} {live.unit(group)}s (MinSize {seen['MinSize']}, MaxSize "
        f"{seen['MaxSize']}) while queue {pool.queue_name} is empty"
        + (f"; {protected} of them are protected from scale-in" if protected else "")
    )
    shown = {"observed": seen, "expected": {"DesiredCapacity": seen["MinSize"]}, "remedy": _remedy(observed, expected)}
    if own.disable_scale_in:
        return warned(f"{cause}, and scale-in is disabled", **shown)
    return failed(cause, **shown)


def _too_few(observed: Observed, expected: Expected, own: Policy, seen: Reply) -> Finding:
    pool, desired, target = expected.pool, seen["DesiredCapacity"], live.target(own, expected)
    lately = live.depths(observed, SCALE_OUT_MINUTES)
    lowest = min([seen["depth"], *lately])
    if lowest <= target or len(lately) < KNOWN_MINUTES:
        # Up to the target no alarm rings: what comes of that, one_message_starts_a_worker tells.
        return passed(seen)
    # A whole depth says when there is too little, and not how much is enough.
    needed, rule, unit = 1, f"target {target:g}", live.unit(live.group(observed, expected))
    if tracking.divides(own.tracked, expected.pool):
        needed, rule = math.ceil(lowest / target - ROUNDING), f"target {target:g} for each {unit}"
    if desired >= min(needed, seen["MaxSize"]):
        return passed(seen)
    return failed(
        f"group {pool.auto_scaling_group_name} wants {counted(desired, unit)} of at most "
        f"{seen['MaxSize']} while queue {pool.queue_name} has held {counted(lowest, 'message')} or more for "
        f"{SCALE_OUT_MINUTES} min ({rule})",
        effect="Messages wait",
        observed=seen,
        expected={"DesiredCapacity": min(needed, seen["MaxSize"])},
        remedy=_remedy(observed, expected),
    )


def _remedy(observed: Observed, expected: Expected) -> Remedy:
    return Remedy(cli=activities_of(observed.place, expected.pool.auto_scaling_group_name))
