# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The schedule reaches the publisher: a rule without the right target, or without the right to invoke it, fires every
minute into nothing.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from ...resources import permission, rule
from ...resources.function import LIVE
from ...resources.rule import Target
from ..evidence import pace, rights, series
from ..evidence.rights import Asked
from ..finding import Finding, Remedy, failed, passed, warned
from ..observed import Expected, Observed
from ..wording.command_line import cli, playbook
from ..wording.words import since
from . import publisher_exists, schedule_enabled

TITLE = "The schedule invokes the publisher"
API = "events:ListTargetsByRule"
EFFECT = "Nothing scales"
FOLLOWS: tuple[str, ...] = ("publisher_exists", "publisher_runs_clean", "publisher_as_declared", "schedule_enabled")
EVENTBRIDGE = "events.amazonaws.com"


def check(observed: Observed, expected: Expected) -> Finding:
    if not expected.pool.published:
        return publisher_exists.unneeded(expected)
    if observed.rule is None:
        return schedule_enabled.missing(expected)
    function_arn = observed.place.function_arn(expected.function_name)
    found = rule.from_response(observed.rule, list(observed.targets), function_arn)
    live = f"{function_arn}:{LIVE}"
    details: dict[str, Any] = {
        "observed": {"targets": found.shown()["targets"]},
        "expected": {"target": live},
        "remedy": Remedy(playbook("apply"), _command(observed, expected)),
    }
    name, publisher = expected.rule_name, f"{expected.function_name}:{LIVE}"
    own = next((target for target in found.targets if target.arn == live), None)
    if own is None:
        others = ", ".join([*(target.arn for target in found.targets), *found.foreign_targets])
        fires = f"fires {others} and not {publisher}" if others else "has no target"
        return failed(f"rule {name} {fires}", **details)
    inviting = [one for one in observed.permissions if rights.invites(one, EVENTBRIDGE)]
    may = rights.answer(inviting, _asked(live, observed, expected))
    if may.allowed is False:
        details["remedy"] = Remedy(playbook("apply"), _grant(observed, expected))
        return failed(f"rule {name} may not invoke {publisher} ({may.reason})", **details)
    if silent := _silent(observed, expected):
        return failed(f"rule {name} has its target and the right to invoke it, but {silent}", **details)
    return _oddity(found.targets, own, observed, details) or passed(details["observed"], details["expected"])


def _asked(live: str, observed: Observed, expected: Expected) -> Asked:
    source = {
        "aws:sourcearn": observed.place.rule_arn(expected.rule_name),
        "aws:sourceaccount": observed.place.account_id,
    }
    return Asked("lambda:InvokeFunction", live, source)


def _silent(observed: Observed, expected: Expected) -> str:
    """Since when nothing has run, in words; empty where something has, or has published."""
    start = observed.at - pace.recent(expected.schedule_expression)
    if series.after(observed.known("metric", ()), start):
        return ""
    metrics = observed.function_metrics
    if series.total(metrics, "invocations", start) + series.total(metrics, "throttles", start):
        return ""
    last = series.last_above_zero(metrics.get("invocations", ())) or observed.since
    return f"function {expected.function_name} has not run {since(observed.at, last)}"


def _oddity(targets: Sequence[Target], own: Target, observed: Observed, details: dict[str, Any]) -> Finding | None:
    rule_name = (observed.rule or {})["Name"]
    event = _event(next(target for target in observed.targets if target["Id"] == own.id).get("Input"))
    if event.get("publish") is False or event.get("describe") is True:
        words = f"rule {rule_name} sends {json.dumps(event)}, to which the publisher answers without publishing"
        return failed(words, **details)
    if len(targets) > 1:
        return warned(
            f"rule {rule_name} fires the publisher by {len(targets)} targets, so it runs several times", **details
        )
    if own.settings:
        return warned(
            f"the target of rule {rule_name} has {' and '.join(own.settings)}, which is not declared", **details
        )
    return None


def _event(text: str | None) -> dict[str, Any]:
    try:
        event = json.loads(text or "{}")
    except ValueError:
        event = {}
    return event if isinstance(event, dict) else {}


def _command(observed: Observed, expected: Expected) -> str:
    return cli(observed.place, "events list-targets-by-rule", rule=expected.rule_name)


def _grant(observed: Observed, expected: Expected) -> str:
    rule_arn = observed.place.rule_arn(expected.rule_name)
    wanted = permission.from_params(expected.function_name, expected.rule_name, rule_arn, True).permission
    return cli(
        observed.place,
        "lambda add-permission",
        function_name=wanted.function_name,
        qualifier=LIVE,
        statement_id=wanted.statement_id,
        action=wanted.action,
        principal=wanted.principal,
        source_arn=wanted.source_arn,
    )
