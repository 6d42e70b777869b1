# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A wrong option is refused with the way out; what is asked is what is answered, pool by pool."""

from __future__ import annotations

from datetime import timedelta

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis import diagnose
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import Failure
from ansible_collections.academy.video_scaling.tests.unit.examples import FUNCTION, RULE, other, pool
from ansible_collections.academy.video_scaling.tests.unit.fake_region import Region

PARAMS = {
    "pools": [{}],
    "function_name": FUNCTION,
    "rule_name": RULE,
    "schedule_expression": "rate(1 minute)",
    **{name: option.get("default") for name, option in diagnose.OPTIONS.items()},
}


@pytest.mark.parametrize(
    ("options", "parts"),
    [
        ({"since": "0m"}, ["since: '0m'", "90m, 3h or 2d"]),
        ({"since": "16d"}, ["since: '16d'", "up to 15 days"]),
        ({"since": "yesterday"}, ["since: 'yesterday'"]),
        ({"since": "-3h"}, ["since: '-3h'"]),
        ({"since": "999999d"}, ["since: '999999d'"]),
        ({"since": "15d", "pools": [{}] * 14}, ["since: '15d' of 14 pools", "give 238h, or fewer pools"]),
        ({"checks": ["queue_exist"]}, ["checks: there is no check queue_exist; did you mean queue_exists"]),
        ({"checks": ["x"]}, ["checks: there is no check x; there are queue_exists, "]),
        ({"skip": {"shedule_enabled": "known"}}, ["skip: there is no check shedule_enabled", "schedule_enabled"]),
        ({"skip": {"queue_exists": " "}}, ["skip: queue_exists needs a reason"]),
        ({"skip": {"queue_exists": None}}, ["skip: queue_exists needs a reason"]),
        ({"memory_size": "much"}, ["memory_size: 'much'"]),
    ],
    ids=str,
)
def test_a_wrong_option_is_refused(options, parts):
    with pytest.raises(Failure) as refused:
        diagnose.from_params({**PARAMS, **options})
    assert all(part in str(refused.value) for part in parts), refused.value


def test_what_is_not_given_is_not_asked():
    asked = diagnose.from_params(PARAMS)
    assert (asked.window, asked.checks, asked.skip, asked.invoke) == (timedelta(hours=3), None, {}, False)
    assert (asked.expected["memory_size"], asked.expected["timeout"]) == (None, None)


def test_each_pool_is_judged_by_the_checks_that_are_asked_for():
    asked = diagnose.from_params({**PARAMS, "checks": ["queue_exists"], "skip": {"schedule_enabled": "until Friday"}})
    result = diagnose.diagnose(asked, [pool(), pool(**other())], Region())
    assert [(row["name"], row["healthy"]) for row in result["pools"]] == [("video", True), ("audio", False)]
    assert [[finding["id"] for finding in row["findings"]] for row in result["pools"]] == [["queue_exists"]] * 2
    assert result["healthy"] is False
