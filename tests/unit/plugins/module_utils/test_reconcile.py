# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""find -> plan -> send -> find again -> nothing must be left; a check run is the same without the sending."""

from __future__ import annotations

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import Failure, Unusable
from ansible_collections.academy.video_scaling.plugins.module_utils.plan import Plan, Reply, Request, Wait
from ansible_collections.academy.video_scaling.plugins.module_utils.reconcile import PATIENCE_SECONDS, reconcile
from ansible_collections.academy.video_scaling.tests.unit.fake_aws import FakeAws, refusal


class Numbers:
    """A resource that is a number per name; the world shows a number ``delay`` looks after it was put."""

    def __init__(self, world, delay=0, unplannable=(), unreadable=()):
        self.world = dict(world)
        self.delay = delay
        self.unplannable = unplannable
        self.unreadable = list(unreadable)
        self.looks = []
        self.put = {}

    def find(self, aws, desired):
        self.looks.append(set(desired))
        for operation, params in aws.sent:
            assert operation == "events.put_rule"
            self.put[params["Name"]] = int(params["Description"])
        if self.put and self.delay >= 0:
            self.delay -= 1
        if self.delay < 0:
            self.world.update(self.put)
        failing = self.unreadable.pop(0) if self.unreadable else ()
        return {name: refusal("AccessDenied") if name in failing else self.world.get(name) for name in desired}

    def plan(self, current, desired):
        name, number = desired
        if name in self.unplannable:
            raise Failure(f"{name} is of another type")
        put = Request(
            "events", "put_rule", {"Name": name, "Description": str(number), "ScheduleExpression": "rate(1 minute)"}
        )
        return Plan(f"number {name}", {"is": current}, {"is": number}, () if current == number else (put,))


class Clock:
    """Time passes only by sleeping."""

    def __init__(self):
        self.now = 0.0
        self.pauses = []

    def sleep(self, seconds):
        self.pauses.append(seconds)
        self.now += seconds

    def __call__(self):
        return self.now


def wanted(**numbers):
    return {name: (name, number) for name, number in numbers.items()}


def go(resource, desired, aws, check_mode=False):
    clock = Clock()
    return reconcile(resource, desired, aws, check_mode, clock=clock, sleep=clock.sleep), clock


@pytest.mark.parametrize("check_mode", [True, False], ids=["check", "apply"])
def test_what_is_as_declared_is_looked_at_once_and_left(check_mode):
    aws, resource = FakeAws(), Numbers({"a": 1})
    outcomes, _clock = go(resource, wanted(a=1), aws, check_mode)
    assert not outcomes["a"].changed
    assert (aws.sent, resource.looks) == ([], [{"a"}])


def test_a_check_run_plans_what_the_apply_sends():
    aws = FakeAws()
    planned, _clock = go(Numbers({"a": 1}), wanted(a=2, b=3), aws, check_mode=True)
    assert aws.sent == []
    applied, _clock = go(Numbers({"a": 1}), wanted(a=2, b=3), aws)
    assert {name: outcome.plan for name, outcome in planned.items()} == {n: o.plan for n, o in applied.items()}
    assert [params["Name"] for _name, params in aws.sent] == ["a", "b"]


def test_only_what_changed_is_looked_at_again():
    resource = Numbers({"a": 1, "b": 2})
    outcomes, clock = go(resource, wanted(a=1, b=3), FakeAws())
    assert resource.looks == [{"a", "b"}, {"b"}]
    assert {name: outcome.changed for name, outcome in outcomes.items()} == {"a": False, "b": True}
    assert clock.now == 0


def test_the_outcome_keeps_what_was_found_before():
    outcomes, _clock = go(Numbers({"a": 1}), wanted(a=2), FakeAws())
    assert (outcomes["a"].found, outcomes["a"].failure) == (1, None)


def test_aws_gets_its_time_to_show_a_change():
    outcomes, clock = go(Numbers({"a": 1}, delay=3), wanted(a=2), FakeAws())
    assert outcomes["a"].failure is None
    assert 0 < clock.now < PATIENCE_SECONDS
    assert clock.pauses == sorted(clock.pauses)


def test_what_never_shows_did_not_converge():
    outcomes, clock = go(Numbers({"a": 1, "b": 1}, delay=10**6), wanted(a=2, b=1), FakeAws())
    assert clock.now >= PATIENCE_SECONDS
    assert str(outcomes["a"].failure).startswith(
        "number a did not converge: AWS accepted the change, yet is: expected 2, found 1. "
    )
    assert outcomes["b"].failure is None


def test_a_plan_without_visible_difference_names_what_is_left_to_send():
    class Invisible(Numbers):
        def plan(self, current, desired):
            return Plan("number a", None, None, (Request("events", "delete_rule", {"Name": "a"}),))

        def find(self, aws, desired):
            return dict.fromkeys(desired)

    outcomes, _clock = go(Invisible({}), wanted(a=1), FakeAws())
    assert "delete_rule" in str(outcomes["a"].failure)


@pytest.mark.parametrize(
    ("resource", "aws", "part"),
    [
        pytest.param(Numbers({}, unreadable=[("a",)]), FakeAws(), "AccessDenied", id="cannot be found"),
        pytest.param(Numbers({}, unplannable=("a",)), FakeAws(), "a is of another type", id="cannot be planned"),
        pytest.param(
            Numbers({}),
            FakeAws({"events.put_rule": lambda params: refusal("Throttling") if params["Name"] == "a" else {}}),
            "Throttling",
            id="cannot be sent",
        ),
    ],
)
def test_one_failure_is_its_own_and_the_others_go_on(resource, aws, part):
    outcomes, _clock = go(resource, wanted(a=1, b=2), aws)
    assert part in str(outcomes["a"].failure)
    assert outcomes["b"].failure is None
    assert resource.world["b"] == 2
    assert resource.looks == [{"a", "b"}, {"b"}]


def test_a_second_look_that_fails_is_repeated():
    outcomes, _clock = go(Numbers({}, unreadable=[(), ("a",), ("a",)]), wanted(a=1), FakeAws())
    assert outcomes["a"].failure is None


def test_a_second_look_that_keeps_failing_is_the_failure():
    outcomes, _clock = go(Numbers({}, unreadable=[(), *[("a",)] * 100]), wanted(a=1), FakeAws())
    assert "AccessDenied" in str(outcomes["a"].failure)
    assert outcomes["a"].changed


def test_a_second_look_that_fails_for_all_keeps_what_was_sent():
    """A batched find raises for all keys at once; what was changed by then must still be told."""

    class Batched(Numbers):
        def find(self, aws, desired):
            if aws.sent:
                raise refusal("Throttling")
            return super().find(aws, desired)

    outcomes, _clock = go(Batched({}), wanted(a=1), FakeAws())
    assert outcomes["a"].changed
    assert "Throttling" in str(outcomes["a"].failure)


class Cut(Numbers):
    """The way to AWS is gone after some looks."""

    def __init__(self, world, looks):
        super().__init__(world)
        self.left = looks

    def find(self, aws, desired):
        if not self.left:
            raise Unusable("the credentials have expired")
        self.left -= 1
        return super().find(aws, desired)


def test_a_run_that_cannot_ask_aws_at_all_stops():
    with pytest.raises(Unusable):
        go(Cut({}, looks=0), wanted(a=1), FakeAws())


@pytest.mark.parametrize(
    ("resource", "aws"),
    [
        (Numbers({}), FakeAws({"events.put_rule": Unusable("the credentials have expired")})),
        (Cut({}, looks=1), FakeAws()),
    ],
    ids=["while it is sent", "after it was sent"],
)
def test_what_was_sent_is_told_even_when_the_session_ends_midway(resource, aws):
    outcomes, _clock = go(resource, wanted(a=1), aws)
    assert outcomes["a"].changed
    assert "the credentials have expired" in str(outcomes["a"].failure)


class Steps(Numbers):
    """Publishes a version and points an alias at it."""

    def plan(self, current, desired):
        steps = (
            Request("lambda", "publish_version", {"FunctionName": "f"}, label="published"),
            Wait(
                "lambda", "published_version_active", {"FunctionName": "f", "Qualifier": Reply("published", "Version")}
            ),
            Request(
                "lambda",
                "update_alias",
                {"FunctionName": "f", "Name": "live", "FunctionVersion": Reply("published", "Version")},
            ),
        )
        return Plan("alias", None, {}, () if self.looks[1:] else steps)

    def find(self, aws, desired):
        self.looks.append(set(desired))
        return dict.fromkeys(desired)


def test_a_request_is_filled_with_an_earlier_reply():
    aws = FakeAws({"lambda.publish_version": {"Version": "7"}})
    go(Steps({}), wanted(f=1), aws)
    assert aws.sent[1:] == [
        ("lambda.published_version_active", {"FunctionName": "f", "Qualifier": "7"}),
        ("lambda.update_alias", {"FunctionName": "f", "Name": "live", "FunctionVersion": "7"}),
    ]


def test_nothing_is_sent_after_a_request_that_failed():
    aws = FakeAws({"lambda.publish_version": refusal("CodeStorageExceededException")})
    outcomes, _clock = go(Steps({}), wanted(f=1), aws)
    assert "CodeStorageExceeded" in str(outcomes["f"].failure)
    assert [operation for operation, _params in aws.sent] == ["lambda.publish_version"]
