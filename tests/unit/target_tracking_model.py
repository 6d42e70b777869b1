# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What AWS makes of a metric: metric math, alarms and steps, read from AWS's pages without a look at the product.

Metric math: documented in "Using math expressions with CloudWatch metrics". Alarms: documented in "Using Amazon
CloudWatch alarms" and "Target tracking scaling policies", their periods and thresholds observed on live policies. How
many instances a step asks for is observed only within a group's limits, and from capacity 0 it is assumed.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import combinations, product
from statistics import mean
from typing import Any, NamedTuple

Value = float | None
MINUTE = 60
STATISTICS: dict[str, Callable[[Sequence[float]], float]] = {"Average": mean, "Minimum": min, "Sum": sum}

# --- metric math ------------------------------------------------------------------------------------------------


class Operand(NamedTuple):
    """At one moment: a series may have no point there, a number always has its value."""

    value: Value
    is_series: bool


COMPARISONS = {
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
ARITHMETIC = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: lambda left, right: left / right if right else None,
}


def computed(expression: str, values: Mapping[str, Value]) -> Value:
    """What the expression is while its metrics have these values; None where there is no point."""
    return _operand(_parsed(expression), values).value


@cache
def _parsed(expression: str) -> ast.expr:
    return ast.parse(expression, mode="eval").body


def _operand(node: ast.expr, values: Mapping[str, Value]) -> Operand:
    match node:
        case ast.Constant(value=(int() | float()) as number):
            return Operand(number, False)
        case ast.Name(id=name):
            return Operand(values[name], True)
        case ast.BinOp(left=left, op=sign, right=right):
            return _joined(ARITHMETIC[type(sign)], _operand(left, values), _operand(right, values))
        case ast.Compare(left=left, ops=[sign], comparators=[right]):
            return _joined(COMPARISONS[type(sign)], _operand(left, values), _operand(right, values))
        case ast.Call(func=ast.Name(id="IF"), args=[condition, *sides]):
            return _chosen(_operand(condition, values), [_operand(side, values) for side in sides])
    raise AssertionError(f"no rule for {ast.unparse(node)}")


def _joined(combine: Callable[[Any, Any], Any], left: Operand, right: Operand) -> Operand:
    """A missing value counts as 0, unless nothing has a point at this moment: then neither has the result."""
    series = [side for side in (left, right) if side.is_series]
    if series and all(side.value is None for side in series):
        return Operand(None, True)
    result = combine(left.value or 0, right.value or 0)
    return Operand(None if result is None else float(result), bool(series))


def _chosen(condition: Operand, sides: list[Operand]) -> Operand:
    """True: the first side, where a missing point is 0. False: the second side, where a missing point is dropped."""
    if condition.value is None:
        return Operand(None, True)
    if condition.value:
        return Operand(sides[0].value or 0.0, True)
    return Operand(sides[1].value if len(sides) > 1 else None, True)


# --- what a policy follows --------------------------------------------------------------------------------------


def expression_of(sent: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    """The one expression that a policy's metric math returns, and the names of its metrics by query id."""
    queries = sent["CustomizedMetricSpecification"]["Metrics"]
    (returned,) = [query for query in queries if query["ReturnData"]]
    return returned["Expression"], {
        query["Id"]: query["MetricStat"]["Metric"]["MetricName"] for query in queries if "MetricStat" in query
    }


def followed(sent: Mapping[str, Any], measured: Mapping[str, Value]) -> Value:
    """The value that a policy compares, while the metrics read so by name."""
    specification = sent["CustomizedMetricSpecification"]
    if "Metrics" not in specification:
        return measured[specification["MetricName"]]
    expression, names = expression_of(sent)
    return computed(expression, {query: measured[name] for query, name in names.items()})


def reads_lower(sent: Mapping[str, Any]) -> set[str]:
    """The metrics without which the value is lower than with them, whatever else is missing: AWS then scales in."""
    expression, names = expression_of(sent)
    found = set()
    for numbers in product((0.0, 1.0, 2.0, 50.0), repeat=len(names)):
        values = dict(zip(names, numbers, strict=True))
        complete = computed(expression, values)
        for size in range(1, len(names) + 1):
            for missing in combinations(names, size):
                value = computed(expression, values | dict.fromkeys(missing))
                if value is not None and complete is not None and value < complete:
                    found |= {names[query] for query in missing}
    return found


# --- alarms and steps -------------------------------------------------------------------------------------------

HIGH_PERIODS, LOW_PERIODS = 3, 15
# Observed for new policies; AWS rewrites it later.
LOW_SHARE = 0.9
# Documented: more periods are read than are needed; they only stand in for missing ones.
SPARE_PERIODS = 2


def alarm(minutes: Sequence[Value], target: float) -> str:
    """Which alarm rings after these minutes, oldest first: high, low or none."""
    high = _newest(minutes, HIGH_PERIODS)
    if len(high) == HIGH_PERIODS and all(value > target for value in high):
        return "high"
    low = _newest(minutes, LOW_PERIODS)
    return "low" if len(low) == LOW_PERIODS and all(value < LOW_SHARE * target for value in low) else "none"


def _newest(minutes: Sequence[Value], periods: int) -> list[float]:
    return [value for value in minutes[-periods - SPARE_PERIODS :] if value is not None][-periods:]


def one_first(_share: float) -> int:
    """From capacity 0 as documented for ECS and other Application Auto Scaling targets: by the smallest amount."""
    return 1


def in_proportion(share: float) -> int:
    """From capacity 0 as if it were 1."""
    return whole(share)


def whole(instances: float) -> int:
    """Rounded up; what a division left over in the fifteenth digit is no instance."""
    return math.ceil(round(instances, 9))


def requested(
    desired: int, value: float, target: float, from_zero: Callable[[float], int] = one_first, ring: str = "high"
) -> int:
    """The capacity that a policy asks for when its alarm rings."""
    if ring == "none":
        return desired
    if ring == "high" and not desired:
        return from_zero(value / target)
    return whole(desired * value / target)


@dataclass
class Group:
    """An Auto Scaling group by what was asked of it. What changes in a second is seen in the next one."""

    maximum: int
    launch_seconds: int = 5 * MINUTE
    changes: list[tuple[float, int]] = field(default_factory=lambda: [(-math.inf, 0)])

    @property
    def desired(self) -> int:
        return self.changes[-1][1]

    def desired_at(self, at: float) -> int:
        return next(size for since, size in reversed(self.changes) if since < at)

    def in_service_at(self, at: float) -> int:
        return self.desired_at(at - self.launch_seconds)


@dataclass
class ScaleOut:
    """AlarmHigh with its policy: judged every minute, and while it rings the policy runs again every minute.

    :param minute: the value of a minute (its number) as CloudWatch knows it at a time.
    """

    group: Group
    target: float
    minute: Callable[[int, float], Value]
    from_zero: Callable[[float], int]

    def judge(self, at: float) -> None:
        newest = int(at // MINUTE) - 1
        minutes = [self.minute(number, at) for number in range(newest - HIGH_PERIODS - SPARE_PERIODS + 1, newest + 1)]
        if alarm(minutes, self.target) == "high":
            value = [value for value in minutes if value is not None][-1]
            wanted = requested(self.group.desired, value, self.target, self.from_zero)
            if self.group.desired < (wanted := min(wanted, self.group.maximum)):
                self.group.changes.append((at, wanted))
