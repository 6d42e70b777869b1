# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The group tells CloudWatch how large it is: metric math that divides by that number has no value without it, and
without it nobody can see later how the capacity was.
"""

from __future__ import annotations

from collections.abc import Iterable

from ...failures import listed
from ...resources import policy
from ...resources.metric import needed_group_metrics
from ..evidence import live, tracking
from ..finding import Finding, Remedy, failed, passed, warned
from ..observed import Expected, Observed, Reply
from ..observing.measurements import GROUP_READINGS
from ..wording.command_line import cli

TITLE = "The group's metrics are enabled"
API = "autoscaling:DescribeAutoScalingGroups"
EFFECT = "Nothing scales"
FOLLOWS: tuple[str, ...] = ("group_exists",)

HISTORY = "The history of the capacity is not kept"


def check(observed: Observed, expected: Expected) -> Finding:
    group, name = live.group(observed, expected), expected.pool.auto_scaling_group_name
    enabled = [one["Metric"] for one in group.get("EnabledMetrics") or ()]
    needed = _needed(observed, expected)
    wanted = _wanted(group)
    missing = [metric for metric in dict.fromkeys([*wanted, *sorted(needed)]) if metric not in enabled]
    shown = {"observed": enabled, "expected": list(wanted), "remedy": _remedy(observed, name, wanted)}
    if missing:
        cause = f"group {name} does not publish {' and '.join(missing)}"
        if divisors := needed.intersection(missing):
            return failed(f"{cause}, and the policy's signal is divided by {listed(sorted(divisors))}", **shown)
        return warned(cause, effect=HISTORY, **shown)
    silent = [metric for metric, reading in wanted.items() if not observed.group_metrics.get(reading)]
    if silent:
        cause = f"group {name} publishes {' and '.join(silent)}, and CloudWatch has no datapoint of it yet"
        return warned(cause, effect=EFFECT if needed.intersection(silent) else HISTORY, **shown)
    return passed(enabled, list(wanted))


def _wanted(group: Reply) -> dict[str, str]:
    """The metrics of desired capacity and of what is in service, in the same unit, each with its reading."""
    readings = ("desired", "in_service_capacity" if live.is_weighted(group) else "in_service")
    return {metric: reading for metric, reading in GROUP_READINGS.items() if reading in readings}


def _needed(observed: Observed, expected: Expected) -> frozenset[str]:
    """What is live counts; what is declared where that is not known."""
    reply = observed.policy(expected.pool.policy_name) if observed.known("policies") else None
    tracked = policy.from_response(reply).tracked if reply else None
    return tracking.group_metrics(tracked) if tracked else needed_group_metrics(expected.pool)


def _remedy(observed: Observed, name: str, wanted: Iterable[str]) -> Remedy:
    return Remedy(
        cli=cli(
            observed.place,
            "autoscaling enable-metrics-collection",
            auto_scaling_group_name=name,
            granularity="1Minute",
            metrics=list(wanted),
        )
    )
