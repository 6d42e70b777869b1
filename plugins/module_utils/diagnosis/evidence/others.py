# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The group's scaling policies that are not the pool's own."""

from __future__ import annotations

from ..observed import Expected, Observed, Reply

EXACT = "ExactCapacity"


def policies(observed: Observed, expected: Expected) -> list[Reply]:
    """Those that act: a disabled one, and a prediction that only forecasts, change nothing."""
    return [
        policy
        for policy in observed.policies
        if policy["PolicyName"] != expected.pool.policy_name
        and policy.get("Enabled", True)
        and (policy.get("PredictiveScalingConfiguration") or {}).get("Mode") != "ForecastOnly"
    ]


def kind(policy: Reply) -> str:
    """Its type, and how it adjusts where AWS says it: ``StepScaling, ExactCapacity 1``."""
    found, way = str(policy.get("PolicyType") or "SimpleScaling"), policy.get("AdjustmentType")
    by = "/".join(f"{one}" if way == EXACT else f"{one:+d}" for one in _adjustments(policy))
    return f"{found}, {way} {by}".rstrip() if way else found


def shrinks(policy: Reply) -> bool:
    """Whether it can take workers away on its own.

    Only those that adjust by a number can: of several target-tracking policies all must agree before the group is made
    smaller, and a predictive one only makes it larger.
    """
    return policy.get("AdjustmentType") == EXACT or any(one < 0 for one in _adjustments(policy))


def _adjustments(policy: Reply) -> list[int]:
    """Of its steps, or the one of simple scaling."""
    steps = [step["ScalingAdjustment"] for step in policy.get("StepAdjustments") or ()]
    simple = policy.get("ScalingAdjustment")
    return steps if simple is None else [*steps, simple]
