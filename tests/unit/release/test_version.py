# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is a version, and which number the changes of a release raise."""

from __future__ import annotations

import pytest

from release.version import lowest_after, parse


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0.1.0", (0, 1, 0)),
        ("10.20.30", (10, 20, 30)),
        ("1.0", None),
        ("1.0.0.0", None),
        ("v1.0.0", None),
        ("1.0.0-dev0", None),
        ("1.0.0+build", None),
        ("01.0.0", None),
        ("1.0.0\n", None),
        ("1.O.0", None),
        ("", None),
    ],
)
def test_a_version_is_three_numbers(text, expected):
    assert parse(text) == expected


@pytest.mark.parametrize(
    ("entry", "after_1_2_3", "after_0_2_3"),
    [
        ({"changes": {"bugfixes": ["x"]}}, "1.2.4", "0.2.4"),
        ({"changes": {"security_fixes": ["x"], "known_issues": ["x"]}}, "1.2.4", "0.2.4"),
        ({"changes": {"release_summary": "x"}}, "1.2.4", "0.2.4"),
        ({"changes": {"minor_changes": ["x"], "bugfixes": ["x"]}}, "1.3.0", "0.3.0"),
        ({"changes": {"major_changes": ["x"]}}, "1.3.0", "0.3.0"),
        ({"changes": {"deprecated_features": ["x"]}}, "1.3.0", "0.3.0"),
        ({"changes": {"bugfixes": ["x"]}, "modules": [{"name": "x"}]}, "1.3.0", "0.3.0"),
        ({"plugins": {"inventory": [{"name": "x"}]}}, "1.3.0", "0.3.0"),
        ({"objects": {"role": [{"name": "x"}]}}, "1.3.0", "0.3.0"),
        ({"changes": {"breaking_changes": ["x"], "bugfixes": ["x"]}}, "2.0.0", "0.3.0"),
        ({"changes": {"removed_features": ["x"]}}, "2.0.0", "0.3.0"),
        ({"changes": {"breaking_changes": [], "bugfixes": ["x"]}}, "1.2.4", "0.2.4"),
    ],
)
def test_what_a_change_asks_of_the_version(entry, after_1_2_3, after_0_2_3):
    assert str(lowest_after(parse("1.2.3"), entry)) == after_1_2_3
    assert str(lowest_after(parse("0.2.3"), entry)) == after_0_2_3
