# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The group's limits are the declared ones: a maximum that a test left behind holds the whole pool back, and no policy
can go past it.
"""

from __future__ import annotations

from ..evidence import live
from ..finding import Finding, Remedy, failed, not_needed, passed
from ..observed import Expected, Observed
from ..wording.command_line import cli

TITLE = "The group's sizes are as declared"
API = "autoscaling:DescribeAutoScalingGroups"
EFFECT = "The group scales within other limits than the declared ones"
FOLLOWS: tuple[str, ...] = ("group_exists",)


def check(observed: Observed, expected: Expected) -> Finding:
    pool = expected.pool
    group = live.group(observed, expected)
    declared = {"MinSize": pool.min_size, "MaxSize": pool.max_size}
    wanted = {size: value for size, value in declared.items() if value is not None}
    if not wanted:
        return not_needed("neither min_size nor max_size is declared")
    found = {size: group[size] for size in wanted}
    if found == wanted:
        return passed(found, wanted)
    differences = ", ".join(
        f"{size} {found[size]} instead of {value}" for size, value in wanted.items() if found[size] != value
    )
    sizes = {"min_size": pool.min_size, "max_size": pool.max_size}
    return failed(
        f"group {pool.auto_scaling_group_name} has {differences}",
        observed=found,
        expected=wanted,
        # A group's sizes belong to its owner: no playbook of this collection writes them.
        remedy=Remedy(
            cli=cli(
                observed.place,
                "autoscaling update-auto-scaling-group",
                auto_scaling_group_name=pool.auto_scaling_group_name,
                **{size: value for size, value in sizes.items() if value is not None},
            )
        ),
    )
