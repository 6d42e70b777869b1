# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The signal is a value per worker, as target tracking expects: it changes the capacity in proportion to value over
target (documented), so a whole depth, which more workers do not make smaller, lets it grow until the group's maximum
(assumed).
"""

from __future__ import annotations

import math

from ..evidence import live, tracking
from ..finding import Finding, Remedy, failed, passed, warned
from ..observed import Expected, Observed
from ..wording.command_line import playbook
from ..wording.group_commands import policy_of
from ..wording.words import counted

TITLE = "The signal is a value per worker"
API = "autoscaling:DescribePolicies"
EFFECT = "The group grows to its maximum for a few messages"
FOLLOWS: tuple[str, ...] = ("policy_exists", "policy_tracks_queue", "signal_counts_in_flight")

# A worker alone cannot become too many.
LEAST_TO_MULTIPLY = 2
# A group grows within minutes to what the queue holds: what it wants above the most of so many is not for a burst ...
MINUTES = 20
# ... if the queue's numbers of half of them are known, as SQS tells them late and not each.
KNOWN_MINUTES = MINUTES // 2


def check(observed: Observed, expected: Expected) -> Finding:
    pool, own = expected.pool, live.own_policy(observed, expected)
    if tracking.divides(own.tracked, expected.pool):
        return passed(tracking.words(own.tracked))
    most = observed.known("group", {}).get("MaxSize", LEAST_TO_MULTIPLY)
    if most < LEAST_TO_MULTIPLY:
        return passed(f"MaxSize is {most}", expected="published_per_instance")
    target = live.target(own, expected)
    too_many = _too_many(observed, target)
    return (failed if too_many else warned)(
        f"policy {pool.policy_name} holds the whole depth of queue {pool.queue_name} against target {target:g}: "
        f"2 workers with {counted(target, 'message')} each read as {2 * target:g}, and the group grows until "
        f"MaxSize{'' if observed.known('group') is None else f' {most}'}{too_many}",
        observed=tracking.words(own.tracked),
        expected="published_per_instance",
        remedy=Remedy(
            f"{playbook('apply')}  # with signal: published_per_instance{'' if pool.metric else ' and a metric'}",
            policy_of(observed.place, pool),
        ),
    )


def _too_many(observed: Observed, target: float) -> str:
    """That it has come to that, in words: the scale-out alarm rings, and there are more workers than messages ask for.

    Empty where that is not so, or not known.
    """
    group, lately = observed.known("group"), live.depths(observed, MINUTES)
    if group is None or len(lately) < KNOWN_MINUTES or min(lately) <= target:
        return ""
    most, desired = max(lately), group["DesiredCapacity"]
    if desired <= max(group["MinSize"], math.ceil(most / target)):
        return ""
    wants = f"it wants {desired} {live.unit(group)}s"
    return f"; {wants}, and the queue has held at most {counted(most, 'message')} for {MINUTES} min"
