# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A queue is made or mended, never purged; it is deleted only when empty, unused and declared absent."""

from __future__ import annotations

import json

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import Failure
from ansible_collections.academy.video_scaling.plugins.module_utils.resources import queue
from ansible_collections.academy.video_scaling.plugins.module_utils.resources.queue import DesiredAbsent, Queue, Redrive
from ansible_collections.academy.video_scaling.tests.unit.examples import PLACE, ROOT, pool
from ansible_collections.academy.video_scaling.tests.unit.fake_aws import FakeAws, refusal, sent
from ansible_collections.academy.video_scaling.tests.unit.tag_cases import TAGS, every_drift, require_own_tags_shown

JOBS, DLQ = "academy-video-jobs", "academy-video-jobs-dlq"
URL = "https://sqs.ap-northeast-2.amazonaws.com/123456789012/academy-video-jobs"
DLQ_ARN = "arn:aws:sqs:ap-northeast-2:123456789012:academy-video-jobs-dlq"
REDRIVE = Redrive(DLQ_ARN, 3)
RECORDED = ROOT / "tests" / "unit" / "recorded" / "20260222_091201" / "sqs_attributes.json"


def attributes(**changes):
    """What SQS answers for All."""
    whole = {
        "QueueArn": f"arn:aws:sqs:ap-northeast-2:123456789012:{JOBS}",
        "ApproximateNumberOfMessages": "3",
        "ApproximateNumberOfMessagesNotVisible": "2",
        "ApproximateNumberOfMessagesDelayed": "1",
        "VisibilityTimeout": "10800",
        "MaximumMessageSize": "1048576",
        "MessageRetentionPeriod": "1209600",
        "RedrivePolicy": json.dumps({"maxReceiveCount": 3, "deadLetterTargetArn": DLQ_ARN}, indent=1),
    }
    return {name: value for name, value in {**whole, **changes}.items() if value is not None}


EMPTY = {name: "0" for name in attributes() if name.startswith("Approximate")}


def live(**changes):
    return queue.from_response(JOBS, URL, attributes(**changes))


def wanted(**options):
    return queue.from_params(pool(**options), PLACE)[JOBS]


def test_the_dead_letter_queue_is_declared_first():
    assert queue.from_params(pool(visibility_timeout=30), PLACE) == {
        DLQ: Queue(DLQ),
        JOBS: Queue(JOBS, visibility_timeout=30, redrive=REDRIVE),
    }
    assert list(queue.from_params(pool(), PLACE)) == [DLQ, JOBS]


def test_without_a_dead_letter_queue_there_is_one_queue():
    assert queue.from_params(pool(dead_letter_queue_name=...), PLACE) == {JOBS: Queue(JOBS)}


def test_the_depth_is_visible_and_in_flight():
    assert live().depth == 5


@pytest.mark.parametrize(
    "answer", [attributes(RedrivePolicy=None), attributes(RedrivePolicy="")], ids=["absent", "empty"]
)
def test_no_redrive_policy_is_none(answer):
    assert queue.from_response(JOBS, URL, answer).redrive is None


def test_a_count_as_text_is_a_count():
    policy = json.dumps({"maxReceiveCount": "3", "deadLetterTargetArn": DLQ_ARN})
    assert live(RedrivePolicy=policy).redrive == REDRIVE


REDRIVE_ATTRIBUTE = json.dumps({"deadLetterTargetArn": DLQ_ARN, "maxReceiveCount": 3})


@pytest.mark.parametrize(
    ("desired", "request_attributes"),
    [
        pytest.param(Queue(JOBS), {}, id="nothing managed"),
        pytest.param(wanted(), {"RedrivePolicy": REDRIVE_ATTRIBUTE}, id="the seed pool"),
        pytest.param(
            wanted(visibility_timeout=0, message_retention_period=60),
            {"VisibilityTimeout": "0", "MessageRetentionPeriod": "60", "RedrivePolicy": REDRIVE_ATTRIBUTE},
            id="zero is a value",
        ),
        pytest.param(Queue("jobs.fifo"), {"FifoQueue": "true"}, id="FIFO"),
        pytest.param(
            queue.from_params(pool(), PLACE)[DLQ],
            {"MessageRetentionPeriod": "1209600"},
            id="a new DLQ keeps the longest",
        ),
    ],
)
def test_a_missing_queue_is_made_whole(desired, request_attributes):
    plan = queue.plan(None, desired)
    assert sent(plan) == [("create_queue", {"QueueName": desired.name, "Attributes": request_attributes})]
    assert plan.before is None
    assert plan.after["queue_name"] == desired.name


@pytest.mark.parametrize(
    ("current", "desired"),
    [
        pytest.param(live(), Queue(JOBS), id="nothing managed"),
        pytest.param(live(), wanted(), id="as declared"),
        pytest.param(live(), wanted(visibility_timeout=10800, message_retention_period=1209600), id="all as declared"),
        pytest.param(
            queue.from_response(DLQ, URL, attributes(MessageRetentionPeriod="345600", RedrivePolicy=None)),
            queue.from_params(pool(), PLACE)[DLQ],
            id="an existing DLQ keeps its retention",
        ),
    ],
)
def test_what_is_as_declared_or_not_managed_is_left(current, desired):
    plan = queue.plan(current, desired)
    assert (sent(plan), plan.differences()) == ([], [])


@pytest.mark.parametrize(
    ("current", "options", "changed", "difference"),
    [
        pytest.param(
            live(), {"visibility_timeout": 60}, {"VisibilityTimeout": "60"}, "visibility_timeout", id="visibility"
        ),
        pytest.param(live(), {"visibility_timeout": 0}, {"VisibilityTimeout": "0"}, "visibility_timeout", id="to zero"),
        pytest.param(
            live(MessageRetentionPeriod="60"),
            {"message_retention_period": 1209600},
            {"MessageRetentionPeriod": "1209600"},
            "message_retention_period",
            id="longer retention",
        ),
        pytest.param(
            live(**EMPTY),
            {"message_retention_period": 60},
            {"MessageRetentionPeriod": "60"},
            "message_retention_period",
            id="shorter retention of an empty queue",
        ),
        pytest.param(
            live(RedrivePolicy=None),
            {},
            {"RedrivePolicy": REDRIVE_ATTRIBUTE},
            "redrive_policy",
            id="redrive policy gone",
        ),
        pytest.param(
            live(RedrivePolicy=json.dumps({"deadLetterTargetArn": DLQ_ARN, "maxReceiveCount": 9})),
            {},
            {"RedrivePolicy": REDRIVE_ATTRIBUTE},
            "redrive_policy.max_receive_count",
            id="receive count",
        ),
        pytest.param(
            live(RedrivePolicy=json.dumps({"deadLetterTargetArn": f"{DLQ_ARN}-2", "maxReceiveCount": 3})),
            {},
            {"RedrivePolicy": REDRIVE_ATTRIBUTE},
            "redrive_policy.dead_letter_target_arn",
            id="another DLQ",
        ),
    ],
)
def test_only_the_attribute_that_differs_is_set(current, options, changed, difference):
    plan = queue.plan(current, wanted(**options))
    assert sent(plan) == [("set_queue_attributes", {"QueueUrl": URL, "Attributes": changed})]
    assert [line.split(":")[0] for line in plan.differences()] == [difference]


def test_messages_are_not_deleted_by_a_shorter_retention():
    with pytest.raises(
        Failure, match=r"message_retention_period: .* holds 3 visible, 2 in flight, 1 delayed; 60 seconds"
    ):
        queue.plan(live(), wanted(message_retention_period=60))


def test_a_dead_letter_queue_made_a_moment_ago_is_waited_for():
    for current in (None, live(RedrivePolicy=None)):
        (request,) = queue.plan(current, wanted()).requests
        assert ("InvalidParameterValue", "Dead letter target does not exist") in request.until_consistent


@pytest.mark.parametrize("code", queue.MISSING)
def test_a_queue_that_was_made_a_moment_ago_may_not_be_found_yet(code):
    (request,) = queue.plan(live(RedrivePolicy=None), wanted()).requests
    assert (code, "") in request.until_consistent


def test_an_empty_queue_is_deleted_when_declared_absent():
    plan = queue.plan(live(**EMPTY), DesiredAbsent())
    assert sent(plan) == [("delete_queue", {"QueueUrl": URL})]
    assert plan.after is None
    # SQS's counts may be a minute old.
    assert plan.steady.seconds > 60


def test_an_absent_queue_is_left_absent():
    assert not queue.plan(None, DesiredAbsent()).changed


@pytest.mark.parametrize(
    ("current", "reason"),
    [
        pytest.param(live(), "still holds messages (3 visible, 2 in flight, 1 delayed)", id="messages"),
        pytest.param(live(**EMPTY | {"ApproximateNumberOfMessagesDelayed": "4"}), "(4 delayed)", id="only delayed"),
        pytest.param(
            live(**EMPTY | {"ApproximateNumberOfMessagesNotVisible": "1"}), "(1 in flight)", id="only in flight"
        ),
        pytest.param(
            Queue(DLQ, sources=("audio", "video")), "collects the dead letters of audio, video", id="used as DLQ"
        ),
    ],
)
def test_a_queue_in_use_is_not_deleted(current, reason):
    with pytest.raises(Failure) as refused:
        queue.plan(current, DesiredAbsent())
    assert reason in str(refused.value)


def account(**answers):
    return FakeAws(
        {
            "sqs.get_queue_url": {"QueueUrl": URL},
            "sqs.get_queue_attributes": {"Attributes": attributes(**EMPTY)},
            "sqs.list_dead_letter_source_queues": [f"https://sqs/1/{name}" for name in ("video", "audio")],
        }
        | {f"sqs.{operation}": answer for operation, answer in answers.items()}
    )


@pytest.mark.parametrize("code", queue.MISSING)
@pytest.mark.parametrize("operation", ["get_queue_url", "get_queue_attributes"])
def test_a_missing_queue_is_none(operation, code):
    assert queue.find(account(**{operation: refusal(code)}), {JOBS: Queue(JOBS)}) == {JOBS: None}


def test_a_queue_that_may_not_be_read_is_a_failure_of_its_own():
    def url(params):
        return refusal("AccessDenied") if params["QueueName"] == JOBS else {"QueueUrl": URL}

    found = queue.find(account(get_queue_url=url), {JOBS: Queue(JOBS), DLQ: Queue(DLQ)})
    assert "AccessDenied" in str(found[JOBS])
    assert found[DLQ].url == URL


MANY = {f"jobs-{number}": Queue(f"jobs-{number}") for number in range(queue.FEW)}
OF_MANY = [f"https://sqs/1/{name}" for name in MANY]


@pytest.mark.parametrize(
    ("desired", "listed", "by_name"),
    [
        (MANY, OF_MANY, []),
        (MANY, OF_MANY[1:], ["jobs-0"]),
        (MANY, ["https://sqs/1/jobs-of-others", *OF_MANY], []),
        (MANY, ["https://sqs/1/jobs-of-others"] * queue.OTHERS_READ * queue.FEW + OF_MANY, sorted(MANY)),
        (MANY, refusal("AccessDenied"), sorted(MANY)),
        (dict(list(MANY.items())[1:]), None, sorted(MANY)[1:]),
    ],
    ids=["all listed", "one is new", "one of others", "mostly others", "not allowed", "few"],
)
def test_of_many_queues_only_those_are_asked_by_name_that_the_list_lacks(desired, listed, by_name):
    aws = account(list_queues=listed, get_queue_url=lambda params: {"QueueUrl": f"https://sqs/1/{params['QueueName']}"})
    found = queue.find(aws, desired)
    assert {name: one.url for name, one in found.items()} == {name: f"https://sqs/1/{name}" for name in desired}
    assert sorted(params["QueueName"] for name, params in aws.asked if name == "sqs.get_queue_url") == by_name
    lists = [params for name, params in aws.asked if name == "sqs.list_queues"]
    assert lists == ([{"MaxResults": 1000, "QueueNamePrefix": "jobs-"}] if listed else [])


def test_a_queue_that_is_listed_and_gone_is_none():
    aws = account(list_queues=OF_MANY, get_queue_attributes=refusal(queue.MISSING[0]))
    assert queue.find(aws, MANY) == dict.fromkeys(MANY)


@pytest.mark.parametrize(
    ("desired", "sources"),
    [
        (Queue(JOBS), ()),
        (DesiredAbsent(), ("audio", "video")),
        (DesiredAbsent(leaving=frozenset({"video"})), ("audio",)),
        (DesiredAbsent(leaving=frozenset({"video", "audio"})), ()),
    ],
    ids=["not to be deleted", "both remain", "one leaves too", "all leave"],
)
def test_who_uses_it_is_asked_only_of_a_queue_to_be_deleted(desired, sources):
    aws = account()
    assert queue.find(aws, {JOBS: desired})[JOBS].sources == sources
    assert len(aws.asked) == (3 if isinstance(desired, DesiredAbsent) else 2)


def test_the_recorded_queue_is_the_seed_pools():
    found = queue.from_response(JOBS, URL, json.loads(RECORDED.read_text())["Attributes"])
    assert not queue.plan(found, wanted()).changed
    assert found.depth == 0


# --- tags -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [JOBS, DLQ])
def test_a_missing_queue_is_made_with_its_tags(name):
    plan = queue.plan(None, queue.from_params(pool(), PLACE, TAGS)[name])
    ((operation, params),) = sent(plan)
    assert (operation, params["tags"]) == ("create_queue", TAGS)
    require_own_tags_shown(plan, {})


@every_drift
def test_the_given_tags_of_a_queue_are_mended_and_no_others(live, untagged):
    aws, desired = account(list_queue_tags={"Tags": live}), queue.from_params(pool(), PLACE, TAGS)
    plan = queue.plan(queue.find(aws, desired)[JOBS], desired[JOBS])
    assert sent(plan) == ([("tag_queue", {"QueueUrl": URL, "Tags": untagged})] if untagged else [])
    require_own_tags_shown(plan, live)


def test_a_queue_without_tags_answers_none_of_them():
    aws, desired = account(list_queue_tags={}), queue.from_params(pool(), PLACE, TAGS)
    assert queue.find(aws, desired)[JOBS].tags == {}


def test_tags_and_attributes_are_mended_at_once():
    aws = account(list_queue_tags={"Tags": {}})
    desired = queue.from_params(pool(visibility_timeout=60), PLACE, TAGS)
    plan = queue.plan(queue.find(aws, desired)[JOBS], desired[JOBS])
    assert [operation for operation, _params in sent(plan)] == ["set_queue_attributes", "tag_queue"]


def test_tags_that_may_not_be_read_are_reported():
    aws = account(list_queue_tags=refusal("AccessDenied"))
    assert "AccessDenied" in str(queue.find(aws, queue.from_params(pool(), PLACE, TAGS))[JOBS])


def test_a_queue_that_goes_while_its_tags_are_read_is_left_to_the_next_reading():
    aws = account(list_queue_tags=refusal(queue.MISSING[0]))
    assert queue.find(aws, queue.from_params(pool(), PLACE, TAGS))[JOBS].tags == {}


@pytest.mark.parametrize("desired", [wanted(), DesiredAbsent()], ids=["none given", "to be deleted"])
def test_tags_are_read_only_where_some_are_given(desired):
    aws = account()
    queue.find(aws, {JOBS: desired})
    assert "sqs.list_queue_tags" not in [name for name, _params in aws.asked]
