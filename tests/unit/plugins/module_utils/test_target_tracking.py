# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules of target tracking fit the alarms that AWS made."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.target_tracking import (
    HIGH_PERIODS,
    LOW_PERIODS,
    new_low_threshold,
)

RECORDED = Path(__file__).resolve().parents[2] / "recorded"
# By folder: the target of the policy, and the threshold of AlarmLow: while it was new, then as AWS has rewritten it.
ALARMS = {
    "20260222_091740": (1.0, 0.9),
    "20260222_093103": (1.0, 0.7),
    "metricmath_20260222_094943": (2.0, 1.4),
    "metricmath_20260222_095715": (1.0, 0.7),
}


def recorded(folder):
    """The recorded alarms by whether they fire above."""
    alarms = json.loads((RECORDED / folder / "alarms.json").read_text(encoding="utf-8"))["MetricAlarms"]
    return {alarm["ComparisonOperator"] == "GreaterThanThreshold": alarm for alarm in alarms}


@pytest.mark.parametrize("folder", ALARMS)
def test_a_policy_has_two_alarms_of_so_many_periods(folder):
    alarms = recorded(folder)
    assert {above: alarm["EvaluationPeriods"] for above, alarm in alarms.items()} == {
        True: HIGH_PERIODS,
        False: LOW_PERIODS,
    }
    target, low = ALARMS[folder]
    assert (alarms[True]["Threshold"], alarms[False]["Threshold"]) == (target, low)


def test_a_new_alarm_starts_below_the_target_and_is_rewritten_later():
    assert recorded("20260222_091740")[False]["Threshold"] == new_low_threshold(1.0)
    assert recorded("20260222_093103")[False]["Threshold"] < new_low_threshold(1.0)
