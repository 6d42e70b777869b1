# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No process of the group that scales it is suspended: policies and alarms look well, and still nothing happens."""

from __future__ import annotations

from ..evidence import live
from ..finding import Finding, Remedy, failed, passed, warned
from ..observed import Expected, Observed
from ..wording.command_line import cli

TITLE = "The group's scaling processes run"
API = "autoscaling:DescribeAutoScalingGroups"
EFFECT = "Nothing scales"
FOLLOWS: tuple[str, ...] = ("group_exists",)

# What is not done while a process is suspended. Without these nothing can scale ...
VITAL = {
    "AlarmNotification": EFFECT,
    "Launch": "No worker is started",
    "Terminate": "No worker is stopped",
}
# ... and without these broken workers stay. The others (AZRebalance, ScheduledActions, ...) do not matter to a pool.
HEALING = ("HealthCheck", "ReplaceUnhealthy")


def check(observed: Observed, expected: Expected) -> Finding:
    group, name = live.group(observed, expected), expected.pool.auto_scaling_group_name
    reasons = {
        one["ProcessName"]: one.get("SuspensionReason") or "no reason given"
        for one in group.get("SuspendedProcesses") or ()
    }
    suspended = [one for one in (*VITAL, *HEALING) if one in reasons]
    if not suspended:
        return passed(observed=reasons, expected={})
    suspensions = ", ".join(f"{one} ({reasons[one]})" for one in suspended)
    several = "processes" if len(suspended) > 1 else "process"
    cause = f"{several} {suspensions} of group {name} {'are' if len(suspended) > 1 else 'is'} suspended"
    remedy = Remedy(
        cli=cli(
            observed.place,
            "autoscaling resume-processes",
            auto_scaling_group_name=name,
            scaling_processes=suspended,
        )
    )
    effects = [VITAL[one] for one in suspended if one in VITAL]
    if not effects:
        return warned(cause, effect="Broken workers stay", observed=reasons, expected={}, remedy=remedy)
    effect = effects[0] if len(effects) == 1 else EFFECT
    return failed(cause, effect=effect, observed=reasons, expected={}, remedy=remedy)
