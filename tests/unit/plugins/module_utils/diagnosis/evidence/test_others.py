# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which other policies act on a group, and which of them can shrink it."""

from __future__ import annotations

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.evidence.others import (
    kind,
    policies,
    shrinks,
)
from ansible_collections.academy.video_scaling.tests.unit.observations import observed, policy, wanted


def step(*adjustments, kind="ChangeInCapacity", **changes):
    steps = [{"ScalingAdjustment": one} for one in adjustments]
    return {"PolicyName": "p", "PolicyType": "StepScaling", "AdjustmentType": kind, "StepAdjustments": steps, **changes}


FORECAST = {
    "PolicyName": "f",
    "PolicyType": "PredictiveScaling",
    "PredictiveScalingConfiguration": {"Mode": "ForecastOnly"},
}
ACTING = {**FORECAST, "PredictiveScalingConfiguration": {"Mode": "ForecastAndScale"}}


@pytest.mark.parametrize(
    ("listed", "acting"),
    [([], []), ([step()], ["p"]), ([step(Enabled=False)], []), ([FORECAST], []), ([ACTING, step()], ["f", "p"])],
    ids=["none", "one", "disabled", "a forecast", "a prediction that acts"],
)
def test_only_what_acts_counts(listed, acting):
    assert [one["PolicyName"] for one in policies(observed(policies=[policy(), *listed]), wanted())] == acting


@pytest.mark.parametrize(
    ("one", "can"),
    [
        (step(1, 2), False),
        (step(1, -1), True),
        (step(-10, kind="PercentChangeInCapacity"), True),
        (step(1, kind="ExactCapacity"), True),
        (step(), False),
        (step(0), False),
        ({"PolicyName": "s", "AdjustmentType": "ChangeInCapacity", "ScalingAdjustment": -1}, True),
        (
            {"PolicyName": "s", "AdjustmentType": "ChangeInCapacity", "ScalingAdjustment": 1, "StepAdjustments": []},
            False,
        ),
        (policy(), False),
        (ACTING, False),
    ],
    ids=[
        "adds",
        "takes",
        "takes a part",
        "sets",
        "nothing",
        "zero",
        "simple, takes",
        "simple, adds",
        "tracks",
        "predicts",
    ],
)
def test_what_can_take_workers_away(one, can):
    assert shrinks(one) is can


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (policy(), "TargetTrackingScaling"),
        (step(), "StepScaling, ChangeInCapacity"),
        (step(1, -2), "StepScaling, ChangeInCapacity +1/-2"),
        (step(4, kind="ExactCapacity"), "StepScaling, ExactCapacity 4"),
        ({"AdjustmentType": "ExactCapacity", "ScalingAdjustment": 0}, "SimpleScaling, ExactCapacity 0"),
    ],
    ids=["tracks", "steps", "by how many", "to how many", "simple"],
)
def test_its_kind_in_words(one, words):
    assert kind(one) == words
