# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What was created a moment ago is not found by the first requests that ask for it."""

from __future__ import annotations

from local_aws.recorder import Answer, Recorded
from local_aws.strict import wire
from local_aws.strict.behaviour import Behaviour, Settings, Upstream
from local_aws.strict.countdown import Countdown, Key

NAME = "not_found_after_create"
SOURCE = (
    "documented: IAM User Guide, 'Changes that I make are not always immediately visible'",
    "observed by others: hashicorp/terraform-provider-aws #25440 (GetFunction after CreateFunction)",
    "observed by others: hashicorp/terraform-provider-aws #7214 (AddPermission after CreateFunction)",
    "assumed: the same of an alias, and of the inline policy of a new role",
)

ROLE_WRITES = ("PutRolePolicy", "AttachRolePolicy")


class NotFoundAfterCreate(Behaviour):
    def __init__(self, aws: Upstream, settings: Settings) -> None:
        super().__init__(aws, settings)
        self._late = Countdown()

    def before(self, request: Recorded) -> Answer | None:
        if request.service == "iam" and request.operation in ROLE_WRITES:
            name = request.parameters["RoleName"]
            if self._late.meets(_role(request)):
                message = f"The role with name {name} cannot be found."
                return wire.query_error("iam", 404, "NoSuchEntity", message)
        return self._function(request) if request.service == "lambda" else None

    def _function(self, request: Recorded) -> Answer | None:
        name, qualifier = _alias_of(request)
        if request.operation.startswith("GetFunction") or request.operation == "AddPermission":
            if self._late.meets(_function(request, name)):
                arn = wire.function_arn(request, name)
                return wire.lambda_error(404, "ResourceNotFoundException", f"Function not found: {arn}")
        elif request.operation not in ("GetAlias", "UpdateAlias"):
            return None
        if self._late.meets((*_function(request, name), qualifier)):
            arn = wire.function_arn(request, name, qualifier)
            return wire.lambda_error(404, "ResourceNotFoundException", f"Cannot find alias arn: {arn}")
        return None

    def after(self, request: Recorded, answer: Answer) -> Answer:
        if not wire.is_success(answer):
            return answer
        if request.service == "iam" and "RoleName" in request.parameters:
            self._noted(request, "Role", _role(request))
        if request.service == "lambda":
            name, alias = _alias_of(request)
            self._noted(request, "Function", _function(request, name))
            self._noted(request, "Alias", (*_function(request, name), alias))
        return answer

    def _noted(self, request: Recorded, kind: str, key: Key) -> None:
        if request.operation == f"Create{kind}":
            self._late.start(key, self.settings.pace)
        elif request.operation == f"Delete{kind}":
            self._late.forget(key)


def _role(request: Recorded) -> Key:
    account, _region = wire.scope_of(request)
    return (account, "role", request.parameters["RoleName"])


def _function(request: Recorded, name: str) -> Key:
    return (wire.scope_of(request), "function", name)


def _alias_of(request: Recorded) -> tuple[str, str]:
    """The function, and the alias that the path, the body or the query names."""
    name, qualifier = wire.function_of(request)
    _, _, in_path = request.path.partition("?")[0].partition("/aliases/")
    return name, in_path or request.parameters.get("Name") or qualifier
