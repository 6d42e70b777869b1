# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every value of a snapshot is checked before any of it is used, and the shapes are those of the API."""

from __future__ import annotations

import copy

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.resources import snapshot_rules
from ansible_collections.academy.video_scaling.tests.unit.examples import FUNCTION, GROUP, POLICY, STAMP
from ansible_collections.academy.video_scaling.tests.unit.fake_aws import knows_period
from botocore.session import Session
from hypothesis import given, settings
from hypothesis import strategies as st

DOCUMENT = {
    "schema": 1,
    "at": STAMP.at,
    "by": STAMP.caller_arn,
    "collection": "0.1.0",
    "kind": "change",
    "group": GROUP,
    "policy": POLICY,
    "policies": {
        POLICY: {
            "AutoScalingGroupName": GROUP,
            "PolicyName": POLICY,
            "PolicyType": "TargetTrackingScaling",
            "TargetTrackingConfiguration": {
                "PredefinedMetricSpecification": {"PredefinedMetricType": "ASGAverageCPUUtilization"},
                "TargetValue": 1.0,
            },
            "NewerThanThisCollection": {"A": 1},
        },
        "steps": {"PolicyName": "steps", "PolicyType": "StepScaling", "StepAdjustments": [{"ScalingAdjustment": -1}]},
        "gone": None,
    },
    "intent": {POLICY: "0123456789abcdef", "steps": None, "gone": None},
    "function": {"name": FUNCTION, "version": "4", "live": None},
    "triggers": {"steps": {"jobs": ["AlarmActions"]}},
}


def problems(*changes):
    """Of the document with values changed: pairs of a dotted path and the value; ... takes it out."""
    document = copy.deepcopy(DOCUMENT)
    for path, value in changes:
        place, *names = document, *path.split("/")
        for name in names[:-1]:
            place = place[int(name)] if isinstance(place, list) else place[name]
        if value is ...:
            del place[names[-1]]
        else:
            place[names[-1]] = value
    return list(snapshot_rules.problems(document))


def test_a_snapshot_has_no_problem():
    assert problems() == []


CPU = f"policies/{POLICY}/TargetTrackingConfiguration"


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        ("schema", 2, "it has schema 2; this collection reads 1, so use a newer one"),
        ("schema", True, "it has schema True"),
        ("schema", "1", "it has schema '1'"),
        ("schema", ..., "it has schema None"),
        ("at", "yesterday", "at 'yesterday' is not a time"),
        ("at", "2026-02-22T09:00:00", "at '2026-02-22T09:00:00' is not a time"),
        ("by", 7, "by is not a text"),
        ("after", "3", "after '3' is not the number of a version"),
        ("after", -1, "after -1 is not the number of a version"),
        ("after", True, "after True is not the number of a version"),
        ("kind", "apply", "kind 'apply' is none of change, rollback, file"),
        ("group", "", "group is not a text"),
        ("policies", {}, "policies is not an object with a policy at least"),
        ("policies", [], "policies is not an object with a policy at least"),
        (f"policies/{POLICY}", "text", f"policies.{POLICY}: it is not an object"),
        (f"policies/{'p' * 256}", None, f"policies: the name '{'p' * 256}' must have 1 to 255 characters"),
        (
            f"policies/{POLICY}/PolicyName",
            "another",
            f"policies.{POLICY}: PolicyName is 'another' instead of '{POLICY}'",
        ),
        (f"policies/{POLICY}/PolicyName", ..., f"policies.{POLICY}: it has no PolicyName"),
        (
            f"policies/{POLICY}/AutoScalingGroupName",
            "another",
            f"policies.{POLICY}: AutoScalingGroupName is 'another' instead of '{GROUP}'",
        ),
        (f"policies/{POLICY}/PolicyType", "Hourly", f"policies.{POLICY}: PolicyType 'Hourly' is none of"),
        (f"policies/{POLICY}/Enabled", "yes", f"policies.{POLICY}: Enabled is 'yes', which is not true or false"),
        (
            f"policies/{POLICY}/EstimatedInstanceWarmup",
            1.5,
            "EstimatedInstanceWarmup is 1.5, which is not a whole number",
        ),
        (f"policies/{POLICY}/EstimatedInstanceWarmup", -1, "EstimatedInstanceWarmup -1 must be 0 or more"),
        (f"{CPU}/TargetValue", "1", "TargetTrackingConfiguration.TargetValue is '1', which is not a number"),
        (f"{CPU}/TargetValue", 0, "TargetValue 0 must be a number above 0"),
        (f"{CPU}/TargetValue", float("nan"), "TargetValue nan must be a number above 0"),
        (f"{CPU}/TargetValue", ..., "TargetValue None must be a number above 0"),
        (f"{CPU}/PredefinedMetricSpecification", ..., "it says no metric"),
        (f"{CPU}/PredefinedMetricSpecification", [], "PredefinedMetricSpecification is not an object"),
        (CPU, {}, "it has no TargetTrackingConfiguration"),
        ("policies/steps/StepAdjustments", {}, "StepAdjustments is not a list"),
        ("policies/steps/StepAdjustments/0/ScalingAdjustment", "1", "StepAdjustments.ScalingAdjustment is '1'"),
        ("intent", [], "intent is not an object of texts"),
        ("intent/steps", 7, "intent is not an object of texts"),
        ("function", None, "function is not an object"),
        ("function/name", None, "function.name is not a text"),
        ("function/live", ..., "function has no live"),
        ("function/version", "$LATEST", "function.version '$LATEST' is not the number of a version"),
        ("triggers", [], "triggers is not an object"),
        ("triggers/steps", {"jobs": ["Reboot"]}, "triggers.steps does not say which alarms act on the policy"),
        ("triggers/steps", {"jobs": []}, "triggers.steps does not say which alarms act on the policy"),
    ],
)
def test_each_problem_is_reported(path, value, problem):
    assert any(problem in one for one in problems((path, value)))


@pytest.mark.parametrize("document", [None, [], "text", 7, {}], ids=repr)
def test_what_is_no_object_is_none(document):
    assert len(list(snapshot_rules.problems(document))) == 1


def test_several_problems_are_reported_at_once():
    assert len(problems(("by", 7), ("kind", "x"), ("function", None), ("triggers", []))) == 4


def test_a_snapshot_of_before_had_no_triggers():
    assert problems(("triggers", ...)) == []


# --- the API's own shapes ---------------------------------------------------------------------------------------

MODEL = Session().get_service_model("autoscaling")
KINDS = {
    "string": snapshot_rules.TEXT,
    "timestamp": snapshot_rules.TEXT,
    "integer": snapshot_rules.WHOLE,
    "double": snapshot_rules.NUMBER,
    "boolean": snapshot_rules.TRUTH,
}


def of_api(name, shape):
    """The fields of a structure of the API and of those in it, with their types, each by this collection's name."""
    found = {(name, field): KINDS.get(member.type_name, member.type_name) for field, member in shape.members.items()}
    for field, member in shape.members.items():
        kind = snapshot_rules.SHAPES[name].get(field)
        if member.type_name == "list" and isinstance(kind, list):
            found |= of_api(kind[0], member.member)
        elif member.type_name == "structure" and kind in snapshot_rules.SHAPES:
            found |= of_api(kind, member)
    return found


@pytest.mark.skipif(not knows_period(), reason="this botocore is older than the shapes")
def test_the_shapes_are_those_of_the_api():
    """A field that AWS adds makes this fail, instead of being lost or let through unchecked."""
    known = {
        (name, field): "list" if isinstance(kind, list) else "structure" if kind in snapshot_rules.SHAPES else kind
        for name, shape in snapshot_rules.SHAPES.items()
        for field, kind in shape.items()
    }
    assert known == of_api("policy", MODEL.operation_model("PutScalingPolicy").input_shape)


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


@settings(max_examples=200)
@given(st.sampled_from(sorted({*DOCUMENT, f"policies/{POLICY}", CPU, "function/version", "triggers/steps"})), JUNK)
def test_whatever_stands_there_is_judged_and_nothing_is_raised(path, value):
    assert all(isinstance(problem, str) for problem in problems((path, value)))
