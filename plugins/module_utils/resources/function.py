# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The publisher's Lambda function: what is fired is the version behind alias ``live``, never ``$LATEST``.

The version that was live before stays behind alias ``previous``; a function made by hand is published as a version
before its code is replaced.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from .. import tags as tagging
from ..failures import AwsFailure, Failure
from ..plan import Aws, Plan, Reply, Request, Wait, reply_unless
from ..tags import Tags
from . import answer

LIVE = "live"
PREVIOUS = "previous"
LATEST = "$LATEST"
# The mark of a version that answers {"describe": true}. A function without it was made by hand, and is never invoked
# to be asked: nobody knows what that would do.
DESCRIPTION = "Queue depth publisher of the Ansible collection academy.video_scaling"
# The mark of a version that was published to keep what was made by hand.
KEPT = "As found by the Ansible collection academy.video_scaling"
GONE = ("ResourceNotFoundException",)
# What was made or found a moment ago may not be found yet (observed in public issues, of functions and of aliases).
UNSEEN = (("ResourceNotFoundException", ""),)
# A role just made cannot be assumed for some seconds.
SPREADING = (("InvalidParameterValueException", "cannot be assumed"), *UNSEEN)
# AWS takes no code for a function whose runtime it has blocked, and takes another runtime for it (observed in public
# issues; "Lambda runtimes", documented).
BLOCKED = (("InvalidParameterValueException", "no longer supported"),)

Settings = Mapping[str, Mapping[str, Any]]
Steps: TypeAlias = "tuple[Request | Wait, ...]"


@dataclass(frozen=True)
class Release:
    """Code and configuration of one version, or of ``$LATEST``.

    :param environment: the names of its variables; their values are never read.
    :param memory_size: MB. :param timeout: seconds.
    :param log_group: empty for the function's own.
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
    file_systems: tuple[str, ...] = ()
    tracing_mode: str = "PassThrough"
    dead_letter_target_arn: str = ""
    log_group: str = ""

    def shown(self) -> dict[str, Any]:
        """What is set: a plain function has no layers, no subnets and the like."""
        values = {name: list(value) if isinstance(value, tuple) else value for name, value in vars(self).items()}
        return {name: value for name, value in values.items() if value not in ([], "")}


@dataclass(frozen=True)
class Found:
    """:param previous: the release behind alias ``previous``, read only where ``$LATEST`` was made by hand.
    :param settling: the waiters for what is still under way, its creation or an update.
    :param update_failed: whether the last update failed.
    """

    revision_id: str | None = None
    live_version: str | None = None
    live_revision_id: str | None = None
    previous_version: str | None = None
    previous: Release | None = None
    settling: tuple[str, ...] = ()
    update_failed: bool = False
    package_type: str = "Zip"
    arn: str = field(default="", compare=False)

    @property
    def numbered_live_version(self) -> str | None:
        """An alias may also point at $LATEST, which is no version that could be gone back to."""
        return None if self.live_version == LATEST else self.live_version


@dataclass(frozen=True)
class Function:
    """:param latest: what ``$LATEST`` is. :param live: what alias ``live`` points at, None where there is no alias.
    :param pools: the settings of the pools it serves, None where it cannot tell.
    :param live_weights: the versions that a weighted alias gives a share of the invocations.
    :param tags: those that are given; of a current function its values of them.
    :param archive: the zip to upload, of a desired function.
    :param found: what the requests need to know of a current one.
    """

    name: str
    latest: Release
    live: Release | None
    pools: Settings | None
    live_weights: tuple[str, ...] = ()
    tags: Tags = field(default_factory=dict)
    archive: bytes = field(default=b"", compare=False, repr=False)
    found: Found = field(default_factory=Found, compare=False)

    @property
    def made_by_hand(self) -> bool:
        """Whether what is fired (or, without an alias, what lies there) is not this collection's."""
        return (self.live or self.latest).description != DESCRIPTION

    def shown(self, with_latest: bool) -> dict[str, Any]:
        shown: dict[str, Any] = {"function_name": self.name, LIVE: self.live.shown() if self.live else None}
        if self.live_weights:
            shown["live_weights"] = list(self.live_weights)
        if with_latest:
            shown["latest"] = self.latest.shown()
        shown["pools"] = "unknown" if self.pools is None else dict(self.pools)
        return shown | tagging.shown(self.tags)


def from_response(configuration: Mapping[str, Any]) -> Release:
    logging = configuration.get("LoggingConfig", {}).get("LogGroup", "")
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
        file_systems=tuple(system["Arn"] for system in configuration.get("FileSystemConfigs") or ()),
        tracing_mode=configuration.get("TracingConfig", {}).get("Mode") or "PassThrough",
        dead_letter_target_arn=configuration.get("DeadLetterConfig", {}).get("TargetArn") or "",
        log_group="" if logging == f"/aws/lambda/{configuration['FunctionName']}" else logging,
    )


def to_request(name: str, release: Release) -> dict[str, tuple[str, Any]]:
    """Each key of UpdateFunctionConfiguration, with the field of a release that it carries and its value.

    What a publisher never has (VPC, layers and the like) is a value too: that is how it is taken off.
    """
    return {
        "Role": ("role", release.role),
        "Runtime": ("runtime", release.runtime),
        "MemorySize": ("memory_size", release.memory_size),
        "Timeout": ("timeout", release.timeout),
        "Handler": ("handler", release.handler),
        "Description": ("description", release.description),
        "Environment": ("environment", {"Variables": {}}),
        "VpcConfig": ("subnet_ids", {"SubnetIds": [], "SecurityGroupIds": []}),
        "Layers": ("layers", []),
        "FileSystemConfigs": ("file_systems", []),
        "TracingConfig": ("tracing_mode", {"Mode": release.tracing_mode}),
        "DeadLetterConfig": ("dead_letter_target_arn", {"TargetArn": ""}),
        "LoggingConfig": ("log_group", {"LogGroup": f"/aws/lambda/{name}"}),
    }


def plan(current: Function | None, desired: Function | None) -> Plan:
    if desired is None:
        return _plan_absent(current)
    words = f"function {desired.name}"
    if current is None:
        return Plan(words, None, desired.shown(with_latest=False), _creation(desired))
    if current.found.package_type != "Zip":
        raise Failure(f"{words} is made of a container image and cannot take code; give another function_name")
    with_latest = current.latest != current.live and current.live is not None
    steps = (*uploading(current, desired), *going_live(current, desired), *being_tagged(current, desired))
    return Plan(words, current.shown(with_latest), desired.shown(with_latest), steps)


def uploading(current: Function, desired: Function) -> Steps:
    """Bring ``$LATEST`` to what is desired; nothing that is fired by alias changes yet."""
    settled = _settled(current)
    revision = Reply("settled", "RevisionId") if settled else current.found.revision_id
    if settled:
        # AWS gives the function another revision when that ends, so the one that was found would be refused.
        settled += (_read_again(current.name, "settled"),)
    kept = _kept(current, desired, revision)
    steps = (*kept, *_latest(current, desired, Reply("kept", "RevisionId") if kept else revision))
    return (*settled, *steps) if steps else ()


def _settled(current: Function) -> Steps:
    """The waits for what is still under way: until then AWS refuses any other change."""
    return tuple(_wait(waiter, current.name) for waiter in current.found.settling)


def _read_again(name: str, label: str) -> Request:
    return Request("lambda", "get_function_configuration", {"FunctionName": name}, label, UNSEEN)


def _wait(waiter: str, name: str, **more: Any) -> Wait:
    return Wait("lambda", waiter, {"FunctionName": name, **more}, UNSEEN)


def going_live(current: Function, desired: Function) -> Steps:
    """Publish ``$LATEST`` and move the alias, if what is live is not what is desired."""
    found, name = current.found, desired.name
    exists = found.live_version is not None
    if current.live == desired.live and found.live_version != LATEST:
        if not current.live_weights:
            return ()
        return (_alias(name, LIVE, found.live_version, exists, found.live_revision_id, weights={}),)
    steps = (*(() if uploading(current, desired) else _settled(current)), *_publication(desired))
    if found.numbered_live_version:
        steps += (_alias(name, PREVIOUS, found.numbered_live_version, found.previous_version is not None),)
    version = Reply("published", "Version")
    weights: dict[str, float] | None = {} if current.live_weights else None
    return (*steps, _alias(name, LIVE, version, exists, found.live_revision_id, weights))


def being_tagged(current: Function, desired: Function) -> Steps:
    """Last of all, since nobody says whether it gives the function another revision."""
    untagged = tagging.differing(current.tags, desired.tags)
    if not untagged:
        return ()
    params = {"Resource": current.found.arn, "Tags": untagged}
    return (Request("lambda", "tag_resource", params, until_consistent=SPREADING),)


def _creation(desired: Function) -> Steps:
    configuration = {key: value for key, (_name, value) in to_request(desired.name, desired.latest).items()}
    plain = {key: configuration[key] for key in ("Role", "Runtime", "MemorySize", "Timeout", "Handler", "Description")}
    create = Request(
        "lambda",
        "create_function",
        {
            "FunctionName": desired.name,
            "PackageType": "Zip",
            "Code": {"ZipFile": desired.archive},
            "Architectures": [desired.latest.architecture],
            **plain,
            **({"Tags": dict(desired.tags)} if desired.tags else {}),
        },
        until_consistent=SPREADING,
    )
    active = _wait("function_active", desired.name)
    return (create, active, *_publication(desired), _alias(desired.name, LIVE, Reply("published", "Version")))


def _kept(current: Function, desired: Function, revision: Any) -> Steps:
    """Publish what was made by hand before it is replaced; once, also when a run was stopped half-way."""
    latest, found = current.latest, current.found
    versions = {release.code_sha256 for release in (current.live, found.previous) if release}
    if found.live_version == LATEST:
        versions.discard(latest.code_sha256)
    adopting = current.live is None and found.previous is not None and found.previous.description == KEPT
    if latest.description == DESCRIPTION or latest.code_sha256 in {*versions, desired.latest.code_sha256} or adopting:
        return ()
    name = {"FunctionName": current.name}
    read = {**name, "CodeSha256": latest.code_sha256, "Description": KEPT}
    steps: Steps = (Request("lambda", "publish_version", read | _revision(revision), "found", SPREADING),)
    if not found.numbered_live_version:
        exists = found.previous_version is not None
        steps += (_alias(current.name, PREVIOUS, Reply("found", "Version"), exists),)
    # Publishing may have given the function another revision.
    return (*steps, _read_again(current.name, "kept"))


def _latest(current: Function, desired: Function, revision: Any) -> Steps:
    """Code first: it carries the revision that was read, so of two deployments at once one is refused."""
    steps: Steps = ()
    updated = _wait("function_updated", desired.name)
    found, wanted = current.latest, desired.latest
    if (found.code_sha256, found.architecture) != (wanted.code_sha256, wanted.architecture):
        steps += (_code(desired, revision, has_its_runtime=found.runtime == wanted.runtime), updated)
        # The revision changes again when the update has settled, so the next request cannot carry one.
        revision = None
    differing = {
        key: value
        for key, (name, value) in to_request(desired.name, wanted).items()
        if getattr(found, name) != getattr(wanted, name)
    }
    if current.found.update_failed and not steps and not differing:
        differing = {"Description": wanted.description}
    if differing:
        configuration = {"FunctionName": desired.name, **differing, **_revision(revision)}
        steps += (
            Request("lambda", "update_function_configuration", configuration, until_consistent=SPREADING),
            updated,
        )
    return steps


def _code(desired: Function, revision: Any, has_its_runtime: bool) -> Request:
    """The upload; where AWS has blocked the runtime that is to change, the runtime first and then the upload."""
    name, wanted = {"FunctionName": desired.name}, desired.latest
    code = {**name, "ZipFile": desired.archive, "Architectures": [wanted.architecture]}
    if has_its_runtime:
        return Request("lambda", "update_function_code", code | _revision(revision), until_consistent=SPREADING)
    runtime = {**name, "Runtime": wanted.runtime, **_revision(revision)}
    return Request(
        "lambda",
        "update_function_code",
        code | _revision(revision),
        until_consistent=SPREADING,
        refusals=BLOCKED,
        instead=(
            Request("lambda", "update_function_configuration", runtime, until_consistent=SPREADING),
            _wait("function_updated", desired.name),
            Request("lambda", "update_function_code", code, until_consistent=SPREADING),
        ),
    )


def _publication(desired: Function) -> Steps:
    read = {"FunctionName": desired.name, "CodeSha256": desired.latest.code_sha256}
    return (
        Request("lambda", "publish_version", read, "published", SPREADING),
        _wait("published_version_active", desired.name, Qualifier=Reply("published", "Version")),
    )


def _alias(
    name: str,
    alias: str,
    version: Any,
    exists: bool = False,
    revision_id: str | None = None,
    weights: Mapping[str, float] | None = None,
) -> Request:
    params = {"FunctionName": name, "Name": alias, "FunctionVersion": version, **_revision(revision_id)}
    if weights is not None:
        params["RoutingConfig"] = {"AdditionalVersionWeights": weights}
    return Request("lambda", "update_alias" if exists else "create_alias", params, until_consistent=UNSEEN)


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


def find(
    aws: Aws, name: str, expected_sha256: str, expected_pools: Settings, tags: Tags = tagging.NONE
) -> Function | None:
    """What is live. A function that runs the expected zip serves the expected pools; another is asked.

    :param tags: those that are given; they cost a request.
    """
    latest = _configuration(aws, name)
    if latest is None:
        return None
    found_aliases = aliases(aws, name)
    live = _configuration(aws, name, LIVE) if LIVE in found_aliases else None
    previous = None
    if PREVIOUS in found_aliases and latest.get("Description") != DESCRIPTION:
        previous = _configuration(aws, name, PREVIOUS)
    found = Found(
        latest.get("RevisionId"),
        found_aliases.get(LIVE, {}).get("FunctionVersion"),
        found_aliases.get(LIVE, {}).get("RevisionId"),
        found_aliases.get(PREVIOUS, {}).get("FunctionVersion"),
        from_response(previous) if previous else None,
        _under_way(latest),
        latest.get("LastUpdateStatus") == "Failed",
        latest.get("PackageType", "Zip"),
        aws.place.function_arn(name),
    )
    # Without an alias nothing is fired; what lies there is what a run that was stopped was deploying.
    fired = from_response(live or latest)
    pools: Settings | None = None
    if fired.code_sha256 == expected_sha256:
        pools = expected_pools
    elif fired.description == DESCRIPTION:
        # By version, not by alias: an alias that has just moved may still lead to the version before.
        pools = answer.pools_of(aws, name, found.live_version or LATEST)
    weights = found_aliases.get(LIVE, {}).get("RoutingConfig", {}).get("AdditionalVersionWeights") or {}
    return Function(
        name,
        from_response(latest),
        from_response(live) if live else None,
        pools,
        tuple(sorted(weights)),
        _live_tags(aws, found.arn, tags),
        found=found,
    )


def _live_tags(aws: Aws, arn: str, wanted: Tags) -> Tags:
    if not wanted:
        return tagging.NONE
    live = reply_unless(GONE, aws, "lambda", "list_tags", Resource=arn)
    return tagging.own((live or {}).get("Tags", {}), wanted)


def _under_way(configuration: Mapping[str, Any]) -> tuple[str, ...]:
    """The waiters for it: a function that is not active yet is none that is updated."""
    waiters = {"function_active": ("State", "Pending"), "function_updated": ("LastUpdateStatus", "InProgress")}
    return tuple(waiter for waiter, (field, state) in waiters.items() if configuration.get(field) == state)


def aliases(aws: Aws, name: str) -> dict[str, dict[str, Any]]:
    """The function's aliases by name, as AWS returns them; none where there is no function."""
    try:
        return {alias["Name"]: alias for alias in aws.pages("lambda", "list_aliases", "Aliases", FunctionName=name)}
    except AwsFailure as failure:
        if failure.code in GONE:
            return {}
        raise


def served(aws: Aws, name: str) -> Settings:
    """The settings of the pools that are served now; raises Failure where the function cannot tell."""
    return served_by(find(aws, name, "", {}))


def served_by(found: Function | None) -> Settings:
    if found is None or found.made_by_hand:
        return {}
    if found.pools is None:
        raise Failure(
            f"function {found.name} does not say which pools it serves (it does not answer "
            '{"describe": true}), so nothing is changed; see its log, or deploy it with purge_pools: true and all its '
            "pools"
        )
    return found.pools


def require_own(aws: Aws, name: str) -> None:
    """:raises Failure: where the live version is not known to answer without doing anything else."""
    live = _configuration(aws, name, LIVE)
    if live is None or live.get("Description") != DESCRIPTION:
        found = "nothing" if live is None else "a version that this collection did not make"
        raise Failure(f"function {name}: expected the publisher behind alias {LIVE}, found {found}; deploy it first")


def _configuration(aws: Aws, name: str, qualifier: str = "") -> dict[str, Any] | None:
    params = {"FunctionName": name, **({"Qualifier": qualifier} if qualifier else {})}
    return reply_unless(GONE, aws, "lambda", "get_function_configuration", **params)
