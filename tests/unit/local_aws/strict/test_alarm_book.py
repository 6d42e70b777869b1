# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An alarm is shown with its metric math, and chosen by what it acts on."""

from __future__ import annotations

import json

from local_aws.strict.alarm_book import AlarmBook

from .sent import OK, answer, request, value_of

QUERIES = [{"Id": "e1", "Expression": "m1 + m2"}]
STORED = {"AlarmName": "a", "Statistic": "Average", "Period": 60, "Threshold": 1.0, "AlarmActions": ["arn:one"]}


def described(book, *alarms, **chosen):
    sent = request("cloudwatch:DescribeAlarms", **chosen)
    return value_of(book.after(sent, answer({"MetricAlarms": list(alarms), "NextToken": "t"})))


def test_metric_math_is_shown_in_place_of_one_metric():
    book = AlarmBook()
    book.after(request("cloudwatch:PutMetricAlarm", AlarmName="a", Metrics=QUERIES), OK)
    assert described(book, STORED) == {
        "MetricAlarms": [{"AlarmName": "a", "Threshold": 1.0, "AlarmActions": ["arn:one"], "Metrics": QUERIES}],
        "NextToken": "t",
    }


def test_it_is_forgotten_with_the_alarm_or_with_another_put():
    for sent in (
        request("cloudwatch:PutMetricAlarm", AlarmName="a", MetricName="M"),
        request("cloudwatch:DeleteAlarms", AlarmNames=["a"]),
    ):
        book = AlarmBook()
        book.after(request("cloudwatch:PutMetricAlarm", AlarmName="a", Metrics=QUERIES), OK)
        assert book.after(sent, OK) is OK
        assert described(book, STORED)["MetricAlarms"] == [STORED]


def test_alarms_are_chosen_by_the_prefix_of_an_action():
    other = {**STORED, "AlarmName": "b", "AlarmActions": ["arn:two", "arn:three"]}
    for prefix, names in (("arn:t", ["b"]), ("arn:one", ["a"]), ("arn:", ["a", "b"]), ("x", []), ("", ["a", "b"])):
        found = described(AlarmBook(), STORED, other, ActionPrefix=prefix)
        assert [alarm["AlarmName"] for alarm in found["MetricAlarms"]] == names, prefix


def test_an_answer_in_another_protocol_is_left_alone():
    came = (200, {}, b"<DescribeAlarmsResponse/>")
    assert AlarmBook().after(request("cloudwatch:DescribeAlarms"), came) is came
    came = (200, {}, json.dumps({"MetricAlarms": [STORED]}, indent=1))
    assert AlarmBook().after(request("cloudwatch:DescribeAlarms"), came) is came
