# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Lambda refuses a role so many times after its creation, and no other."""

from __future__ import annotations

import pytest

from local_aws.strict.role_propagation import RolePropagation

from .sent import code_of, made, of_function, passed, request

REFUSED = (400, "InvalidParameterValueException")


def arn(name, path=""):
    return f"arn:aws:iam::123456789012:role/{path}{name}"


@pytest.mark.parametrize(
    "used",
    [
        request("lambda:CreateFunction", "/2015-03-31/functions", FunctionName="f", Role=arn("r")),
        of_function("UpdateFunctionConfiguration", "/configuration", Role=arn("r", "service/")),
    ],
)
def test_a_new_role_cannot_be_assumed_at_first(used):
    behaviour = made(RolePropagation)
    passed(behaviour, request("iam:CreateRole", RoleName="r"))
    assert [code_of(behaviour.before(used)) for _ in range(3)] == [REFUSED, REFUSED, None]


@pytest.mark.parametrize(
    "used",
    [
        of_function("UpdateFunctionConfiguration", "/configuration", Timeout=3),
        of_function("UpdateFunctionConfiguration", "/configuration", Role=arn("old")),
        of_function("UpdateFunctionCode", "/code", ZipFile=""),
    ],
)
def test_what_needs_no_new_role_passes(used):
    behaviour = made(RolePropagation)
    passed(behaviour, request("iam:CreateRole", RoleName="r"))
    assert behaviour.before(used) is None


@pytest.mark.parametrize(
    "after",
    [[], [request("iam:DeleteRole", RoleName="r")]],
)
def test_a_role_that_was_refused_or_deleted_is_not_late(after):
    behaviour = made(RolePropagation)
    passed(behaviour, request("iam:CreateRole", RoleName="r"), (200 if after else 409, {}, ""))
    for sent in after:
        passed(behaviour, sent)
    assert behaviour.before(of_function("UpdateFunctionConfiguration", "/configuration", Role=arn("r"))) is None
