# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What of a pool's queue a policy sees: the waiting messages, those in flight, and whether it divides by workers."""

from __future__ import annotations

from collections.abc import Sequence

from ...pool import Metric, Pool
from ...resources.metric import CustomMetric, MetricMath, Tracked, from_response
from ..observed import Reply

WAITING, IN_FLIGHT = "ApproximateNumberOfMessagesVisible", "ApproximateNumberOfMessagesNotVisible"
WHOLE = frozenset({WAITING, IN_FLIGHT})
SQS, GROUPS = "AWS/SQS", "AWS/AutoScaling"
# What the publisher writes with its values: a policy that asks for another unit finds nothing.
PUBLISHED_UNIT = "Count"


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


def divides(tracked: Tracked | None) -> bool:
    """Whether it is a value per instance: one that the group's own size is part of."""
    return any(metric.namespace == GROUPS for metric, dummy in _metrics(tracked))


def is_by_sqs(tracked: Tracked | None) -> bool:
    """Whether SQS itself measures it, which falls silent for a queue that nobody uses."""
    return any(metric.namespace == SQS for metric, dummy in _metrics(tracked))


def names(tracked: Tracked | None) -> str:
    """The metrics by name; not the size of the group that divides them."""
    return _told(tracked, [_name(metric) for metric in _measured(tracked)])


def words(tracked: Tracked | None) -> str:
    """The same with the dimensions that tell them apart."""
    return _told(tracked, [f"{_name(metric)} ({_dimensions(metric)})" for metric in _measured(tracked)])


def _told(tracked: Tracked | None, measured: Sequence[str]) -> str:
    return " and ".join(measured) or (tracked.words if tracked else "nothing")


def _name(metric: Metric) -> str:
    return f"{metric.namespace}/{metric.name}"


def _measured(tracked: Tracked | None) -> list[Metric]:
    return [metric for metric, dummy in _metrics(tracked) if metric.namespace != GROUPS]


def _parts(metric: Metric, unit: str | None, pool: Pool) -> frozenset[str]:
    if metric == pool.metric and unit in (None, PUBLISHED_UNIT):
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
