# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a suspended process stops is said by its effect; those that do not matter pass."""

from __future__ import annotations

from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.checks import scaling_processes_running
from ansible_collections.academy.video_scaling.tests.unit.examples import GROUP
from ansible_collections.academy.video_scaling.tests.unit.observations import case, every_case, group, holds

WHEN = "User suspended at 2026-02-22T08:00:00Z"


def suspended(*names):
    return group(SuspendedProcesses=[{"ProcessName": name, "SuspensionReason": WHEN} for name in names])


CASES = every_case(
    case("none"),
    case("no list", group=group(SuspendedProcesses=None)),
    case("others", group=suspended("AZRebalance", "ScheduledActions", "AddToLoadBalancer")),
    case(
        "Launch",
        "fail",
        f"process Launch ({WHEN}) of group {GROUP} is suspended",
        "No worker is started",
        group=suspended("Launch"),
    ),
    case("Terminate", "fail", "process Terminate", "No worker is stopped", group=suspended("Terminate")),
    case("alarms", "fail", "process AlarmNotification", "Nothing scales", group=suspended("AlarmNotification")),
    case(
        "several",
        "fail",
        f"processes Launch ({WHEN}), Terminate ({WHEN}), HealthCheck ({WHEN}) of group {GROUP} are suspended",
        "Nothing scales",
        group=suspended("HealthCheck", "Terminate", "Launch", "AZRebalance"),
    ),
    case(
        "two, one of which is vital",
        "fail",
        f"processes Launch ({WHEN}), HealthCheck ({WHEN}) of group {GROUP} are suspended",
        "No worker is started",
        group=suspended("HealthCheck", "Launch"),
    ),
    case("healing", "warn", "process ReplaceUnhealthy", "Broken workers stay", group=suspended("ReplaceUnhealthy")),
    case(
        "no reason",
        "fail",
        "process Launch (no reason given)",
        "No worker is started",
        group=group(SuspendedProcesses=[{"ProcessName": "Launch"}]),
    ),
)


@CASES
def test_no_process_that_scales_is_suspended(example):
    holds(scaling_processes_running, example)
