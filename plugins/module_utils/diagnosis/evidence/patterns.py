# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Words against patterns, with three answers: yes, no, and None for what cannot be decided."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping


def any_of(answers: Iterable[bool | None]) -> bool | None:
    return negated(all_of(map(negated, answers)))


def all_of(answers: Iterable[bool | None]) -> bool | None:
    results = list(answers)
    if False in results:
        return False
    return None if None in results else True


def negated(answer: bool | None) -> bool | None:
    return None if answer is None else not answer


def equal(pattern: str, value: str) -> bool | None:
    return None if "${" in pattern else pattern == value


def equal_any_case(pattern: str, value: str) -> bool | None:
    return equal(pattern.lower(), value.lower())


def like(pattern: str, value: str) -> bool | None:
    if "${" in pattern:
        return None
    expression = "".join({"*": ".*", "?": "."}.get(letter) or re.escape(letter) for letter in pattern)
    return re.fullmatch(expression, value, re.DOTALL) is not None


def like_any_case(pattern: str, value: str) -> bool | None:
    return like(pattern.lower(), value.lower())


OPERATORS: Mapping[str, Callable[[str, str], bool | None]] = {
    "stringequals": equal,
    "stringequalsignorecase": equal_any_case,
    "stringlike": like,
    "arnequals": like,
    "arnlike": like,
    "bool": equal_any_case,
}
