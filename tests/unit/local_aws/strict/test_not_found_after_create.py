# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""So many requests do not find what was created; then it is there."""

from __future__ import annotations

import pytest

from local_aws.strict.not_found_after_create import NotFoundAfterCreate

from .sent import OK, code_of, made, of_function, passed, request

NOT_FOUND = (404, "ResourceNotFoundException")
NO_ENTITY = (404, "NoSuchEntity")
CREATE_FUNCTION = request("lambda:CreateFunction", "/2015-03-31/functions", FunctionName="f")
CREATE_ALIAS = of_function("CreateAlias", "/aliases", Name="live", FunctionVersion="1")
CREATE_ROLE = request("iam:CreateRole", RoleName="r")


def codes(behaviour, sent, count=4):
    return [code_of(behaviour.before(sent)) for _ in range(count)]


@pytest.mark.parametrize(
    ("created", "asked", "refusal"),
    [
        (CREATE_FUNCTION, of_function("GetFunction"), NOT_FOUND),
        (CREATE_FUNCTION, of_function("GetFunctionConfiguration", "/configuration"), NOT_FOUND),
        (CREATE_FUNCTION, of_function("GetFunctionConcurrency", "/concurrency"), NOT_FOUND),
        (CREATE_FUNCTION, of_function("AddPermission", "/policy"), NOT_FOUND),
        (CREATE_ALIAS, of_function("GetAlias", "/aliases/live"), NOT_FOUND),
        (CREATE_ALIAS, of_function("UpdateAlias", "/aliases/live", FunctionVersion="2"), NOT_FOUND),
        (CREATE_ALIAS, of_function("AddPermission", "/policy?Qualifier=live"), NOT_FOUND),
        (CREATE_ALIAS, of_function("GetFunctionConfiguration", "/configuration?Qualifier=live"), NOT_FOUND),
        (CREATE_ROLE, request("iam:PutRolePolicy", RoleName="r"), NO_ENTITY),
        (CREATE_ROLE, request("iam:AttachRolePolicy", RoleName="r"), NO_ENTITY),
    ],
)
def test_it_is_not_found_at_first(created, asked, refusal):
    behaviour = made(NotFoundAfterCreate)
    assert passed(behaviour, created) == OK
    assert codes(behaviour, asked) == [refusal, refusal, None, None]


@pytest.mark.parametrize(
    "asked",
    [
        of_function("PublishVersion", "/versions"),
        of_function("GetAlias", "/aliases/other"),
        request("lambda:GetFunction", "/2015-03-31/functions/other"),
        request("iam:PutRolePolicy", RoleName="other"),
        request("iam:GetRole", RoleName="r"),
    ],
)
def test_all_else_is_found(asked):
    behaviour = made(NotFoundAfterCreate)
    for created in (CREATE_FUNCTION, CREATE_ALIAS, CREATE_ROLE):
        passed(behaviour, created)
    assert behaviour.before(asked) is None


def test_what_was_not_created_is_not_late():
    behaviour = made(NotFoundAfterCreate)
    passed(behaviour, CREATE_FUNCTION, (409, {}, "{}"))
    assert behaviour.before(of_function("GetFunction")) is None


@pytest.mark.parametrize(
    ("created", "deleted", "asked"),
    [
        (CREATE_FUNCTION, of_function("DeleteFunction"), of_function("GetFunction")),
        (CREATE_ALIAS, of_function("DeleteAlias", "/aliases/live"), of_function("GetAlias", "/aliases/live")),
        (CREATE_ALIAS, of_function("DeleteFunction"), of_function("GetAlias", "/aliases/live")),
        (CREATE_ROLE, request("iam:DeleteRole", RoleName="r"), request("iam:PutRolePolicy", RoleName="r")),
    ],
)
def test_the_emulator_answers_of_what_was_deleted(created, deleted, asked):
    behaviour = made(NotFoundAfterCreate)
    passed(behaviour, created)
    passed(behaviour, deleted, (204, {}, ""))
    assert behaviour.before(asked) is None


def test_the_pace_is_how_many():
    behaviour = made(NotFoundAfterCreate, pace=1)
    passed(behaviour, CREATE_ROLE)
    assert codes(behaviour, request("iam:PutRolePolicy", RoleName="r"), 2) == [NO_ENTITY, None]
