# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A signal per instance cannot do without the number of instances; any other only loses its history."""

from __future__ import annotations

from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.checks import group_metrics_enabled
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import AwsFailure
from ansible_collections.academy.video_scaling.tests.unit.examples import GROUP
from ansible_collections.academy.video_scaling.tests.unit.observations import (
    case,
    every_case,
    group,
    holds,
    policy,
    wanted,
)

HISTORY = "The history of the capacity is not kept"
NONE = group(EnabledMetrics=[])
ONLY_IN_SERVICE = group(EnabledMetrics=[{"Metric": "GroupInServiceInstances", "Granularity": "1Minute"}])
TOTAL = [policy(wanted(signal="published_total"))]
CASES = every_case(
    case("enabled"),
    case(
        "none, and the policy divides by it",
        "fail",
        f"group {GROUP} does not publish GroupDesiredCapacity and GroupInServiceInstances, and the policy's signal is "
        "divided by it",
        group=NONE,
    ),
    case("not even listed", "fail", "does not publish", group=group(EnabledMetrics=None)),
    case("none, with a total", "warn", "does not publish", HISTORY, policies=TOTAL, group=NONE),
    case("no policy yet: what is declared counts", "fail", "is divided by it", policies=[], group=NONE),
    case("policies denied: likewise", "fail", "is divided by it", policies=AwsFailure("denied"), group=NONE),
    case(
        "of another type: likewise", "fail", "is divided by it", policies=[policy(PolicyType="StepScaling")], group=NONE
    ),
    case(
        "enabled a moment ago, with a total",
        "warn",
        "no datapoint of it yet",
        HISTORY,
        policies=TOTAL,
        group_metrics={"desired": (), "in_service": ()},
    ),
    case(
        "no policy yet, a total is declared",
        "warn",
        "does not publish",
        HISTORY,
        {"signal": "sqs_total"},
        policies=[],
        group=NONE,
    ),
    case(
        "only what the policy needs",
        "warn",
        f"group {GROUP} does not publish GroupDesiredCapacity",
        HISTORY,
        group=ONLY_IN_SERVICE,
    ),
    case(
        "enabled a moment ago",
        "warn",
        f"group {GROUP} publishes GroupInServiceInstances, and CloudWatch has no datapoint of it yet",
        "Nothing scales",
        group_metrics={"desired": (), "in_service": ()},
    ),
)


@CASES
def test_the_groups_metrics_are_enabled(told):
    holds(group_metrics_enabled, told)
