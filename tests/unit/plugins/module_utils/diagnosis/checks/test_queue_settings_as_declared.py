# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is declared is compared, what is not is left to its owner; the redrive policy has a check of its own."""

from __future__ import annotations

from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.checks import queue_settings_as_declared
from ansible_collections.academy.video_scaling.tests.unit.observations import (
    case,
    every_case,
    holds,
    observed,
    queue,
    wanted,
)

CASES = every_case(
    case("as declared"),
    case(
        "visibility timeout drifted",
        "fail",
        "queue academy-video-jobs has visibility_timeout 10800 instead of 600 seconds",
        queue=queue(VisibilityTimeout=10800),
    ),
    case(
        "both drifted",
        "fail",
        "has visibility_timeout 300 instead of 600 seconds and message_retention_period 345600 instead of 60 seconds",
        declared={"message_retention_period": 60},
        queue=queue(VisibilityTimeout=300),
    ),
    case("nothing declared", declared={"visibility_timeout": ...}, queue=queue(VisibilityTimeout=10800)),
    case("no redrive policy", queue=queue(RedrivePolicy="")),
    case("no queue", "fail", "queue academy-video-jobs does not exist", queue=None),
)


@CASES
def test_the_queue_has_the_declared_settings(example):
    holds(queue_settings_as_declared, example)


def test_the_command_sets_what_is_declared_and_nothing_else():
    found = queue_settings_as_declared.check(observed(queue=queue(VisibilityTimeout=10800)), wanted())
    assert """--attributes '{"VisibilityTimeout": "600"}'""" in found.remedy.cli
