# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""With a target of 1 and no worker one message is not enough by a whole depth: warned of, and a failure once it waits.
By a value per instance it is.
"""

from __future__ import annotations

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.checks import one_message_starts_a_worker
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import AwsFailure
from ansible_collections.academy.video_scaling.plugins.module_utils.pool import SIGNALS
from ansible_collections.academy.video_scaling.tests.unit.observations import (
    case,
    every_case,
    group,
    holds,
    observed,
    policy,
    queue,
    queue_metrics,
    series,
    wanted,
    written_before,
)

EMPTY = {"MinSize": 0, "DesiredCapacity": 0, "Instances": []}
TOTAL = {"signal": "published_total"}
RULE = "at capacity 0 (MinSize 0) the scale-out alarm needs more than 1"
ONE = queue(ApproximateNumberOfMessages=1, ApproximateNumberOfMessagesNotVisible=0)


def waited(minutes, waiting=1, until=1):
    before = series(0, minutes=180 - minutes, until=minutes + until)
    visible = (*before, *series(waiting, minutes=minutes, until=until))
    return queue_metrics(visible=visible, in_flight=series(0, until=until))


def by_total(target=1.0):
    return {"declared": TOTAL, "policies": [policy(wanted(**TOTAL, target_value=target))]}


CASES = every_case(
    case("always a worker", **by_total()),
    case("a lower target", **by_total(0.9), group=group(**EMPTY)),
    case(
        "none, and nothing waits",
        "warn",
        f"up to 1 message in queue academy-video-jobs will start no worker: {RULE}",
        **by_total(),
        group=group(MinSize=0),
    ),
    case(
        "one waits",
        "fail",
        f"queue academy-video-jobs has held 1 message for 5 min or more, and {RULE}",
        **by_total(),
        group=group(**EMPTY),
        queue=ONE,
        queue_metrics=waited(5),
    ),
    case(
        "reported late",
        "fail",
        "has held 1 message",
        **by_total(),
        group=group(**EMPTY),
        queue=ONE,
        queue_metrics=waited(5, until=4),
    ),
    case(
        "reported too late",
        "warn",
        RULE,
        **by_total(),
        group=group(**EMPTY),
        queue=ONE,
        queue_metrics=waited(5, until=8),
    ),
    case("it came just now", "warn", RULE, **by_total(), group=group(**EMPTY), queue=ONE, queue_metrics=waited(4)),
    case(
        "a worker is on its way",
        "warn",
        RULE,
        **by_total(),
        group=group(0, MinSize=0, DesiredCapacity=1),
        queue=ONE,
        queue_metrics=waited(9),
    ),
    case(
        "as many as the target",
        "fail",
        "has held 5 messages",
        group=group(**EMPTY),
        queue=queue(ApproximateNumberOfMessages=5, ApproximateNumberOfMessagesNotVisible=0),
        queue_metrics=waited(9, 5),
        **by_total(5),
    ),
    case(
        "more than the target",
        "warn",
        "up to 4 messages",
        group=group(**EMPTY),
        queue=queue(ApproximateNumberOfMessages=5, ApproximateNumberOfMessagesNotVisible=0),
        queue_metrics=waited(9, 5),
        **by_total(4.5),
    ),
    case(
        "queue denied",
        "warn",
        RULE,
        **by_total(),
        group=group(**EMPTY),
        queue=AwsFailure("denied"),
        queue_metrics=waited(9),
    ),
    case("no queue", "warn", RULE, **by_total(), group=group(**EMPTY), queue=None, queue_metrics=waited(9)),
)


@CASES
def test_one_message_starts_a_worker(example):
    holds(one_message_starts_a_worker, example)


TARGETS = (0.9, 1, 5)


def as_declared(signal, target):
    return policy(wanted(signal=signal, target_value=target))


def by_processor(_signal, target):
    specification = {"PredefinedMetricSpecification": {"PredefinedMetricType": "ASGAverageCPUUtilization"}}
    return policy(TargetTrackingConfiguration={**specification, "TargetValue": target})


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize(
    ("signal", "live", "enough"),
    [
        ("published_total", as_declared, {0.9}),
        ("sqs_total", as_declared, {0.9}),
        ("published_per_instance", as_declared, {0.9, 1, 5}),
        ("sqs_per_instance", as_declared, {0.9, 1, 5}),
        ("published_per_instance", written_before, {0.9}),
        ("sqs_per_instance", written_before, {0.9}),
        ("published_total", by_processor, {0.9}),
    ],
    ids=[*SIGNALS, "as 0.1.0 wrote it", "as 0.1.0 wrote it, by SQS", "cannot be known"],
)
def test_by_each_signal(signal, live, enough, target):
    readings = {"group": group(**EMPTY), "policies": [live(signal, target)], "queue": ONE, "queue_metrics": waited(9)}
    found = one_message_starts_a_worker.check(observed(**readings), wanted(signal=signal, target_value=target))
    assert found.status == ("pass" if target in enough else "fail")
    if found.status == "fail":
        assert found.remedy.playbook.endswith("apply  # with signal: published_per_instance")


def test_what_is_live_counts_and_not_what_is_declared():
    read = observed(group=group(**EMPTY), policies=[written_before()], queue=ONE, queue_metrics=waited(9))
    for signal in SIGNALS:
        assert one_message_starts_a_worker.check(read, wanted(signal=signal)).status == "fail"


def test_a_pool_without_a_metric_needs_one_for_that():
    declared = {"signal": "sqs_total", "metric": ...}
    found = one_message_starts_a_worker.check(
        observed(group=group(**EMPTY), policies=[policy(wanted(**declared))]), wanted(**declared)
    )
    assert found.remedy.playbook.endswith("apply  # with signal: published_per_instance and a metric")


def test_a_publisher_writes_one_message_as_one_below_a_target_of_one():
    """The live policy is of an earlier target, and one message is more than that as well."""
    read = observed(group=group(**EMPTY), policies=[as_declared("published_per_instance", 0.9)], queue=ONE)
    declared = wanted(signal="published_per_instance", target_value=0.5)
    assert one_message_starts_a_worker.check(read, declared).status == "pass"
