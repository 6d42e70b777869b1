# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What makes scaling impossible is named, in the direction that it is about."""

from __future__ import annotations

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.explainer import limits
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.explainer.layout import scene_of
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import Failure
from ansible_collections.academy.video_scaling.tests.unit.examples import POLICY
from ansible_collections.academy.video_scaling.tests.unit.observations import (
    activity,
    ago,
    group,
    kept,
    observed,
    policy,
    wanted,
)

BOTH = {"out", "in"}
ACTED = activity(
    f"At {ago(minutes=80):%Y-%m-%dT%H:%M:%SZ} a monitor alarm in state ALARM triggered policy {POLICY} changing the "
    "desired capacity from 2 to 3."
)
BY_HAND = {
    **ACTED,
    "Cause": ACTED["Cause"].replace(f"a monitor alarm in state ALARM triggered policy {POLICY}", POLICY),
}


def suspended(*names, reason="User suspended at 2026-02-22T10:00:00Z"):
    return {"group": group(SuspendedProcesses=[{"ProcessName": name, "SuspensionReason": reason} for name in names])}


@pytest.mark.parametrize(
    ("rule", "readings", "directions", "part"),
    [
        ("at_max", {"group": group(MaxSize=3)}, {"out"}, "at its maximum of 3"),
        ("at_max", {"group": group(MaxSize=2)}, {"out"}, "at its maximum of 2"),
        ("at_max", {}, set(), ""),
        ("at_max", {"group": Failure("denied"), "group_metrics": {}}, set(), ""),
        ("at_min", {"group": group(MinSize=3)}, {"in"}, "at its minimum of 3"),
        ("at_min", {}, set(), ""),
        ("policy_missing", {"policies": [], "activities": []}, BOTH, f"no policy {POLICY}, nor any other"),
        (
            "policy_missing",
            {"policies": [policy(PolicyName="x")], "activities": []},
            BOTH,
            f"no policy {POLICY} (only x)",
        ),
        ("policy_missing", {"policies": [], "activities": [ACTED]}, set(), ""),
        ("policy_missing", {"policies": [], "activities": [BY_HAND]}, BOTH, "no policy"),
        ("policy_missing", {"policies": Failure("denied")}, set(), ""),
        ("policy_missing", {}, set(), ""),
        ("policy_disabled", {"policies": [policy(Enabled=False)]}, BOTH, f"policy {POLICY} is disabled"),
        ("policy_disabled", {"policies": []}, set(), ""),
        ("policy_disabled", {}, set(), ""),
        ("scale_in_disabled", {"policies": [policy(wanted(disable_scale_in=True))]}, {"in"}, "DisableScaleIn"),
        ("scale_in_disabled", {}, set(), ""),
        ("scale_in_disabled", {"policies": []}, set(), ""),
        (
            "suspended",
            suspended("AlarmNotification"),
            BOTH,
            "process AlarmNotification of the group is suspended (User",
        ),
        ("suspended", suspended("Launch"), {"out"}, "process Launch"),
        ("suspended", suspended("Terminate"), {"in"}, "process Terminate"),
        ("suspended", suspended("Launch", reason=""), {"out"}, "AWS gives no reason"),
        ("suspended", suspended("ReplaceUnhealthy", "AZRebalance"), set(), ""),
        ("suspended", suspended("Launch", reason="User suspended at 2026-02-22T11:00:00Z"), set(), ""),
        ("other_metric", {"policies": [kept().policies[POLICY]]}, BOTH, "follows Academy/VideoProcessing/BacklogCount"),
        ("other_metric", {"policies": []}, set(), ""),
        ("other_metric", {}, set(), ""),
    ],
)
def test_what_makes_it_impossible(rule, readings, directions, part):
    """In minute 90, an hour and a half before the reading."""
    seen = scene_of(observed(**readings), wanted())
    reasons = {direction: getattr(limits, rule)(seen, 90, direction) for direction in BOTH}
    assert {direction for direction, words in reasons.items() if words} == directions
    assert all(part in words for words in reasons.values() if words)
