# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The version before a new one is read for so many requests, and nothing before the first."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from local_aws.strict.parameter_versions_late import ParameterVersionsLate

from .sent import Emulator, answer, code_of, made, passed, request, value_of

MADE = datetime(2026, 2, 22, tzinfo=UTC)


def parameter(version, **more):
    return {"Name": "/n", "Value": f"value {version}", "Version": version, **more}


def get_parameter(Name, WithDecryption):
    return {"Parameter": parameter(int(Name.partition(":")[2]), LastModifiedDate=MADE, Selector=":x")}


def put(*versions, **settings):
    behaviour = made(ParameterVersionsLate, Emulator(ssm__get_parameter=get_parameter), **settings)
    for version in versions:
        passed(behaviour, request("ssm:PutParameter", Name="/n"), answer({"Version": version}))
    return behaviour


def got(behaviour, version=2, **more):
    return passed(behaviour, request("ssm:GetParameter", Name="/n"), answer({"Parameter": parameter(version, **more)}))


def test_the_version_before_is_read_for_a_while():
    behaviour = put(2)
    found = [value_of(got(behaviour))["Parameter"] for _ in range(3)]
    assert [one["Value"] for one in found] == ["value 1", "value 1", "value 2"]
    assert found[0] == {**parameter(1), "LastModifiedDate": MADE.timestamp()}


def test_a_new_parameter_is_not_found_for_a_while():
    behaviour = put(1)
    assert [code_of(got(behaviour, 1)) for _ in range(2)] == [(400, "ParameterNotFound")] * 2
    assert value_of(got(behaviour, 1))["Parameter"] == parameter(1)


def test_a_late_version_is_not_found_by_its_number_either():
    assert code_of(got(put(2), Selector=":2")) == (400, "ParameterVersionNotFound")
    came = got(put(2), 1, Selector=":1")
    assert value_of(came)["Parameter"]["Version"] == 1


def test_each_of_several_versions_has_its_own_time():
    behaviour = put(2, pace=2)
    got(behaviour)
    passed(behaviour, request("ssm:PutParameter", Name="/n"), answer({"Version": 3}))
    found = [value_of(got(behaviour, 3))["Parameter"]["Version"] for _ in range(3)]
    assert found == [1, 2, 3]


def test_of_several_parameters_the_late_ones_are_of_before_or_invalid():
    behaviour = put(2)
    passed(behaviour, request("ssm:PutParameter", Name="/new"), answer({"Version": 1}))
    other = {"Name": "/other", "Version": 4, "Value": "o"}
    came = {"Parameters": [parameter(2), {"Name": "/new", "Version": 1}, other], "InvalidParameters": ["/none"]}
    found = value_of(passed(behaviour, request("ssm:GetParameters", Names=[]), answer(came)))
    assert [(one["Name"], one["Version"]) for one in found["Parameters"]] == [("/n", 1), ("/other", 4)]
    assert found["InvalidParameters"] == ["/none", "/new"]


def test_a_description_names_the_version_before_and_leaves_out_what_is_new():
    behaviour = put(2)
    passed(behaviour, request("ssm:PutParameter", Name="/new"), answer({"Version": 1}))
    came = {"Parameters": [{"Name": "/n", "Version": 2}, {"Name": "/new", "Version": 1}]}
    found = value_of(passed(behaviour, request("ssm:DescribeParameters"), answer(came)))
    assert found == {"Parameters": [{"Name": "/n", "Version": 1}]}


@pytest.mark.parametrize(
    ("late", "shown"),
    [([3], [[1, 2], [1, 2], [1, 2, 3]]), ([2, 3], [[1], [1], [1, 2, 3]]), ([], [[1, 2, 3]] * 3)],
)
def test_a_history_ends_before_what_is_late(late, shown):
    behaviour = put(*late)
    came = answer({"Parameters": [parameter(version) for version in (1, 2, 3)]})
    sent = request("ssm:GetParameterHistory", Name="/n")
    found = [value_of(passed(behaviour, sent, came))["Parameters"] for _ in range(3)]
    assert [[one["Version"] for one in history] for history in found] == shown


def test_the_history_of_a_new_parameter_is_not_found():
    sent = request("ssm:GetParameterHistory", Name="/n")
    found = passed(put(1), sent, answer({"Parameters": [parameter(1)]}))
    assert code_of(found) == (400, "ParameterNotFound")
    empty = answer({"Parameters": []})
    assert passed(put(1), sent, empty) is empty


@pytest.mark.parametrize(
    "deleted", [request("ssm:DeleteParameter", Name="/n"), request("ssm:DeleteParameters", Names=["/n"])]
)
def test_a_deleted_parameter_is_not_late(deleted):
    behaviour = put(1)
    passed(behaviour, deleted)
    assert value_of(got(behaviour, 1))["Parameter"] == parameter(1)
