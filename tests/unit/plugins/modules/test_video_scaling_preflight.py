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


def account(groups=(GROUP,), queues=("academy-video-jobs", "academy-video-jobs-dlq"), error=None):
    def url(params):
        missing = refusal("AWS.SimpleQueueService.NonExistentQueue")
        return {"QueueUrl": "u"} if params["QueueName"] in queues else error or missing

    sizes = {"MinSize": 0, "MaxSize": 20, "DesiredCapacity": 0}
    return FakeAws(
        {
            "autoscaling.describe_auto_scaling_groups": [{"AutoScalingGroupName": name, **sizes} for name in groups],
            "sqs.get_queue_url": url,
            "sqs.get_queue_attributes": {"Attributes": ATTRIBUTES},
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
    ],
    ids=["all there", "queues to be made", "queues there", "the expected place", "no expected place"],
)
def test_a_run_that_can_end_well_goes_on(run, aws, options):
    ended = check(run, aws, **options)
    assert ended["pools"] == [{"name": "video", "changed": False}]
    assert (ended["account_id"], ended["region"], ended["changed"]) == ("123456789012", "ap-northeast-2", False)


@pytest.mark.parametrize(
    ("aws", "options", "told"),
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
def test_a_run_that_cannot_is_refused(run, aws, options, told):
    ended = check(run, aws, **options)
    assert ended["failed"]
    assert ended["msg"].startswith(told)


@pytest.mark.parametrize("options", [{"expected_account": "210987654321"}, {"expected_region": "us-east-1"}], ids=str)
def test_in_the_wrong_place_nothing_more_is_asked(run, options):
    aws = FakeAws()
    check(run, aws, **options)
    assert aws.asked == []


def test_each_pool_has_its_own_reason(run):
    ended = check(run, account(groups=[GROUP]), given(), other())
    assert [bool(row.get("failed")) for row in ended["pools"]] == [False, True]
    assert ended["msg"].startswith("pool audio: ")
