# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Workers stay: one that stops itself or dies is replaced at once, which costs, loses work and looks like scaling."""

from __future__ import annotations

import re

from ..evidence import live
from ..finding import Finding, Remedy, failed, passed
from ..observed import Expected, Observed
from ..wording.command_line import cli
from ..wording.group_commands import activities_of
from ..wording.words import moment

TITLE = "Instances stay in service"
API = "autoscaling:DescribeScalingActivities"
EFFECT = "Workers are replaced over and over"
FOLLOWS: tuple[str, ...] = ("group_exists",)

# AWS words it so: "an instance was taken out of service in response to an EC2 health check indicating it has been …".
UNHEALTHY = re.compile(
    r"taken out of service in response to an? (.*health.?check.*?)\.?\s*$", re.IGNORECASE | re.DOTALL
)
# Within the time window one or two instances die by themselves (a Spot reclaim is reported as a health check too) ...
FEWEST = 3
# ... and of a large group as many as this part of it.
PART = 4


def check(observed: Observed, expected: Expected) -> Finding:
    group, name = live.group(observed, expected), expected.pool.auto_scaling_group_name
    lost = [
        (activity, match[1])
        for activity in observed.activities
        if activity["StartTime"] >= observed.since and (match := UNHEALTHY.search(activity["Cause"]))
    ]
    many = max(FEWEST, live.instances_wanted(group) // PART)
    if len(lost) < many:
        return passed(len(lost), f"fewer than {many}")
    (newest, reason), oldest = lost[0], lost[-1][0]
    instance = re.search(r"i-[0-9a-f]+", str(newest.get("Description", "")))
    shown = activities_of(observed.place, name)
    if instance:
        shown = cli(observed.place, "ec2 get-console-output", instance_id=instance[0], output="text")
    return failed(
        f"{len(lost)} instances of group {name} were replaced since {moment(observed.at, oldest['StartTime'])} "
        f"(last at {moment(observed.at, newest['StartTime'])}: {reason})",
        observed=len(lost),
        expected=f"fewer than {many}",
        at=newest["StartTime"],
        remedy=Remedy(cli=shown),
    )
