# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Only what a run needs is read, and all that a pool lacks is reported at once."""

from __future__ import annotations

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import Failure
from ansible_collections.academy.video_scaling.plugins.module_utils.resources.queue import Queue
from ansible_collections.academy.video_scaling.plugins.module_utils.steps import preflight
from ansible_collections.academy.video_scaling.tests.unit.examples import FUNCTION, GROUP, given, other, pool
from ansible_collections.academy.video_scaling.tests.unit.fake_aws import FakeAws, publisher_serving, refusal

JOBS, DLQ = "academy-video-jobs", "academy-video-jobs-dlq"
OPTIONS = {
    "expected_account": None,
    "expected_region": None,
    "manage_queues": True,
    "require_empty_queues": False,
    "require_groups": True,
    "manage_group_metrics": True,
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
    return preflight.work(pools or [pool()], aws, {**OPTIONS, "manage_group_metrics": True, **options})


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


@pytest.mark.parametrize("managed", [True, False])
def test_group_metrics_that_a_run_does_not_enable_have_to_be_there(managed):
    by_sqs = pool(signal="sqs_per_instance", metric=...)
    failed = work(account(), by_sqs, manage_group_metrics=managed).failed
    assert ("enable-metrics-collection" in failed.get("video", "")) == (not managed)


def served(*pools):
    """The publisher as it answers that it serves these."""
    aws = account(groups=(GROUP, "academy-audio-worker-asg"))
    aws.answers |= publisher_serving(*pools)
    return aws


DIVIDED = {"signal": "published_per_instance"}


@pytest.mark.parametrize(
    ("live", "refused"),
    [
        (served(given(**DIVIDED)), False),
        (served(given()), True),
        (served(given(**DIVIDED, target_value=2)), True),
        (served(given(**DIVIDED, auto_scaling_group_name="another")), True),
        (served(), True),
    ],
    ids=["as declared", "the total alone", "another target", "another group", "not at all"],
)
def test_a_policy_alone_follows_only_what_is_published(live, refused):
    declared = [pool(**DIVIDED), pool(**other())]
    failed = work(live, *declared, require_published=True, function_name=FUNCTION).failed
    assert list(failed) == (["video"] if refused else [])
    assert not refused or "deploy it first (deploy_lambda.yml), or apply all (apply.yml)" in failed["video"]


def test_a_publisher_that_cannot_be_asked_is_a_reason_too():
    aws = served()
    aws.answers["lambda.list_aliases"] = refusal("AccessDenied")
    failed = work(aws, pool(**DIVIDED), require_published=True, function_name=FUNCTION).failed
    assert failed == {"video": str(refusal("AccessDenied"))}


def test_no_publisher_is_asked_about_pools_that_it_does_not_divide_for():
    aws = account()
    work(aws, pool(), pool(**other(signal="sqs_per_instance")), require_published=True, function_name=FUNCTION)
    assert {name.split(".")[0] for name, _params in aws.asked} == {"autoscaling"}


def test_one_read_of_the_groups_serves_all_pools():
    aws = account()
    done = work(aws, pool(), pool(**other()), pool(**other(name="text", auto_scaling_group_name=GROUP)))
    assert list(done.failed) == ["audio"]
    assert [params["AutoScalingGroupNames"] for _operation, params in aws.asked] == [
        ["academy-audio-worker-asg", GROUP]
    ]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"expected_account": "210987654321"}, "^expected_account: "),
        ({"expected_region": "us-east-1"}, "^expected_region: "),
        ({"expected_account": "210987654321", "expected_region": "us-east-1"}, "^expected_account: "),
    ],
    ids=["account", "region", "both"],
)
def test_the_wrong_place_ends_it(options, expected):
    aws = account()
    with pytest.raises(Failure, match=expected):
        work(aws, **options)
    assert aws.asked == []


def test_the_place_is_reported():
    assert work(account()).facts == {"account_id": "123456789012", "region": "ap-northeast-2"}
