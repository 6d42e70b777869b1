# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Metrics of CloudWatch, one point a minute, for all pools in as few requests as the limits allow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

from ...failures import AwsFailure, Failure
from ...plan import Aws
from ...pool import PUBLISHED_TOTAL, Metric, Pool
from ...resources import metric
from ...resources.metric import CustomMetric, MetricQuery
from ..observed import Point, Series

PERIOD_SECONDS = 60
# What GetMetricData takes and returns in one request.
QUERIES_PER_REQUEST = 500
POINTS_PER_REQUEST = 100_800
# CloudWatch keeps one-minute datapoints for 15 days; asked for older ones it returns none at all, so a little less.
KEPT = timedelta(days=15, minutes=-5)
ACTION = "cloudwatch:GetMetricData"

Names: TypeAlias = Mapping[str, tuple[str, str]]
Queries: TypeAlias = Mapping[str, MetricQuery]

QUEUE: Names = {
    "sent": ("NumberOfMessagesSent", "Sum"),
    "received": ("NumberOfMessagesReceived", "Sum"),
    "deleted": ("NumberOfMessagesDeleted", "Sum"),
    "oldest_age": ("ApproximateAgeOfOldestMessage", "Maximum"),
    "visible": ("ApproximateNumberOfMessagesVisible", "Maximum"),
    "in_flight": ("ApproximateNumberOfMessagesNotVisible", "Maximum"),
}
FUNCTION: Names = {
    "invocations": ("Invocations", "Sum"),
    "errors": ("Errors", "Sum"),
    "throttles": ("Throttles", "Sum"),
    "duration": ("Duration", "Maximum"),
}
GROUP: Names = {
    "desired": ("GroupDesiredCapacity", "Average"),
    "in_service": ("GroupInServiceInstances", "Average"),
}


def of_queue(name: str) -> Queries:
    return _of("AWS/SQS", "QueueName", name, QUEUE)


def of_dead_letter_queue(name: str) -> Queries:
    return {"visible": of_queue(name)["visible"]}


def of_function(name: str) -> Queries:
    return _of("AWS/Lambda", "FunctionName", name, FUNCTION)


def of_group(name: str) -> Queries:
    return _of("AWS/AutoScaling", "AutoScalingGroupName", name, GROUP)


def published(pool: Pool) -> MetricQuery:
    """The metric that the publisher writes for the pool, as its policy reads it."""
    tracked = metric.from_params(replace(pool, signal=PUBLISHED_TOTAL))
    if not isinstance(tracked, CustomMetric):
        raise ValueError(f"pool {pool.name} publishes no metric")
    return MetricQuery("", metric=tracked.metric, stat=tracked.statistic, unit=tracked.unit)


def _of(namespace: str, dimension: str, value: str, names: Names) -> Queries:
    dimensions = ((dimension, value),)
    return {
        name: MetricQuery("", metric=Metric(namespace, measured, dimensions), stat=stat)
        for name, (measured, stat) in names.items()
    }


def batches(queries: Sequence[MetricQuery], since: datetime, until: datetime) -> list[tuple[MetricQuery, ...]]:
    """As many queries to a request as it takes, and as its reply has room for."""
    minutes = int((until - since).total_seconds() // PERIOD_SECONDS) + 2
    size = max(1, min(QUERIES_PER_REQUEST, POINTS_PER_REQUEST // minutes))
    every = list(dict.fromkeys(queries))
    return [tuple(every[start : start + size]) for start in range(0, len(every), size)]


def read(
    aws: Aws, batch: Sequence[MetricQuery], since: datetime, until: datetime
) -> dict[MetricQuery, Series | Failure]:
    """The series of each query, or why it is not whole."""
    asked = {f"q{number}": query for number, query in enumerate(batch)}
    points: dict[str, list[Point]] = {query_id: [] for query_id in asked}
    status: dict[str, str] = {}
    for result in aws.pages(
        "cloudwatch",
        "get_metric_data",
        "MetricDataResults",
        MetricDataQueries=[_to_request(query_id, query) for query_id, query in asked.items()],
        StartTime=max(since, until - KEPT).replace(second=0, microsecond=0),
        EndTime=until,
        ScanBy="TimestampAscending",
    ):
        # A result may go on on the next page, as PartialData until its last.
        points[result["Id"]] += map(_point, result["Timestamps"], result["Values"])
        status[result["Id"]] = result.get("StatusCode", "Complete")
    return {query: _whole(aws, query, points[query_id], status.get(query_id)) for query_id, query in asked.items()}


def _to_request(query_id: str, query: MetricQuery) -> dict[str, Any]:
    request = replace(query, id=query_id).to_request()
    return {**request, "MetricStat": {**request["MetricStat"], "Period": PERIOD_SECONDS}}


def _point(time: datetime, value: float) -> Point:
    return time.astimezone(UTC).replace(second=0, microsecond=0), float(value)


def _whole(aws: Aws, query: MetricQuery, points: list[Point], status: str | None) -> Series | Failure:
    if status == "Complete":
        return tuple(sorted(points))
    name = f"{query.metric.namespace}/{query.metric.name}" if query.metric else query.id
    return AwsFailure(
        f"{ACTION} in {aws.place.region} did not return all of {name} ({status or 'it is missing in the answer'})",
        status or "Missing",
        ACTION,
    )
