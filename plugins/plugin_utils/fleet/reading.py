# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The groups of many accounts are read at once: few requests each, a bounded number of threads, one failure its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

from ...module_utils.failures import Failure
from ...module_utils.place import Place
from ...module_utils.plan import Aws
from ...module_utils.resources.group import NAMES_PER_REQUEST, from_response
from .places import Target

THREADS = 16
FILTERS = "tag:<key>, tag-key and tag-value"

# What is known of one target, as a cache keeps it: ``account_id``, and ``groups`` by name.
Reading = dict[str, Any]


class Way(Aws, Protocol):
    """The way to one region of one account, of which nothing is asked yet."""

    def open(self) -> Place:
        """Where it leads; what is wrong with it shows here."""


# Of the options of a connection.
Connect = Callable[[Mapping[str, Any]], Way]


def api_filters(filters: Mapping[str, Any], otherwise: str) -> list[dict[str, Any]]:
    """As AWS takes them: all of the filters must fit, and one of the values of each.

    :param otherwise: the key of a tag that the groups have, where there is no filter.
    """
    asked = []
    for name, values in (filters or {"tag-key": [otherwise]}).items():
        if name not in ("tag-key", "tag-value") and not (name.startswith("tag:") and name != "tag:"):
            raise Failure(f"filters: {name}: there are only {FILTERS}, which Auto Scaling itself looks for")
        every = values if isinstance(values, list) else [values]
        if not every or any(isinstance(value, (bool, dict, list)) or value is None for value in every):
            raise Failure(f"filters: {name}: {values!r} must be a text or a list of texts; write it in quotes")
        asked.append({"Name": name, "Values": [str(value) for value in every]})
    return asked


def read_all(
    targets: Iterable[Target], filters: Sequence[Mapping[str, Any]], connect: Connect
) -> dict[str, Reading | Failure]:
    """By host."""

    def guarded(target: Target) -> Reading | Failure:
        try:
            return read(target, filters, connect)
        except Failure as failure:
            return failure

    listed = list(targets)
    with ThreadPoolExecutor(min(THREADS, len(listed)) or 1, "worker_groups") as pool:
        return {target.host: found for target, found in zip(listed, pool.map(guarded, listed), strict=True)}


def read(target: Target, filters: Sequence[Mapping[str, Any]], connect: Connect) -> Reading:
    aws = connect({**target.connection, "region": target.region})
    account_id = aws.open().account_id
    if target.account_id and target.account_id != account_id:
        raise Failure(
            f"account_id: the credentials lead to account {account_id}, not to {target.account_id}; "
            "correct profile, assume_role_arn or account_id"
        )
    every = {"Filters": list(filters), "MaxRecords": NAMES_PER_REQUEST}
    groups = aws.pages("autoscaling", "describe_auto_scaling_groups", "AutoScalingGroups", **every)
    # A group has a status only while it is being deleted.
    facts = [_facts(group) for group in groups if not group.get("Status")]
    return {"account_id": account_id, "groups": sorted(facts, key=lambda group: group["auto_scaling_group_name"])}


def _facts(reply: Mapping[str, Any]) -> dict[str, Any]:
    group = from_response(reply)
    return {
        "auto_scaling_group_name": group.name,
        "min_size": group.min_size,
        "max_size": group.max_size,
        "tags": {tag["Key"]: tag.get("Value", "") for tag in reply.get("Tags", ())},
    }
