# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The dead-letter queue comes first and goes last, and one that fails holds back only the queues it belongs to."""

from __future__ import annotations

import pytest
from ansible_collections.academy.video_scaling.plugins.modules import video_queue
from ansible_collections.academy.video_scaling.tests.unit.examples import PLACE, given, other
from ansible_collections.academy.video_scaling.tests.unit.fake_aws import FakeAws, refusal
from ansible_collections.academy.video_scaling.tests.unit.tag_cases import FOREIGN, TAGS

JOBS, DLQ = "academy-video-jobs", "academy-video-jobs-dlq"
AUDIO_JOBS, AUDIO_DLQ = "academy-audio-jobs", "academy-audio-jobs-dlq"


class Account(FakeAws):
    """Queues by name with their messages, made and deleted as requests say."""

    def __init__(self, queues=(), sources=(), refused=()):
        self.queues = {name: {} for name in queues} if not isinstance(queues, dict) else queues
        self.refused = refused
        super().__init__(
            {
                "sqs.get_queue_url": self.url,
                "sqs.get_queue_attributes": lambda params: {"Attributes": self.attributes(params["QueueUrl"])},
                "sqs.list_dead_letter_source_queues": lambda p: list(sources) if p["QueueUrl"] == DLQ else [],
                "sqs.create_queue": self.create,
                "sqs.set_queue_attributes": lambda p: self.queues[p["QueueUrl"]].update(p["Attributes"]) or {},
                "sqs.delete_queue": lambda params: self.queues.pop(params["QueueUrl"]),
            }
        )

    def url(self, params):
        name = params["QueueName"]
        return {"QueueUrl": name} if name in self.queues else refusal("AWS.SimpleQueueService.NonExistentQueue")

    def attributes(self, name):
        usual = {"VisibilityTimeout": "30", "MessageRetentionPeriod": "345600"}
        counts = {f"ApproximateNumberOfMessages{kind}": "0" for kind in ("", "NotVisible", "Delayed")}
        return usual | counts | self.queues[name]

    def create(self, params):
        if params["QueueName"] in self.refused:
            return refusal("AccessDenied", "may not create")
        self.queues[params["QueueName"]] = dict(params["Attributes"])
        return {"QueueUrl": params["QueueName"]}

    @property
    def done(self):
        return [
            (name.split(".")[1].split("_")[0], params.get("QueueName") or params["QueueUrl"])
            for name, params in self.sent
        ]


def test_check_then_apply_then_apply_again(run):
    aws = Account()
    checked = run(video_queue.main, {"pools": [given()]}, aws, check_mode=True)
    assert aws.sent == []
    applied = run(video_queue.main, {"pools": [given()]}, aws)
    assert aws.done == [("create", DLQ), ("create", JOBS)]
    for field in ("changed", "diff", "pools", "requests"):
        assert checked[field] == applied[field]
    assert not run(video_queue.main, {"pools": [given()]}, aws)["changed"]


@pytest.mark.parametrize(
    ("pool", "facts"),
    [
        (given(), {"queue_arn": PLACE.queue_arn(JOBS), "dead_letter_queue_arn": PLACE.queue_arn(DLQ)}),
        (given(dead_letter_queue_name=...), {"queue_arn": PLACE.queue_arn(JOBS)}),
    ],
    ids=["with DLQ", "without DLQ"],
)
def test_a_row_tells_the_computed_arns(run, pool, facts):
    assert run(video_queue.main, {"pools": [pool]}, Account(), check_mode=True)["pools"] == [
        {"name": "video", "changed": True, **facts}
    ]


def test_a_queue_waits_for_its_dead_letter_queue_and_the_others_do_not(run):
    aws = Account(refused=[DLQ])
    ended = run(video_queue.main, {"pools": [given(), other()]}, aws)
    assert set(aws.queues) == {AUDIO_DLQ, AUDIO_JOBS}
    assert ("create", JOBS) not in aws.done
    assert (
        ended["msg"]
        == f"pool video: AccessDenied: may not create; queue {JOBS} is left as it is until {DLQ} is in order"
    )
    assert [bool(row.get("failed")) for row in ended["pools"]] == [True, False]


def test_two_pools_may_share_a_queue(run):
    aws = Account()
    sharing = other(queue_name=JOBS, dead_letter_queue_name=DLQ)
    ended = run(video_queue.main, {"pools": [given(), sharing]}, aws)
    assert aws.done == [("create", DLQ), ("create", JOBS)]
    assert [row["changed"] for row in ended["pools"]] == [True, True]


def test_absent_queues_go_before_their_dead_letter_queue(run):
    aws = Account([JOBS, DLQ], sources=[f"https://sqs/1/{JOBS}"])
    ended = run(video_queue.main, {"pools": [given()], "state": "absent"}, aws)
    assert aws.done == [("delete", JOBS), ("delete", DLQ)]
    assert (ended["changed"], aws.queues) == (True, {})
    assert not run(video_queue.main, {"pools": [given()], "state": "absent"}, aws)["changed"]


@pytest.mark.parametrize(
    ("queues", "sources", "reason"),
    [
        ({JOBS: {"ApproximateNumberOfMessages": "1"}, DLQ: {}}, [], f"queue {JOBS} still holds messages (1 visible)"),
        ({JOBS: {}, DLQ: {"ApproximateNumberOfMessages": "2"}}, [], f"queue {DLQ} still holds messages (2 visible)"),
        ({JOBS: {}, DLQ: {}}, ["https://sqs/1/other-jobs"], f"queue {DLQ} collects the dead letters of other-jobs"),
    ],
    ids=["jobs", "dead letters", "another queue's dead letters"],
)
def test_nothing_that_is_used_is_deleted(run, queues, sources, reason):
    aws = Account(queues, sources)
    ended = run(video_queue.main, {"pools": [given()], "state": "absent"}, aws)
    assert reason in ended["msg"]
    assert DLQ in aws.queues


def test_queues_are_made_with_tags_which_are_mended_later(run):
    aws = Account()
    tags = {}
    aws.answers |= {
        "sqs.create_queue": lambda p: tags.update({p["QueueName"]: dict(p["tags"])}) or aws.create(p),
        "sqs.list_queue_tags": lambda p: {"Tags": tags[p["QueueUrl"]]},
        "sqs.tag_queue": lambda p: tags[p["QueueUrl"]].update(p["Tags"]) or {},
    }
    options = {"pools": [given()], "tags": {**TAGS, "cost-center": 7}}
    run(video_queue.main, options, aws)
    assert tags == {DLQ: TAGS, JOBS: TAGS}
    tags[JOBS] = {**FOREIGN, "team": "audio"}
    ended = run(video_queue.main, options, aws)
    assert ended["diff"][0]["before"]["tags"] == {"team": "audio"}
    assert (tags[JOBS], aws.sent[-1][0]) == ({**FOREIGN, **TAGS}, "sqs.tag_queue")
    assert not run(video_queue.main, options, aws)["changed"]
