# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever policy AWS may hold, a rollback puts back exactly that one, with the alarms that triggered it.

The policies are made from the API's own model, so that a field which AWS adds fails here instead of being lost.
"""

from __future__ import annotations

import copy

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils import reconcile
from ansible_collections.academy.video_scaling.plugins.module_utils.resources import policy, snapshot
from ansible_collections.academy.video_scaling.plugins.module_utils.resources.snapshot import Record
from ansible_collections.academy.video_scaling.plugins.module_utils.resources.snapshot_rules import CHANGE, ROLLBACK
from botocore.session import Session
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from .examples import FUNCTION, GROUP, POLICY, STAMP, pool
from .fake_account import Account, arn_of
from .fake_aws import refusal

KEY = (GROUP, POLICY)
REQUEST = Session().get_service_model("autoscaling").operation_model("PutScalingPolicy").input_shape
# Which fields belong to which type (documented: API_PutScalingPolicy). One that is in no list here belongs to all.
OF_TYPE = {
    "TargetTrackingScaling": {"TargetTrackingConfiguration": True, "EstimatedInstanceWarmup": False},
    "StepScaling": {
        "AdjustmentType": True,
        "StepAdjustments": True,
        "MetricAggregationType": False,
        "MinAdjustmentStep": False,
        "MinAdjustmentMagnitude": False,
        "EstimatedInstanceWarmup": False,
    },
    "SimpleScaling": {
        "AdjustmentType": True,
        "ScalingAdjustment": True,
        "Cooldown": False,
        "MinAdjustmentStep": False,
        "MinAdjustmentMagnitude": False,
    },
    "PredictiveScaling": {"PredictiveScalingConfiguration": True},
}
OWN = ("AutoScalingGroupName", "PolicyName", "PolicyType")
# Those that AWS takes for what is not given (documented: the pages of the API's structures).
DEFAULTS = {"DisableScaleIn": False, "Period": 60, "ReturnData": True, "Enabled": True}
# Of each of these a structure has one side (documented there, although the model does not say so).
SIDES = (
    ({"Expression"}, {"MetricStat"}),
    ({"PredefinedMetricSpecification"}, {"CustomizedMetricSpecification"}),
    ({"Metrics"}, {"MetricName", "Namespace"}),
)


def texts(shape):
    if shape.enum:
        return st.sampled_from(shape.enum)
    return st.text("abcXYZ019_-/. 가é", min_size=max(1, shape.metadata.get("min", 1)), max_size=12)


def structures(shape):
    """A structure with every field that it needs, and any of the others."""
    sides = next((sides for sides in SIDES if set().union(*sides) <= shape.members.keys()), (set(),))
    return st.one_of(*(structure(shape, side, set().union(*sides) - side) for side in sides))


def structure(shape, needed, left_out):
    required = {*shape.required_members, *needed}
    made = {name: values(member) for name, member in shape.members.items() if name not in left_out}
    return st.fixed_dictionaries(
        {name: value for name, value in made.items() if name in required},
        optional={name: value for name, value in made.items() if name not in required},
    )


def lists(shape):
    items = st.lists(values(shape.member), min_size=1, max_size=4)
    if shape.member.type_name != "structure":
        return items
    # Dimensions differ by their name, and queries by their id.
    return items.map(lambda many: list({one.get("Id") or one.get("Name") or str(one): one for one in many}.values()))


def values(shape):
    return {
        "structure": lambda: structures(shape),
        "list": lambda: lists(shape),
        "string": lambda: texts(shape),
        "integer": lambda: st.integers(shape.metadata.get("min", 0), 10_000),
        "double": lambda: st.floats(0.001, 1e6, allow_nan=False),
        "boolean": st.booleans,
    }[shape.type_name]()


@st.composite
def policies(draw, kind=None):
    kind = kind or draw(st.sampled_from(sorted(OF_TYPE)))
    of_some = {name for fields in OF_TYPE.values() for name in fields}
    fields = {**OF_TYPE[kind], **{name: False for name in REQUEST.members if name not in (*of_some, *OWN)}}
    made = {
        name: draw(values(REQUEST.members[name]))
        for name, is_required in fields.items()
        if is_required or draw(st.booleans())
    }
    name = POLICY if kind == "TargetTrackingScaling" and draw(st.booleans()) else "of-before"
    return {"AutoScalingGroupName": GROUP, "PolicyName": name, "PolicyType": kind, **made}


def meant(value):
    """What AWS means by it: without defaults, dimensions and queries in the order of their names."""
    if isinstance(value, dict):
        found = {name: meant(inner) for name, inner in value.items() if name not in ("PolicyARN", "Alarms")}
        return {name: inner for name, inner in found.items() if not (name in DEFAULTS and inner == DEFAULTS[name])}
    if isinstance(value, list):
        return sorted(map(meant, value), key=lambda one: str(one.get("Id") or one.get("Name") or ""))
    return value


def brought(account, desired):
    (outcome,) = reconcile.reconcile(policy, {KEY: desired}, account, False, sleep=lambda _seconds: None).values()
    assert outcome.failure is None, outcome.failure
    return outcome.plan


def record(kind):
    return Record(STAMP, FUNCTION, kind)


def changed(account):
    """What an apply makes of the group: the pool's own policy, and no other."""
    return brought(account, policy.from_params(pool(exclusive=True), record(CHANGE)))


def rolled_back(account):
    kept = snapshot.chosen(account, KEY, snapshot.BASELINE)
    return kept, brought(account, policy.from_snapshot(kept, record(ROLLBACK)))


def live(account):
    return policy.Policies(GROUP, {name: policy.from_response(raw) for (_group, name), raw in account.policies.items()})


def held(one, number=0, **more):
    """As DescribePolicies returns it."""
    return {**copy.deepcopy(one), "PolicyARN": arn_of(GROUP, one["PolicyName"], number), **more}


@settings(max_examples=600)
@given(before=policies())
def test_a_rollback_puts_back_exactly_what_was_there(before):
    account = Account(GROUP, policies=[held(before)])
    assume(changed(account).changed)
    kept, plan = rolled_back(account)
    assert {key: meant(one) for key, one in account.policies.items()} == {(GROUP, before["PolicyName"]): meant(before)}
    assert plan.differences()
    assert policy.is_live(kept, live(account))
    assert not rolled_back(account)[1].changed


def leaves(value, path=()):
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, (*path, name))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from leaves(inner, (*path, number))
    else:
        yield path


def moved(value):
    if isinstance(value, bool):
        return not value
    return value + 1 if isinstance(value, (int, float)) else f"{value}+"


@settings(max_examples=600)
@given(before=policies(), data=st.data())
def test_any_difference_is_shown_and_only_an_equal_policy_is_called_live(before, data):
    """One value is another, or gone."""
    after = copy.deepcopy(before)
    *way, last = data.draw(st.sampled_from([path for path in leaves(before) if path[0] not in OWN]))
    inner = after
    for step in way:
        inner = inner[step]
    required = isinstance(last, int) or last in ("Id", "Name", "Value", "MetricName", "Namespace", "TargetValue")
    if required or last == "PredefinedMetricType" or data.draw(st.booleans()):
        assume(last not in ("Id", "Name"))
        inner[last] = moved(inner[last])
    else:
        del inner[last]
    is_same = meant(before) == meant(after)
    desired = policy.DesiredPolicies(GROUP, POLICY, {before["PolicyName"]: policy.from_response(before)}, whole=True)
    current = policy.Policies(GROUP, {after["PolicyName"]: policy.from_response(held(after))})
    plan = policy.plan(current, desired)
    kept = snapshot.Snapshot(GROUP, POLICY, {before["PolicyName"]: before}, {}, record(CHANGE))
    assert (bool(plan.differences()), plan.changed, policy.is_live(kept, current)) == (
        not is_same,
        not is_same,
        is_same,
    )


def test_every_field_of_the_request_is_drawn():
    """None of the API's fields is out of reach of what is made here."""
    seen = set()

    @settings(max_examples=600, database=None)
    @given(made=policies())
    def collect(made):
        seen.update(fields(made))

    def fields(value):
        if isinstance(value, dict):
            return set(value).union(*map(fields, value.values()))
        return set().union(*map(fields, value)) if isinstance(value, list) else set()

    def of_shape(shape):
        if shape.type_name == "list":
            return of_shape(shape.member)
        if shape.type_name != "structure":
            return set()
        return set(shape.members).union(*map(of_shape, shape.members.values()))

    collect()
    assert of_shape(REQUEST) - seen == set()


# --- what triggers a step or simple policy ----------------------------------------------------------------------

STEP = {
    "AutoScalingGroupName": GROUP,
    "PolicyName": "of-before",
    "PolicyType": "StepScaling",
    "AdjustmentType": "ChangeInCapacity",
    "StepAdjustments": [{"MetricIntervalLowerBound": 0.0, "ScalingAdjustment": 2}],
}
SIMPLE = {
    "AutoScalingGroupName": GROUP,
    "PolicyName": "simple",
    "PolicyType": "SimpleScaling",
    "AdjustmentType": "ChangeInCapacity",
    "ScalingAdjustment": -1,
    "Cooldown": 300,
}
TOPIC = "arn:aws:sns:ap-northeast-2:123456789012:on-call"


def alarm(name, **actions):
    """One with as much as DescribeAlarms may return."""
    return {
        "AlarmName": name,
        "AlarmArn": f"arn:aws:cloudwatch:ap-northeast-2:123456789012:alarm:{name}",
        "AlarmDescription": "jobs wait",
        "ActionsEnabled": True,
        "OKActions": [],
        "AlarmActions": [],
        "InsufficientDataActions": [],
        **actions,
        "MetricName": "ApproximateNumberOfMessagesVisible",
        "Namespace": "AWS/SQS",
        "Statistic": "Average",
        "Dimensions": [{"Name": "QueueName", "Value": "academy-video-jobs"}],
        "Period": 60,
        "Unit": "Count",
        "EvaluationPeriods": 3,
        "DatapointsToAlarm": 2,
        "Threshold": 10.0,
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "notBreaching",
    }


def triggered():
    """A step policy that two alarms trigger, one of them a simple policy, too."""
    step, simple = held(STEP, 901), held(SIMPLE, 902)
    of_step, of_simple = step["PolicyARN"], simple["PolicyARN"]
    return Account(
        GROUP,
        policies=[{**step, "Alarms": [{"AlarmName": "jobs", "AlarmARN": "x"}]}, simple],
        alarms=[
            alarm("jobs", AlarmActions=[of_step, TOPIC], OKActions=[of_simple]),
            alarm("silence", InsufficientDataActions=[of_step]),
            alarm("another", AlarmActions=[TOPIC]),
        ],
    )


def acting(account):
    """Which policy each alarm acts on, by the policy's name instead of its ARN."""
    names = {one["PolicyARN"]: name for (_group, name), one in account.policies.items()}
    return {
        (alarm_name, field): sorted(names.get(action, action) for action in one[field])
        for alarm_name, one in account.alarms.items()
        for field in ("AlarmActions", "OKActions", "InsufficientDataActions")
        if one.get(field)
    }


def without_actions(account):
    return {
        name: {field: value for field, value in one.items() if not field.endswith("Actions")}
        for name, one in account.alarms.items()
    }


def test_step_and_simple_policies_are_triggered_again_and_their_alarms_else_left_alone():
    account = triggered()
    before, else_before = acting(account), without_actions(account)
    changed(account)
    assert acting(account) == {("jobs", "AlarmActions"): [TOPIC], ("another", "AlarmActions"): [TOPIC]}
    _kept, plan = rolled_back(account)
    assert (acting(account), without_actions(account)) == (before, else_before)
    assert {name for name, _params in account.sent if "alarm" in name} == {"cloudwatch.put_metric_alarm"}
    assert sorted(params["AlarmName"] for name, params in account.sent if "alarm" in name) == ["jobs", "silence"]
    assert plan.after["alarms"] == {
        "jobs": {"AlarmActions": ["of-before"], "OKActions": ["simple"]},
        "silence": {"InsufficientDataActions": ["of-before"]},
    }
    assert not rolled_back(account)[1].changed


def test_an_alarm_that_lost_its_action_alone_gets_it_back():
    """A rollback that was stopped between the policy and its alarms is finished by the next one."""
    account = triggered()
    before = acting(account)
    changed(account)
    account.answers["cloudwatch.put_metric_alarm"] = refusal("AccessDenied")
    with pytest.raises(AssertionError, match="AccessDenied"):
        rolled_back(account)
    account.answers["cloudwatch.put_metric_alarm"] = account.put_alarm
    assert (GROUP, "of-before") in account.policies
    rolled_back(account)
    assert acting(account) == before


def test_an_alarm_that_is_gone_fails_the_rollback_and_says_what_to_do_after_all_else_is_done():
    account = triggered()
    changed(account)
    del account.alarms["jobs"]
    kept = snapshot.chosen(account, KEY, snapshot.BASELINE)
    desired = policy.from_snapshot(kept, record(ROLLBACK))
    for check_mode in (True, False):
        outcome = reconcile.reconcile(policy, {KEY: desired}, account, check_mode)[KEY]
        assert "alarm jobs triggered policy of-before and does not exist any more; create it" in str(outcome.failure)
        assert outcome.plan.changed
    assert acting(account)["silence", "InsufficientDataActions"] == ["of-before"]
    account.alarms["jobs"] = alarm("jobs", AlarmActions=[TOPIC])
    brought(account, desired)
    assert acting(account)["jobs", "AlarmActions"] == sorted([TOPIC, "of-before"])
