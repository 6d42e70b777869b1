# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a policy may follow, in one comparable form: AWS reorders dimensions and queries and adds its defaults."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from .. import metric_math
from ..failures import Failure
from ..pool import Metric, Pool

DEFAULT_PERIOD_SECONDS = 60
GROUPS = "AWS/AutoScaling"
DESIRED_CAPACITY = "GroupDesiredCapacity"
# What the publisher writes with its values: a policy that asks for another unit finds nothing.
PUBLISHED_UNIT = "Count"
# What the predefined metrics of a group are an average of. That of a load balancer names it by its resource label.
PREDEFINED = {
    "ASGAverageCPUUtilization": "CPUUtilization",
    "ASGAverageNetworkIn": "NetworkIn",
    "ASGAverageNetworkOut": "NetworkOut",
}
# At capacity 0 one message reads as this much of the target: an alarm needs more than the target itself. The publisher
# has the same number.
ABOVE_TARGET = 1.01


@dataclass(frozen=True)
class CustomMetric:
    """A metric of one's own, as the publisher writes it."""

    metric: Metric
    statistic: str | None = "Average"
    unit: str | None = PUBLISHED_UNIT
    period: int = DEFAULT_PERIOD_SECONDS

    @property
    def words(self) -> str:
        return f"{self.metric.namespace}/{self.metric.name}"

    def to_request(self) -> dict[str, Any]:
        return {
            "CustomizedMetricSpecification": _given(
                MetricName=self.metric.name,
                Namespace=self.metric.namespace,
                Dimensions=_dimension_list(self.metric.dimensions),
                Statistic=self.statistic,
                Unit=self.unit,
                Period=_other_than_default(self.period),
            )
        }

    def shown(self) -> dict[str, Any]:
        return {
            "namespace": self.metric.namespace,
            "name": self.metric.name,
            "dimensions": dict(self.metric.dimensions),
            "statistic": self.statistic,
            "unit": self.unit,
            "period": self.period,
        }


@dataclass(frozen=True)
class MetricQuery:
    """One query of metric math: an expression, or a metric with its statistic.

    :param period: seconds, of the metric. :param query_period: seconds, of the query itself, as an expression has it
        that has no metric; None where it is AWS's default of 60 (API_TargetTrackingMetricDataQuery).
    """

    id: str
    expression: str | None = None
    label: str | None = None
    return_data: bool = True
    metric: Metric | None = None
    stat: str | None = None
    unit: str | None = None
    period: int = DEFAULT_PERIOD_SECONDS
    query_period: int | None = None

    def to_request(self) -> dict[str, Any]:
        stat = None
        if self.metric:
            stat = _given(
                Metric=_given(
                    Namespace=self.metric.namespace,
                    MetricName=self.metric.name,
                    Dimensions=_dimension_list(self.metric.dimensions),
                ),
                Stat=self.stat,
                Unit=self.unit,
                Period=_other_than_default(self.period),
            )
        return _given(
            Id=self.id,
            Expression=self.expression,
            Label=self.label,
            MetricStat=stat,
            Period=self.query_period,
            ReturnData=self.return_data,
        )

    def shown(self) -> dict[str, Any]:
        shown: dict[str, Any] = _given(expression=self.expression, label=self.label, return_data=self.return_data)
        if self.metric:
            shown["metric"] = {
                "namespace": self.metric.namespace,
                "name": self.metric.name,
                "dimensions": dict(self.metric.dimensions),
            }
            shown |= _given(stat=self.stat, unit=self.unit, period=self.period)
        return shown | _given(query_period=self.query_period)


@dataclass(frozen=True)
class MetricMath:
    """Queries are a set: kept sorted by id."""

    queries: tuple[MetricQuery, ...]

    @property
    def words(self) -> str:
        return next(
            (query.label or query.expression or query.id for query in self.queries if query.return_data), "math"
        )

    def to_request(self) -> dict[str, Any]:
        return {"CustomizedMetricSpecification": {"Metrics": [query.to_request() for query in self.queries]}}

    def shown(self) -> dict[str, Any]:
        return {"queries": {query.id: query.shown() for query in self.queries}}


@dataclass(frozen=True)
class PredefinedMetric:
    type: str
    resource_label: str | None = None

    @property
    def words(self) -> str:
        return self.type

    def to_request(self) -> dict[str, Any]:
        specification = _given(PredefinedMetricType=self.type, ResourceLabel=self.resource_label)
        return {"PredefinedMetricSpecification": specification}

    def shown(self) -> dict[str, Any]:
        return _given(predefined_metric_type=self.type, resource_label=self.resource_label)


Tracked: TypeAlias = "CustomMetric | MetricMath | PredefinedMetric"


def from_params(pool: Pool) -> Tracked:
    """What the pool's signal tells its policy to follow."""
    if not pool.published:
        return MetricMath((_sqs_expression(pool), *_sqs_queries(pool)))
    if pool.divided_by_publisher:
        # Where the capacity grows within a minute, the publisher divides its depth anew: the lower value holds.
        return CustomMetric(_published(pool, pool.per_instance_metric), statistic="Minimum")
    return CustomMetric(_published(pool, pool.metric))


def needed_group_metrics(pool: Pool) -> frozenset[str]:
    """The group metrics without which the pool's signal has no value."""
    return frozenset({DESIRED_CAPACITY}) if pool.per_instance and not pool.published else frozenset()


def from_response(configuration: Mapping[str, Any]) -> Tracked:
    """What a TargetTrackingConfiguration as AWS returns it follows."""
    if predefined := configuration.get("PredefinedMetricSpecification"):
        return PredefinedMetric(predefined["PredefinedMetricType"], predefined.get("ResourceLabel") or None)
    custom = configuration["CustomizedMetricSpecification"]
    if custom.get("Metrics"):
        return MetricMath(tuple(sorted(map(_query_from_response, custom["Metrics"]), key=lambda query: query.id)))
    return CustomMetric(
        _metric_from_response(custom),
        custom.get("Statistic"),
        custom.get("Unit"),
        custom.get("Period") or DEFAULT_PERIOD_SECONDS,
    )


def inputs(tracked: Tracked, group_name: str) -> tuple[MetricQuery, ...]:
    """The metrics that a policy's value is made of; none where AWS does not say which they are.

    :param group_name: of the policy, whose own metrics are meant by a predefined one.
    """
    if isinstance(tracked, MetricMath):
        return tuple(query for query in tracked.queries if query.metric)
    if isinstance(tracked, CustomMetric):
        stat = tracked.statistic or "Average"
        return (MetricQuery("m1", metric=tracked.metric, stat=stat, unit=tracked.unit, period=tracked.period),)
    if name := PREDEFINED.get(tracked.type):
        group = (("AutoScalingGroupName", group_name),)
        return (MetricQuery("m1", metric=Metric("AWS/EC2", name, group), stat="Average"),)
    balancer, found, target_group = (tracked.resource_label or "").partition("/targetgroup/")
    if not found:
        return ()
    dimensions = (("LoadBalancer", balancer), ("TargetGroup", f"targetgroup/{target_group}"))
    requests = Metric("AWS/ApplicationELB", "RequestCountPerTarget", dimensions)
    return (MetricQuery("m1", metric=requests, stat="Sum"),)


def values(tracked: Tracked, series: Mapping[MetricQuery, Mapping[datetime, float]]) -> list[tuple[datetime, float]]:
    """What a policy compares, oldest first: computed as CloudWatch does, moment by moment.

    :param series: of each of its ``inputs``, by time.
    :raises Failure: where its metric math cannot be evaluated here.
    """
    if not isinstance(tracked, MetricMath):
        return sorted(item for points in series.values() for item in points.items())
    expressions, result = expressions_of(tracked)
    times = sorted({time for points in series.values() for time in points})
    found = []
    for time in times:
        known = {query.id: points.get(time) for query, points in series.items()}
        try:
            value = metric_math.evaluate(expressions, known, result)
        except metric_math.Unsupported as error:
            raise Failure(f"its metric math cannot be evaluated here: {error}") from error
        if value is not None:
            found.append((time, value))
    return found


def expressions_of(tracked: MetricMath) -> tuple[dict[str, str], str]:
    """The expressions by query id, and the id of the one that the policy compares."""
    expressions = {query.id: query.expression for query in tracked.queries if query.expression}
    return expressions, next((query.id for query in tracked.queries if query.return_data), "")


def missing_reads_lower(tracked: Tracked | None) -> list[Metric]:
    """The metrics whose silence makes what a policy compares lower, instead of missing: AWS then scales in.

    None of them where the metric math cannot be evaluated here.
    """
    if not isinstance(tracked, MetricMath):
        return []
    expressions, result = expressions_of(tracked)
    by_id = {query.id: query.metric for query in tracked.queries if query.metric}
    try:
        found = metric_math.missing_reads_lower(expressions, list(by_id), result)
    except metric_math.Unsupported:
        return []
    return [by_id[name] for name in found]


def short_name(tracked: Tracked) -> str:
    """What a person calls it: the metric without its namespace, or what the metric math is labelled with."""
    return tracked.metric.name if isinstance(tracked, CustomMetric) else tracked.words


def _published(pool: Pool, metric: Metric | None) -> Metric:
    if metric is None:
        raise ValueError(f"pool {pool.name} publishes no metric")
    return metric


def _sqs_queries(pool: Pool) -> tuple[MetricQuery, ...]:
    def measured(query_id: str, namespace: str, name: str, dimension: tuple[str, str], stat: str) -> MetricQuery:
        return MetricQuery(query_id, return_data=False, metric=Metric(namespace, name, (dimension,)), stat=stat)

    queue, group = ("QueueName", pool.queue_name), ("AutoScalingGroupName", pool.auto_scaling_group_name)
    # SQS writes one datapoint a minute, so its sum over a minute is the value itself.
    depth = (
        measured("m1", "AWS/SQS", "ApproximateNumberOfMessagesVisible", queue, "Sum"),
        measured("m2", "AWS/SQS", "ApproximateNumberOfMessagesNotVisible", queue, "Sum"),
    )
    return (*depth, measured("m3", GROUPS, DESIRED_CAPACITY, group, "Average")) if pool.per_instance else depth


def _sqs_expression(pool: Pool) -> MetricQuery:
    """The sum, or the sum over the desired capacity, with a guard.

    CloudWatch counts a missing value as 0 in a sum. A comparison over a missing value is missing, so an IF over it is,
    and counts as 0 in the divisor: and a division by 0 drops the datapoint.
    """
    depth, guard = "(m1 + m2)", "IF(m1 >= 0, 1) * IF(m2 >= 0, 1)"
    if not pool.per_instance:
        return _expression(pool, f"{depth} / ({guard})", "Total")
    target = f"{pool.target_value:.12g}"
    first = f"IF({depth} > {target}, {depth}, IF({depth} > 0, {pool.target_value * ABOVE_TARGET:.12g}, 0))"
    return _expression(pool, f"IF(m3 > 0, {depth}, {first}) / ({guard} * IF(m3 > 0, m3, 1))", "PerInstance")


def _expression(pool: Pool, expression: str, words: str) -> MetricQuery:
    name = "".join(word.capitalize() for word in pool.name.split("_"))
    label = pool.metric.name if pool.metric and words == "Total" else f"{name}QueueDepth{words}"
    return MetricQuery("e1", expression=expression, label=label)


def _query_from_response(query: Mapping[str, Any]) -> MetricQuery:
    stat = query.get("MetricStat") or {}
    return MetricQuery(
        query["Id"],
        query.get("Expression"),
        query.get("Label") or None,
        query.get("ReturnData", True),
        _metric_from_response(stat["Metric"]) if stat else None,
        stat.get("Stat"),
        stat.get("Unit"),
        stat.get("Period") or query.get("Period") or DEFAULT_PERIOD_SECONDS,
        _other_than_default(query.get("Period") or DEFAULT_PERIOD_SECONDS),
    )


def _metric_from_response(metric: Mapping[str, Any]) -> Metric:
    dimensions = sorted((pair["Name"], pair["Value"]) for pair in metric.get("Dimensions") or ())
    return Metric(metric["Namespace"], metric["MetricName"], tuple(dimensions))


def _dimension_list(dimensions: Sequence[tuple[str, str]]) -> list[dict[str, str]] | None:
    return [{"Name": name, "Value": value} for name, value in dimensions] or None


def _other_than_default(period: int) -> int | None:
    # Older botocore releases do not know Period at all, so the default is left unsaid.
    return None if period == DEFAULT_PERIOD_SECONDS else period


def _given(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
