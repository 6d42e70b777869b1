# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A pool is retired only when no work is left, takes nothing of another with it, and can be brought back."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from local_aws import seed
from tests.integration.account import FUNCTION, RULE, Account, account_in, pool, task
from tests.integration.history import policies, served, snapshots, tracked
from tests.integration.playbook import Run
from tests.integration.test_absent import sources_of_a_dead_letter_queue

LOG_GROUP = f"/aws/lambda/{FUNCTION}"
AUDIO_GROUP = "academy-audio-worker-asg"
AUDIO_HISTORY = f"/video_scaling/{AUDIO_GROUP}/audio-backlogcount-tt"
RETIRED = ["Publisher: retire", "Policy: retire"]

# Where a pool's work is: visible, in flight, dead; and the counts that the refusal names.
BUSY = {"visible": (4, 0, 0), "flight": (0, 5, 0), "dead": (0, 0, 6), "idle": (0, 0, 0)}


def only(*names: str, **more: Any) -> dict[str, Any]:
    return {"video_scaling_pools": [pool(name) for name in names], **more}


def retire(account: Account, variables: dict[str, Any], **how: Any) -> Run:
    return account.play("playbooks/retire.yml", variables, **how)


def done(run: Run) -> Run:
    assert run.code == 0, run.output
    return run


def queues(account: Account) -> list[str]:
    urls = account.client("sqs").list_queues().get("QueueUrls", [])
    return sorted(url.rpartition("/")[2] for url in urls)


def groups(account: Account) -> list[tuple[str, int, int, int]]:
    found = account.client("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"]
    return sorted(
        (group["AutoScalingGroupName"], group["MinSize"], group["MaxSize"], group["DesiredCapacity"]) for group in found
    )


def logs(account: Account) -> list[str]:
    found = account.client("logs").describe_log_groups(logGroupNamePrefix=LOG_GROUP)["logGroups"]
    return [group["logGroupName"] for group in found]


def left_of_the_publisher(account: Account) -> list[str]:
    functions = account.client("lambda").list_functions()["Functions"]
    roles = account.client("iam").list_roles()["Roles"]
    rules = account.client("events").list_rules(NamePrefix=RULE)["Rules"]
    return [
        *(function["FunctionName"] for function in functions),
        *(role["RoleName"] for role in roles if role["RoleName"].startswith(FUNCTION)),
        *(rule["Name"] for rule in rules),
    ]


def fill(account: Account, name: str, counts: tuple[int, int, int]) -> None:
    visible, in_flight, dead = counts
    sqs = account.client("sqs")
    for queue, sent, taken in (
        (f"academy-{name}-jobs", visible + in_flight, in_flight),
        (f"academy-{name}-jobs-dlq", dead, 0),
    ):
        url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
        seed.send_messages(sqs, url, sent)
        seed.take_messages(sqs, url, taken)


@pytest.fixture(scope="module")
def busy(ministack) -> Any:
    """Pools with work in different places; nothing else is there to be retired."""
    with account_in(ministack) as account:
        for name, counts in BUSY.items():
            seed.make_queue(account.client, name=f"academy-{name}-jobs", dead_letter_name=f"academy-{name}-jobs-dlq")
            fill(account, name, counts)
        # Answers of a survey, and what stands behind -e, are text.
        yield retire(account, only(*BUSY, video_scaling_retire_force="false"))


def test_work_in_any_place_is_refused_with_its_counts_before_anything_is_sent(busy):
    assert busy.code != 0
    assert busy.mutating == []
    rows = busy.failure.pools
    for name, word in (("visible", "4"), ("flight", "5"), ("dead", "6")):
        assert rows[name]["failed"]
        assert word in rows[name]["msg"] and name in busy.failure.message
    assert "academy-dead-jobs-dlq" in rows["dead"]["msg"]
    assert not rows["idle"].get("failed")
    assert not [task for task in busy.tasks if task.name.startswith(("Plan", "Retire:"))]


@pytest.fixture(scope="module")
def life(ministack) -> Any:
    """Two pools are applied, one is retired by force and comes back, then both go for good."""
    with account_in(ministack) as account:
        account.recording.before = sources_of_a_dead_letter_queue(account)
        for name in ("video", "audio"):
            seed.make_group(account.client, name=f"academy-{name}-worker-asg", old_policy=None, desired_capacity=1)
        done(account.apply(only("video", "audio")))
        sizes = groups(account)
        fill(account, "audio", (2, 1, 3))

        force = only("audio", video_scaling_retire_force=True)
        checked = done(retire(account, force, check=True, diff=True))
        served_checked = served(account)
        forced = done(retire(account, force))
        served_forced, published = served(account), account.invoke({})
        rule_forced = account.client("events").describe_rule(Name=RULE)["State"]
        audio_forced, video_forced = policies(account, AUDIO_GROUP), policies(account)
        audio_snapshots = snapshots(account, AUDIO_HISTORY)
        again = done(retire(account, force))
        back = done(account.module("video_scaling_rollback", {"pools": [pool("audio")]}))
        audio_back = policies(account, AUDIO_GROUP)
        applied = done(account.apply(only("audio")))
        served_applied = served(account)

        both = only("video", "audio", video_scaling_retire_force=True)
        last = done(retire(account, both))
        left, left_logs, left_queues, left_sizes = (
            left_of_the_publisher(account),
            logs(account),
            queues(account),
            groups(account),
        )
        left_policies = {**policies(account), **policies(account, AUDIO_GROUP)}
        last_again = done(retire(account, both))

        wholly = {**both, "video_scaling_retire_queues": "true", "video_scaling_retire_log_group": "true"}
        full = retire(account, wholly)
        queues_full = queues(account)
        for queue in ("academy-audio-jobs", "academy-audio-jobs-dlq"):
            sqs = account.client("sqs")
            sqs.purge_queue(QueueUrl=sqs.get_queue_url(QueueName=queue)["QueueUrl"])
        empty = done(retire(account, {**wholly, "video_scaling_retire_force": "false"}))
        yield SimpleNamespace(**{name: value for name, value in locals().items() if name != "ministack"})


def test_a_check_sends_nothing_and_names_what_would_go(life):
    assert life.checked.mutating == []
    assert life.served_checked == ["audio", "video"]
    assert [name for name, changed in life.checked.changed.items() if changed] == RETIRED


def test_the_plan_is_shown_before_the_first_change(life):
    shown, first = (life.forced.stdout.index(words) for words in ("would change", "changed: ["))
    assert shown < first
    plan = life.forced.stdout[:first]
    for word in ("audio", "publisher", "policy"):
        assert word in plan
    # What goes, and not only that something does.
    assert "audio-backlogcount-tt" in plan


def test_force_takes_the_pool_out_and_leaves_the_other_served_and_scheduled(life):
    assert life.served_forced == ["video"]
    assert life.published == (None, {"video_queue_depth_total": 0})
    assert life.rule_forced == "ENABLED"
    assert life.audio_forced == {}
    assert list(life.video_forced) == ["video-backlogcount-tt"]
    assert [name for name in life.forced.mutating if name.startswith(("events:", "sqs:", "logs:Delete"))] == []


def test_the_deleted_policy_is_kept_as_a_snapshot_and_a_rollback_brings_it_back(life):
    puts = life.forced.mutating
    assert puts.index("ssm:PutParameter") < puts.index("autoscaling:DeletePolicy")
    assert tracked(life.audio_snapshots[-1]["policies"]["audio-backlogcount-tt"]) == ("AudioQueueDepthTotal", 1.0)
    assert {name: tracked(policy) for name, policy in life.audio_back.items()} == {
        "audio-backlogcount-tt": ("AudioQueueDepthTotal", 1.0)
    }
    assert life.back.mutating == ["ssm:PutParameter", "autoscaling:PutScalingPolicy"]


def test_apply_brings_the_pool_back(life):
    assert life.served_applied == ["audio", "video"]
    assert "publisher" in life.applied["Pools"].result["changed_steps"]


@pytest.mark.parametrize("which", ["again", "last_again"])
def test_a_second_run_changes_nothing(life, which):
    run = getattr(life, which)
    assert run.mutating == []
    assert "changed=0 " in run.stdout


def test_the_last_pool_takes_the_publisher_with_it_and_nothing_else(life):
    assert life.left == []
    assert life.left_policies == {}
    assert life.left_logs == [LOG_GROUP]
    assert life.left_queues == [f"academy-{name}-jobs{end}" for name in ("audio", "video") for end in ("", "-dlq")]
    assert life.left_sizes == life.sizes


def test_snapshots_stay(life):
    assert len(snapshots(life.account, AUDIO_HISTORY)) >= 3
    assert len(snapshots(life.account, f"{AUDIO_HISTORY}/baseline")) == 1


def test_a_queue_with_messages_stays_even_on_request(life):
    assert life.full.code != 0
    assert "audio" in life.full.failure.message
    assert {"academy-audio-jobs", "academy-audio-jobs-dlq"} <= set(life.queues_full)


def test_empty_queues_and_the_log_group_go_on_request(life):
    assert queues(life.account) == []
    assert logs(life.account) == []
    assert life.empty["Queues: retire"].changed
    assert groups(life.account) == life.sizes


def test_a_pool_whose_queues_and_group_are_gone_has_nothing_left_to_retire(account):
    options = {"pools": [pool()], "require_groups": False, "require_empty_queues": True}
    run = account.tasks([task("video_scaling_preflight", options)])
    assert run.code == 0, run.output
