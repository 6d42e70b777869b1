# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A function or version is Pending and an update InProgress at first, and another revision once that has settled."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from local_aws.recorder import Answer, Recorded
from local_aws.strict import wire
from local_aws.strict.behaviour import Behaviour, Settings, Upstream
from local_aws.strict.countdown import Countdown, Key

NAME = "function_states"
SOURCE = (
    "documented: Lambda Developer Guide, 'Lambda function states' (what fails while creation or an update goes on)",
    "documented: API_PublishVersion (RevisionId, PreconditionFailedException)",
    "observed by others: aws/aws-sdk #377 (the RevisionId changes again when an update has settled)",
    "observed by others: appleboy/lambda-action #46 (the words of the refusal)",
    "assumed: an alias is not pointed at a version that is still Pending",
)

UPDATES = ("UpdateFunctionCode", "UpdateFunctionConfiguration")
REFUSED = (*UPDATES, "PublishVersion")
READS = ("GetFunction", "GetFunctionConfiguration", "ListVersionsByFunction")
ALIASES = ("CreateAlias", "UpdateAlias")
NO_REASON = {"StateReason": "", "StateReasonCode": ""}
PENDING = {
    "State": "Pending",
    "StateReason": "The function is being created.",
    "StateReasonCode": "Creating",
}
NOT_NOW = "The operation cannot be performed at this time."


class FunctionStates(Behaviour):
    """Functions that were made past the layer are shown as the emulator shows them until they are updated."""

    def __init__(self, aws: Upstream, settings: Settings) -> None:
        super().__init__(aws, settings)
        self._late = Countdown()
        # Whether what a function or version is busy with is its creation; only of those that this layer knows.
        self._is_created: dict[Key, bool] = {}
        self._versions_before: dict[int, set[str]] = {}

    def before(self, request: Recorded) -> Answer | None:
        if request.service != "lambda":
            return None
        name, qualifier = wire.function_of(request)
        if request.operation in REFUSED:
            return self._busy(request, name, wire.LATEST) or self._publication(request, name)
        if request.operation == "Invoke":
            return self._not_active(request, name, self._version(request, name, qualifier))
        if request.operation in ALIASES and (version := request.parameters.get("FunctionVersion")):
            return self._not_active(request, name, version)
        return None

    def _busy(self, request: Recorded, name: str, version: str) -> Answer | None:
        key = _key(request, name, version)
        if self._is_created.get(key):
            return self._not_active(request, name, version)
        if self._late.meets(key):
            resource = wire.function_arn(request, name)
            message = f"{NOT_NOW} An update is in progress for resource: {resource}"
            return wire.lambda_error(409, "ResourceConflictException", message)
        return None

    def _not_active(self, request: Recorded, name: str, version: str) -> Answer | None:
        key = _key(request, name, version)
        if self._is_created.get(key) and self._late.meets(key):
            message = f"{NOT_NOW} The function is currently in the following state: Pending"
            return wire.lambda_error(409, "ResourceConflictException", message)
        return None

    def _version(self, request: Recorded, name: str, qualifier: str) -> str:
        """The version that a qualifier means, which may be an alias."""
        if not qualifier or qualifier == wire.LATEST or qualifier.isdigit():
            return qualifier or wire.LATEST
        asked = {"FunctionName": name, "Name": qualifier}
        alias = self.aws.unless("ResourceNotFoundException", "lambda", request, "get_alias", **asked)
        return str(alias.get("FunctionVersion", wire.LATEST))

    def _publication(self, request: Recorded, name: str) -> Answer | None:
        if request.operation != "PublishVersion":
            return None
        client = self.aws.client("lambda", request)
        pages = client.get_paginator("list_versions_by_function").paginate(FunctionName=name)
        try:
            configurations = [one for page in pages for one in page["Versions"]]
        except client.exceptions.ResourceNotFoundException:
            return None
        given = request.parameters.get("RevisionId")
        # The emulator does not compare them.
        if given and given not in {one["RevisionId"] for one in configurations if one["Version"] == wire.LATEST}:
            message = (
                "The RevisionId provided does not match the latest RevisionId for the Lambda function or alias. Call "
                "the GetFunction or the GetAlias API to retrieve the latest RevisionId for your resource."
            )
            return wire.lambda_error(412, "PreconditionFailedException", message)
        self._versions_before[id(request)] = {one["Version"] for one in configurations}
        return None

    def after(self, request: Recorded, answer: Answer) -> Answer:
        known = self._versions_before.pop(id(request), set())
        if request.service != "lambda" or not wire.is_success(answer):
            return answer
        name, _qualifier = wire.function_of(request)
        if request.operation == "DeleteFunction":
            self._forget(request, name)
        if request.operation in ("CreateFunction", *UPDATES):
            self._start(_key(request, name, wire.LATEST), request.operation == "CreateFunction")
        if request.operation in ("CreateFunction", *REFUSED):
            version = wire.json_of(answer)["Version"]
            # An update may publish, too; one that nothing was changed for is a version of before.
            if version not in (wire.LATEST, *known):
                self._start(_key(request, name, version), is_created=True)
            return self._shown(request, name, answer)
        if request.operation in READS:
            shown = self._shown(request, name, answer)
            for version in {one["Version"] for one in _configurations(wire.json_of(answer))}:
                self._late.meets(_key(request, name, version))
            return shown
        return answer

    def _start(self, key: Key, is_created: bool) -> None:
        self._is_created[key] = is_created
        self._late.start(key, self.settings.pace)

    def _forget(self, request: Recorded, name: str) -> None:
        self._late.forget((wire.scope_of(request), name))
        for key in [key for key in self._is_created if key[:2] == (wire.scope_of(request), name)]:
            del self._is_created[key]

    def _shown(self, request: Recorded, name: str, answer: Answer) -> Answer:
        value = wire.json_of(answer)
        for one in _configurations(value):
            one.update(self._state(_key(request, name, one["Version"]), one))
        return wire.with_json(answer, value)

    def _state(self, key: Key, configuration: Mapping[str, Any]) -> Mapping[str, Any]:
        if key not in self._is_created:
            return {}
        if not self._late.is_late(key):
            return {"State": "Active", **NO_REASON, "LastUpdateStatus": "Successful"}
        if key[2] != wire.LATEST:
            return PENDING
        # The emulator has one revision for both, and refuses this one of a client that did not read again.
        revision = {"RevisionId": str(uuid.uuid5(uuid.NAMESPACE_OID, configuration["RevisionId"]))}
        if self._is_created[key]:
            return {**PENDING, **revision, "LastUpdateStatus": "Successful"}
        return {"State": "Active", **NO_REASON, **revision, "LastUpdateStatus": "InProgress"}


def _key(request: Recorded, name: str, version: str) -> Key:
    return (wire.scope_of(request), name, version)


def _configurations(value: Any) -> list[dict[str, Any]]:
    """Those that an answer holds: of GetFunction, of a list, or the answer itself."""
    if "Configuration" in value:
        return [value["Configuration"]]
    found: list[dict[str, Any]] = value.get("Versions", [value])
    return found
