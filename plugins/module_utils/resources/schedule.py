# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What fires the publisher: the right to invoke it first, then the rule with its target. Keyed by rule name.

How Lambda treats an event of the schedule goes with the function when that is deleted.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from .. import tags as tagging
from ..failures import Failure
from ..place import Place, Stamp
from ..plan import Aws, Plan, Request, together
from ..tags import Tags
from . import permission, retries, rule, rule_snapshot
from .permission import Permission
from .retries import Retries
from .rule import Rule


@dataclass(frozen=True)
class Schedule:
    """What is live of it."""

    permission: Permission | None
    retries: Retries | None
    rule: Rule | None
    history: rule_snapshot.History = field(default_factory=rule_snapshot.History)


@dataclass(frozen=True)
class DesiredSchedule:
    """:param stamp: of what is kept of a rule before it changes, None where it is only compared."""

    rule_name: str
    function_name: str
    firing: rule.DesiredRule
    permission: permission.DesiredPermission
    stamp: Stamp | None = None
    tags: Tags = field(default_factory=dict)

    def keeps(self, live: Rule | None) -> bool:
        """Whether what is live is to be kept first. A rule that goes has been this collection's."""
        return bool(self.stamp and live and self.permission.present and rule.is_changed(live, self.firing))


def from_params(
    rule_name: str,
    schedule_expression: str,
    function_name: str,
    place: Place,
    present: bool = True,
    tags: Tags = tagging.NONE,
    stamp: Stamp | None = None,
) -> DesiredSchedule:
    """:param tags: of the rule, and of the parameter that keeps what it was.

    :raises Failure: for a name or an expression that EventBridge does not take.
    """
    if not re.fullmatch(r"[.\-_A-Za-z0-9]{1,64}", rule_name):
        raise Failure(f"rule_name: {rule_name!r} must have 1 to 64 letters, digits and . - _")
    if not re.fullmatch(r"(rate|cron)\(.+\)", schedule_expression):
        raise Failure(
            f"schedule_expression: {schedule_expression!r} is neither rate(...) nor cron(...); give rate(1 minute)"
        )
    firing = rule.from_params(rule_name, schedule_expression, place.function_arn(function_name), present, tags)
    may_invoke = permission.from_params(function_name, rule_name, place.rule_arn(rule_name), present)
    return DesiredSchedule(rule_name, function_name, firing, may_invoke, stamp, tags)


def plan(current: Schedule, desired: DesiredSchedule) -> Plan:
    of_permission = permission.plan(current.permission, desired.permission)
    of_rule = rule.plan(current.rule, desired.firing)
    if desired.permission.present:
        parts = [of_permission, retries.plan(current.retries, Retries(desired.function_name)), of_rule]
    else:
        # The rule goes first: as long as it fires, it may.
        parts = [of_rule, of_permission]
    before = {part.resource: part.before for part in parts if part.before}
    after = {part.resource: part.after for part in parts if part.after}
    steps = tuple(step for part in parts for step in part.requests)
    kept: tuple[Request, ...] = ()
    if current.rule and desired.stamp and desired.keeps(current.rule):
        kept = rule_snapshot.preparation(current.rule, current.history, desired.stamp, desired.tags)
    return Plan(f"schedule {desired.rule_name}", before or None, after or None, steps, kept)


def find(aws: Aws, desired: Mapping[str, DesiredSchedule]) -> dict[str, Any]:
    def find_one(rule_name: str) -> Schedule:
        wanted = desired[rule_name]
        parts = {
            "permission": lambda: permission.find(aws, wanted.permission),
            "retries": lambda: retries.find(aws, wanted.function_name),
            "rule": lambda: rule.find(aws, wanted.firing),
        }
        found = Schedule(**together(aws, parts))
        if not wanted.keeps(found.rule):
            return found
        return replace(found, history=rule_snapshot.history(aws, rule_name, wanted.function_name))

    return aws.each(find_one, desired)
