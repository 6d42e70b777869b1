# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An instance refresh can replace every instance: it waits an hour for those that are protected from scale-in or on
standby, then fails, and the deployment with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from ...failures import listed
from ..evidence import live
from ..evidence.several import joined
from ..finding import Finding, Remedy, failed, passed, warned
from ..observed import Expected, Observed, Reply
from ..wording.command_line import cli
from ..wording.words import counted, moment, since

TITLE = "An instance refresh can finish"
API = "autoscaling:DescribeInstanceRefreshes"
EFFECT = "The deployment is stuck"
FOLLOWS: tuple[str, ...] = ("group_exists", "scaling_processes_running")

ACTIVE = ("Pending", "InProgress", "RollbackInProgress")
FAILED = ("Failed", "RollbackFailed")
# What a refresh does with such instances where its preferences do not say.
WAIT = "Wait"
REFRESHING = "InstanceRefresh"
# So many instances are named in the sentence.
MOST_NAMED = 3


def check(observed: Observed, expected: Expected) -> Finding:
    group = live.group(observed, expected)
    newest = next(iter(observed.instance_refreshes), None)
    if newest is None:
        return passed("no instance refresh that could be held up")
    seen = {
        "Status": newest["Status"],
        "PercentageComplete": newest.get("PercentageComplete"),
        "StatusReason": newest.get("StatusReason"),
        "Preferences": newest.get("Preferences"),
    }
    if newest["Status"] in FAILED:
        return _failed_lately(observed, expected, newest, seen) or passed(seen)
    found = list(_waits(observed, expected, group, newest)) if newest["Status"] in ACTIVE else []
    return replace(joined(found), observed=seen) if found else passed(seen)


def _failed_lately(observed: Observed, expected: Expected, newest: Reply, seen: Reply) -> Finding | None:
    name = expected.pool.auto_scaling_group_name
    ended = newest.get("EndTime") or newest.get("StartTime") or observed.at
    if ended < observed.since:
        return None
    return warned(
        f"instance refresh {newest['InstanceRefreshId']} of group {name} failed at {moment(observed.at, ended)}: "
        f"{newest.get('StatusReason', 'no reason is given').rstrip('.')}",
        effect="Workers of two versions run",
        observed=seen,
        at=ended,
        remedy=_remedy(observed, name, "describe-instance-refreshes"),
    )


def _waits(observed: Observed, expected: Expected, group: Reply, newest: Reply) -> Iterator[Finding]:
    name = expected.pool.auto_scaling_group_name
    # One that is pending has not begun.
    begun = f", active {since(observed.at, newest['StartTime'])}," if newest.get("StartTime") else ""
    refresh = f"instance refresh {newest['InstanceRefreshId']} of group {name}{begun}"
    preferences, instances = newest.get("Preferences") or {}, group.get("Instances", ())
    protected = [one["InstanceId"] for one in instances if one.get("ProtectedFromScaleIn")]
    standby = [one["InstanceId"] for one in instances if one["LifecycleState"] == "Standby"]
    if preferences.get("ScaleInProtectedInstances", WAIT) == WAIT:
        if protected:
            yield failed(
                f"{refresh} waits for {counted(len(protected), 'instance')} protected from scale-in "
                f"({listed(protected, MOST_NAMED)})",
                remedy=_remedy(
                    observed, name, "set-instance-protection", instance_ids=protected, no_protected_from_scale_in=True
                ),
            )
        elif group.get("NewInstancesProtectedFromScaleIn"):
            yield failed(
                f"{refresh} waits for every instance that the group starts: NewInstancesProtectedFromScaleIn is true",
                remedy=_remedy(
                    observed, name, "update-auto-scaling-group", no_new_instances_protected_from_scale_in=True
                ),
            )
    if standby and preferences.get("StandbyInstances", WAIT) == WAIT:
        yield failed(
            f"{refresh} waits for {counted(len(standby), 'instance')} on standby ({listed(standby, MOST_NAMED)})",
            remedy=_remedy(observed, name, "exit-standby", instance_ids=standby),
        )
    if REFRESHING in [one["ProcessName"] for one in group.get("SuspendedProcesses") or ()]:
        yield failed(
            f"{refresh} stands still: process {REFRESHING} is suspended",
            remedy=_remedy(observed, name, "resume-processes", scaling_processes=[REFRESHING]),
        )


def _remedy(observed: Observed, name: str, operation: str, **options: Any) -> Remedy:
    return Remedy(cli=cli(observed.place, f"autoscaling {operation}", auto_scaling_group_name=name, **options))
