# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nobody takes what waits: only where somebody could have, for as long as a worker needs to start."""

from __future__ import annotations

from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.checks import messages_are_consumed
from ansible_collections.academy.video_scaling.tests.unit.observations import (
    activity,
    ago,
    case,
    every_case,
    group,
    holds,
    instance,
    observed,
    queue,
    queue_metrics,
    series,
    wanted,
)

WAITING = queue(ApproximateNumberOfMessages=20, ApproximateNumberOfMessagesNotVisible=0)


def untouched(**metrics):
    nothing = {"received": series(0), "deleted": series(0), "in_flight": series(0)}
    return queue_metrics(**{**nothing, "visible": series(20), "oldest_age": series(9000), **metrics})


def launched(minutes):
    return activity("At 2026-02-22T11:00:00Z an instance was started.", ago(minutes=minutes))


CASES = every_case(
    case("all are in flight"),
    case(
        "nobody takes them",
        "fail",
        "queue academy-video-jobs holds 20 waiting messages, group academy-video-worker-asg has 3 instances in "
        "service, and nothing was received or deleted since 09:00 UTC (3 h)",
        queue=WAITING,
        queue_metrics=untouched(),
    ),
    case(
        "one instance, stopped half-way",
        "fail",
        "1 instance in service, and nothing was received or deleted since 11:20 UTC (40 min)",
        queue=WAITING,
        queue_metrics=untouched(received=series(1, until=50), deleted=series(1, until=40)),
        group=group(1),
    ),
    case(
        "their number tells that they wait",
        "fail",
        "20 waiting",
        queue=WAITING,
        queue_metrics=untouched(oldest_age=()),
    ),
    case(
        "their age tells that they wait",
        "fail",
        "20 waiting",
        queue=WAITING,
        queue_metrics=untouched(visible=()),
    ),
    case(
        "nothing for a quarter of an hour",
        "fail",
        "20",
        queue=WAITING,
        queue_metrics=untouched(received=series(1, until=15)),
    ),
    case("some are received", queue=WAITING, queue_metrics=untouched(received=series(1, until=14))),
    case("some are deleted", queue=WAITING, queue_metrics=untouched(deleted=series(1, until=14))),
    case("received and deleted at once", queue=WAITING, queue_metrics=untouched(received=series(1), deleted=series(1))),
    case(
        "the metrics are later than the queue",
        queue=queue(ApproximateNumberOfMessagesNotVisible=0),
        queue_metrics=untouched(),
    ),
    case("some are in flight", queue=queue(ApproximateNumberOfMessages=20), queue_metrics=untouched()),
    case(
        "they have come just now",
        queue=WAITING,
        queue_metrics=untouched(
            visible=(*series(0, 170, until=11), *series(20, 10)),
            oldest_age=(*series(0, 170, until=11), *series(500, 10)),
        ),
    ),
    case(
        "the queue has just been woken",
        queue=WAITING,
        queue_metrics=untouched(visible=series(20, 3), oldest_age=series(200, 3)),
    ),
    case("the queue has no datapoints", queue=WAITING, queue_metrics=dict.fromkeys(queue_metrics(), ())),
    case("no instance", queue=WAITING, queue_metrics=untouched(), group=group(0)),
    case(
        "none in service",
        queue=WAITING,
        queue_metrics=untouched(),
        group=group(1, Instances=[instance(1, LifecycleState="Pending")]),
    ),
    case(
        "all instances are new",
        queue=WAITING,
        queue_metrics=untouched(),
        group=group(2),
        activities=[launched(5), launched(6), launched(60)],
    ),
    case(
        "one of them is not",
        "fail",
        "20 waiting",
        queue=WAITING,
        queue_metrics=untouched(),
        group=group(2),
        activities=[launched(5), launched(60)],
    ),
    case(
        "a worker that needs an hour to start",
        declared={"estimated_instance_warmup": 3600},
        queue=WAITING,
        queue_metrics=untouched(received=series(1, until=50)),
    ),
    case("no queue", "fail", "queue academy-video-jobs does not exist", queue=None),
)


@CASES
def test_waiting_messages_are_consumed(example):
    holds(messages_are_consumed, example)


def test_the_command_asks_an_instance_in_service():
    instances = [instance(1, LifecycleState="Terminating"), instance(2)]
    seen = observed(queue=WAITING, queue_metrics=untouched(), group=group(2, Instances=instances))
    found = messages_are_consumed.check(seen, wanted())
    assert "--instance-id i-00000000000000002 --latest" in found.remedy.cli
