# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The group tells CloudWatch how many workers it has: a signal per instance divides by that number and has no value
without it, and without it nobody can see later how the capacity was.
"""

from __future__ import annotations

from ...resources import policy
from ..evidence import live, tracking
from ..finding import Finding, Remedy, failed, passed, warned
from ..observed import Expected, Observed
from ..wording.command_line import cli

TITLE = "The group's metrics are enabled"
API = "autoscaling:DescribeAutoScalingGroups"
EFFECT = "Nothing scales"
FOLLOWS: tuple[str, ...] = ("group_exists",)

IN_SERVICE = "GroupInServiceInstances"
WANTED = ("GroupDesiredCapacity", IN_SERVICE)
HISTORY = "The history of the capacity is not kept"


def check(observed: Observed, expected: Expected) -> Finding:
    group, name = live.group(observed, expected), expected.pool.auto_scaling_group_name
    enabled = [one["Metric"] for one in group.get("EnabledMetrics") or ()]
    missing = [metric for metric in WANTED if metric not in enabled]
    needed = _divides(observed, expected)
    shown = {"observed": enabled, "expected": list(WANTED), "remedy": _remedy(observed, name)}
    if missing:
        cause = f"group {name} does not publish {' and '.join(missing)}"
        if needed and IN_SERVICE in missing:
            return failed(f"{cause}, and the policy's signal is divided by it", **shown)
        return warned(cause, effect=HISTORY, **shown)
    if not observed.group_metrics.get("in_service"):
        cause = f"group {name} publishes {IN_SERVICE}, and CloudWatch has no datapoint of it yet"
        return warned(cause, effect=EFFECT if needed else HISTORY, **shown)
    return passed(enabled, list(WANTED))


def _divides(observed: Observed, expected: Expected) -> bool:
    """What is live counts; what is declared where that is not known."""
    reply = observed.policy(expected.pool.policy_name) if observed.known("policies") else None
    tracked = policy.from_response(reply).tracked if reply else None
    return tracking.divides(tracked) if tracked else expected.pool.per_instance


def _remedy(observed: Observed, name: str) -> Remedy:
    return Remedy(
        cli=cli(
            observed.place,
            "autoscaling enable-metrics-collection",
            auto_scaling_group_name=name,
            granularity="1Minute",
            metrics=list(WANTED),
        )
    )
