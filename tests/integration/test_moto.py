# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What holds on one emulator holds on the other, as far as it can without running the publisher's code."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from local_aws import seed
from local_aws.emulator import Emulator
from tests.integration.account import RULE, Account, account_in, pool, task

MODULES = ["video_queue", "queue_depth_lambda", "queue_depth_schedule", "video_scaling_policy"]
UNINVOKED = {"video_scaling_steps": ["queue", "policy"]}


@pytest.fixture(scope="module")
def account(moto: Emulator) -> Iterator[Account]:
    with account_in(moto) as empty:
        yield empty


@pytest.fixture(scope="module")
def runs(account: Account) -> SimpleNamespace:
    """Check, apply, apply again, drift, check, mend."""
    seed.make_group(account.client, old_policy=None)
    declared = [task(module, {"pools": [pool()]}) for module in MODULES]
    checked = account.tasks(declared, check=True, diff=True)
    applied = account.tasks(declared, diff=True)
    again = account.tasks(declared, diff=True)
    account.client("events").disable_rule(Name=RULE)
    seed.make_old_policy(account.client, metric_name="VideoQueueDepthTotal", target_value=5.0)
    drifted = account.tasks(declared, check=True, diff=True)
    mended = account.tasks(declared, diff=True)
    return SimpleNamespace(checked=checked, applied=applied, again=again, drifted=drifted, mended=mended)


def test_apply_does_what_the_check_planned(runs):
    assert (runs.checked.code, runs.checked.mutating) == (0, []), runs.checked.output
    assert runs.applied.code == 0, runs.applied.output
    assert runs.checked.changed == dict.fromkeys(MODULES, True)
    assert runs.applied.changed == runs.checked.changed
    assert runs.applied.diffs == runs.checked.diffs


def test_a_second_apply_has_nothing_to_do(runs):
    assert runs.again.code == 0, runs.again.output
    assert runs.again.changed == dict.fromkeys(MODULES, False)
    assert runs.again.mutating == []


def test_drift_is_shown_and_mended_alone(runs):
    assert (runs.drifted.code, runs.drifted.mutating) == (0, []), runs.drifted.output
    assert {name: runs.drifted[name].differences for name in runs.drifted.diffs} == {
        "queue_depth_schedule": {f"rule {RULE}.state": ("DISABLED", "ENABLED")},
        "video_scaling_policy": {f"policies.{seed.OLD_POLICY}.target_value": (5.0, 1.0)},
    }
    assert runs.mended.code == 0, runs.mended.output
    assert runs.mended.mutating == [
        "ssm:PutParameter",
        "events:PutRule",
        "ssm:PutParameter",
        "autoscaling:PutScalingPolicy",
    ]
    assert runs.mended.diffs == runs.drifted.diffs


def test_the_playbook_applies_and_verifies_what_needs_no_invocation(account, runs):
    account.client("sqs").delete_queue(
        QueueUrl=account.client("sqs").get_queue_url(QueueName="academy-video-jobs")["QueueUrl"]
    )
    run = account.apply(UNINVOKED)
    assert run.code == 0, run.output
    assert run.mutating == ["sqs:CreateQueue"]
    again = account.apply(UNINVOKED)
    assert (any(again.changed.values()), again.mutating) == (False, [])
