# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Of more than 100 versions the newest are kept, and a label keeps the oldest of them from going."""

from __future__ import annotations

import pytest

from local_aws.strict.parameter_limit import ParameterLimit

from .sent import Emulator, Missing, answer, code_of, made, passed, request, value_of


def holding(newest, labelled=None):
    def history(Name):
        every = range(1, newest + 1)
        return {"Parameters": [{"Version": one, "Labels": ["kept"] if one == labelled else []} for one in every]}

    found = {"Parameter": {"Version": newest}} if newest else Missing("ParameterNotFound")
    return made(ParameterLimit, Emulator(ssm__get_parameter=found, ssm__get_parameter_history=history))


@pytest.mark.parametrize(("newest", "kept"), [(3, [1, 2, 3]), (100, [1, 2, 3]), (102, [3]), (500, [])])
def test_a_history_holds_the_newest(newest, kept):
    came = answer({"Parameters": [{"Version": version} for version in (1, 2, 3)]})
    found = value_of(passed(holding(newest), request("ssm:GetParameterHistory", Name="/n"), came))
    assert [one["Version"] for one in found["Parameters"]] == kept


@pytest.mark.parametrize(
    ("name", "refused"), [("/n:2", True), ("/n:3", False), ("/n:102", False), ("/n", False), ("/n:label", False)]
)
def test_an_older_version_is_not_found(name, refused):
    found = holding(102).before(request("ssm:GetParameter", Name=name))
    assert code_of(found) == ((400, "ParameterVersionNotFound") if refused else None)


@pytest.mark.parametrize(
    ("newest", "labelled", "refused"),
    [(0, None, False), (99, 1, False), (100, 1, True), (100, 2, False), (150, 51, True), (150, None, False)],
)
def test_a_label_keeps_the_oldest(newest, labelled, refused):
    found = holding(newest, labelled).before(request("ssm:PutParameter", Name="/n"))
    assert code_of(found) == ((400, "ParameterMaxVersionLimitExceeded") if refused else None)
