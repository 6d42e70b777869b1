# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An EC2 Auto Scaling group, keyed by its name. Its sizes belong to its owner and to its policies: never written.

Of its metrics those are enabled that a signal needs; what else a group publishes is left as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..failures import Failure
from ..plan import Aws, Plan, Request
from ..pool import Pool
from .metric import needed_group_metrics

# DescribeAutoScalingGroups returns at most 100 groups, so it is asked for at most 100 at once.
NAMES_PER_REQUEST = 100
# What other operations answer about a group that does not exist, or about another mistake.
MISSING = ("ValidationError",)


# The one granularity there is (API_EnableMetricsCollection).
GRANULARITY = "1Minute"


@dataclass(frozen=True)
class Group:
    """:param enabled_metrics: the names of the group metrics that it publishes.
    :param suspended_processes: their names.
    """

    name: str
    min_size: int
    max_size: int
    desired_capacity: int
    enabled_metrics: frozenset[str] = frozenset()
    suspended_processes: frozenset[str] = frozenset()


@dataclass(frozen=True)
class DesiredMetrics:
    """The group metrics that a group is to publish, beside those that it does already."""

    group_name: str
    metrics: frozenset[str]


def declared(pools: Iterable[Pool]) -> dict[str, DesiredMetrics]:
    """By group name; without the groups of which no signal needs a metric."""
    needed: dict[str, frozenset[str]] = {}
    for pool in pools:
        if metrics := needed_group_metrics(pool):
            needed[pool.auto_scaling_group_name] = needed.get(pool.auto_scaling_group_name, frozenset()) | metrics
    return {name: DesiredMetrics(name, metrics) for name, metrics in needed.items()}


def from_response(group: Mapping[str, Any]) -> Group:
    return Group(
        group["AutoScalingGroupName"],
        group["MinSize"],
        group["MaxSize"],
        group["DesiredCapacity"],
        frozenset(one["Metric"] for one in group.get("EnabledMetrics") or ()),
        frozenset(one["ProcessName"] for one in group.get("SuspendedProcesses") or ()),
    )


def to_request(name: str, metrics: Iterable[str]) -> Request:
    """EnableMetricsCollection, which adds these to those that are enabled."""
    params = {"AutoScalingGroupName": name, "Metrics": sorted(metrics), "Granularity": GRANULARITY}
    return Request("autoscaling", "enable_metrics_collection", params)


def plan(current: Group, desired: DesiredMetrics) -> Plan:
    enabled = current.enabled_metrics
    missing = desired.metrics - enabled
    return Plan(
        f"metrics of group {desired.group_name}",
        {"enabled_metrics": sorted(enabled)},
        {"enabled_metrics": sorted(enabled | missing)},
        (to_request(desired.group_name, missing),) if missing else (),
    )


def missing(aws: Aws, name: str) -> Failure:
    return Failure(
        f"auto_scaling_group_name: there is no group {name} in {aws.place}; "
        "create the group first, or correct the name, the region or the account"
    )


def find(aws: Aws, desired: Mapping[str, Any]) -> dict[str, Any]:
    """By name; None for a group that is not there, and a Failure where something is desired of it."""
    found: dict[str, Any] = {name: missing(aws, name) if wanted else None for name, wanted in desired.items()}
    names = sorted(desired)
    for start in range(0, len(names), NAMES_PER_REQUEST):
        batch = names[start : start + NAMES_PER_REQUEST]
        found |= {name: from_response(group) for name, group in replies(aws, batch).items()}
    return found


def replies(aws: Aws, names: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    """At most NAMES_PER_REQUEST groups, by name, as AWS returns them."""
    # It takes more than 50 names only where as many are asked for in a page.
    named = {"AutoScalingGroupNames": list(names), "MaxRecords": NAMES_PER_REQUEST}
    pages = aws.pages("autoscaling", "describe_auto_scaling_groups", "AutoScalingGroups", **named)
    return {group["AutoScalingGroupName"]: group for group in pages}
