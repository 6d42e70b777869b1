# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is written is read back as it was; the baseline is never overwritten; what does not fit is refused up front."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import Failure
from ansible_collections.academy.video_scaling.plugins.module_utils.place import Stamp
from ansible_collections.academy.video_scaling.plugins.module_utils.resources import snapshot
from ansible_collections.academy.video_scaling.plugins.module_utils.resources.snapshot import History, Record, Snapshot
from ansible_collections.academy.video_scaling.plugins.module_utils.resources.snapshot_rules import (
    CHANGE,
    ROLLBACK,
)
from ansible_collections.academy.video_scaling.plugins.module_utils.resources.trigger import Trigger
from ansible_collections.academy.video_scaling.tests.unit.examples import FUNCTION, GROUP, POLICY, STAMP
from ansible_collections.academy.video_scaling.tests.unit.fake_aws import FakeAws, Parameters, refusal, require_valid
from ansible_collections.academy.video_scaling.tests.unit.tag_cases import TAGS, as_list
from hypothesis import given as generated
from hypothesis import strategies as st

KEY = (GROUP, POLICY)
NAME = f"/video_scaling/{GROUP}/{POLICY}"
RAW = {
    "PolicyName": POLICY,
    "PolicyType": "TargetTrackingScaling",
    "TargetTrackingConfiguration": {
        "PredefinedMetricSpecification": {"PredefinedMetricType": "ASGAverageCPUUtilization"},
        "TargetValue": 1.0,
    },
}


STEPS = {"PolicyName": "step-out", "PolicyType": "StepScaling", "StepAdjustments": [{"ScalingAdjustment": 1}]}


def taken(kind=CHANGE, policies=None, version="4", stamp=STAMP, **changes):
    policies = {POLICY: RAW} if policies is None else policies
    whole = {
        "group_name": GROUP,
        "policy_name": POLICY,
        "policies": policies,
        "intent": dict.fromkeys(policies),
        "record": Record(stamp, FUNCTION, kind, live_version="5", function_version=version),
    }
    return Snapshot(**whole | changes)


ALIASES = {"lambda.list_aliases": [{"Name": "live", "FunctionVersion": "4"}]}


def store(*kinds, baseline=None):
    """An account that keeps a snapshot of each kind, the oldest first."""
    parameters = Parameters()
    for number, kind in enumerate(kinds, start=1):
        (request,) = snapshot.to_requests(
            taken(kind, policies={POLICY: {**RAW, "number": number}}), with_version=True, with_baseline=False
        )
        parameters.put(request.params)
    if baseline:
        (request,) = snapshot.to_requests(baseline, with_version=False, with_baseline=True)
        parameters.put(request.params)
    return FakeAws({**parameters.answers(), **ALIASES})


def empty():
    return FakeAws({**Parameters().answers(), **ALIASES})


# --- names ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("group_name", "policy_name", "pattern"),
    [
        (GROUP, POLICY, re.escape(NAME)),
        ("a.b_c-D9", "p", r"/video_scaling/a\.b_c-D9/p"),
        ("my workers", "p", r"/video_scaling/my-workers\.[0-9a-f]{12}/p"),
        ("team/workers", "p", r"/video_scaling/team-workers\.[0-9a-f]{12}/p"),
        ("workers", "스케일", r"/video_scaling/workers/---\.[0-9a-f]{12}"),
        ("workers", "baseline", r"/video_scaling/workers/baseline\.[0-9a-f]{12}"),
        ("baseline", "p", r"/video_scaling/baseline\.[0-9a-f]{12}/p"),
    ],
    ids=["the seed pool's", "all it takes", "blank", "slash", "other letters", "policy baseline", "group baseline"],
)
def test_a_name_is_one_that_a_parameter_takes(group_name, policy_name, pattern):
    assert re.fullmatch(pattern, snapshot.parameter_name(group_name, policy_name))


@pytest.mark.parametrize(
    ("one", "another"),
    [
        (("a b", "p"), ("a-b", "p")),
        (("a b", "p"), ("a/b", "p")),
        (("a/b", "c"), ("a", "b/c")),
        (("a", "p"), ("A", "p")),
        (("g", "p/baseline"), ("g", "p")),
    ],
    ids=str,
)
def test_no_two_pools_share_a_parameter(one, another):
    names = [snapshot.parameter_name(*key) for key in (one, another)]
    assert len({*names, *(f"{name}/{snapshot.BASELINE}" for name in names)}) == 4


@generated(st.text(min_size=1, max_size=255), st.text(min_size=1, max_size=255))
def test_any_name_becomes_one_that_a_parameter_takes(group_name, policy_name):
    name = snapshot.parameter_name(group_name, policy_name)
    assert re.fullmatch(r"/video_scaling/[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+", name)
    assert not name.endswith(f"/{snapshot.BASELINE}")
    assert len(name) < 1011


# --- values -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "one",
    [
        taken(),
        taken(ROLLBACK),
        taken(policies={POLICY: None}),
        taken(policies={POLICY: RAW, "step-out": STEPS, "gone": None}),
        taken(policies={POLICY: RAW, "step-out": STEPS}, triggers={"step-out": (Trigger("jobs", ("AlarmActions",)),)}),
        taken(intent={POLICY: "0123456789abcdef"}),
        taken(version=None),
        taken(record=Record(STAMP, FUNCTION)),
        taken(group_name="일꾼", policies={POLICY: {**RAW, "Label": "깊이"}}),
        taken(stamp=Stamp("2026-01-01T00:00:00+00:00", "arn:aws:iam::1:root", "1.2.3")),
    ],
    ids=[
        "change",
        "rollback",
        "none there",
        "several",
        "triggers",
        "intent",
        "no version",
        "no publisher",
        "letters",
        "stamp",
    ],
)
def test_what_is_written_is_read_back_as_it_was(one):
    found = snapshot.from_value(snapshot.to_value(one), 7)
    assert found == one
    assert (found.id, found.record.live_version) == (7, one.record.live_version)


def test_a_value_says_its_schema_who_when_and_of_what():
    assert json.loads(snapshot.to_value(taken())) == {
        "schema": 1,
        "at": STAMP.at,
        "by": STAMP.caller_arn,
        "collection": STAMP.collection_version,
        "kind": "change",
        "group": GROUP,
        "policy": POLICY,
        "policies": {POLICY: RAW},
        "intent": {POLICY: None},
        "function": {"name": FUNCTION, "version": "4", "live": "5"},
    }


def changed(**changes):
    document = {**json.loads(snapshot.to_value(taken())), **changes}
    return json.dumps({name: value for name, value in document.items() if value is not ...})


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("", "it is no snapshot"),
        ("{", "it is no snapshot"),
        ("[]", "it is no snapshot"),
        ("null", "it is no snapshot"),
        ('"text"', "it is no snapshot"),
        ("{}", "it is no snapshot .*schema"),
        (changed(schema=2), "it has schema 2; this collection reads 1, so use a newer one"),
        (changed(schema=0), "it has schema 0"),
        (changed(policies=...), "it is no snapshot .*policies"),
        (changed(function=None), "it is no snapshot"),
        (changed(intent=...), "it is no snapshot .*intent"),
        (changed(function={"name": FUNCTION, "version": "4"}), "it is no snapshot .*live"),
    ],
    ids=[
        "empty",
        "cut",
        "list",
        "null",
        "text",
        "object",
        "newer",
        "older",
        "no policies",
        "no function",
        "no intent",
        "no live version",
    ],
)
def test_what_is_no_snapshot_is_not_taken_for_one(value, reason):
    with pytest.raises(Failure, match=reason):
        snapshot.from_value(value, 1)


# --- keeping ----------------------------------------------------------------------------------------------------


def of_size(size):
    """A snapshot whose value has so many bytes."""
    filled = taken(policies={POLICY: {"x": ""}})
    one = taken(policies={POLICY: {"x": "x" * (size - len(snapshot.to_value(filled)))}})
    assert len(snapshot.to_value(one).encode()) == size
    return one


@pytest.mark.parametrize(
    ("size", "tier"),
    [(1000, "Standard"), (4096, "Standard"), (4097, "Advanced"), (8192, "Advanced")],
)
def test_the_tier_is_chosen_by_size(size, tier):
    requests = snapshot.to_requests(of_size(size), with_version=True, with_baseline=True)
    assert [request.params["Tier"] for request in requests] == [tier, tier]


def test_what_does_not_fit_is_refused_with_its_policies_and_the_way_out():
    with pytest.raises(Failure) as refused:
        snapshot.to_requests(of_size(8193), with_version=True, with_baseline=True)
    for part in (f"group {GROUP}: ", f"({POLICY})", "8193 bytes", "8192", "nothing is changed", "exclusive to false"):
        assert part in str(refused.value)


@pytest.mark.parametrize(
    ("with_version", "with_baseline", "written"),
    [
        (True, True, [(f"{NAME}/baseline", False), (NAME, True)]),
        (True, False, [(NAME, True)]),
        (False, True, [(f"{NAME}/baseline", False)]),
        (False, False, []),
    ],
    ids=["the first", "a later one", "the baseline of a run that was stopped", "nothing"],
)
def test_the_baseline_goes_first_and_is_never_overwritten(with_version, with_baseline, written):
    requests = snapshot.to_requests(taken(), with_version, with_baseline)
    for request in requests:
        require_valid(request.service, request.operation, request.params)
        assert (request.params["Type"], request.params["Value"]) == ("String", snapshot.to_value(taken()))
    assert [(request.params["Name"], request.params["Overwrite"]) for request in requests] == written


@pytest.mark.parametrize(
    ("tags", "exists", "written"),
    [
        ({}, False, [(False, None), (True, None)]),
        ({}, True, [(False, None), (True, None)]),
        (TAGS, False, [(False, as_list(TAGS)), (False, as_list(TAGS))]),
        (TAGS, True, [(False, as_list(TAGS)), (True, None)]),
    ],
    ids=["no tags, new", "no tags, a later one", "tags, new", "tags, a later one"],
)
def test_a_parameter_is_made_with_its_tags_and_a_put_over_it_has_none(tags, exists, written):
    tagged = taken(record=Record(STAMP, FUNCTION, tags=tags))
    requests = snapshot.to_requests(tagged, with_version=True, with_baseline=True, exists=exists)
    for request in requests:
        require_valid(request.service, request.operation, request.params)
    assert [(request.params["Overwrite"], request.params.get("Tags")) for request in requests] == written
    assert snapshot.to_value(tagged) == snapshot.to_value(taken(record=Record(STAMP, FUNCTION)))


# --- finding ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("aws", "history"),
    [
        (empty(), (None, False)),
        (store("change"), (1, False)),
        (store("change", "rollback", "change", baseline=taken()), (3, True)),
        (store(baseline=taken()), (None, True)),
    ],
    ids=["nothing", "one", "several", "only the baseline"],
)
def test_the_history_of_a_pool(aws, history):
    found = snapshot.find(aws, {KEY: FUNCTION})[KEY]
    assert (found.newest and found.newest.id, found.has_baseline) == history
    assert found.live_version == "4"


def test_many_pools_are_one_read_each_and_one_of_their_function():
    aws = store("change")
    keys = {(f"workers-{n}", POLICY): FUNCTION for n in range(30)}
    found = snapshot.find(aws, {**keys, KEY: FUNCTION})
    asked = [operation for operation, _params in aws.asked]
    assert (asked.count("ssm.get_parameters"), asked.count("lambda.list_aliases")) == (31, 1)
    # The tier is that of a parameter, so where there is none it is not asked for.
    assert asked.count("ssm.describe_parameters") == 1
    assert all(found[key] == History(live_version="4") for key in keys)
    assert found[KEY].newest.id == 1


@pytest.mark.parametrize(
    ("answer", "live", "previous"),
    [
        ([], None, None),
        (refusal("ResourceNotFoundException"), None, None),
        ([{"Name": "live", "FunctionVersion": "12"}], "12", None),
        ([{"Name": name, "FunctionVersion": at} for name, at in (("previous", "9"), ("live", "12"))], "12", "9"),
        ([{"Name": "live", "FunctionVersion": "$LATEST"}, {"Name": "previous", "FunctionVersion": "1"}], None, "1"),
        ([{"Name": "somebody's", "FunctionVersion": "2"}], None, None),
    ],
    ids=["no alias", "no function", "live", "live and previous", "live is what lies there", "another's"],
)
def test_the_versions_of_the_publisher(answer, live, previous):
    aws = empty()
    aws.answers["lambda.list_aliases"] = answer
    assert snapshot.find(aws, {KEY: FUNCTION}) == {KEY: History(live_version=live, previous_version=previous)}


@pytest.mark.parametrize(
    ("afters", "newest"),
    [
        ([None, None], 2),
        ([0, 1, 2], 3),
        ([0, 0], 1),
        ([0, 0, 0, 0], 1),
        ([0, 1, 1], 2),
        ([0, 0, 1], 3),
        ([0, 0, 2], 3),
        ([0, 1, 0], 2),
        ([None, 0], 1),
        ([0, "unreadable", 0], 1),
        (["unreadable", 0], 2),
        ([0, "not shown yet", 1], None),
        (["not shown yet", 0], None),
        (["not shown yet", 1], 2),
        ([7, 7], 1),
    ],
    ids=repr,
)
def test_of_snapshots_planned_from_the_same_version_the_first_counts(afters, newest):
    """Each of ``afters`` is the version that the snapshot's change was planned from."""
    parameters = Parameters()
    for after in afters:
        one = taken(**({} if isinstance(after, str) else {"after": after}))
        (request,) = snapshot.to_requests(one, with_version=True, with_baseline=False)
        parameters.put({**request.params, **({"Value": "x"} if after == "unreadable" else {})})
    answers = parameters.answers()
    hidden = {number for number, after in enumerate(afters, start=1) if after == "not shown yet"}
    every = answers["ssm.get_parameter_history"]
    answers["ssm.get_parameter_history"] = lambda params: [one for one in every(params) if one["Version"] not in hidden]
    found = snapshot.find(FakeAws({**answers, **ALIASES}), {KEY: FUNCTION})[KEY]
    assert (found.newest and found.newest.id, found.version) == (newest, len(afters))


@pytest.mark.parametrize(
    ("afters", "kinds", "chosen"),
    [
        ([0, 1, 2], [CHANGE] * 3, 3),
        ([0, 0], [CHANGE] * 2, 1),
        ([0, 1, 1], [CHANGE] * 3, 2),
        ([0, 1, 2], [CHANGE, CHANGE, ROLLBACK], 2),
        ([0, 0, 2], [CHANGE, CHANGE, ROLLBACK], 1),
    ],
    ids=repr,
)
def test_nobody_goes_back_to_the_snapshot_of_a_change_that_was_never_made(afters, kinds, chosen):
    parameters = Parameters()
    for after, kind in zip(afters, kinds, strict=True):
        (request,) = snapshot.to_requests(taken(kind, after=after), with_version=True, with_baseline=False)
        parameters.put(request.params)
    assert snapshot.chosen(FakeAws(parameters.answers()), KEY, None).id == chosen


UNKNOWN = object()


@pytest.mark.parametrize(
    ("recorded", "live", "previous", "is_served", "before"),
    [
        pytest.param(UNKNOWN, None, None, True, None, id="no publisher"),
        pytest.param(UNKNOWN, "1", None, True, "1", id="the first deployment"),
        pytest.param(UNKNOWN, "2", "1", True, "1", id="the first change, deployed over a version"),
        pytest.param(UNKNOWN, "2", "1", False, "2", id="the first change of a pool that is not served"),
        pytest.param(None, "2", "1", True, "1", id="the publisher was made by hand then"),
        pytest.param("4", "4", "3", True, "4", id="not deployed since"),
        pytest.param("4", "5", "4", True, "4", id="deployed since"),
        pytest.param("4", "5", None, True, "5", id="deployed since, nothing kept"),
        pytest.param("4", "5", "4", False, "5", id="deployed since, for others"),
        pytest.param("4", None, "3", True, None, id="removed since"),
    ],
)
def test_the_version_before_a_change(recorded, live, previous, is_served, before):
    record = Record(STAMP, FUNCTION, live_version=recorded)
    newest = None if recorded is UNKNOWN else taken(record=record)
    history = History(newest, live_version=live, previous_version=previous)
    assert history.version_before(is_served) == before


@pytest.mark.parametrize("asked", ["lambda.list_aliases", "ssm.get_parameters"])
def test_what_may_not_be_read_is_a_failure_of_its_own(asked):
    aws = empty()
    aws.answers[asked] = refusal("AccessDeniedException")
    found = snapshot.find(aws, {KEY: FUNCTION})[KEY]
    assert isinstance(found, Failure)
    assert "AccessDenied" in str(found)


def unreadable(tier):
    """A parameter whose newest version is no snapshot."""
    parameters = Parameters()
    parameters.put({"Name": NAME, "Type": "String", "Value": "x", "Tier": tier, "Overwrite": True})
    return FakeAws({**parameters.answers(), **ALIASES})


@pytest.mark.parametrize("tier", ["Standard", "Advanced"])
def test_an_unreadable_snapshot_counts_as_none_and_its_parameter_as_there(tier):
    found = snapshot.find(unreadable(tier), {KEY: FUNCTION})[KEY]
    assert found == History(live_version="4", is_advanced=tier == "Advanced", version=1)


def test_an_unreadable_snapshot_is_listed_with_its_reason_and_never_applied():
    aws = store("change", "change")
    aws.answers["ssm.get_parameter_history"] = meddled(aws)
    newest, *others = snapshot.all_of(aws, KEY)
    assert (newest.id, newest.at, newest.by) == (3, "2026-02-22T09:00:00+00:00", "arn:aws:iam::1:user/kim")
    assert newest.reason.startswith(f"parameter {NAME}, version 3: it is no snapshot")
    assert [one.id for one in others] == [2, 1]
    assert snapshot.chosen(aws, KEY, None).id == 2
    assert snapshot.chosen(aws, KEY, "1").id == 1
    with pytest.raises(Failure, match=r"^snapshot: 3 of policy .* cannot be used: .*; choose another"):
        snapshot.chosen(aws, KEY, "3")


def meddled(aws):
    """Somebody else's text in the history, as the newest version."""
    read = aws.answers["ssm.get_parameter_history"]
    foreign = {
        "Version": 3,
        "Value": "placeholder",
        "LastModifiedDate": datetime(2026, 2, 22, 9, tzinfo=UTC),
        "LastModifiedUser": "arn:aws:iam::1:user/kim",
    }
    return lambda params: [*read(params), foreign]


def test_a_baseline_that_cannot_be_used_says_so():
    aws = unreadable("Standard")
    aws.answers["ssm.get_parameter"] = {"Parameter": {"Version": 1, "Value": "placeholder"}}
    assert snapshot.baseline_of(aws, KEY).label == "baseline"
    with pytest.raises(Failure, match=r"^snapshot: baseline of policy .* cannot be used"):
        snapshot.chosen(aws, KEY, "baseline")


@pytest.mark.parametrize("other", [{"group_name": "another"}, {"policy_name": "another"}], ids=["group", "policy"])
def test_a_snapshot_of_something_else_is_not_obeyed(other):
    parameter = {"Version": 1, "Value": snapshot.to_value(taken(**other))}
    with pytest.raises(Failure, match=r"version 1: it is a snapshot of policy .* of group "):
        snapshot.loaded(NAME, parameter)


# --- choosing ---------------------------------------------------------------------------------------------------


def test_all_of_them_newest_first():
    aws = store("change", "rollback", "change", baseline=taken())
    assert [(one.id, one.record.kind) for one in snapshot.all_of(aws, KEY)] == [
        (3, "change"),
        (2, "rollback"),
        (1, "change"),
    ]


def test_there_may_be_none():
    assert (snapshot.all_of(empty(), KEY), snapshot.baseline_of(empty(), KEY)) == ([], None)


def test_of_many_only_the_newest_hundred_are_kept_and_the_baseline():
    aws = store(*["change"] * 120, baseline=taken(policies={POLICY: None}))
    kept = snapshot.all_of(aws, KEY)
    assert (len(kept), kept[0].id, kept[-1].id) == (100, 120, 21)
    assert snapshot.chosen(aws, KEY, "21").policies[POLICY]["number"] == 21
    assert snapshot.chosen(aws, KEY, "baseline").policies == {POLICY: None}


HISTORY = ("change", "change", "rollback", "rollback")


@pytest.mark.parametrize(
    ("kinds", "wanted", "number"),
    [
        (HISTORY, None, 2),
        (["change"], None, 1),
        ([*HISTORY, "change"], None, 5),
        (HISTORY, "1", 1),
        (HISTORY, "4", 4),
    ],
    ids=["the newest change", "the only change", "a change after rollbacks", "an id", "the id of a rollback"],
)
def test_the_snapshot_to_go_back_to(kinds, wanted, number):
    found = snapshot.chosen(store(*kinds), KEY, wanted)
    assert (found.id, found.policies[POLICY]["number"]) == (number, number)


def test_the_baseline_is_the_first_of_all():
    first = taken(policies={POLICY: None})
    assert snapshot.chosen(store(*HISTORY, baseline=first), KEY, "baseline") == first


@pytest.mark.parametrize(
    ("aws", "wanted", "message"),
    [
        (empty(), None, "nothing to go back to: there is no snapshot of policy"),
        (store("rollback"), None, "nothing to go back to: there is no snapshot of policy"),
        (empty(), "baseline", "nothing to go back to: there is no baseline of policy"),
        (store("change"), "baseline", "nothing to go back to: there is no baseline of policy"),
        (empty(), "3", r"snapshot: 3 is not kept of policy .* \(kept: none\)"),
        (store(*HISTORY), "9", r"snapshot: 9 is not kept of policy .* \(kept: 1 to 4\); .* snapshots.yml"),
        (store(*HISTORY), "newest", "snapshot: newest is not kept"),
        (store(*["change"] * 120), "20", r"\(kept: 21 to 120\)"),
    ],
    ids=[
        "nothing",
        "only a rollback",
        "no baseline at all",
        "no baseline",
        "an id of none",
        "an id that is not there",
        "no id",
        "an id that is gone",
    ],
)
def test_where_there_is_nothing_to_go_back_to_it_says_so(aws, wanted, message):
    with pytest.raises(Failure, match=message) as refused:
        snapshot.chosen(aws, KEY, wanted)
    assert GROUP in str(refused.value)
    assert POLICY in str(refused.value)


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [("ssm.get_parameter_history", None), ("ssm.get_parameter_history", "1"), ("ssm.get_parameter", "baseline")],
    ids=str,
)
def test_what_may_not_be_read_is_not_taken_for_nothing(asked, wanted):
    with pytest.raises(Failure, match="AccessDenied"):
        snapshot.chosen(FakeAws({asked: refusal("AccessDeniedException")}), KEY, wanted)
