# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Metric math that divides by the group's size needs that number; any other signal only loses its history."""

from __future__ import annotations

from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.checks import group_metrics_enabled
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import AwsFailure
from ansible_collections.academy.video_scaling.tests.unit.examples import GROUP
from ansible_collections.academy.video_scaling.tests.unit.observations import (
    case,
    every_case,
    group,
    holds,
    instance,
    policy,
    series,
    wanted,
    written_before,
)

HISTORY = "The history of the capacity is not kept"
NONE = group(EnabledMetrics=[])
SILENT = {"desired": (), "in_service": ()}
DESIRED, IN_SERVICE = "GroupDesiredCapacity", "GroupInServiceInstances"
SQS = {"signal": "sqs_per_instance"}
BY_SQS = {"declared": SQS, "policies": [policy(wanted(**SQS))]}
BEFORE = {"policies": [written_before()]}


def only(*names):
    return group(EnabledMetrics=[{"Metric": name, "Granularity": "1Minute"} for name in names])


def divided_by(name):
    return f"and the policy's signal is divided by {name}"


CASES = every_case(
    case("enabled"),
    # --- the publisher divides, or nobody: only the history is lost ---
    case("none", "warn", f"group {GROUP} does not publish {DESIRED} and {IN_SERVICE}", HISTORY, group=NONE),
    case("not even listed", "warn", "does not publish", HISTORY, group=group(EnabledMetrics=None)),
    case("the desired capacity alone", "warn", f"does not publish {IN_SERVICE}", HISTORY, group=only(DESIRED)),
    case(
        "weights, and only the instances are counted",
        "warn",
        "does not publish GroupInServiceCapacity",
        HISTORY,
        group={**only(DESIRED, IN_SERVICE), "Instances": [instance(1, WeightedCapacity="4")]},
    ),
    case(
        "weights, and the units are counted",
        group={**only(DESIRED, "GroupInServiceCapacity"), "Instances": [instance(1, WeightedCapacity="4")]},
        group_metrics={"desired": series(4), "in_service": (), "in_service_capacity": series(4)},
    ),
    case("no policy yet", "warn", "does not publish", HISTORY, policies=[], group=NONE),
    case("policies denied", "warn", "does not publish", HISTORY, policies=AwsFailure("denied"), group=NONE),
    *(
        case(
            f"none, by {signal}",
            "warn",
            "does not publish",
            HISTORY,
            {"signal": signal},
            policies=[policy(wanted(signal=signal))],
            group=NONE,
        )
        for signal in ("published_total", "sqs_total")
    ),
    case(
        "enabled a moment ago",
        "warn",
        f"group {GROUP} publishes {DESIRED} and {IN_SERVICE}, and CloudWatch has no datapoint of it yet",
        HISTORY,
        group_metrics=SILENT,
    ),
    # --- the policy divides by the desired capacity ---
    case("enabled, by SQS", **BY_SQS),
    case(
        "none, by SQS",
        "fail",
        f"group {GROUP} does not publish {DESIRED} and {IN_SERVICE}, {divided_by(DESIRED)}",
        **BY_SQS,
        group=NONE,
    ),
    case(
        "the other one alone, by SQS",
        "fail",
        f"group {GROUP} does not publish {DESIRED}, {divided_by(DESIRED)}",
        **BY_SQS,
        group=only(IN_SERVICE),
    ),
    case(
        "only what it needs, by SQS", "warn", f"does not publish {IN_SERVICE}", HISTORY, **BY_SQS, group=only(DESIRED)
    ),
    case(
        "enabled a moment ago, by SQS",
        "warn",
        f"publishes {DESIRED}, and CloudWatch has no datapoint of it yet",
        **BY_SQS,
        effect="Nothing scales",
        group_metrics={"desired": (), "in_service": series(3)},
    ),
    case(
        "the other one was enabled a moment ago, by SQS",
        "warn",
        f"publishes {IN_SERVICE}, and CloudWatch has no datapoint of it yet",
        HISTORY,
        **BY_SQS,
        group_metrics={"desired": series(3), "in_service": ()},
    ),
    case("no policy yet: what is declared counts", "fail", divided_by(DESIRED), "", SQS, policies=[], group=NONE),
    case("policies denied: likewise", "fail", divided_by(DESIRED), "", SQS, policies=AwsFailure("denied"), group=NONE),
    case(
        "of another type: likewise",
        "fail",
        divided_by(DESIRED),
        "",
        SQS,
        policies=[policy(PolicyType="StepScaling")],
        group=NONE,
    ),
    # --- the policy of the previous version divides by the instances in service ---
    case("enabled, as before", **BEFORE),
    case("none, as before", "fail", divided_by(IN_SERVICE), **BEFORE, group=NONE),
    case(
        "the other one alone, as before",
        "fail",
        f"group {GROUP} does not publish {IN_SERVICE}, {divided_by(IN_SERVICE)}",
        **BEFORE,
        group=only(DESIRED),
    ),
    case(
        "only what it needs, as before",
        "warn",
        f"does not publish {DESIRED}",
        HISTORY,
        **BEFORE,
        group=only(IN_SERVICE),
    ),
    case(
        "what is live counts, whatever is declared",
        "fail",
        divided_by(IN_SERVICE),
        "",
        {"signal": "published_total"},
        **BEFORE,
        group=only(DESIRED),
    ),
    case(
        "enabled a moment ago, as before",
        "warn",
        "no datapoint of it yet",
        "Nothing scales",
        **BEFORE,
        group_metrics=SILENT,
    ),
)


@CASES
def test_the_groups_metrics_are_enabled(example):
    holds(group_metrics_enabled, example)
