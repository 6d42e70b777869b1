# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether IAM statements allow an action, as far as it can be decided without asking AWS.

Three answers: yes, no, and None where it depends on what cannot be seen (a condition on a key that is not known, a
policy variable). No finding may say on the strength of a None that a right is missing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from .patterns import OPERATORS, all_of, any_of, like, like_any_case, negated

Statement: TypeAlias = "Mapping[str, Any]"


@dataclass(frozen=True)
class Asked:
    """:param resource: its ARN, ``*`` for an action that knows no resources.
    :param context: condition keys that are known, in lower case, with the one value that each has.
    """

    action: str
    resource: str
    context: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """:param reason: why not, as a clause; empty where it is allowed."""

    allowed: bool | None
    reason: str = ""


def invites(statement: Statement, principal: str) -> bool:
    """Whether a statement of a resource's policy speaks of this service or role."""
    named = statement.get("Principal")
    listed = (
        [one for names in named.values() for one in _listed(names)] if isinstance(named, Mapping) else _listed(named)
    )
    return principal in listed or "*" in listed


def answer(statements: Sequence[Statement], asked: Asked) -> Answer:
    """As IAM decides: what is denied is denied, and what nothing allows is not allowed."""
    effects = {effect: [one for one in statements if one.get("Effect") == effect] for effect in ("Deny", "Allow")}
    denied = [(one, _applies(one, asked)) for one in effects["Deny"]]
    for statement, applies in denied:
        if applies:
            return Answer(False, f"{_named(statement)} denies it")
    allowed = any_of(_applies(one, asked) for one in effects["Allow"])
    if allowed is False:
        return Answer(False, _nearest(effects["Allow"], asked))
    sure = allowed and not any(applies is None for dummy, applies in denied)
    return Answer(True if sure else None)


def _nearest(allowing: Sequence[Statement], asked: Asked) -> str:
    """What would have allowed it, had it been a little wider."""
    for statement in allowing:
        if _covers(statement, "Action", asked.action) and _covers(statement, "Resource", asked.resource):
            return f"{_named(statement)} allows it only where {_condition_words(statement)}"
    for statement in allowing:
        if _covers(statement, "Action", asked.action):
            return f"{_named(statement)} does not cover {asked.resource}"
    return "no statement allows it"


def _named(statement: Statement) -> str:
    return f"statement {statement['Sid']}" if statement.get("Sid") else "a statement without Sid"


def _condition_words(statement: Statement) -> str:
    return " and ".join(
        f"{key} {operator} {' or '.join(map(str, _listed(values)))}"
        for operator, keys in statement.get("Condition", {}).items()
        for key, values in keys.items()
    )


def _applies(statement: Statement, asked: Asked) -> bool | None:
    return all_of(
        (
            _covers(statement, "Action", asked.action),
            _covers(statement, "Resource", asked.resource),
            *(
                _holds(operator, _listed(values), asked.context.get(key.lower()))
                for operator, keys in statement.get("Condition", {}).items()
                for key, values in keys.items()
            ),
        )
    )


def _covers(statement: Statement, element: str, value: str) -> bool | None:
    """A statement that names no resource at all belongs to the resource that its policy is attached to."""
    matches = like_any_case if element == "Action" else like
    if element in statement:
        return any_of(matches(pattern, value) for pattern in _listed(statement[element]))
    if f"Not{element}" in statement:
        return negated(any_of(matches(pattern, value) for pattern in _listed(statement[f"Not{element}"])))
    return True


def _holds(operator: str, patterns: Sequence[Any], value: str | None) -> bool | None:
    """Of a key with one value, "for all values" and "for any value" say the same."""
    name = operator.lower().rpartition(":")[2].removesuffix("ifexists")
    matches = OPERATORS.get(name.replace("not", "", 1))
    if matches is None or value is None:
        return None
    held = any_of(matches(str(pattern), value) for pattern in patterns)
    return negated(held) if "not" in name else held


def _listed(value: Any) -> Sequence[Any]:
    return value if isinstance(value, (list, tuple)) else [value]
