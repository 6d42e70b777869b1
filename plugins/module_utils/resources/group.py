# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An EC2 Auto Scaling group: only read. Keyed by group name. Its sizes belong to its owner and to its policies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..failures import Failure
from ..plan import Aws

# DescribeAutoScalingGroups returns at most 100 groups, so it is asked for at most 100 at once.
NAMES_PER_REQUEST = 100
# What other operations answer about a group that does not exist, or about another mistake.
MISSING = ("ValidationError",)


@dataclass(frozen=True)
class Group:
    name: str
    min_size: int
    max_size: int
    desired_capacity: int


def from_response(group: Mapping[str, Any]) -> Group:
    return Group(group["AutoScalingGroupName"], group["MinSize"], group["MaxSize"], group["DesiredCapacity"])


def missing(aws: Aws, name: str) -> Failure:
    return Failure(
        f"auto_scaling_group_name: there is no group {name} in {aws.place}; "
        "create the group first, or correct the name, the region or the account"
    )


def find(aws: Aws, desired: Mapping[str, Any]) -> dict[str, Group | None]:
    found: dict[str, Group | None] = dict.fromkeys(desired)
    names = sorted(desired)
    for start in range(0, len(names), NAMES_PER_REQUEST):
        batch = names[start : start + NAMES_PER_REQUEST]
        found |= {name: from_response(group) for name, group in replies(aws, batch).items()}
    return found


def replies(aws: Aws, names: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    """At most NAMES_PER_REQUEST groups, by name, as AWS returns them."""
    # It takes more than 50 names only where it is told to answer with as many.
    named = {"AutoScalingGroupNames": list(names), "MaxRecords": NAMES_PER_REQUEST}
    pages = aws.pages("autoscaling", "describe_auto_scaling_groups", "AutoScalingGroups", **named)
    return {group["AutoScalingGroupName"]: group for group in pages}
