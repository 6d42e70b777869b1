# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The right of the rule to invoke the publisher's alias."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from ..plan import Aws, Plan, Request, reply_unless
from .function import GONE, LIVE, UNSEEN


@dataclass(frozen=True)
class Permission:
    """:param statement_id: derived from the rule's name, so each rule has its own statement."""

    function_name: str
    statement_id: str
    source_arn: str
    principal: str = "events.amazonaws.com"
    action: str = "lambda:InvokeFunction"

    def shown(self) -> dict[str, Any]:
        return {
            "statement_id": self.statement_id,
            "function": f"{self.function_name}:{LIVE}",
            "principal": self.principal,
            "action": self.action,
            "source_arn": self.source_arn,
        }


@dataclass(frozen=True)
class DesiredPermission:
    """:param permission: with ``present`` false it shall not exist."""

    permission: Permission
    present: bool = True


def from_params(function_name: str, rule_name: str, rule_arn: str, present: bool) -> DesiredPermission:
    return DesiredPermission(Permission(function_name, f"events-{_without_dots(rule_name)}", rule_arn), present)


def _without_dots(rule_name: str) -> str:
    """A statement's id takes no dots, and two rules must not share one."""
    if "." not in rule_name:
        return rule_name
    return f"{rule_name.replace('.', '_')}-{sha256(rule_name.encode()).hexdigest()[:8]}"


def from_response(function_name: str, statement: Mapping[str, Any]) -> Permission:
    condition = statement.get("Condition", {}).get("ArnLike", {})
    principal = statement.get("Principal", {})
    return Permission(
        function_name,
        statement["Sid"],
        str(condition.get("AWS:SourceArn", condition.get("aws:SourceArn", ""))),
        str(principal.get("Service", "") if isinstance(principal, Mapping) else principal),
        str(statement.get("Action", "")) if statement.get("Effect") == "Allow" else "",
    )


def to_request(permission: Permission) -> Request:
    return Request(
        "lambda",
        "add_permission",
        {
            "FunctionName": permission.function_name,
            "Qualifier": LIVE,
            "StatementId": permission.statement_id,
            "Action": permission.action,
            "Principal": permission.principal,
            "SourceArn": permission.source_arn,
        },
        until_consistent=UNSEEN,
    )


def plan(current: Permission | None, desired: DesiredPermission) -> Plan:
    wanted = desired.permission
    words = f"permission of rule to invoke {wanted.function_name}:{LIVE}"
    remove = Request(
        "lambda",
        "remove_permission",
        {"FunctionName": wanted.function_name, "Qualifier": LIVE, "StatementId": wanted.statement_id},
    )
    if not desired.present:
        return Plan(words, current.shown() if current else None, None, (remove,) if current else ())
    if current is None:
        return Plan(words, None, wanted.shown(), (to_request(wanted),))
    if current == wanted:
        return Plan(words, current.shown(), wanted.shown())
    # A statement cannot be changed, and this one lets nobody in whom it should.
    return Plan(words, current.shown(), wanted.shown(), (remove, to_request(wanted)))


def find(aws: Aws, desired: DesiredPermission) -> Permission | None:
    name = desired.permission.function_name
    reply = reply_unless(GONE, aws, "lambda", "get_policy", FunctionName=name, Qualifier=LIVE)
    if reply is None:
        return None
    statements = json.loads(reply["Policy"])["Statement"]
    own = (statement for statement in statements if statement["Sid"] == desired.permission.statement_id)
    return next((from_response(name, statement) for statement in own), None)
