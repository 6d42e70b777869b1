# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An old tool's file is used only when all of it is what it should be; every reason is given at once."""

from __future__ import annotations

import codecs
import json

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import Failure
from ansible_collections.academy.video_scaling.plugins.module_utils.pool import NO_COOLDOWN
from ansible_collections.academy.video_scaling.plugins.module_utils.resources import policy, policy_file
from ansible_collections.academy.video_scaling.tests.unit.examples import GROUP, POLICY, pool
from ansible_collections.academy.video_scaling.tests.unit.fake_aws import knows_period, require_valid

with_period = pytest.mark.skipif(not knows_period(), reason="this botocore does not know the period of a metric")
CUSTOM = {
    "MetricName": "BacklogCount",
    "Namespace": "Academy/VideoProcessing",
    "Dimensions": [{"Name": "WorkerType", "Value": "Video"}],
    "Statistic": "Average",
    "Unit": "Count",
}
STAT = {"Metric": {"Namespace": "AWS/SQS", "MetricName": "Visible"}, "Stat": "Sum"}
EXPRESSION = {"Id": "e1", "Expression": "m1 * 2", "ReturnData": True}
QUERY = {"Id": "m1", "MetricStat": STAT, "ReturnData": False}
MATH = {"Metrics": [EXPRESSION, QUERY]}
PREDEFINED = {"PredefinedMetricType": "ASGAverageCPUUtilization"}


def whole(**changes):
    configuration = {"CustomizedMetricSpecification": CUSTOM, "TargetValue": 1.0, "DisableScaleIn": False, **changes}
    return {name: value for name, value in configuration.items() if value is not ...}


def custom(**changes):
    specification = {name: value for name, value in {**CUSTOM, **changes}.items() if value is not ...}
    return whole(CustomizedMetricSpecification=specification)


def predefined(specification):
    return whole(CustomizedMetricSpecification=..., PredefinedMetricSpecification=specification)


@pytest.mark.parametrize(
    "configuration",
    [
        whole(),
        whole(DisableScaleIn=...),
        whole(TargetValue=2),
        whole(CustomizedMetricSpecification=MATH),
        predefined(PREDEFINED),
        custom(Dimensions=..., Unit=...),
        pytest.param(custom(Period=10), marks=with_period),
    ],
    ids=["whole", "no scale-in", "whole target", "metric math", "predefined", "least", "period"],
)
def test_a_good_file_becomes_the_pools_policy(configuration):
    one = policy_file.from_text(json.dumps(configuration), pool())
    assert (one.name, one.type, one.target_value) == (POLICY, policy.TARGET_TRACKING, configuration["TargetValue"])
    request = policy.to_request(GROUP, one)
    require_valid(request.service, request.operation, request.params)


@pytest.mark.parametrize(
    ("with_null", "without"),
    [
        (whole(PredefinedMetricSpecification=None), whole()),
        (
            {**predefined(PREDEFINED), "CustomizedMetricSpecification": None},
            predefined(PREDEFINED),
        ),
        (predefined({**PREDEFINED, "ResourceLabel": None}), predefined(PREDEFINED)),
        (custom(Metrics=None), whole()),
        (custom(Dimensions=None, Unit=None, Period=None), custom(Dimensions=..., Unit=...)),
        (whole(DisableScaleIn=None), whole()),
        (
            whole(CustomizedMetricSpecification={**MATH, "Statistic": None, "Dimensions": None, "MetricName": None}),
            whole(CustomizedMetricSpecification=MATH),
        ),
        (
            whole(CustomizedMetricSpecification={"Metrics": [{**QUERY, "Label": None, "Expression": None}]}),
            whole(CustomizedMetricSpecification={"Metrics": [QUERY]}),
        ),
        (
            whole(CustomizedMetricSpecification={"Metrics": [{**EXPRESSION, "MetricStat": None}]}),
            whole(CustomizedMetricSpecification={"Metrics": [EXPRESSION]}),
        ),
    ],
    ids=[
        "predefined",
        "customized",
        "resource label",
        "metrics",
        "dimensions",
        "scale-in",
        "statistic beside queries",
        "expression of a query",
        "metric of a query",
    ],
)
def test_null_is_what_is_not_given(with_null, without):
    request = policy.to_request(GROUP, policy_file.from_text(json.dumps(with_null), pool()))
    assert request == policy.to_request(GROUP, policy_file.from_text(json.dumps(without), pool()))
    require_valid(request.service, request.operation, request.params)


def test_what_is_in_the_file_is_what_is_sent():
    params = policy.to_request(GROUP, policy_file.from_text(json.dumps(whole()), pool())).params
    assert params["TargetTrackingConfiguration"] == whole()


@pytest.mark.parametrize("warmup", [None, 0, 300])
def test_the_warmup_is_the_declared_one(warmup):
    one = policy_file.from_text(json.dumps(whole()), pool(estimated_instance_warmup=warmup))
    assert one.estimated_instance_warmup == warmup


BAD = {
    "no JSON": ("{", "is no JSON ("),
    "nothing": ("", "is no JSON ("),
    "a list": ([], "TargetTrackingConfiguration [] is not an object"),
    "null": (None, "TargetTrackingConfiguration None is not an object"),
    "a number": (1, "TargetTrackingConfiguration 1 is not an object"),
    "nothing in it": ({}, "it needs one of CustomizedMetricSpecification and PredefinedMetricSpecification, and has 0"),
    "two metrics": (whole(PredefinedMetricSpecification=PREDEFINED), ", and has 2"),
    "no metric": (whole(CustomizedMetricSpecification=...), ", and has 0"),
    "an empty metric": (
        whole(CustomizedMetricSpecification={}),
        "CustomizedMetricSpecification has no MetricName; CustomizedMetricSpecification has no Namespace; "
        "CustomizedMetricSpecification has no Statistic",
    ),
    "a metric that is a text": (
        whole(CustomizedMetricSpecification="x"),
        "CustomizedMetricSpecification 'x' is not an object",
    ),
    "no target": (whole(TargetValue=...), "TargetValue None is not a number above 0"),
    "a target of 0": (whole(TargetValue=0), "TargetValue 0 is not a number above 0"),
    "a negative target": (whole(TargetValue=-1), "TargetValue -1 is not"),
    "a target that is a text": (whole(TargetValue="1"), "TargetValue '1' is not"),
    "a target that is true": (whole(TargetValue=True), "TargetValue True is not"),
    "a target that is no number": (whole(TargetValue=float("nan")), "TargetValue nan is not"),
    "an infinite target": (whole(TargetValue=float("inf")), "TargetValue inf is not"),
    "a scale-in that is a text": (whole(DisableScaleIn="no"), "DisableScaleIn is neither true nor false"),
    "a cooldown": (whole(ScaleInCooldown=60), f"ScaleInCooldown: {NO_COOLDOWN}"),
    "the whole policy": (
        {"PolicyName": POLICY, "TargetTrackingConfiguration": whole()},
        "PolicyName is not a field of TargetTrackingConfiguration; "
        "TargetTrackingConfiguration is not a field of TargetTrackingConfiguration",
    ),
    "a warmup": (whole(EstimatedInstanceWarmup=300), "declare it with the pool"),
    "no metric name": (custom(MetricName=...), "CustomizedMetricSpecification has no MetricName"),
    "no namespace, no statistic": (
        custom(Namespace="", Statistic=...),
        "CustomizedMetricSpecification has no Namespace; CustomizedMetricSpecification has no Statistic",
    ),
    "a statistic that is null": (custom(Statistic=None), "CustomizedMetricSpecification has no Statistic"),
    "queries that are null": (
        whole(CustomizedMetricSpecification={"Metrics": None}),
        "CustomizedMetricSpecification has no MetricName",
    ),
    "both metrics null": (
        whole(CustomizedMetricSpecification=None, PredefinedMetricSpecification=None),
        "it needs one of CustomizedMetricSpecification and PredefinedMetricSpecification, and has 0",
    ),
    "a target that is null": (whole(TargetValue=None), "TargetTrackingConfiguration has no TargetValue"),
    "no type": (predefined({"ResourceLabel": "x"}), "PredefinedMetricSpecification has no PredefinedMetricType"),
    "a predefined list": (predefined([1]), "PredefinedMetricSpecification [1] is not an object"),
    "queries that are a text": (
        whole(CustomizedMetricSpecification={"Metrics": "m1"}),
        "Metrics is not a list, each entry a query",
    ),
    "a query without id": (
        whole(CustomizedMetricSpecification={"Metrics": [{"Expression": "1"}]}),
        "query has no Id",
    ),
    "dimensions as a dictionary": (
        custom(Dimensions={"WorkerType": "Video"}),
        "Dimensions is not a list, each entry a dimension",
    ),
    "a dimension without value": (custom(Dimensions=[{"Name": "WorkerType"}]), "dimension has no Value"),
    "a query whose metric is a text": (
        whole(CustomizedMetricSpecification={"Metrics": [{"Id": "m1", "MetricStat": "x"}]}),
        "MetricStat 'x' is not an object",
    ),
    "a query whose metric has no name": (
        whole(CustomizedMetricSpecification={"Metrics": [{"Id": "m1", "MetricStat": {"Stat": "Sum"}}]}),
        "MetricStat has no Metric",
    ),
}


@pytest.mark.parametrize(("text", "reason"), BAD.values(), ids=BAD)
def test_a_bad_file_is_refused_with_its_reason(text, reason):
    with pytest.raises(Failure) as refused:
        policy_file.from_text(text if isinstance(text, str) else json.dumps(text), pool())
    assert str(refused.value).startswith("snapshot_file: is no ")
    assert reason in str(refused.value)


def test_all_that_is_wrong_is_reported_at_once():
    with pytest.raises(Failure) as refused:
        policy_file.from_text(json.dumps(custom(MetricName=...) | {"TargetValue": 0, "Colour": "red"}), pool())
    assert str(refused.value).count("; ") == 2


# --- encodings --------------------------------------------------------------------------------------------------

TEXT = json.dumps({**whole(), "Label": "영상"}, ensure_ascii=False)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_a_text_is_decoded_as_its_mark_says(encoding):
    assert policy_file.decoded(TEXT.encode(encoding)) == TEXT


def test_both_orders_of_utf_16_are_read():
    for mark, encoding in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        assert policy_file.decoded(mark + TEXT.encode(encoding)) == TEXT


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param(TEXT.encode("cp949"), "read as UTF-8, since it has no byte-order mark", id="a code page"),
        pytest.param(codecs.BOM_UTF16_LE + b"{", "read as UTF-16, since its byte-order mark says so", id="cut off"),
        pytest.param(json.dumps(whole()).encode("utf-16-le"), "iconv -f UTF-16LE -t UTF-8", id="little endian"),
        pytest.param(json.dumps(whole()).encode("utf-16-be"), "iconv -f UTF-16BE -t UTF-8", id="big endian"),
    ],
)
def test_another_encoding_is_named_with_the_way_to_convert_it(content, reason):
    with pytest.raises(Failure, match=r"^snapshot_file: .*iconv -f ") as raised:
        policy_file.decoded(content)
    assert reason in str(raised.value)


def test_the_answer_of_aws_is_no_configuration_and_the_way_to_one_is_named():
    answer = {"ScalingPolicies": [{"PolicyName": POLICY, "TargetTrackingConfiguration": whole()}]}
    with pytest.raises(Failure, match="what DescribePolicies answers; keep the TargetTrackingConfiguration"):
        policy_file.from_text(json.dumps(answer), pool())
