# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Statements are weighed as IAM does; what cannot be seen is never taken for a missing right."""

from __future__ import annotations

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.evidence.rights import (
    Answer,
    Asked,
    answer,
    invites,
)

PUT = Asked("cloudwatch:PutMetricData", "*", {"cloudwatch:namespace": "Academy/Video"})
READ = Asked("sqs:GetQueueUrl", "arn:aws:sqs:r:1:jobs")
YES, UNSURE = Answer(True), Answer(None)


def no(reason):
    return Answer(False, reason)


def statement(effect="Allow", **elements):
    return {"Sid": "S", "Effect": effect, "Action": "*", "Resource": "*", **elements}


def where(operator, values, key="cloudwatch:namespace", **elements):
    return statement(Condition={operator: {key: values}}, **elements)


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([], no("no statement allows it")),
        ([statement()], YES),
        ([statement(Action="CloudWatch:Put*")], YES),
        ([statement(Action=["sqs:*", "cloudwatch:putmetricdata"])], YES),
        ([statement(Action="sqs:*")], no("no statement allows it")),
        ([{"Effect": "Allow", "NotAction": "sqs:*", "Resource": "*"}], YES),
        ([{"Effect": "Allow", "NotAction": ["cloudwatch:*"], "Resource": "*"}], no("no statement allows it")),
        ([statement(Resource="arn:aws:cloudwatch:*")], no("statement S does not cover *")),
        ([where("StringEquals", "Academy/Video")], YES),
        ([where("StringEquals", ["Other", "Academy/Video"])], YES),
        (
            [where("StringEquals", ["Other", "Academy/*"])],
            no("statement S allows it only where cloudwatch:namespace StringEquals Other or Academy/*"),
        ),
        ([where("StringLike", "Academy/*")], YES),
        ([where("ForAllValues:StringLike", ["Academy/*"])], YES),
        ([where("StringEqualsIfExists", "Academy/Video")], YES),
        ([where("StringEqualsIgnoreCase", "academy/VIDEO", key="CloudWatch:Namespace")], YES),
        (
            [where("StringNotEquals", "Academy/Video", Sid="")],
            no("a statement without Sid allows it only where cloudwatch:namespace StringNotEquals Academy/Video"),
        ),
        ([where("StringNotLike", ["A", "B"])], YES),
        ([where("NumericLessThan", "5")], UNSURE),
        ([where("StringEquals", "x", key="aws:PrincipalTag/team")], UNSURE),
        ([where("StringEquals", "x", key="aws:PrincipalTag/team"), statement()], YES),
        ([where("StringEquals", "${aws:PrincipalTag/ns}")], UNSURE),
        ([statement(), statement("Deny", Sid="D")], no("statement D denies it")),
        ([statement(), statement("Deny", Action="sqs:*")], YES),
        ([statement(), where("StringEquals", "Other", effect="Deny")], YES),
        ([statement(), where("StringNotEquals", "Other", effect="Deny", Sid="D")], no("statement D denies it")),
        ([statement(), where("StringEquals", "x", key="aws:SourceVpc", effect="Deny")], UNSURE),
        ([where("StringEquals", "x", key="aws:SourceVpc", effect="Deny")], no("no statement allows it")),
    ],
)
def test_publishing(statements, expected):
    assert answer(statements, PUT) == expected


@pytest.mark.parametrize(
    ("elements", "expected"),
    [
        ({"Resource": "arn:aws:sqs:r:1:j*s"}, YES),
        ({"Resource": ["arn:aws:sqs:r:1:other", "arn:aws:sqs:r:?:jobs"]}, YES),
        ({"Resource": "arn:aws:sqs:r:1:JOBS"}, no("statement S does not cover arn:aws:sqs:r:1:jobs")),
    ],
)
def test_reading(elements, expected):
    assert answer([statement(**elements)], READ) == expected


@pytest.mark.parametrize(
    ("resource", "expected"),
    [({}, YES), ({"NotResource": "arn:aws:s3:*"}, YES), ({"NotResource": ["arn:aws:sqs:*"]}, False)],
    ids=["of the resource's own policy", "another is left out", "it is left out"],
)
def test_a_resource_that_is_not_named(resource, expected):
    found = answer([{"Effect": "Allow", "Action": "*", **resource}], READ)
    assert found.allowed is (expected if expected is False else True)


@pytest.mark.parametrize(
    ("principal", "expected"),
    [
        ("*", True),
        (["*"], True),
        ({"AWS": "*"}, True),
        ({"Service": "events.amazonaws.com"}, True),
        ({"Service": ["lambda.amazonaws.com", "events.amazonaws.com"]}, True),
        ({"Service": "lambda.amazonaws.com"}, False),
        (None, False),
    ],
)
def test_whom_a_statement_speaks_of(principal, expected):
    assert invites({"Principal": principal}, "events.amazonaws.com") is expected
