# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each playbook does its work in one run against the stricter AWS, with all its delays, and finds nothing to do next.

What a playbook needs of an earlier one is applied past the layer, so that each shows its own failures only.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from local_aws import seed, strict
from local_aws.emulator import Emulator
from tests.integration.account import FUNCTION, Account, account_in, pool
from tests.integration.history import make_function
from tests.integration.playbook import Run

# The queue is there with other values, so its attributes change.
OTHER_VALUES = {"visibility_timeout": 600, "message_retention_period": 86400}
WITH_QUEUE_ATTRIBUTES = [pool(visibility_timeout=900, message_retention_period=172800)]


@pytest.fixture
def account(ministack: Emulator) -> Iterator[Account]:
    """Everything is switched on that no organisation must ask for."""
    with account_in(ministack, strict.USUAL) as strict_account:
        yield strict_account


def done(run: Run) -> Run:
    assert run.code == 0, run.output
    return run


def changes(run: Run) -> list[str]:
    return [name for name, changed in done(run).changed.items() if changed]


def applied_before(account: Account, ministack: Emulator, **variables: object) -> None:
    """The seed pool, applied past the layer."""
    seed.make_group(account.client)
    done(account.apply(variables, environment=ministack.environment()))


def test_apply_from_nothing(account):
    seed.make_group(account.client)
    assert changes(account.apply()) != []
    assert changes(account.apply()) == []


def test_apply_over_other_queue_attributes(account):
    seed.make_group(account.client)
    seed.make_queue(account.client, **OTHER_VALUES)
    variables = {"video_scaling_pools": WITH_QUEUE_ATTRIBUTES}
    assert changes(account.apply(variables)) != []
    assert changes(account.apply(variables)) == []


def test_apply_over_other_code_and_settings(account, ministack):
    applied_before(account, ministack, video_scaling_memory_size=256)
    variables = {"video_scaling_memory_size": 512, "video_scaling_pools": [pool(target_value=2)]}
    assert changes(account.apply(variables)) != []
    assert changes(account.apply(variables)) == []


def test_apply_over_a_function_of_a_blocked_runtime(account, ministack):
    seed.make_pool(account.client)
    make_function(ministack)
    account.client("lambda").update_function_configuration(FunctionName=FUNCTION, Runtime="python3.8")
    assert changes(account.apply()) != []
    assert changes(account.apply()) == []


def test_apply_over_a_reserved_concurrency_of_0_names_the_command_that_lifts_it(account, ministack):
    applied_before(account, ministack)
    account.client("lambda").put_function_concurrency(FunctionName=FUNCTION, ReservedConcurrentExecutions=0)
    run = account.apply({"video_scaling_memory_size": 512})
    assert run.code != 0
    assert "delete-function-concurrency" in run.failure.message
    # Nothing is tried again for as long as somebody wants it to be 0.
    assert [request.name for request in run.requests].count("lambda:Invoke") == 1


def test_deploy_lambda(account):
    seed.make_pool(account.client)
    assert changes(account.play("playbooks/deploy_lambda.yml")) != []
    assert changes(account.play("playbooks/deploy_lambda.yml")) == []


def test_apply_policy(account):
    seed.make_pool(account.client)
    assert changes(account.play("playbooks/apply_policy.yml")) != []
    assert changes(account.play("playbooks/apply_policy.yml")) == []


def test_apply_policy_with_a_signal_that_needs_group_metrics(account):
    seed.make_pool(account.client)
    variables = {"video_scaling_pools": [pool(signal="sqs_per_instance", metric=None)]}
    assert changes(account.play("playbooks/apply_policy.yml", variables)) != []
    assert changes(account.play("playbooks/apply_policy.yml", variables)) == []


def test_snapshots(account, ministack):
    applied_before(account, ministack)
    run = done(account.play("playbooks/snapshots.yml"))
    assert all(row["snapshots"] for row in run["Snapshots"].pools.values())
    assert run.mutating == []


def test_rollback(account, ministack):
    applied_before(account, ministack)
    assert changes(account.play("playbooks/rollback.yml", {"video_scaling_snapshot": "baseline"})) != []
    assert changes(account.play("playbooks/rollback.yml", {"video_scaling_snapshot": "baseline"})) == []


def test_rollback_of_the_publisher(account, ministack):
    applied_before(account, ministack, video_scaling_memory_size=256)
    done(account.apply({"video_scaling_memory_size": 512}, environment=ministack.environment()))
    variables = {"video_scaling_snapshot": "baseline", "video_scaling_rollback_lambda": True}
    assert changes(account.play("playbooks/rollback.yml", variables)) != []
    assert changes(account.play("playbooks/rollback.yml", variables)) == []


def test_diagnose(account, ministack):
    applied_before(account, ministack)
    run = done(account.play("playbooks/diagnose.yml"))
    assert run.mutating == []
    assert run["Diagnosis"].pools["video"]["healthy"]


def test_retire(account, ministack):
    applied_before(account, ministack)
    assert changes(account.play("playbooks/retire.yml")) != []
    assert changes(account.play("playbooks/retire.yml")) == []


def test_one_life_from_apply_to_retire(account):
    """All of them behind one layer, so that each meets what the one before has just made."""
    seed.make_group(account.client)
    changed = {"video_scaling_pools": [pool(target_value=2)]}
    for playbook, variables in (
        ("apply", {}),
        ("deploy_lambda", {}),
        ("apply_policy", changed),
        ("snapshots", changed),
        ("diagnose", changed),
        ("rollback", changed),
        ("retire", changed),
    ):
        run = account.play(f"playbooks/{playbook}.yml", variables)
        assert run.code == 0, f"{playbook}: {run.output}"
