# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One message alone starts a worker: the alarm that scales out needs more than the target, so by a whole depth with a
target of 1 and no worker the first message waits until a second one comes.
"""

from __future__ import annotations

import math

from ..evidence import live, tracking
from ..finding import Finding, Remedy, failed, passed, warned
from ..observed import Expected, Observed
from ..wording.command_line import cli, playbook
from ..wording.words import counted

TITLE = "One message starts a worker"
API = "autoscaling:DescribePolicies"
EFFECT = "A message waits for ever"
FOLLOWS: tuple[str, ...] = ("policy_exists", "policy_tracks_queue")

# The alarm looks at 3 minutes, and SQS tells its numbers up to 5 late: a message that waited in so many of the last
# minutes that are known is not about to be taken.
WAITING_MINUTES = 5
LATE_MINUTES = 5


def check(observed: Observed, expected: Expected) -> Finding:
    pool, own, group = expected.pool, live.own_policy(observed, expected), live.group(observed, expected)
    least, target = group["MinSize"], live.target(own, expected)
    seen = {"MinSize": least, "TargetValue": target, "DesiredCapacity": group["DesiredCapacity"]}
    alone = tracking.of_one_message(own.tracked, pool)
    if least >= 1 or (target < 1 if alone is None else alone > target):
        return passed(seen)
    shown = {
        "observed": seen,
        "expected": "a signal per instance, or MinSize 1",
        "remedy": Remedy(
            f"{playbook('apply')}  # with signal: published_per_instance{'' if pool.metric else ' and a metric'}",
            cli(
                observed.place,
                "autoscaling update-auto-scaling-group",
                auto_scaling_group_name=pool.auto_scaling_group_name,
                min_size=1,
            ),
        ),
    }
    rule = f"at capacity 0 (MinSize {least}) the scale-out alarm needs more than {target:g}"
    waiting = _waiting(observed, target)
    if waiting and group["DesiredCapacity"] == 0:
        return failed(
            f"queue {pool.queue_name} has held {waiting} for {WAITING_MINUTES} min or more, and {rule}",
            **shown,
        )
    return warned(
        f"up to {counted(math.floor(target), 'message')} in queue {pool.queue_name} will start no worker: {rule}",
        **shown,
    )


def _waiting(observed: Observed, target: float) -> str:
    """The messages that have been too few for long enough; empty where there are none, or enough, or new ones."""
    depth = observed.depth if observed.known("queue") else 0
    lately = live.depths(observed, WAITING_MINUTES + LATE_MINUTES)[-WAITING_MINUTES:]
    lasts = len(lately) == WAITING_MINUTES and all(0 < value <= target for value in lately)
    return counted(depth, "message") if depth and depth <= target and lasts else ""
