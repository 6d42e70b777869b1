# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a job hands on names what happened, and only counts what did not."""

from __future__ import annotations

import pytest
from ansible_collections.academy.video_scaling.plugins.filter.outcome import FilterModule, outcome

NOTHING = {
    "changed": False,
    "check_mode": False,
    "failed": False,
    "pools": 0,
    "changed_steps": [],
    "changed_pools": {},
    "publisher_replaced": False,
    "failed_pools": {},
}
QUIET = {"name": "audio", "changed": False}


@pytest.mark.parametrize(
    ("results", "summary"),
    [
        pytest.param({}, {}, id="no step"),
        pytest.param({"pools": {"changed": False, "pools": [QUIET]}}, {"pools": 1}, id="nothing to do"),
        pytest.param(
            {
                "pools": {
                    "changed": True,
                    "changed_steps": ["publisher", "policy"],
                    "pools": [{"name": "video", "changed": True, "changed_steps": ["policy"]}, QUIET],
                }
            },
            {
                "changed": True,
                "pools": 2,
                "changed_steps": ["publisher", "policy"],
                "changed_pools": {"video": ["policy"]},
            },
            id="changed",
        ),
        pytest.param(
            {"pools": {"changed": False, "pools": [QUIET], "publisher": {"function_name": "depth", "replaced": True}}},
            {"pools": 1, "publisher_replaced": True},
            id="another version of the publisher",
        ),
        pytest.param(
            {"policy": {"changed": False, "pools": [QUIET]}, "queue": {"skipped": True, "changed": False}},
            {"pools": 1},
            id="a step skipped",
        ),
        pytest.param(
            {"publisher": {"changed": True, "pools": [QUIET]}, "policy": {"pools": [QUIET]}},
            {"changed": True, "pools": 1, "changed_steps": ["publisher"]},
            id="changed for no pool of its own",
        ),
        pytest.param(
            {
                "pools": {
                    "changed": False,
                    "failed": True,
                    "msg": "1 of 2 pools failed: video: no such group",
                    "pools": [{"name": "video", "failed": True, "msg": "no such group"}, QUIET],
                }
            },
            {
                "failed": True,
                "pools": 2,
                "failed_pools": {"video": "no such group"},
                "msg": "1 of 2 pools failed: video: no such group",
            },
            id="a pool failed",
        ),
        pytest.param(
            {"preflight": {"failed": True, "msg": "wrong account"}, "policy": {}},
            {"failed": True, "msg": "wrong account"},
            id="failed before the first pool",
        ),
        pytest.param(
            {
                "diagnosis": {
                    "pools": [
                        {"name": "video", "changed": False, "healthy": False, "verdict": "The rule is disabled."},
                        {"name": "audio", "changed": False, "healthy": True, "verdict": "Pool audio is healthy."},
                    ]
                }
            },
            {"pools": 2, "unhealthy_pools": {"video": "The rule is disabled."}},
            id="diagnosed",
        ),
        pytest.param(
            {"diagnosis": {"pools": [{"name": "audio", "healthy": True, "verdict": "Pool audio is healthy."}]}},
            {"pools": 1, "unhealthy_pools": {}},
            id="diagnosed, all is well",
        ),
    ],
)
def test_what_came_of_a_run(results, summary):
    assert outcome(results) == NOTHING | summary


def test_a_check_run_says_that_it_was_one():
    assert outcome({}, check_mode=True) == NOTHING | {"check_mode": True}


def test_the_filter_has_the_name_of_its_documentation():
    assert FilterModule().filters() == {"outcome": outcome}
