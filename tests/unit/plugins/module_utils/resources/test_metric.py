# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a policy follows has one comparable form: order and AWS's defaults are no difference."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import Failure
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
GUARDED = "(m1 + m2) / (IF(m1 >= 0, 1) * IF(m2 >= 0, 1))"
QUERIES = [
    {"Id": "e1", "Expression": GUARDED, "Label": "VideoQueueDepthTotal", "ReturnData": True},
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
    ("named", "name"),
    [({}, "VideoQueueDepthTotalPerInstance"), ({"per_instance_name": "Load"}, "Load")],
    ids=["by default", "named"],
)
def test_published_per_instance_is_the_plain_metric_that_the_publisher_divides(named, name):
    followed = metric.from_params(pool(signal="published_per_instance", metric={**METRIC, **named}))
    dimensions = tuple(sorted(METRIC["dimensions"].items()))
    # A minute in which the capacity grew has two values, and the lower one is right.
    assert followed == CustomMetric(Metric(METRIC["namespace"], name, dimensions), "Minimum", "Count")


@pytest.mark.parametrize(
    ("target", "first"),
    [
        (1, "IF((m1 + m2) > 1, (m1 + m2), IF((m1 + m2) > 0, 1.01, 0))"),
        (0.9, "IF((m1 + m2) > 0.9, (m1 + m2), IF((m1 + m2) > 0, 0.909, 0))"),
        (250, "IF((m1 + m2) > 250, (m1 + m2), IF((m1 + m2) > 0, 252.5, 0))"),
    ],
)
def test_sqs_per_instance_is_guarded_metric_math_over_the_desired_capacity(target, first):
    shown, *measured = metric.from_params(pool(signal="sqs_per_instance", metric=..., target_value=target)).queries
    assert shown.expression == (
        f"IF(m3 > 0, (m1 + m2), {first}) / (IF(m1 >= 0, 1) * IF(m2 >= 0, 1) * IF(m3 > 0, m3, 1))"
    )
    assert (shown.label, shown.return_data) == ("VideoQueueDepthPerInstance", True)
    assert [query.metric.name for query in measured] == [
        "ApproximateNumberOfMessagesVisible",
        "ApproximateNumberOfMessagesNotVisible",
        "GroupDesiredCapacity",
    ]
    assert not any(query.return_data for query in measured)
    assert measured[-1].metric == Metric("AWS/AutoScaling", "GroupDesiredCapacity", (("AutoScalingGroupName", GROUP),))


@pytest.mark.parametrize("signal", SIGNALS)
def test_no_signal_reads_silence_as_less_work(signal):
    assert metric.missing_reads_lower(metric.from_params(pool(signal=signal))) == []


def over(expression, *names):
    """Metric math over metrics of these names, m1 and so on."""
    measured = [
        MetricQuery(f"m{n}", return_data=False, metric=Metric("A", name, ())) for n, name in enumerate(names, 1)
    ]
    return MetricMath((MetricQuery("e1", expression), *measured))


@pytest.mark.parametrize(
    ("followed", "names"),
    [
        (over("m1 / IF(m2 > 0, m2, 1)", "Depth", "GroupInServiceInstances"), ["Depth"]),
        (over("(m1 + m2) / IF(m3 > 0, m3, 1)", "Visible", "InFlight", "Instances"), ["Visible", "InFlight"]),
        (over("m1 + m2", "Visible", "InFlight"), ["Visible", "InFlight"]),
        (over("FILL(m1, 0)", "Depth"), []),
        (CustomMetric(Metric("A", "Depth", ())), []),
        (PredefinedMetric("ASGAverageCPUUtilization"), []),
        (None, []),
    ],
    ids=["0.1.0 published", "0.1.0 by SQS", "0.1.0 sum", "another function", "custom", "predefined", "nothing"],
)
def test_whose_silence_reads_as_less_work(followed, names):
    assert [one.name for one in metric.missing_reads_lower(followed)] == names


# --- values -----------------------------------------------------------------------------------------------------

NINE = [datetime(2026, 2, 22, 9, minute, tzinfo=UTC) for minute in range(3)]


@pytest.mark.parametrize(
    ("followed", "stats"),
    [
        (CustomMetric(Metric("A", "Depth", ()), "Maximum", "Count", 10), [("A", "Depth", "Maximum", "Count", 10)]),
        (CustomMetric(Metric("A", "Depth", ()), None, None), [("A", "Depth", "Average", None, 60)]),
        (PredefinedMetric("ASGAverageNetworkIn"), [("AWS/EC2", "NetworkIn", "Average", None, 60)]),
        (
            PredefinedMetric("ALBRequestCountPerTarget", "app/web/1/targetgroup/video/2"),
            [("AWS/ApplicationELB", "RequestCountPerTarget", "Sum", None, 60)],
        ),
        (PredefinedMetric("ALBRequestCountPerTarget"), []),
        (PredefinedMetric("SomethingNew"), []),
    ],
    ids=["custom", "by default", "predefined", "load balancer", "without a label", "unheard of"],
)
def test_what_a_policy_looks_at(followed, stats):
    found = metric.inputs(followed, GROUP)
    assert [(q.metric.namespace, q.metric.name, q.stat, q.unit, q.period) for q in found] == stats


def test_the_dimensions_of_what_a_load_balancer_counts():
    (query,) = metric.inputs(PredefinedMetric("ALBRequestCountPerTarget", "app/web/1/targetgroup/video/2"), GROUP)
    assert dict(query.metric.dimensions) == {"LoadBalancer": "app/web/1", "TargetGroup": "targetgroup/video/2"}


def test_values_are_computed_moment_by_moment_and_what_lacks_an_input_is_dropped():
    followed = metric.from_params(pool(signal="sqs_total", metric=...))
    visible, in_flight = metric.inputs(followed, GROUP)
    series = {visible: dict(zip(NINE, (1.0, 2.0, 3.0), strict=True)), in_flight: {NINE[0]: 4.0, NINE[2]: 0.0}}
    assert metric.values(followed, series) == [(NINE[0], 5.0), (NINE[2], 3.0)]


def test_values_of_a_plain_metric_are_its_own():
    followed = metric.from_params(pool())
    (query,) = metric.inputs(followed, GROUP)
    assert metric.values(followed, {query: {NINE[1]: 2.0, NINE[0]: 1.0}}) == [(NINE[0], 1.0), (NINE[1], 2.0)]


def test_metric_math_that_cannot_be_evaluated_is_a_failure():
    followed = over("RATE(m1)", "Depth")
    (query,) = metric.inputs(followed, GROUP)
    with pytest.raises(Failure, match="its metric math cannot be evaluated here: RATE is not evaluated here"):
        metric.values(followed, {query: {NINE[0]: 1.0}})


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
