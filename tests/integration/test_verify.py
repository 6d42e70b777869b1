# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What does not read back as declared fails the run, with what was expected and what was found."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from local_aws import seed
from local_aws.recorder import Answer, Recorded
from tests.integration.account import FUNCTION, RULE, Account, pool, task

IMPATIENT = {"video_scaling_verify_wait_timeout": 1}
# What the queue is made to answer, whatever is in it.
COUNTS = {"ApproximateNumberOfMessages": "40", "ApproximateNumberOfMessagesNotVisible": "2"}


def miscounting(account: Account) -> Callable[[Recorded], Answer | None]:
    """Other counts than the publisher's own, whose requests do not pass through the recorder."""

    def answer(request: Recorded) -> Answer | None:
        if request.operation != "GetQueueAttributes":
            return None
        attributes = account.client("sqs").get_queue_attributes(**request.parameters)["Attributes"]
        body = json.dumps({"Attributes": {**attributes, **COUNTS}})
        return 200, {"Content-Type": "application/x-amz-json-1.0"}, body

    return answer


def verify(*aspects: str) -> dict[str, object]:
    options = {"pools": [pool()], "aspects": list(aspects), "wait_timeout": 1}
    return task("video_scaling_verify", options, name=" ".join(aspects), ignore_errors=True)


def test_an_apply_whose_publisher_and_queue_disagree_fails(applied):
    applied.recording.before = miscounting(applied)
    run = applied.apply(IMPATIENT)
    applied.recording.before = None
    assert run.code != 0
    assert (run.failure.name, run.mutating) == ("Pools", [])
    for word in ("video", "42", "0"):
        assert re.search(rf"\b{word}\b", run.failure.message)


def test_each_aspect_is_read_back_by_itself(applied):
    applied.client("events").disable_rule(Name=RULE)
    seed.make_old_policy(applied.client, metric_name="VideoQueueDepthTotal", target_value=7.0)
    run = applied.tasks([verify("publisher"), verify("schedule"), verify("policy"), verify("schedule", "policy")])
    assert {task.name: task.status for task in run.tasks} == {
        "publisher": "ok",
        "schedule": "ignored",
        "policy": "ignored",
        "schedule policy": "ignored",
    }
    assert run.mutating == []
    assert "ENABLED" in run["schedule"].message and "DISABLED" in run["schedule"].message
    assert "1" in run["policy"].message and "7" in run["policy"].message
    for words in ("DISABLED", "7"):
        assert words in run["schedule policy"].pools["video"]["msg"]
    applied.client("events").enable_rule(Name=RULE)


def test_a_publisher_without_a_live_version_and_a_rule_without_a_target_are_found(applied):
    applied.client("lambda").delete_alias(FunctionName=FUNCTION, Name="live")
    applied.client("events").remove_targets(Rule=RULE, Ids=["queue-depth-publisher"])
    run = applied.tasks([verify("publisher"), verify("schedule")])
    for name in ("publisher", "schedule"):
        assert run[name].status == "ignored"
        assert "live" in run[name].message
        assert run[name].pools["video"]["failed"]
    assert "Traceback" not in run.output
