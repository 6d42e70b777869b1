# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Only declared sizes are compared, and each that differs is named."""

from __future__ import annotations

from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.checks import group_sizes_as_declared
from ansible_collections.academy.video_scaling.tests.unit.examples import GROUP
from ansible_collections.academy.video_scaling.tests.unit.observations import (
    case,
    every_case,
    group,
    holds,
    observed,
    wanted,
)

CASES = every_case(
    case("as declared"),
    case("nothing declared", declared={"min_size": None, "max_size": None}, group=group(MaxSize=10)),
    case("a maximum left behind", "fail", f"group {GROUP} has MaxSize 10 instead of 20", group=group(MaxSize=10)),
    case("both", "fail", "has MinSize 0 instead of 1, MaxSize 10 instead of 20", group=group(MinSize=0, MaxSize=10)),
    case("only the minimum is declared", declared={"max_size": None}, group=group(MaxSize=10)),
    case("a minimum of none", "fail", "MinSize 1 instead of 0", declared={"min_size": 0}),
)


def test_the_way_out_gives_what_is_declared():
    found = group_sizes_as_declared.check(observed(group=group(MaxSize=10)), wanted(min_size=None))
    assert found.remedy.cli.endswith("--max-size 20 --region ap-northeast-2")
    assert "--min-size" not in found.remedy.cli


@CASES
def test_the_sizes_are_as_declared(example):
    holds(group_sizes_as_declared, example)
