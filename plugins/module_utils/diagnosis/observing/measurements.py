# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The metrics that a diagnosis reads: what is asked of CloudWatch of a queue, a function, a group and a pool."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeAlias

from ...pool import PUBLISHED_PER_INSTANCE, PUBLISHED_TOTAL, Metric, Pool
from ...resources import metric
from ...resources.metric import MetricQuery

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
    "desired": (metric.DESIRED_CAPACITY, "Average"),
    "in_service": ("GroupInServiceInstances", "Average"),
    # In the units of the desired capacity, where instances have weights; the same as that of the instances elsewhere
    # ("Amazon CloudWatch metrics for Amazon EC2 Auto Scaling", documented).
    "in_service_capacity": ("GroupInServiceCapacity", "Average"),
}
# The readings of a group's metrics, by the name of the metric.
GROUP_READINGS: Mapping[str, str] = {measured: reading for reading, (measured, _stat) in GROUP.items()}


def of_queue(name: str) -> Queries:
    return _of("AWS/SQS", "QueueName", name, QUEUE)


def of_dead_letter_queue(name: str) -> Queries:
    return {"visible": of_queue(name)["visible"]}


def of_function(name: str) -> Queries:
    return _of("AWS/Lambda", "FunctionName", name, FUNCTION)


def of_group(name: str) -> Queries:
    return _of("AWS/AutoScaling", "AutoScalingGroupName", name, GROUP)


def published(pool: Pool) -> MetricQuery:
    """The total that the publisher writes for the pool, as a policy reads it."""
    return _declared(pool, PUBLISHED_TOTAL)


def per_instance(pool: Pool) -> MetricQuery:
    """The depth per instance that the publisher writes for the pool, as a policy reads it."""
    return _declared(pool, PUBLISHED_PER_INSTANCE)


def _declared(pool: Pool, signal: str) -> MetricQuery:
    tracked = metric.from_params(replace(pool, signal=signal))
    (query,) = metric.inputs(tracked, pool.auto_scaling_group_name)
    return query


def _of(namespace: str, dimension: str, value: str, names: Names) -> Queries:
    dimensions = ((dimension, value),)
    return {
        name: MetricQuery("", metric=Metric(namespace, measured, dimensions), stat=stat)
        for name, (measured, stat) in names.items()
    }
