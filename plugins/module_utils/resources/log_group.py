# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The publisher's log group. Retention is never shortened by itself: that would delete logs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from .. import tags as tagging
from ..plan import Aws, Plan, Request, reply_unless
from ..tags import Tags

GONE = ("ResourceNotFoundException",)
INITIAL_RETENTION_DAYS = 14
# What PutRetentionPolicy takes.
RETENTION_DAYS = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545),
    *(731, 1096, 1827, 2192, 2557, 2922, 3288, 3653),
)


@dataclass(frozen=True)
class LogGroup:
    """:param retention_in_days: None means not managed when desired, kept forever when current.
    :param stored: whether it holds anything that a retention could delete.
    :param tags: those that are given; of a current group its values of them.
    """

    name: str
    retention_in_days: int | None = None
    stored: bool = field(default=True, compare=False)
    tags: Tags = field(default_factory=dict)
    arn: str = field(default="", compare=False)

    def shown(self) -> dict[str, Any]:
        return {
            "log_group_name": self.name,
            "retention_in_days": self.retention_in_days,
            **tagging.shown(self.tags),
        }


def from_response(group: Mapping[str, Any]) -> LogGroup:
    return LogGroup(group["logGroupName"], group.get("retentionInDays"), bool(group.get("storedBytes")))


def to_request(group: LogGroup) -> Request:
    return Request(
        "logs",
        "put_retention_policy",
        {"logGroupName": group.name, "retentionInDays": group.retention_in_days},
        # A group that was made a moment ago may not be found yet (assumed).
        until_consistent=tuple((code, "") for code in GONE),
    )


def plan_absent(current: LogGroup | None) -> Plan:
    if current is None:
        return Plan("log group", None, None)
    delete = Request("logs", "delete_log_group", {"logGroupName": current.name})
    return Plan(f"log group {current.name}", current.shown(), None, (delete,))


def plan(current: LogGroup | None, desired: LogGroup) -> Plan:
    words = f"log group {desired.name}"
    wanted = _over(desired, current)
    if current is None:
        tags = {"tags": dict(desired.tags)} if desired.tags else {}
        create = Request("logs", "create_log_group", {"logGroupName": desired.name, **tags})
        return Plan(words, None, wanted.shown(), (create, to_request(wanted)))
    requests: tuple[Request, ...] = ()
    if current.retention_in_days != wanted.retention_in_days:
        requests += (to_request(wanted),)
    if untagged := tagging.differing(current.tags, desired.tags):
        requests += (Request("logs", "tag_resource", {"resourceArn": current.arn, "tags": untagged}),)
    return Plan(words, current.shown(), wanted.shown(), requests)


def _over(desired: LogGroup, current: LogGroup | None) -> LogGroup:
    if desired.retention_in_days is not None:
        return desired
    if current is None or (current.retention_in_days is None and not current.stored):
        return replace(desired, retention_in_days=INITIAL_RETENTION_DAYS)
    return replace(desired, retention_in_days=current.retention_in_days)


def find(aws: Aws, name: str, tags: Tags = tagging.NONE) -> LogGroup | None:
    """:param tags: those that are given; they cost a request."""
    groups = aws.pages("logs", "describe_log_groups", "logGroups", logGroupNamePrefix=name)
    found = next((from_response(group) for group in groups if group["logGroupName"] == name), None)
    if found is None or not tags:
        return found
    arn = aws.place.log_group_arn(name)
    live = reply_unless(GONE, aws, "logs", "list_tags_for_resource", resourceArn=arn)
    return replace(found, arn=arn, tags=tagging.own((live or {}).get("tags", {}), tags))
