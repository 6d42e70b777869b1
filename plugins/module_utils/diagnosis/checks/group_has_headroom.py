# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The group may grow when the queue does: at its maximum it ignores every alarm, and messages wait."""

from __future__ import annotations

from datetime import timedelta

from ..evidence import live, series
from ..finding import Finding, Remedy, failed, passed, warned
from ..observed import Expected, Observed
from ..wording.command_line import cli
from ..wording.words import counted, lasting

TITLE = "The group can grow"
API = "autoscaling:DescribeAutoScalingGroups"
EFFECT = "Messages wait"
FOLLOWS: tuple[str, ...] = (
    "queue_exists",
    # More workers of that kind would not help.
    "messages_are_consumed",
    "messages_are_deleted",
    "group_exists",
    "group_sizes_as_declared",
)

# A peak that the group works off within so long needs no larger group.
PEAK = timedelta(minutes=15)
# SQS tells its numbers late, and not those of every minute: from half of them it is known that it lasts.
KNOWN = PEAK / timedelta(minutes=1) / 2


def check(observed: Observed, expected: Expected) -> Finding:
    group, pool = live.group(observed, expected), expected.pool
    depth, name = live.depth(observed, expected), pool.auto_scaling_group_name
    least, most, desired = group["MinSize"], group["MaxSize"], group["DesiredCapacity"]
    seen = {"depth": depth, "waiting": observed.visible, "DesiredCapacity": desired, "MinSize": least, "MaxSize": most}
    shown = {
        "observed": seen,
        "expected": "DesiredCapacity below MaxSize while messages wait",
        "remedy": Remedy(
            cli=cli(
                observed.place,
                "autoscaling update-auto-scaling-group",
                auto_scaling_group_name=name,
                max_size=max(2 * most, 1),
            )
        ),
    }
    if most == 0:
        return failed(f"group {name} may have no worker at all: MaxSize is 0", **{**shown, "effect": "Nothing scales"})
    # Where fewer work than are wanted, it is not the maximum that holds the group back.
    if live.in_service(group) >= desired >= most and observed.visible:
        waiting = counted(observed.visible, "waiting message")
        cause = f"group {name} is at its maximum of {most} while queue {pool.queue_name} holds {waiting}"
        return (
            failed(cause, **shown) if _lasts(observed) else warned(f"{cause} (for less than {lasting(PEAK)})", **shown)
        )
    if least == most and (pool.min_size, pool.max_size) != (least, most):
        return warned(f"MinSize and MaxSize of group {name} are both {most}, so no policy can change it", **shown)
    return passed(seen)


def _lasts(observed: Observed) -> bool:
    """Whether messages have waited all the while; also where SQS's metrics do not tell."""
    if observed.known("queue_metrics") is None:
        return True
    waiting = series.after(observed.queue_metrics.get("visible", ()), observed.at - PEAK)
    return len(waiting) >= KNOWN and all(count > 0 for dummy, count in waiting)
