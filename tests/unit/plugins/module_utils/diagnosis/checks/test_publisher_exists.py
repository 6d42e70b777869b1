# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A publisher that is not there or cannot run fails; one that will run with the next minute warns."""

from __future__ import annotations

from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.checks import publisher_exists
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import AwsFailure
from ansible_collections.academy.video_scaling.tests.unit.examples import FUNCTION
from ansible_collections.academy.video_scaling.tests.unit.observations import case, every_case, holds, live_version

CASES = every_case(
    case("active"),
    case(
        "an emulator tells no state",
        live_version={key: value for key, value in live_version().items() if key != "State"},
    ),
    case("no function", "fail", f"function {FUNCTION} does not exist in region ap-northeast-2", function=None),
    case(
        "failed",
        "fail",
        f"version 4 of function {FUNCTION} is in state Failed (The role cannot be assumed)",
        live_version=live_version(State="Failed", StateReason="The role\ncannot be assumed."),
    ),
    case("put away", "warn", "version 4 of function", live_version=live_version(State="Inactive")),
    case(
        "no alias, so the function itself",
        "warn",
        f"version $LATEST of function {FUNCTION} is in state Pending",
        live_version=None,
        function=live_version(Version="$LATEST", State="Pending"),
    ),
    case("what is live is not known", live_version=AwsFailure("denied")),
    case(
        "a failed update",
        "warn",
        f"the last update of function {FUNCTION} failed",
        function=live_version(Version="$LATEST", LastUpdateStatus="Failed"),
    ),
    case("no publisher is needed", declared={"signal": "sqs_total"}, function=None),
)


@CASES
def test_the_publisher_exists(example):
    holds(publisher_exists, example)
