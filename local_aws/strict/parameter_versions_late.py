# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A new version of a parameter shows late: until then the version before is read, or no parameter is found."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from local_aws.recorder import Answer, Recorded
from local_aws.strict import wire
from local_aws.strict.behaviour import Behaviour, Settings, Upstream
from local_aws.strict.countdown import Countdown, Key

NAME = "parameter_versions_late"
SOURCE = (
    "observed by others: aws/aws-sdk-js #3586 (the value of before), aws/aws-cdk-cli #830 (not found after a create)",
    "assumed: the same of GetParameterHistory and DescribeParameters",
)

READS = ("GetParameter", "GetParameters", "GetParameterHistory", "DescribeParameters")


class ParameterVersionsLate(Behaviour):
    def __init__(self, aws: Upstream, settings: Settings) -> None:
        super().__init__(aws, settings)
        self._late = Countdown()

    def after(self, request: Recorded, answer: Answer) -> Answer:
        if request.service != "ssm" or not wire.is_success(answer):
            return answer
        if request.operation == "PutParameter":
            key = (*_parameter(request, request.parameters["Name"]), wire.json_of(answer)["Version"])
            self._late.start(key, self.settings.pace)
        if request.operation in ("DeleteParameter", "DeleteParameters"):
            for name in request.parameters.get("Names", [request.parameters.get("Name")]):
                self._late.forget(_parameter(request, name))
        if request.operation not in READS:
            return answer
        value = wire.json_of(answer)
        shown = self._history if request.operation == "GetParameterHistory" else self._parameters
        return shown(request, answer, value)

    def _history(self, request: Recorded, answer: Answer, value: dict[str, Any]) -> Answer:
        found = value["Parameters"]
        if not found:
            return answer
        late = {one["Version"] for one in found if self._meets(request, one, one["Version"])}
        value["Parameters"] = [one for one in found if one["Version"] not in late]
        return wire.with_json(answer, value) if value["Parameters"] else wire.json_error("ParameterNotFound", "")

    def _parameters(self, request: Recorded, answer: Answer, value: dict[str, Any]) -> Answer:
        is_one = request.operation == "GetParameter"
        shown: list[dict[str, Any]] = []
        for one in [value["Parameter"]] if is_one else value["Parameters"]:
            version = self._newest_shown(request, one)
            if version == one["Version"]:
                shown.append(one)
            elif version and not one.get("Selector"):
                shown.append({**one, "Version": version, **self._earlier(request, one, version)})
            elif is_one:
                return wire.json_error("ParameterVersionNotFound" if one.get("Selector") else "ParameterNotFound", "")
            elif request.operation == "GetParameters":
                named = one["Name"] + (one.get("Selector") or "")
                value["InvalidParameters"] = [*value.get("InvalidParameters", []), named]
        return wire.with_json(answer, {**value, **({"Parameter": shown[0]} if is_one else {"Parameters": shown})})

    def _newest_shown(self, request: Recorded, parameter: Mapping[str, Any]) -> int:
        """Its version, or the newest before it that is not late; 0 where there is none."""
        versions = range(1, int(parameter["Version"]) + 1)
        late = {version for version in versions if self._meets(request, parameter, version)}
        newest: int = max({0, *versions} - late)
        return newest

    def _meets(self, request: Recorded, parameter: Mapping[str, Any], version: int) -> bool:
        return self._late.meets((*_parameter(request, parameter["Name"]), version))

    def _earlier(self, request: Recorded, parameter: Mapping[str, Any], version: int) -> dict[str, Any]:
        if request.operation == "DescribeParameters":
            return {}
        asked = {"Name": f"{parameter['Name']}:{version}", "WithDecryption": True}
        found = self.aws.client("ssm", request).get_parameter(**asked)["Parameter"]
        return {
            name: value.timestamp() if isinstance(value, datetime) else value
            for name, value in found.items()
            if name != "Selector"
        }


def _parameter(request: Recorded, name: str) -> Key:
    return (wire.scope_of(request), name)
