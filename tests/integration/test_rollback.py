# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A rollback gives what was there before the newest change, also where nothing was, and can itself be taken back."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from local_aws import seed
from tests.integration.account import RULE, Account, account_in, pool, task
from tests.integration.history import (
    BASELINE,
    alarms,
    live,
    make_function,
    policies,
    served,
    snapshots,
    tracked,
    versions,
)
from tests.integration.playbook import Run

OWN = "video-backlogcount-tt"
NOTHING = "nothing to go back to"
LATER = "by-hand-since"
WITH_LAMBDA = {"video_scaling_rollback_lambda": True}
# Neither queues nor a rule are needed to go from one version to another.
WITHOUT_QUEUES = {"video_scaling_steps": ["publisher", "policy"]}

STEP = {
    "PolicyName": "by-hand-steps",
    "PolicyType": "StepScaling",
    "AdjustmentType": "ChangeInCapacity",
    "MetricAggregationType": "Maximum",
    "EstimatedInstanceWarmup": 120,
    "StepAdjustments": [
        {"MetricIntervalLowerBound": 0.0, "MetricIntervalUpperBound": 10.5, "ScalingAdjustment": 1},
        {"MetricIntervalLowerBound": 10.5, "ScalingAdjustment": 4},
    ],
}
SIMPLE = {
    "PolicyName": "by-hand-simple",
    "PolicyType": "SimpleScaling",
    "AdjustmentType": "PercentChangeInCapacity",
    "ScalingAdjustment": -10,
    "MinAdjustmentMagnitude": 2,
    "Cooldown": 300,
}
PREDEFINED = {
    "PolicyName": "by-hand-cpu",
    "PolicyType": "TargetTrackingScaling",
    "EstimatedInstanceWarmup": 60,
    "Enabled": False,
    "TargetTrackingConfiguration": {
        "PredefinedMetricSpecification": {"PredefinedMetricType": "ASGAverageCPUUtilization"},
        "TargetValue": 55.5,
        "DisableScaleIn": True,
    },
}
OTHERS: list[dict[str, Any]] = [STEP, SIMPLE, PREDEFINED]


def rollback(account: Account, variables: dict[str, Any] | None = None, **how: Any) -> Run:
    return account.play("playbooks/rollback.yml", variables, **how)


def gone_back(account: Account, variables: dict[str, Any] | None = None, **how: Any) -> Run:
    run = rollback(account, variables, **how)
    assert run.code == 0, run.output
    return run


def done(run: Run) -> Run:
    assert run.code == 0, run.output
    return run


def apply_policy(account: Account, variables: dict[str, Any] | None = None, **how: Any) -> Run:
    return account.play("playbooks/apply_policy.yml", variables, **how)


def targeted(value: float) -> dict[str, Any]:
    return {"video_scaling_pools": [pool(target_value=value)]}


@pytest.fixture(scope="module")
def recorded(ministack) -> Any:
    """The history in which sixteen backups once held the fix and none the state before it."""
    with account_in(ministack) as account:
        seed.make_group(account.client)
        first_read = policies(account)[OWN]
        done(account.apply())
        after_first = len(versions(account))
        again = [done(account.apply()), *(done(apply_policy(account)) for _ in range(2))]
        again.append(done(apply_policy(account, targeted(2), check=True)))
        after_again = len(versions(account))
        done(apply_policy(account, targeted(2)))
        again.append(done(apply_policy(account, targeted(2))))
        changed = policies(account)[OWN]
        history = len(versions(account))

        shown = gone_back(account, check=True, diff=True)
        after_shown = policies(account)[OWN]
        once = gone_back(account, diff=True)
        after_once = policies(account)[OWN]
        twice = gone_back(account)
        own_id = str(versions(account)[-1]["Version"])
        taken_back = gone_back(account, {"video_scaling_snapshot": own_id})
        after_taken_back = policies(account)[OWN]
        to_baseline = gone_back(account, {"video_scaling_snapshot": "baseline"})
        unknown = rollback(account, {"video_scaling_snapshot": "4711"})
        yield SimpleNamespace(**{name: value for name, value in locals().items() if name != "ministack"})


def test_only_a_change_writes_a_snapshot(recorded):
    assert (recorded.after_first, recorded.after_again, recorded.history) == (1, 1, 2)
    for run in recorded.again:
        assert run.mutating == []
    assert len(versions(recorded.account, BASELINE)) == 1


def test_a_check_of_a_rollback_shows_what_would_come_back_and_sends_nothing(recorded):
    assert recorded.shown.mutating == []
    assert recorded.shown["Rollback"].changed
    assert recorded.shown["Rollback"].differences == {f"policies.{OWN}.target_value": (2.0, 1.0)}
    for line in ('-            "target_value": 2.0', '+            "target_value": 1.0'):
        assert line in recorded.shown.stdout
    assert recorded.after_shown == recorded.changed
    assert recorded.once["Rollback"].diff == recorded.shown["Rollback"].diff


def test_the_newest_change_is_undone_and_not_the_newest_run(recorded):
    assert tracked(recorded.changed) == ("VideoQueueDepthTotal", 2.0)
    assert tracked(recorded.after_once) == ("VideoQueueDepthTotal", 1.0)
    assert recorded.once.mutating == ["ssm:PutParameter", "autoscaling:PutScalingPolicy"]


def test_a_second_rollback_changes_nothing(recorded):
    assert recorded.twice.mutating == []
    assert "changed=0 " in recorded.twice.stdout


def test_a_rollback_is_taken_back_by_its_own_snapshot(recorded):
    assert recorded.after_taken_back == recorded.changed
    assert recorded.taken_back["Rollback"].changed


def test_the_baseline_is_the_policy_as_it_was_first_read(recorded):
    assert policies(recorded.account) == {OWN: recorded.first_read}
    assert tracked(recorded.first_read) == ("BacklogCount", 1.0)
    assert recorded.to_baseline["Rollback"].changed


def test_the_summary_names_what_was_gone_back_to_as_it_was_asked_for(recorded):
    assert "snapshot 2" in str(recorded.once["Summary"].result["msg"])
    assert "baseline" in str(recorded.to_baseline["Summary"].result["msg"])


def test_an_unknown_snapshot_is_refused_in_a_sentence(recorded):
    assert recorded.unknown.code != 0
    assert recorded.unknown.mutating == []
    for word in ("video", "4711", "not kept"):
        assert word in recorded.unknown.failure.message
    assert "Traceback" not in recorded.unknown.output


@pytest.fixture(scope="module")
def bare(ministack) -> Any:
    """A group that had no policy, through an apply and back."""
    with account_in(ministack) as account:
        seed.make_group(account.client, old_policy=None)
        checked = rollback(account, check=True)
        baseline = {"pools": [pool()], "snapshot": "baseline"}
        refused = account.tasks(
            [
                task("video_scaling_rollback", {"pools": [pool()]}, ignore_errors=True),
                task("video_scaling_rollback", baseline, name="baseline", ignore_errors=True),
                task("video_scaling_rollback", baseline, name="baseline in a check", check_mode=True),
            ]
        )
        done(account.apply())
        before = alarms(account)
        to_lambda = {"pools": [pool()], "rollback_lambda": True}
        new_publisher = account.tasks(
            [
                task("video_scaling_rollback", to_lambda, name="check", ignore_errors=True, check_mode=True),
                task("video_scaling_rollback", to_lambda, name="real", ignore_errors=True),
            ]
        )
        once = gone_back(account)
        twice = gone_back(account)
        yield SimpleNamespace(**{name: value for name, value in locals().items() if name != "ministack"})


def test_nothing_to_go_back_to_is_a_sentence_for_a_check_and_a_failure_else(bare):
    assert bare.checked.code == 0, bare.checked.output
    assert NOTHING in bare.checked.stdout
    assert bare.checked["Rollback"].pools["video"]["msg"]
    failed = bare.refused["video_scaling_rollback"]
    assert failed.status == "ignored"
    assert NOTHING in failed.message and "video" in failed.message
    assert bare.checked.mutating == bare.refused.mutating == []


def test_no_baseline_is_nothing_to_go_back_to_either(bare):
    assert bare.refused["baseline"].status == "ignored"
    assert NOTHING in bare.refused["baseline"].message
    assert bare.refused["baseline in a check"].status == "ok"
    assert NOTHING in bare.refused["baseline in a check"].pools["video"]["msg"]


def test_a_publisher_that_was_never_another_has_nothing_to_go_back_to(bare):
    assert bare.new_publisher["check"].status == "ok", bare.new_publisher["check"].message
    assert NOTHING in str(bare.new_publisher["check"].result)
    assert bare.new_publisher["real"].status == "ignored"
    assert NOTHING in bare.new_publisher["real"].message
    assert not [name for name in bare.new_publisher.mutating if name.startswith("lambda:")]


def test_no_policy_is_what_a_rollback_gives_where_none_was(bare):
    assert bare.before
    assert policies(bare.account) == {}
    assert alarms(bare.account) == []
    # The run before it may have taken the policy back already.
    assert [*bare.new_publisher.mutating, *bare.once.mutating] == ["ssm:PutParameter", "autoscaling:DeletePolicy"]
    assert bare.twice.mutating == []


def test_the_publisher_goes_on_where_only_the_policy_went_back(bare):
    assert bare.account.client("events").describe_rule(Name=RULE)["State"] == "ENABLED"
    assert bare.account.invoke({}) == (None, {"video_queue_depth_total": 0})


@pytest.fixture(scope="module")
def crowded(ministack) -> Any:
    """A group with four policies, of which an exclusive apply leaves one."""
    with account_in(ministack) as account:
        seed.make_group(account.client)
        for other in OTHERS:
            account.client("autoscaling").put_scaling_policy(AutoScalingGroupName=seed.GROUP, **other)
        before = policies(account)
        options = {"pools": [pool(exclusive=True, target_value=3)]}
        applied = done(account.module("video_scaling_policy", options))
        alone = policies(account)
        seed.make_old_policy(account.client, name=LATER)
        later = policies(account)[LATER]
        back = done(account.module("video_scaling_rollback", options, diff=True))
        after = policies(account)
        again = done(account.module("video_scaling_rollback", options))
        account.client("autoscaling").delete_policy(AutoScalingGroupName=seed.GROUP, PolicyName=LATER)
        forth = done(account.module("video_scaling_rollback", {**options, "snapshot": "2"}))
        yield SimpleNamespace(**{name: value for name, value in locals().items() if name != "ministack"})


def test_all_that_exclusive_removed_comes_back_field_for_field(crowded):
    assert list(crowded.alone) == [OWN]
    assert len(crowded.before) == 4
    assert {name: crowded.after[name] for name in crowded.before} == crowded.before
    assert tracked(crowded.after[OWN]) == ("BacklogCount", 1.0)


def test_a_policy_that_no_snapshot_knows_is_left_alone(crowded):
    assert crowded.after == {**crowded.before, LATER: crowded.later}


def test_the_snapshot_is_on_record_before_the_first_policy_changes(crowded):
    assert crowded.applied.mutating[:2] == ["ssm:PutParameter", "ssm:PutParameter"]
    assert sorted(crowded.applied.mutating[2:]) == [
        *["autoscaling:DeletePolicy"] * 3,
        "autoscaling:PutScalingPolicy",
    ]
    assert crowded.back.mutating == ["ssm:PutParameter", *["autoscaling:PutScalingPolicy"] * 4]
    assert crowded.again.mutating == []


def test_taking_that_rollback_back_leaves_the_one_again(crowded):
    assert policies(crowded.account) == crowded.alone
    assert crowded.forth.mutating[0] == "ssm:PutParameter"


@pytest.fixture(scope="module")
def deployed(ministack) -> Any:
    """A function made by hand, then v1 for one pool, then v2 for two and with more memory; then all the way back."""
    with account_in(ministack) as account:
        for name in ("video", "audio"):
            seed.make_group(account.client, name=f"academy-{name}-worker-asg", old_policy=None)
            seed.make_queue(account.client, name=f"academy-{name}-jobs", dead_letter_name=None)
        seed.make_old_policy(account.client)
        by_hand = make_function(account)
        one = {"video_scaling_pools": [pool()], **WITHOUT_QUEUES}
        two = {
            "video_scaling_pools": [pool(target_value=2), pool("audio")],
            "video_scaling_memory_size": 256,
            **WITHOUT_QUEUES,
        }
        done(account.apply(one))
        to_hand_checked = gone_back(account, {**one, **WITH_LAMBDA}, check=True, diff=True)
        to_hand = gone_back(account, {**one, **WITH_LAMBDA})
        at_hand = live(account)
        to_hand_again = gone_back(account, {**one, **WITH_LAMBDA})

        done(account.apply(one))
        v1, v1_serves = live(account), served(account)
        done(account.apply(two))
        v2, v2_serves = live(account), served(account)
        without = gone_back(account, two, check=True)
        live_versions = [snapshot["function"]["version"] for snapshot in snapshots(account)]
        back = gone_back(account, {**two, **WITH_LAMBDA})
        at_v1, at_v1_serves = live(account), served(account)
        at_v1_policies = policies(account), policies(account, "academy-audio-worker-asg")
        again = gone_back(account, {**two, **WITH_LAMBDA})
        own_id = str(versions(account)[-1]["Version"])
        taken_back = gone_back(account, {**one, **WITH_LAMBDA, "video_scaling_snapshot": own_id})
        at_v2 = live(account), tracked(policies(account)[OWN])
        baseline = {**one, **WITH_LAMBDA, "video_scaling_snapshot": "baseline"}
        to_baseline = gone_back(account, baseline)
        yield SimpleNamespace(**{name: value for name, value in locals().items() if name != "ministack"})


def test_a_function_made_by_hand_is_gone_back_to(deployed):
    assert deployed.to_hand_checked.mutating == []
    assert deployed.to_hand_checked["Rollback"].result["publisher"]["changed"]
    assert deployed.at_hand["CodeSha256"] == deployed.by_hand["CodeSha256"]
    assert deployed.at_hand["Handler"] == "by_hand.handler"
    assert deployed.to_hand_again.mutating == []
    assert "changed=0 " in deployed.to_hand_again.stdout


def test_the_alias_goes_back_to_the_first_versions_code_memory_and_pools(deployed):
    assert (deployed.v1_serves, deployed.v2_serves) == (["video"], ["audio", "video"])
    assert (deployed.v1["MemorySize"], deployed.v2["MemorySize"]) == (128, 256)
    assert deployed.at_v1 == deployed.v1
    assert deployed.at_v1_serves == ["video"]
    assert "lambda:UpdateAlias" in deployed.back.mutating
    assert not {"lambda:UpdateFunctionCode", "lambda:PublishVersion"} & set(deployed.back.mutating)


def test_the_policies_go_back_with_the_publisher(deployed):
    video, audio = deployed.at_v1_policies
    assert tracked(video[OWN]) == ("VideoQueueDepthTotal", 1.0)
    assert audio == {}


def test_a_second_rollback_with_the_publisher_changes_nothing(deployed):
    assert deployed.again.mutating == []
    assert "changed=0 " in deployed.again.stdout


def test_a_snapshot_tells_the_version_that_was_live_with_its_policies(deployed):
    assert deployed.live_versions[-1] == deployed.v1["Version"]
    # Also of the apply that brought the first version back, after a rollback to the function made by hand.
    assert [deployed.live_versions[0], deployed.live_versions[2]] == [deployed.at_hand["Version"]] * 2


def test_a_rollback_of_the_publisher_is_taken_back_as_well(deployed):
    assert deployed.at_v2 == (deployed.v2, ("VideoQueueDepthTotal", 2.0))
    assert deployed.taken_back["Rollback"].changed


def test_the_publisher_stays_out_of_it_by_default(deployed):
    assert "publisher" not in deployed.without["Rollback"].result
    sent = [request["service"] for request in deployed.without["Rollback"].result["requests"]]
    assert set(sent) == {"ssm", "autoscaling"}


def test_the_baseline_leads_to_the_function_that_was_there_before(deployed):
    assert live(deployed.account)["CodeSha256"] == deployed.by_hand["CodeSha256"]
    assert tracked(policies(deployed.account)[OWN]) == ("BacklogCount", 1.0)
    assert deployed.to_baseline["Rollback"].result["publisher"]["changed"]


@pytest.fixture(scope="module")
def fired(ministack) -> Any:
    """A function and the rule that fires it, both made by hand; taken over, gone back to, and applied again."""
    with account_in(ministack) as account:
        seed.make_group(account.client)
        seed.make_queue(account.client, dead_letter_name=None)
        events, arn = account.client("events"), make_function(account)["FunctionArn"]
        events.put_rule(Name=RULE, ScheduleExpression="rate(5 minutes)", Description="by hand")
        events.put_targets(Rule=RULE, Targets=[{"Id": "by-hand", "Arn": arn, "Input": '{"dry": true}'}])

        def rule() -> tuple[str, str, list[dict[str, str]]]:
            found = events.describe_rule(Name=RULE)
            return (
                found["ScheduleExpression"],
                found.get("Description", ""),
                events.list_targets_by_rule(Rule=RULE)["Targets"],
            )

        variables = {"video_scaling_steps": ["publisher", "schedule", "policy"]}
        checked = account.apply(variables, check=True, diff=True)
        done(account.apply(variables))
        taken_over = rule()
        back_checked = gone_back(account, WITH_LAMBDA, check=True, diff=True)
        back = gone_back(account, WITH_LAMBDA)
        gone_back_to = rule()
        again = gone_back(account, WITH_LAMBDA)
        done(account.apply(variables))
        applied_again = rule()
        yield SimpleNamespace(**{name: value for name, value in locals().items() if name != "ministack"})


def test_the_rule_that_was_taken_over_gets_its_schedule_and_input_back(fired):
    target = {"Id": "by-hand", "Arn": f"{fired.arn}:live"}
    assert fired.taken_over == ("rate(1 minute)", "by hand", [target])
    assert fired.gone_back_to == ("rate(5 minutes)", "by hand", [{**target, "Input": '{"dry": true}'}])
    assert fired.applied_again == fired.taken_over
    assert fired.back.mutating[-2:] == ["events:PutRule", "events:PutTargets"]
    assert fired.again.mutating == []
    assert "changed=0 " in fired.again.stdout


def test_a_check_shows_the_input_that_goes_and_that_comes_back(fired):
    assert fired.checked.mutating == fired.back_checked.mutating == []
    for sign, run in (("-", fired.checked), ("+", fired.back_checked)):
        assert [line[0] for line in run.stdout.splitlines() if '"Input"' in line] == [sign]
