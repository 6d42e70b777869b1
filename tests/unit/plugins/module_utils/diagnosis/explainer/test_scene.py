# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a queue asks for, and when an instance counts."""

from __future__ import annotations

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.explainer.layout import scene_of
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.explainer.scene import (
    DEFAULT_WARM_UP_SECONDS,
    IN,
    OUT,
)
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import Failure
from ansible_collections.academy.video_scaling.tests.unit.observations import (
    group,
    observed,
    policy,
    queue_metrics,
    series,
    wanted,
    written_before,
)


def scene(declared=None, **readings):
    return scene_of(observed(**readings), wanted(**(declared or {})))


@pytest.mark.parametrize(
    ("depth", "target", "instances"),
    [(0, 1, 0), (1, 1, 1), (3, 2, 2), (4, 2, 2), (3, 0.1, 30), (1, 5, 1), (10, 2.5, 4)],
    ids=str,
)
def test_what_the_queue_asks_for(depth, target, instances):
    seen = scene(
        policies=[policy(wanted(target_value=target))],
        queue_metrics=queue_metrics(in_flight=series(depth)),
    )
    assert seen.wanted(100) == instances


OTHER = {"CustomizedMetricSpecification": {"MetricName": "B", "Namespace": "A"}, "TargetValue": 9.0}


@pytest.mark.parametrize(
    ("policies", "target"),
    [
        ([policy(wanted(target_value=4))], 4),
        ([policy(TargetTrackingConfiguration=OTHER)], 2),
        ([], 2),
        (Failure("denied"), 2),
    ],
    ids=["live", "of another metric", "no policy", "denied"],
)
def test_the_target_is_the_live_one_where_it_is_about_the_queue(policies, target):
    assert scene({"target_value": 2}, policies=policies).target == target


BLIND = {"queue_metrics": Failure("denied")}


@pytest.mark.parametrize(
    ("readings", "instances"),
    [
        ({}, 3),
        ({"queue_metrics": queue_metrics(in_flight=series(5, until=82))}, 5),
        ({"queue_metrics": queue_metrics(in_flight=series(5, until=83)), "metric": ()}, None),
        ({**BLIND, "metric": series(7)}, 7),
        ({**BLIND, "metric": Failure("denied")}, None),
    ],
    ids=["read", "late", "too late", "the metric instead", "nothing"],
)
def test_the_newest_depth_counts_for_a_while(readings, instances):
    """In minute 100, which begins 80 minutes and 20 seconds before the reading."""
    assert scene(**readings).wanted(100) == instances


@pytest.mark.parametrize(
    ("until", "number", "silent"),
    [(1, 180, False), (82, 100, False), (83, 100, True), (83, 1, False), (999, 1, False), (999, 2, True)],
    ids=["read", "late", "too late", "there", "too early to say", "never"],
)
def test_a_metric_is_silent_when_it_is_later_than_it_may_be(until, number, silent):
    assert scene(per_instance_metric=series(1, until=until)).is_silent(number) == silent


LACKING = {
    "published_total": {"metric": ()},
    "published_per_instance": {"per_instance_metric": ()},
    "sqs_total": {"queue_metrics": queue_metrics(in_flight=())},
    "sqs_per_instance": {"group_metrics": {"desired": (), "in_service": series(3)}},
}


@pytest.mark.parametrize("signal", LACKING)
def test_what_the_live_policy_is_made_of_is_silent_and_what_could_not_be_read_is_not(signal):
    declared, lacking = {"signal": signal}, LACKING[signal]
    live = {"policies": [policy(wanted(signal=signal))]}
    assert not scene(declared, **live).is_silent(100)
    assert scene(declared, **live, **lacking).is_silent(100)
    for denied in ("policies", *lacking):
        assert not scene(declared, **{**live, **lacking, denied: Failure("denied")}).is_silent(100)


def test_what_a_policy_takes_for_0_is_not_silent():
    seen = scene(policies=[written_before()], metric=())
    assert (seen.value(100), seen.is_silent(100)) == (0, False)


@pytest.mark.parametrize(
    ("policy_seconds", "group_settings", "seconds"),
    [
        (120, {"DefaultInstanceWarmup": 60}, 120),
        (0, {"DefaultInstanceWarmup": 60}, 0),
        (None, {"DefaultInstanceWarmup": 60}, 60),
        (None, {"DefaultCooldown": 200}, 200),
        (None, {"DefaultCooldown": None}, DEFAULT_WARM_UP_SECONDS),
    ],
    ids=["the policy's", "none", "the group's", "the cooldown", "AWS's default"],
)
def test_how_long_an_instance_warms_up(policy_seconds, group_settings, seconds):
    live = policy(EstimatedInstanceWarmup=policy_seconds)
    assert scene(policies=[live], group=group(**group_settings)).warm_up_seconds == seconds


def test_each_direction_has_its_alarm():
    seen = scene()
    assert (seen.alarm(OUT).called, seen.alarm(IN).called) == ("AlarmHigh", "AlarmLow")


@pytest.mark.parametrize(
    ("reason", "number", "held"),
    [
        ("User suspended at 2026-02-22T10:00:00Z", 59, False),
        ("User suspended at 2026-02-22T10:00:00Z", 60, True),
        ("", 0, True),
        (None, 0, True),
    ],
    ids=["before", "since", "nobody knows when", "no reason"],
)
def test_a_process_is_suspended_since_it_was(reason, number, held):
    listed = [{"ProcessName": "Launch", "SuspensionReason": reason}]
    assert ("Launch" in scene(group=group(SuspendedProcesses=listed)).suspended(number)) == held
