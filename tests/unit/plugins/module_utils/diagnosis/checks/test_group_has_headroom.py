# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""At its maximum with messages waiting it fails once that lasts; limits that leave no room are reported."""

from __future__ import annotations

from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.checks import group_has_headroom
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import AwsFailure
from ansible_collections.academy.video_scaling.tests.unit.examples import GROUP
from ansible_collections.academy.video_scaling.tests.unit.observations import (
    case,
    every_case,
    group,
    holds,
    queue,
    queue_metrics,
    series,
)

WAITING = queue(ApproximateNumberOfMessages=7, ApproximateNumberOfMessagesNotVisible=20)
FULL = f"group {GROUP} is at its maximum of 20 while queue academy-video-jobs holds 7 waiting messages"


def waited(minutes, until=1):
    return queue_metrics(visible=(*series(0, 90, minutes + until), *series(7, minutes, until)))


CASES = every_case(
    case("room"),
    case("full, and all are busy", group=group(20)),
    case("waiting, and room", queue=WAITING, queue_metrics=waited(90)),
    case("full, and messages wait", "fail", FULL, queue=WAITING, queue_metrics=waited(90), group=group(20)),
    case(
        "full, and not all of them work",
        queue=WAITING,
        queue_metrics=waited(90),
        group=group(19, DesiredCapacity=20),
    ),
    case("for long enough", "fail", FULL, queue=WAITING, queue_metrics=waited(15), group=group(20)),
    case(
        "for a moment",
        "warn",
        f"{FULL} (for less than 15 min)",
        queue=WAITING,
        queue_metrics=waited(13),
        group=group(20),
    ),
    case("SQS tells too little", "warn", FULL, queue=WAITING, queue_metrics=waited(90, until=9), group=group(20)),
    case("SQS denied", "fail", FULL, queue=WAITING, queue_metrics=AwsFailure("denied"), group=group(20)),
    case(
        "no worker is allowed",
        "fail",
        f"group {GROUP} may have no worker at all: MaxSize is 0",
        "Nothing scales",
        group=group(0, MinSize=0, MaxSize=0),
    ),
    case("pinned", "warn", f"MinSize and MaxSize of group {GROUP} are both 3", group=group(MinSize=3, MaxSize=3)),
    case("pinned as declared", declared={"min_size": 3, "max_size": 3}, group=group(MinSize=3, MaxSize=3)),
)


@CASES
def test_the_group_can_grow(example):
    holds(group_has_headroom, example)
