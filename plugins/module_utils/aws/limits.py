# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How often AWS lets an account ask, each number with the page that says it; what is not listed has no known number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any

# The limits are the account's, so a fifth of each is left to everybody else who uses it.
SHARE = 0.8

_CLOUDWATCH = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html"
# AWS's own knowledge center; the page of the quotas has the same numbers in its table.
_DATAPOINTS = "https://repost.aws/knowledge-center/cloudwatch-getmetricdata-api"
_LOGS = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html"
_LAMBDA = "https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"
_EVENTS = "https://docs.aws.amazon.com/eventbridge/latest/userguide/cloudwatch-limits-eventbridge.html"
_SSM = "https://docs.aws.amazon.com/general/latest/gr/ssm.html"
# AWS Support's answer to a user; the page of the quotas leaves writes out.
_SSM_WRITES = "https://github.com/github-aws-runners/terraform-aws-github-runner/issues/2944"
# An earlier edition of the API reference of SQS; the present one names no number.
_SQS_TAGS = "https://hackage.haskell.org/package/amazonka-sqs-1.6.1/docs/Network-AWS-SQS-ListQueueTags.html"
# AWS publishes no number: ours, low enough to harm nobody, and never what a run waits for longest.
OURS = "none published"


@dataclass(frozen=True)
class Limit:
    """:param operations: that share the limit, as ``service:Operation``; ``service:*`` is what no other limit names.
    :param per_second: requests, or datapoints.
    """

    operations: tuple[str, ...]
    per_second: int
    source: str

    @property
    def ours(self) -> int:
        """As many within any second."""
        return max(1, int(self.per_second * SHARE))


def _each(service: str, per_second: int, source: str, *names: str) -> list[Limit]:
    return [Limit((f"{service}:{name}",), per_second, source) for name in names]


LIMITS = (
    *_each("cloudwatch", 9, _CLOUDWATCH, "DescribeAlarms", "DescribeAlarmsForMetric"),
    *_each("cloudwatch", 3, _CLOUDWATCH, "DescribeAlarmHistory", "PutMetricAlarm", "DeleteAlarms"),
    *_each("cloudwatch", 50, _CLOUDWATCH, "GetMetricData"),
    *_each("cloudwatch", 25, _CLOUDWATCH, "ListMetrics"),
    *_each("cloudwatch", 400, _CLOUDWATCH, "GetMetricStatistics"),
    *_each("logs", 5, _LOGS, "FilterLogEvents", "DescribeLogStreams"),
    *_each("logs", 10, _LOGS, "DescribeLogGroups", "GetLogEvents"),
    Limit(("ssm:GetParameter", "ssm:GetParameters", "ssm:GetParametersByPath"), 40, _SSM),
    *_each("ssm", 3, _SSM_WRITES, "PutParameter"),
    *_each("ssm", 5, OURS, "DeleteParameter", "DeleteParameters", "AddTagsToResource"),
    *_each("ssm", 10, OURS, "DescribeParameters", "GetParameterHistory", "ListTagsForResource"),
    Limit(("sqs:ListQueueTags", "sqs:TagQueue"), 5, _SQS_TAGS),
    *_each("lambda", 100, _LAMBDA, "GetFunction"),
    *_each("lambda", 15, _LAMBDA, "GetPolicy"),
    Limit(("lambda:*",), 15, _LAMBDA),
    Limit(("events:*",), 50, _EVENTS),
    *_each("autoscaling", 5, OURS, "PutScalingPolicy", "DeletePolicy", "EnableMetricsCollection"),
)
# GetMetricData is also limited by the datapoints that it asks for, by how far back it begins. AWS estimates them from
# window and period, so those that do not exist count as well.
RECENT = timedelta(hours=3)
RECENT_DATAPOINTS, OLDER_DATAPOINTS = DATAPOINTS = tuple(
    Limit(("cloudwatch:GetMetricData",), per_second, _DATAPOINTS) for per_second in (180_000, 396_000)
)
# Counted by AWS in other ways than by requests of the account.
UNLIMITED = ("lambda:Invoke", "events:PutEvents")

_BY_NAME = {name: limit for limit in LIMITS for name in limit.operations}


def limit_of(service: str, operation: str) -> Limit | None:
    """:param operation: as the API names it."""
    name = f"{service}:{operation}"
    if name in UNLIMITED:
        return None
    return _BY_NAME.get(name) or _BY_NAME.get(f"{service}:*")


def datapoints_of(params: Mapping[str, Any], now: datetime) -> tuple[Limit, int]:
    """The limit of the datapoints that a GetMetricData asks for, and how many these are.

    :param params: of the request. :param now: the time in UTC.
    """
    start, end = params["StartTime"], params["EndTime"]
    periods = [one["MetricStat"]["Period"] for one in params["MetricDataQueries"] if "MetricStat" in one]
    points = sum(ceil((end - start).total_seconds() / period) for period in periods)
    return OLDER_DATAPOINTS if now - start > RECENT else RECENT_DATAPOINTS, points
