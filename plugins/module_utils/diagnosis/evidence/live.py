# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a check cannot do without. Where it is not there an earlier check says so, and the later one has no answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from ...failures import Failure
from ...resources import policy
from ...resources.datapoints import Series
from ...resources.policy import Policy
from ..observed import Expected, Observed, Reply, Unread
from . import series


def group(observed: Observed, expected: Expected) -> Reply:
    if observed.group is None:
        raise Unread(Failure(f"there is no group {expected.pool.auto_scaling_group_name}"))
    return observed.group


def in_service(group: Reply) -> int:
    """The capacity that can work now, in the units of the desired capacity: an instance may count as several."""
    return capacity(instances_in_service(group))


def instances_in_service(group: Reply) -> list[Reply]:
    return [one for one in group.get("Instances") or () if one["LifecycleState"] == "InService"]


def capacity(instances: Iterable[Reply]) -> int:
    """Of instances of a group, in the units of its desired capacity."""
    return sum(int(one.get("WeightedCapacity") or 1) for one in instances)


def is_weighted(group: Reply) -> bool:
    """Whether sizes are counted in units of which an instance has several, and not in instances."""
    return bool(_weights(group))


def unit(group: Reply) -> str:
    """What the sizes of the group count."""
    return "capacity unit" if is_weighted(group) else "worker"


def instances_wanted(group: Reply) -> int:
    """About as many instances as make up the desired capacity."""
    instances, desired = group.get("Instances") or (), int(group["DesiredCapacity"])
    units = capacity(instances)
    return round(desired * len(instances) / units) if units else desired


def weight_of(group: Reply, instance_id: str) -> int | None:
    """How many units an instance counts, also one that is gone; None where that is not known."""
    for instance in group.get("Instances") or ():
        if instance["InstanceId"] == instance_id:
            return capacity([instance])
    weights = _weights(group) or {1}
    return weights.pop() if len(weights) == 1 else None


def _weights(group: Reply) -> set[int]:
    """The weights that instances of the group have, and those that its instance types are given."""
    template = (group.get("MixedInstancesPolicy") or {}).get("LaunchTemplate") or {}
    weighted = [*(group.get("Instances") or ()), *(template.get("Overrides") or ())]
    return {int(one["WeightedCapacity"]) for one in weighted if one.get("WeightedCapacity")}


def in_service_lately(observed: Observed) -> Series:
    """The capacity that could work, minute by minute, in the units of the desired capacity; empty where not known.

    Of a group without weights both metrics are the same, and it publishes the one that is older.
    """
    name = "in_service_capacity" if is_weighted(observed.known("group", {})) else "in_service"
    found: Series = observed.known("group_metrics", {}).get(name, ())
    return found


def own_policy(observed: Observed, expected: Expected) -> Policy:
    """The pool's target-tracking policy; ``raw`` is what AWS answered."""
    pool = expected.pool
    reply = observed.policy(pool.policy_name)
    found = policy.from_response(reply) if reply else None
    if found is None or found.tracked is None:
        raise Unread(
            Failure(f"there is no target-tracking policy {pool.policy_name} on group {pool.auto_scaling_group_name}")
        )
    return found


def target(own: Policy, expected: Expected) -> float:
    return own.target_value or expected.pool.target_value


def depth(observed: Observed, expected: Expected) -> int:
    """Visible + in flight right now."""
    if observed.depth is None:
        raise Unread(Failure(f"there is no queue {expected.pool.queue_name}"))
    return observed.depth


def depths(observed: Observed, minutes: int) -> Sequence[float]:
    """Visible + in flight by SQS's own metrics over the last minutes, oldest first; empty where nothing is known.

    Where one of the two is late the other stands alone, the least that the queue held; a policy sees a gap there.
    """
    metrics = observed.known("queue_metrics", {})
    by_minute: dict[datetime, float] = {}
    for name in ("visible", "in_flight"):
        for time, value in series.after(metrics.get(name, ()), observed.at - timedelta(minutes=minutes)):
            by_minute[time] = by_minute.get(time, 0) + value
    return [value for dummy, value in sorted(by_minute.items())]


def is_empty(observed: Observed, expected: Expected, minutes: int) -> bool:
    """Whether the queue holds nothing, and has held nothing for so long as far as is known."""
    return depth(observed, expected) == 0 and not any(depths(observed, minutes))


def is_high(alarm: Reply) -> bool:
    """Whether an alarm rings above its threshold, as the one that scales out does."""
    return str(alarm["ComparisonOperator"]).startswith("Greater")


def in_state_since(alarm: Reply) -> datetime:
    since: datetime = alarm.get("StateTransitionedTimestamp") or alarm["StateUpdatedTimestamp"]
    return since
