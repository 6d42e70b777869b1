# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The EventBridge rule that fires the publisher, and its one target: the alias.

Targets of the rule that are not the publisher are somebody else's and stay as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

from .. import tags as tagging
from ..failures import Failure
from ..plan import Aws, Plan, Request, reply_unless
from ..tags import Tags
from .function import GONE, LIVE, UNSEEN

TARGET_ID = "queue-depth-publisher"
# A rule can be deleted some seconds after its targets.
TARGETS_SPREADING = (("ValidationException", "targets"),)
NOT_MANAGED = ("Description", "EventPattern", "RoleArn")


@dataclass(frozen=True)
class Target:
    """:param settings: what a plain target does not have, by the API's names (Input, DeadLetterConfig)."""

    id: str
    arn: str
    settings: Mapping[str, Any] = field(default_factory=dict)

    def shown(self) -> dict[str, Any]:
        return {"arn": self.arn, **({"settings": dict(self.settings)} if self.settings else {})}

    def to_request(self) -> dict[str, Any]:
        return {"Id": self.id, "Arn": self.arn, **self.settings}


@dataclass(frozen=True)
class Rule:
    """:param targets: those that invoke the publisher, under whichever alias.
    :param foreign_targets: the others.
    :param taken_ids: the ids of the others, which no target of ours may have.
    :param kept: settings that are not managed; a put replaces the whole rule, so it carries them along.
    :param tags: those that are given; of a current rule its values of them.
    """

    name: str
    schedule_expression: str | None
    state: str = "ENABLED"
    targets: tuple[Target, ...] = ()
    foreign_targets: tuple[str, ...] = ()
    kept: Mapping[str, str] = field(default_factory=dict)
    taken_ids: frozenset[str] = field(default=frozenset(), compare=False)
    tags: Tags = field(default_factory=dict)
    arn: str = field(default="", compare=False)

    def shown(self) -> dict[str, Any]:
        targets = {target.id: target.shown() for target in self.targets}
        return {
            "rule_name": self.name,
            "schedule_expression": self.schedule_expression,
            "state": self.state,
            "targets": targets | {arn: {"arn": arn} for arn in self.foreign_targets},
            **tagging.shown(self.tags),
        }


@dataclass(frozen=True)
class DesiredRule:
    """A rule that shall fire a publisher, or shall not exist.

    :param function_arn: without alias: how the publisher's targets differ from others.
    :param whole: the rule's targets are what is wanted, whichever there are; otherwise one that is there is changed.
    """

    rule_name: str
    function_arn: str
    rule: Rule | None
    whole: bool = False


def from_params(
    rule_name: str, schedule_expression: str, function_arn: str, present: bool = True, tags: Tags = tagging.NONE
) -> DesiredRule:
    target = Target(TARGET_ID, f"{function_arn}:{LIVE}")
    rule = Rule(rule_name, schedule_expression, targets=(target,), tags=tags) if present else None
    return DesiredRule(rule_name, function_arn, rule)


def from_response(rule: Mapping[str, Any], targets: list[Mapping[str, Any]], function_arn: str) -> Rule:
    own = [target for target in targets if _invokes(target["Arn"], function_arn)]
    return Rule(
        rule["Name"],
        rule.get("ScheduleExpression"),
        rule["State"],
        tuple(
            Target(target["Id"], target["Arn"], {k: target[k] for k in sorted(target.keys() - {"Id", "Arn"})})
            for target in sorted(own, key=lambda target: target["Id"])
        ),
        tuple(sorted(target["Arn"] for target in targets if target not in own)),
        {name: rule[name] for name in NOT_MANAGED if rule.get(name)},
        frozenset(target["Id"] for target in targets if target not in own),
    )


def _invokes(target_arn: str, function_arn: str) -> bool:
    return target_arn == function_arn or target_arn.startswith(f"{function_arn}:")


def to_request(rule: Rule, exists: bool) -> Request:
    """The tags of a rule that exists are ignored in a put (documented: API_PutRule)."""
    tags = {"Tags": tagging.to_list(rule.tags)} if rule.tags and not exists else {}
    params = {"Name": rule.name, "State": rule.state, **rule.kept}
    if rule.schedule_expression:
        params["ScheduleExpression"] = rule.schedule_expression
    return Request("events", "put_rule", {**params, **tags})


def plan(current: Rule | None, desired: DesiredRule) -> Plan:
    wanted = _over(desired, current)
    if wanted is None:
        return _plan_absent(current)
    requests: tuple[Request, ...] = ()
    if current is None or (current.schedule_expression, current.state) != (wanted.schedule_expression, wanted.state):
        requests += (to_request(wanted, exists=current is not None),)
    live = current.targets if current else ()
    lacking = [target.to_request() for target in wanted.targets if target not in live]
    if lacking:
        requests += (_put_targets(wanted.name, lacking),)
    superfluous = [target.id for target in live if target.id not in {one.id for one in wanted.targets}]
    if superfluous:
        # The publisher would run twice a minute.
        requests += (Request("events", "remove_targets", {"Rule": wanted.name, "Ids": superfluous}),)
    if current and (untagged := tagging.differing(current.tags, wanted.tags)):
        tags = {"ResourceARN": current.arn, "Tags": tagging.to_list(untagged)}
        requests += (Request("events", "tag_resource", tags),)
    return Plan(f"rule {wanted.name}", current.shown() if current else None, wanted.shown(), requests)


def is_changed(current: Rule, desired: DesiredRule) -> bool:
    """Whether a plan changes more of a rule than its tags."""
    wanted = _over(desired, current)
    return wanted is None or (current.schedule_expression, current.state, current.targets) != (
        wanted.schedule_expression,
        wanted.state,
        wanted.targets,
    )


def _put_targets(name: str, targets: list[dict[str, Any]]) -> Request:
    """A rule that was put a moment ago may not be found yet (assumed)."""
    return Request("events", "put_targets", {"Rule": name, "Targets": targets}, until_consistent=UNSEEN)


def _over(firing: DesiredRule, current: Rule | None) -> Rule | None:
    """A target that invokes the publisher already keeps its id, so that it is changed in place."""
    desired = firing.rule
    if current is None or desired is None:
        return desired
    if firing.whole:
        return replace(desired, foreign_targets=current.foreign_targets, kept=current.kept)
    target = desired.targets[0]
    live = sorted(current.targets, key=lambda found: found.arn != target.arn)
    if live:
        target = replace(target, id=live[0].id)
    elif target.id in current.taken_ids:
        free = (f"{target.id}-{number}" for number in count(2))
        target = replace(target, id=next(name for name in free if name not in current.taken_ids))
    return replace(desired, targets=(target,), foreign_targets=current.foreign_targets, kept=current.kept)


def _plan_absent(current: Rule | None) -> Plan:
    if current is None:
        return Plan("rule", None, None)
    words = f"rule {current.name}"
    if current.foreign_targets:
        raise Failure(f"{words} also fires {', '.join(current.foreign_targets)} and is not deleted; move those first")
    requests: tuple[Request, ...] = ()
    if current.targets:
        ids = [target.id for target in current.targets]
        requests += (Request("events", "remove_targets", {"Rule": current.name, "Ids": ids}),)
    delete = Request("events", "delete_rule", {"Name": current.name}, until_consistent=TARGETS_SPREADING)
    requests += (delete,)
    return Plan(words, current.shown(), None, requests)


def find(aws: Aws, desired: DesiredRule) -> Rule | None:
    rule = reply_unless(GONE, aws, "events", "describe_rule", Name=desired.rule_name)
    if rule is None:
        return None
    targets = list(aws.pages("events", "list_targets_by_rule", "Targets", Rule=desired.rule_name))
    found = from_response(rule, targets, desired.function_arn)
    if desired.rule is None or not desired.rule.tags:
        return found
    arn = aws.place.rule_arn(desired.rule_name)
    live = reply_unless(GONE, aws, "events", "list_tags_for_resource", ResourceARN=arn)
    tags = tagging.own(tagging.from_list((live or {}).get("Tags", [])), desired.rule.tags)
    return replace(found, arn=arn, tags=tags)
