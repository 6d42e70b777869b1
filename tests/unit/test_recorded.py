# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What AWS answered in nights when this went wrong, read as if live: each is named by its cause."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.observed import (
    READINGS,
    Expected,
    Observed,
)
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.verdict import Verdict, judged
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import Failure
from ansible_collections.academy.video_scaling.tests.unit.examples import PLACE, ROOT, pool

RECORDED = ROOT / "tests" / "unit" / "recorded"

# The reading, the file that holds it, and where in the file.
FILES = {
    "queue": ("sqs_attributes.json", "Attributes"),
    "function": ("lambda_config.json", ""),
    "policies": ("scaling_policies.json", "ScalingPolicies"),
    "alarms": ("alarms.json", "MetricAlarms"),
    "group": ("asg.json", "AutoScalingGroups"),
}
BEFORE = {
    "policy_exists": ("pass", ""),
    "policy_as_declared": ("pass", ""),
    "policy_tracks_queue": ("fail", "follows Academy/VideoProcessing/BacklogCount"),
    "alarms_exist": ("pass", ""),
    "group_exists": ("pass", ""),
    "scaling_processes_running": ("pass", ""),
    "group_sizes_as_declared": ("pass", ""),
    "capacity_fits_queue": (
        "fail",
        "wants 20 workers (MinSize 0, MaxSize 20) while queue academy-video-jobs is empty",
    ),
    "group_has_headroom": ("pass", ""),
}
AFTER = {
    "policy_exists": ("pass", ""),
    "policy_as_declared": ("pass", ""),
    "policy_tracks_queue": ("pass", ""),
    "signal_counts_in_flight": ("pass", ""),
    "signal_is_per_instance": ("warn", "holds the whole depth"),
    "alarms_exist": ("pass", ""),
    "single_scaling_owner": ("unknown", "not recorded"),
}


GUARDED = "expression: expected '(m1 + m2) / (IF(m1 >= 0, 1) * IF(m2 >= 0, 1))'"
SQS = "AWS/SQS/ApproximateNumberOfMessagesVisible or AWS/SQS/ApproximateNumberOfMessagesNotVisible"


def timed(value: Any, key: str = "") -> Any:
    """The reply as boto3 gives it: its times are datetimes."""
    if isinstance(value, dict):
        return {name: timed(inner, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [timed(inner) for inner in value]
    return datetime.fromisoformat(value) if key.endswith(("Timestamp", "Time")) else value


def read(folder: str) -> Observed:
    """What was not recorded is no value."""
    at = datetime.strptime(f"{folder[-15:]}+0900", "%Y%m%d_%H%M%S%z")
    readings = dict.fromkeys(READINGS, Failure("not recorded"))
    for name, (file, field) in FILES.items():
        path = RECORDED / folder / file
        if path.is_file():
            reply = json.loads(path.read_text(encoding="utf-8"))
            found = reply[field] if field else reply
            readings[name] = found if name == "queue" else timed(found[0] if name == "group" else found)
    return Observed(at, at - timedelta(hours=3), PLACE, readings)


def diagnosed(folder: str, **options: Any) -> Verdict:
    return judged(read(folder), Expected(pool(min_size=0, max_size=20, **options)))


@pytest.mark.parametrize(
    ("folder", "options", "findings"),
    [
        (
            "20260222_091201",
            {},
            {**BEFORE, "alarms_not_stuck": ("fail", "in ALARM since 2026-02-21 17:41 UTC (6.5 h)")},
        ),
        (
            "20260222_091401",
            {},
            {**BEFORE, "alarms_not_stuck": ("fail", "in ALARM since 2026-02-21 17:41 UTC (6.5 h)")},
        ),
        (
            "20260222_091740",
            {},
            {
                **AFTER,
                "alarms_have_data": ("warn", "has no data yet: scale-in is blind until about 00:34 UTC"),
                # Nothing is wrong with the capacity: scale-in has not had its time yet.
                "capacity_fits_queue": ("pass", ""),
            },
        ),
        ("20260222_093103", {}, {**AFTER, "capacity_fits_queue": ("pass", ""), "group_reaches_desired": ("pass", "")}),
        (
            "metricmath_20260222_094943",
            {},
            {**AFTER, "policy_as_declared": ("fail", "target_value: expected 1.0, found 2.0")},
        ),
        ("metricmath_20260222_094943", {"target_value": 2}, AFTER),
        (
            "metricmath_20260222_094957",
            {},
            {
                "policy_exists": ("fail", "group academy-video-worker-asg has no scaling policy at all"),
                "policy_tracks_queue": ("skipped", "it follows from policy_exists"),
                "alarms_exist": ("skipped", "it follows from policy_exists"),
                "alarms_have_data": ("skipped", "it follows from policy_exists"),
                "alarms_not_stuck": ("skipped", "it follows from policy_exists"),
            },
        ),
        (
            "metricmath_20260222_095715",
            {"signal": "sqs_total"},
            {
                **AFTER,
                "policy_as_declared": ("fail", f"{GUARDED}, found 'm1 + m2'"),
                # SQS's own metrics were not recorded with it: the policy alone tells what it would do without them.
                "alarms_have_data": ("warn", f"policy video-backlogcount-tt counts a missing {SQS} as 0, so AWS"),
            },
        ),
    ],
    ids=[
        "before the first apply",
        "half applied",
        "three minutes after the policy changed",
        "after a test run",
        "what that test left",
        "as if declared so",
        "after a deletion, the put was refused",
        "metric math",
    ],
)
def test_a_recorded_night_is_named(folder, options, findings):
    by_id = {found.id: found for found in diagnosed(folder, **options).findings}
    assert {name: by_id[name].status for name in findings} == {
        name: status for name, (status, dummy) in findings.items()
    }
    assert [name for name, (dummy, cause) in findings.items() if cause not in by_id[name].cause] == []


@pytest.mark.parametrize(
    ("folder", "sentence"),
    [
        ("20260222_091201", "Capacity does not follow the queue because policy video-backlogcount-tt follows"),
        ("metricmath_20260222_094957", "Nothing scales because group academy-video-worker-asg has no scaling policy"),
    ],
)
def test_the_sentence_names_the_first_cause(folder, sentence):
    assert diagnosed(folder).sentence.startswith(sentence)
