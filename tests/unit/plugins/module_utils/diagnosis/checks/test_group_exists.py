# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A group that is not there, or that is going, fails."""

from __future__ import annotations

from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.checks import group_exists
from ansible_collections.academy.video_scaling.tests.unit.examples import GROUP
from ansible_collections.academy.video_scaling.tests.unit.observations import case, every_case, group, holds

CASES = every_case(
    case("a group"),
    case("no group", "fail", f"group {GROUP} does not exist in region ap-northeast-2", group=None),
    case("going", "fail", f"group {GROUP} is being deleted", group=group(Status="Delete in progress")),
)


@CASES
def test_the_group_exists(example):
    holds(group_exists, example)
