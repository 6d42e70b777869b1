# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A redrive policy that is missing, other than declared or leads nowhere fails; what may be wanted only warns."""

from __future__ import annotations

import json

from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.checks import dead_letter_queue_configured
from ansible_collections.academy.video_scaling.tests.unit.examples import PLACE
from ansible_collections.academy.video_scaling.tests.unit.observations import (
    case,
    dead_letter_queue,
    every_case,
    holds,
    queue,
)

NONE = {"dead_letter_queue_name": ...}


def redrive(name="academy-video-jobs-dlq", receives=3):
    return queue(RedrivePolicy=json.dumps({"deadLetterTargetArn": PLACE.queue_arn(name), "maxReceiveCount": receives}))


CASES = every_case(
    case("as declared"),
    case("as declared, counted in text", queue=redrive(receives="3")),
    case(
        "declared, not there",
        "fail",
        "queue academy-video-jobs has no redrive policy, declared is that it "
        "sends a message to academy-video-jobs-dlq after 3 receives",
        queue=queue(RedrivePolicy=""),
    ),
    case("another target", "fail", "sends a message to lost after 3 receives, declared", queue=redrive("lost")),
    case("another count", "fail", "dlq after 10 receives, declared", queue=redrive(receives=10)),
    case(
        "it leads nowhere",
        "fail",
        "dead-letter queue academy-video-jobs-dlq, which queue academy-video-jobs names, does not exist",
        dead_letter_queue=None,
    ),
    case(
        "not declared, and leads nowhere",
        "fail",
        "dead-letter queue lost, which",
        declared=NONE,
        queue=redrive("lost"),
        dead_letter_queue=None,
    ),
    case("not declared, but there", declared=NONE),
    case(
        "none at all",
        "warn",
        "queue academy-video-jobs has no dead-letter queue, and none is declared",
        declared=NONE,
        queue=queue(RedrivePolicy=""),
        dead_letter_queue=None,
    ),
    case("keeps as long", dead_letter_queue=dead_letter_queue(MessageRetentionPeriod=345600)),
    case(
        "keeps shorter",
        "warn",
        "dlq keeps messages for 345599 seconds, less than the 345600 of queue academy-video-jobs",
        dead_letter_queue=dead_letter_queue(MessageRetentionPeriod=345599),
    ),
    case("no queue", "fail", "queue academy-video-jobs does not exist", queue=None),
)


@CASES
def test_the_queue_has_its_dead_letter_queue(example):
    holds(dead_letter_queue_configured, example)
