# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tags of the parameters that keep what was live. Keyed by the parameter's name, which a baseline shares.

A new parameter is made with its tags, so only what is there already is looked at here, and nothing is made.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .. import tags as tagging
from ..plan import Aws, Plan, Request, reply_unless
from ..tags import Tags
from .snapshot import BASELINE

# AWS answers so about a parameter that is not there (observed: getmoto/moto issue 4360).
GONE = ("InvalidResourceId",)
KIND = "Parameter"


@dataclass(frozen=True)
class SnapshotTags:
    """:param tags: those that are given. :param live: of each parameter that is there, its values of them.
    :param has_baseline: whether a baseline is kept beside it.
    """

    name: str
    tags: Tags = field(default_factory=dict)
    live: Mapping[str, Tags] = field(default_factory=dict)
    has_baseline: bool = True

    @property
    def parameters(self) -> tuple[str, ...]:
        return (self.name, f"{self.name}/{BASELINE}") if self.has_baseline else (self.name,)


def to_request(parameter: str, tags: Tags) -> Request:
    return Request(
        "ssm",
        "add_tags_to_resource",
        {"ResourceType": KIND, "ResourceId": parameter, "Tags": tagging.to_list(tags)},
    )


def plan(current: SnapshotTags, desired: SnapshotTags) -> Plan:
    requests = tuple(
        to_request(parameter, untagged)
        for parameter, live in current.live.items()
        if (untagged := tagging.differing(live, desired.tags))
    )
    before = {parameter: tagging.shown(live) for parameter, live in current.live.items()}
    after = {parameter: tagging.shown(desired.tags) for parameter in current.live}
    return Plan(f"snapshots {desired.name}", before or None, after or None, requests)


def find(aws: Aws, desired: Mapping[str, SnapshotTags]) -> dict[str, Any]:
    def find_one(name: str) -> SnapshotTags:
        live = {}
        for parameter in desired[name].parameters:
            reply = reply_unless(GONE, aws, "ssm", "list_tags_for_resource", ResourceType=KIND, ResourceId=parameter)
            if reply is not None:
                live[parameter] = tagging.own(tagging.from_list(reply.get("TagList") or []), desired[name].tags)
        return SnapshotTags(name, live=live)

    return aws.each(find_one, desired)
