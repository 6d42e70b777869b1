# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A policy is put in place: never deleted first, never put when AWS means the same."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import Failure
from ansible_collections.academy.video_scaling.plugins.module_utils.resources import policy, snapshot
from ansible_collections.academy.video_scaling.plugins.module_utils.resources.policy import Policies
from ansible_collections.academy.video_scaling.plugins.module_utils.resources.snapshot import History, Record
from ansible_collections.academy.video_scaling.plugins.module_utils.resources.snapshot_rules import CHANGE, ROLLBACK
from ansible_collections.academy.video_scaling.tests.unit.examples import (
    FUNCTION,
    GROUP,
    METRIC,
    POLICY,
    ROOT,
    STAMP,
    pool,
)
from ansible_collections.academy.video_scaling.tests.unit.fake_aws import (
    FakeAws,
    knows_period,
    operations,
    prepared,
    refusal,
    sent,
)
from ansible_collections.academy.video_scaling.tests.unit.tag_cases import TAGS, as_list

with_period = pytest.mark.skipif(not knows_period(), reason="this botocore does not know the period of a metric")
RECORD = Record(STAMP, FUNCTION)
RECORDED = ROOT / "tests" / "unit" / "recorded"
SPECIFICATION = {
    "MetricName": "VideoQueueDepthTotal",
    "Namespace": "Academy/VideoProcessing",
    "Dimensions": [
        {"Name": "AutoScalingGroupName", "Value": "academy-video-worker-asg"},
        {"Name": "WorkerType", "Value": "Video"},
    ],
    "Statistic": "Average",
    "Unit": "Count",
}
SEED_REQUEST = {
    "AutoScalingGroupName": "academy-video-worker-asg",
    "PolicyName": "video-backlogcount-tt",
    "PolicyType": "TargetTrackingScaling",
    "TargetTrackingConfiguration": {
        "CustomizedMetricSpecification": SPECIFICATION,
        "TargetValue": 1.0,
        "DisableScaleIn": False,
    },
}
STEP_SCALING = {
    "AutoScalingGroupName": GROUP,
    "PolicyName": "step-out",
    "PolicyType": "StepScaling",
    "AdjustmentType": "ChangeInCapacity",
    "StepAdjustments": [{"MetricIntervalLowerBound": 0.0, "ScalingAdjustment": 1}],
    "Alarms": [{"AlarmName": "somebody's"}],
    "Enabled": True,
}


def query(query_id, name):
    dimensions = [{"Name": "QueueName", "Value": "academy-video-jobs"}]
    measured = {"Namespace": "AWS/SQS", "MetricName": f"ApproximateNumberOfMessages{name}", "Dimensions": dimensions}
    return {"Id": query_id, "MetricStat": {"Metric": measured, "Stat": "Sum", "Period": 60}, "ReturnData": False}


METRIC_MATH = {
    "Metrics": [
        query("m2", "NotVisible"),
        {
            "Id": "e1",
            "Expression": "(m1 + m2) / (IF(m1 >= 0, 1) * IF(m2 >= 0, 1))",
            "Label": "VideoQueueDepthTotal",
            "ReturnData": True,
        },
        query("m1", "Visible"),
    ]
}


def returned(specification=None, target=1.0, scale_in_disabled=False, **changes):
    """A policy as AWS returns it."""
    configuration = {"CustomizedMetricSpecification": specification or SPECIFICATION, "TargetValue": target}
    if scale_in_disabled is not None:
        configuration["DisableScaleIn"] = scale_in_disabled
    whole = {
        "AutoScalingGroupName": GROUP,
        "PolicyName": POLICY,
        "PolicyARN": "arn:aws:autoscaling:ap-northeast-2:123456789012:scalingPolicy:1:policyName/y",
        "PolicyType": "TargetTrackingScaling",
        "StepAdjustments": [],
        "Alarms": [{"AlarmName": "TargetTracking-AlarmHigh-1", "AlarmARN": "arn:aws:cloudwatch:x:1:alarm:y"}],
        "TargetTrackingConfiguration": configuration,
        "Enabled": True,
    }
    return {name: value for name, value in {**whole, **changes}.items() if value is not ...}


def live(*responses, **history):
    """The group's policies, and what its snapshots tell."""
    found = [policy.from_response(response) for response in responses]
    return Policies(GROUP, {one.name: one for one in found}, History(**history))


def declared(present=True, **changes):
    return policy.from_params(pool(**changes), RECORD, present)


def planned(current, **changes):
    return policy.plan(current, declared(**changes))


def test_the_seed_pools_request_is_the_designs_table():
    assert sent(planned(live())) == [("put_scaling_policy", SEED_REQUEST)]


def test_sqs_total_is_sent_as_metric_math():
    ((_name, params),) = sent(planned(live(), signal="sqs_total"))
    queries = params["TargetTrackingConfiguration"].pop("CustomizedMetricSpecification")["Metrics"]
    # Period is AWS's default and unknown to older botocore releases.
    expected = json.loads(json.dumps(METRIC_MATH).replace(', "Period": 60', ""))
    assert sorted(queries, key=lambda one: one["Id"]) == sorted(expected["Metrics"], key=lambda one: one["Id"])
    assert params["TargetTrackingConfiguration"] == {"TargetValue": 1.0, "DisableScaleIn": False}


@pytest.mark.parametrize(
    ("options", "path", "value"),
    [
        ({"target_value": 2.5}, ("TargetTrackingConfiguration", "TargetValue"), 2.5),
        ({"disable_scale_in": True}, ("TargetTrackingConfiguration", "DisableScaleIn"), True),
        ({"estimated_instance_warmup": 180}, ("EstimatedInstanceWarmup",), 180),
        ({"estimated_instance_warmup": 0}, ("EstimatedInstanceWarmup",), 0),
        ({"policy_name": "tt"}, ("PolicyName",), "tt"),
    ],
    ids=str,
)
def test_every_option_has_its_place_in_the_request(options, path, value):
    ((_name, params),) = sent(planned(live(), **options))
    for name in path:
        params = params[name]
    assert params == value


def test_the_group_of_the_request_is_the_declared_one():
    ((_name, params),) = sent(policy.plan(Policies("workers", {}), declared(auto_scaling_group_name="workers")))
    assert params["AutoScalingGroupName"] == "workers"


@pytest.mark.parametrize(
    ("response", "options"),
    [
        pytest.param(returned(), {}, id="as AWS returns it"),
        pytest.param(
            returned({**SPECIFICATION, "Dimensions": SPECIFICATION["Dimensions"][::-1]}), {}, id="dimensions reordered"
        ),
        pytest.param(returned(scale_in_disabled=None), {}, id="DisableScaleIn absent"),
        pytest.param(returned(target=1), {}, id="whole target"),
        pytest.param(returned({**SPECIFICATION, "Period": 60}), {}, id="period said"),
        pytest.param(returned(PolicyARN="arn:another", Alarms=[]), {}, id="new ARN and alarms"),
        pytest.param(returned(PolicyARN=..., PolicyArn="arn:spelt otherwise"), {}, id="ARN spelt otherwise"),
        pytest.param(returned(Enabled=...), {}, id="Enabled absent"),
        pytest.param(returned(EstimatedInstanceWarmup=300), {}, id="warmup not managed"),
        pytest.param(
            returned(EstimatedInstanceWarmup=300), {"estimated_instance_warmup": 300}, id="warmup as declared"
        ),
        pytest.param(returned(METRIC_MATH), {"signal": "sqs_total"}, id="queries reordered"),
        pytest.param(returned(METRIC_MATH), {"signal": "sqs_total", "metric": ...}, id="queries, no metric declared"),
        pytest.param(
            returned({**METRIC_MATH, "Dimensions": []}), {"signal": "sqs_total"}, id="empty list beside queries"
        ),
    ],
)
def test_what_aws_means_the_same_is_no_change(response, options):
    plan = planned(live(response), **options)
    assert not plan.changed
    assert plan.differences() == []


@pytest.mark.parametrize(
    ("response", "options", "difference"),
    [
        pytest.param(returned(target=2.0), {}, "target_value: expected 1.0, found 2.0", id="target"),
        pytest.param(
            returned({**SPECIFICATION, "MetricName": "BacklogCount"}),
            {},
            "metric.name: expected 'VideoQueueDepthTotal', found 'BacklogCount'",
            id="metric",
        ),
        pytest.param(
            returned({**SPECIFICATION, "Dimensions": SPECIFICATION["Dimensions"][:1]}),
            {},
            "metric.dimensions.WorkerType: expected 'Video', found nothing",
            id="dimension",
        ),
        pytest.param(
            returned({**SPECIFICATION, "Statistic": "Maximum"}),
            {},
            "metric.statistic: expected 'Average', found 'Maximum'",
            id="statistic",
        ),
        pytest.param(
            returned({n: v for n, v in SPECIFICATION.items() if n != "Unit"}),
            {},
            "metric.unit: expected 'Count', found nothing",
            id="unit",
        ),
        pytest.param(
            returned({**SPECIFICATION, "Period": 10}), {}, "metric.period: expected 60, found 10", id="period"
        ),
        pytest.param(
            returned(scale_in_disabled=True), {}, "disable_scale_in: expected False, found True", id="scale-in disabled"
        ),
        pytest.param(returned(Enabled=False), {}, "enabled: expected True, found False", id="policy disabled"),
        pytest.param(
            returned(EstimatedInstanceWarmup=300),
            {"estimated_instance_warmup": 0},
            "estimated_instance_warmup: expected 0, found 300",
            id="warmup to 0",
        ),
        pytest.param(
            returned(
                {
                    "Metrics": [
                        {**METRIC_MATH["Metrics"][1], "Expression": "m1"},
                        query("m1", "Visible"),
                        query("m2", "NotVisible"),
                    ]
                }
            ),
            {"signal": "sqs_total"},
            "metric.queries.e1.expression: expected '(m1 + m2) / (IF(m1 >= 0, 1) * IF(m2 >= 0, 1))', found 'm1'",
            id="expression",
        ),
    ],
)
def test_drift_is_mended_by_one_put_and_shown_alone(response, options, difference):
    plan = planned(live(response), **options)
    assert operations(plan) == ["put_scaling_policy"]
    assert plan.differences() == [f"policies.{POLICY}.{difference}"]


def test_a_disabled_policy_is_enabled_in_so_many_words():
    ((_name, params),) = sent(planned(live(returned(Enabled=False))))
    assert params == {**SEED_REQUEST, "Enabled": True}


@pytest.mark.parametrize(
    ("options", "warmup"), [({}, 300), ({"estimated_instance_warmup": 60}, 60)], ids=["not managed", "managed"]
)
def test_a_put_carries_over_the_warmup_it_does_not_manage(options, warmup):
    plan = planned(live(returned(target=2.0, EstimatedInstanceWarmup=300)), **options)
    ((_name, params),) = sent(plan)
    assert params["EstimatedInstanceWarmup"] == warmup
    assert plan.after["policies"][POLICY]["estimated_instance_warmup"] == warmup


OTHER = returned(PolicyName="cpu-tt")
PREDICTIVE = {
    "AutoScalingGroupName": GROUP,
    "PolicyName": "predictive",
    "PolicyType": "PredictiveScaling",
    "PredictiveScalingConfiguration": {
        "MetricSpecifications": [
            {
                "TargetValue": 40.0,
                "PredefinedMetricPairSpecification": {"PredefinedMetricType": "ASGCPUUtilization"},
            }
        ],
        "Mode": "ForecastOnly",
    },
    "Enabled": True,
}
SIMPLE = {"AutoScalingGroupName": GROUP, "PolicyName": "simple", "ScalingAdjustment": 1, "Cooldown": 300}


@pytest.mark.parametrize(
    ("responses", "exclusive", "requests"),
    [
        pytest.param([], False, ["put"], id="empty group"),
        pytest.param([OTHER, STEP_SCALING], False, ["put"], id="others stay"),
        pytest.param([returned(), OTHER], False, [], id="in place, others stay"),
        pytest.param([OTHER, STEP_SCALING], True, ["put", "delete cpu-tt", "delete step-out"], id="others go last"),
        pytest.param([returned(target=2.0), PREDICTIVE], True, ["put", "delete predictive"], id="mended first"),
        pytest.param([returned(), SIMPLE], True, ["delete simple"], id="only the others go"),
        pytest.param([returned()], True, [], id="alone already"),
    ],
)
def test_other_policies_go_only_when_exclusive_and_only_after_the_put(responses, exclusive, requests):
    plan = planned(live(*responses), exclusive=exclusive)
    sent_requests = [
        "put" if name == "put_scaling_policy" else f"delete {params['PolicyName']}" for name, params in sent(plan)
    ]
    assert sent_requests == requests
    assert bool(plan.differences()) is bool(requests)
    if exclusive:
        assert set(plan.after["policies"]) == {POLICY}


@pytest.mark.parametrize("response", [STEP_SCALING, PREDICTIVE, SIMPLE], ids=lambda response: response["PolicyName"])
def test_a_policy_of_another_type_is_not_turned(response):
    with pytest.raises(Failure, match="declare another policy_name"):
        planned(live({**response, "PolicyName": POLICY}))


@pytest.mark.parametrize(
    ("responses", "requests"),
    [
        ([returned(), OTHER], [("delete_policy", {"AutoScalingGroupName": GROUP, "PolicyName": POLICY})]),
        (
            [{**STEP_SCALING, "PolicyName": POLICY}],
            [("delete_policy", {"AutoScalingGroupName": GROUP, "PolicyName": POLICY})],
        ),
        ([OTHER], []),
        ([], []),
    ],
    ids=["the policy alone", "of any type", "no policy", "no policies"],
)
def test_an_absent_policy_goes_and_no_other(responses, requests):
    plan = policy.plan(live(*responses), declared(present=False, exclusive=True))
    assert sent(plan) == requests
    assert plan.after is None


POSSIBLE = [
    [],
    [returned()],
    [returned(target=2.0)],
    [OTHER],
    [returned(target=2.0), OTHER, STEP_SCALING],
    [returned(METRIC_MATH)],
]


@pytest.mark.parametrize(
    ("responses", "signal", "exclusive"), list(product(POSSIBLE, ["published_total", "sqs_total"], [True, False]))
)
def test_no_put_is_preceded_by_a_delete_and_none_sets_a_size(responses, signal, exclusive):
    requests = sent(planned(live(*responses), signal=signal, exclusive=exclusive))
    names = [name for name, _params in requests]
    assert names == sorted(names, key=["put_scaling_policy", "delete_policy"].index)
    assert POLICY not in [params["PolicyName"] for name, params in requests if name == "delete_policy"]
    assert "DesiredCapacity" not in json.dumps(requests)


def test_a_policy_that_was_put_is_then_in_place():
    for responses in POSSIBLE:
        for name, params in sent(planned(live(*responses))):
            if name == "put_scaling_policy":
                assert not planned(live({**params, "Enabled": True})).changed


# --- keeping what was there -------------------------------------------------------------------------------------


def kept(raw, intent, kind=CHANGE):
    """The newest snapshot: what was live, and what the change was to make of it."""
    digests = {name: policy.digest(one) for name, one in intent.items()}
    return snapshot.Snapshot(GROUP, POLICY, raw, digests, Record(STAMP, FUNCTION, kind), id=3)


@pytest.mark.parametrize(("exists", "overwrites"), [(False, False), (True, True)], ids=["new", "a later one"])
def test_what_is_kept_is_made_with_its_tags(exists, overwrites):
    wanted = policy.from_params(pool(), Record(STAMP, FUNCTION, tags=TAGS))
    (_put, first), (_put, then) = prepared(policy.plan(live(version=3 if exists else 0), wanted))
    assert (first["Tags"], first["Overwrite"]) == (as_list(TAGS), False)
    assert (then.get("Tags"), then["Overwrite"]) == (None if exists else as_list(TAGS), overwrites)


def values(plan):
    """The names and the decoded values of what is kept before the change."""
    return [(params["Name"], json.loads(params["Value"])) for _operation, params in prepared(plan)]


NAME = f"/video_scaling/{GROUP}/{POLICY}"
OURS = policy.from_response(returned())
OLD = returned(target=2.0)


@pytest.mark.parametrize(
    ("current", "names"),
    [
        pytest.param(live(OLD), [f"{NAME}/baseline", NAME], id="the first change"),
        pytest.param(live(), [f"{NAME}/baseline", NAME], id="the first change, of nothing"),
        pytest.param(live(OLD, has_baseline=True), [NAME], id="a later change"),
        pytest.param(live(returned()), [], id="no change"),
        pytest.param(live(returned(), has_baseline=True), [], id="no change later"),
    ],
)
def test_a_snapshot_comes_before_a_change_and_only_then(current, names):
    plan = planned(current)
    assert [name for name, _value in values(plan)] == names
    assert bool(plan.requests) is bool(names)
    assert list(plan.steps) == [*plan.preparation, *plan.requests]


def test_a_snapshot_holds_what_was_live_as_aws_returned_it():
    plan = planned(live(OLD, OTHER, live_version="4", previous_version="3"))
    (_baseline, first), (_version, second) = values(plan)
    assert first == second
    assert second["policies"] == {POLICY: OLD}
    assert second["intent"] == {POLICY: policy.digest(OURS)}
    assert second["function"] == {"name": FUNCTION, "version": "3", "live": "4"}
    assert (second["at"], second["by"], second["kind"]) == (STAMP.at, STAMP.caller_arn, "change")


@pytest.mark.parametrize(
    ("options", "version"),
    [({}, "3"), ({"signal": "sqs_total"}, "4"), ({"signal": "sqs_total", "metric": ...}, "4")],
    ids=["published", "SQS's own", "SQS's own, no metric"],
)
def test_only_a_pool_that_is_served_goes_back_to_the_version_before(options, version):
    plan = planned(live(OLD, live_version="4", previous_version="3"), **options)
    assert [value["function"]["version"] for _name, value in values(plan)] == [version, version]


def test_a_snapshot_of_an_exclusive_change_holds_all_that_it_removes():
    ((_name, value),) = values(planned(live(returned(), OTHER, STEP_SCALING, has_baseline=True), exclusive=True))
    assert value["policies"] == {POLICY: returned(), "cpu-tt": OTHER, "step-out": STEP_SCALING}
    assert value["intent"] == {POLICY: policy.digest(OURS), "cpu-tt": None, "step-out": None}


def test_a_snapshot_of_a_first_put_tells_that_there_was_nothing():
    assert values(planned(live()))[-1][1]["policies"] == {POLICY: None}


ALL_OF_THEM = {POLICY: OLD, "cpu-tt": OTHER, "step-out": STEP_SCALING}
TWO = {POLICY: OLD, "cpu-tt": OTHER}
THIRD_RAW = returned(target=3.0)
THIRD = policy.from_response(THIRD_RAW)
EXCLUSIVE = kept(ALL_OF_THEM, {POLICY: OURS, "cpu-tt": None, "step-out": None})


@pytest.mark.parametrize(
    ("responses", "newest", "options", "continued"),
    [
        pytest.param([OLD], kept({POLICY: OLD}, {POLICY: OURS}), {}, True, id="stopped before the put"),
        pytest.param([], kept({POLICY: None}, {POLICY: OURS}), {}, True, id="stopped before the first put"),
        pytest.param([returned(), OTHER, STEP_SCALING], EXCLUSIVE, {"exclusive": True}, True, id="after the put"),
        pytest.param([returned(), STEP_SCALING], EXCLUSIVE, {"exclusive": True}, True, id="after one deletion"),
        pytest.param([OLD, OTHER], EXCLUSIVE, {"exclusive": True}, True, id="another order, one deleted"),
        pytest.param([OLD], kept({POLICY: OLD}, {POLICY: None}), {}, False, id="another aim"),
        pytest.param([returned(target=5.0)], kept({POLICY: OLD}, {POLICY: OURS}), {}, False, id="moved meanwhile"),
        pytest.param([], kept({POLICY: OLD}, {POLICY: OURS}), {}, False, id="removed meanwhile"),
        pytest.param(
            [OLD, OTHER], kept({POLICY: OLD}, {POLICY: OURS}), {"exclusive": True}, False, id="more is to go now"
        ),
        pytest.param([OLD], None, {}, False, id="no snapshot"),
    ],
)
def test_a_change_that_was_stopped_is_continued_without_a_second_snapshot(responses, newest, options, continued):
    plan = planned(live(*responses, newest=newest, has_baseline=True), **options)
    assert plan.changed
    assert [name for name, _value in values(plan)] == ([] if continued else [NAME])


RUN_BEGAN = datetime.fromisoformat(STAMP.at)


@pytest.mark.parametrize(
    ("responses", "newest", "ago", "waits"),
    [
        pytest.param([OLD], kept({POLICY: OLD}, {POLICY: THIRD}), 1, True, id="another aim"),
        pytest.param([OLD], kept({POLICY: OLD}, {POLICY: THIRD}), -900, True, id="begun after this run"),
        pytest.param([OLD], kept({POLICY: OLD}, {POLICY: OURS}, ROLLBACK), 1, True, id="another kind"),
        pytest.param([OLD], kept({POLICY: OLD}, {POLICY: None}), 1, True, id="it is to go"),
        pytest.param([OLD, OTHER], kept(TWO, {POLICY: THIRD, "cpu-tt": None}), 1, True, id="of several policies"),
        pytest.param([THIRD_RAW], kept({POLICY: OLD}, {POLICY: THIRD}), 1, False, id="it has ended"),
        pytest.param([OLD], kept({POLICY: OLD}, {POLICY: THIRD}), 301, False, id="long ago"),
        pytest.param([OLD], kept({POLICY: OLD}, {POLICY: OURS}), 1, False, id="the same aim"),
        pytest.param([returned(target=5.0)], kept({POLICY: OLD}, {POLICY: THIRD}), 1, False, id="moved since by hand"),
        pytest.param([returned()], kept({POLICY: OLD}, {POLICY: THIRD}), 1, False, id="nothing to change"),
        pytest.param([OLD], kept({POLICY: OLD}, {POLICY: THIRD}), None, False, id="nobody tells when"),
        pytest.param([OLD], None, None, True, id="which one counts is not known"),
    ],
)
def test_a_run_waits_for_the_end_of_another_ones_change(responses, newest, ago, waits):
    if newest and ago is not None:
        newest = replace(newest, written_at=RUN_BEGAN - timedelta(seconds=ago))
    plan = planned(live(*responses, newest=newest, version=3, has_baseline=True))
    assert (plan.steady is policy.TURN) == waits
    assert all(value["after"] == 3 for _name, value in values(plan))


def test_the_first_change_waits_for_nobody():
    assert planned(live(OLD)).steady is None


def test_a_rollback_that_was_stopped_is_not_the_snapshot_of_a_change():
    """A rollback's own snapshot is skipped when going back, so a change after it needs one of its own."""
    newest = kept({POLICY: OLD}, {POLICY: OURS}, ROLLBACK)
    assert [name for name, _value in values(planned(live(OLD, newest=newest, has_baseline=True)))] == [NAME]


def test_what_does_not_fit_is_refused_before_the_change():
    others = [returned(PolicyName=f"other-{number}") for number in range(20)]
    with pytest.raises(Failure, match=f"group {GROUP}: .* as a snapshot, .* so nothing is changed"):
        planned(live(OLD, *others), exclusive=True)
    assert planned(live(OLD, *others)).changed


# --- going back -------------------------------------------------------------------------------------------------

FULL_STEP = {
    **STEP_SCALING,
    "PolicyARN": "arn:step",
    "MinAdjustmentMagnitude": 2,
    "AdjustmentType": "PercentChangeInCapacity",
    "MetricAggregationType": "Maximum",
    "EstimatedInstanceWarmup": 120,
    "StepAdjustments": [
        {"MetricIntervalLowerBound": 0.0, "MetricIntervalUpperBound": 10.0, "ScalingAdjustment": 10},
        {"MetricIntervalLowerBound": 10.0, "ScalingAdjustment": 30},
    ],
}
PREDEFINED = returned(
    TargetTrackingConfiguration={
        "PredefinedMetricSpecification": {"PredefinedMetricType": "ASGAverageCPUUtilization"},
        "TargetValue": 50.0,
        "DisableScaleIn": True,
    }
)


def back(policies, kind=ROLLBACK):
    return policy.from_snapshot(kept(policies, dict.fromkeys(policies)), Record(STAMP, FUNCTION, kind))


@pytest.mark.parametrize(
    "response",
    [
        FULL_STEP,
        SIMPLE,
        {**SIMPLE, "PolicyType": "SimpleScaling", "ScalingAdjustment": -1},
        PREDICTIVE,
        returned(METRIC_MATH),
        PREDEFINED,
        returned(EstimatedInstanceWarmup=0),
        returned(Enabled=False),
        {**FULL_STEP, "Enabled": False},
        pytest.param(returned({**SPECIFICATION, "Period": 10}), marks=with_period),
    ],
    ids=[
        "steps",
        "simple",
        "simple, inwards",
        "predictive",
        "metric math",
        "predefined",
        "warmup of 0",
        "disabled",
        "steps, disabled",
        "another period",
    ],
)
def test_a_policy_of_any_type_comes_back_field_for_field(response):
    name = response["PolicyName"]
    plan = policy.plan(live(), back({name: response}))
    ((_operation, params),) = sent(plan)
    known = {*policy.SETTINGS, "EstimatedInstanceWarmup", "AdjustmentType", "TargetTrackingConfiguration"}
    expected = {field: value for field, value in response.items() if field in known and value not in ([], None)}
    for field in expected.keys() - {"TargetTrackingConfiguration"}:
        assert params[field] == expected[field]
    assert params.keys() - expected.keys() - {"Enabled"} == {"AutoScalingGroupName", "PolicyName", "PolicyType"}
    assert params.get("Enabled", True) is response.get("Enabled", True)
    # What AWS returns after it is what it returned before.
    assert not policy.plan(live({"Enabled": True, **params}), back({name: response})).changed


def test_a_rollback_restores_what_was_removed_and_removes_what_was_not_there():
    plan = policy.plan(live(returned(), PREDICTIVE), back({POLICY: None, "cpu-tt": OTHER, "step-out": FULL_STEP}))
    assert [(name, params["PolicyName"]) for name, params in sent(plan)] == [
        ("put_scaling_policy", "cpu-tt"),
        ("put_scaling_policy", "step-out"),
        ("delete_policy", POLICY),
    ]
    assert set(plan.after["policies"]) == {"cpu-tt", "step-out"}


def test_a_rollback_keeps_what_it_replaces():
    plan = policy.plan(live(returned(), has_baseline=True, live_version="5"), back({POLICY: OLD}))
    ((_name, value),) = values(plan)
    assert (value["kind"], value["policies"], value["function"]["version"]) == ("rollback", {POLICY: returned()}, "5")


@pytest.mark.parametrize(("whole", "warmup"), [(False, 300), (True, None)], ids=["declared", "of a snapshot"])
def test_only_what_is_desired_whole_takes_nothing_from_the_live_policy(whole, warmup):
    wanted = replace(declared(), whole=whole)
    plan = policy.plan(live(returned(target=2.0, EstimatedInstanceWarmup=300)), wanted)
    ((_name, params),) = sent(plan)
    assert params.get("EstimatedInstanceWarmup") == warmup


@pytest.mark.parametrize(
    ("policies", "responses", "is_live"),
    [
        ({POLICY: OLD}, [OLD, OTHER], True),
        ({POLICY: OLD}, [returned()], False),
        ({POLICY: OLD}, [], False),
        ({POLICY: None}, [OTHER], True),
        ({POLICY: None}, [OLD], False),
        ({POLICY: returned()}, [returned(PolicyARN="arn:another", Alarms=[])], True),
        ({POLICY: OLD, "step-out": FULL_STEP}, [OLD, STEP_SCALING], False),
        ({POLICY: OLD, "step-out": FULL_STEP}, [OLD, FULL_STEP], True),
    ],
    ids=["equal", "another target", "gone", "none then", "one now", "another ARN", "other steps", "both equal"],
)
def test_whether_a_snapshot_is_live(policies, responses, is_live):
    assert policy.is_live(kept(policies, dict.fromkeys(policies)), live(*responses)) is is_live


@pytest.mark.parametrize(
    ("policies", "line"),
    [
        ({POLICY: OLD}, f"{POLICY} follows Academy/VideoProcessing/VideoQueueDepthTotal, target 2"),
        ({POLICY: returned(METRIC_MATH, target=2.5)}, f"{POLICY} follows VideoQueueDepthTotal, target 2.5"),
        ({POLICY: PREDEFINED}, f"{POLICY} follows ASGAverageCPUUtilization, target 50"),
        ({POLICY: None, "step-out": FULL_STEP}, f"step-out (StepScaling); no {POLICY}"),
        ({"simple": SIMPLE}, "simple (SimpleScaling)"),
    ],
    ids=["custom", "metric math", "predefined", "steps and none", "simple"],
)
def test_what_a_snapshot_holds_is_one_line(policies, line):
    assert policy.held_by(kept(policies, dict.fromkeys(policies))) == line


# --- finding ----------------------------------------------------------------------------------------------------


def groups(*names):
    sizes = {"MinSize": 0, "MaxSize": 20, "DesiredCapacity": 0}
    return [{"AutoScalingGroupName": name, **sizes} for name in names]


def account(group_names, responses):
    return FakeAws(
        {
            "autoscaling.describe_auto_scaling_groups": groups(*group_names),
            "autoscaling.describe_policies": list(responses),
            "ssm.get_parameters": {"Parameters": []},
            "lambda.list_aliases": [{"Name": "live", "FunctionVersion": "4"}],
        }
    )


def test_half_a_key_is_none():
    """Another group's policy of the same name is not this pool's."""
    aws = account([GROUP, "audio"], [returned(AutoScalingGroupName="audio"), OTHER])
    found = policy.find(aws, {(GROUP, POLICY): declared()})
    assert set(found[GROUP, POLICY].by_name) == {"cpu-tt"}


def test_a_pool_finds_its_own_policy_and_the_others():
    aws = account([GROUP], [STEP_SCALING, returned(), OTHER])
    found = policy.find(aws, {(GROUP, POLICY): declared()})
    assert found[GROUP, POLICY].by_name[POLICY] == policy.from_response(returned())
    assert set(found[GROUP, POLICY].by_name) == {POLICY, "cpu-tt", "step-out"}


@pytest.mark.parametrize("number", [1, 80])
@pytest.mark.parametrize(
    ("bare", "asked"),
    [(False, ["describe_policies"]), (True, ["describe_policies", "describe_auto_scaling_groups"])],
    ids=["all with a policy", "one without"],
)
def test_a_fleet_is_one_read_of_each_kind(number, bare, asked):
    names = [f"workers-{n}" for n in range(number)]
    aws = account([*names, "bare"], [returned(AutoScalingGroupName=name) for name in [*names, "unconcerned"]])
    wanted = [*names, "bare"] if bare else names
    pools = [pool(name=f"p{n}", auto_scaling_group_name=name) for n, name in enumerate(wanted)]
    found = policy.find(aws, {policy.key_of(one): policy.from_params(one) for one in pools})
    assert [operation.split(".")[1] for operation, _params in aws.asked] == asked
    assert all(set(found[name, POLICY].by_name) == {POLICY} for name in names)


def test_one_group_is_not_found_among_a_whole_account():
    aws = account([GROUP], [])
    policy.find(aws, {(GROUP, POLICY): declared()})
    assert dict(aws.asked)["autoscaling.describe_policies"] == {"AutoScalingGroupName": GROUP, "MaxRecords": 100}


@pytest.mark.parametrize("present", [True, False], ids=["present", "absent"])
def test_a_missing_group_fails_only_what_shall_be_there(present):
    aws = account([], [])
    wanted = declared(present)
    found = policy.find(aws, {(GROUP, POLICY): wanted})[GROUP, POLICY]
    if present:
        assert f"there is no group {GROUP}" in str(found)
    else:
        assert not policy.plan(found, wanted).changed
    assert [operation for operation, _params in aws.asked].count("autoscaling.describe_auto_scaling_groups") == present


@pytest.mark.parametrize("operation", ["describe_auto_scaling_groups", "describe_policies"])
def test_a_refused_read_is_reported(operation):
    aws = account([GROUP], [])
    aws.answers[f"autoscaling.{operation}"] = refusal("AccessDenied")
    with pytest.raises(Failure, match="AccessDenied"):
        policy.find(aws, {(GROUP, POLICY): declared()})


@pytest.mark.parametrize(
    ("groups", "message"),
    [([], f"there is no group {GROUP}"), ([GROUP], "ValidationError")],
    ids=["no group", "another mistake"],
)
def test_a_validation_error_is_a_missing_group_only_where_there_is_none(groups, message):
    aws = account(groups, [])
    aws.answers["autoscaling.describe_policies"] = refusal("ValidationError")
    with pytest.raises(Failure, match=message):
        found = policy.find(aws, {(GROUP, POLICY): declared()})[GROUP, POLICY]
        raise found


@pytest.mark.parametrize(
    ("response", "asked"),
    [(returned(), set()), (OLD, {"ssm.get_parameters", "lambda.list_aliases"})],
    ids=["as declared", "differing"],
)
def test_the_history_is_read_only_where_something_is_to_change(response, asked):
    aws = account([GROUP], [response])
    found = policy.find(aws, {(GROUP, POLICY): declared()})[GROUP, POLICY]
    assert {name for name, _params in aws.asked if not name.startswith("autoscaling.")} == asked
    assert found.history == (History(live_version="4") if asked else History())


def test_a_history_that_may_not_be_read_stops_its_own_pool_alone():
    aws = account([GROUP, "audio"], [OLD, returned(AutoScalingGroupName="audio")])
    aws.answers["ssm.get_parameters"] = refusal("AccessDeniedException")
    wanted = {(GROUP, POLICY): declared(), ("audio", POLICY): declared(auto_scaling_group_name="audio")}
    found = policy.find(aws, wanted)
    assert "AccessDenied" in str(found[GROUP, POLICY])
    assert set(found["audio", POLICY].by_name) == {POLICY}


# --- what AWS itself answered -----------------------------------------------------------------------------------


def from_recording(folder):
    responses = json.loads((RECORDED / folder / "scaling_policies.json").read_text())["ScalingPolicies"]
    return live(*responses)


@pytest.mark.parametrize(
    ("folder", "options"),
    [
        ("20260222_091740", {}),
        ("20260222_093103", {}),
        ("metricmath_20260222_094943", {"target_value": 2}),
    ],
    ids=str,
)
def test_a_recorded_policy_as_declared_is_no_change(folder, options):
    plan = planned(from_recording(folder), **options)
    assert plan.differences() == []
    assert not plan.changed


@pytest.mark.parametrize(
    ("folder", "differences"),
    [
        ("20260222_091201", ["metric.name: expected 'VideoQueueDepthTotal', found 'BacklogCount'"]),
        ("20260222_091401", ["metric.name: expected 'VideoQueueDepthTotal', found 'BacklogCount'"]),
        ("metricmath_20260222_094943", ["target_value: expected 1.0, found 2.0"]),
    ],
    ids=str,
)
def test_a_recorded_drift_is_shown_alone(folder, differences):
    plan = planned(from_recording(folder))
    assert plan.differences() == [f"policies.{POLICY}.{difference}" for difference in differences]
    assert operations(plan) == ["put_scaling_policy"]


@pytest.mark.parametrize("options", [{}, {"metric": ...}], ids=["beside a metric", "without one"])
def test_a_recorded_sum_that_counts_silence_as_zero_is_put_right_and_nothing_else_of_it(options):
    plan = planned(from_recording("metricmath_20260222_095715"), signal="sqs_total", **options)
    assert plan.differences() == [
        f"policies.{POLICY}.metric.queries.e1.expression: "
        "expected '(m1 + m2) / (IF(m1 >= 0, 1) * IF(m2 >= 0, 1))', found 'm1 + m2'"
    ]
    assert operations(plan) == ["put_scaling_policy"]


def test_a_policy_that_divides_by_the_instances_in_service_is_drift():
    """As version 0.1.0 wrote it."""
    group = {"Namespace": "AWS/AutoScaling", "MetricName": "GroupInServiceInstances"}
    old = {
        "Metrics": [
            {"Id": "e1", "Expression": "m1 / IF(m2 > 0, m2, 1)", "Label": "VideoQueueDepthPerInstance"},
            {
                "Id": "m1",
                "ReturnData": False,
                "MetricStat": {
                    "Metric": {name: SPECIFICATION[name] for name in ("Namespace", "MetricName", "Dimensions")},
                    "Stat": "Average",
                    "Unit": "Count",
                },
            },
            {
                "Id": "m2",
                "ReturnData": False,
                "MetricStat": {
                    "Metric": {**group, "Dimensions": [{"Name": "AutoScalingGroupName", "Value": GROUP}]},
                    "Stat": "Average",
                },
            },
        ]
    }
    plan = planned(live(returned(old)), signal="published_per_instance")
    assert operations(plan) == ["put_scaling_policy"]
    (request,) = plan.requests
    assert request.params["TargetTrackingConfiguration"]["CustomizedMetricSpecification"] == {
        **SPECIFICATION,
        "MetricName": "VideoQueueDepthTotalPerInstance",
        "Statistic": "Minimum",
    }


def test_a_recorded_group_without_any_policy_gets_one():
    assert sent(planned(from_recording("metricmath_20260222_094957"))) == [("put_scaling_policy", SEED_REQUEST)]


def test_the_metric_of_the_seed_is_the_designs():
    assert {pair["Name"]: pair["Value"] for pair in SPECIFICATION["Dimensions"]} == METRIC["dimensions"]
