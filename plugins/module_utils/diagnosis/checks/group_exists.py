# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""There is an Auto Scaling group: policies, alarms and workers all hang on it."""

from __future__ import annotations

from ..finding import Finding, Remedy, failed, passed
from ..observed import Expected, Observed
from ..wording.command_line import cli

TITLE = "The group exists"
API = "autoscaling:DescribeAutoScalingGroups"
EFFECT = "Nothing scales"
FOLLOWS: tuple[str, ...] = ()


def check(observed: Observed, expected: Expected) -> Finding:
    name, group = expected.pool.auto_scaling_group_name, observed.group
    remedy = Remedy(
        # Nothing of this collection makes a group; a name, region or account that is wrong shows here.
        cli=cli(
            observed.place,
            "autoscaling describe-auto-scaling-groups",
            query="AutoScalingGroups[].AutoScalingGroupName",
        )
    )
    if group is None:
        return failed(f"group {name} does not exist in {observed.place}", expected=name, remedy=remedy)
    if group.get("Status"):
        # AWS tells a status only of a group that is being deleted.
        return failed(f"group {name} is being deleted ({group['Status']})", observed=group["Status"], remedy=remedy)
    return passed(observed=group.get("AutoScalingGroupARN", name), expected=name)
