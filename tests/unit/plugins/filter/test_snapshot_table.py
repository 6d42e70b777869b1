# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A person sees at a glance what can be gone back to, newest first, and what of it is live."""

from __future__ import annotations

import pytest
from ansible_collections.academy.video_scaling.plugins.filter.snapshot_table import FilterModule, snapshot_table


def snapshot(number, **changes):
    return {
        "id": str(number),
        "at": "2026-02-22T09:17:40+00:00",
        "by": "arn:aws:sts::123456789012:assumed-role/deployer/kim",
        "kind": "change",
        "holds": "video-tt follows Academy/Depth, target 1",
        "live": False,
        **changes,
    }


LISTED = [
    snapshot(12, live=True, kind="rollback"),
    snapshot(3, by="arn:aws:iam::123456789012:root", at="2026-02-21T00:00:00+00:00"),
    snapshot("baseline", holds="no video-tt"),
]


def test_the_table():
    assert snapshot_table([{"name": "video", "snapshots": LISTED}]) == [
        "video: 3 snapshots",
        "  id        when (UTC)           by                         live  holds",
        "  12        2026-02-22 09:17:40  assumed-role/deployer/kim  live  "
        "video-tt follows Academy/Depth, target 1 (before a rollback)",
        "  3         2026-02-21 00:00:00  root                             video-tt follows Academy/Depth, target 1",
        "  baseline  2026-02-22 09:17:40  assumed-role/deployer/kim        no video-tt",
    ]


@pytest.mark.parametrize(
    ("pool", "lines"),
    [
        ({"name": "video", "snapshots": []}, ["video: no snapshots"]),
        ({"name": "video", "failed": True, "msg": "denied"}, ["video: no snapshots"]),
    ],
    ids=["none", "unreadable"],
)
def test_a_pool_without_snapshots_has_no_table(pool, lines):
    assert snapshot_table([pool]) == lines


def test_one_snapshot_is_counted_in_the_singular():
    assert snapshot_table([{"name": "video", "snapshots": LISTED[:1]}])[0] == "video: 1 snapshot"


def test_each_pool_has_its_own_table():
    pools = [{"name": "video", "snapshots": LISTED}, {"name": "audio", "snapshots": LISTED[:1]}]
    assert [line for line in snapshot_table(pools) if not line.startswith("  ")] == [
        "video: 3 snapshots",
        "audio: 1 snapshot",
    ]


def test_no_line_ends_with_a_blank():
    assert all(line == line.rstrip() for line in snapshot_table([{"name": "video", "snapshots": LISTED}]))


def test_no_pools_are_no_lines():
    assert snapshot_table([]) == []


def test_the_filter_has_its_name():
    assert FilterModule().filters() == {"snapshot_table": snapshot_table}
