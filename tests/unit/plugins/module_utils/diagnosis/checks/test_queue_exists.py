# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Only a queue that is not there fails."""

from __future__ import annotations

from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.checks import queue_exists
from ansible_collections.academy.video_scaling.tests.unit.observations import case, every_case, holds

CASES = every_case(
    case("a queue"),
    case("no queue", "fail", "queue academy-video-jobs does not exist in region ap-northeast-2", queue=None),
)


@CASES
def test_the_queue_exists(example):
    holds(queue_exists, example)
