# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A role that was just created cannot be assumed by Lambda for some seconds."""

from __future__ import annotations

from local_aws.recorder import Answer, Recorded
from local_aws.strict import wire
from local_aws.strict.behaviour import Behaviour, Settings, Upstream
from local_aws.strict.countdown import Countdown

NAME = "role_propagation"
SOURCE = (
    "documented: IAM User Guide, 'Changes that I make are not always immediately visible'",
    "observed by others: hashicorp/terraform-provider-awscc #221 (CreateFunction; about 10 seconds)",
    "assumed: the same of UpdateFunctionConfiguration with a new role",
)

REFUSED = ("CreateFunction", "UpdateFunctionConfiguration")


class RolePropagation(Behaviour):
    def __init__(self, aws: Upstream, settings: Settings) -> None:
        super().__init__(aws, settings)
        self._late = Countdown()

    def before(self, request: Recorded) -> Answer | None:
        if request.service != "lambda" or request.operation not in REFUSED:
            return None
        account, _region = wire.scope_of(request)
        name = str(request.parameters.get("Role", "")).rpartition("/")[2]
        if self._late.meets((account, name)):
            message = "The role defined for the function cannot be assumed by Lambda."
            return wire.lambda_error(400, "InvalidParameterValueException", message)
        return None

    def after(self, request: Recorded, answer: Answer) -> Answer:
        if request.service == "iam" and wire.is_success(answer):
            account, _region = wire.scope_of(request)
            if request.operation == "CreateRole":
                self._late.start((account, request.parameters["RoleName"]), self.settings.pace)
            if request.operation == "DeleteRole":
                self._late.forget((account, request.parameters["RoleName"]))
        return answer
