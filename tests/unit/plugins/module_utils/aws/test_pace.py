# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Within any second no more than our share, one pool never waits, and a throttle holds whoever asks the service."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.aws import pace as edge
from ansible_collections.academy.video_scaling.plugins.module_utils.aws.errors import THROTTLED
from ansible_collections.academy.video_scaling.plugins.module_utils.aws.limits import DATAPOINTS, LIMITS, limit_of
from ansible_collections.academy.video_scaling.plugins.module_utils.aws.pace import Pace, asked_to_slow_down

THREADS = 16


class Clock:
    """Time passes only by sleeping, and for all threads at once."""

    def __init__(self):
        self.now = 100.0
        self.slept = []
        self._lock = threading.Lock()

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        with self._lock:
            self.slept.append(seconds)
            self.now += seconds


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def pace(clock):
    return Pace(None, clock, clock.sleep)


def sent_by_threads(pace, clock, asked):
    """When each was sent, in the order in which that was."""
    times, lock = [], threading.Lock()

    def send(name):
        service, operation = name.split(":")
        # The turn and the moment are one, or another thread's sleep would come between.
        with lock:
            assert pace.turn(service, operation)
            times.append((clock.now, name))

    def unguarded(name):
        assert pace.turn(*name.split(":"))

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(send, asked))
        list(pool.map(unguarded, asked[:THREADS]))
    return times


def most_in_a_second(times):
    return max(sum(1 for other in times if moment <= other < moment + 1) for moment in times)


@pytest.mark.parametrize("limit", LIMITS, ids=lambda limit: limit.operations[0])
def test_a_fleet_never_goes_above_our_share_and_uses_it(pace, clock, limit):
    names = [name.replace("*", "ListAliases" if "lambda" in name else "DescribeRule") for name in limit.operations]
    count = limit.ours * 5
    began = clock.now
    times = [moment for moment, _name in sent_by_threads(pace, clock, [names[n % len(names)] for n in range(count)])]
    assert most_in_a_second(times) == limit.ours
    assert times[-1] - began == pytest.approx(4.0)


def test_threads_that_wait_at_once_take_no_token_twice(clock):
    """Each thread sleeps by itself, so the moments that count are those at which the tokens were given."""
    pace = Pace(None, clock, clock.sleep)
    given, limit = [], limit_of("cloudwatch", "DescribeAlarms")
    to_wait = pace._to_wait

    def watched(service, of):
        with given_lock:
            seconds = to_wait(service, of)
            if not seconds:
                given.append(clock.now)
            return seconds

    given_lock = threading.Lock()
    pace._to_wait = watched
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(lambda number: pace.turn("cloudwatch", "DescribeAlarms"), range(100)))
    assert len(given) == 100
    assert most_in_a_second(given) <= limit.ours


# What a module asks for one pool, at least as often as in recorded runs of a first apply, a rollback and a diagnosis,
# all of it within one moment.
ONE_POOL = {
    "cloudwatch:DescribeAlarms": 3,
    "cloudwatch:DescribeAlarmHistory": 2,
    "cloudwatch:GetMetricData": 4,
    "logs:FilterLogEvents": 2,
    "logs:DescribeLogGroups": 3,
    "ssm:GetParameters": 6,
    "ssm:PutParameter": 2,
    "ssm:GetParameterHistory": 4,
    "ssm:DescribeParameters": 3,
    "lambda:GetPolicy": 4,
    "lambda:GetFunction": 3,
    "lambda:ListAliases": 12,
    "events:DescribeRule": 6,
    "events:ListTargetsByRule": 6,
    "autoscaling:PutScalingPolicy": 1,
    "autoscaling:DeletePolicy": 1,
    "autoscaling:DescribePolicies": 20,
    "sqs:GetQueueUrl": 20,
    "sqs:GetQueueAttributes": 20,
    "iam:GetRole": 20,
    "sts:GetCallerIdentity": 2,
}


def test_one_pool_never_waits(pace, clock):
    for name, count in ONE_POOL.items():
        for _number in range(count):
            assert pace.turn(*name.split(":"))
    assert clock.slept == []


@pytest.mark.parametrize("limit", DATAPOINTS, ids=lambda limit: str(limit.per_second))
def test_no_second_holds_more_datapoints_than_our_share(pace, clock, limit):
    sent = []
    # What is more than all of it goes alone.
    for amount in [limit.ours // 3] * 10 + [limit.ours + 1, 1, limit.ours]:
        assert pace.turn("cloudwatch", "GetMetricData", (limit, amount))
        sent.append((clock.now, amount))
    for moment, _amount in sent:
        within = [amount for time, amount in sent if moment <= time < moment + 1]
        assert sum(within) <= limit.ours or len(within) == 1
    assert [moment for moment, _amount in sent[:4]] == [100, 100, 100, 101]


def test_the_requests_count_beside_their_datapoints(pace, clock):
    requests = limit_of("cloudwatch", "GetMetricData").ours
    for _number in range(requests + 1):
        assert pace.turn("cloudwatch", "GetMetricData", (DATAPOINTS[0], 1))
    assert clock.now == 101


def test_services_do_not_wait_for_each_other(pace, clock):
    pace.hold("sqs", 30)
    assert pace.turn("sts", "GetCallerIdentity")
    assert clock.slept == []


# --- throttles --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("retry_after", "pause"),
    [(None, edge.FIRST_PAUSE_SECONDS), (7.0, 7.0), (0.0, 0.0), (3600.0, edge.LONGEST_RETRY_AFTER_SECONDS)],
    ids=["no time", "a time", "no pause", "an hour"],
)
def test_a_throttle_holds_all_threads_of_the_service(pace, clock, retry_after, pause):
    pace.hold("sqs", retry_after)
    began = clock.now
    times = sent_by_threads(pace, clock, ["sqs:GetQueueUrl", "sqs:GetQueueAttributes"] * 8)
    assert times[0][0] - began == pause


def test_a_pause_grows_while_it_goes_on_and_is_forgotten_after(pace, clock):
    pauses = []
    for _round in range(7):
        pace.hold("sqs")
        # The other threads get the same answer to what they had sent before.
        pace.hold("sqs")
        began = clock.now
        pace.turn("sqs", "GetQueueUrl")
        pauses.append(clock.now - began)
    assert pauses == [1, 2, 4, 8, 16, 16, 16]
    pace.answered("sqs")
    pace.hold("sqs")
    began = clock.now
    pace.turn("sqs", "GetQueueUrl")
    assert clock.now - began == 1


def test_an_answer_to_what_was_sent_before_the_hold_forgets_no_pause(pace, clock):
    pace.hold("sqs")
    pace.answered("sqs")
    pace.turn("sqs", "GetQueueUrl")
    pace.hold("sqs")
    began = clock.now
    pace.turn("sqs", "GetQueueUrl")
    assert clock.now - began == 2


def test_a_shorter_time_does_not_shorten_a_longer_one(pace, clock):
    pace.hold("sqs", 20)
    pace.hold("sqs", 3)
    began = clock.now
    pace.turn("sqs", "GetQueueUrl")
    assert clock.now - began == 20


def test_after_a_hold_the_limit_still_counts(pace, clock):
    pace.hold("cloudwatch", 10)
    times = [moment for moment, _name in sent_by_threads(pace, clock, ["cloudwatch:DescribeAlarms"] * 30)]
    assert times[0] == 110
    assert most_in_a_second(times) == limit_of("cloudwatch", "DescribeAlarms").ours


# --- a deadline -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("held", "served"), [(4.0, True), (6.0, False)], ids=["before", "after"])
def test_nobody_waits_past_the_deadline(clock, held, served):
    pace = Pace(105.0, clock, clock.sleep)
    pace.hold("sqs", held)
    assert pace.turn("sqs", "GetQueueUrl") is served
    assert clock.slept == ([held] if served else [])


def test_what_the_limit_does_not_let_through_in_time_is_refused(clock):
    pace = Pace(102.5, clock, clock.sleep)
    served = [pace.turn("cloudwatch", "DescribeAlarmHistory") for _number in range(10)]
    assert served == [True] * 6 + [False] * 4
    assert clock.now <= 102.5


# --- what asks for fewer requests -------------------------------------------------------------------------------

IN_9_SECONDS = format_datetime(datetime.now(UTC) + timedelta(seconds=9), usegmt=True)


@pytest.mark.parametrize(
    ("status", "headers", "code", "slow", "seconds"),
    [
        (200, {}, None, False, None),
        (200, {"retry-after": "5"}, None, False, None),
        (400, {}, "ValidationError", False, None),
        (503, {}, "ServiceUnavailable", False, None),
        (400, {"retry-after": "5"}, "ValidationError", True, 5.0),
        (503, {"retry-after": "5"}, None, True, 5.0),
        (503, {}, "SlowDown", True, None),
        (429, {}, "Whatever", True, None),
        (503, {"retry-after": "soon"}, "SlowDown", True, None),
        (503, {"retry-after": "soon"}, None, False, None),
        (503, {"retry-after": "nan"}, "SlowDown", True, None),
        (503, {"retry-after": "inf"}, "SlowDown", True, None),
        (503, {"retry-after": "-5"}, None, True, 0.0),
        (503, {"retry-after": "Mon, 01 Jan 2024 00:00:00 GMT"}, None, True, 0.0),
        *((400, {}, code, True, None) for code in THROTTLED),
    ],
)
def test_asked_to_slow_down(status, headers, code, slow, seconds):
    assert asked_to_slow_down(status, headers, {"Error": {"Code": code}} if code else {}) == (slow, seconds)


def test_a_date_is_understood():
    slow, seconds = asked_to_slow_down(503, {"retry-after": IN_9_SECONDS}, {})
    assert slow
    assert seconds is not None
    assert 0 <= seconds <= 9
