# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows of several results are read as one list."""

from __future__ import annotations

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import Failure
from ansible_collections.academy.video_scaling.plugins.plugin_utils.rows import changed_steps, named, rows

VIDEO = {"name": "video", "changed": True}
AUDIO = {"name": "audio", "changed": False}


@pytest.mark.parametrize(
    ("results", "changed"),
    [
        pytest.param({}, {}, id="no step"),
        pytest.param({"queue": {"pools": [VIDEO, AUDIO]}}, {"video": ["queue"]}, id="one step"),
        pytest.param(
            {"queue": {"pools": [VIDEO]}, "policy": {"pools": [VIDEO]}}, {"video": ["queue", "policy"]}, id="two steps"
        ),
        pytest.param(
            {"pools": {"pools": [VIDEO | {"changed_steps": ["schedule", "policy"]}]}},
            {"video": ["schedule", "policy"]},
            id="a row that tells its steps",
        ),
        pytest.param({"queue": {"skipped": True}, "policy": {"failed": True, "msg": "no"}}, {}, id="no rows"),
        pytest.param({"queue": {"pools": None}}, {}, id="no list"),
    ],
)
def test_which_steps_changed_a_pool(results, changed):
    assert changed_steps(results) == changed


def test_rows_come_with_their_steps():
    results = {"queue": {"pools": [VIDEO, AUDIO]}, "policy": {"pools": [AUDIO]}}
    assert list(rows(results)) == [("queue", VIDEO), ("queue", AUDIO), ("policy", AUDIO)]


@pytest.mark.parametrize(
    ("names", "found"),
    [([], [VIDEO, AUDIO]), (["audio"], [AUDIO]), (["audio", "video"], [VIDEO, AUDIO])],
    ids=["all", "one", "in the order of the pools"],
)
def test_the_pools_of_these_names(names, found):
    assert named([VIDEO, AUDIO], names) == found


@pytest.mark.parametrize(
    ("pools", "message"),
    [
        ([VIDEO, AUDIO], "there is no pool ghost here; declared: video, audio"),
        ([], "there is no pool ghost here; declared: none"),
    ],
    ids=["another", "none"],
)
def test_a_name_that_no_pool_has_is_refused(pools, message):
    with pytest.raises(Failure, match=message):
        named(pools, ["ghost"])


def test_pools_that_are_no_list_are_left_to_the_module_to_refuse():
    assert named("video", []) == "video"
