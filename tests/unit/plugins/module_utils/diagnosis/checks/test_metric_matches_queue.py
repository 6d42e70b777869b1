# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A number that the queue cannot have held fails; a queue that moves between two readings does not."""

from __future__ import annotations

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.checks import metric_matches_queue
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.observed import Unread
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import AwsFailure
from ansible_collections.academy.video_scaling.tests.unit.observations import (
    case,
    every_case,
    holds,
    observed,
    queue,
    queue_metrics,
    series,
    wanted,
    written_before,
)

NOTHING = dict.fromkeys(queue_metrics(), ())
BUSY = queue(ApproximateNumberOfMessages=200)


def quiet(waiting, in_flight=0, **metrics):
    """What SQS measured of a queue in which nothing moved."""
    still = {"sent": series(0), "received": series(0), "deleted": series(0)}
    return queue_metrics(**{**still, "visible": series(waiting), "in_flight": series(in_flight), **metrics})


def alternating(*values):
    return tuple((time, float(values[number % len(values)])) for number, (time, dummy) in enumerate(series(0)))


def rising(start=0):
    """Ten more each minute."""
    return tuple((time, start + 10.0 * number) for number, (time, dummy) in enumerate(series(0, 20)))


CASES = every_case(
    case("equal"),
    case(
        "another number",
        "fail",
        "the metric said 50 at 11:59 UTC while queue academy-video-jobs held 2 to 4; it was wrong in 14 of 14 minutes",
        metric=series(50),
    ),
    case(
        "a number that nobody decrements",
        "fail",
        "the metric said 5 at 11:59 UTC while queue academy-video-jobs held 0; it was wrong in 14 of 14 minutes",
        queue=queue(ApproximateNumberOfMessagesNotVisible=0),
        queue_metrics=quiet(0),
        metric=series(5),
    ),
    case("zero, though there are messages", "fail", "the metric said 0 at", queue_metrics=quiet(20), metric=series(0)),
    case(
        "without those in flight",
        "fail",
        "14 of 14 minutes, always without the messages in flight",
        queue_metrics=quiet(4, 8),
        metric=series(4),
    ),
    case("from one source and another", "fail", "wrong in 7 of 14 minutes", metric=alternating(3, 50)),
    case("wrong once in a while", metric=alternating(3, 3, 3, 3, 50)),
    case("counts are approximate", queue_metrics=quiet(100), metric=series(91)),
    case("but not so approximate", "fail", "held 100;", queue_metrics=quiet(100), metric=series(89)),
    case("two less", "fail", "held 3;", queue_metrics=quiet(3), metric=series(1)),
    case("a minute early", queue_metrics=quiet(0, visible=rising()), metric=rising(10)),
    case("a minute late", queue_metrics=quiet(0, visible=rising(10)), metric=rising()),
    case("four minutes late", "fail", "14 of 14", queue_metrics=quiet(0, visible=rising(40)), metric=rising()),
    case("one more or less", queue_metrics=quiet(3), metric=series(2)),
    case("what is sent is measured a moment later", queue_metrics=quiet(0, sent=series(50)), metric=series(50)),
    case("what is deleted was there before", queue_metrics=quiet(50, deleted=series(50)), metric=series(0)),
    case("a wave, one minute apart", queue_metrics=quiet(0, visible=alternating(0, 40)), metric=alternating(40, 0)),
    case("SQS is late", queue_metrics=quiet(3, visible=series(3, until=4)), metric=series(3)),
    case("filled a moment ago", queue=BUSY),
    case("SQS measures nothing, but it is true now", queue_metrics=NOTHING),
    case(
        "SQS measures nothing, and it was true lately",
        queue=BUSY,
        queue_metrics=NOTHING,
        metric=(*series(203, 5, until=2), *series(3, 1)),
    ),
    case(
        "SQS measures nothing, and it is not true now",
        "warn",
        "the metric said 3 at 11:59 UTC and queue academy-video-jobs holds 203 now, with no datapoints of SQS to tell",
        queue=BUSY,
        queue_metrics=NOTHING,
    ),
    case(
        "just enough minutes to tell",
        "fail",
        "in 5 of 5",
        queue_metrics=quiet(50, visible=series(50, 5)),
        metric=series(3),
    ),
    case("too few minutes to tell", queue_metrics=quiet(50, visible=series(50, 4)), metric=series(3)),
    case("no datapoint", "fail", "has no datapoint since 09:00 UTC", metric=(), per_instance_metric=()),
    case("old datapoints", "fail", "2 h ago", metric=series(3, until=121), per_instance_metric=series(1, until=121)),
    case("no queue", "fail", "queue academy-video-jobs does not exist", queue=None),
    case("measured by SQS itself", declared={"signal": "sqs_total"}, metric=series(50)),
)


@CASES
def test_the_metric_matches_the_queue(example):
    holds(metric_matches_queue, example)


def test_what_the_queue_held_is_not_guessed():
    with pytest.raises(Unread):
        metric_matches_queue.check(observed(metric=series(50), queue_metrics=AwsFailure("denied")), wanted())


def test_not_every_wrong_number_leaves_out_the_messages_in_flight():
    half = observed(queue_metrics=quiet(4, 8), metric=alternating(4, 50))
    assert metric_matches_queue.check(half, wanted()).cause.endswith("wrong in 14 of 14 minutes")


def test_a_silence_that_scales_in_is_reported_once():
    silent = {"metric": series(3, until=21), "per_instance_metric": ()}
    found = metric_matches_queue.check(observed(**silent, policies=[written_before()]), wanted())
    assert (found.status, found.stands_alone) == ("fail", False)
