# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a policy follows has one comparable form: order and AWS's defaults are no difference."""

from __future__ import annotations

import json

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.pool import SIGNALS, Metric
from ansible_collections.academy.video_scaling.plugins.module_utils.resources import metric
from ansible_collections.academy.video_scaling.plugins.module_utils.resources.metric import (
    CustomMetric,
    MetricMath,
    MetricQuery,
    PredefinedMetric,
)
from ansible_collections.academy.video_scaling.tests.unit.examples import GROUP, METRIC, pool
from ansible_collections.academy.video_scaling.tests.unit.fake_aws import require_valid
from hypothesis import given as generated
from hypothesis import strategies as st

DIMENSIONS = [{"Name": "WorkerType", "Value": "Video"}, {"Name": "AutoScalingGroupName", "Value": "workers"}]
CUSTOM = {
    "MetricName": "Depth",
    "Namespace": "Academy",
    "Dimensions": DIMENSIONS,
    "Statistic": "Average",
    "Unit": "Count",
}
QUERIES = [
    {"Id": "e1", "Expression": "m1 + m2", "Label": "VideoQueueDepthTotal", "ReturnData": True},
    *(
        {
            "Id": query_id,
            "MetricStat": {
                "Metric": {
                    "Namespace": "AWS/SQS",
                    "MetricName": f"ApproximateNumberOfMessages{name}",
                    "Dimensions": [{"Name": "QueueName", "Value": "academy-video-jobs"}],
                },
                "Stat": "Sum",
                "Period": 60,
            },
            "ReturnData": False,
        }
        for query_id, name in (("m1", "Visible"), ("m2", "NotVisible"))
    ),
]

texts = st.text("abcXYZ/1", min_size=1, max_size=5)
metrics = st.builds(
    Metric,
    texts,
    texts,
    st.dictionaries(texts, texts, max_size=3).map(lambda pairs: tuple(sorted(pairs.items()))),
)
statistics = st.sampled_from(["Average", "Sum", "Maximum"])
periods = st.sampled_from([10, 30, 60])
units = st.sampled_from([None, "Count", "Seconds"])
expressions = st.builds(MetricQuery, st.just(""), texts, st.none() | texts, st.booleans())
measured = st.builds(
    MetricQuery, st.just(""), st.none(), st.none() | texts, st.booleans(), metrics, statistics, units, periods
)


@st.composite
def math(draw):
    queries = draw(st.lists(expressions | measured, min_size=1, max_size=4))
    ids = sorted(draw(st.sets(st.text("em123", min_size=1, max_size=3), min_size=len(queries), max_size=len(queries))))
    return MetricMath(
        tuple(MetricQuery(**{**vars(query), "id": query_id}) for query, query_id in zip(queries, ids, strict=True))
    )


tracked = st.one_of(
    st.builds(CustomMetric, metrics, st.none() | statistics, units, periods),
    math(),
    st.builds(PredefinedMetric, st.just("ASGAverageCPUUtilization"), st.none() | texts),
)


@generated(tracked)
def test_what_is_sent_is_read_back_as_it_was(followed):
    assert metric.from_response(followed.to_request()) == followed


@generated(tracked, st.randoms(use_true_random=False))
def test_the_order_that_aws_answers_in_is_nothing(followed, random):
    def shuffled(value):
        if isinstance(value, dict):
            return {name: shuffled(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return random.sample([shuffled(inner) for inner in value], len(value))
        return value

    assert metric.from_response(shuffled(followed.to_request())) == followed


@pytest.mark.parametrize(
    ("one", "another"),
    [
        pytest.param(CUSTOM, {**CUSTOM, "Dimensions": DIMENSIONS[::-1]}, id="dimensions in another order"),
        pytest.param(CUSTOM, {**CUSTOM, "Period": 60}, id="period said and unsaid"),
        pytest.param(CUSTOM, {**CUSTOM, "Metrics": []}, id="no queries"),
        pytest.param(
            {**CUSTOM, "Dimensions": []}, {n: v for n, v in CUSTOM.items() if n != "Dimensions"}, id="no dimensions"
        ),
        pytest.param({"Metrics": QUERIES}, {"Metrics": QUERIES[::-1]}, id="queries in another order"),
        pytest.param({"Metrics": QUERIES}, {"Metrics": QUERIES, "Dimensions": []}, id="no dimensions beside queries"),
        pytest.param(
            {"Metrics": [{n: v for n, v in QUERIES[0].items() if n != "ReturnData"}]},
            {"Metrics": QUERIES[:1]},
            id="data returned unless said otherwise",
        ),
    ],
)
def test_what_aws_adds_or_reorders_is_no_difference(one, another):
    first, second = (metric.from_response({"CustomizedMetricSpecification": shape}) for shape in (one, another))
    assert first == second
    assert first.shown() == second.shown()


@pytest.mark.parametrize(
    "another",
    [
        {"MetricName": "Backlog"},
        {"Namespace": "Elsewhere"},
        {"Dimensions": DIMENSIONS[:1]},
        {"Dimensions": [*DIMENSIONS, {"Name": "More", "Value": "1"}]},
        {"Statistic": "Maximum"},
        {"Unit": "Seconds"},
        {"Unit": None},
        {"Period": 10},
    ],
    ids=str,
)
def test_what_a_person_changes_is_a_difference(another):
    first, second = (
        metric.from_response({"CustomizedMetricSpecification": shape}) for shape in (CUSTOM, {**CUSTOM, **another})
    )
    assert first != second
    assert first.shown() != second.shown()


def test_a_published_pool_is_followed_by_its_metric():
    assert metric.from_params(pool()) == CustomMetric(Metric.from_params(METRIC), "Average", "Count")


@pytest.mark.parametrize(
    ("declared", "label"),
    [
        (pool(signal="sqs_total"), "VideoQueueDepthTotal"),
        (pool(signal="sqs_total", metric=...), "VideoQueueDepthTotal"),
        (pool(signal="sqs_total", metric=..., name="audio_long"), "AudioLongQueueDepthTotal"),
        (pool(signal="sqs_total", metric={**METRIC, "name": "Jobs"}), "Jobs"),
    ],
    ids=["named by its metric", "named by the pool", "a name of two words", "a metric of another name"],
)
def test_sqs_total_is_the_sum_of_the_queues_own_metrics(declared, label):
    followed = metric.from_params(declared)
    expected = [{**QUERIES[0], "Label": label}, *QUERIES[1:]]
    assert followed == metric.from_response({"CustomizedMetricSpecification": {"Metrics": expected}})


@pytest.mark.parametrize(
    ("declared", "expression", "label", "names"),
    [
        (
            pool(signal="published_per_instance"),
            "m1 / IF(m2 > 0, m2, 1)",
            "VideoQueueDepthPerInstance",
            ["VideoQueueDepthTotal", "GroupInServiceInstances"],
        ),
        (
            pool(signal="sqs_per_instance", metric=...),
            "(m1 + m2) / IF(m3 > 0, m3, 1)",
            "VideoQueueDepthPerInstance",
            [
                "ApproximateNumberOfMessagesVisible",
                "ApproximateNumberOfMessagesNotVisible",
                "GroupInServiceInstances",
            ],
        ),
    ],
    ids=["published", "SQS's own"],
)
def test_per_instance_is_the_depth_over_the_instances_in_service(declared, expression, label, names):
    shown, *measured = metric.from_params(declared).queries
    assert (shown.expression, shown.label, shown.return_data) == (expression, label, True)
    assert [query.metric.name for query in measured] == names
    assert [query.id for query in measured] == [f"m{number + 1}" for number in range(len(names))]
    assert not any(query.return_data for query in measured)
    assert measured[-1].metric == Metric("AWS/AutoScaling", names[-1], (("AutoScalingGroupName", GROUP),))


@pytest.mark.parametrize("declared", [pool(signal=signal) for signal in SIGNALS], ids=SIGNALS)
def test_every_form_is_one_that_the_api_takes(declared):
    configuration = {**metric.from_params(declared).to_request(), "TargetValue": 1.0}
    params = {"AutoScalingGroupName": "g", "PolicyName": "p", "TargetTrackingConfiguration": configuration}
    require_valid("autoscaling", "put_scaling_policy", params)


BARE = Metric("AWS/SQS", "NumberOfMessagesSent", ())


@pytest.mark.parametrize(
    "followed", [CustomMetric(BARE), MetricMath((MetricQuery("m1", metric=BARE, stat="Sum"),))], ids=["custom", "math"]
)
def test_what_has_no_dimensions_is_sent_without_the_word(followed):
    specification = followed.to_request()
    assert "Dimensions" not in json.dumps(specification)
    assert metric.from_response(specification) == followed
    configuration = {**specification, "TargetValue": 1.0}
    params = {"AutoScalingGroupName": "g", "PolicyName": "p", "TargetTrackingConfiguration": configuration}
    require_valid("autoscaling", "put_scaling_policy", params)


@pytest.mark.parametrize(
    ("followed", "words"),
    [
        (CustomMetric(Metric("Academy", "Depth", ())), "Academy/Depth"),
        (MetricMath((MetricQuery("e1", "m1 + m2", "Depth"), MetricQuery("m1", return_data=False))), "Depth"),
        (MetricMath((MetricQuery("a", return_data=False), MetricQuery("e1", "m1 + m2"))), "m1 + m2"),
        (MetricMath((MetricQuery("m1"),)), "m1"),
        (MetricMath((MetricQuery("m1", return_data=False),)), "math"),
        (PredefinedMetric("ASGAverageCPUUtilization"), "ASGAverageCPUUtilization"),
    ],
    ids=["custom", "labelled", "unlabelled", "a metric", "no data returned", "predefined"],
)
def test_what_is_followed_has_a_name_for_a_person(followed, words):
    assert followed.words == words
