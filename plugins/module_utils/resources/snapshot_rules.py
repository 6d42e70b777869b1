# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the text of a snapshot must be before anything of it is used: every value is checked, its type included.

Anybody who may write the parameter can write anything into it, and a version cannot be taken back. The shapes are those
of PutScalingPolicy; a field that is not among them is left for AWS to judge, which may have returned a newer one.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from .trigger import ACTIONS

SCHEMA = 1
CHANGE, ROLLBACK, FILE = KINDS = ("change", "rollback", "file")
LONGEST_NAME = 255
POLICY_TYPES = ("TargetTrackingScaling", "StepScaling", "SimpleScaling", "PredictiveScaling")
TEXT, NUMBER, WHOLE, TRUTH = "a text", "a number", "a whole number", "true or false"
# Of each structure the fields, and of each field its type, the name of another structure, or a list of one of these.
SHAPES: Mapping[str, Mapping[str, Any]] = {
    "policy": {
        "AutoScalingGroupName": TEXT,
        "PolicyName": TEXT,
        "PolicyType": TEXT,
        "AdjustmentType": TEXT,
        "MinAdjustmentStep": WHOLE,
        "MinAdjustmentMagnitude": WHOLE,
        "ScalingAdjustment": WHOLE,
        "Cooldown": WHOLE,
        "MetricAggregationType": TEXT,
        "StepAdjustments": ["step"],
        "EstimatedInstanceWarmup": WHOLE,
        "TargetTrackingConfiguration": "target tracking",
        "Enabled": TRUTH,
        "PredictiveScalingConfiguration": "predictive scaling",
    },
    "step": {"MetricIntervalLowerBound": NUMBER, "MetricIntervalUpperBound": NUMBER, "ScalingAdjustment": WHOLE},
    "target tracking": {
        "PredefinedMetricSpecification": "predefined metric",
        "CustomizedMetricSpecification": "customized metric",
        "TargetValue": NUMBER,
        "DisableScaleIn": TRUTH,
    },
    "predefined metric": {"PredefinedMetricType": TEXT, "ResourceLabel": TEXT},
    "customized metric": {
        "MetricName": TEXT,
        "Namespace": TEXT,
        "Dimensions": ["dimension"],
        "Statistic": TEXT,
        "Unit": TEXT,
        "Period": WHOLE,
        "Metrics": ["query"],
    },
    "query": {
        "Id": TEXT,
        "Expression": TEXT,
        "MetricStat": "metric stat",
        "Label": TEXT,
        "Period": WHOLE,
        "ReturnData": TRUTH,
    },
    "metric stat": {"Metric": "metric", "Stat": TEXT, "Unit": TEXT, "Period": WHOLE},
    "metric": {"Namespace": TEXT, "MetricName": TEXT, "Dimensions": ["dimension"]},
    "dimension": {"Name": TEXT, "Value": TEXT},
    "predictive scaling": {
        "MetricSpecifications": ["predictive metric"],
        "Mode": TEXT,
        "SchedulingBufferTime": WHOLE,
        "MaxCapacityBreachBehavior": TEXT,
        "MaxCapacityBuffer": WHOLE,
    },
    "predictive metric": {
        "TargetValue": NUMBER,
        "PredefinedMetricPairSpecification": "predefined metric",
        "PredefinedScalingMetricSpecification": "predefined metric",
        "PredefinedLoadMetricSpecification": "predefined metric",
        "CustomizedScalingMetricSpecification": "predictive queries",
        "CustomizedLoadMetricSpecification": "predictive queries",
        "CustomizedCapacityMetricSpecification": "predictive queries",
    },
    "predictive queries": {"MetricDataQueries": ["query"]},
}


def problems(document: Any) -> Iterator[str]:
    """Why it is no snapshot that can be used, each a clause."""
    if not isinstance(document, Mapping):
        yield "it is not an object"
        return
    schema = document.get("schema")
    if schema != SCHEMA or isinstance(schema, bool):
        is_newer = isinstance(schema, int) and not isinstance(schema, bool) and schema > SCHEMA
        way_out = f"; this collection reads {SCHEMA}, so use a newer one" if is_newer else ""
        yield f"it has schema {schema!r}{way_out}"
        return
    for name in ("at", "by", "collection", "kind", "group", "policy"):
        if not isinstance(document.get(name), str) or not document[name]:
            yield f"{name} is not a text"
    if document.get("kind") not in KINDS:
        yield f"kind {document.get('kind')!r} is none of {', '.join(KINDS)}"
    if not _is_time(document.get("at")):
        yield f"at {document.get('at')!r} is not a time"
    yield from _of_function(document.get("function"))
    yield from _of_policies(document)
    yield from _of_triggers(document.get("triggers", {}))
    after = document.get("after", 0)
    if not isinstance(after, int) or isinstance(after, bool) or after < 0:
        yield f"after {after!r} is not the number of a version"


def _is_time(value: Any) -> bool:
    try:
        return datetime.fromisoformat(value).tzinfo is not None
    except (TypeError, ValueError):
        return False


def _of_function(function: Any) -> Iterator[str]:
    if not isinstance(function, Mapping):
        yield "function is not an object"
        return
    if not isinstance(function.get("name"), str):
        yield "function.name is not a text"
    for name in ("version", "live"):
        value = function.get(name)
        if name not in function:
            yield f"function has no {name}"
        elif value is not None and not (isinstance(value, str) and value.isdecimal()):
            yield f"function.{name} {value!r} is not the number of a version"


def _of_policies(document: Mapping[str, Any]) -> Iterator[str]:
    policies, intent = document.get("policies"), document.get("intent")
    if not isinstance(policies, Mapping) or not policies:
        yield "policies is not an object with a policy at least"
        return
    if not isinstance(intent, Mapping) or not all(isinstance(one, (str, type(None))) for one in intent.values()):
        yield "intent is not an object of texts"
    for name, policy in policies.items():
        if not 1 <= len(name) <= LONGEST_NAME or not name.strip():
            yield f"policies: the name {name!r} must have 1 to {LONGEST_NAME} characters"
        if policy is not None:
            for problem in _of_policy(name, policy, document.get("group")):
                yield f"policies.{name}: {problem}"


def _of_policy(name: str, policy: Any, group_name: Any) -> Iterator[str]:
    wrong = list(_of_shape("policy", policy))
    yield from wrong
    if wrong:
        return
    for field, expected in (("PolicyName", name), ("AutoScalingGroupName", group_name)):
        if policy.get(field, expected) != expected:
            yield f"{field} is {policy[field]!r} instead of {expected!r}"
    if "PolicyName" not in policy:
        yield "it has no PolicyName"
    kind = policy.get("PolicyType") or "SimpleScaling"
    if kind not in POLICY_TYPES:
        yield f"PolicyType {kind!r} is none of {', '.join(POLICY_TYPES)}"
    for field in ("EstimatedInstanceWarmup", "Cooldown"):
        if (policy.get(field) or 0) < 0:
            yield f"{field} {policy[field]} must be 0 or more"
    if kind == "TargetTrackingScaling":
        yield from _of_configuration(policy.get("TargetTrackingConfiguration"))


def _of_configuration(configuration: Any) -> Iterator[str]:
    """What a pool may not declare is not put back either."""
    if not configuration:
        yield "it has no TargetTrackingConfiguration"
        return
    target = configuration.get("TargetValue")
    if target is None or not math.isfinite(target) or target <= 0:
        yield f"TargetValue {target} must be a number above 0"
    if not ({"CustomizedMetricSpecification", "PredefinedMetricSpecification"} & configuration.keys()):
        yield "it says no metric"


def _of_triggers(triggers: Any) -> Iterator[str]:
    if not isinstance(triggers, Mapping):
        yield "triggers is not an object"
        return
    for name, alarms in triggers.items():
        if not isinstance(alarms, Mapping) or not all(
            isinstance(actions, list) and actions and set(map(str, actions)) <= set(ACTIONS)
            for actions in alarms.values()
        ):
            yield f"triggers.{name} does not say which alarms act on the policy"


def _of_shape(shape: str, value: Any) -> Iterator[str]:
    """Where a value is not of its type; a field that has no value is none."""
    if not isinstance(value, Mapping):
        yield "it is not an object"
        return
    for name, kind in SHAPES[shape].items():
        if (found := value.get(name)) is not None:
            for problem in _of_kind(kind, found):
                yield f"{name} {problem}" if problem.startswith("is ") else f"{name}.{problem}"


def _of_kind(kind: Any, value: Any) -> Iterator[str]:
    if isinstance(kind, list):
        if not isinstance(value, list):
            yield "is not a list"
            return
        for one in value:
            yield from _of_kind(kind[0], one)
    elif kind in SHAPES:
        if isinstance(value, Mapping):
            yield from _of_shape(kind, value)
        else:
            yield "is not an object"
    elif not _IS[kind](value):
        yield f"is {value!r}, which is not {kind}"


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


_IS: Mapping[str, Any] = {
    TEXT: lambda value: isinstance(value, str),
    NUMBER: _is_number,
    WHOLE: lambda value: _is_number(value) and math.isfinite(value) and int(value) == value,
    TRUTH: lambda value: isinstance(value, bool),
}
