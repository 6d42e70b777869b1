# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""New dead letters fail, old ones warn."""

from __future__ import annotations

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.checks import dead_letter_queue_empty
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import AwsFailure
from ansible_collections.academy.video_scaling.tests.unit.observations import (
    case,
    dead_letter_queue,
    every_case,
    holds,
    observed,
    queue,
    series,
    wanted,
)

TWELVE = dead_letter_queue(ApproximateNumberOfMessages=10, ApproximateNumberOfMessagesNotVisible=2)
CASES = every_case(
    case("empty"),
    case("empty again", dead_letter_metrics={"visible": series(5)}),
    case("none", declared={"dead_letter_queue_name": ...}, queue=queue(RedrivePolicy=""), dead_letter_queue=None),
    case(
        "filling",
        "fail",
        "dead-letter queue academy-video-jobs-dlq holds 12 messages, 9 more than at 09:00 UTC",
        dead_letter_queue=TWELVE,
        dead_letter_metrics={"visible": (*series(3, 120, until=61), *series(12, 60))},
    ),
    case(
        "it was emptied, and fills no more",
        "warn",
        "holds 12 messages, no more than at 09:00 UTC",
        dead_letter_queue=TWELVE,
        dead_letter_metrics={"visible": (*series(20, 120, until=61), *series(0, 60))},
    ),
    case(
        "as full as before",
        "warn",
        "dead-letter queue academy-video-jobs-dlq holds 12 messages, no more than at 09:00 UTC",
        dead_letter_queue=TWELVE,
        dead_letter_metrics={"visible": series(12)},
    ),
    case(
        "one, found by the redrive policy",
        "warn",
        "dead-letter queue academy-video-jobs-dlq holds 1 message",
        declared={"dead_letter_queue_name": ...},
        dead_letter_queue=dead_letter_queue(ApproximateNumberOfMessagesDelayed=1),
        dead_letter_metrics={"visible": ()},
    ),
    case("empty, its past denied", dead_letter_metrics=AwsFailure("denied")),
    case("full, its past denied", "warn", "12", dead_letter_queue=TWELVE, dead_letter_metrics=AwsFailure("denied")),
)


@CASES
def test_the_dead_letter_queue_is_empty(example):
    holds(dead_letter_queue_empty, example)


@pytest.mark.parametrize(
    ("metrics", "most"),
    [({"visible": (*series(5, 60, until=9), *series(0, 8))}, 5), ({}, 0)],
    ids=["emptied", "unused"],
)
def test_what_it_held_earlier_is_shown(metrics, most):
    found = dead_letter_queue_empty.check(observed(dead_letter_metrics=metrics), wanted())
    assert found.observed == {"messages": 0, "most in the time window": most}
