# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a live policy compares is known for the signals of a pool, and for nothing else."""

from __future__ import annotations

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.explainer import compared
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.explainer.compared import Followed
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.explainer.minutes import Minutes
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import Failure
from ansible_collections.academy.video_scaling.plugins.module_utils.pool import SIGNALS
from ansible_collections.academy.video_scaling.tests.unit.examples import POLICY
from ansible_collections.academy.video_scaling.tests.unit.observations import (
    AT,
    SINCE,
    activity,
    group,
    kept,
    observed,
    policy,
    series,
    wanted,
)

WINDOW = Minutes.of(SINCE, AT)
DEPTH, DECLARED = ([value] * len(WINDOW) for value in (6.0, 8.0))


def math(expression, queue_name):
    dimensions = [{"Name": "QueueName", "Value": queue_name}]
    waiting = {"Namespace": "AWS/SQS", "MetricName": "ApproximateNumberOfMessagesVisible", "Dimensions": dimensions}
    queries = [
        {"Id": "e1", "Expression": expression, "Label": "Mine"},
        {"Id": "m0", "ReturnData": False, "MetricStat": {"Stat": "Sum", "Metric": waiting}},
    ]
    return tracking({"CustomizedMetricSpecification": {"Metrics": queries}})


def tracking(specification, **more):
    return policy(TargetTrackingConfiguration={**specification, "TargetValue": 1.0, **more})


@pytest.mark.parametrize("declared", SIGNALS)
@pytest.mark.parametrize("signal", SIGNALS)
def test_each_signal_is_recognised_whatever_is_declared(signal, declared):
    found = compared.followed(policy(wanted(signal=signal, target_value=2)), wanted(signal=declared).pool)
    assert (found.signal, found.is_queue, found.target) == (signal, True, 2)


@pytest.mark.parametrize(
    ("live", "found"),
    [
        (kept().policies[POLICY], Followed("Academy/VideoProcessing/BacklogCount", "", False, 1.0)),
        (math("m0 * 2", "academy-video-jobs"), Followed("Mine", "", True, 1.0)),
        (math("m0 * 2", "another-queue"), Followed("Mine", "", False, 1.0)),
        (
            tracking({"PredefinedMetricSpecification": {"PredefinedMetricType": "ASGAverageCPUUtilization"}}),
            Followed("ASGAverageCPUUtilization", "", False, 1.0),
        ),
        (policy(PolicyType="StepScaling"), Followed("the alarms of a StepScaling policy", "", True)),
        (policy(TargetTrackingConfiguration={}), Followed("something that could not be read", "", True)),
    ],
    ids=["another metric", "the queue in its own way", "another queue", "CPU", "steps", "cut off"],
)
def test_what_else_a_policy_may_follow(live, found):
    assert compared.followed(live, wanted().pool) == found


def test_a_label_is_for_people():
    live = policy(wanted(signal="sqs_total", metric=...))
    assert compared.followed(live, wanted(signal="sqs_total").pool).signal == "sqs_total"


@pytest.mark.parametrize(
    ("signal", "declared", "value"),
    [
        ("published_total", "published_total", 8),
        ("published_per_instance", "published_per_instance", 4),
        ("published_per_instance", "published_total", 4),
        ("sqs_total", "published_total", 6),
        ("sqs_per_instance", "published_total", 3),
        ("sqs_total", "sqs_total", 8),
        ("published_total", "sqs_total", None),
        ("published_per_instance", "sqs_per_instance", None),
        ("", "published_total", None),
        ("", "sqs_total", None),
    ],
)
def test_what_is_compared(signal, declared, value):
    read = observed(group_metrics={"in_service": series(2)})
    pool = wanted(signal=declared).pool
    assert compared.values(read, WINDOW, pool, (DEPTH, DECLARED), signal)[100] == value


@pytest.mark.parametrize(
    ("readings", "value"),
    [
        ({"group_metrics": {"in_service": series(0)}}, 8),
        ({"group_metrics": {"in_service": series(3)}}, 2.667),
        ({"group_metrics": {}}, None),
        ({"group_metrics": Failure("denied"), "activities": [], "group": group(4)}, 2),
        ({"group_metrics": Failure("denied"), "activities": [activity("", Description="?")], "group": None}, None),
    ],
    ids=["no instance counts as one", "a fraction", "no metrics are a gap", "reckoned", "no group"],
)
def test_over_how_many_instances(readings, value):
    told = compared.values(observed(**readings), WINDOW, wanted().pool, (DEPTH, DECLARED), "published_per_instance")
    assert told[100] == value


def test_a_gap_of_the_metric_is_a_gap():
    gaps = [None] * len(WINDOW)
    assert compared.values(observed(), WINDOW, wanted().pool, (DEPTH, gaps), "published_per_instance") == gaps
