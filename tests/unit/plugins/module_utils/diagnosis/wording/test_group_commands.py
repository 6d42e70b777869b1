# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A command about a group names the group and its region, and what of the group it shows."""

from __future__ import annotations

from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.wording.group_commands import (
    activities_of,
    policy_of,
)
from ansible_collections.academy.video_scaling.tests.unit.examples import PLACE, pool


def test_the_policy_of_the_pool_alone():
    assert policy_of(PLACE, pool(auto_scaling_group_name="my workers", policy_name="tt")) == (
        "aws autoscaling describe-policies --auto-scaling-group-name 'my workers' --policy-names tt "
        "--region ap-northeast-2"
    )


def test_the_last_activities():
    assert activities_of(PLACE, "workers") == (
        "aws autoscaling describe-scaling-activities --auto-scaling-group-name workers --max-items 20 "
        "--region ap-northeast-2"
    )
