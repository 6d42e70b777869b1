# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The scaling policies of a group, put in place. Keyed by (group, policy): half a key is none.

PolicyARN, alarm names and alarm thresholds are AWS's to change and are never compared. What was live is kept as a
snapshot before the first request that changes it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from ..failures import AwsFailure, Failure
from ..plan import Aws, Plan, Reply, Request, Steady
from ..pool import Pool
from . import group, snapshot, trigger
from .metric import Tracked
from .metric import from_params as tracked_from_params
from .metric import from_response as tracked_from_response
from .snapshot import History, Record, Snapshot
from .snapshot_rules import ROLLBACK
from .trigger import Alarm, Trigger

TARGET_TRACKING = "TargetTrackingScaling"
# What DescribePolicies returns at most in one page.
POLICIES_PER_PAGE = 100
# What PutScalingPolicy takes for a policy of any type, beside its names and its target tracking. Explicit, since a new
# field of the answer need not be one of the request.
SETTINGS = (
    "AdjustmentType",
    "MinAdjustmentStep",
    "MinAdjustmentMagnitude",
    "ScalingAdjustment",
    "Cooldown",
    "MetricAggregationType",
    "StepAdjustments",
    "PredictiveScalingConfiguration",
)
CONFIGURATION = "TargetTrackingConfiguration"
# What AWS takes for what is not given (API_TargetTrackingConfiguration, API_TargetTrackingMetricDataQuery).
DEFAULTS: Mapping[str, Any] = {"DisableScaleIn": False, "Period": 60, "ReturnData": True}
# Between a run's snapshot and its put lie two readings and the pauses of the first.
TURN = Steady("autoscaling", "another run ends its change of the same policies", 6.0)
# In most cases a request must reach AWS within five minutes of its time stamp (documented: "AWS Signature Version 4 for
# API requests" in the IAM User Guide), so a clock here is seldom further off. If it is further ahead, nothing waits.
LATELY = timedelta(minutes=5)

Key = tuple[str, str]


@dataclass(frozen=True)
class Policy:
    """:param tracked: what a target-tracking policy follows, None for the other types.
    :param settings: the declared part of a policy of another type, without defaults; of a target-tracking policy its
        configuration, where it has a field that this collection does not know.
    :param raw: a live policy as AWS returned it.
    """

    name: str
    type: str = TARGET_TRACKING
    tracked: Tracked | None = None
    target_value: float | None = None
    disable_scale_in: bool = False
    estimated_instance_warmup: int | None = None
    enabled: bool = True
    settings: Mapping[str, Any] = field(default_factory=dict)
    raw: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)

    def shown(self) -> dict[str, Any]:
        shown: dict[str, Any] = {"policy_type": self.type, "enabled": self.enabled, **self.settings}
        if self.tracked:
            shown["metric"] = self.tracked.shown()
            shown["target_value"] = self.target_value
            shown["disable_scale_in"] = self.disable_scale_in
        if self.estimated_instance_warmup is not None:
            shown["estimated_instance_warmup"] = self.estimated_instance_warmup
        return shown


@dataclass(frozen=True)
class Policies:
    """Scaling policies of a group by name: all of them when current, None for one that shall not be when desired.

    :param history: what the snapshots tell; read only where something is to change.
    :param alarms: those that trigger, or shall trigger, policies which are not target tracking, by name; read only
        where such a policy is to go or to come back.
    """

    group_name: str
    by_name: Mapping[str, Policy | None]
    history: History = field(default_factory=History, compare=False)
    alarms: Mapping[str, Alarm] = field(default_factory=dict, compare=False)

    def triggers(self, name: str) -> tuple[Trigger, ...]:
        """What triggers a policy of these; nothing of target tracking, whose alarms are AWS's own."""
        policy = self.by_name.get(name)
        if policy is None or policy.type == TARGET_TRACKING:
            return ()
        return trigger.of_policy(policy.raw.get("PolicyARN"), self.alarms.values())

    def shown(self, names: set[str]) -> dict[str, Any] | None:
        policies = {name: policy.shown() for name, policy in sorted(self.by_name.items()) if policy and name in names}
        return {"auto_scaling_group_name": self.group_name, "policies": policies} if policies else None


@dataclass(frozen=True)
class DesiredPolicies:
    """What shall become of some policies of a group.

    :param policy_name: the pool's own policy, which names its snapshots.
    :param policies: None for one that shall not be.
    :param exclusive: the group's other policies shall not be.
    :param whole: every value is given; otherwise what is not managed is taken from the live policy.
    :param record: what a snapshot tells beside the policies, None where they are only compared.
    :param triggers: the alarms that shall trigger a policy, by the policy's name.
    """

    group_name: str
    policy_name: str
    policies: Mapping[str, Policy | None]
    record: Record | None = None
    exclusive: bool = False
    whole: bool = False
    triggers: Mapping[str, Sequence[Trigger]] = field(default_factory=dict)

    def over(self, current: Policies) -> Policies:
        others = dict.fromkeys(current.by_name, None) if self.exclusive else {}
        wanted = {name: self._filled(policy, current.by_name.get(name)) for name, policy in self.policies.items()}
        return Policies(self.group_name, {**others, **wanted})

    def _filled(self, policy: Policy | None, live: Policy | None) -> Policy | None:
        """A put replaces the whole policy, so what is not managed is carried over from the live one."""
        if self.whole or policy is None or live is None or policy.estimated_instance_warmup is not None:
            return policy
        return replace(policy, estimated_instance_warmup=live.estimated_instance_warmup)


def key_of(pool: Pool) -> Key:
    return pool.auto_scaling_group_name, pool.policy_name


def from_params(pool: Pool, record: Record | None = None, present: bool = True) -> DesiredPolicies:
    policy = Policy(
        pool.policy_name,
        tracked=tracked_from_params(pool) if present else None,
        target_value=pool.target_value,
        disable_scale_in=pool.disable_scale_in,
        estimated_instance_warmup=pool.estimated_instance_warmup,
    )
    own = replace(record, is_served=pool.published) if record else None
    return DesiredPolicies(
        *key_of(pool), {pool.policy_name: policy if present else None}, own, exclusive=pool.exclusive and present
    )


def declared(pools: Iterable[Pool], record: Record | None = None, present: bool = True) -> dict[Key, DesiredPolicies]:
    """The policies of all the pools."""
    return {key_of(pool): from_params(pool, record, present) for pool in pools}


def from_snapshot(found: Snapshot, record: Record) -> DesiredPolicies:
    """Every policy that the snapshot names becomes what it was, and is not there where it was not."""
    policies = {name: from_response(raw) if raw else None for name, raw in found.policies.items()}
    return DesiredPolicies(found.group_name, found.policy_name, policies, record, whole=True, triggers=found.triggers)


def is_live(found: Snapshot, live: Policies) -> bool:
    """Whether every policy that the snapshot names is now what it was then."""
    wanted = from_snapshot(found, found.record).policies
    return all(digest(live.by_name.get(name)) == digest(policy) for name, policy in wanted.items())


def held_by(found: Snapshot) -> str:
    """What a snapshot holds, in one line."""
    lines = []
    for name, raw in sorted(found.policies.items()):
        policy = from_response(raw) if raw else None
        if policy is None:
            lines.append(f"no {name}")
        elif policy.tracked:
            lines.append(f"{name} follows {policy.tracked.words}, target {policy.target_value:g}")
        else:
            lines.append(f"{name} ({policy.type})")
    return "; ".join(lines)


def from_response(policy: Mapping[str, Any]) -> Policy:
    kind = policy.get("PolicyType") or "SimpleScaling"
    common = {
        "name": policy["PolicyName"],
        "type": kind,
        "estimated_instance_warmup": policy.get("EstimatedInstanceWarmup"),
        "enabled": policy.get("Enabled", True),
        "raw": policy,
    }
    if kind != TARGET_TRACKING:
        return Policy(**common, settings=canonical({name: policy[name] for name in SETTINGS if name in policy}))
    configuration = policy[CONFIGURATION]
    found = Policy(
        **common,
        tracked=tracked_from_response(configuration),
        target_value=float(configuration["TargetValue"]),
        disable_scale_in=bool(configuration.get("DisableScaleIn", False)),
    )
    if canonical(_configuration(found)) == canonical(configuration):
        return found
    return replace(found, settings=canonical({CONFIGURATION: configuration}))


def canonical(value: Any) -> Any:
    """What AWS means by a part of a policy: sets sorted, without defaults and empty values."""
    if isinstance(value, Mapping):
        known = {name: canonical(inner) for name, inner in sorted(value.items())}
        return {
            name: inner
            for name, inner in known.items()
            if inner not in (None, [], {}) and not (name in DEFAULTS and inner == DEFAULTS[name])
        }
    if isinstance(value, (list, tuple)):
        every = [canonical(inner) for inner in value]
        # Dimensions differ by their name, and queries by their id.
        return sorted(every, key=lambda one: str(one.get("Name", one.get("Id", "")))) if _are_named(every) else every
    return value


def _are_named(values: Sequence[Any]) -> bool:
    return all(isinstance(one, Mapping) and {"Name", "Id"} & one.keys() for one in values)


def to_request(group_name: str, policy: Policy) -> Request:
    """PutScalingPolicy, which creates and replaces alike; a new policy is enabled."""
    params: dict[str, Any] = {
        "AutoScalingGroupName": group_name,
        "PolicyName": policy.name,
        "PolicyType": policy.type,
        **policy.settings,
    }
    if policy.tracked and CONFIGURATION not in params:
        params[CONFIGURATION] = _configuration(policy)
    if policy.estimated_instance_warmup is not None:
        params["EstimatedInstanceWarmup"] = policy.estimated_instance_warmup
    if not policy.enabled:
        params["Enabled"] = False
    return Request("autoscaling", "put_scaling_policy", params, label=_label(policy.name))


def _configuration(policy: Policy) -> dict[str, Any]:
    """The target tracking of a policy, as far as its own fields hold it."""
    tracked = policy.tracked.to_request() if policy.tracked else {}
    return {**tracked, "TargetValue": policy.target_value, "DisableScaleIn": policy.disable_scale_in}


def digest(policy: Policy | None) -> str | None:
    """A short word for what a policy is, the same for all that AWS means the same by."""
    if policy is None:
        return None
    return sha256(json.dumps(policy.shown(), sort_keys=True).encode()).hexdigest()[:16]


def plan(current: Policies, desired: DesiredPolicies) -> Plan:
    wanted = desired.over(current)
    for name, policy in wanted.by_name.items():
        _require_same_type(current, name, policy)
    names, of_alarms = set(wanted.by_name), _triggering(current, wanted, desired)
    requests = (*_requests(current, wanted), *of_alarms.requests)
    return Plan(
        f"scaling policies of group {desired.group_name}",
        _with_alarms(current.shown(names), of_alarms.before),
        _with_alarms(wanted.shown(names), of_alarms.after),
        requests,
        _kept_before(current, wanted, desired.record, desired.policy_name) if requests and desired.record else (),
        of_alarms.left_out,
        TURN if requests and desired.record and _is_under_way(current, wanted, desired.record) else None,
    )


def _is_to_change(current: Policies, desired: DesiredPolicies) -> bool:
    wanted = desired.over(current)
    return bool(_requests(current, wanted) or _triggering(current, wanted, desired).requests)


def _with_alarms(shown: dict[str, Any] | None, alarms: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return {**(shown or {}), "alarms": dict(alarms)} if alarms else shown


def _triggering(current: Policies, wanted: Policies, desired: DesiredPolicies) -> Plan:
    """Put the action on a policy that comes back into the alarms that had it; whatever else they are stays."""
    changed: dict[str, Alarm] = {}
    before: dict[str, dict[str, list[str]]] = {}
    after: dict[str, dict[str, list[str]]] = {}
    left_out: list[str] = []
    for name, triggers in sorted(desired.triggers.items()):
        if wanted.by_name.get(name) is None:
            continue
        live = current.by_name.get(name)
        stays = live is not None and live == wanted.by_name[name]
        arn = live.raw.get("PolicyARN") if live and stays else Reply(_label(name), "PolicyARN")
        for one in triggers:
            alarm = changed.get(one.alarm_name) or current.alarms.get(one.alarm_name)
            if alarm is None:
                left_out.append(
                    f"alarm {one.alarm_name} triggered policy {name} and does not exist any more; create it again with "
                    "any other action, then run again (it gets its action on the policy)"
                )
                continue
            acts = {action: [name] for action in one.actions}
            after[one.alarm_name] = _joined(after.get(one.alarm_name, {}), acts)
            if trigger.acts_on(alarm, one, arn):
                before[one.alarm_name] = _joined(before.get(one.alarm_name, {}), acts)
            else:
                before.setdefault(one.alarm_name, {})
                changed[one.alarm_name] = trigger.with_action(alarm, one, arn, _arn_ends(desired.group_name, name))
    requests = tuple(trigger.to_request(alarm) for _name, alarm in sorted(changed.items()))
    return Plan("alarms", before, after, requests, left_out=tuple(left_out))


def _joined(first: Mapping[str, list[str]], second: Mapping[str, list[str]]) -> dict[str, list[str]]:
    return {name: [*first.get(name, ()), *second.get(name, ())] for name in {**first, **second}}


def _arn_ends(group_name: str, name: str) -> str:
    """How the ARN of a policy ends, also that of one of this name which is gone."""
    return f":autoScalingGroupName/{group_name}:policyName/{name}"


def _label(name: str) -> str:
    return f"policy {name}"


def _requests(current: Policies, wanted: Policies) -> tuple[Request, ...]:
    """Puts before deletions, so that the group is never without a policy."""
    puts = tuple(
        _put_over(current.by_name.get(name), to_request(wanted.group_name, policy))
        for name, policy in sorted(wanted.by_name.items())
        if policy and current.by_name.get(name) != policy
    )
    deletions = tuple(
        Request("autoscaling", "delete_policy", {"AutoScalingGroupName": wanted.group_name, "PolicyName": name})
        for name, policy in sorted(wanted.by_name.items())
        if policy is None and current.by_name.get(name)
    )
    return puts + deletions


def _put_over(found: Policy | None, put: Request) -> Request:
    """Nobody says whether a put without Enabled enables a policy that was disabled, so it is said."""
    if found and not found.enabled:
        return replace(put, params={"Enabled": True, **put.params})
    return put


def _require_same_type(current: Policies, name: str, policy: Policy | None) -> None:
    found = current.by_name.get(name)
    if found and policy and found.type != policy.type:
        raise Failure(
            f"policy {name} of group {current.group_name} is a {found.type} policy, and AWS does not turn one "
            f"type into another in place; declare another policy_name (and exclusive: true, to remove {name})"
        )


def _kept_before(current: Policies, wanted: Policies, record: Record, policy_name: str) -> tuple[Request, ...]:
    """The requests that keep what is live, as a snapshot.

    Where the newest was written for this very change, which was stopped before its end, a second one would hold the
    half-done state, and bury the state that was there before.
    """
    live = {name: current.by_name.get(name) for name in wanted.by_name}
    is_kept_already = _continues(current.history.newest, current, wanted, record.kind)
    # A rollback comes to the publisher last.
    is_deployed_first = record.is_served and record.kind != ROLLBACK
    new = Snapshot(
        wanted.group_name,
        policy_name,
        {name: policy.raw if policy else None for name, policy in live.items()},
        {name: digest(policy) for name, policy in wanted.by_name.items()},
        replace(
            record,
            function_version=current.history.version_before(is_deployed_first),
            live_version=record.live_version or current.history.live_version,
        ),
        triggers={name: triggers for name in sorted(live) if (triggers := current.triggers(name))},
        after=current.history.version,
    )
    return snapshot.to_requests(
        new,
        with_version=not is_kept_already,
        with_baseline=not current.history.has_baseline,
        is_advanced=current.history.is_advanced,
        exists=current.history.version > 0,
    )


def _is_under_way(current: Policies, wanted: Policies, record: Record) -> bool:
    """Whether another run may be between its snapshot and its put: this one's would bury what that one puts."""
    newest = current.history.newest
    if newest is None:
        # It is not known which snapshot counts.
        return current.history.version > 0
    if newest.written_at is None or _has_same_aim(newest, current, wanted, record.kind):
        return False
    began = datetime.fromisoformat(record.stamp.at)
    is_half_done = _is_half_done(newest, current) and not _is_done(newest, current)
    return is_half_done and newest.written_at > began - LATELY


def _continues(kept: Snapshot | None, current: Policies, wanted: Policies, kind: str) -> bool:
    """Whether it was written for this very change, which was stopped before its end."""
    return kept is not None and _has_same_aim(kept, current, wanted, kind) and _is_half_done(kept, current)


def _has_same_aim(kept: Snapshot, current: Policies, wanted: Policies, kind: str) -> bool:
    """Whether it was written for a change that makes the same of all that differs now."""
    intent = {name: digest(policy) for name, policy in wanted.by_name.items()}
    differing = [name for name, aim in intent.items() if digest(current.by_name.get(name)) != aim]
    return kept.record.kind == kind and all(
        name in kept.intent and kept.intent[name] == intent[name] for name in differing
    )


def _is_half_done(kept: Snapshot, current: Policies) -> bool:
    """Whether each of its policies is as it was then, or as that change was to make it."""
    return all(
        digest(current.by_name.get(name)) in (kept.intent.get(name), digest(from_response(raw) if raw else None))
        for name, raw in kept.policies.items()
    )


def _is_done(kept: Snapshot | None, current: Policies) -> bool:
    """Whether each policy is what that change was to make it."""
    return kept is not None and all(digest(current.by_name.get(name)) == aim for name, aim in kept.intent.items())


def find(aws: Aws, desired: Mapping[Key, DesiredPolicies]) -> dict[Key, Any]:
    """All policies in one (paginated) read, however many pools there are; only groups without any are asked for."""
    names = {group_name for group_name, _policy_name in desired}
    policies = _policies_of(aws, names)
    # A group that has a policy is there, and one that shall have none need not be.
    growing = {wanted.group_name for wanted in desired.values() if any(wanted.policies.values())}
    groups = group.find(aws, dict.fromkeys(growing - policies.keys()))
    found: dict[Key, Any] = {}
    for key, wanted in desired.items():
        live = Policies(wanted.group_name, policies.get(wanted.group_name, {}))
        if groups.get(wanted.group_name, True) is None and any(wanted.policies.values()):
            found[key] = group.missing(aws, wanted.group_name)
        else:
            found[key] = live
    for key, alarms in _alarms(aws, desired, found).items():
        found[key] = alarms if isinstance(alarms, Failure) else replace(found[key], alarms=alarms)
    functions = {
        key: record.function_name
        for key, live in found.items()
        if isinstance(live, Policies)
        and _is_to_change(live, desired[key])
        and (record := desired[key].record) is not None
    }
    for key, history in snapshot.find(aws, functions).items():
        found[key] = history if isinstance(history, Failure) else replace(found[key], history=history)
    return found


def _alarms(aws: Aws, desired: Mapping[Key, DesiredPolicies], found: Mapping[Key, Any]) -> dict[Key, Any]:
    """The alarms of policies that are not target tracking and are to go, and of those that are to come back, by key."""
    asked: dict[Key, tuple[list[str], list[str]]] = {}
    for key, live in found.items():
        if not isinstance(live, Policies):
            continue
        going = [
            policy
            for name, wanted in desired[key].over(live).by_name.items()
            if (policy := live.by_name.get(name)) and policy != wanted and policy.type != TARGET_TRACKING
        ]
        arns = [policy.raw["PolicyARN"] for policy in going if policy.raw.get("PolicyARN")]
        names = {alarm["AlarmName"] for policy in going for alarm in policy.raw.get("Alarms") or ()}
        names |= {one.alarm_name for triggers in desired[key].triggers.values() for one in triggers}
        if arns or names:
            asked[key] = arns, sorted(names)
    return aws.each(lambda key: trigger.find(aws, *asked[key]), asked, counted=False)


def _policies_of(aws: Aws, group_names: set[str]) -> dict[str, dict[str, Policy]]:
    """By group and by name; without the groups that have none, or are not there."""
    if not group_names:
        return {}
    # The API filters by one group or by none.
    one = {"AutoScalingGroupName": min(group_names)} if len(group_names) == 1 else {}
    pages = aws.pages("autoscaling", "describe_policies", "ScalingPolicies", **one, MaxRecords=POLICIES_PER_PAGE)
    policies: dict[str, dict[str, Policy]] = {}
    try:
        for policy in pages:
            if policy["AutoScalingGroupName"] in group_names:
                policies.setdefault(policy["AutoScalingGroupName"], {})[policy["PolicyName"]] = from_response(policy)
    except AwsFailure as failure:
        # AWS answers so about a group that is not there, but not only about that.
        if failure.code not in group.MISSING or any(group.find(aws, dict.fromkeys(group_names)).values()):
            raise
    return policies
