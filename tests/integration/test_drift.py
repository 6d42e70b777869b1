# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Of what was changed by hand, a check shows exactly that, and an apply mends exactly that."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from local_aws import seed
from tests.integration.account import FUNCTION, RULE, Account
from tests.integration.in_process import Job

QUEUE = "academy-video-jobs"


@dataclass(frozen=True)
class Drift:
    """What a hand does, which one step notices as which one difference, and what mends it on the wire."""

    name: str
    by_hand: Callable[[Account], None]
    step: str
    differences: dict[str, tuple[Any, Any]]
    mended_by: list[str]


def put_policy(**changes: Any) -> Callable[[Account], None]:
    def by_hand(account: Account) -> None:
        seed.make_old_policy(account.client, **{"metric_name": "VideoQueueDepthTotal", **changes})

    return by_hand


def disable_rule(account: Account) -> None:
    account.client("events").disable_rule(Name=RULE)


def loosen_redrive_policy(account: Account) -> None:
    sqs = account.client("sqs")
    url = sqs.get_queue_url(QueueName=QUEUE)["QueueUrl"]
    kept = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["RedrivePolicy"])["Attributes"]["RedrivePolicy"]
    changed = {**json.loads(kept), "maxReceiveCount": 9}
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedrivePolicy": json.dumps(changed)})


def enlarge_memory(account: Account) -> None:
    account.client("lambda").update_function_configuration(FunctionName=FUNCTION, MemorySize=256)


def go_live_with_another_version(account: Account) -> None:
    functions = account.client("lambda")
    functions.update_function_configuration(FunctionName=FUNCTION, MemorySize=512)
    version = functions.publish_version(FunctionName=FUNCTION)["Version"]
    functions.update_function_configuration(FunctionName=FUNCTION, MemorySize=128)
    functions.update_alias(FunctionName=FUNCTION, Name="live", FunctionVersion=version)


def aim_rule_elsewhere(account: Account) -> None:
    events = account.client("events")
    (target,) = events.list_targets_by_rule(Rule=RULE)["Targets"]
    events.put_targets(Rule=RULE, Targets=[{**target, "Arn": target["Arn"].removesuffix(":live")}])


FUNCTION_ARN = f"arn:aws:lambda:ap-northeast-2:123456789012:function:{FUNCTION}"
POLICY_FIELDS = f"policies.{seed.OLD_POLICY}"
RULE_FIELDS = f"rule {RULE}"
FUNCTION_FIELDS = f"function {FUNCTION}"
# A publisher that was changed is let to publish once.
PUBLISHING_PROOF = "lambda:Invoke"

DRIFTS = [
    Drift(
        "target value",
        put_policy(target_value=5.0),
        "policy",
        {f"{POLICY_FIELDS}.target_value": (5.0, 1.0)},
        ["ssm:PutParameter", "autoscaling:PutScalingPolicy"],
    ),
    Drift(
        "metric name",
        put_policy(metric_name="BacklogCount"),
        "policy",
        {f"{POLICY_FIELDS}.metric.name": ("BacklogCount", "VideoQueueDepthTotal")},
        ["ssm:PutParameter", "autoscaling:PutScalingPolicy"],
    ),
    Drift(
        "dimension",
        put_policy(worker_type="Audio"),
        "policy",
        {f"{POLICY_FIELDS}.metric.dimensions.WorkerType": ("Audio", "Video")},
        ["ssm:PutParameter", "autoscaling:PutScalingPolicy"],
    ),
    Drift(
        "rule disabled",
        disable_rule,
        "schedule",
        {f"{RULE_FIELDS}.state": ("DISABLED", "ENABLED")},
        ["ssm:PutParameter", "events:PutRule"],
    ),
    Drift(
        "redrive policy",
        loosen_redrive_policy,
        "queue",
        {"redrive_policy.max_receive_count": (9, 3)},
        ["sqs:SetQueueAttributes"],
    ),
    Drift(
        "memory of the unpublished function",
        enlarge_memory,
        "publisher",
        {f"{FUNCTION_FIELDS}.latest.memory_size": (256, 128)},
        ["lambda:UpdateFunctionConfiguration", PUBLISHING_PROOF],
    ),
    Drift(
        "another version live",
        go_live_with_another_version,
        "publisher",
        {f"{FUNCTION_FIELDS}.live.memory_size": (512, 128)},
        ["lambda:PublishVersion", "lambda:CreateAlias", "lambda:UpdateAlias", PUBLISHING_PROOF],
    ),
    Drift(
        "rule aimed elsewhere",
        aim_rule_elsewhere,
        "schedule",
        {f"{RULE_FIELDS}.targets.queue-depth-publisher.arn": (FUNCTION_ARN, f"{FUNCTION_ARN}:live")},
        ["ssm:PutParameter", "events:PutTargets"],
    ),
]


def test_without_drift_a_check_that_fails_on_it_does_not_fail(applied, process):
    variables = {"video_scaling_fail_on_drift": True}
    checked = process.run(Job("main.yml", applied.environment, variables, check=True))
    assert checked.code == 0, checked.output
    assert not checked["Pools"].changed


@pytest.mark.parametrize("drift", DRIFTS, ids=lambda drift: drift.name)
def test_drift_is_shown_and_mended_alone(applied, drift):
    drift.by_hand(applied)

    checked = applied.apply(check=True, diff=True)
    assert checked.code == 0, checked.output
    assert checked.mutating == []
    assert {name: checked[name].differences for name in checked.diffs} == {"Pools": drift.differences}
    assert checked["Pools"].result["changed_steps"] == [drift.step]

    mended = applied.apply(diff=True)
    assert mended.code == 0, mended.output
    assert mended.mutating == drift.mended_by
    assert mended.diffs == checked.diffs
    assert mended["Pools"].result["changed_steps"] == [drift.step]
