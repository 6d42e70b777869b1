# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lay out what was read, minute by minute; a reading that failed leaves gaps."""

from __future__ import annotations

from ...resources.policy import TARGET_TRACKING
from ..evidence import others, series
from ..observed import Expected, Observed, Reply
from . import activities, alarms, capacity, compared
from .minutes import Minutes, Numbers
from .scene import Scene


def scene_of(observed: Observed, expected: Expected) -> Scene:
    minutes, pool = Minutes.of(observed.since, observed.at), expected.pool
    depth = _depths(observed, minutes)
    published = minutes.points(observed.known("metric", ()))
    policies = observed.known("policies")
    own = next((one for one in policies or () if one.get("PolicyName") == pool.policy_name), None)
    rivals = others.policies(observed, expected) if policies is not None else []
    found = compared.followed(own, pool) if own else None
    made_of = compared.readings(found, pool)
    values = compared.values(observed, minutes, pool, found)
    listed = observed.known("activities", ())
    lows = {one["PolicyName"]: alarms.of_policy(observed, one, minutes).get(False) for one in filter(_agrees, rivals)}
    return Scene(
        pool=pool,
        minutes=minutes,
        depth=depth,
        published=published,
        compared=values,
        desired=capacity.desired(observed, minutes),
        in_service=capacity.in_service(observed, minutes),
        group=observed.known("group", {}),
        has_policies=policies is not None,
        policy=own,
        followed=found,
        alarms=alarms.of_policy(observed, own, minutes) if own else {},
        has_alarms=observed.known("alarms") is not None,
        others=rivals,
        other_lows={name: low for name, low in lows.items() if low},
        activities=listed,
        changes=activities.changes(listed),
        arrivals=activities.arrivals(listed),
        has_values=bool(made_of) and all(observed.known(name) is not None for name in made_of),
        counted_as_zero=compared.counted_as_zero(observed, minutes, pool, found, values),
    )


def _agrees(policy: Reply) -> bool:
    """Whether a policy has a say in scaling in: of several that track a target all must agree."""
    configuration = policy.get("TargetTrackingConfiguration") or {}
    return policy.get("PolicyType") == TARGET_TRACKING and not configuration.get("DisableScaleIn")


def _depths(observed: Observed, minutes: Minutes) -> Numbers:
    """What CloudWatch has of visible + in flight, and what the queue itself says now."""
    metrics = observed.known("queue_metrics", {})
    measured = minutes.points(series.summed([metrics.get(name, ()) for name in ("visible", "in_flight")]))
    now = observed.depth if observed.known("queue") else None
    if now is None:
        return measured
    if now == 0 and observed.known("queue_metrics") is not None and not any(value is not None for value in measured):
        # A queue that nobody used for hours emits nothing at all; that it is empty is known all the same.
        return [0.0] * len(minutes)
    return [*measured[:-1], float(now)]
