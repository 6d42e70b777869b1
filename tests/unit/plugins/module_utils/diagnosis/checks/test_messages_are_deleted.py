# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages that come back, that are about to expire, and those that nobody can have in hand."""

from __future__ import annotations

from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.checks import messages_are_deleted
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import AwsFailure
from ansible_collections.academy.video_scaling.tests.unit.observations import (
    ago,
    case,
    every_case,
    group,
    holds,
    instance,
    queue,
    queue_metrics,
    series,
)


def times(count):
    """A metric that sums up to this."""
    return ((ago(minutes=30), float(count)),)


def handed_out(received, deleted, **metrics):
    return queue_metrics(received=times(received), deleted=times(deleted), **metrics)


CASES = every_case(
    case("received and deleted"),
    case("nothing happened", queue_metrics=dict.fromkeys(queue_metrics(), ())),
    case(
        "they come back",
        "fail",
        "queue academy-video-jobs handed out messages 40 times since 09:00 UTC (3 h) and only 4 of them were deleted",
        queue_metrics=handed_out(40, 4),
    ),
    case("a poison message", "fail", "8 times since 09:00 UTC (3 h) and only 0 of", queue_metrics=handed_out(8, 0)),
    case("a few come back", queue_metrics=handed_out(7, 0)),
    case("half come back", "fail", "103 times", queue_metrics=handed_out(103, 50)),
    case("fewer than half come back", queue_metrics=handed_out(102, 50)),
    case(
        "they are all in flight",
        queue=queue(ApproximateNumberOfMessagesNotVisible=20),
        group=group(20),
        queue_metrics=handed_out(22, 0),
    ),
    case("more deleted than received", queue_metrics=handed_out(10, 60)),
    case(
        "about to expire",
        "fail",
        "the oldest message of queue academy-video-jobs is 3.5 d old, and SQS deletes it after 4 d",
        "Jobs are about to be lost",
        queue_metrics=queue_metrics(oldest_age=series(302400)),
    ),
    case("old, but not too old", queue_metrics=queue_metrics(oldest_age=series(259200))),
    case("an age of long ago", queue_metrics=queue_metrics(oldest_age=series(302400, until=20))),
    case(
        "more in flight than instances",
        "warn",
        "8 messages of queue academy-video-jobs are in flight and group academy-video-worker-asg has 3 instances: a "
        "worker takes several at once, or those of dead workers stay hidden for the visibility timeout of 10 min",
        queue=queue(ApproximateNumberOfMessagesNotVisible=8),
    ),
    case(
        "one in flight, no instance",
        "warn",
        "1 message of queue academy-video-jobs is in flight and group academy-video-worker-asg has 0 instances",
        queue=queue(ApproximateNumberOfMessagesNotVisible=1),
        group=group(0),
    ),
    case(
        "instances that are leaving count",
        group=group(3, Instances=[instance(1), instance(2), instance(3, LifecycleState="Terminating:Wait")]),
    ),
    case(
        "two for each worker, as declared",
        declared={"target_value": 2},
        queue=queue(ApproximateNumberOfMessagesNotVisible=6),
    ),
    case(
        "a target that is a total says nothing of one worker",
        "warn",
        "6 messages",
        declared={"signal": "published_total", "target_value": 2},
        queue=queue(ApproximateNumberOfMessagesNotVisible=6),
    ),
    case("the group is not known", queue=queue(ApproximateNumberOfMessagesNotVisible=8), group=AwsFailure("denied")),
    case("no queue", "fail", "queue academy-video-jobs does not exist", queue=None),
)


@CASES
def test_received_messages_are_deleted(example):
    holds(messages_are_deleted, example)
