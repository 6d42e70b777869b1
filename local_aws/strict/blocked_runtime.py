# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Lambda takes no code for a runtime that it has blocked; the function can still be given another runtime."""

from __future__ import annotations

from local_aws.recorder import Answer, Recorded
from local_aws.strict import wire
from local_aws.strict.behaviour import Behaviour

NAME = "blocked_runtime"
SOURCE = (
    "documented: Lambda Developer Guide, 'Runtime deprecation' (block function create, block function update)",
    "observed by others: aws-samples/amazon-ec2-gitlab-runner #7 (the words of the refusal)",
    "assumed: UpdateFunctionConfiguration is refused only where it names a blocked runtime",
)


class BlockedRuntime(Behaviour):
    def before(self, request: Recorded) -> Answer | None:
        if request.service != "lambda":
            return None
        runtime = str(request.parameters.get("Runtime", ""))
        if request.operation == "UpdateFunctionCode":
            runtime = self._runtime(request)
        elif request.operation not in ("CreateFunction", "UpdateFunctionConfiguration"):
            return None
        if runtime not in self.settings.blocked_runtimes:
            return None
        message = (
            f"The runtime parameter of {runtime} is no longer supported for creating or updating AWS Lambda functions. "
            "We recommend you use a supported runtime while creating or updating functions."
        )
        return wire.lambda_error(400, "InvalidParameterValueException", message)

    def _runtime(self, request: Recorded) -> str:
        name, _qualifier = wire.function_of(request)
        missing = "ResourceNotFoundException"
        found = self.aws.unless(missing, "lambda", request, "get_function_configuration", FunctionName=name)
        return str(found.get("Runtime", ""))
