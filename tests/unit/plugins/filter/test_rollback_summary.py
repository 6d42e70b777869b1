# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each pool's line says what it went back to, and what it did not."""

from __future__ import annotations

import pytest
from ansible_collections.academy.video_scaling.plugins.filter.rollback_summary import FilterModule, rollback_summary

SNAPSHOT = {"id": 3, "at": "2026-02-22T09:17:40+00:00", "by": "arn:aws:iam::1:user/kim", "kind": "change"}
WHICH = "snapshot 3 of 2026-02-22T09:17:40+00:00"


def pool(**facts):
    return {"name": "video", "changed": True, "snapshot": SNAPSHOT, **facts}


@pytest.mark.parametrize(
    ("row", "check_mode", "line"),
    [
        (pool(), False, f"video: went back to {WHICH}"),
        (pool(), True, f"video: would go back to {WHICH}"),
        (pool(changed=False), False, f"video: is at {WHICH} already"),
        (pool(changed=False), True, f"video: is at {WHICH} already"),
        (pool(snapshot={**SNAPSHOT, "kind": "file"}), False, "video: went back to the file"),
        (pool(snapshot={**SNAPSHOT, "kind": "file"}, changed=False), False, "video: is at the file already"),
        (pool(snapshot={**SNAPSHOT, "kind": "rollback"}), False, f"video: went back to {WHICH}"),
        (
            {"name": "video", "changed": False, "msg": "nothing to go back to: there is no snapshot"},
            True,
            "video: nothing to go back to: there is no snapshot",
        ),
        ({"name": "video", "changed": False}, True, "video: nothing to go back to"),
    ],
    ids=["back", "check", "there", "check, there", "file", "at the file", "of a rollback", "none, why", "none"],
)
def test_what_a_rollback_did_to_a_pool(row, check_mode, line):
    assert rollback_summary({"pools": [row]}, check_mode) == [line]


@pytest.mark.parametrize(
    ("changed", "check_mode", "line"),
    [
        (True, False, "publisher depth: went back"),
        (True, True, "publisher depth: would go back"),
        (False, False, "publisher depth: is there already"),
    ],
    ids=["back", "check", "there"],
)
def test_what_a_rollback_did_to_the_publisher(changed, check_mode, line):
    result = {"pools": [pool(), pool(name="audio")], "publisher": {"function_name": "depth", "changed": changed}}
    lines = rollback_summary(result, check_mode)
    assert (len(lines), lines[-1]) == (3, line)


@pytest.mark.parametrize("result", [{}, {"pools": []}, {"skipped": True, "changed": False}], ids=str)
def test_a_rollback_that_did_not_run_has_no_line(result):
    assert rollback_summary(result) == []


def test_the_filter_has_its_name():
    assert FilterModule().filters() == {"rollback_summary": rollback_summary}
