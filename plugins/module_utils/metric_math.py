# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Metric math for one moment, with CloudWatch's rules for missing values.

Documented in "Using math expressions with CloudWatch metrics" (Amazon CloudWatch User Guide): in arithmetic, and in a
comparison of two series, a missing value counts as 0, and a division by zero drops the datapoint; IF drops it where the
condition is missing or false without an alternative, and takes 0 where the chosen side is missing. Assumed: where every
series of an operation is missing, the operation has no datapoint. Nothing here was run on AWS.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import TypeAlias

TOKEN = re.compile(r"\s*(?:(\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+)|([A-Za-z]\w*)|(\|\||&&|[<>=!]=|[-+*/^<>(),]))")

#: one value, None where there is no datapoint
Value: TypeAlias = "float | None"


class Unsupported(Exception):
    """The expression uses what cannot be evaluated moment by moment, or cannot be read at all."""


@dataclass(frozen=True)
class Operand:
    """:param is_series: whether it is a metric's value, which may be missing; a number never is."""

    value: Value
    is_series: bool


def evaluate(expressions: Mapping[str, str], values: Mapping[str, Value], result: str) -> Value:
    """What the query ``result`` is at one moment.

    :param expressions: by query id. :param values: of the metrics by query id; None for one without a datapoint.
    :returns: the value, None where CloudWatch drops the datapoint.
    :raises Unsupported: for a function that looks at more than one moment, and for what is no expression.
    """
    try:
        return _Reader(expressions, values).query(result).value
    except RecursionError:
        raise Unsupported("it is nested too deeply") from None


def missing_reads_lower(expressions: Mapping[str, str], inputs: list[str], result: str) -> list[str]:
    """The metrics without which the result has a lower value than with them, instead of none.

    Tried with each set of them missing, once while the missing ones are the larger part and once the smaller.

    :param inputs: query ids of metrics. :raises Unsupported: where the expression cannot be evaluated.
    """
    found: set[str] = set()
    for high in (*inputs, None):
        whole: dict[str, Value] = {name: 60.0 if name == high else 4.0 for name in inputs}
        full = evaluate(expressions, whole, result)
        for size in range(1, len(inputs) + 1):
            for gone in combinations(inputs, size):
                left = evaluate(expressions, {**whole, **dict.fromkeys(gone)}, result)
                if left is not None and (full is None or left < full):
                    found.update(gone if size == 1 else set(gone) - found)
    return [name for name in inputs if name in found]


@dataclass
class _Reader:
    """Reads one expression after the other, from left to right, and computes as it reads."""

    expressions: Mapping[str, str]
    values: Mapping[str, Value]
    tokens: list[str] = field(default_factory=list)
    asked: frozenset[str] = frozenset()

    def query(self, name: str) -> Operand:
        if name in self.values:
            return Operand(self.values[name], is_series=True)
        if name not in self.expressions:
            raise Unsupported(f"there is no query {name}")
        if name in self.asked:
            raise Unsupported(f"query {name} is made of itself")
        inner = _Reader(self.expressions, self.values, _tokens(self.expressions[name]), self.asked | {name})
        found = inner.whole()
        if inner.tokens:
            raise Unsupported(f"{inner.tokens[0]} stands where an operator should")
        return found

    def whole(self) -> Operand:
        left = self.comparison()
        while self._next() in ("||", "&&"):
            combine = _either if self.tokens.pop(0) == "||" else _both
            left = _joined(left, self.comparison(), combine)
        return left

    def comparison(self) -> Operand:
        left = self.sum()
        while self._next() in COMPARISONS:
            compare = COMPARISONS[self.tokens.pop(0)]
            right = self.sum()
            left = _joined(left, right, lambda a, b, compare=compare: float(compare(a, b)))  # type: ignore[misc]
        return left

    def sum(self) -> Operand:
        left = self.product()
        while self._next() in ("+", "-"):
            combine = operator.add if self.tokens.pop(0) == "+" else operator.sub
            left = _joined(left, self.product(), combine)
        return left

    def product(self) -> Operand:
        left = self.power()
        while self._next() in ("*", "/"):
            combine = operator.mul if self.tokens.pop(0) == "*" else _divided
            left = _joined(left, self.power(), combine)
        return left

    def power(self) -> Operand:
        left = self.sign()
        if self._next() == "^":
            self.tokens.pop(0)
            return _joined(left, self.power(), _raised)
        return left

    def sign(self) -> Operand:
        if self._next() == "-":
            self.tokens.pop(0)
            return _joined(Operand(0.0, is_series=False), self.sign(), operator.sub)
        return self.one()

    def one(self) -> Operand:
        token = self._pop("a number, a query or a function")
        if token == "(":
            inner = self.whole()
            self._expect(")")
            return inner
        if token[0].isdigit() or token[0] == ".":
            return Operand(float(token), is_series=False)
        if self._next() == "(":
            return self.function(token)
        if not token[0].isalpha():
            raise Unsupported(f"{token} stands where a value should")
        return self.query(token)

    def function(self, name: str) -> Operand:
        if name not in FUNCTIONS:
            raise Unsupported(f"{name} is not evaluated here")
        self._expect("(")
        arguments = [self.whole()]
        while self._next() == ",":
            self.tokens.pop(0)
            arguments.append(self.whole())
        self._expect(")")
        least, most, compute = FUNCTIONS[name]
        if not least <= len(arguments) <= most:
            raise Unsupported(f"{name} has {len(arguments)} arguments")
        return compute(*arguments)

    def _next(self) -> str:
        return self.tokens[0] if self.tokens else ""

    def _pop(self, wanted: str) -> str:
        if not self.tokens:
            raise Unsupported(f"it ends where {wanted} should follow")
        return self.tokens.pop(0)

    def _expect(self, wanted: str) -> None:
        if (found := self._pop(wanted)) != wanted:
            raise Unsupported(f"{found} stands where {wanted} should")


def _tokens(expression: str) -> list[str]:
    found, position, text = [], 0, expression.rstrip()
    while position < len(text):
        match = TOKEN.match(text, position)
        if not match:
            raise Unsupported(f"{text[position:].split()[0]} cannot be read")
        found.append(match[match.lastindex or 0])
        position = match.end()
    return found


def _joined(left: Operand, right: Operand, combine: Callable[[float, float], Value]) -> Operand:
    """A missing side counts as 0; where both are missing there is no datapoint to compute."""
    is_series = left.is_series or right.is_series
    if is_series and all(side.value is None for side in (left, right) if side.is_series):
        return Operand(None, is_series=True)
    # A datapoint that a division has dropped is a missing one for what is computed of it.
    value = combine(left.value or 0.0, right.value or 0.0)
    return Operand(value if value is None or math.isfinite(value) else None, is_series)


def _divided(left: float, right: float) -> Value:
    return left / right if right else None


def _raised(left: float, right: float) -> Value:
    try:
        value = left**right
    except (OverflowError, ZeroDivisionError):
        return None
    return value if isinstance(value, float) else None


def _if(condition: Operand, chosen: Operand, otherwise: Operand | None = None) -> Operand:
    if condition.value is None:
        return Operand(None, is_series=True)
    if condition.value:
        return Operand(chosen.value or 0.0, is_series=True)
    return Operand(None if otherwise is None else otherwise.value, is_series=True)


def _absolute(one: Operand) -> Operand:
    return Operand(None if one.value is None else abs(one.value), one.is_series)


def _up(one: Operand) -> Operand:
    return Operand(None if one.value is None else float(math.ceil(one.value)), one.is_series)


def _down(one: Operand) -> Operand:
    return Operand(None if one.value is None else float(math.floor(one.value)), one.is_series)


def _either(left: float, right: float) -> float:
    return float(bool(left) or bool(right))


def _both(left: float, right: float) -> float:
    return float(bool(left) and bool(right))


COMPARISONS: Mapping[str, Callable[[float, float], object]] = {
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
}
# Functions of one moment: how few and how many arguments, and what they compute. FILL, for one, looks at others.
FUNCTIONS: Mapping[str, tuple[int, int, Callable[..., Operand]]] = {
    "IF": (2, 3, _if),
    "ABS": (1, 1, _absolute),
    "CEIL": (1, 1, _up),
    "FLOOR": (1, 1, _down),
}
