# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The schedule fires: a disabled rule starts nothing, and nobody notices."""

from __future__ import annotations

from ..finding import Finding, Remedy, failed, not_needed, passed
from ..observed import Expected, Observed
from ..wording.command_line import cli, playbook
from ..wording.words import since

TITLE = "The schedule is enabled"
API = "events:DescribeRule"
EFFECT = "Nothing scales"
FOLLOWS: tuple[str, ...] = ()


def check(observed: Observed, expected: Expected) -> Finding:
    if not expected.pool.published:
        return not_needed(f"signal {expected.pool.signal} has no publisher to fire")
    name, rule = expected.rule_name, observed.rule
    if rule is None:
        return missing(expected)
    shown = {"State": rule["State"], "ScheduleExpression": rule.get("ScheduleExpression")}
    wanted = {"State": "ENABLED", "ScheduleExpression": expected.schedule_expression}
    if rule["State"] == "DISABLED":
        stopped = _stopped_at(observed)
        remedy = Remedy(playbook("apply"), cli(observed.place, "events enable-rule", name=name))
        return failed(f"rule {name} is disabled{stopped}", observed=shown, expected=wanted, remedy=remedy)
    if shown["ScheduleExpression"] != expected.schedule_expression:
        return failed(
            f"rule {name} fires at {shown['ScheduleExpression']} instead of {expected.schedule_expression}",
            effect="Scaling is late",
            observed=shown,
            expected=wanted,
            remedy=Remedy(playbook("apply")),
        )
    return passed(shown, wanted)


def missing(expected: Expected) -> Finding:
    """What every check that needs the rule says where there is none."""
    return failed(
        f"rule {expected.rule_name} does not exist", expected=expected.rule_name, remedy=Remedy(playbook("apply"))
    )


def _stopped_at(observed: Observed) -> str:
    """EventBridge does not say when a rule was disabled; the last datapoint of the metric does."""
    points = observed.known("metric", ())
    return f" {since(observed.at, points[-1][0])}" if points else ""
