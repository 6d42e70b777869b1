# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Only what a run needs is read, and all that a pool lacks is told at once."""

from __future__ import annotations

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import Failure
from ansible_collections.academy.video_scaling.plugins.module_utils.resources.queue import Queue
from ansible_collections.academy.video_scaling.plugins.module_utils.steps import preflight
from ansible_collections.academy.video_scaling.tests.unit.examples import GROUP, other, pool
from ansible_collections.academy.video_scaling.tests.unit.fake_aws import FakeAws, refusal

JOBS, DLQ = "academy-video-jobs", "academy-video-jobs-dlq"
OPTIONS = {
    "expected_account": None,
    "expected_region": None,
    "manage_queues": True,
    "require_empty_queues": False,
    "require_groups": True,
}
ATTRIBUTES = {
    "VisibilityTimeout": "30",
    "MessageRetentionPeriod": "60",
    "ApproximateNumberOfMessages": "3",
    "ApproximateNumberOfMessagesNotVisible": "2",
    "ApproximateNumberOfMessagesDelayed": "0",
}


def account(groups=(GROUP,), queues=(JOBS, DLQ)):
    sizes = {"MinSize": 0, "MaxSize": 20, "DesiredCapacity": 0}
    gone = refusal("QueueDoesNotExist")
    return FakeAws(
        {
            "autoscaling.describe_auto_scaling_groups": [{"AutoScalingGroupName": name, **sizes} for name in groups],
            "sqs.get_queue_url": lambda p: {"QueueUrl": p["QueueName"]} if p["QueueName"] in queues else gone,
            "sqs.get_queue_attributes": {"Attributes": ATTRIBUTES},
        }
    )


def work(aws, *pools, **options):
    return preflight.work(pools or [pool()], aws, {**OPTIONS, **options})


@pytest.mark.parametrize(
    ("options", "asked"),
    [
        ({}, {"autoscaling"}),
        ({"require_groups": False}, set()),
        ({"manage_queues": False}, {"autoscaling", "sqs"}),
        ({"require_empty_queues": True, "require_groups": False}, {"sqs"}),
    ],
    ids=["groups", "nothing", "queues that must be there", "queues that must be empty"],
)
def test_what_is_read(options, asked):
    aws = account()
    work(aws, **options)
    assert {operation.split(".")[0] for operation, _params in aws.asked} == asked


def test_the_outcomes_are_the_queues_that_were_read():
    found = {
        name: outcome.found for name, outcome in work(account(queues=[JOBS]), manage_queues=False).outcomes.items()
    }
    assert found == {JOBS: Queue(JOBS, 30, 60), DLQ: None}
    assert found[JOBS].depth == 5
    assert work(account()).outcomes == {}


def test_a_pool_tells_all_that_it_lacks():
    failed = work(account(groups=[], queues=[]), manage_queues=False).failed
    parts = failed["video"].split("; ")
    assert [part.split(":")[0] for part in parts if ": there is no " in part] == [
        "auto_scaling_group_name",
        "queue_name",
        "dead_letter_queue_name",
    ]


def test_one_read_of_the_groups_serves_all_pools():
    aws = account()
    done = work(aws, pool(), pool(**other()), pool(**other(name="text", auto_scaling_group_name=GROUP)))
    assert list(done.failed) == ["audio"]
    assert [params["AutoScalingGroupNames"] for _operation, params in aws.asked] == [
        ["academy-audio-worker-asg", GROUP]
    ]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"expected_account": "210987654321"}, "^expected_account: "),
        ({"expected_region": "us-east-1"}, "^expected_region: "),
        ({"expected_account": "210987654321", "expected_region": "us-east-1"}, "^expected_account: "),
    ],
    ids=["account", "region", "both"],
)
def test_the_wrong_place_ends_it(options, told):
    aws = account()
    with pytest.raises(Failure, match=told):
        work(aws, **options)
    assert aws.asked == []


def test_the_place_is_told():
    assert work(account()).facts == {"account_id": "123456789012", "region": "ap-northeast-2"}
