# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The publisher's Lambda function: what is fired is the version behind alias ``live``, never ``$LATEST``.

The version that was live before stays behind alias ``previous``; a function made by hand is published as a version
before its code is replaced.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..failures import AwsFailure, Failure
from ..plan import Aws, Plan, Reply, Request, Wait

LIVE = "live"
PREVIOUS = "previous"
# The mark of a version that answers {"describe": true}. A function without it was made by hand, and is never invoked
# to be asked: nobody knows what that would do.
DESCRIPTION = "Queue depth publisher of the Ansible collection academy.video_scaling"
GONE = "ResourceNotFoundException"
# A role just made cannot be assumed for some seconds.
ROLE_SPREADING = (("InvalidParameterValueException", "cannot be assumed"),)

Settings = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Release:
    """Code and configuration of one version, or of ``$LATEST``.

    :param environment: the names of its variables; their values are never read.
    :param memory_size: MB. :param timeout: seconds.
    """

    code_sha256: str
    role: str
    runtime: str = "python3.13"
    architecture: str = "arm64"
    memory_size: int = 128
    timeout: int = 50
    handler: str = "lambda_function.lambda_handler"
    description: str = DESCRIPTION
    environment: tuple[str, ...] = ()
    subnet_ids: tuple[str, ...] = ()
    layers: tuple[str, ...] = ()

    def shown(self) -> dict[str, Any]:
        return {name: list(value) if isinstance(value, tuple) else value for name, value in vars(self).items()}


@dataclass(frozen=True)
class Function:
    """:param latest: what ``$LATEST`` is. :param live: what alias ``live`` points at, None where there is no alias.
    :param pools: the settings of the pools it serves, None where it cannot tell.
    :param archive: the zip to upload, of a desired function.
    :param revision_id, live_version, live_revision_id, previous_version: of a current one, for the requests.
    """

    name: str
    latest: Release
    live: Release | None
    pools: Settings | None
    archive: bytes = field(default=b"", compare=False, repr=False)
    revision_id: str | None = field(default=None, compare=False)
    live_version: str | None = field(default=None, compare=False)
    live_revision_id: str | None = field(default=None, compare=False)
    previous_version: str | None = field(default=None, compare=False)

    @property
    def made_by_hand(self) -> bool:
        """Whether what is fired (or, without an alias, what lies there) is not this collection's."""
        return (self.live or self.latest).description != DESCRIPTION

    def shown(self, with_latest: bool) -> dict[str, Any]:
        shown: dict[str, Any] = {"function_name": self.name, LIVE: self.live.shown() if self.live else None}
        if with_latest:
            shown["latest"] = self.latest.shown()
        shown["pools"] = "unknown" if self.pools is None else dict(self.pools)
        return shown


def from_response(configuration: Mapping[str, Any]) -> Release:
    return Release(
        code_sha256=configuration["CodeSha256"],
        role=configuration["Role"],
        runtime=configuration.get("Runtime", ""),
        architecture=(configuration.get("Architectures") or ["x86_64"])[0],
        memory_size=configuration["MemorySize"],
        timeout=configuration["Timeout"],
        handler=configuration.get("Handler", ""),
        description=configuration.get("Description", ""),
        environment=tuple(sorted(configuration.get("Environment", {}).get("Variables") or ())),
        subnet_ids=tuple(sorted(configuration.get("VpcConfig", {}).get("SubnetIds") or ())),
        layers=tuple(layer["Arn"] for layer in configuration.get("Layers") or ()),
    )


def to_request(release: Release) -> dict[str, Any]:
    """The configuration of a release, as CreateFunction and UpdateFunctionConfiguration take it."""
    return {
        "Role": release.role,
        "Runtime": release.runtime,
        "MemorySize": release.memory_size,
        "Timeout": release.timeout,
        "Handler": release.handler,
        "Description": release.description,
        "Environment": {"Variables": {}},
        "VpcConfig": {"SubnetIds": [], "SecurityGroupIds": []},
        "Layers": list(release.layers),
    }


# Which field of a release each key of to_request carries.
CONFIGURATION = {
    "Role": "role",
    "Runtime": "runtime",
    "MemorySize": "memory_size",
    "Timeout": "timeout",
    "Handler": "handler",
    "Description": "description",
    "Environment": "environment",
    "VpcConfig": "subnet_ids",
    "Layers": "layers",
}


def plan(current: Function | None, desired: Function | None) -> Plan:
    if desired is None:
        return _plan_absent(current)
    words = f"function {desired.name}"
    if current is None:
        return Plan(words, None, desired.shown(with_latest=False), _creation(desired))
    with_latest = current.latest != current.live and current.live is not None
    requests = (*_kept(current, desired), *_latest(current, desired), *_going_live(current, desired))
    return Plan(words, current.shown(with_latest), desired.shown(with_latest), requests)


def _creation(desired: Function) -> tuple[Request | Wait, ...]:
    configuration = {name: value for name, value in to_request(desired.latest).items() if name not in ("VpcConfig",)}
    create = Request(
        "lambda",
        "create_function",
        {
            "FunctionName": desired.name,
            "PackageType": "Zip",
            "Code": {"ZipFile": desired.archive},
            "Architectures": [desired.latest.architecture],
            **configuration,
        },
        until_consistent=ROLE_SPREADING,
    )
    active = Wait("lambda", "function_active_v2", {"FunctionName": desired.name})
    return (create, active, *_publication(desired), _alias(desired.name, LIVE, Reply("published", "Version")))


def _kept(current: Function, desired: Function) -> tuple[Request, ...]:
    """Publish what was made by hand before it is replaced, once: a run that was stopped half-way finds it kept."""
    if not current.made_by_hand or current.live or current.previous_version or current.latest == desired.latest:
        return ()
    found = {"FunctionName": current.name, "CodeSha256": current.latest.code_sha256}
    return (
        Request("lambda", "publish_version", found | _revision(current.revision_id), label="found"),
        _alias(current.name, PREVIOUS, Reply("found", "Version")),
        # Publishing may have given the function another revision.
        Request("lambda", "get_function_configuration", {"FunctionName": current.name}, label="kept"),
    )


def _latest(current: Function, desired: Function) -> tuple[Request | Wait, ...]:
    """Code first: it carries the revision that was read, so of two deployments at once one is refused."""
    steps: tuple[Request | Wait, ...] = ()
    revision: Any = Reply("kept", "RevisionId") if _kept(current, desired) else current.revision_id
    updated = Wait("lambda", "function_updated_v2", {"FunctionName": desired.name})
    found, wanted = current.latest, desired.latest
    if (found.code_sha256, found.architecture) != (wanted.code_sha256, wanted.architecture):
        code = {"FunctionName": desired.name, "ZipFile": desired.archive, "Architectures": [wanted.architecture]}
        steps += (Request("lambda", "update_function_code", code | _revision(revision)), updated)
        # The revision changes again when the update has settled, so the next request cannot carry one.
        revision = None
    differing = {
        name: value
        for name, value in to_request(wanted).items()
        if getattr(found, CONFIGURATION[name]) != getattr(wanted, CONFIGURATION[name])
    }
    if differing:
        configuration = {"FunctionName": desired.name, **differing, **_revision(revision)}
        steps += (
            Request("lambda", "update_function_configuration", configuration, until_consistent=ROLE_SPREADING),
            updated,
        )
    return steps


def _going_live(current: Function, desired: Function) -> tuple[Request | Wait, ...]:
    if current.live == desired.live:
        return ()
    steps = _publication(desired)
    if current.live_version:
        steps += (_alias(desired.name, PREVIOUS, current.live_version, exists=current.previous_version is not None),)
    live = _alias(
        desired.name,
        LIVE,
        Reply("published", "Version"),
        exists=current.live_version is not None,
        revision_id=current.live_revision_id,
    )
    return (*steps, live)


def _publication(desired: Function) -> tuple[Request | Wait, ...]:
    name = {"FunctionName": desired.name}
    publish = Request(
        "lambda", "publish_version", {**name, "CodeSha256": desired.latest.code_sha256}, label="published"
    )
    return (
        publish,
        Wait("lambda", "published_version_active", {**name, "Qualifier": Reply("published", "Version")}),
    )


def _alias(name: str, alias: str, version: Any, exists: bool = False, revision_id: str | None = None) -> Request:
    params = {"FunctionName": name, "Name": alias, "FunctionVersion": version, **_revision(revision_id)}
    return Request("lambda", "update_alias" if exists else "create_alias", params)


def _revision(revision_id: Any) -> dict[str, Any]:
    return {"RevisionId": revision_id} if revision_id else {}


def _plan_absent(current: Function | None) -> Plan:
    if current is None:
        return Plan("function", None, None)
    if current.made_by_hand:
        raise Failure(
            f"function {current.name} was not made by this collection and is not deleted; "
            "apply it first (which keeps its code as a version), or delete it by hand"
        )
    delete = Request("lambda", "delete_function", {"FunctionName": current.name})
    return Plan(f"function {current.name}", current.shown(with_latest=False), None, (delete,))


def find(aws: Aws, name: str, expected_sha256: str, expected_pools: Settings) -> Function | None:
    """What is live. A function that runs the expected zip serves the expected pools; another is asked."""
    latest = _reply_or_none(aws, "get_function_configuration", FunctionName=name)
    if latest is None:
        return None
    aliases = {alias["Name"]: alias for alias in aws.pages("lambda", "list_aliases", "Aliases", FunctionName=name)}
    live = (
        _reply_or_none(aws, "get_function_configuration", FunctionName=name, Qualifier=LIVE)
        if LIVE in aliases
        else None
    )
    release = from_response(live) if live else None
    pools: Settings | None = None
    if release and release.code_sha256 == expected_sha256:
        pools = expected_pools
    elif release and release.description == DESCRIPTION:
        pools = described(aws, name)
    return Function(
        name,
        from_response(latest),
        release,
        pools,
        revision_id=latest.get("RevisionId"),
        live_version=aliases.get(LIVE, {}).get("FunctionVersion"),
        live_revision_id=aliases.get(LIVE, {}).get("RevisionId"),
        previous_version=aliases.get(PREVIOUS, {}).get("FunctionVersion"),
    )


def served(aws: Aws, name: str) -> Settings:
    """The settings of the pools that are served now; raises Failure where the function cannot tell."""
    found = find(aws, name, "", {})
    if found is None or found.made_by_hand:
        return {}
    if found.pools is None:
        raise unknown_pools(name)
    return found.pools


def unknown_pools(name: str) -> Failure:
    return Failure(
        f"function {name} does not say which pools it serves (its alias {LIVE} does not answer "
        '{"describe": true}), so nothing is changed; see its log, or deploy it with purge_pools: true and all its pools'
    )


def described(aws: Aws, name: str) -> Settings | None:
    """The settings of the pools that the live version says it serves, None where it does not say."""
    try:
        answer = invoke(aws, name, {"describe": True})
    except AwsFailure:
        raise
    except Failure:
        return None
    pools = answer.get("pools")
    if not isinstance(pools, list):
        return None
    return {pool["name"]: pool for pool in pools}


def invoke(aws: Aws, name: str, event: Mapping[str, Any]) -> dict[str, Any]:
    """What the live version answers; raises Failure with the function's own error."""
    reply = aws.call("lambda", "invoke", FunctionName=name, Qualifier=LIVE, Payload=json.dumps(event).encode())
    answer = json.loads(reply["Payload"].read() or b"null")
    if reply.get("FunctionError") or not isinstance(answer, dict):
        message = answer.get("errorMessage", answer) if isinstance(answer, dict) else answer
        raise Failure(f"function {name}:{LIVE} failed: {message}")
    return answer


def _reply_or_none(aws: Aws, operation: str, **params: Any) -> dict[str, Any] | None:
    try:
        return aws.call("lambda", operation, **params)
    except AwsFailure as failure:
        if failure.code == GONE:
            return None
        raise
