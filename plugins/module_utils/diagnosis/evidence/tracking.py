# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a policy sees of a pool's queue: messages that wait and in flight, whether it divides, and what silence does."""

from __future__ import annotations

from collections.abc import Sequence

from ... import metric_math
from ...pool import Metric, Pool
from ...resources.metric import (
    ABOVE_TARGET,
    GROUPS,
    PUBLISHED_UNIT,
    CustomMetric,
    MetricMath,
    Tracked,
    expressions_of,
    from_response,
    missing_reads_lower,
)
from ...resources.policy import Policy
from ..observed import Reply

WAITING, IN_FLIGHT = "ApproximateNumberOfMessagesVisible", "ApproximateNumberOfMessagesNotVisible"
WHOLE = frozenset({WAITING, IN_FLIGHT})
SQS = "AWS/SQS"


def of_alarm(alarm: Reply) -> Tracked | None:
    """What an alarm looks at; None for one of a kind that has neither metric nor metric math."""
    if not (alarm.get("MetricName") or alarm.get("Metrics")):
        return None
    # It tells them by the same names as a policy does.
    return from_response({"CustomizedMetricSpecification": alarm})


def parts_seen(tracked: Tracked | None, pool: Pool) -> frozenset[str]:
    """Which messages of the pool's queue are counted; none where anything else is measured as well or instead."""
    measured = [(one, unit) for one, unit in _metrics(tracked) if one.namespace != GROUPS]
    parts = [_parts(one, unit, pool) for one, unit in measured]
    return frozenset().union(*parts) if all(parts) else frozenset()


def divides(tracked: Tracked | None, pool: Pool) -> bool:
    """Whether it is a value per instance: one that the publisher or the policy divides by the size of the group."""
    metrics = [metric for metric, dummy in _metrics(tracked)]
    return pool.per_instance_metric in metrics or any(metric.namespace == GROUPS for metric in metrics)


def group_metrics(tracked: Tracked | None) -> frozenset[str]:
    """The names of the group metrics that it is made of."""
    return frozenset(metric.name for metric, dummy in _metrics(tracked) if metric.namespace == GROUPS)


def of_one_message(tracked: Tracked | None, pool: Pool) -> float | None:
    """The value of a queue with one message and of a group at capacity 0; None where that cannot be computed."""
    if isinstance(tracked, CustomMetric):
        return _of_one_message(tracked.metric, pool)
    if not isinstance(tracked, MetricMath):
        return None
    expressions, result = expressions_of(tracked)
    values = {query.id: _of_one_message(query.metric, pool) for query in tracked.queries if query.metric}
    try:
        return metric_math.evaluate(expressions, values, result)
    except metric_math.Unsupported:
        return None


def _of_one_message(metric: Metric, pool: Pool) -> float | None:
    if metric == pool.per_instance_metric:
        # As the publisher writes it, with the target that it was deployed with.
        return max(1.0, pool.target_value * ABOVE_TARGET)
    if metric == pool.metric or metric.name == WAITING:
        return 1.0
    return 0.0 if metric.namespace in (SQS, GROUPS) else None


def silence_scales_in(own: Policy | None) -> str:
    """That AWS scales in while a metric is missing, as a clause; empty where it does not."""
    if own is None or own.tracked is None or own.disable_scale_in:
        return ""
    silent = missing_reads_lower(own.tracked)
    if not silent:
        return ""
    names = " or ".join(dict.fromkeys(_name(metric) for metric in silent))
    return f"policy {own.name} counts a missing {names} as 0, so AWS scales in while it is missing"


def is_by_sqs(tracked: Tracked | None) -> bool:
    """Whether SQS itself measures it, which falls silent for a queue that nobody uses."""
    return any(metric.namespace == SQS for metric, dummy in _metrics(tracked))


def names(tracked: Tracked | None) -> str:
    """The metrics by name; not the size of the group that divides them."""
    return _joined(tracked, [_name(metric) for metric in _measured(tracked)])


def words(tracked: Tracked | None) -> str:
    """The same with the dimensions that tell them apart."""
    return _joined(tracked, [f"{_name(metric)} ({_dimensions(metric)})" for metric in _measured(tracked)])


def _joined(tracked: Tracked | None, measured: Sequence[str]) -> str:
    return " and ".join(measured) or (tracked.words if tracked else "nothing")


def _name(metric: Metric) -> str:
    return f"{metric.namespace}/{metric.name}"


def _measured(tracked: Tracked | None) -> list[Metric]:
    return [metric for metric, dummy in _metrics(tracked) if metric.namespace != GROUPS]


def _parts(metric: Metric, unit: str | None, pool: Pool) -> frozenset[str]:
    if metric in (pool.metric, pool.per_instance_metric) and unit in (None, PUBLISHED_UNIT):
        return WHOLE
    if metric.namespace == SQS and metric.dimensions == (("QueueName", pool.queue_name),):
        return WHOLE & {metric.name}
    return frozenset()


def _metrics(tracked: Tracked | None) -> list[tuple[Metric, str | None]]:
    if isinstance(tracked, CustomMetric):
        return [(tracked.metric, tracked.unit)]
    if isinstance(tracked, MetricMath):
        return [(query.metric, query.unit) for query in tracked.queries if query.metric]
    return []


def _dimensions(metric: Metric) -> str:
    return ", ".join(f"{name}={value}" for name, value in metric.dimensions) or "no dimensions"
