# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The publisher whole: its role, its log group and its function, for all the pools of a region.

Keyed by function name. The given pools are added to those that are served already: a run over one pool never
silences the others, unless a purge is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ..failures import Failure, listed
from ..package import code_sha256, package
from ..place import Place
from ..plan import Aws, Plan, together
from ..tags import Tags
from . import function, log_group, memory, role
from .function import Function, Release, Settings, served_by
from .log_group import LogGroup
from .role import Role


@dataclass(frozen=True)
class Publisher:
    """:param role: None where a given role is used as it is."""

    function: Function | None
    role: Role | None
    log_group: LogGroup | None


@dataclass(frozen=True)
class DesiredPublisher:
    """What one run wants of the publisher.

    :param pools: settings by pool name of those to serve.
    :param names: of the pools that, with ``present`` false, shall not be served any more; otherwise of those that a
        purge does not drop.
    :param purge: the given pools are the whole truth.
    :param release: the wanted configuration; its code and role are computed.
    :param memory_follows: its memory too, from the number of pools that will be served.
    :param remove_log_group: with the last pool, the log goes too.
    :param role_name: of the role to make, None where ``release.role`` is given.
    :param tags: of role, log group and function.
    """

    function_name: str
    code: str
    pools: Settings
    place: Place
    release: Release
    role_name: str | None
    retention_in_days: int | None = None
    purge: bool = False
    present: bool = True
    names: frozenset[str] = frozenset()
    remove_log_group: bool = False
    memory_follows: bool = False
    tags: Tags = field(default_factory=dict)

    @property
    def concerned(self) -> bool:
        """Whether the publisher is looked at: who publishes nothing does not need it, nor fears that it is broken."""
        return bool(self.pools or self.purge or not self.present)

    @property
    def archive(self) -> bytes:
        return package(self.code, self.pools)

    @property
    def log_group_name(self) -> str:
        return f"/aws/lambda/{self.function_name}"

    def role_for(self, pools: list[Mapping[str, Any]]) -> Role | None:
        if not self.role_name:
            return None
        return role.from_params(self.role_name, pools, self.place, self.log_group_name, self.tags)


def from_params(
    *,
    function_name: str,
    code: str | None,
    release: Release,
    role_name: str | None,
    place: Place,
    memory_size: int | str | None = None,
    **wanted: Any,
) -> DesiredPublisher:
    """:param memory_size: MB or ``auto``; None where the release has it.

    :raises Failure: for an option outside of what Lambda takes, named with the way out.
    """
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", function_name):
        raise Failure(f"function_name: {function_name!r} must have 1 to 64 letters, digits, - and _")
    if not code:
        raise Failure("code: the publisher's source is missing; call the module by its full name")
    size = memory.from_params(release.memory_size if memory_size is None else memory_size)
    if size is not None:
        release = replace(release, memory_size=size)
    if not 10 <= release.timeout <= 60:
        raise Failure(
            f"timeout: {release.timeout} must be from 10 to 60 seconds; a start takes some of it, "
            "and the next invocation starts a minute later"
        )
    if release.role and role_name:
        raise Failure("role_name: names the role to make, and role gives one that exists; give one of them")
    if release.role and not re.fullmatch(r"arn:[a-z-]+:iam::\d{12}:role/.+", release.role):
        raise Failure(f"role: {release.role!r} is not the ARN of a role; give arn:aws:iam::<account>:role/<name>")
    if size is None:
        # Those that are served beside the given ones are known only later, and only add to their number.
        _memory_for(wanted.get("pools", {}), release.timeout)
    # Roles are the same in all regions of an account, and what this one may read lies in one region.
    made = None if release.role else role_name or f"{function_name}-{place.region}-role"
    if made and not re.fullmatch(r"[A-Za-z0-9_+=,.@-]{1,64}", made):
        raise Failure(f"role_name: {made!r} must have 1 to 64 letters, digits and _+=,.@-; give a shorter role_name")
    return DesiredPublisher(
        function_name=function_name,
        code=code,
        release=release,
        role_name=made,
        place=place,
        memory_follows=size is None,
        **wanted,
    )


def served_after(current: Function | None, wanted: DesiredPublisher) -> Settings:
    """The settings of the pools that will be served.

    :raises Failure: where it cannot be known, or where two of them would write one metric.
    """
    if not wanted.present:
        return {name: settings for name, settings in served_by(current).items() if name not in wanted.names}
    after = {**(_kept(current, wanted) if wanted.purge else served_by(current)), **wanted.pools}
    writers: dict[str, str] = {}
    for name, settings in sorted(after.items()):
        metric = settings["metric"]
        identity = repr((metric["namespace"], metric["name"], sorted(metric["dimensions"].items())))
        other = writers.setdefault(identity, name)
        if other != name:
            new, old = (name, other) if name in wanted.pools else (other, name)
            raise Failure(
                f"pool {new}: metric: the publisher writes the same metric for pool {old} already; take {old} out "
                "(state: absent), or drop all that the list does not have (purge_pools: true), or tell them apart"
            )
    return after


def _kept(current: Function | None, wanted: DesiredPublisher) -> Settings:
    """Of the pools that a purge does not drop, those that are served."""
    if not wanted.names:
        return {}
    try:
        served = served_by(current)
    except Failure as failure:
        raise Failure(
            f"purge_pools: function {wanted.function_name} does not say whether it serves "
            f"{listed(sorted(wanted.names))}, which failed before; mend what failed there, then run again"
        ) from failure
    return {name: settings for name, settings in served.items() if name in wanted.names}


def to_desired(current: Publisher, wanted: DesiredPublisher) -> Publisher:
    """The publisher as it shall be: without any part once it serves no pool."""
    pools = served_after(current.function, wanted)
    if not pools:
        return Publisher(None, None, current.log_group)
    archive = package(wanted.code, pools)
    role_arn = wanted.place.role_arn(wanted.role_name) if wanted.role_name else wanted.release.role
    size = _memory_for(pools, wanted.release.timeout) if wanted.memory_follows else wanted.release.memory_size
    release = replace(wanted.release, code_sha256=code_sha256(archive), role=role_arn, memory_size=size)
    return Publisher(
        Function(wanted.function_name, release, release, pools, tags=wanted.tags, archive=archive),
        wanted.role_for(list(pools.values())),
        LogGroup(wanted.log_group_name, wanted.retention_in_days, tags=wanted.tags),
    )


def _memory_for(pools: Settings, timeout: int) -> int:
    divided = sum("auto_scaling_group_name" in settings for settings in pools.values())
    return memory.for_pools(len(pools), timeout, divided)


def plan(current: Publisher, wanted: DesiredPublisher) -> Plan:
    words = f"publisher {wanted.function_name}"
    if wanted.present and not wanted.pools:
        if wanted.purge and current.function and not wanted.names:
            raise Failure(f"purge_pools: no pool of the list is published, so {words} would go; use state: absent")
        return Plan(words, None, None)
    if not wanted.present and current.function and not wanted.names & served_by(current.function).keys():
        return Plan(words, None, None)
    desired = to_desired(current, wanted)
    if desired.function is None:
        return _plan_absent(words, current, wanted)
    of_logs = log_group.plan(current.log_group, desired.log_group or LogGroup(wanted.log_group_name))
    of_function = function.plan(current.function, desired.function)
    of_role = role.plan(current.role, desired.role) if wanted.role_name else Plan("role", None, None)
    if current.function is None or not wanted.role_name or current.role is None:
        steps = (*of_role.requests, *of_function.requests)
    else:
        steps = _in_order(current.function, desired.function, current.role, desired.role, wanted)
    return _joined(words, [of_logs, of_role, of_function], (*of_logs.requests, *steps))


def _in_order(
    current: Function, desired: Function, role_now: Role, role_then: Role | None, wanted: DesiredPublisher
) -> function.Steps:
    """Rights are widened before the alias moves and narrowed after: whatever is live can read its queues.

    The upload comes before the role of an existing function, since it is the one request that AWS refuses to the
    second of two deployments at once.
    """
    wide = wanted.role_for([*(current.pools or {}).values(), *(desired.pools or {}).values()])
    return (
        *function.uploading(current, desired),
        *role.plan(role_now, wide).requests,
        *function.going_live(current, desired),
        *role.plan(wide, role_then).requests,
        *function.being_tagged(current, desired),
    )


def _plan_absent(words: str, current: Publisher, wanted: DesiredPublisher) -> Plan:
    of_function = function.plan(current.function, None)
    of_role = role.plan(current.role, None) if wanted.role_name else Plan("role", None, None)
    of_logs = log_group.plan_absent(current.log_group if wanted.remove_log_group else None)
    parts = [of_function, of_role, of_logs]
    return _joined(words, parts, tuple(step for part in parts for step in part.requests))


def _joined(words: str, parts: list[Plan], steps: function.Steps) -> Plan:
    return Plan(
        words,
        {part.resource: part.before for part in parts if part.before} or None,
        {part.resource: part.after for part in parts if part.after} or None,
        steps,
    )


def find(aws: Aws, desired: Mapping[str, DesiredPublisher]) -> dict[str, Any]:
    def find_one(name: str) -> Publisher:
        wanted = desired[name]
        parts = {
            "function": lambda: function.find(aws, name, code_sha256(wanted.archive), wanted.pools, wanted.tags),
            "role": lambda: role.find(aws, wanted.role_name, wanted.tags) if wanted.role_name else None,
            "log_group": lambda: log_group.find(aws, wanted.log_group_name, wanted.tags),
        }
        return Publisher(**together(aws, parts))

    return aws.each(find_one, desired)
