# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A group's scaling policy, put in place, and the group's other policies. Keyed by (group, policy): half a key is none.

PolicyARN, alarm names and alarm thresholds are AWS's to change and are never compared.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ..failures import Failure
from ..plan import Aws, Plan, Request
from ..pool import Pool
from . import group
from .metric import Tracked
from .metric import from_params as tracked_from_params
from .metric import from_response as tracked_from_response

TARGET_TRACKING = "TargetTrackingScaling"
# What AWS adds to a policy by itself.
NOT_DECLARED = ("PolicyARN", "PolicyArn", "Alarms", "AutoScalingGroupName", "PolicyName", "Enabled")

Key = tuple[str, str]


@dataclass(frozen=True)
class Policy:
    """:param tracked: what a target-tracking policy follows, None for the other types.
    :param settings: the declared part of a policy of another type, as AWS returns it.
    """

    name: str
    type: str = TARGET_TRACKING
    tracked: Tracked | None = None
    target_value: float | None = None
    disable_scale_in: bool = False
    estimated_instance_warmup: int | None = None
    enabled: bool = True
    settings: Mapping[str, Any] = field(default_factory=dict)

    def shown(self) -> dict[str, Any]:
        if self.tracked is None:
            return {"policy_name": self.name, **self.settings, "enabled": self.enabled}
        shown = {
            "policy_name": self.name,
            "policy_type": self.type,
            "metric": self.tracked.shown(),
            "target_value": self.target_value,
            "disable_scale_in": self.disable_scale_in,
            "enabled": self.enabled,
        }
        if self.estimated_instance_warmup is not None:
            shown["estimated_instance_warmup"] = self.estimated_instance_warmup
        return shown


@dataclass(frozen=True)
class Policies:
    """A group's policy of the pool (None where there is none) beside the group's other ones.

    :param others: None where they are not managed.
    """

    group_name: str
    policy: Policy | None
    others: tuple[Policy, ...] | None = None

    @property
    def other_names(self) -> list[str]:
        return [other.name for other in self.others or ()]

    def shown(self) -> dict[str, Any]:
        shown: dict[str, Any] = {"auto_scaling_group_name": self.group_name}
        if self.policy:
            shown |= self.policy.shown()
        if self.others is not None:
            shown["other_policies"] = {other.name: other.shown() for other in self.others}
        return shown


def key_of(pool: Pool) -> Key:
    return pool.auto_scaling_group_name, pool.policy_name


def from_params(pool: Pool) -> Policies:
    policy = Policy(
        pool.policy_name,
        tracked=tracked_from_params(pool),
        target_value=pool.target_value,
        disable_scale_in=pool.disable_scale_in,
        estimated_instance_warmup=pool.estimated_instance_warmup,
    )
    return Policies(pool.auto_scaling_group_name, policy, others=() if pool.exclusive else None)


def from_response(policy: Mapping[str, Any]) -> Policy:
    kind = policy.get("PolicyType") or "SimpleScaling"
    enabled = policy.get("Enabled", True)
    if kind != TARGET_TRACKING:
        settings = {name: value for name, value in policy.items() if name not in NOT_DECLARED and value not in ([], {})}
        return Policy(policy["PolicyName"], kind, enabled=enabled, settings=settings)
    configuration = policy["TargetTrackingConfiguration"]
    return Policy(
        policy["PolicyName"],
        kind,
        tracked_from_response(configuration),
        float(configuration["TargetValue"]),
        bool(configuration.get("DisableScaleIn", False)),
        policy.get("EstimatedInstanceWarmup"),
        enabled,
    )


def to_request(group_name: str, policy: Policy) -> Request:
    """PutScalingPolicy, which creates and replaces alike; a new policy is enabled."""
    params: dict[str, Any] = {
        "AutoScalingGroupName": group_name,
        "PolicyName": policy.name,
        "PolicyType": policy.type,
    }
    if policy.tracked:
        params["TargetTrackingConfiguration"] = {
            **policy.tracked.to_request(),
            "TargetValue": policy.target_value,
            "DisableScaleIn": policy.disable_scale_in,
        }
    if policy.estimated_instance_warmup is not None:
        params["EstimatedInstanceWarmup"] = policy.estimated_instance_warmup
    return Request("autoscaling", "put_scaling_policy", params)


def plan(current: Policies, desired: Policies | None) -> Plan:
    words = f"scaling policies of group {current.group_name}"
    if desired is None or desired.policy is None:
        return _plan_absent(words, current)
    found, declared = current.policy, _over(desired.policy, current.policy)
    wanted = replace(desired, policy=declared)
    if found and found.type != declared.type:
        raise Failure(
            f"policy {found.name} of group {current.group_name} is a {found.type} policy, and AWS does not turn one "
            f"type into another in place; declare another policy_name (and exclusive: true, to remove {found.name})"
        )
    requests: tuple[Request, ...] = ()
    if found != declared:
        put = to_request(current.group_name, declared)
        if found and not found.enabled:
            # Nobody says whether a put without it enables a policy that was disabled.
            put = replace(put, params={**put.params, "Enabled": True})
        requests += (put,)
    if desired.others is None:
        current, wanted = replace(current, others=None), replace(wanted, others=None)
    else:
        # Last, so that the group is never without a policy.
        requests += tuple(_deletion(current.group_name, other) for other in current.others or ())
    return Plan(words, current.shown() if found or current.others else None, wanted.shown(), requests)


def _plan_absent(words: str, current: Policies) -> Plan:
    if current.policy is None:
        return Plan(words, None, None)
    alone = replace(current, others=None)
    return Plan(words, alone.shown(), None, (_deletion(current.group_name, current.policy),))


def _deletion(group_name: str, policy: Policy) -> Request:
    return Request("autoscaling", "delete_policy", {"AutoScalingGroupName": group_name, "PolicyName": policy.name})


def _over(desired: Policy, current: Policy | None) -> Policy:
    """A put replaces the whole policy, so what is not managed is carried over from the current one."""
    if desired.estimated_instance_warmup is None and current:
        return replace(desired, estimated_instance_warmup=current.estimated_instance_warmup)
    return desired


def find(aws: Aws, desired: Mapping[Key, Policies | None]) -> dict[Key, Any]:
    """The groups in one batch, their policies in one (paginated) read, however many pools there are."""
    names = {group_name for group_name, _policy_name in desired}
    groups = group.find(aws, dict.fromkeys(names))
    policies = _policies_of(aws, [name for name in names if groups[name]])
    found: dict[Key, Any] = {}
    for (group_name, policy_name), wanted in desired.items():
        if groups[group_name] is None and wanted is not None:
            found[group_name, policy_name] = group.missing(aws, group_name)
        else:
            own = policies.get(group_name, {})
            others = tuple(policy for name, policy in sorted(own.items()) if name != policy_name)
            found[group_name, policy_name] = Policies(group_name, own.get(policy_name), others)
    return found


def _policies_of(aws: Aws, group_names: list[str]) -> dict[str, dict[str, Policy]]:
    if not group_names:
        return {}
    # The API filters by one group or by none.
    one = {"AutoScalingGroupName": group_names[0]} if len(group_names) == 1 else {}
    wanted = set(group_names)
    policies: dict[str, dict[str, Policy]] = {}
    for policy in aws.pages("autoscaling", "describe_policies", "ScalingPolicies", **one):
        if policy["AutoScalingGroupName"] in wanted:
            policies.setdefault(policy["AutoScalingGroupName"], {})[policy["PolicyName"]] = from_response(policy)
    return policies
