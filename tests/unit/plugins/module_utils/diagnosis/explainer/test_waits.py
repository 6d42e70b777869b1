# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The reasons to wait are about the alarm that would scale, and about what goes on meanwhile."""

from __future__ import annotations

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.explainer import waits
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.explainer.layout import scene_of
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import Failure
from ansible_collections.academy.video_scaling.tests.unit.examples import POLICY
from ansible_collections.academy.video_scaling.tests.unit.observations import (
    activity,
    ago,
    alarm,
    observed,
    policy,
    series,
    wanted,
)

BOTH = {"out", "in"}
LONG_AGO = {"StateTransitionedTimestamp": ago(hours=9), "StateUpdatedTimestamp": ago(hours=9)}


def states(high="OK", low="OK", **changes):
    fields = {**LONG_AGO, **changes}
    return {"alarms": [alarm("High", StateValue=high, **fields), alarm("Low", StateValue=low, **fields)]}


def changed(seconds_ago, before, after, who="a user request explicitly set group desired capacity"):
    """Before the end of minute 90."""
    time = ago(seconds=20 + 89 * 60 + seconds_ago)
    words = f"At {time:%Y-%m-%dT%H:%M:%SZ} {who} changing the desired capacity from {before} to {after}."
    return {"activities": [activity(words, time, EndTime=time)], **states("ALARM", "ALARM")}


OTHER = policy(PolicyName="cpu", PolicyARN="arn:cpu", Alarms=[{"AlarmName": "cpu-AlarmLow"}])


def beside(state):
    lows = [alarm("Low", AlarmName="cpu-AlarmLow", AlarmActions=["arn:cpu"], StateValue=state, **LONG_AGO)]
    return {"policies": [policy(), OTHER], "alarms": [*states("ALARM", "ALARM")["alarms"], *lows], "activities": []}


HIGH, LOW = alarm("High"), alarm("Low")
STILL = {"activities": [], **states("ALARM", "ALARM")}


@pytest.mark.parametrize(
    ("rule", "readings", "directions", "part"),
    [
        ("alarm_missing", {"alarms": []}, BOTH, "has no alarm that would scale"),
        ("alarm_missing", {"alarms": [HIGH]}, {"in"}, "scale in"),
        ("alarm_missing", {"alarms": [LOW]}, {"out"}, "scale out"),
        ("alarm_missing", {"alarms": Failure("denied")}, set(), ""),
        ("alarm_missing", {"alarms": [], "policies": []}, set(), ""),
        ("alarm_missing", {}, set(), ""),
        ("alarm_muted", {"alarms": [HIGH, alarm("Low", ActionsEnabled=False)]}, {"in"}, "actions of AlarmLow"),
        ("alarm_muted", {}, set(), ""),
        ("blind", states("INSUFFICIENT_DATA", "OK"), {"out"}, "AlarmHigh has not enough data"),
        ("blind", states("OK", "INSUFFICIENT_DATA"), {"in"}, "needs 15 x 60 s below 0.9"),
        ("blind", {**states(), "per_instance_metric": series(3, until=93)}, BOTH, "there is no datapoint"),
        ("blind", {**states(), "per_instance_metric": series(3, until=92)}, set(), ""),
        ("blind", {**states(), "per_instance_metric": Failure("denied")}, set(), ""),
        ("blind", {**states(), "metric": ()}, set(), ""),
        ("blind", {"alarms": Failure("denied"), "per_instance_metric": ()}, set(), ""),
        ("not_yet_breached", states(), BOTH, "the value is not "),
        ("not_yet_breached", {**states(), "per_instance_metric": series(30)}, BOTH, ""),
        (
            "not_yet_breached",
            {**states(), "per_instance_metric": Failure("denied")},
            BOTH,
            "is not breached yet: it needs ",
        ),
        ("not_yet_breached", states("ALARM", "INSUFFICIENT_DATA"), set(), ""),
        ("not_yet_breached", {"alarms": [HIGH, LOW]}, BOTH, "the value is not "),
        ("not_yet_breached", {"alarms": [HIGH, LOW], "per_instance_metric": series(30)}, {"in"}, "not below 0.9"),
        ("not_yet_breached", {"alarms": Failure("denied")}, set(), ""),
        ("unread", {"alarms": [HIGH, LOW]}, BOTH, "could not be read"),
        ("unread", {"alarms": Failure("denied")}, BOTH, "could not be read"),
        ("unread", states("ALARM"), set(), ""),
        ("other_policy", changed(60, 9, 3), {"out"}, "changed the other way by a user request explicitly"),
        ("other_policy", changed(60, 3, 9), {"in"}, "changed the other way"),
        ("other_policy", changed(299, 9, 3), {"out"}, ""),
        ("other_policy", changed(300, 9, 3), set(), ""),
        ("other_policy", changed(-1, 9, 3), set(), ""),
        ("other_policy", changed(60, 9, 3, "a monitor alarm triggered policy cpu"), {"out"}, "by policy cpu"),
        ("other_policy", changed(60, 9, 3, f"a monitor alarm triggered policy {POLICY}"), set(), ""),
        ("other_policy", beside("OK"), {"in"}, "policy cpu of the same group does not agree"),
        ("other_policy", beside("ALARM"), set(), ""),
        ("warm_up", changed(1, 2, 3), BOTH, "warming up"),
        ("warm_up", changed(299, 2, 3), BOTH, "for 300 s"),
        ("warm_up", changed(300, 2, 3), set(), ""),
        ("warm_up", changed(-1, 2, 3), set(), ""),
        ("warm_up", {**changed(60, 2, 3), "policies": [policy(EstimatedInstanceWarmup=60)]}, set(), ""),
        ("warm_up", STILL, set(), ""),
        ("unexplained", STILL, BOTH, "is in ALARM, and nothing that was read"),
        ("unexplained", {"alarms": []}, BOTH, "the alarm is in ALARM"),
    ],
)
def test_what_makes_it_wait(rule, readings, directions, part):
    """In minute 90, which ends 5,360 seconds before the reading; each worker has one message."""
    seen = scene_of(observed(**readings), wanted())
    reasons = {direction: getattr(waits, rule)(seen, 90, direction) for direction in BOTH}
    assert {direction for direction, words in reasons.items() if words} == directions
    assert all(part in words for words in reasons.values() if words)
