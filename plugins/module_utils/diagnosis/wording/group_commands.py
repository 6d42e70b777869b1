# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands that show a group, ready to be typed."""

from __future__ import annotations

from ...place import Place
from ...pool import Pool
from .command_line import cli, playbook


def policy_of(place: Place, pool: Pool) -> str:
    """Shows the pool's policy as AWS has it."""
    named = {"auto_scaling_group_name": pool.auto_scaling_group_name, "policy_names": [pool.policy_name]}
    return cli(place, "autoscaling describe-policies", **named)


def playbook_of_policy(pool: Pool) -> str:
    """Puts the pool's policy in place; what the publisher divides, it has to be deployed for too."""
    return playbook("apply" if pool.divided_by_publisher else "apply_policy")


def activities_of(place: Place, group_name: str) -> str:
    """Shows what the group did last, and what it could not do."""
    named = {"auto_scaling_group_name": group_name, "max_items": 20}
    return cli(place, "autoscaling describe-scaling-activities", **named)
