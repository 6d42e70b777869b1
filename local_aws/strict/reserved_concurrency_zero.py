# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A function whose reserved concurrency is 0 refuses every invocation, for as long as it is 0."""

from __future__ import annotations

from local_aws.recorder import Answer, Recorded
from local_aws.strict import wire
from local_aws.strict.behaviour import Behaviour

NAME = "reserved_concurrency_zero"
SOURCE = (
    "documented: API_Invoke (TooManyRequestsException, Reason ReservedFunctionConcurrentInvocationLimitExceeded)",
    "documented: Lambda Developer Guide, 'Configuring reserved concurrency' (0 throttles all)",
    "observed by others: alexcasalboni/aws-lambda-power-tuning #133 (the words of the message)",
)


class ReservedConcurrencyZero(Behaviour):
    def before(self, request: Recorded) -> Answer | None:
        if (request.service, request.operation) != ("lambda", "Invoke"):
            return None
        name, _qualifier = wire.function_of(request)
        missing = "ResourceNotFoundException"
        found = self.aws.unless(missing, "lambda", request, "get_function_concurrency", FunctionName=name)
        if found.get("ReservedConcurrentExecutions") != 0:
            return None
        reason = "ReservedFunctionConcurrentInvocationLimitExceeded"
        return wire.lambda_error(429, "TooManyRequestsException", "Rate Exceeded.", Reason=reason)
