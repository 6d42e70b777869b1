# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Series of one point a period, in as few requests as the limits allow, and none that is not whole."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import AwsFailure
from ansible_collections.academy.video_scaling.plugins.module_utils.pool import Metric
from ansible_collections.academy.video_scaling.plugins.module_utils.resources import datapoints
from ansible_collections.academy.video_scaling.plugins.module_utils.resources.metric import MetricQuery
from ansible_collections.academy.video_scaling.tests.unit.fake_aws import FakeAws
from ansible_collections.academy.video_scaling.tests.unit.observations import AT, SINCE

MINUTE = datetime(2026, 2, 22, 11, 0, tzinfo=UTC)


def query(name, queue="jobs", **more):
    return MetricQuery("", metric=Metric("AWS/SQS", name, (("QueueName", queue),)), stat="Sum", **more)


SENT, DELETED = query("NumberOfMessagesSent"), query("NumberOfMessagesDeleted")


def result(query_id, *points, status="Complete"):
    return {
        "Id": query_id,
        "Timestamps": [time for time, value in points],
        "Values": [value for time, value in points],
        "StatusCode": status,
    }


def read(*results, queries=(SENT, DELETED), since=SINCE):
    aws = FakeAws({"cloudwatch.get_metric_data": list(results)})
    found = datapoints.read(aws, queries, since, AT)
    ((_operation, params),) = aws.asked
    return found, params


def test_each_query_has_its_own_series():
    later = MINUTE + timedelta(minutes=1)
    found, params = read(result("q1", (MINUTE, 2.0)), result("q0", (MINUTE, 1.0), (later, 3.0)))
    assert found == {SENT: ((MINUTE, 1.0), (later, 3.0)), DELETED: ((MINUTE, 2.0),)}
    asked = {query["Id"]: query["MetricStat"] for query in params["MetricDataQueries"]}
    assert asked["q0"] == {
        "Metric": {
            "Namespace": "AWS/SQS",
            "MetricName": "NumberOfMessagesSent",
            "Dimensions": [{"Name": "QueueName", "Value": "jobs"}],
        },
        "Stat": "Sum",
        "Period": 60,
    }


@pytest.mark.parametrize(
    ("time", "minute"),
    [
        (MINUTE + timedelta(seconds=41, microseconds=3), MINUTE),
        (MINUTE.astimezone(timezone(timedelta(hours=9))), MINUTE),
    ],
    ids=["within the minute", "of another zone"],
)
def test_a_point_is_that_of_its_minute(time, minute):
    found, _params = read(result("q0", (time, 1)), queries=(SENT,))
    (((moment, value),),) = found.values()
    assert (moment, moment.tzinfo, value) == (minute, UTC, 1.0)


@pytest.mark.parametrize(
    ("period", "begin"),
    [(10, timedelta(seconds=130)), (30, timedelta(seconds=120)), (60, timedelta(minutes=2)), (300, timedelta())],
    ids=str,
)
def test_the_period_is_that_of_the_query(period, begin):
    asked = replace(SENT, period=period)
    found, params = read(result("q0", (MINUTE + timedelta(seconds=137), 1.0)), queries=(asked,))
    assert found == {asked: ((MINUTE + begin, 1.0),)}
    assert [one["MetricStat"]["Period"] for one in params["MetricDataQueries"]] == [period]


def test_queries_of_different_periods_keep_their_own():
    short = replace(SENT, period=10)
    late = MINUTE + timedelta(seconds=59)
    found, _params = read(result("q0", (late, 1.0)), result("q1", (late, 2.0)), queries=(short, SENT))
    assert found == {short: ((MINUTE + timedelta(seconds=50), 1.0),), SENT: ((MINUTE, 2.0),)}


def test_what_a_policys_math_only_computes_with_is_returned_too():
    inner = replace(SENT, id="m1", return_data=False, unit="Count")
    _found, params = read(result("q0"), queries=(inner,))
    (asked,) = params["MetricDataQueries"]
    assert (asked["Id"], asked["ReturnData"], asked["MetricStat"]["Unit"]) == ("q0", True, "Count")


def test_a_series_goes_on_on_the_next_page():
    later = MINUTE + timedelta(minutes=1)
    found, _params = read(
        result("q0", (MINUTE, 1.0), status="PartialData"),
        result("q1", status="PartialData"),
        result("q0", (later, 2.0)),
        result("q1"),
    )
    assert found == {SENT: ((MINUTE, 1.0), (later, 2.0)), DELETED: ()}


@pytest.mark.parametrize(
    ("results", "word"),
    [
        ([result("q0"), result("q1", (MINUTE, 1.0), status="PartialData")], "PartialData"),
        ([result("q0"), result("q1", status="InternalError")], "InternalError"),
        ([result("q0"), result("q1", status="Forbidden")], "Forbidden"),
        ([result("q0")], "missing"),
    ],
    ids=["partial", "error", "forbidden", "left out"],
)
def test_a_series_that_is_not_whole_is_a_failure_and_no_other_is(results, word):
    found, _params = read(*results)
    assert found[SENT] == ()
    assert isinstance(found[DELETED], AwsFailure)
    assert found[DELETED].operation == "cloudwatch:GetMetricData"
    assert word in str(found[DELETED]) and "AWS/SQS/NumberOfMessagesDeleted" in str(found[DELETED])


@pytest.mark.parametrize(
    ("since", "start"),
    [
        (SINCE, SINCE.replace(second=0)),
        (AT - timedelta(days=15), (AT - timedelta(days=15)).replace(minute=5, second=0)),
    ],
    ids=["whole minutes", "not older than kept"],
)
def test_the_time_that_is_asked_for(since, start):
    _found, params = read(result("q0"), queries=(SENT,), since=since)
    assert (params["StartTime"], params["EndTime"], params["ScanBy"]) == (start, AT, "TimestampAscending")


@pytest.mark.parametrize(
    ("count", "window", "sizes"),
    [
        (501, timedelta(hours=3), [500, 1]),
        (12, timedelta(minutes=1), [12]),
        (140, timedelta(days=1), [69, 69, 2]),
        (9, timedelta(days=15), [4, 4, 1]),
        (0, timedelta(hours=3), []),
    ],
    ids=["500 to a request", "few", "a day", "all that is kept", "none"],
)
def test_as_many_to_a_request_as_it_and_its_reply_take(count, window, sizes):
    queries = [query("NumberOfMessagesSent", f"jobs{number}") for number in range(count)]
    batches = datapoints.batches([*queries, *queries], AT - window, AT)
    assert [len(batch) for batch in batches] == sizes
    assert [query for batch in batches for query in batch] == queries


def test_short_periods_have_more_points():
    queries = [query("NumberOfMessagesSent", f"jobs{number}") for number in range(100)]
    # Three hours of 10 seconds are 1,082 points, so 93 of them fill a reply.
    batches = datapoints.batches([*queries[1:], replace(queries[0], period=10)], AT - timedelta(hours=3), AT)
    assert [len(batch) for batch in batches] == [93, 7]
