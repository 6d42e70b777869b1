# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A reading is a value or the failure that it met, and nobody takes the one for the other."""

from __future__ import annotations

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.observed import READINGS, Observed, Unread
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import AwsFailure, Failure
from ansible_collections.academy.video_scaling.tests.unit.examples import POLICY
from ansible_collections.academy.video_scaling.tests.unit.observations import (
    alarm,
    healthy,
    observed,
    policy,
    queue,
    queue_metrics,
    series,
)

DENIED = AwsFailure("sqs:GetQueueAttributes is denied", "AccessDenied", "sqs:GetQueueAttributes")


def test_the_healthy_pool_has_every_reading():
    assert set(healthy()) == set(READINGS)


@pytest.mark.parametrize(
    ("failure", "action"), [(DENIED, "sqs:GetQueueAttributes"), (Failure("gone"), "")], ids=["denied", "otherwise"]
)
def test_a_failed_reading_says_why_and_which_action_is_missing(failure, action):
    with pytest.raises(Unread) as raised:
        observed(queue=failure).depth  # noqa: B018 (reading it is the test)
    assert (str(raised.value), raised.value.action) == (str(failure), action)


def test_what_was_not_asked_is_no_value():
    seen = observed()
    with pytest.raises(Unread, match="sqs:GetQueueAttributes was not asked"):
        Observed(seen.at, seen.since, seen.place, {}).queue  # noqa: B018 (reading it is the test)


@pytest.mark.parametrize(("value", "known"), [(DENIED, "otherwise"), (None, "otherwise"), ({"a": "b"}, {"a": "b"})])
def test_a_reading_that_only_adds_does_without(value, known):
    assert observed(queue=value).known("queue", "otherwise") == known


@pytest.mark.parametrize(
    ("attributes", "depth"),
    [(queue(ApproximateNumberOfMessages=2, ApproximateNumberOfMessagesNotVisible=3), 5), (None, None)],
)
def test_the_depth_is_visible_and_in_flight(attributes, depth):
    assert observed(queue=attributes).depth == depth


IDLE = queue(ApproximateNumberOfMessagesNotVisible=0)
STILL = queue_metrics(in_flight=series(0))


@pytest.mark.parametrize(
    ("readings", "busy"),
    [
        ({}, True),
        ({"queue": IDLE}, True),
        ({"queue_metrics": STILL}, True),
        ({"queue": IDLE, "queue_metrics": STILL}, False),
        ({"queue": None, "queue_metrics": queue_metrics(in_flight=())}, False),
        ({"queue": DENIED, "queue_metrics": STILL}, True),
        ({"queue": IDLE, "queue_metrics": DENIED}, True),
    ],
    ids=["now and before", "before", "now", "never", "no queue", "queue not known", "metrics not known"],
)
def test_a_pool_was_busy_where_a_message_was_in_flight_or_may_have_been(readings, busy):
    assert observed(**readings).was_busy == busy


def test_a_policy_is_found_by_name_and_its_alarms_by_name_or_by_what_they_do():
    foreign = alarm("High", AlarmName="step", AlarmActions=["arn:other"])
    unnamed = alarm("High", AlarmName="renamed")
    seen = observed(alarms=[alarm("High"), foreign, unnamed])
    assert [one["AlarmName"] for one in seen.alarms_of(seen.policy(POLICY))] == [alarm("High")["AlarmName"], "renamed"]
    assert observed(policies=[policy(PolicyName="other")]).policy(POLICY) is None
