# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""States settle after so many requests, what is busy refuses, and the revision changes once more."""

from __future__ import annotations

import pytest

from local_aws.strict.function_states import FunctionStates

from .sent import FUNCTION_ARN, Emulator, Missing, answer, code_of, made, of_function, passed, request, value_of

CONFLICT = (409, "ResourceConflictException")
# The emulator's own clock is not asked.
LIVE = {"FunctionArn": FUNCTION_ARN, "Version": "$LATEST", "RevisionId": "r1", "State": "Pending", "Timeout": 3}
CREATE = request("lambda:CreateFunction", "/2015-03-31/functions", FunctionName="f")
UPDATE = of_function("UpdateFunctionConfiguration", "/configuration", Timeout=3)
READ = of_function("GetFunctionConfiguration", "/configuration")
PUBLISH = of_function("PublishVersion", "/versions")


def version(number, **more):
    return {**LIVE, "Version": number, "RevisionId": f"v{number}", **more}


def over(*versions, **answers):
    listed = {"Versions": [LIVE, *versions]}
    return Emulator(lambda__list_versions_by_function=listed, **answers)


def states(found):
    value = value_of(found)
    value = value.get("Configuration", value)
    return value["State"], value.get("LastUpdateStatus"), value["RevisionId"] == LIVE["RevisionId"]


def settled(behaviour):
    for _ in range(3):
        passed(behaviour, READ, answer(LIVE))


@pytest.mark.parametrize(
    ("sent", "busy"),
    [
        (CREATE, ("Pending", "Successful", False)),
        (UPDATE, ("Active", "InProgress", False)),
        (of_function("UpdateFunctionCode", "/code"), ("Active", "InProgress", False)),
    ],
)
def test_it_settles_and_has_another_revision_then(sent, busy):
    behaviour = made(FunctionStates)
    assert states(passed(behaviour, sent, answer(LIVE))) == busy
    found = [states(passed(behaviour, READ, answer(LIVE))) for _ in range(4)]
    assert found == [busy, busy, *[("Active", "Successful", True)] * 2]


def test_the_revision_of_an_update_stays_while_it_goes_on():
    behaviour = made(FunctionStates)
    passed(behaviour, UPDATE, answer(LIVE))
    revisions = [value_of(passed(behaviour, READ, answer(LIVE)))["RevisionId"] for _ in range(3)]
    assert revisions[0] == revisions[1] != revisions[2] == "r1"


@pytest.mark.parametrize(
    ("sent", "came"),
    [
        (of_function("GetFunction"), {"Configuration": LIVE, "Code": {}}),
        (of_function("ListVersionsByFunction", "/versions"), {"Versions": [LIVE, version("1")]}),
    ],
)
def test_wherever_it_is_read(sent, came):
    behaviour = made(FunctionStates)
    passed(behaviour, UPDATE, answer(LIVE))
    found = value_of(passed(behaviour, sent, answer(came)))
    shown = found["Configuration"] if "Configuration" in found else found["Versions"][0]
    assert shown["LastUpdateStatus"] == "InProgress"
    assert "Versions" not in found or found["Versions"][1] == version("1")


@pytest.mark.parametrize("sent", [UPDATE, of_function("UpdateFunctionCode", "/code"), PUBLISH])
@pytest.mark.parametrize(
    ("before", "words"), [(CREATE, "following state: Pending"), (UPDATE, f"in progress for resource: {FUNCTION_ARN}")]
)
def test_what_is_busy_refuses_to_be_changed(before, words, sent):
    behaviour = made(FunctionStates, over())
    passed(behaviour, before, answer(LIVE))
    refusals = [behaviour.before(sent) for _ in range(3)]
    assert [code_of(refusal) for refusal in refusals] == [CONFLICT, CONFLICT, None]
    assert words in value_of(refusals[0])["message"]


@pytest.mark.parametrize(("before", "refused"), [(CREATE, True), (UPDATE, False)])
def test_an_update_can_be_invoked_meanwhile_and_a_creation_cannot(before, refused):
    behaviour = made(FunctionStates)
    passed(behaviour, before, answer(LIVE))
    invoked = behaviour.before(of_function("Invoke", "/invocations"))
    assert code_of(invoked) == (CONFLICT if refused else None)


@pytest.mark.parametrize(
    ("known", "published", "state"),
    [([], "1", "Pending"), ([version("1")], "2", "Pending"), ([version("1", State="Active")], "1", "Active")],
)
def test_a_new_version_is_pending_and_one_of_before_is_not(known, published, state):
    behaviour = made(FunctionStates, over(*known))
    came = answer(version(published, State="Active"))
    assert value_of(passed(behaviour, PUBLISH, came))["State"] == state


@pytest.mark.parametrize(
    "sent",
    [
        of_function("Invoke", "/invocations?Qualifier=1"),
        of_function("Invoke", "/invocations?Qualifier=live"),
        of_function("CreateAlias", "/aliases", Name="live", FunctionVersion="1"),
        of_function("UpdateAlias", "/aliases/live", FunctionVersion="1"),
    ],
)
def test_a_version_is_not_used_while_it_is_pending(sent):
    behaviour = made(FunctionStates, over(lambda__get_alias={"FunctionVersion": "1"}))
    passed(behaviour, PUBLISH, answer(version("1")))
    assert [code_of(behaviour.before(sent)) for _ in range(3)] == [CONFLICT, CONFLICT, None]


def test_the_state_of_a_version_is_its_own():
    behaviour = made(FunctionStates, over())
    passed(behaviour, PUBLISH, answer(version("1")))
    read = of_function("GetFunctionConfiguration", "/configuration?Qualifier=1")
    found = [value_of(passed(behaviour, read, answer(version("1"))))["State"] for _ in range(3)]
    assert found == ["Pending", "Pending", "Active"]
    assert value_of(passed(behaviour, READ, answer(LIVE))) == LIVE


@pytest.mark.parametrize(("revision", "refused"), [("r1", False), ("of before", True), (None, False)])
def test_a_version_is_published_of_the_revision_that_was_read(revision, refused):
    given = {"RevisionId": revision} if revision else {}
    found = made(FunctionStates, over()).before(of_function("PublishVersion", "/versions", **given))
    assert code_of(found) == ((412, "PreconditionFailedException") if refused else None)


def test_an_update_that_publishes_makes_a_version_that_is_pending():
    behaviour = made(FunctionStates)
    found = passed(behaviour, of_function("UpdateFunctionCode", "/code", Publish=True), answer(version("1")))
    assert value_of(found)["State"] == "Pending"


def test_what_the_layer_has_not_seen_made_is_left_as_it_is():
    behaviour = made(FunctionStates, Emulator(lambda__list_versions_by_function=Missing("ResourceNotFoundException")))
    came = answer(LIVE)
    assert passed(behaviour, READ, came) is came
    assert behaviour.before(PUBLISH) is None
    refusal = (404, {}, "{}")
    assert passed(behaviour, UPDATE, refusal) is refusal


def test_a_deleted_function_has_no_state():
    behaviour = made(FunctionStates, over())
    passed(behaviour, CREATE, answer(LIVE))
    passed(behaviour, of_function("DeleteFunction"), (204, {}, ""))
    assert behaviour.before(UPDATE) is None
    came = answer(LIVE)
    assert passed(behaviour, READ, came) is came


def test_after_it_has_settled_it_can_be_changed_again():
    behaviour = made(FunctionStates, over())
    passed(behaviour, CREATE, answer(LIVE))
    settled(behaviour)
    assert behaviour.before(PUBLISH) is None
    assert states(passed(behaviour, UPDATE, answer(LIVE))) == ("Active", "InProgress", False)
