# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run that cannot end well is refused before its first write, each pool with its own reason."""

from __future__ import annotations

import pytest
from ansible_collections.academy.video_scaling.plugins.modules import video_scaling_preflight
from ansible_collections.academy.video_scaling.tests.unit.examples import GROUP, given, other
from ansible_collections.academy.video_scaling.tests.unit.fake_aws import FakeAws, refusal

ATTRIBUTES = {
    "VisibilityTimeout": "30",
    "MessageRetentionPeriod": "60",
    **{f"ApproximateNumberOfMessages{kind}": "0" for kind in ("", "NotVisible", "Delayed")},
}


JOBS, DLQ = "academy-video-jobs", "academy-video-jobs-dlq"
VISIBLE = {"ApproximateNumberOfMessages": "3"}


def account(groups=(GROUP,), queues=("academy-video-jobs", "academy-video-jobs-dlq"), error=None, held=None):
    """:param held: the counts of a queue, by its name."""

    def url(params):
        missing = refusal("AWS.SimpleQueueService.NonExistentQueue")
        return {"QueueUrl": params["QueueName"]} if params["QueueName"] in queues else error or missing

    sizes = {"MinSize": 0, "MaxSize": 20, "DesiredCapacity": 0}
    return FakeAws(
        {
            "autoscaling.describe_auto_scaling_groups": [{"AutoScalingGroupName": name, **sizes} for name in groups],
            "sqs.get_queue_url": url,
            "sqs.get_queue_attributes": lambda params: {
                "Attributes": {**ATTRIBUTES, **(held or {}).get(params["QueueUrl"], {})}
            },
        }
    )


def check(run, aws, *pools, **options):
    ended = run(video_scaling_preflight.main, {"pools": list(pools) or [given()], **options}, aws)
    assert aws.sent == []
    return ended


@pytest.mark.parametrize(
    ("aws", "options"),
    [
        (account(), {}),
        (account(queues=()), {}),
        (account(), {"manage_queues": False}),
        (account(), {"expected_account": "123456789012", "expected_region": "ap-northeast-2"}),
        (account(), {"expected_account": "", "expected_region": ""}),
        (account(), {"require_empty_queues": True}),
        (account(queues=()), {"require_empty_queues": True}),
        (account(held={JOBS: VISIBLE}), {}),
        (account(held={JOBS: VISIBLE}), {"manage_queues": False}),
        (account(groups=()), {"require_groups": False}),
    ],
    ids=[
        "all there",
        "queues to be made",
        "queues there",
        "the expected place",
        "no expected place",
        "empty queues",
        "no queues to be empty",
        "messages",
        "messages in a queue of somebody else",
        "a group that is gone",
    ],
)
def test_a_run_that_can_end_well_goes_on(run, aws, options):
    ended = check(run, aws, **options)
    assert ended["pools"] == [{"name": "video", "changed": False}]
    assert (ended["account_id"], ended["region"], ended["changed"]) == ("123456789012", "ap-northeast-2", False)


@pytest.mark.parametrize(
    ("aws", "options", "message"),
    [
        (account(groups=()), {}, f"pool video: auto_scaling_group_name: there is no group {GROUP}"),
        (
            account(queues=["academy-video-jobs-dlq"]),
            {"manage_queues": False},
            "pool video: queue_name: there is no queue",
        ),
        (
            account(queues=["academy-video-jobs"]),
            {"manage_queues": False},
            "pool video: dead_letter_queue_name: there is no",
        ),
        (
            account(queues=[], error=refusal("AccessDenied")),
            {"manage_queues": False},
            "pool video: AccessDenied: refused",
        ),
        (
            account(),
            {"expected_account": "210987654321"},
            "expected_account: this run is to be in account 210987654321",
        ),
        (account(), {"expected_region": "us-east-1"}, "expected_region: this run is to be in region us-east-1"),
    ],
    ids=["no group", "no queue", "no DLQ", "unreadable", "another account", "another region"],
)
def test_a_run_that_cannot_is_refused(run, aws, options, message):
    ended = check(run, aws, **options)
    assert ended["failed"]
    assert ended["msg"].startswith(message)


@pytest.mark.parametrize(
    ("held", "message"),
    [
        ({JOBS: VISIBLE}, f"pool video: queue_name: queue {JOBS} still holds 3 visible; "),
        (
            {JOBS: {"ApproximateNumberOfMessagesNotVisible": "2"}},
            f"pool video: queue_name: queue {JOBS} still holds 2 in flight; ",
        ),
        (
            {JOBS: {"ApproximateNumberOfMessagesDelayed": "1"}},
            f"pool video: queue_name: queue {JOBS} still holds 1 delayed; ",
        ),
        (
            {JOBS: {**VISIBLE, "ApproximateNumberOfMessagesNotVisible": "2"}},
            f"pool video: queue_name: queue {JOBS} still holds 3 visible, 2 in flight; ",
        ),
        ({DLQ: VISIBLE}, f"pool video: dead_letter_queue_name: queue {DLQ} still holds 3 visible; "),
    ],
    ids=["visible", "in flight", "delayed", "two kinds", "dead letters"],
)
@pytest.mark.parametrize("manage_queues", [True, False])
def test_a_queue_that_must_be_empty_and_is_not_is_refused_with_its_counts(run, held, message, manage_queues):
    ended = check(run, account(held=held), require_empty_queues=True, manage_queues=manage_queues)
    assert ended["failed"]
    assert ended["msg"].startswith(message)
    assert "video_scaling_retire_force: true" in ended["msg"]


def test_a_queue_that_cannot_be_counted_is_not_taken_for_empty(run):
    ended = check(run, account(queues=[], error=refusal("AccessDenied")), require_empty_queues=True)
    assert ended["msg"].startswith("pool video: AccessDenied: refused")


@pytest.mark.parametrize("options", [{"expected_account": "210987654321"}, {"expected_region": "us-east-1"}], ids=str)
def test_in_the_wrong_place_nothing_more_is_asked(run, options):
    aws = FakeAws()
    check(run, aws, **options)
    assert aws.asked == []


def test_each_pool_has_its_own_reason(run):
    ended = check(run, account(groups=[GROUP]), given(), other())
    assert [bool(row.get("failed")) for row in ended["pools"]] == [False, True]
    assert ended["msg"].startswith("pool audio: ")
