# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Only a reserved concurrency of 0 refuses, and only invocations."""

from __future__ import annotations

import pytest

from local_aws.strict.reserved_concurrency_zero import ReservedConcurrencyZero

from .sent import Emulator, Missing, code_of, made, of_function, value_of

INVOKE = of_function("Invoke", "/invocations?Qualifier=live")


@pytest.mark.parametrize(
    ("found", "refused"),
    [
        ({"ReservedConcurrentExecutions": 0}, True),
        ({"ReservedConcurrentExecutions": 1}, False),
        ({}, False),
        (Missing("ResourceNotFoundException"), False),
    ],
)
def test_what_is_refused(found, refused):
    behaviour = made(ReservedConcurrencyZero, Emulator(lambda__get_function_concurrency=found))
    answer = behaviour.before(INVOKE)
    assert code_of(answer) == ((429, "TooManyRequestsException") if refused else None)
    if refused:
        assert value_of(answer)["Reason"] == "ReservedFunctionConcurrentInvocationLimitExceeded"
    assert behaviour.before(of_function("GetFunction")) is None
