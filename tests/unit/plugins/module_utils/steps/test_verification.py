# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A function is invoked only once it is known to be ours; what differs fails the pools that depend on it."""

from __future__ import annotations

import io
import json

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.resources.function import DESCRIPTION
from ansible_collections.academy.video_scaling.plugins.module_utils.steps import verification
from ansible_collections.academy.video_scaling.tests.unit.examples import FUNCTION, GROUP, RULE, other, pool
from ansible_collections.academy.video_scaling.tests.unit.fake_aws import FakeAws, refusal
from ansible_collections.academy.video_scaling.tests.unit.plugins.module_utils.steps.runs import run_of

VIDEO, AUDIO = pool(), pool(**other())
GONE = refusal("ResourceNotFoundException")


def account(**answers):
    """One that has nothing but a publisher: it counts 1 for each pool, and the queues count 1 visible."""
    counted = json.dumps({"video_queue_depth_total": 1, "audio_queue_depth_total": 2}).encode()
    attributes = {
        "VisibilityTimeout": "30",
        "MessageRetentionPeriod": "60",
        **{f"ApproximateNumberOfMessages{kind}": "0" for kind in ("NotVisible", "Delayed")},
        "ApproximateNumberOfMessages": "1",
    }
    return FakeAws(
        {
            "lambda.get_function_configuration": {"Description": DESCRIPTION},
            "lambda.invoke": lambda params: {"Payload": io.BytesIO(counted)},
            "lambda.get_policy": GONE,
            "lambda.get_function_event_invoke_config": GONE,
            "sqs.get_queue_url": {"QueueUrl": "u"},
            "sqs.get_queue_attributes": {"Attributes": attributes},
            "events.describe_rule": GONE,
            "autoscaling.describe_auto_scaling_groups": [
                {"AutoScalingGroupName": GROUP, "MinSize": 0, "MaxSize": 20, "DesiredCapacity": 0}
            ],
            "autoscaling.describe_policies": [],
        }
        | answers
    )


@pytest.mark.parametrize(
    ("ask", "described"), [(verification.depths, 0), (verification.own_depths, 1)], ids=["known to be ours", "shown"]
)
def test_each_pool_tells_the_depth_on_which_it_agreed(ask, described):
    aws = account()
    done = ask([VIDEO, AUDIO], aws, FUNCTION, False, 0)
    assert list(done.failed) == ["audio"]
    assert [one.get("queue_depth_total") for one in done.rows] == [1, None]
    asked = [operation for operation, _params in aws.asked]
    assert asked.count("lambda.get_function_configuration") == described


def test_what_was_counted_a_moment_ago_is_not_asked_again():
    aws = account()
    done = verification.depths([VIDEO, AUDIO], aws, FUNCTION, True, 0, {"video": 1, "audio": 2})
    assert [one["queue_depth_total"] for one in done.rows] == [1, 2]
    assert [(operation, params["Payload"]) for operation, params in aws.asked] == [
        ("lambda.invoke", b'{"publish": true}')
    ]


@pytest.mark.parametrize(
    ("live", "part"),
    [
        (GONE, "found nothing"),
        ({"Description": ""}, "found a version that this collection did not make"),
        (refusal("AccessDenied"), "AccessDenied"),
    ],
    ids=["no alias", "by hand", "unreadable"],
)
def test_a_version_that_is_not_known_to_be_ours_is_not_asked(live, part):
    aws = account(**{"lambda.get_function_configuration": live})
    done = verification.own_depths([VIDEO, AUDIO], aws, FUNCTION, False, 60)
    assert done.failed.keys() == {"video", "audio"}
    assert all(part in reason for reason in done.failed.values())
    assert [operation for operation, _params in aws.asked] == ["lambda.get_function_configuration"]


def test_the_schedule_is_that_of_every_pool():
    done = verification.schedule(run_of(verification, [VIDEO, AUDIO], account()), [VIDEO, AUDIO])
    assert done.failed.keys() == {"video", "audio"}
    assert f"rule {RULE}" in done.failed["audio"]


def test_a_policy_is_that_of_its_own_pool():
    done = verification.policies([VIDEO, AUDIO], account())
    assert "found nothing" in done.failed["video"]
    assert "there is no group academy-audio-worker-asg" in done.failed["audio"]
