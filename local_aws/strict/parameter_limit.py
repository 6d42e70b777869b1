# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A parameter keeps its newest 100 versions, and refuses a new one where the oldest of those has a label."""

from __future__ import annotations

from typing import Any

from local_aws.recorder import Answer, Recorded
from local_aws.strict import wire
from local_aws.strict.behaviour import Behaviour

NAME = "parameter_limit"
SOURCE = (
    "documented: AWS Systems Manager User Guide, 'Working with parameter versions' (100 versions)",
    "documented: API_PutParameter (ParameterMaxVersionLimitExceeded)",
)

VERSIONS = 100


class ParameterLimit(Behaviour):
    def before(self, request: Recorded) -> Answer | None:
        if request.service != "ssm":
            return None
        if request.operation == "PutParameter":
            return self._full(request)
        if request.operation == "GetParameter":
            name, _, selector = request.parameters["Name"].partition(":")
            if selector.isdigit() and 0 < int(selector) <= self._dropped(request, name):
                return wire.json_error("ParameterVersionNotFound", "")
        return None

    def _full(self, request: Recorded) -> Answer | None:
        name = request.parameters["Name"]
        oldest = self._dropped(request, name) + 1
        if oldest == 1 and self._newest(request, name) < VERSIONS:
            return None
        pages = self.aws.client("ssm", request).get_paginator("get_parameter_history").paginate(Name=name)
        labels = {one["Version"]: one.get("Labels") for page in pages for one in page["Parameters"]}
        if not labels.get(oldest):
            return None
        return wire.json_error(
            "ParameterMaxVersionLimitExceeded",
            f"You attempted to create a new version of {name}, but the oldest version, {oldest}, has a label.",
        )

    def after(self, request: Recorded, answer: Answer) -> Answer:
        if (request.service, request.operation) != ("ssm", "GetParameterHistory") or not wire.is_success(answer):
            return answer
        value: dict[str, Any] = wire.json_of(answer)
        dropped = self._dropped(request, request.parameters["Name"])
        kept = [one for one in value["Parameters"] if one["Version"] > dropped]
        return wire.with_json(answer, {**value, "Parameters": kept})

    def _dropped(self, request: Recorded, name: str) -> int:
        """The newest version that is not kept any more, 0 where all are."""
        return max(0, self._newest(request, name) - VERSIONS)

    def _newest(self, request: Recorded, name: str) -> int:
        found = self.aws.unless("ParameterNotFound", "ssm", request, "get_parameter", Name=name)
        return int(found["Parameter"]["Version"]) if found else 0
