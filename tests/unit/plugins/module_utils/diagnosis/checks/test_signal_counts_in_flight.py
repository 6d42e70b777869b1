# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A signal of the waiting messages alone fails while scale-in is on, whoever leaves out the rest."""

from __future__ import annotations

from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.checks import signal_counts_in_flight
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import AwsFailure
from ansible_collections.academy.video_scaling.tests.unit.examples import POLICY
from ansible_collections.academy.video_scaling.tests.unit.observations import (
    case,
    every_case,
    holds,
    policy,
    queue_metrics,
    series,
    wanted,
)

VISIBLE = {
    "Namespace": "AWS/SQS",
    "MetricName": "ApproximateNumberOfMessagesVisible",
    "Dimensions": [{"Name": "QueueName", "Value": "academy-video-jobs"}],
    "Statistic": "Sum",
}


def following(disable_scale_in=False, **specification):
    tracking = {"CustomizedMetricSpecification": specification, "TargetValue": 1.0, "DisableScaleIn": disable_scale_in}
    return [policy(TargetTrackingConfiguration=tracking)]


LEFT_OUT = (
    "follows AWS/SQS/ApproximateNumberOfMessagesVisible (QueueName=academy-video-jobs), which leaves out messages"
)
ALONE = "in 180 minutes with messages in flight the published value was that of the waiting ones alone"
CASES = every_case(
    case("counted"),
    case("counted by SQS", declared={"signal": "sqs_total"}, policies=[policy(wanted(signal="sqs_total"))]),
    case(
        "left out",
        "fail",
        f"policy {POLICY} {LEFT_OUT} in flight, and scale-in is enabled",
        policies=following(**VISIBLE),
    ),
    case("left out, no scale-in", "warn", "(scale-in is disabled", policies=following(True, **VISIBLE)),
    case("published without them", "fail", ALONE, metric=series(0)),
    case("published without them but once", metric=(*series(0)[:-1], (series(0)[-1][0], 3.0))),
    case("for a few minutes", metric=series(0, minutes=4)),
    case("for a few more", "fail", "in 5 minutes with", metric=series(0, minutes=5)),
    case("nothing in flight", metric=series(0), queue_metrics=queue_metrics(in_flight=series(0))),
    case("waiting and in flight", metric=series(5), queue_metrics=queue_metrics(visible=series(2))),
    case("waiting alone", "fail", ALONE, metric=series(2), queue_metrics=queue_metrics(visible=series(2))),
    case(
        "not published at all",
        declared={"signal": "sqs_total"},
        policies=[policy(wanted(signal="sqs_total"))],
        metric=series(0),
    ),
    case("one in flight", "fail", ALONE, metric=series(0), queue_metrics=queue_metrics(in_flight=series(1))),
    case("what waits is not known", metric=series(0), queue_metrics=queue_metrics(visible=())),
    case("metric denied", metric=AwsFailure("denied")),
)


@CASES
def test_the_signal_counts_messages_in_flight(example):
    holds(signal_counts_in_flight, example)
