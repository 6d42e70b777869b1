# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a rule was before a run changed it: its schedule, and what its targets hand to the publisher.

A parameter of Parameter Store keeps it, with the publisher's version that was live just then. Of an earlier version
the schedule is the one that was kept first after it. Keyed by rule name.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .. import tags as tagging
from ..failures import Failure
from ..place import Stamp
from ..plan import Aws, Plan, Request
from ..tags import Tags
from . import parameter, rule, snapshot
from .function import LIVE, aliases
from .rule import DesiredRule, Rule, Target

SCHEMA = 1
# As DescribeRule answers it (API_DescribeRule).
STATES = ("ENABLED", "DISABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS")


@dataclass(frozen=True)
class Kept:
    """:param live_version: of the publisher, None where alias ``live`` tells none."""

    schedule_expression: str | None
    state: str
    targets: tuple[Target, ...]
    live_version: str | None
    stamp: Stamp = field(compare=False)


@dataclass(frozen=True)
class History:
    """What the next one depends on. :param exists: whether the parameter is there, whatever its newest version is."""

    newest: Kept | None = None
    live_version: str | None = None
    exists: bool = False
    is_advanced: bool = False


def parameter_name(rule_name: str) -> str:
    """No snapshot of a policy has such a name: its last part is ``baseline``, or there is none."""
    return f"{parameter.ROOT}/rule/{rule_name}/schedule"


def preparation(current: Rule, history: History, stamp: Stamp, tags: Tags) -> tuple[Request, ...]:
    """The request that keeps what is live, unless it is kept already.

    :param tags: of the parameter, where it is made.
    """
    new = Kept(current.schedule_expression, current.state, current.targets, history.live_version, stamp)
    if history.newest == new:
        return ()
    value = _to_value(current.name, new)
    size = len(value.encode())
    if size > parameter.ADVANCED_BYTES:
        raise Failure(
            f"rule {current.name}: what its targets hand to the publisher takes {size} bytes, and a parameter holds "
            f"{parameter.ADVANCED_BYTES}, so nothing is changed; keep it elsewhere and remove it from the targets first"
        )
    return (parameter.put(parameter_name(current.name), value, tags, history.exists, history.is_advanced),)


def _to_value(rule_name: str, kept: Kept) -> str:
    document = {
        "schema": SCHEMA,
        "at": kept.stamp.at,
        "by": kept.stamp.caller_arn,
        "collection": kept.stamp.collection_version,
        "rule": rule_name,
        "schedule_expression": kept.schedule_expression,
        "state": kept.state,
        "targets": [target.to_request() for target in kept.targets],
        "live": kept.live_version,
    }
    return json.dumps(document, separators=(",", ":"), sort_keys=True, default=str)


def _from_value(value: str, rule_name: str) -> Kept | None:
    """None for a text that is something else, or of another rule: it is passed over."""
    try:
        document = json.loads(value)
        if not _is_kept(document, rule_name):
            return None
        targets = tuple(
            Target(one["Id"], one["Arn"], {name: one[name] for name in sorted(one.keys() - {"Id", "Arn"})})
            for one in document["targets"]
        )
        stamp = Stamp(document["at"], document["by"], document["collection"])
        return Kept(document["schedule_expression"], document["state"], targets, document["live"], stamp)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _is_kept(document: Any, rule_name: str) -> bool:
    live, expression = document["live"], document["schedule_expression"]
    return (
        (document["schema"], document["rule"]) == (SCHEMA, rule_name)
        and document["state"] in STATES
        and (expression is None or isinstance(expression, str))
        and (live is None or (isinstance(live, str) and live.isdecimal()))
        and all(isinstance(one["Id"], str) and isinstance(one["Arn"], str) for one in document["targets"])
    )


def history(aws: Aws, rule_name: str, function_name: str) -> History:
    name = parameter_name(rule_name)
    live = snapshot.numbered(aliases(aws, function_name), LIVE)
    found = aws.call("ssm", "get_parameters", Names=[name])["Parameters"]
    newest = _from_value(found[0]["Value"], rule_name) if found else None
    return History(newest, live, bool(found), bool(found) and parameter.is_advanced(aws, name))


def before(aws: Aws, rule_name: str, function_arn: str, version: str, tags: Tags = tagging.NONE) -> DesiredRule | None:
    """The rule as it was while this version of the publisher was live; None where it has not been changed since.

    Its targets invoke the alias, whichever function they named: what is behind the alias goes back itself.

    :param function_arn: of the publisher, without alias. :param tags: of the rule, where it is made anew.
    """
    if not version.isdecimal():
        return None
    for one in parameter.versions(aws, parameter_name(rule_name)):
        kept = _from_value(one["Value"], rule_name)
        if kept and kept.live_version and int(kept.live_version) > int(version):
            arn = f"{function_arn}:{LIVE}"
            targets = tuple(Target(target.id, arn, target.settings) for target in kept.targets)
            wanted = Rule(rule_name, kept.schedule_expression, kept.state, targets, tags=tags)
            return DesiredRule(rule_name, function_arn, wanted, whole=True)
    return None


def plan(current: Rule | None, desired: DesiredRule) -> Plan:
    """Back to what was kept."""
    return rule.plan(current, desired)


def find(aws: Aws, desired: Mapping[str, DesiredRule]) -> dict[str, Any]:
    return aws.each(lambda name: rule.find(aws, desired[name]), desired)
