# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Only what was named is taken away, only when it is safe to, and a check says so beforehand."""

from __future__ import annotations

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from local_aws import seed
from local_aws.recorder import Answer, Recorded
from tests.integration.account import FUNCTION, RULE, Account, pool, task

# In the order in which nothing is left to fire or to publish into the void.
MODULES = ["video_scaling_policy", "queue_depth_schedule", "queue_depth_lambda", "video_queue"]
DELETING = {
    "autoscaling:DeletePolicy",
    "events:DeleteRule",
    "events:RemoveTargets",
    "iam:DeleteRole",
    "iam:DeleteRolePolicy",
    "lambda:DeleteFunction",
    "lambda:RemovePermission",
    "sqs:DeleteQueue",
}


def absent(*pools: dict[str, Any], modules: list[str] = MODULES, **more: Any) -> list[dict[str, Any]]:
    return [task(module, {"pools": list(pools), "state": "absent"}, **more) for module in modules]


def sources_of_a_dead_letter_queue(account: Account) -> Callable[[Recorded], Answer | None]:
    """As AWS answers ListDeadLetterSourceQueues, which this emulator does not know."""
    sqs = account.client("sqs")

    def source(url: str, dead_letter_queue: str) -> bool:
        reply = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["RedrivePolicy"])
        policy = json.loads(reply.get("Attributes", {}).get("RedrivePolicy", "{}"))
        return policy.get("deadLetterTargetArn", "").rpartition(":")[2] == dead_letter_queue

    def answer(request: Recorded) -> Answer | None:
        if request.operation != "ListDeadLetterSourceQueues":
            return None
        name = request.parameters["QueueUrl"].rpartition("/")[2]
        urls = [url for url in sqs.list_queues().get("QueueUrls", []) if source(url, name)]
        return 200, {"Content-Type": "application/x-amz-json-1.0"}, json.dumps({"queueUrls": urls})

    return answer


@pytest.fixture(scope="module")
def runs(shared: Account) -> SimpleNamespace:
    """Of two pools, first a queue with messages, then one pool, then the other one."""
    for name in ("video", "audio"):
        seed.make_group(shared.client, name=f"academy-{name}-worker-asg", old_policy=None)
    shared.recording.before = sources_of_a_dead_letter_queue(shared)
    applied = shared.apply({"video_scaling_pools": [pool(), pool("audio")]})
    assert applied.code == 0, applied.output
    sqs = shared.client("sqs")
    url = sqs.get_queue_url(QueueName="academy-audio-jobs")["QueueUrl"]
    seed.send_messages(sqs, url, 3)
    seed.take_messages(sqs, url, 1)
    busy = absent(pool(), pool("audio"), modules=["video_queue"], ignore_errors=True)
    refused = [shared.tasks(busy, check=True), shared.tasks(busy)]
    sqs.purge_queue(QueueUrl=url)
    one = shared.tasks(absent(pool("audio")), diff=True)
    checked = shared.tasks(absent(pool()), check=True, diff=True)
    last = shared.tasks(absent(pool()), diff=True)
    again = shared.tasks(absent(pool()), diff=True)
    return SimpleNamespace(refused=refused, one=one, checked=checked, last=last, again=again)


def test_a_queue_with_messages_is_refused_with_its_counts_and_the_other_pool_goes_on(runs):
    for run in runs.refused:
        row = run["video_queue"].pools["audio"]
        assert run["video_queue"].status == "ignored"
        assert row["failed"]
        assert "2" in row["msg"] and "1" in row["msg"]
        assert "audio" in run["video_queue"].message
        assert not run["video_queue"].pools["video"].get("failed")
    assert [run.mutating for run in runs.refused] == [[], ["sqs:DeleteQueue", "sqs:DeleteQueue"]]


def test_one_pool_goes_and_the_publisher_and_its_schedule_stay_for_the_other(runs):
    assert runs.one.code == 0, runs.one.output
    assert runs.one["queue_depth_schedule"].result["schedule"]["kept_for_pools"] == ["video"]
    assert runs.one["queue_depth_lambda"].result["publisher"]["served_pools"] == ["video"]
    assert not DELETING & {name for name in runs.one.mutating if name.startswith(("events:", "iam:"))}
    assert "lambda:DeleteFunction" not in runs.one.mutating


def test_a_check_of_the_last_pool_plans_what_is_then_taken_away(runs):
    assert runs.checked.code == 0, runs.checked.output
    assert runs.checked.mutating == []
    assert runs.last.code == 0, runs.last.output
    assert runs.last.changed == runs.checked.changed
    # The policy is kept as a snapshot before it goes.
    assert set(runs.last.mutating) <= {*DELETING, "ssm:PutParameter"}
    for module in ("video_scaling_policy", "queue_depth_lambda"):
        assert runs.last[module].diff
        assert runs.last[module].diff == runs.checked[module].diff


def test_a_second_time_there_is_nothing_to_take_away(runs):
    assert runs.again.code == 0, runs.again.output
    assert runs.again.mutating == []
    assert not any(runs.again.changed.values())


def test_nothing_of_it_is_left(runs, shared):
    assert shared.client("autoscaling").describe_policies()["ScalingPolicies"] == []
    assert shared.client("events").list_rules(NamePrefix=RULE)["Rules"] == []
    assert shared.client("lambda").list_functions()["Functions"] == []
    roles = [role["RoleName"] for role in shared.client("iam").list_roles()["Roles"]]
    assert [name for name in roles if name.startswith(FUNCTION)] == []
    assert shared.client("sqs").list_queues().get("QueueUrls", []) == []
    assert len(shared.client("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"]) == 2
