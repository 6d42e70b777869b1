# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Datapoints of metrics, one for each period, of as many metrics in one request as the limits allow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

from ..failures import AwsFailure, Failure
from ..plan import Aws
from .metric import DEFAULT_PERIOD_SECONDS, MetricQuery

QUERIES_PER_REQUEST = 500
POINTS_PER_REQUEST = 100_800
# Datapoints of a minute are kept for so long; of shorter periods for three hours.
KEPT = timedelta(days=15, minutes=-5)
ACTION = "cloudwatch:GetMetricData"

# The time of a period's beginning (UTC) and its value; oldest first.
Point: TypeAlias = tuple[datetime, float]
Series: TypeAlias = Sequence[Point]


def batches(queries: Sequence[MetricQuery], since: datetime, until: datetime) -> list[tuple[MetricQuery, ...]]:
    """As many queries to a request as it takes, and as its reply has room for."""
    every = list(dict.fromkeys(queries))
    shortest = min((query.period for query in every), default=DEFAULT_PERIOD_SECONDS)
    points = int((until - since).total_seconds() // shortest) + 2
    size = max(1, min(QUERIES_PER_REQUEST, POINTS_PER_REQUEST // points))
    return [tuple(every[start : start + size]) for start in range(0, len(every), size)]


def read(
    aws: Aws, batch: Sequence[MetricQuery], since: datetime, until: datetime
) -> dict[MetricQuery, Series | Failure]:
    """The series of each query, or why it is not whole.

    :raises AwsFailure: where the request itself is refused.
    """
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
        period = asked[result["Id"]].period
        times = [_begin(time, period) for time in result["Timestamps"]]
        points[result["Id"]] += zip(times, map(float, result["Values"]), strict=True)
        status[result["Id"]] = result.get("StatusCode", "Complete")
    return {query: _whole(aws, query, points[query_id], status.get(query_id)) for query_id, query in asked.items()}


def _to_request(query_id: str, query: MetricQuery) -> dict[str, Any]:
    request: Mapping[str, Any] = replace(query, id=query_id, return_data=True).to_request()
    return {**request, "MetricStat": {**request["MetricStat"], "Period": query.period}}


def _begin(time: datetime, period: int) -> datetime:
    """The beginning of the period, whatever moment of it is given."""
    utc = time.astimezone(UTC).replace(microsecond=0)
    return utc - timedelta(seconds=utc.timestamp() % period)


def _whole(aws: Aws, query: MetricQuery, points: list[Point], status: str | None) -> Series | Failure:
    if status == "Complete":
        return tuple(sorted(points))
    name = f"{query.metric.namespace}/{query.metric.name}" if query.metric else query.id
    return AwsFailure(
        f"{ACTION} in {aws.place.region} did not return all of {name} ({status or 'it is missing in the answer'})",
        status or "Missing",
        ACTION,
    )
