# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Workers for an empty queue and too few for a full one fail, once scaling has had its time."""

from __future__ import annotations

from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.checks import capacity_fits_queue
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import AwsFailure
from ansible_collections.academy.video_scaling.tests.unit.examples import GROUP
from ansible_collections.academy.video_scaling.tests.unit.observations import (
    ago,
    alarm,
    case,
    every_case,
    group,
    holds,
    instance,
    policy,
    queue,
    queue_metrics,
    series,
    wanted,
)

EMPTY = {
    "queue": queue(ApproximateNumberOfMessagesNotVisible=0),
    "queue_metrics": queue_metrics(in_flight=series(0)),
}
TOTAL = {"declared": {"signal": "published_total"}, "policies": [policy(wanted(signal="published_total"))]}
FEW = "Messages wait"


def holding(count, minutes=180, until=1, now=None):
    """So many messages wait, since so many minutes by SQS's metrics."""
    return {
        "queue": queue(
            ApproximateNumberOfMessages=count if now is None else now, ApproximateNumberOfMessagesNotVisible=0
        ),
        "queue_metrics": queue_metrics(
            visible=(*series(0, 180, minutes + until), *series(count, minutes, until)), in_flight=series(0, until=until)
        ),
    }


CASES = every_case(
    case("a worker for each message"),
    case("empty at the minimum", **EMPTY, group=group(1)),
    case(
        "empty at the maximum",
        "fail",
        f"group {GROUP} wants 20 workers (MinSize 1, MaxSize 20) while queue academy-video-jobs is empty",
        **EMPTY,
        group=group(20),
    ),
    case("empty above the minimum", "fail", "wants 2 workers (MinSize 1, MaxSize 20) while", **EMPTY, group=group(2)),
    case("SQS is silent", "fail", "wants 2 workers", **{**EMPTY, "queue_metrics": {}}, group=group(2)),
    case(
        "empty, and some are protected",
        "fail",
        "is empty; 1 of them are protected from scale-in",
        **EMPTY,
        group=group(2, Instances=[instance(1), instance(2, ProtectedFromScaleIn=True)]),
    ),
    case(
        "empty, without scale-in",
        "warn",
        "is empty, and scale-in is disabled",
        **EMPTY,
        declared={"disable_scale_in": True},
        policies=[policy(wanted(disable_scale_in=True))],
    ),
    case("empty since a moment ago", **{**EMPTY, "queue_metrics": queue_metrics(in_flight=series(3, until=29))}),
    case(
        "empty long enough",
        "fail",
        "is empty",
        **{**EMPTY, "queue_metrics": queue_metrics(in_flight=series(3, until=31))},
    ),
    case(
        "empty, and the alarm is new",
        **EMPTY,
        alarms=[alarm("High"), alarm("Low", AlarmConfigurationUpdatedTimestamp=ago(minutes=29))],
    ),
    case(
        "empty, and the alarm is no longer new",
        "fail",
        "is empty",
        **EMPTY,
        alarms=[alarm("High"), alarm("Low", AlarmConfigurationUpdatedTimestamp=ago(minutes=30))],
    ),
    case(
        "empty, and the other alarm is new",
        "fail",
        "is empty",
        **EMPTY,
        alarms=[alarm("High", AlarmConfigurationUpdatedTimestamp=ago())],
    ),
    case("empty, alarms denied", "fail", "is empty", **EMPTY, alarms=AwsFailure("denied")),
    case(
        "more than the workers take",
        "fail",
        f"group {GROUP} wants 3 workers of at most 20 while queue academy-video-jobs has held 9 messages or more for "
        "20 min (target 1 for each worker)",
        FEW,
        **holding(9),
    ),
    case(
        "a worker takes several", declared={"target_value": 3}, policies=[policy(wanted(target_value=3))], **holding(9)
    ),
    case(
        "one too many",
        "fail",
        "has held 10",
        FEW,
        declared={"target_value": 3},
        policies=[policy(wanted(target_value=3))],
        **holding(10),
    ),
    case("more than the maximum takes", **holding(9), group=group(3, MaxSize=3)),
    case("they came a moment ago", **holding(9, minutes=18)),
    case("they came long enough ago", "fail", "has held 9", FEW, **holding(9, minutes=20)),
    case("they are gone", **holding(9, now=3)),
    case("SQS tells too little", **holding(9, until=11)),
    case("SQS tells just enough", "fail", "has held 9", FEW, **holding(9, until=10)),
    case("a total, and a worker", **TOTAL, **holding(9), group=group(1)),
    case(
        "a total, and none",
        "fail",
        "has held 9 messages or more for 20 min (target 1)",
        FEW,
        **TOTAL,
        **holding(9),
        group=group(0),
    ),
    case("too few to ring", **holding(1), group=group(0)),
    case("just enough to ring", "fail", "wants 0 workers of at most 20 while", FEW, **holding(2), group=group(0)),
    case("one is not enough", "fail", "wants 1 worker of at most 20 while", FEW, **holding(2), group=group(1)),
    case("a total not above its target", **TOTAL, **holding(1), group=group(0)),
)


@CASES
def test_the_capacity_fits_the_queue(example):
    holds(capacity_fits_queue, example)
