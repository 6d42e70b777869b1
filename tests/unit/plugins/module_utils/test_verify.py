# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is live is held against what was declared by the plan a change uses, and nothing is sent."""

from __future__ import annotations

import io
import json

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import Lasting
from ansible_collections.academy.video_scaling.plugins.module_utils.resources import schedule
from ansible_collections.academy.video_scaling.plugins.module_utils.verify import agreed_depths, mismatches
from ansible_collections.academy.video_scaling.tests.unit.examples import FUNCTION, PLACE, RULE, STATEMENT, other, pool
from ansible_collections.academy.video_scaling.tests.unit.fake_aws import FakeAws, refusal

VIDEO = pool()
AUDIO = pool(**other())
ARN = PLACE.function_arn(FUNCTION, "live")


def scheduled(state="ENABLED", arn=ARN, policy=None):
    return FakeAws(
        {
            "lambda.get_policy": policy or {"Policy": json.dumps({"Statement": [STATEMENT]})},
            "lambda.get_function_event_invoke_config": {"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60},
            "events.describe_rule": {"Name": RULE, "ScheduleExpression": "rate(1 minute)", "State": state},
            "events.list_targets_by_rule": [{"Id": "1", "Arn": arn}],
        }
    )


@pytest.mark.parametrize(
    ("aws", "message"),
    [
        pytest.param(scheduled(), None, id="as declared"),
        pytest.param(scheduled(state="DISABLED"), "state: expected 'ENABLED', found 'DISABLED'", id="rule disabled"),
        pytest.param(
            scheduled(arn=PLACE.function_arn("another", "live")),
            f"targets.queue-depth-publisher: expected {{'arn': '{ARN}'}}, found nothing",
            id="no target",
        ),
        pytest.param(
            scheduled(arn=PLACE.function_arn(FUNCTION)),
            f"expected '{ARN}', found '{ARN[:-5]}'",
            id="target without alias",
        ),
        pytest.param(scheduled(policy=refusal("AccessDenied")), "AccessDenied", id="unreadable"),
    ],
)
def test_a_mismatch_tells_what_was_expected_and_found(aws, message):
    desired = schedule.from_params(RULE, "rate(1 minute)", FUNCTION, PLACE)
    found = mismatches(schedule, {RULE: desired}, aws)
    assert aws.sent == []
    assert message in str(found[RULE]) if message else found == {}


class Watched:
    """The queues and the publisher over time: one moment per round, the last one stays."""

    def __init__(self, queues, answers):
        self.queues, self.answers, self.round, self.now, self.events = queues, answers, 0, 0.0, []
        self.counts = 0

    def aws(self):
        return FakeAws(
            {
                "sqs.get_queue_url": lambda params: {"QueueUrl": params["QueueName"]},
                "sqs.get_queue_attributes": self.count,
                "lambda.invoke": self.invoke,
            }
        )

    def at(self, moments):
        return moments[min(self.round, len(moments) - 1)]

    def count(self, params):
        self.counts += 1
        counts = self.at(self.queues)[params["QueueUrl"]]
        if counts is None:
            return refusal("AWS.SimpleQueueService.NonExistentQueue")
        visible, in_flight = counts
        return {
            "Attributes": {
                "VisibilityTimeout": "30",
                "MessageRetentionPeriod": "60",
                "ApproximateNumberOfMessages": str(visible),
                "ApproximateNumberOfMessagesNotVisible": str(in_flight),
                "ApproximateNumberOfMessagesDelayed": "9",
            }
        }

    def invoke(self, params):
        event = json.loads(params["Payload"])
        self.events.append(event)
        answer = self.at(self.answers)
        if isinstance(answer, Exception):
            return answer
        error = {"FunctionError": "Unhandled"} if "errorMessage" in answer else {}
        return {"Payload": io.BytesIO(json.dumps(answer).encode()), **error}

    def sleep(self, seconds):
        self.now += seconds
        self.round += 1

    def ask(self, *pools, publish=False, wait_timeout=10, counted=None):
        return agreed_depths(
            self.aws(), pools, FUNCTION, publish, wait_timeout, counted, clock=lambda: self.now, sleep=self.sleep
        )


def video(*counts):
    return [{"academy-video-jobs": count} for count in counts]


def said(*depths):
    return [{"video_queue_depth_total": depth} for depth in depths]


@pytest.mark.parametrize(
    ("queues", "answers", "depth"),
    [
        pytest.param(video((3, 2)), said(5), 5, id="at once"),
        pytest.param(video((0, 0)), said(0), 0, id="empty is a count"),
        pytest.param(video((3, 2)), said(4, 4, 5), 5, id="in the end"),
        pytest.param(video((0, 0), (9, 0)), said(4, 4), 4, id="between two counts of a queue that fills"),
        pytest.param(video((9, 0), (0, 0)), said(4, 4), 4, id="between two counts of a queue that empties"),
        pytest.param(video((1, 0)), [refusal("AccessDenied"), *said(1)], 1, id="once the right has spread"),
        pytest.param(video(None, (1, 0)), said(1), 1, id="once the queue shows"),
    ],
)
def test_publisher_and_queue_agree(queues, answers, depth):
    assert Watched(queues, answers).ask(VIDEO) == ({"video": depth}, {})


@pytest.mark.parametrize(
    ("queues", "answers", "message"),
    [
        pytest.param(
            video((3, 2)),
            said(4),
            f"function {FUNCTION}:live: expected video_queue_depth_total 5 as queue academy-video-jobs counts "
            "(visible + in flight), found 4",
            id="another count",
        ),
        pytest.param(
            video((1, 0)),
            [{"audio_queue_depth_total": 1}],
            "expected video_queue_depth_total in its answer, found audio_queue_depth_total",
            id="pool not served",
        ),
        pytest.param(video((1, 0)), [{}], "in its answer, found nothing", id="nothing served"),
        pytest.param(video(None), said(1), "queue academy-video-jobs: expected to exist, found nothing", id="no queue"),
        pytest.param(
            video((1, 0)),
            [{"failed": {"video": "AccessDenied"}}],
            "could not publish it: AccessDenied",
            id="unreadable",
        ),
        pytest.param(video((1, 0)), [{"errorMessage": "boom"}], f"function {FUNCTION}:live failed: boom", id="broken"),
        pytest.param(video((1, 0)), [refusal("ResourceNotFoundException")], "ResourceNotFound", id="no function"),
    ],
)
def test_what_never_agrees_is_reported(queues, answers, message):
    watched = Watched(queues, answers)
    agreed, unsettled = watched.ask(VIDEO)
    assert agreed == {}
    assert message in str(unsettled["video"])
    assert watched.now >= 10


def test_what_lasts_until_somebody_lifts_it_is_reported_at_once():
    lasting = Lasting("function f has reserved concurrency 0; lift it", "TooManyRequestsException")
    answers = [{"video_queue_depth_total": 1, "audio_queue_depth_total": 9}, lasting]
    watched = Watched([{"academy-video-jobs": (1, 0), "academy-audio-jobs": (7, 0)}], answers)
    agreed, unsettled = watched.ask(VIDEO, AUDIO, counted={"video": 1})
    assert (agreed, unsettled) == ({"video": 1}, {"audio": lasting})
    assert len(watched.events) == 2


def test_pools_are_settled_one_by_one():
    queues = [{"academy-video-jobs": (1, 0), "academy-audio-jobs": (7, 0)}]
    answers = [{"video_queue_depth_total": 1, "audio_queue_depth_total": 0}]
    agreed, unsettled = Watched(queues, answers).ask(VIDEO, AUDIO)
    assert agreed == {"video": 1}
    assert list(unsettled) == ["audio"]


@pytest.mark.parametrize(
    ("publish", "answers", "asked"),
    [
        (False, said(1), [False]),
        (True, said(1), [True]),
        (True, said(2, 2, 1), [True, False, False]),
        (True, [{"failed": {"video": "denied"}}, *said(1)], [True, True]),
        (True, [{"errorMessage": "boom"}, *said(1)], [True, True]),
        (True, [{"video_queue_depth_total": 2, "failed": {"theirs": "gone"}}, *said(1)], [True, False]),
    ],
    ids=["asking", "publishing", "until it has published once", "a pool refused", "broken", "a pool of somebody else"],
)
def test_the_publisher_publishes_once_and_only_when_asked_to(publish, answers, asked):
    watched = Watched(video((1, 0)), answers)
    assert watched.ask(VIDEO, publish=publish) == ({"video": 1}, {})
    assert watched.events == [{"publish": event} for event in asked]


def test_no_patience_is_one_look():
    watched = Watched(video((1, 0)), said(2))
    watched.ask(VIDEO, wait_timeout=0)
    assert (len(watched.events), watched.round) == (1, 0)


@pytest.mark.parametrize(
    ("counted", "queues", "answers", "depth", "asked"),
    [
        pytest.param(5, video((9, 9)), said(5), 5, 0, id="agrees at once"),
        pytest.param(0, video((9, 9)), said(0), 0, 0, id="agrees on nothing"),
        pytest.param(4, video((3, 2)), said(5), 5, 1, id="has moved since"),
        pytest.param(2, video((9, 0)), said(4), 4, 1, id="between then and now"),
        pytest.param(9, video((0, 0)), said(4), 4, 1, id="between then and now, emptied"),
        pytest.param(1, video((2, 0), (2, 0)), said(7, 2), 2, 1, id="the newest count is remembered"),
        pytest.param(1, video((1, 0)), [refusal("AccessDenied"), *said(1)], 1, 1, id="once the right has spread"),
    ],
)
def test_a_queue_that_counted_the_same_a_moment_ago_is_not_asked_again(counted, queues, answers, depth, asked):
    watched = Watched(queues, answers)
    assert watched.ask(VIDEO, counted={"video": counted}) == ({"video": depth}, {})
    assert watched.counts == asked


def test_only_the_queues_that_differ_are_asked_again():
    watched = Watched([{"academy-audio-jobs": (7, 0)}], [{"video_queue_depth_total": 1, "audio_queue_depth_total": 7}])
    assert watched.ask(VIDEO, AUDIO, counted={"video": 1}) == ({"video": 1, "audio": 7}, {})
    assert watched.counts == 1


def test_a_count_of_a_moment_ago_settles_nothing_that_was_not_said():
    watched = Watched(video((1, 0)), [{}])
    agreed, unsettled = watched.ask(VIDEO, counted={"video": 1}, wait_timeout=0)
    assert agreed == {}
    assert "found nothing" in str(unsettled["video"])


def test_whose_the_function_is_is_not_asked_here():
    watched = Watched(video((1, 0)), said(1))
    aws = watched.aws()
    agreed_depths(aws, [VIDEO], FUNCTION, False, 0, {"video": 1})
    assert [name for name, _params in aws.asked] == ["lambda.invoke"]
