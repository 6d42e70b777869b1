# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A group is only read, all of them in as few requests as AWS allows."""

from __future__ import annotations

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.resources import group
from ansible_collections.academy.video_scaling.plugins.module_utils.resources.group import Group
from ansible_collections.academy.video_scaling.tests.unit.fake_aws import FakeAws

EXISTING = {
    "AutoScalingGroupName": "workers-1",
    "AutoScalingGroupARN": "arn:aws:autoscaling:ap-northeast-2:123456789012:autoScalingGroup:x",
    "MinSize": 0,
    "MaxSize": 20,
    "DesiredCapacity": 16,
    "Instances": [],
}


def test_a_group_is_read_as_it_is():
    assert group.from_response(EXISTING) == Group("workers-1", 0, 20, 16)


def test_a_missing_group_is_none():
    aws = FakeAws({"autoscaling.describe_auto_scaling_groups": [EXISTING]})
    found = group.find(aws, dict.fromkeys(["workers-1", "workers-2"]))
    assert found == {"workers-1": Group("workers-1", 0, 20, 16), "workers-2": None}


@pytest.mark.parametrize(("groups", "sizes"), [(0, []), (1, [1]), (100, [100]), (101, [100, 1]), (250, [100, 100, 50])])
def test_groups_are_asked_for_in_batches(groups, sizes):
    aws = FakeAws({"autoscaling.describe_auto_scaling_groups": []})
    group.find(aws, {f"workers-{number}": None for number in range(groups)})
    assert [len(params["AutoScalingGroupNames"]) for _name, params in aws.asked] == sizes
    # Asked for more than 50 by name, AWS wants to be told so.
    assert all(params["MaxRecords"] == 100 for _name, params in aws.asked)


def test_a_missing_group_is_told_with_the_place():
    assert str(group.missing(FakeAws(), "workers-9")).startswith(
        "auto_scaling_group_name: there is no group workers-9 in region ap-northeast-2 of account 123456789012; "
    )
