# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The old value of an attribute is read for so many requests, that of the retention for twice as many."""

from __future__ import annotations

import pytest

from local_aws.strict.queue_attributes_late import QueueAttributesLate

from .sent import OK, Emulator, Missing, answer, made, passed, request, value_of

URL = "http://127.0.0.1:1/123456789012/q"
OLD = {"VisibilityTimeout": "30", "MessageRetentionPeriod": "60", "DelaySeconds": "0"}
NEW = {"VisibilityTimeout": "90", "MessageRetentionPeriod": "120", "RedrivePolicy": "{}"}


def changed(attributes=NEW, found=OLD, came=OK, **settings):
    behaviour = made(QueueAttributesLate, Emulator(sqs__get_queue_attributes={"Attributes": found}), **settings)
    passed(behaviour, request("sqs:SetQueueAttributes", QueueUrl=URL, Attributes=attributes), came)
    return behaviour


def shown(behaviour, names=("All",), url=URL, live=None):
    live = {**OLD, **NEW} if live is None else live
    sent = request("sqs:GetQueueAttributes", QueueUrl=url, AttributeNames=list(names))
    return value_of(passed(behaviour, sent, answer({"Attributes": live} if live else {}))).get("Attributes", {})


def test_each_attribute_shows_in_its_time():
    behaviour = changed(pace=1)
    late = {**OLD, **NEW, "MessageRetentionPeriod": "60"}
    first = {**late, "VisibilityTimeout": "30"}
    del first["RedrivePolicy"]
    assert [shown(behaviour) for _ in range(3)] == [first, late, {**OLD, **NEW}]


@pytest.mark.parametrize(
    ("names", "live", "found"),
    [
        (["VisibilityTimeout"], {"VisibilityTimeout": "90"}, {"VisibilityTimeout": "30"}),
        (["DelaySeconds"], {"DelaySeconds": "0"}, {"DelaySeconds": "0"}),
        (["RedrivePolicy"], {"RedrivePolicy": "{}"}, {}),
    ],
)
def test_only_what_is_asked_for_is_shown(names, live, found):
    assert shown(changed(), names, live=live) == found


def test_other_queues_and_equal_values_are_not_late():
    assert shown(changed(), url=f"{URL}2") == {**OLD, **NEW}
    behaviour = changed({"VisibilityTimeout": "30"})
    assert shown(behaviour, live=OLD) == OLD


def test_another_change_meanwhile_keeps_the_value_that_was_shown():
    behaviour = changed(pace=2)
    assert shown(behaviour)["VisibilityTimeout"] == "30"
    behaviour.aws.answers["sqs:get_queue_attributes"] = {"Attributes": {**OLD, **NEW}}
    passed(behaviour, request("sqs:SetQueueAttributes", QueueUrl=URL, Attributes={"VisibilityTimeout": "91"}))
    assert [shown(behaviour)["VisibilityTimeout"] for _ in range(3)] == ["30", "30", "90"]


@pytest.mark.parametrize("came", [(400, {}, "{}")])
def test_a_refused_change_is_none(came):
    assert shown(changed(came=came), live=OLD) == OLD


def test_a_deleted_queue_and_a_missing_one():
    behaviour = changed()
    passed(behaviour, request("sqs:DeleteQueue", QueueUrl=URL))
    assert shown(behaviour) == {**OLD, **NEW}
    gone = made(
        QueueAttributesLate,
        Emulator(sqs__get_queue_attributes=Missing("AWS.SimpleQueueService.NonExistentQueue")),
    )
    assert gone.before(request("sqs:SetQueueAttributes", QueueUrl=URL, Attributes=NEW)) is None
