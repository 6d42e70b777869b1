# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A rule that is disabled, missing or too slow fails; what is only unknown of it does not hide that."""

from __future__ import annotations

from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.checks import schedule_enabled
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import AwsFailure
from ansible_collections.academy.video_scaling.tests.unit.examples import RULE
from ansible_collections.academy.video_scaling.tests.unit.observations import case, every_case, holds, series

DISABLED = {"Name": RULE, "State": "DISABLED", "ScheduleExpression": "rate(1 minute)"}
CASES = every_case(
    case("enabled"),
    case("no rule", "fail", f"rule {RULE} does not exist", rule=None),
    case("disabled", "fail", f"rule {RULE} is disabled since 09:58 UTC", rule=DISABLED, metric=series(3, until=122)),
    case("disabled, never published", "fail", f"rule {RULE} is disabled", rule=DISABLED, metric=()),
    case("disabled, metric denied", "fail", "is disabled", rule=DISABLED, metric=AwsFailure("denied")),
    case(
        "slow",
        "fail",
        "fires at rate(5 minutes) instead of",
        "Scaling is late",
        rule={**DISABLED, "State": "ENABLED", "ScheduleExpression": "rate(5 minutes)"},
    ),
    case(
        "another rate is declared",
        declared={"schedule_expression": "rate(5 minutes)"},
        rule={**DISABLED, "State": "ENABLED", "ScheduleExpression": "rate(5 minutes)"},
    ),
    case("no publisher", declared={"signal": "sqs_total"}, rule=None),
)


@CASES
def test_the_schedule_is_enabled(example):
    holds(schedule_enabled, example)
