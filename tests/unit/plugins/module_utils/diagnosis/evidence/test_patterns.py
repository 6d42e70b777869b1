# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Three answers: yes, no, and None, which no other answer is made of without need."""

from __future__ import annotations

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.evidence.patterns import (
    OPERATORS,
    all_of,
    any_of,
    like,
)

YES, NO, UNSURE = True, False, None


@pytest.mark.parametrize(
    ("answers", "every", "some"),
    [
        ((), YES, NO),
        ((YES, YES), YES, YES),
        ((YES, NO), NO, YES),
        ((YES, UNSURE), UNSURE, YES),
        ((NO, UNSURE), NO, UNSURE),
        ((NO, UNSURE, YES), NO, YES),
    ],
)
def test_what_is_not_known_decides_nothing_that_is(answers, every, some):
    assert (all_of(answers), any_of(answers)) == (every, some)


@pytest.mark.parametrize(
    ("pattern", "word", "expected"),
    [
        ("*", "anything", YES),
        ("a*c", "abbc", YES),
        ("a?c", "abbc", NO),
        ("a?c", "abc", YES),
        ("a.c", "abc", NO),
        ("[ab]c", "ac", NO),
        ("ab", "abc", NO),
        ("A*", "abc", NO),
        ("a*", "a\nb", YES),
        ("${aws:username}*", "abc", UNSURE),
    ],
)
def test_only_stars_and_question_marks_are_wild(pattern, word, expected):
    assert like(pattern, word) is expected


@pytest.mark.parametrize(
    ("operator", "pattern", "word", "expected"),
    [
        ("stringequals", "a*", "ab", NO),
        ("stringequals", "ab", "ab", YES),
        ("stringequals", "${aws:username}", "ab", UNSURE),
        ("stringequalsignorecase", "AB", "ab", YES),
        ("stringlike", "a*", "ab", YES),
        ("arnlike", "arn:*:x", "arn:aws:x", YES),
        ("arnequals", "arn:*:x", "arn:aws:y", NO),
        ("bool", "TRUE", "true", YES),
    ],
)
def test_each_operator_compares_in_its_own_way(operator, pattern, word, expected):
    assert OPERATORS[operator](pattern, word) is expected
