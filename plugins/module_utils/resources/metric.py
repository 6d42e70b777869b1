# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a policy may follow, in one comparable form: AWS reorders dimensions and queries and adds its defaults."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from ..pool import Metric, Pool

DEFAULT_PERIOD_SECONDS = 60


@dataclass(frozen=True)
class CustomMetric:
    """A metric of one's own, as the publisher writes it."""

    metric: Metric
    statistic: str | None = "Average"
    unit: str | None = "Count"
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
    """One query of metric math: an expression, or a metric with its statistic."""

    id: str
    expression: str | None = None
    label: str | None = None
    return_data: bool = True
    metric: Metric | None = None
    stat: str | None = None
    unit: str | None = None
    period: int = DEFAULT_PERIOD_SECONDS

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
            Id=self.id, Expression=self.expression, Label=self.label, MetricStat=stat, ReturnData=self.return_data
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
        return shown


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
    depth = _published_query(pool) if pool.published else _sqs_queries(pool)
    if pool.per_instance:
        return MetricMath(_per_instance(pool, depth))
    if pool.published:
        return CustomMetric(_published_metric(pool))
    return MetricMath((_expression(pool, _sum(depth), "Total"), *depth))


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


def _published_metric(pool: Pool) -> Metric:
    if pool.metric is None:
        raise ValueError(f"pool {pool.name} publishes no metric")
    return pool.metric


def _published_query(pool: Pool) -> tuple[MetricQuery, ...]:
    return (MetricQuery("m1", return_data=False, metric=_published_metric(pool), stat="Average", unit="Count"),)


def _sqs_queries(pool: Pool) -> tuple[MetricQuery, ...]:
    def measured(query_id: str, name: str) -> MetricQuery:
        # SQS writes one datapoint a minute, so its sum over a minute is the value itself.
        metric = Metric("AWS/SQS", name, (("QueueName", pool.queue_name),))
        return MetricQuery(query_id, return_data=False, metric=metric, stat="Sum")

    return (
        measured("m1", "ApproximateNumberOfMessagesVisible"),
        measured("m2", "ApproximateNumberOfMessagesNotVisible"),
    )


def _per_instance(pool: Pool, depth: tuple[MetricQuery, ...]) -> tuple[MetricQuery, ...]:
    """The depth over the instances in service, and over 1 where there are none: a division by zero drops the point."""
    group = (("AutoScalingGroupName", pool.auto_scaling_group_name),)
    instances = MetricQuery(
        f"m{len(depth) + 1}",
        return_data=False,
        metric=Metric("AWS/AutoScaling", "GroupInServiceInstances", group),
        stat="Average",
    )
    total = _sum(depth) if len(depth) == 1 else f"({_sum(depth)})"
    divided = f"{total} / IF({instances.id} > 0, {instances.id}, 1)"
    return (_expression(pool, divided, "PerInstance"), *depth, instances)


def _sum(queries: tuple[MetricQuery, ...]) -> str:
    return " + ".join(query.id for query in queries)


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
