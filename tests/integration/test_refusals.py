# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What cannot be right is refused with pool, option and reason before anything at all is asked of AWS."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.account import pool

COOLDOWN_REASON = "EC2 target tracking"
DIMENSIONLESS = {"namespace": "Academy/VideoProcessing", "name": "VideoQueueDepthTotal", "dimensions": {}}
OF_AWS = {"namespace": "AWS/Academy", "name": "VideoQueueDepthTotal", "dimensions": {"WorkerType": "Video"}}

# The whole table is a unit test; these go through the role and its argument check as well.
REFUSED: list[tuple[str, list[dict[str, Any]], list[str]]] = [
    ("cooldown", [pool(scale_out_cooldown=300)], ["video", "scale_out_cooldown", COOLDOWN_REASON]),
    ("same name twice", [pool(), pool("audio", name="video")], ["video", "name"]),
    ("target of text", [pool(target_value="many")], ["video", "target_value"]),
    ("dimensions empty", [pool(metric=DIMENSIONLESS)], ["video", "dimensions"]),
    ("namespace of AWS", [pool(metric=OF_AWS)], ["video", "namespace", "AWS/"]),
    ("fifo mismatch", [pool(queue_name="jobs.fifo")], ["video", "dead_letter_queue_name", ".fifo"]),
    ("option unknown", [pool(colour="red")], ["video", "colour"]),
    ("no pool", [], ["pools"]),
    (
        "two at once",
        [pool(target_value=0), pool("audio", queue_name="a" * 81)],
        ["video", "target_value", "audio", "queue_name", "80"],
    ),
]


@pytest.mark.parametrize(("pools", "words"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_a_bad_pool_is_refused_in_words_and_nothing_is_sent(account, pools, words):
    run = account.apply({"video_scaling_pools": pools})
    assert run.code != 0
    assert run.requests == []
    for word in words:
        assert word in run.failure.message
    assert "Traceback" not in run.output
