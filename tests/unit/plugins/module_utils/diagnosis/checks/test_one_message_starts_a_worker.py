# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""With a target of 1 and no worker one message is not enough: warned of, and a failure once one waits."""

from __future__ import annotations

from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.checks import one_message_starts_a_worker
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import AwsFailure
from ansible_collections.academy.video_scaling.tests.unit.observations import (
    case,
    every_case,
    group,
    holds,
    policy,
    queue,
    queue_metrics,
    series,
    wanted,
)

EMPTY = {"MinSize": 0, "DesiredCapacity": 0, "Instances": []}
RULE = "at capacity 0 (MinSize 0) the scale-out alarm needs more than 1"
ONE = queue(ApproximateNumberOfMessages=1, ApproximateNumberOfMessagesNotVisible=0)


def waited(minutes, waiting=1, until=1):
    before = series(0, minutes=180 - minutes, until=minutes + until)
    visible = (*before, *series(waiting, minutes=minutes, until=until))
    return queue_metrics(visible=visible, in_flight=series(0, until=until))


CASES = every_case(
    case("always a worker"),
    case("a lower target", group=group(**EMPTY), policies=[policy(wanted(target_value=0.9))]),
    case(
        "none, and nothing waits",
        "warn",
        f"up to 1 message in queue academy-video-jobs will start no worker: {RULE}",
        group=group(MinSize=0),
    ),
    case(
        "one waits",
        "fail",
        f"queue academy-video-jobs has held 1 message for 5 min or more, and {RULE}",
        group=group(**EMPTY),
        queue=ONE,
        queue_metrics=waited(5),
    ),
    case("told late", "fail", "has held 1 message", group=group(**EMPTY), queue=ONE, queue_metrics=waited(5, until=4)),
    case("told too late", "warn", RULE, group=group(**EMPTY), queue=ONE, queue_metrics=waited(5, until=8)),
    case("it came just now", "warn", RULE, group=group(**EMPTY), queue=ONE, queue_metrics=waited(4)),
    case(
        "a worker is on its way",
        "warn",
        RULE,
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
        policies=[policy(wanted(target_value=5))],
    ),
    case(
        "more than the target",
        "warn",
        "up to 4 messages",
        group=group(**EMPTY),
        queue=queue(ApproximateNumberOfMessages=5, ApproximateNumberOfMessagesNotVisible=0),
        queue_metrics=waited(9, 5),
        policies=[policy(wanted(target_value=4.5))],
    ),
    case("queue denied", "warn", RULE, group=group(**EMPTY), queue=AwsFailure("denied"), queue_metrics=waited(9)),
    case("no queue", "warn", RULE, group=group(**EMPTY), queue=None, queue_metrics=waited(9)),
)


@CASES
def test_one_message_starts_a_worker(told):
    holds(one_message_starts_a_worker, told)
