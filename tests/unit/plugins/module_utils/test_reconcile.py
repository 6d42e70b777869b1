# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""find -> plan -> send -> find again -> nothing must be left; a check run is the same without the sending."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import Failure, Outdated, Unusable
from ansible_collections.academy.video_scaling.plugins.module_utils.plan import Plan, Reply, Request, Steady, Wait
from ansible_collections.academy.video_scaling.plugins.module_utils.reconcile import (
    PATIENCE_SECONDS,
    PREPARED_SECONDS,
    STEADY_LOOKS,
    planned,
    reconcile,
)
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


def go(resource, desired, aws, check_mode=False, known=None):
    clock = Clock()
    return reconcile(resource, desired, aws, check_mode, known, clock=clock, sleep=clock.sleep), clock


@pytest.mark.parametrize("check_mode", [True, False], ids=["check", "apply"])
def test_what_is_as_declared_is_looked_at_once_and_left(check_mode):
    aws, resource = FakeAws(), Numbers({"a": 1})
    outcomes, _clock = go(resource, wanted(a=1), aws, check_mode)
    assert not outcomes["a"].changed
    assert (aws.sent, resource.looks) == ([], [{"a"}])


def test_a_check_run_plans_what_the_apply_sends():
    aws = FakeAws()
    checked, _clock = go(Numbers({"a": 1}), wanted(a=2, b=3), aws, check_mode=True)
    assert aws.sent == []
    applied, _clock = go(Numbers({"a": 1}), wanted(a=2, b=3), aws)
    assert {name: outcome.plan for name, outcome in checked.items()} == {n: o.plan for n, o in applied.items()}
    assert [params["Name"] for _name, params in aws.sent] == ["a", "b"]


def test_only_what_changed_is_looked_at_again():
    resource = Numbers({"a": 1, "b": 2})
    outcomes, clock = go(resource, wanted(a=1, b=3), FakeAws())
    assert resource.looks == [{"a", "b"}, {"b"}]
    assert {name: outcome.changed for name, outcome in outcomes.items()} == {"a": False, "b": True}
    assert clock.now == 0


@pytest.mark.parametrize("check_mode", [True, False], ids=["check", "apply"])
def test_what_was_planned_before_is_not_looked_at_again(check_mode):
    aws, resource, declared = FakeAws(), Numbers({"a": 1, "b": 2, "c": 3}), wanted(c=3, b=4, a=2)
    known = planned(resource, wanted(a=2, c=3, d=5), aws)
    assert (aws.sent, resource.looks) == ([], [{"a", "c", "d"}])
    resource.looks.clear()
    outcomes, _clock = go(resource, declared, aws, check_mode, known)
    assert resource.looks == ([{"b"}] if check_mode else [{"b"}, {"a", "b"}])
    assert {name: outcome.changed for name, outcome in outcomes.items()} == {"c": False, "b": True, "a": True}
    assert list(outcomes) == list(declared)
    assert sorted(params["Name"] for _name, params in aws.sent) == ([] if check_mode else ["a", "b"])


@pytest.mark.parametrize(
    ("check_mode", "counted"),
    # Unplannable, unreadable; and in an apply what AWS refuses, and what does not converge although it was sent.
    [(True, {"changed": 3, "failed": 2}), (False, {"changed": 2, "failed": 4})],
    ids=["check", "apply"],
)
def test_what_changes_and_what_fails_is_counted(check_mode, counted):
    aws = FakeAws({"events.put_rule": lambda p: refusal("AccessDenied") if p["Name"] == "refused" else {}})

    class Stubborn(Numbers):
        def plan(self, current, desired):
            return super().plan(None if desired[0] == "stubborn" else current, desired)

    resource = Stubborn({"same": 1}, unplannable=["typed"], unreadable=[["hidden"]])
    declared = wanted(same=1, typed=1, hidden=1, refused=1, stubborn=1, new=1)
    go(resource, declared, aws, check_mode)
    assert dict(aws.counted) == counted


class Short(Numbers):
    """Some of it nobody can bring."""

    def plan(self, current, desired):
        return replace(super().plan(current, desired), left_out=("alarm jobs is gone; create it", "so is late"))


@pytest.mark.parametrize("check_mode", [True, False], ids=["check", "apply"])
@pytest.mark.parametrize("live", [0, 1], ids=["something to do", "nothing else to do"])
def test_what_cannot_be_brought_fails_once_all_else_is_done(check_mode, live):
    aws = FakeAws()
    outcomes, _clock = go(Short({"a": live}), wanted(a=1), aws, check_mode)
    assert str(outcomes["a"].failure) == "number a: alarm jobs is gone; create it; so is late"
    assert outcomes["a"].changed is (live == 0)
    assert len(aws.sent) == (0 if check_mode or live else 1)
    assert aws.counted["failed"] == 1


def test_what_cannot_be_brought_is_counted_once_where_it_also_fails():
    aws = FakeAws({"events.put_rule": refusal("AccessDenied")})
    outcomes, _clock = go(Short({}), wanted(a=1), aws)
    assert (str(outcomes["a"].failure), aws.counted["failed"]) == ("AccessDenied: refused", 1)


def test_nothing_is_asked_about_nothing():
    resource = Numbers({"a": 1})
    assert planned(resource, {}, FakeAws()) == {}
    known = planned(resource, wanted(a=1), FakeAws())
    assert go(resource, wanted(a=1), FakeAws(), known=known)[0] == known
    assert resource.looks == [{"a"}]


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
    """A batched find raises for all keys at once; what was changed by then must still be reported."""

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
def test_what_was_sent_is_reported_even_when_the_session_ends_midway(resource, aws):
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


# --- what comes before a change ---------------------------------------------------------------------------------


class Kept(Numbers):
    """A number is noted in a parameter before it is put; a note shows ``late`` looks after it was written.

    :param moved: what somebody else makes of a number while it is noted.
    """

    def __init__(self, world, late=0, moved=(), **options):
        super().__init__(world, **options)
        self.late = late
        self.moved = dict(moved)
        self.noted = set()

    def find(self, aws, desired):
        own = FakeAws()
        own.sent = [(operation, params) for operation, params in aws.sent if operation == "events.put_rule"]
        notes = {params["Name"] for operation, params in aws.sent if operation == "ssm.put_parameter"}
        if notes:
            self.world.update(self.moved)
            self.late -= 1
        if self.late < 0:
            self.noted = notes
        return super().find(own, desired)

    def plan(self, current, desired):
        plan = super().plan(current, desired)
        name, _number = desired
        note = Request("ssm", "put_parameter", {"Name": name, "Value": str(current), "Type": "String"})
        return replace(plan, preparation=(note,) if plan.requests and name not in self.noted else ())


def names(aws):
    return [(operation.split(".")[1], params["Name"]) for operation, params in aws.sent]


def test_what_is_prepared_is_sent_first():
    aws = FakeAws()
    outcomes, clock = go(Kept({}), wanted(a=1), aws)
    assert names(aws) == [("put_parameter", "a"), ("put_rule", "a")]
    assert (outcomes["a"].changed, outcomes["a"].failure, clock.now) == (True, None, 0)


def test_a_check_run_prepares_nothing():
    aws = FakeAws()
    outcomes, _clock = go(Kept({}), wanted(a=1), aws, check_mode=True)
    assert (aws.sent, len(outcomes["a"].plan.preparation)) == ([], 1)


def test_what_is_prepared_already_is_sent_without_another_look():
    resource = Kept({})
    resource.plan = lambda current, desired: replace(Kept.plan(resource, current, desired), preparation=())
    aws = FakeAws()
    go(resource, wanted(a=1), aws)
    assert names(aws) == [("put_rule", "a")]
    assert len(resource.looks) == 2


@pytest.mark.parametrize("moved", [{"a": 7}, {"a": 1}], ids=["to something else", "to what is wanted"])
def test_what_has_moved_since_it_was_read_is_not_overwritten(moved):
    aws = FakeAws()
    outcomes, _clock = go(Kept({"a": 0}, moved=moved), wanted(a=1, b=2), aws)
    assert str(outcomes["a"].failure) == (
        "number a: somebody else has changed the same thing since it was read, so nothing was overwritten; "
        "look at what they did, then run again"
    )
    assert outcomes["b"].failure is None
    assert ("put_rule", "a") not in names(aws)
    assert ("put_rule", "b") in names(aws)


@pytest.mark.parametrize("late", range(1, len(PREPARED_SECONDS)))
def test_a_note_that_does_not_show_at_once_is_looked_for_again(late):
    aws = FakeAws()
    outcomes, clock = go(Kept({}, late=late), wanted(a=1), aws)
    assert outcomes["a"].failure is None
    assert names(aws) == [("put_parameter", "a"), ("put_rule", "a")]
    assert clock.now == sum(PREPARED_SECONDS[: late + 1])


def test_a_note_that_never_shows_was_overwritten_by_somebody_else():
    aws = FakeAws()
    outcomes, clock = go(Kept({}, late=10**6), wanted(a=1), aws)
    assert "somebody else has changed the same thing" in str(outcomes["a"].failure)
    assert names(aws) == [("put_parameter", "a")]
    assert clock.now == sum(PREPARED_SECONDS)


def test_only_what_is_not_seen_yet_is_looked_at_again():
    class Half(Kept):
        def plan(self, current, desired):
            plan = super().plan(current, desired)
            return replace(plan, preparation=()) if desired[0] == "b" and self.looks[1:] else plan

    resource = Half({}, late=2)
    outcomes, _clock = go(resource, wanted(a=1, b=2), FakeAws())
    assert resource.looks == [{"a", "b"}, {"a", "b"}, {"a"}, {"a"}, {"a", "b"}]
    assert not any(outcome.failure for outcome in outcomes.values())


def denied(params):
    return refusal("AccessDenied") if params["Name"] == "a" else {}


@pytest.mark.parametrize(
    ("resource", "aws", "part"),
    [
        (Kept({}), FakeAws({"ssm.put_parameter": denied}), "AccessDenied"),
        (Kept({}, unreadable=[(), ("a",)]), FakeAws(), "AccessDenied"),
    ],
    ids=["not prepared", "not found again"],
)
def test_what_could_not_be_prepared_is_not_sent(resource, aws, part):
    outcomes, _clock = go(resource, wanted(a=1, b=2), aws)
    assert part in str(outcomes["a"].failure)
    assert outcomes["b"].failure is None
    assert ("put_rule", "a") not in names(aws)
    assert ("put_rule", "b") in names(aws)


def test_a_look_that_fails_for_all_changes_nothing_and_is_each_ones_own():
    """As after sending: the run does not end without telling what became of each."""

    class Batched(Kept):
        def find(self, aws, desired):
            if aws.sent:
                raise refusal("Throttling")
            return super().find(aws, desired)

    aws = FakeAws()
    outcomes, _clock = go(Batched({}), wanted(a=1, b=2), aws)
    assert all("Throttling" in str(outcome.failure) for outcome in outcomes.values())
    assert "put_rule" not in [operation for operation, _name in names(aws)]


# --- what AWS is late to tell -----------------------------------------------------------------------------------


class Leaving(Numbers):
    """Numbers that may go once they have been 0 for a minute; of each the values, look after look."""

    SECONDS = 60.0

    def __init__(self, **values):
        super().__init__({})
        self.values = {name: list(seen) for name, seen in values.items()}

    def find(self, aws, desired):
        self.looks.append(set(desired))
        for _operation, params in aws.sent:
            self.values[params["Name"]] = [None]
        return {name: self.values[name].pop(0) if self.values[name][1:] else self.values[name][0] for name in desired}

    def plan(self, current, desired):
        name, _number = desired
        if current is None:
            return Plan(f"number {name}", None, None)
        if current:
            raise Failure(f"number {name} is {current}")
        delete = Request("events", "delete_rule", {"Name": name})
        steady = Steady("events", "it stays 0", self.SECONDS)
        return Plan(f"number {name}", {"is": current}, None, (delete,), steady=steady)


@pytest.mark.parametrize("number", [1, 3])
def test_what_has_to_stay_as_it_is_is_watched_for_so_long_and_together(number):
    resource, aws = Leaving(**{name: [0] for name in "abc"[:number]}), FakeAws()
    outcomes, clock = go(resource, wanted(**dict.fromkeys("abc"[:number], 0)), aws)
    assert [params["Name"] for _name, params in aws.sent] == list("abc"[:number])
    assert clock.now == Leaving.SECONDS
    # Planned, watched, and found gone.
    assert len(resource.looks) == 1 + STEADY_LOOKS + 1
    assert all(outcome.changed and not outcome.failure for outcome in outcomes.values())


@pytest.mark.parametrize("look", range(1, STEADY_LOOKS + 1))
def test_what_does_not_stay_as_it_was_is_left_and_the_others_go_on(look):
    resource, aws = Leaving(a=[*[0] * look, 7], b=[0]), FakeAws()
    outcomes, clock = go(resource, wanted(a=0, b=0), aws)
    assert [params["Name"] for _name, params in aws.sent] == ["b"]
    assert (str(outcomes["a"].failure), outcomes["a"].changed) == ("number a is 7", False)
    assert outcomes["b"].failure is None
    assert clock.now == Leaving.SECONDS


def test_a_check_run_does_not_wait_and_says_what_an_apply_waits_for():
    resource, aws = Leaving(a=[0, 7]), FakeAws()
    outcomes, clock = go(resource, wanted(a=0), aws, check_mode=True)
    assert (aws.sent, clock.now, len(resource.looks)) == ([], 0, 1)
    assert [step.get("wait") for step in outcomes["a"].plan.shown()] == ["it stays 0", None]


@pytest.mark.parametrize(
    ("values", "sent", "failing"),
    [([0], ["a", "b"], False), ([*[0] * (1 + STEADY_LOOKS), 5], ["a"], True), ([0, 5], ["a"], True)],
    ids=["it stays", "it has changed since", "it has not stayed"],
)
def test_what_is_changed_later_is_watched_with_the_others_and_looked_at_once_more(values, sent, failing):
    resource, aws, clock = Leaving(a=[0], b=values), FakeAws(), Clock()
    how = {"clock": clock, "sleep": clock.sleep}
    first = reconcile(resource, wanted(a=0), aws, False, beside=wanted(b=0), **how)
    assert first.keys() == {"a", "b"}
    assert [params["Name"] for _name, params in aws.sent] == ["a"]
    later = reconcile(resource, wanted(b=0), aws, False, known={"b": first["b"]}, **how)
    assert [params["Name"] for _name, params in aws.sent] == sent
    assert bool(later["b"].failure) is failing
    assert clock.now == Leaving.SECONDS


def test_a_look_that_fails_while_it_is_watched_sends_nothing():
    class Batched(Leaving):
        def find(self, aws, desired):
            if self.looks[2:]:
                raise refusal("Throttling")
            return super().find(aws, desired)

    aws = FakeAws()
    outcomes, _clock = go(Batched(a=[0]), wanted(a=0), aws)
    assert (aws.sent, "Throttling" in str(outcomes["a"].failure)) == ([], True)


class Late(Numbers):
    """A number is there, and is found only some looks later; what makes it again is refused."""

    def __init__(self, looks, **options):
        super().__init__({"a": 1}, **options)
        self.late = looks

    def find(self, aws, desired):
        found = super().find(FakeAws(), desired)
        self.late -= 1
        return (
            dict.fromkeys(desired)
            if self.late >= 0
            else found | {params["Name"]: 2 for _name, params in aws.sent if params.get("State")}
        )

    def plan(self, current, desired):
        name, number = desired
        put = {"Name": name, "ScheduleExpression": "rate(1 minute)"}
        change = Request("events", "put_rule", put | ({"State": "ENABLED"} if current else {}))
        return Plan(f"number {name}", {"is": current}, {"is": number}, () if current == number else (change,))


def there_already(params):
    return {} if params.get("State") else Outdated("it exists already", "EntityAlreadyExists")


@pytest.mark.parametrize(
    ("looks", "number", "sent"),
    [(1, 2, 2), (4, 2, 5), (1, 1, 1), (10**6, 2, None)],
    ids=["it shows at once", "it shows later", "nothing is left to do", "it never shows"],
)
def test_what_had_not_shown_when_it_was_planned_is_planned_again(looks, number, sent):
    aws = FakeAws({"events.put_rule": there_already})
    outcomes, clock = go(Late(looks), wanted(a=number), aws)
    if sent is None:
        assert str(outcomes["a"].failure) == "it exists already"
        assert PATIENCE_SECONDS <= clock.now < 2 * PATIENCE_SECONDS
        assert aws.counted == {"failed": 1, "changed": 0}
    else:
        assert outcomes["a"].failure is None
        assert len(aws.sent) == sent
        assert aws.counted == {"changed": 1, "failed": 0}


@pytest.mark.parametrize(
    ("answers", "part"),
    [
        ({"unreadable": [(), ("a",)]}, "AccessDenied"),
        ({"unplannable": ("a",)}, "of another type"),
    ],
    ids=["it cannot be found", "it cannot be planned"],
)
def test_what_cannot_be_planned_again_has_failed(answers, part):
    class Typed(Late):
        def plan(self, current, desired):
            if current and self.unplannable:
                raise Failure("a is of another type")
            return super().plan(current, desired)

    aws = FakeAws({"events.put_rule": there_already})
    outcomes, _clock = go(Typed(1, **answers), wanted(a=2), aws)
    assert part in str(outcomes["a"].failure)
    assert (len(aws.sent), aws.counted) == (1, {"failed": 1, "changed": 0})


def test_what_would_have_to_be_prepared_again_is_another_change():
    class Unnoted(Kept):
        """What was noted is gone once the change was sent."""

        def plan(self, current, desired):
            self.noted = set() if self.looks[2:] else self.noted
            return super().plan(current, desired)

    aws = FakeAws({"events.put_rule": Outdated("it exists already", "EntityAlreadyExists")})
    outcomes, clock = go(Unnoted({}, delay=10**6), wanted(a=1), aws)
    assert ("somebody else has changed the same thing" in str(outcomes["a"].failure), clock.now) == (True, 0)
    assert names(aws) == [("put_parameter", "a"), ("put_rule", "a")]


def test_what_was_prepared_stays_prepared_for_a_plan_that_is_made_again():
    rules = iter([Outdated("it exists already", "EntityAlreadyExists"), {}])
    aws = FakeAws({"events.put_rule": lambda params: next(rules)})
    outcomes, _clock = go(Kept({}, delay=1), wanted(a=1), aws)
    assert outcomes["a"].failure is None
    assert names(aws) == [("put_parameter", "a"), ("put_rule", "a"), ("put_rule", "a")]


class Noted(Kept):
    """A run that was stopped has noted a number, which shows only some looks later."""

    def __init__(self, world, looks, **options):
        super().__init__(world, **options)
        self.hidden = looks

    def find(self, aws, desired):
        found = super().find(aws, desired)
        self.hidden -= 1
        self.noted = {"a"} if self.hidden < 0 else set()
        return found


@pytest.mark.parametrize(
    ("looks", "moved", "sent", "failing"),
    [
        (1, {}, ["put_parameter", "put_rule"], False),
        (3, {}, ["put_parameter"] * 3 + ["put_rule"], False),
        (10**6, {}, ["put_parameter"] * 5, True),
        (1, {"a": 7}, ["put_parameter"], True),
    ],
    ids=["it shows at once", "it shows later", "it never shows", "somebody else has noted it, and gone on"],
)
def test_what_a_stopped_run_has_prepared_is_not_prepared_again(looks, moved, sent, failing):
    """What does not show as this run's own is somebody else's, and is never written over."""
    aws = FakeAws({"ssm.put_parameter": Outdated("somebody else has noted it", "ParameterAlreadyExists")})
    outcomes, clock = go(Noted({"a": 0}, looks, moved=moved), wanted(a=1), aws)
    assert [operation for operation, _name in names(aws)] == sent
    assert str(outcomes["a"].failure or "") == ("somebody else has noted it" if failing else "")
    assert clock.now <= sum(PREPARED_SECONDS)


class TwoNotes(Numbers):
    """Of two notes a run that was stopped has written the first, which does not show at first.

    :param other: what the second note says when it is planned again.
    """

    def __init__(self, world, other):
        super().__init__(world)
        self.other = other

    def find(self, aws, desired):
        self.refused = any(operation == "ssm.put_parameter" for operation, _params in aws.sent)
        self.done = [params["Name"] for operation, params in aws.sent if params["Name"] == "second"]
        own = FakeAws()
        own.sent = [(operation, params) for operation, params in aws.sent if operation == "events.put_rule"]
        return super().find(own, desired)

    def plan(self, current, desired):
        plan = super().plan(current, desired)
        text = self.other if self.refused else "2"
        notes = [("first", "1")] * (not self.refused) + [("second", text)] * (not self.done)
        requests = [Request("ssm", "put_parameter", {"Name": name, "Value": value}) for name, value in notes]
        return replace(plan, preparation=tuple(requests) if plan.requests else ())


@pytest.mark.parametrize(
    ("other", "then"),
    [("2", ["second", "a"]), ("3", [])],
    ids=["the same is left to note", "something else is to be noted now"],
)
def test_what_a_stopped_run_has_not_prepared_yet_is_prepared(other, then):
    aws = FakeAws(
        {
            "ssm.put_parameter": lambda params: (
                Outdated("it is noted", "ParameterAlreadyExists") if params["Name"] == "first" else {}
            )
        }
    )
    outcomes, _clock = go(TwoNotes({"a": 0}, other), wanted(a=1), aws)
    assert [name for _operation, name in names(aws)] == ["first", *then]
    assert (outcomes["a"].failure is None) == bool(then)


def test_a_look_that_fails_while_it_is_prepared_changes_nothing():
    class Batched(Noted):
        def find(self, aws, desired):
            if aws.sent:
                raise refusal("Throttling")
            return super().find(aws, desired)

    aws = FakeAws({"ssm.put_parameter": Outdated("somebody else has noted it", "ParameterAlreadyExists")})
    outcomes, _clock = go(Batched({}, 1), wanted(a=1), aws)
    assert "somebody else has noted it" in str(outcomes["a"].failure)
    assert [operation for operation, _name in names(aws)] == ["put_parameter"]


# --- what AWS refuses, and takes in another way ------------------------------------------------------------------


class Uploads(Steps):
    """Code that may be refused for its runtime, and a version of it."""

    def plan(self, current, desired):
        name = {"FunctionName": "f"}
        code = Request(
            "lambda",
            "update_function_code",
            {**name, "RevisionId": "r", "ZipFile": b"z"},
            refusals=(("InvalidParameterValueException", "no longer supported"),),
            instead=(
                Request("lambda", "update_function_configuration", {**name, "Runtime": "python3.13"}),
                Wait("lambda", "function_updated", name),
                Request("lambda", "update_function_code", {**name, "ZipFile": b"z"}),
            ),
        )
        publish = Request("lambda", "publish_version", name)
        return Plan("function f", None, {}, () if self.looks[1:] else (code, publish))


BLOCKED = refusal("InvalidParameterValueException", "The runtime parameter of python3.7 is no longer supported")
OTHER_WAY = ["update_function_configuration", "function_updated", "update_function_code"]


@pytest.mark.parametrize(
    ("refused", "sent", "failing"),
    [
        (None, ["update_function_code", "publish_version"], ""),
        (BLOCKED, ["update_function_code", *OTHER_WAY, "publish_version"], ""),
        (refusal("InvalidParameterValueException", "too large"), ["update_function_code"], "too large"),
        (refusal("PreconditionFailedException"), ["update_function_code"], "PreconditionFailed"),
    ],
    ids=["taken", "refused for that", "refused for something else", "somebody was quicker"],
)
def test_the_other_way_is_taken_only_where_aws_refuses_the_first(refused, sent, failing):
    aws = FakeAws({"lambda.update_function_code": lambda params: refused if "RevisionId" in params and refused else {}})
    outcomes, _clock = go(Uploads({}), wanted(f=1), aws)
    assert [name.partition(".")[2] for name, _params in aws.sent] == sent
    assert failing in str(outcomes["f"].failure or "")
    assert bool(outcomes["f"].failure) is bool(failing)
