# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every attempt on the wire had its turn and was counted, and what an answer asks for is heeded by all threads."""

from __future__ import annotations

import contextlib
import time
from datetime import UTC, datetime, timedelta

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.aws import connection as connecting
from ansible_collections.academy.video_scaling.plugins.module_utils.aws import pace as pacing
from ansible_collections.academy.video_scaling.plugins.module_utils.aws.connection import Connection
from ansible_collections.academy.video_scaling.plugins.module_utils.aws.errors import NOT_ANSWERED
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import AwsFailure, Lasting
from ansible_collections.academy.video_scaling.plugins.module_utils.plan import Wait
from botocore import awsrequest, httpsession

SEOUL = {"region": "ap-northeast-2", "access_key": "AKIAOPTION", "secret_key": "secret-option"}
THROTTLE = (400, {}, b'{"__type": "ThrottlingException", "message": "Rate exceeded"}')
BUSY = (503, {"retry-after": "7"}, b"")


class Raw:
    def __init__(self, body):
        self.body = body

    def stream(self, *args, **how):
        yield self.body


@pytest.fixture
def clock(monkeypatch):
    """Time passes only by sleeping: that of the pace, and that of botocore between two attempts."""
    now = [100.0]

    def sleep(seconds):
        now[0] += seconds

    monkeypatch.setattr(connecting, "monotonic", lambda: now[0])
    monkeypatch.setattr(connecting, "sleep", sleep)
    monkeypatch.setattr(time, "sleep", sleep)
    return now


@pytest.fixture
def wire(monkeypatch, clock):
    """``wire(answers)`` is the list of (moment, signature's date) of what was sent; the last answer stays."""

    def wire(*answers):
        waiting, sent = list(answers), []

        def send(session, request):
            sent.append((clock[0], request.headers["X-Amz-Date"].decode()))
            status, headers, body = waiting.pop(0) if len(waiting) > 1 else waiting[0]
            return awsrequest.AWSResponse("http://127.0.0.1", status, headers, Raw(body))

        monkeypatch.setattr(httpsession.URLLib3Session, "send", send)
        return sent

    return wire


def ok(body):
    return 200, {}, body


@pytest.mark.parametrize(
    ("answers", "ask", "counted"),
    [
        (
            [THROTTLE, BUSY, ok(b'{"Name": "r"}')],
            lambda aws: aws.call("events", "describe_rule", Name="r"),
            {"events:DescribeRule": 3},
        ),
        (
            [ok(b'{"Aliases": [], "NextMarker": "a"}'), THROTTLE, ok(b'{"Aliases": []}')],
            lambda aws: list(aws.pages("lambda", "list_aliases", "Aliases", FunctionName="f")),
            {"lambda:ListAliases": 3},
        ),
        (
            [ok(b'{"State": "Pending"}'), ok(b'{"State": "Pending"}'), ok(b'{"State": "Active"}')],
            lambda aws: aws.send(
                Wait("lambda", "published_version_active", {"FunctionName": "f", "Qualifier": "1"}), {}
            ),
            {"lambda:GetFunctionConfiguration": 3},
        ),
        (
            [ok(b'{"Payload": 1}')],
            lambda aws: aws.call("lambda", "invoke", FunctionName="f"),
            {"lambda:Invoke": 1},
        ),
    ],
    ids=["retries", "pages", "a waiter", "one"],
)
@pytest.mark.parametrize("endpoint", [None, "http://127.0.0.1:1"], ids=["AWS", "an endpoint of its own"])
def test_no_attempt_goes_past_it(wire, monkeypatch, answers, ask, counted, endpoint):
    sent, turns = wire(*answers), []
    turn = pacing.Pace.turn
    monkeypatch.setattr(pacing.Pace, "turn", lambda pace, *what: turns.append((len(sent), what)) or turn(pace, *what))
    aws = Connection({**SEOUL, "endpoint_url": endpoint})
    ask(aws)
    (name,) = counted
    expected = (*name.split(":"), None)
    assert turns == [(number, expected) for number in range(counted[name])], "a turn before each attempt"
    assert len(sent) == counted[name]
    assert aws.measured()["requests_by_operation"] == counted


@pytest.mark.parametrize(
    ("back", "queries", "moments"),
    [
        # 120 datapoints each and 144,000 a second, then 2,880 each and 316,800 a second.
        (timedelta(hours=2), 500, [100, 100, 101]),
        (timedelta(hours=2), 100, [100, 100, 100]),
        (timedelta(days=2), 35, [100, 100, 100]),
        (timedelta(days=2), 70, [100, 101, 102]),
    ],
    ids=["many of hours", "few of hours", "few of days", "many of days"],
)
def test_datapoints_have_a_pace_of_their_own(wire, back, queries, moments):
    sent = wire(ok(b"none"))
    aws, now = Connection({**SEOUL, "endpoint_url": "http://127.0.0.1:1"}), datetime.now(UTC)
    stat = {"Metric": {"Namespace": "n", "MetricName": "m"}, "Period": 60, "Stat": "Sum"}
    asked = [{"Id": f"q{number}", "MetricStat": stat} for number in range(queries)]
    for _round in moments:
        # The answer is none of the protocols that botocore has had for it.
        with contextlib.suppress(AwsFailure):
            aws.call("cloudwatch", "get_metric_data", MetricDataQueries=asked, StartTime=now - back, EndTime=now)
    assert [moment for moment, _signed in sent] == moments


NONE_LEFT = (
    429,
    {"content-type": "application/json", "x-amzn-errortype": "TooManyRequestsException"},
    b'{"Reason": "ReservedFunctionConcurrentInvocationLimitExceeded", "Type": "User", "message": "Rate Exceeded."}',
)
LIFT = "aws lambda delete-function-concurrency --function-name f --region ap-northeast-2"


@pytest.mark.parametrize("reserved", [b'{"ReservedConcurrentExecutions": 0}', b"{}"], ids=["none", "not stated"])
def test_a_function_that_never_runs_is_reported_at_once_with_what_lifts_that(wire, clock, reserved):
    sent = wire(NONE_LEFT, ok(reserved), ok(b'{"Payload": 1}'))
    aws = Connection(SEOUL)
    with pytest.raises(Lasting, match=LIFT) as refused:
        aws.call("lambda", "invoke", FunctionName="f", Payload=b"{}")
    assert (refused.value.code, refused.value.operation) == ("TooManyRequestsException", "lambda:InvokeFunction")
    assert (len(sent), clock[0]) == (2, 100)
    assert aws.measured()["requests_by_operation"] == {"lambda:Invoke": 1, "lambda:GetFunctionConcurrency": 1}


@pytest.mark.parametrize(
    "reserved",
    [ok(b'{"ReservedConcurrentExecutions": 1}'), (403, {"x-amzn-errortype": "AccessDeniedException"}, b"{}")],
    ids=["it is busy", "who may not ask"],
)
def test_a_function_that_is_busy_is_asked_again(wire, clock, reserved):
    sent = wire(NONE_LEFT, reserved, ok(b'{"Payload": 1}'))
    Connection(SEOUL).call("lambda", "invoke", FunctionName="f", Payload=b"{}")
    assert len(sent) == 3
    assert clock[0] > 100


def test_what_keeps_its_pace_keeps_it_on_the_wire(wire):
    sent = wire(ok(b'{"InvalidParameters": [], "Version": 1}'))
    aws = Connection(SEOUL)
    for number in range(7):
        aws.call("ssm", "put_parameter", Name=f"/{number}", Value="v")
    assert [moment for moment, _signed in sent] == [100, 100, 101, 101, 102, 102, 103]


@pytest.mark.parametrize(("answer", "seconds"), [(BUSY, 7.0), (THROTTLE, 1.0)], ids=["Retry-After", "a throttle"])
def test_an_answer_holds_other_operations_of_the_service_too(wire, monkeypatch, answer, seconds):
    # Without the pause that botocore makes in the thread that was throttled.
    monkeypatch.setitem(connecting.QUICK, "attempts", 1)
    wire(answer, ok(b'{"Name": "r"}'))
    aws = Connection(SEOUL, quick=True)
    with pytest.raises(AwsFailure):
        aws.call("events", "describe_rule", Name="r")
    before = connecting.monotonic()
    aws.call("events", "list_targets_by_rule", Rule="r")
    assert connecting.monotonic() - before == pytest.approx(seconds)


def test_what_is_held_beyond_the_deadline_is_reported_at_once(wire, clock):
    sent = wire((503, {"retry-after": "50"}, b""), ok(b"{}"))
    aws = Connection(SEOUL, quick=True)
    with pytest.raises(AwsFailure) as refused:
        aws.call("events", "describe_rule", Name="r")
    assert (refused.value.code, refused.value.operation) == (NOT_ANSWERED, "events:DescribeRule")
    assert str(refused.value).startswith("events:DescribeRule in ap-northeast-2 was not sent")
    assert len(sent) == 1
    assert clock[0] < 100 + connecting.QUICK_SECONDS


def test_it_is_signed_after_it_has_waited(wire, monkeypatch):
    """A signature is good for some minutes, and a turn may take longer."""
    signed_at = []
    aws = Connection(SEOUL)
    client = aws._client("events")
    client.meta.events.register("before-sign", lambda **more: signed_at.append(connecting.monotonic()))
    wire(ok(b'{"Name": "r"}'))
    aws._pace.hold("events", 30)
    aws.call("events", "describe_rule", Name="r")
    assert signed_at == [130.0]


def test_what_never_left_is_not_counted(wire):
    sent = wire(ok(b"{}"))
    aws = Connection(SEOUL)
    aws._client("events").meta.events.register("before-sign", lambda **more: 1 / 0)
    with pytest.raises(AwsFailure):
        aws.call("events", "describe_rule", Name="r")
    assert (sent, aws.measured()["requests_by_operation"]) == ([], {})
