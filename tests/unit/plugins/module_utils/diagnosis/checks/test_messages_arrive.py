# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A queue that rests only warns: it may be right."""

from __future__ import annotations

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.checks import messages_arrive
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
)

EMPTY = queue(ApproximateNumberOfMessagesNotVisible=0)
IDLE = (
    "nothing was sent to queue academy-video-jobs since 09:00 UTC (3 h) and it is empty: there is no work, or "
    "the producers use another queue name or region, or may not send"
)
CASES = every_case(
    case("messages come"),
    case("they came, and are done", queue=EMPTY),
    case("none come, some are there", queue_metrics=queue_metrics(sent=series(0))),
    case(
        "one is delayed",
        queue=queue(ApproximateNumberOfMessagesNotVisible=0, ApproximateNumberOfMessagesDelayed=1),
        queue_metrics=queue_metrics(sent=()),
    ),
    case("none come, none are there", "warn", IDLE, queue=EMPTY, queue_metrics=queue_metrics(sent=series(0))),
    case("asleep", "warn", IDLE, queue=EMPTY, queue_metrics=dict.fromkeys(queue_metrics(), ())),
    case("no queue", "fail", "queue academy-video-jobs does not exist", queue=None),
)


@CASES
def test_messages_arrive(example):
    holds(messages_arrive, example)


def test_what_was_sent_is_not_guessed():
    with pytest.raises(Unread):
        messages_arrive.check(observed(queue=EMPTY, queue_metrics=AwsFailure("denied")), wanted())
