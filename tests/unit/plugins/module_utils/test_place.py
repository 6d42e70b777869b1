# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ARNs are computed, never read back."""

from __future__ import annotations

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.place import Place

SEOUL = Place("aws", "ap-northeast-2", "123456789012")
BEIJING = Place("aws-cn", "cn-north-1", "210987654321")


@pytest.mark.parametrize(
    ("computed", "arn"),
    [
        (SEOUL.queue_arn("jobs"), "arn:aws:sqs:ap-northeast-2:123456789012:jobs"),
        (SEOUL.function_arn("depth"), "arn:aws:lambda:ap-northeast-2:123456789012:function:depth"),
        (SEOUL.function_arn("depth", "live"), "arn:aws:lambda:ap-northeast-2:123456789012:function:depth:live"),
        (SEOUL.rule_arn("rate"), "arn:aws:events:ap-northeast-2:123456789012:rule/rate"),
        (SEOUL.log_group_arn("/aws/x"), "arn:aws:logs:ap-northeast-2:123456789012:log-group:/aws/x"),
        (SEOUL.role_arn("depth-role"), "arn:aws:iam::123456789012:role/depth-role"),
        (BEIJING.queue_arn("jobs"), "arn:aws-cn:sqs:cn-north-1:210987654321:jobs"),
        (BEIJING.role_arn("depth-role"), "arn:aws-cn:iam::210987654321:role/depth-role"),
    ],
)
def test_arn(computed, arn):
    assert computed == arn


def test_a_place_is_spelled_out():
    assert str(SEOUL) == "region ap-northeast-2 of account 123456789012"
