# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A policy is put in place: never deleted first, never put when AWS means the same."""

from __future__ import annotations

import json
from itertools import product

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import Failure
from ansible_collections.academy.video_scaling.plugins.module_utils.resources import policy
from ansible_collections.academy.video_scaling.plugins.module_utils.resources.policy import Policies
from ansible_collections.academy.video_scaling.tests.unit.examples import GROUP, METRIC, POLICY, ROOT, pool
from ansible_collections.academy.video_scaling.tests.unit.fake_aws import FakeAws, operations, refusal, sent

RECORDED = ROOT.parent / "shared" / "recorded-aws"
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
        {"Id": "e1", "Expression": "m1 + m2", "Label": "VideoQueueDepthTotal", "ReturnData": True},
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


def live(*responses):
    """The group's policies, of which the pool's own is told by its name."""
    found = [policy.from_response(response) for response in responses]
    own = next((one for one in found if one.name == POLICY), None)
    return Policies(GROUP, own, tuple(one for one in found if one.name != POLICY))


def planned(current, **changes):
    return policy.plan(current, policy.from_params(pool(**changes)))


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
    declared = policy.from_params(pool(auto_scaling_group_name="workers"))
    ((_name, params),) = sent(policy.plan(Policies("workers", None), declared))
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
            "metric.queries.e1.expression: expected 'm1 + m2', found 'm1'",
            id="expression",
        ),
    ],
)
def test_drift_is_mended_by_one_put_and_shown_alone(response, options, difference):
    plan = planned(live(response), **options)
    assert operations(plan) == ["put_scaling_policy"]
    assert plan.differences() == [difference]


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
    assert plan.after["estimated_instance_warmup"] == warmup


OTHER = returned(PolicyName="cpu-tt")
PREDICTIVE = {
    "AutoScalingGroupName": GROUP,
    "PolicyName": "predictive",
    "PolicyType": "PredictiveScaling",
    "PredictiveScalingConfiguration": {"Mode": "ForecastOnly"},
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
def test_other_policies_go_only_when_told_and_only_after_the_put(responses, exclusive, requests):
    plan = planned(live(*responses), exclusive=exclusive)
    told = ["put" if name == "put_scaling_policy" else f"delete {params['PolicyName']}" for name, params in sent(plan)]
    assert told == requests
    assert bool(plan.differences()) is bool(requests)
    if exclusive:
        assert plan.after["other_policies"] == {}


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
    plan = policy.plan(live(*responses), None)
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


# --- finding ----------------------------------------------------------------------------------------------------


def groups(*names):
    sizes = {"MinSize": 0, "MaxSize": 20, "DesiredCapacity": 0}
    return [{"AutoScalingGroupName": name, **sizes} for name in names]


def account(group_names, responses):
    return FakeAws(
        {
            "autoscaling.describe_auto_scaling_groups": groups(*group_names),
            "autoscaling.describe_policies": list(responses),
        }
    )


def test_half_a_key_is_none():
    """Another group's policy of the same name is not this pool's."""
    aws = account([GROUP, "audio"], [returned(AutoScalingGroupName="audio"), OTHER])
    found = policy.find(aws, {(GROUP, POLICY): policy.from_params(pool())})
    assert found[GROUP, POLICY].policy is None
    assert found[GROUP, POLICY].other_names == ["cpu-tt"]


def test_a_pool_finds_its_own_policy_and_the_others_sorted():
    aws = account([GROUP], [STEP_SCALING, returned(), OTHER])
    found = policy.find(aws, {(GROUP, POLICY): policy.from_params(pool())})
    assert found[GROUP, POLICY].policy == policy.from_response(returned())
    assert found[GROUP, POLICY].other_names == ["cpu-tt", "step-out"]


@pytest.mark.parametrize(
    ("number", "asked"),
    [
        (1, ["describe_auto_scaling_groups", "describe_policies"]),
        (80, ["describe_auto_scaling_groups", "describe_policies"]),
    ],
)
def test_a_fleet_is_one_read_of_each_kind(number, asked):
    names = [f"workers-{n}" for n in range(number)]
    aws = account(names, [returned(AutoScalingGroupName=name) for name in [*names, "unconcerned"]])
    pools = [pool(name=f"p{n}", auto_scaling_group_name=name) for n, name in enumerate(names)]
    found = policy.find(aws, {policy.key_of(declared): policy.from_params(declared) for declared in pools})
    assert [operation.split(".")[1] for operation, _params in aws.asked] == asked
    assert all(found[name, POLICY].policy for name in names)


def test_one_group_is_not_found_among_a_whole_account():
    aws = account([GROUP], [])
    policy.find(aws, {(GROUP, POLICY): policy.from_params(pool())})
    assert aws.asked[-1][1] == {"AutoScalingGroupName": GROUP}


@pytest.mark.parametrize("wanted", [policy.from_params(pool()), None], ids=["present", "absent"])
def test_a_missing_group_fails_only_what_shall_be_there(wanted):
    aws = account([], [])
    found = policy.find(aws, {(GROUP, POLICY): wanted})[GROUP, POLICY]
    if wanted:
        assert f"there is no group {GROUP}" in str(found)
    else:
        assert not policy.plan(found, None).changed
    assert len(aws.asked) == 1


def test_a_refused_read_is_told():
    aws = FakeAws({"autoscaling.describe_auto_scaling_groups": refusal("AccessDenied")})
    with pytest.raises(Failure, match="AccessDenied"):
        policy.find(aws, {(GROUP, POLICY): policy.from_params(pool())})


# --- what AWS itself answered -----------------------------------------------------------------------------------

recorded = pytest.mark.skipif(not RECORDED.is_dir(), reason="the recordings of AWS are not beside this checkout")


def from_recording(folder):
    responses = json.loads((RECORDED / folder / "scaling_policies.json").read_text())["ScalingPolicies"]
    return live(*responses)


@recorded
@pytest.mark.parametrize(
    ("folder", "options"),
    [
        ("20260222_091740", {}),
        ("20260222_093103", {}),
        ("metricmath_20260222_094943", {"target_value": 2}),
        ("metricmath_20260222_095715", {"signal": "sqs_total"}),
        ("metricmath_20260222_095715", {"signal": "sqs_total", "metric": ...}),
    ],
    ids=str,
)
def test_a_recorded_policy_as_declared_is_no_change(folder, options):
    plan = planned(from_recording(folder), **options)
    assert plan.differences() == []
    assert not plan.changed


@recorded
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
    assert plan.differences() == differences
    assert operations(plan) == ["put_scaling_policy"]


@recorded
def test_a_recorded_group_without_any_policy_gets_one():
    assert sent(planned(from_recording("metricmath_20260222_094957"))) == [("put_scaling_policy", SEED_REQUEST)]


def test_the_metric_of_the_seed_is_the_designs():
    assert {pair["Name"]: pair["Value"] for pair in SPECIFICATION["Dimensions"]} == METRIC["dimensions"]
