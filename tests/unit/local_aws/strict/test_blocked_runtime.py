# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""No code for a blocked runtime; another runtime for the function instead."""

from __future__ import annotations

import pytest

from local_aws.strict.blocked_runtime import BlockedRuntime

from .sent import Emulator, Missing, code_of, made, of_function, request, value_of

REFUSED = (400, "InvalidParameterValueException")


@pytest.mark.parametrize(
    ("operation", "live", "parameters", "refused"),
    [
        ("CreateFunction", None, {"Runtime": "python3.8"}, True),
        ("CreateFunction", None, {"Runtime": "python3.13"}, False),
        ("UpdateFunctionCode", "python3.8", {"ZipFile": ""}, True),
        ("UpdateFunctionCode", "python3.13", {"ZipFile": ""}, False),
        ("UpdateFunctionCode", None, {"ZipFile": ""}, False),
        ("UpdateFunctionConfiguration", "python3.8", {"Runtime": "python3.13"}, False),
        ("UpdateFunctionConfiguration", "python3.8", {"Timeout": 3}, False),
        ("UpdateFunctionConfiguration", "python3.13", {"Runtime": "python3.8"}, True),
        ("PublishVersion", "python3.8", {}, False),
    ],
)
def test_what_is_refused(operation, live, parameters, refused):
    found = {"Runtime": live} if live else Missing("ResourceNotFoundException")
    behaviour = made(BlockedRuntime, Emulator(lambda__get_function_configuration=found))
    assert code_of(behaviour.before(of_function(operation, **parameters))) == (REFUSED if refused else None)


def test_which_are_blocked_can_be_said():
    behaviour = made(BlockedRuntime, blocked_runtimes=frozenset({"python3.13"}))
    sent = request("lambda:CreateFunction", "/2015-03-31/functions", FunctionName="f", Runtime="python3.13")
    assert value_of(behaviour.before(sent))["message"].startswith("The runtime parameter of python3.13 is no longer")
