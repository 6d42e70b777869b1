# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which version of the publisher is fired: alias ``live`` goes back to an earlier one. Keyed by function name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..failures import Failure
from ..place import Place
from ..plan import Aws, Plan, Request, reply_unless
from . import answer, role
from .function import DESCRIPTION, GONE, LIVE, PREVIOUS, aliases
from .role import Role
from .snapshot import NothingToGoBackTo


@dataclass(frozen=True)
class LiveVersion:
    """:param target: the version to go back to. :param role: of that version, where this collection made it.
    :param weights: the versions that a weighted alias gives a share of the invocations.
    :param widened: that role with the rights that both versions need.
    :param unwritten: by pool, the metrics that the version of now writes and the one to go back to does not.
    """

    function_name: str
    version: str
    target: str
    revision_id: str | None = field(default=None, compare=False)
    weights: tuple[str, ...] = ()
    role: Role | None = None
    widened: Role | None = None
    unwritten: Mapping[str, tuple[str, ...]] = field(default_factory=dict, compare=False)


@dataclass(frozen=True)
class DesiredAlias:
    """:param version: None for the one behind alias ``previous``."""

    function_name: str
    version: str | None
    place: Place


def plan(current: LiveVersion, wanted: DesiredAlias) -> Plan:
    words = f"alias {LIVE} of function {wanted.function_name}"
    before: dict[str, Any] = {"function_name": wanted.function_name, "version": current.version}
    after = {"function_name": wanted.function_name, "version": current.target}
    if current.weights:
        before["weights"] = list(current.weights)
    if current.version == current.target and not current.weights:
        return Plan(words, before, after)
    rights = role.plan(current.role, current.widened).requests if current.widened else ()
    params: dict[str, Any] = {"FunctionName": wanted.function_name, "Name": LIVE, "FunctionVersion": current.target}
    if current.weights:
        params["RoutingConfig"] = {"AdditionalVersionWeights": {}}
    if current.revision_id:
        params["RevisionId"] = current.revision_id
    return Plan(words, before, after, (*rights, Request("lambda", "update_alias", params)))


def find(aws: Aws, desired: Mapping[str, DesiredAlias]) -> dict[str, Any]:
    def find_one(name: str) -> LiveVersion:
        wanted = desired[name]
        found_aliases = aliases(aws, name)
        if LIVE not in found_aliases:
            raise NothingToGoBackTo(f"nothing to go back to: function {name} has no alias {LIVE}")
        version = found_aliases[LIVE]["FunctionVersion"]
        target = wanted.version or found_aliases.get(PREVIOUS, {}).get("FunctionVersion")
        if target is None:
            raise NothingToGoBackTo(f"nothing to go back to: function {name} has no version before {version}")
        weights = found_aliases[LIVE].get("RoutingConfig", {}).get("AdditionalVersionWeights") or {}
        found = LiveVersion(name, version, target, found_aliases[LIVE].get("RevisionId"), tuple(sorted(weights)))
        if target == version:
            return found
        return _with_both(aws, wanted, found, _configuration(aws, name, target))

    return aws.each(find_one, desired)


def _with_both(aws: Aws, wanted: DesiredAlias, found: LiveVersion, configuration: Mapping[str, Any]) -> LiveVersion:
    """What it takes to go from one version to the other. One that was made by hand is never invoked."""
    if configuration.get("Description") != DESCRIPTION:
        return found
    now, then = (answer.pools_of(aws, found.function_name, version) or {} for version in (found.version, found.target))
    written = {name: set(_metrics(settings)) for name, settings in then.items()}
    unwritten = {
        name: metrics
        for name, settings in now.items()
        if (metrics := tuple(one for one in _metrics(settings) if one not in written.get(name, ())))
    }
    return _with_rights(
        aws, wanted, replace(found, unwritten=unwritten), configuration, [*now.values(), *then.values()]
    )


def _metrics(settings: Mapping[str, Any]) -> list[str]:
    """The metrics that a pool's settings make the publisher write, each as a person calls it."""
    metric = settings["metric"]
    names = (metric["name"], metric.get("per_instance_name"))
    return [f"{metric['namespace']}/{name}" for name in names if name]


def _with_rights(
    aws: Aws,
    wanted: DesiredAlias,
    found: LiveVersion,
    configuration: Mapping[str, Any],
    served: Sequence[Mapping[str, Any]],
) -> LiveVersion:
    """The role follows the newest deployment; an earlier version may need the rights that it lost since."""
    live_role = role.find(aws, configuration["Role"].rsplit("/", 1)[-1])
    if live_role is None or live_role.description != role.DESCRIPTION:
        return found
    pools = {
        (settings["queue_name"], settings["metric"]["namespace"], settings.get("auto_scaling_group_name")): settings
        for settings in served
    }
    widened = role.from_params(live_role.name, list(pools.values()), wanted.place, f"/aws/lambda/{found.function_name}")
    return replace(found, role=live_role, widened=widened)


def _configuration(aws: Aws, name: str, version: str) -> dict[str, Any]:
    reply = reply_unless(GONE, aws, "lambda", "get_function_configuration", FunctionName=name, Qualifier=version)
    if reply is None:
        raise Failure(f"version {version} of function {name} does not exist any more; choose another")
    return reply
