# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan is a value: it can be printed, compared, and filled with replies when it is sent."""

from __future__ import annotations

import dataclasses
import json

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import AwsFailure, Failure
from ansible_collections.academy.video_scaling.plugins.module_utils.plan import (
    Plan,
    Reply,
    Request,
    Steady,
    Wait,
    filled,
    is_one_of,
    printable,
    reply_unless,
    together,
)
from ansible_collections.academy.video_scaling.tests.unit.fake_aws import FakeAws, refusal

VERSION = Reply("published", "Version")
PUT = Request("events", "put_rule", {"Name": "rule"})


def test_a_reply_is_filled_in_when_it_is_there():
    assert filled({"FunctionVersion": VERSION, "Name": "live"}, {"published": {"Version": "7"}}) == {
        "FunctionVersion": "7",
        "Name": "live",
    }


def test_a_reply_is_filled_in_inside_a_list():
    params = {"AlarmActions": ["arn:topic", Reply("policy steps", "PolicyARN")]}
    assert filled(params, {"policy steps": {"PolicyARN": "arn:steps"}}) == {"AlarmActions": ["arn:topic", "arn:steps"]}


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        pytest.param(b"zip", "<3 bytes>", id="bytes"),
        pytest.param(VERSION, "<Version of published>", id="reply"),
        pytest.param({"Code": {"ZipFile": b"zip"}}, {"Code": {"ZipFile": "<3 bytes>"}}, id="nested"),
        pytest.param(("a", [b""]), ["a", ["<0 bytes>"]], id="lists"),
        pytest.param({"MinSize": 0, "On": False, "None": None}, {"MinSize": 0, "On": False, "None": None}, id="plain"),
    ],
)
def test_a_value_is_printable(value, shown):
    assert printable(value) == shown
    assert json.dumps(printable(value))


@pytest.mark.parametrize(
    ("step", "shown"),
    [
        (PUT, {"service": "events", "operation": "put_rule", "params": {"Name": "rule"}}),
        (
            Wait("lambda", "function_active_v2", {"Qualifier": VERSION}),
            {"service": "lambda", "wait": "function_active_v2", "params": {"Qualifier": "<Version of published>"}},
        ),
        (
            Request("lambda", "update_function_code", {"FunctionName": "f", "ZipFile": b"z"}, instead=(PUT,)),
            {
                "service": "lambda",
                "operation": "update_function_code",
                "params": {"FunctionName": "f", "ZipFile": "<1 bytes>"},
                "if_refused": [PUT.shown()],
            },
        ),
        (
            Steady("sqs", "the counts stay 0", 75.0),
            {"service": "sqs", "wait": "the counts stay 0", "params": {"seconds": 75.0}},
        ),
    ],
    ids=["request", "wait", "request with another way", "what has to stay"],
)
def test_a_step_is_shown_as_boto3_names_it(step, shown):
    assert step.shown() == shown


@pytest.mark.parametrize(
    ("before", "after", "lines"),
    [
        pytest.param({"target": 1}, {"target": 1}, [], id="equal"),
        pytest.param({"target": 1}, {"target": 2}, ["target: expected 2, found 1"], id="another value"),
        pytest.param({"on": True}, {"on": False}, ["on: expected False, found True"], id="false is a value"),
        pytest.param(None, {"name": "q"}, ["name: expected 'q', found nothing"], id="nothing there"),
        pytest.param({"name": "q"}, None, ["name: expected nothing, found 'q'"], id="nothing wanted"),
        pytest.param(
            {"metric": {"dimensions": {"A": "1", "B": "2"}}},
            {"metric": {"dimensions": {"A": "1", "C": "3"}}},
            ["metric.dimensions.B: expected nothing, found '2'", "metric.dimensions.C: expected '3', found nothing"],
            id="nested",
        ),
        pytest.param({"targets": ["a"]}, {"targets": []}, ["targets: expected [], found ['a']"], id="lists as a whole"),
    ],
)
def test_every_difference_is_one_line(before, after, lines):
    assert Plan("x", before, after).differences() == lines


@pytest.mark.parametrize(("requests", "changed"), [((), False), ((PUT,), True)], ids=["nothing to send", "a request"])
def test_a_plan_changes_what_it_sends(requests, changed):
    assert Plan("rule", {}, {}, requests).changed is changed


def test_what_is_prepared_comes_first_and_is_no_change_by_itself():
    keep = Request("ssm", "put_parameter", {"Name": "n"})
    assert Plan("rule", {}, {}, (PUT,), (keep,)).steps == (keep, PUT)
    assert not Plan("rule", {}, {}, (), (keep,)).changed


def test_a_plan_shows_what_it_waits_for_before_all_that_it_sends():
    keep, steady = Request("ssm", "put_parameter", {"Name": "n"}), Steady("sqs", "it stays", 1.0)
    plan = Plan("queue", {}, None, (PUT,), (keep,), steady=steady)
    assert plan.shown() == [steady.shown(), keep.shown(), PUT.shown()]
    assert Plan("queue", {}, None, (PUT,)).shown() == [PUT.shown()]


@pytest.mark.parametrize(
    ("failure", "answers", "is_one"),
    [
        (refusal("Gone"), (("Gone", ""),), True),
        (refusal("Gone", "in progress"), (("Other", ""), ("Gone", "progress")), True),
        (refusal("Gone", "over"), (("Gone", "progress"),), False),
        (refusal("Gone"), (), False),
    ],
)
def test_an_answer_is_known_by_its_code_and_a_part_of_its_message(failure, answers, is_one):
    assert is_one_of(failure, answers) is is_one


@pytest.mark.parametrize(
    "value", [VERSION, PUT, Wait("lambda", "w", {}), Plan("rule", {}, {})], ids=lambda v: type(v).__name__
)
def test_a_plan_cannot_be_altered(value):
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(value, dataclasses.fields(value)[0].name, "another")


@pytest.mark.parametrize(
    ("answer", "reply"), [({"Name": "a"}, {"Name": "a"}), (refusal("Gone"), None), (refusal("GoneToo"), None)]
)
def test_what_is_gone_is_no_reply(answer, reply):
    aws = FakeAws({"events.describe_rule": answer})
    assert reply_unless(("Gone", "GoneToo"), aws, "events", "describe_rule", Name="a") == reply


def test_any_other_refusal_is_raised():
    with pytest.raises(AwsFailure, match="AccessDenied"):
        reply_unless(
            ("Gone",), FakeAws({"events.describe_rule": refusal("AccessDenied")}), "events", "describe_rule", Name="a"
        )


def test_parts_that_are_read_together_come_back_by_name():
    assert together(FakeAws(), {"a": lambda: 1, "b": lambda: None}) == {"a": 1, "b": None}


def test_of_parts_that_are_read_together_the_first_failure_counts():
    def fails(message):
        raise Failure(message)

    parts = {"a": lambda: 1, "b": lambda: fails("b"), "c": lambda: fails("c")}
    with pytest.raises(Failure, match=r"^b$"):
        together(FakeAws(), parts)
