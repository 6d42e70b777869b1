# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A reading is asked for once, whoever needs it, and is a value or a failure."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.observing.asking import Asking, action_of
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import AwsFailure, Failure, Unusable
from ansible_collections.academy.video_scaling.tests.unit.fake_aws import FakeAws
from botocore import exceptions as raised

DENIED = AwsFailure("it is denied", "AccessDenied", "sqs:GetQueueUrl")


def raising(error):
    def ask(*batch):
        raise error

    return ask


def test_an_answer_is_that_of_what_it_is_asked_of():
    asking = Asking(FakeAws())
    asking.one("policies", lambda: "all")
    asking.one("queue", lambda: "a queue", "a")
    asking.one("queue", lambda: "b queue", "b")
    answers = asking.all()
    values = [answers.value("policies"), answers.value("queue", "a"), answers.value("queue", "b")]
    assert values == ["all", "a queue", "b queue"]


def test_a_batch_answers_each_of_its_own():
    batches = []
    asking = Asking(FakeAws())
    asking.many("group", [("a", "b"), ("c",)], lambda batch: batches.append(batch) or {"a": 1, "c": DENIED})
    answers = asking.all()
    assert batches == [("a", "b"), ("c",)]
    assert [answers.outcome("group", name) for name in "abc"] == [1, None, DENIED]


def test_what_one_batch_meets_is_not_the_others():
    asking = Asking(FakeAws())
    asking.many("group", [("a",), ("b",)], lambda batch: {"a": 1} if batch == ("a",) else raising(DENIED)())
    answers = asking.all()
    assert [answers.outcome("group", name) for name in "ab"] == [1, DENIED]


def test_a_reading_uses_the_answer_of_another_whichever_comes_first():
    times = []
    asking = Asking(FakeAws())
    asking.one("alarms", lambda: [*asking.value("policies"), "alarm"])
    asking.one("policies", lambda: times.append(1) or ["policy"])
    asking.one("alarm_history", lambda: [*asking.known("alarms"), "change"])
    answers = asking.all()
    assert answers.value("alarm_history") == ["policy", "alarm", "change"]
    assert times == [1]


def test_what_is_made_of_a_failed_reading_fails_alike_unless_it_can_do_without():
    asking = Asking(FakeAws())
    asking.one("policies", raising(DENIED))
    asking.one("alarms", lambda: asking.value("policies"))
    asking.one("alarm_history", lambda: asking.known("policies"))
    answers = asking.all()
    assert (answers.outcome("alarms"), answers.outcome("alarm_history")) == (DENIED, None)
    with pytest.raises(AwsFailure, match="it is denied"):
        answers.value("policies")
    assert answers.known("policies") is None


@pytest.mark.parametrize(
    "error",
    [KeyError("QueueUrl"), ValueError("no number"), raised.ResponseStreamingError(error="it broke off")],
    ids=lambda error: type(error).__name__,
)
def test_a_reply_that_lacks_something_is_a_failure(error):
    asking = Asking(FakeAws())
    asking.one("alarms", raising(error))
    outcome = asking.all().outcome("alarms")
    assert str(outcome).startswith(
        f"cloudwatch:DescribeAlarms gave an answer that cannot be read ({type(error).__name__}"
    )
    assert outcome.operation == "cloudwatch:DescribeAlarms"


def test_what_stops_everything_is_no_answer():
    asking = Asking(FakeAws())
    asking.one("alarms", raising(Unusable("no credentials")))
    asking.one("alarm_history", lambda: asking.known("alarms"))
    with pytest.raises(Unusable):
        asking.all()


def test_whoever_comes_second_waits_and_does_not_ask_again():
    times, inside, go_on = [], threading.Event(), threading.Event()
    asking = Asking(FakeAws())

    def ask():
        times.append(1)
        inside.set()
        return go_on.wait(60)

    asking.one("policies", ask)
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(asking.value, "policies")
        assert inside.wait(60)
        second = threads.submit(asking.value, "policies")
        go_on.set()
        assert (first.result(), second.result(), times) == (True, True, [1])


def test_afterwards_nothing_is_waited_for():
    """A thread that hangs holds its reading for ever; the answers are those that were there in time."""

    class Hanging(FakeAws):
        def each(self, function, keys, counted=True):
            return dict.fromkeys(keys, AwsFailure("there was no answer", "NotAnswered"))

    asking = Asking(Hanging())
    asking.one("policies", raising(AssertionError("it is asked")))
    outcome = asking.all().outcome("policies")
    assert (str(outcome), outcome.code) == (
        "autoscaling:DescribePolicies in ap-northeast-2: there was no answer",
        "NotAnswered",
    )


@pytest.mark.parametrize("failure", [DENIED, Failure("the function failed")], ids=["of a request", "of the function"])
def test_a_failure_that_says_what_it_is_of_stays_as_it_is(failure):
    asking = Asking(FakeAws())
    asking.one("policies", raising(failure))
    assert asking.all().outcome("policies") is failure


def test_every_reading_has_its_action():
    assert action_of("log_errors") == "logs:FilterLogEvents"
