# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was live just before a change, kept in SSM Parameter Store: no machine and no container has to outlive it.

Each version of a pool's parameter is one snapshot; its number is the snapshot's id. The first ever is kept beside it
as ``baseline``, since a parameter keeps only its newest 100 versions.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from ..failures import Failure, listed
from ..place import Stamp
from ..plan import Aws, Request, reply_unless
from ..tags import Tags
from . import parameter, snapshot_rules
from .function import LATEST, LIVE, PREVIOUS, aliases
from .snapshot_rules import CHANGE, ROLLBACK, SCHEMA
from .trigger import Trigger

BASELINE = "baseline"
# Of a text that is something else altogether.
PROBLEMS_LISTED = 5


class NothingToGoBackTo(Failure):
    """There was never a change: what a check run is asked to find out, and no mistake of who asks."""


@dataclass(frozen=True)
class Record:
    """What a snapshot tells beside the policies.

    :param stamp: when, and whose change it was. :param kind: ``change`` or ``rollback``.
    :param is_served: whether the publisher serves the pool, so that a change of the pool may have changed it first.
    :param live_version: behind alias ``live`` with the policies that the change makes.
    :param function_version: the publisher's version to go back to with the policies.
    :param tags: of the parameters that keep it, where they are made.
    """

    stamp: Stamp
    function_name: str
    kind: str = CHANGE
    is_served: bool = field(default=True, compare=False)
    live_version: str | None = None
    function_version: str | None = None
    tags: Tags = field(default_factory=dict, compare=False)


@dataclass(frozen=True)
class Snapshot:
    """:param policies: each policy that the change touched as AWS returned it, None where there was none.
    :param intent: what the change was to make of each, as a digest; None where it was to remove it.
    :param id: the version of the parameter, 0 while it is not written. :param is_baseline: whether of the baseline.
    :param after: the parameter's version that was the newest when the change was planned, 0 where there was none; None
        of a snapshot that does not tell.
    :param triggers: the alarms that triggered a policy which is not target tracking, by the policy's name.
    :param written_at: when SSM took it.
    """

    group_name: str
    policy_name: str
    policies: Mapping[str, Mapping[str, Any] | None]
    intent: Mapping[str, str | None]
    record: Record
    id: int = field(default=0, compare=False)
    is_baseline: bool = field(default=False, compare=False)
    triggers: Mapping[str, Sequence[Trigger]] = field(default_factory=dict)
    after: int | None = None
    written_at: datetime | None = field(default=None, compare=False)

    @property
    def label(self) -> str:
        """What to give to go back to it."""
        return BASELINE if self.is_baseline else str(self.id)


@dataclass(frozen=True)
class Unreadable:
    """A version of the parameter that is no snapshot, or none that this collection can use.

    :param reason: a sentence that names the parameter. :param at: when it was written, in UTC. :param by: who wrote it.
    """

    id: int
    reason: str
    at: str = ""
    by: str = ""
    is_baseline: bool = False

    @property
    def label(self) -> str:
        return BASELINE if self.is_baseline else str(self.id)


@dataclass(frozen=True)
class History:
    """What one pool's next snapshot depends on.

    :param newest: the newest that counts: of two whose changes were planned from the same version, the first.
    :param is_advanced: whether the parameter is an advanced one, which cannot become a standard one again.
    :param version: the parameter's newest version, which need not be ``newest``, nor a snapshot; 0 where there is none.
    """

    newest: Snapshot | None = None
    has_baseline: bool = False
    live_version: str | None = None
    previous_version: str | None = None
    is_advanced: bool = False
    version: int = 0

    def version_before(self, is_served: bool) -> str | None:
        """The publisher's version before the change.

        A deployment comes before its policies. So where alias ``live`` has moved since the newest snapshot, the
        change has begun with the publisher, even if it was stopped there and is gone on with by another run.

        :param is_served: whether the publisher is changed with the pool, and before it.
        """
        known = self.newest.record.live_version if self.newest else None
        moved = is_served and self.live_version is not None and known != self.live_version
        return self.previous_version if moved and self.previous_version else self.live_version


def parameter_name(group_name: str, policy_name: str) -> str:
    return f"{parameter.ROOT}/{_segment(group_name)}/{_segment(policy_name)}"


def _segment(name: str) -> str:
    """The name as a part of a parameter's path, which takes fewer characters than a group's name."""
    # No other name may come out alike, nor one that is "baseline" by itself.
    if re.fullmatch(r"[A-Za-z0-9_.-]+", name) and name != BASELINE and not re.search(r"\.[0-9a-f]{12}$", name):
        return name
    return f"{re.sub(r'[^A-Za-z0-9_.-]', '-', name)}.{hashlib.sha256(name.encode()).hexdigest()[:12]}"


def to_value(snapshot: Snapshot) -> str:
    document = {
        "schema": SCHEMA,
        "at": snapshot.record.stamp.at,
        "by": snapshot.record.stamp.caller_arn,
        "collection": snapshot.record.stamp.collection_version,
        "kind": snapshot.record.kind,
        "group": snapshot.group_name,
        "policy": snapshot.policy_name,
        "policies": snapshot.policies,
        "intent": snapshot.intent,
        "function": {
            "name": snapshot.record.function_name,
            "version": snapshot.record.function_version,
            "live": snapshot.record.live_version,
        },
    }
    if snapshot.after is not None:
        document["after"] = snapshot.after
    if snapshot.triggers:
        document["triggers"] = {
            name: {one.alarm_name: list(one.actions) for one in triggers}
            for name, triggers in snapshot.triggers.items()
        }
    return json.dumps(document, separators=(",", ":"), sort_keys=True, default=str)


def from_value(value: str, version: int) -> Snapshot:
    """:raises Failure: with every reason why the text cannot be used."""
    try:
        document = json.loads(value)
    except (ValueError, RecursionError) as error:
        raise Failure(f"it is no snapshot ({type(error).__name__}: {error})") from error
    if wrong := list(snapshot_rules.problems(document)):
        raise Failure(f"it is no snapshot that can be used ({listed(wrong, PROBLEMS_LISTED)})")
    function = document["function"]
    record = Record(
        Stamp(document["at"], document["by"], document["collection"]),
        function["name"],
        document["kind"],
        live_version=function["live"],
        function_version=function["version"],
    )
    triggers = {
        name: tuple(Trigger(alarm, tuple(actions)) for alarm, actions in sorted(alarms.items()))
        for name, alarms in document.get("triggers", {}).items()
    }
    named = document["group"], document["policy"]
    after = document.get("after")
    return Snapshot(*named, document["policies"], document["intent"], record, version, triggers=triggers, after=after)


def to_requests(
    snapshot: Snapshot, with_version: bool, with_baseline: bool, is_advanced: bool = False, exists: bool = True
) -> tuple[Request, ...]:
    """The requests that keep it: the baseline is never overwritten.

    :param exists: whether the parameter has a version already.
    """
    name = parameter_name(snapshot.group_name, snapshot.policy_name)
    value = to_value(snapshot)
    size = len(value.encode())
    if size > parameter.ADVANCED_BYTES:
        raise Failure(
            f"group {snapshot.group_name}: what would be changed ({', '.join(sorted(snapshot.policies))}) takes {size} "
            f"bytes as a snapshot, and a parameter holds {parameter.ADVANCED_BYTES}, so nothing is changed; "
            "remove some of these policies first, or set exclusive to false"
        )
    tags = snapshot.record.tags
    requests: tuple[Request, ...] = ()
    if with_baseline:
        requests += (parameter.first_put(f"{name}/{BASELINE}", value, tags),)
    if with_version:
        requests += (parameter.put(name, value, tags, exists, is_advanced),)
    return requests


def find(aws: Aws, desired: Mapping[tuple[str, str], str]) -> dict[tuple[str, str], Any]:
    """The history of each (group, policy), whose publisher's function ``desired`` names."""
    versions = aws.each(lambda name: aliases(aws, name), set(desired.values()))

    def find_one(key: tuple[str, str]) -> History:
        name = parameter_name(*key)
        reply = aws.call("ssm", "get_parameters", Names=[name, f"{name}/{BASELINE}"])
        found = {one["Name"]: one for one in reply["Parameters"]}
        newest = found.get(name)
        version = versions[desired[key]]
        if isinstance(version, Failure):
            raise version
        last = _snapshot(name, newest) if newest else None
        return History(
            _counting(aws, name, last) if last else None,
            f"{name}/{BASELINE}" in found,
            numbered(version, LIVE),
            numbered(version, PREVIOUS),
            newest is not None and parameter.is_advanced(aws, name),
            int(newest["Version"]) if newest else 0,
        )

    return aws.each(find_one, desired)


def numbered(found: Mapping[str, Mapping[str, Any]], alias: str) -> str | None:
    """An alias may also point at $LATEST, which is no version that could be gone back to."""
    version = found.get(alias, {}).get("FunctionVersion")
    return None if version == LATEST else version


def all_of(aws: Aws, key: tuple[str, str]) -> list[Snapshot | Unreadable]:
    """Every version that is kept of (group, policy), newest first, without the baseline."""
    name = parameter_name(*key)
    return [_loaded_or_not(name, version) for version in reversed(parameter.versions(aws, name))]


def baseline_of(aws: Aws, key: tuple[str, str]) -> Snapshot | Unreadable | None:
    name = f"{parameter_name(*key)}/{BASELINE}"
    reply = reply_unless(parameter.GONE, aws, "ssm", "get_parameter", Name=name)
    return replace(_loaded_or_not(name, reply["Parameter"]), is_baseline=True) if reply else None


def chosen(aws: Aws, key: tuple[str, str], wanted: str | None) -> Snapshot:
    """The snapshot to go back to.

    :param wanted: an id, ``baseline``, or None for the state before the newest change. A rollback is no such change,
        so going back twice goes back once.
    :raises Failure: where there is none.
    """
    group_name, policy_name = key
    whose = f"policy {policy_name} of group {group_name}"
    if wanted == BASELINE:
        found = baseline_of(aws, key)
        if found is None:
            raise NothingToGoBackTo(
                f"nothing to go back to: there is no baseline of {whose}, it was never changed from here"
            )
        return _readable(found, whose)
    kept = all_of(aws, key)
    if wanted is None:
        changes = [found for found in _that_count(kept) if found.record.kind != ROLLBACK]
        if changes:
            return changes[-1]
    named = [found for found in kept if str(found.id) == wanted]
    if named:
        return _readable(named[0], whose)
    if wanted is None:
        raise NothingToGoBackTo(
            f"nothing to go back to: there is no snapshot of {whose}, it was never changed from here"
        )
    ids = f"{kept[-1].id} to {kept[0].id}" if kept else "none"
    raise Failure(f"snapshot: {wanted} is not kept of {whose} (kept: {ids}); list them with the playbook snapshots.yml")


def _readable(found: Snapshot | Unreadable, whose: str) -> Snapshot:
    if isinstance(found, Snapshot):
        return found
    raise Failure(
        f"snapshot: {found.label} of {whose} cannot be used: {found.reason}; choose another (the playbook "
        "snapshots.yml lists them)"
    )


def _snapshot(name: str, version: Mapping[str, Any]) -> Snapshot | None:
    """A newest version that is no snapshot stops no change: the next one is simply written after it."""
    found = _loaded_or_not(name, version)
    return found if isinstance(found, Snapshot) else None


def _counting(aws: Aws, name: str, last: Snapshot) -> Snapshot | None:
    """The newest that counts; None where one that was written in between, and may count, does not show yet."""
    if last.after is None or last.after == last.id - 1:
        return last
    kept = {one.id: one for one in (_loaded_or_not(name, version) for version in parameter.versions(aws, name))}
    if set(range(last.after + 1, last.id)) - kept.keys():
        return None
    return _that_count({**kept, last.id: last}.values())[-1]


def _that_count(kept: Iterable[Snapshot | Unreadable]) -> list[Snapshot]:
    """Those that were planned by somebody who saw the one which counted until then, oldest first.

    Of changes that were planned from the same version, AWS numbers the snapshots one after the other: all but the first
    see from theirs that somebody else came first, and stop.
    """
    counting: list[Snapshot] = []
    for one in sorted(kept, key=lambda one: one.id):
        if isinstance(one, Snapshot) and (not counting or one.after is None or counting[-1].id <= one.after < one.id):
            counting.append(one)
    return counting


def _loaded_or_not(name: str, version: Mapping[str, Any]) -> Snapshot | Unreadable:
    try:
        return loaded(name, version)
    except Failure as failure:
        modified = version.get("LastModifiedDate")
        return Unreadable(
            int(version["Version"]),
            str(failure),
            modified.isoformat(timespec="seconds") if isinstance(modified, datetime) else "",
            str(version.get("LastModifiedUser", "")),
        )


def loaded(name: str, version: Mapping[str, Any]) -> Snapshot:
    """The snapshot that a parameter holds, as SSM returns it; raises Failure where it holds none."""
    where = f"parameter {name}, version {version['Version']}"
    try:
        found = from_value(version["Value"], int(version["Version"]))
        found = replace(found, written_at=version.get("LastModifiedDate"))
    except Failure as failure:
        raise Failure(f"{where}: {failure}") from failure
    # It is obeyed only for the group and the policy that it is kept for.
    if parameter_name(found.group_name, found.policy_name) != name.removesuffix(f"/{BASELINE}"):
        raise Failure(f"{where}: it is a snapshot of policy {found.policy_name} of group {found.group_name}")
    return found
