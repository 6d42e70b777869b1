# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ansible-test's output says ran, and what it left out."""

from __future__ import annotations

import pytest

from tests.gates import ansible_test

SANITY = """\
Running sanity test "ansible-doc"
Running sanity test "import" on Python 3.12
WARNING: Skipping sanity test "import" on Python 3.13 because it could not be found.
Running sanity test "import" on Python 3.13
WARNING: Reviewing previous 1 warning(s):
WARNING: Skipping sanity test "import" on Python 3.13 because it could not be found.
"""
UNITS = """\
Unit test modules with Python 3.11
============================= 209 passed in 11.71s =============================
SKIPPED [1] tests/unit/test_function.py:533: no recordings
SKIPPED [5] tests/unit/test_policy.py:703: no recordings
SKIPPED [1] tests/unit/test_policy.py: no emulator
================== 3078 passed, 11 skipped in 71.79s (0:01:11) ==================
"""


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        (SANITY, "3 tests"),
        (UNITS, "209 passed, 3078 passed, 11 skipped"),
        ("WARNING: All targets skipped.\n", ""),
        ("============ no tests ran in 0.05s ============\n", ""),
        (UNITS + "============ 3 skipped in 0.05s ============\n", ""),
    ],
)
def test_what_ran(output, expected):
    assert ansible_test.tally(output) == expected


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        (SANITY, ['sanity test "import" on Python 3.13 because it could not be found.']),
        (UNITS, ["6 tests: no recordings", "1 tests: no emulator"]),
        (
            'WARNING: Required program "shellcheck" not found.\n',
            ['Required program "shellcheck" not found.'],
        ),
    ],
)
def test_what_was_left_out(output, expected):
    assert ansible_test.left_out(output) == expected


@pytest.mark.parametrize(
    ("commands", "expected"),
    [
        (["sanity"], ["sanity on Python 3.12 and 3.13"]),
        (["sanity", "units"], ["sanity on Python 3.12 and 3.13", "units on Python 3.12", "units on Python 3.13"]),
    ],
)
def test_what_is_to_run(commands, expected):
    assert [name for name, dummy in ansible_test.commands(commands, ["3.12", "3.13"])] == expected


def test_every_python_is_a_target_of_the_sanity_tests():
    (sanity,) = ansible_test.commands(["sanity"], ["3.12", "3.13"])
    assert sanity[1] == ["sanity", "--target-python", "3.12", "--target-python", "3.13"]
