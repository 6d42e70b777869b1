# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A rollback puts back exactly what was there, also what only AWS itself would lose: an alarm's action, a period."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from local_aws import seed
from tests.integration.account import Account, account_in, pool
from tests.integration.history import HISTORY, policies, snapshots, tracked, versions
from tests.integration.playbook import Run

OWN = "video-backlogcount-tt"
ALARMS = {"jobs-out": ("by-hand-out", 10.0), "jobs-in": ("by-hand-in", 1.0)}
EXCLUSIVE = {"video_scaling_pools": [pool(exclusive=True)]}
REMOVES = ["delete_policy_removes_alarm_action"]


def done(run: Run) -> Run:
    assert run.code == 0, run.output
    return run


def apply_policy(account: Account, *pools: dict[str, Any], **how: Any) -> Run:
    return account.play("playbooks/apply_policy.yml", {"video_scaling_pools": list(pools) or [pool()]}, **how)


def rollback(account: Account, variables: dict[str, Any] | None = None, **how: Any) -> Run:
    return account.play("playbooks/rollback.yml", variables, **how)


def without_publisher() -> dict[str, Any]:
    """A pool whose policy needs no publisher, so that policies alone are looked at."""
    return pool(signal="sqs_total", metric=None)


# --- what triggers a step policy --------------------------------------------------------------------------------


def step_policies(account: Account) -> None:
    """Two step policies, each with the alarm that triggers it."""
    for (alarm, (name, threshold)), adjustment in zip(ALARMS.items(), (2, -1), strict=True):
        bound = "MetricIntervalLowerBound" if adjustment > 0 else "MetricIntervalUpperBound"
        arn = account.client("autoscaling").put_scaling_policy(
            AutoScalingGroupName=seed.GROUP,
            PolicyName=name,
            PolicyType="StepScaling",
            AdjustmentType="ChangeInCapacity",
            StepAdjustments=[{bound: 0.0, "ScalingAdjustment": adjustment}],
        )["PolicyARN"]
        account.client("cloudwatch").put_metric_alarm(
            AlarmName=alarm,
            AlarmDescription="by hand",
            Namespace="AWS/SQS",
            MetricName="ApproximateNumberOfMessagesVisible",
            Dimensions=[{"Name": "QueueName", "Value": "academy-video-jobs"}],
            Statistic="Maximum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=threshold,
            ComparisonOperator="GreaterThanOrEqualToThreshold" if adjustment > 0 else "LessThanThreshold",
            AlarmActions=[arn, "arn:aws:sns:ap-northeast-2:123456789012:on-call"],
            TreatMissingData="notBreaching",
        )


def alarms(account: Account) -> dict[str, dict[str, Any]]:
    """Those by hand, each with the names of the policies that it acts on, and all else that it is."""
    found = account.client("autoscaling").describe_policies(AutoScalingGroupName=seed.GROUP)["ScalingPolicies"]
    names = {policy["PolicyARN"]: policy["PolicyName"] for policy in found}
    described = account.client("cloudwatch").describe_alarms(AlarmNames=list(ALARMS))["MetricAlarms"]
    # When it was changed is not what it is.
    return {
        alarm["AlarmName"]: {
            **{name: value for name, value in alarm.items() if not name.endswith("Timestamp")},
            "AlarmActions": [names.get(action, action) for action in alarm["AlarmActions"]],
        }
        for alarm in described
    }


@pytest.fixture(scope="module")
def triggered(ministack) -> Iterator[SimpleNamespace]:
    """Step policies that an exclusive apply removes, as AWS does it, and a rollback brings back."""
    with account_in(ministack, REMOVES) as account:
        seed.make_group(account.client, old_policy=None)
        seed.make_queue(account.client, dead_letter_name=None)
        step_policies(account)
        before, alarms_before = policies(account), alarms(account)
        exclusive = {**without_publisher(), "exclusive": True}
        checked = done(apply_policy(account, exclusive, check=True, diff=True))
        applied = done(apply_policy(account, exclusive))
        alarms_between = alarms(account)
        back_checked = done(rollback(account, {"video_scaling_pools": [exclusive]}, check=True, diff=True))
        back = done(rollback(account, {"video_scaling_pools": [exclusive]}))
        after, alarms_after = policies(account), alarms(account)
        again = done(rollback(account, {"video_scaling_pools": [exclusive]}))
        done(apply_policy(account, exclusive))
        account.client("cloudwatch").delete_alarms(AlarmNames=["jobs-in"])
        gone = rollback(account, {"video_scaling_pools": [exclusive]})
        left = policies(account), alarms(account)
        yield SimpleNamespace(**{name: value for name, value in locals().items() if name != "ministack"})


def test_an_exclusive_apply_announces_what_it_removes_and_what_triggers_it(triggered):
    for run in (triggered.checked, triggered.applied):
        for alarm, (name, _threshold) in ALARMS.items():
            message = f"removes policy {name} (StepScaling) of group {seed.GROUP}; these alarms trigger it"
            assert message in " ".join(run.output.split())
            assert alarm in run.output
    assert triggered.checked.mutating == []


def test_step_policies_are_back_and_their_alarms_trigger_them(triggered):
    on_call = "arn:aws:sns:ap-northeast-2:123456789012:on-call"
    assert [one["AlarmActions"] for one in triggered.alarms_between.values()] == [[on_call]] * 2
    assert triggered.after == triggered.before
    assert {name: sorted(one["AlarmActions"]) for name, one in triggered.alarms_after.items()} == {
        name: sorted([on_call, policy]) for name, (policy, _threshold) in ALARMS.items()
    }


def test_whatever_else_an_alarm_is_stays(triggered):
    def else_than_actions(found: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
        return {name: {**alarm, "AlarmActions": []} for name, alarm in found.items()}

    assert else_than_actions(triggered.alarms_after) == else_than_actions(triggered.alarms_before)


def test_the_check_shows_the_alarms_and_the_second_rollback_changes_nothing(triggered):
    assert triggered.back_checked.mutating == triggered.again.mutating == []
    assert triggered.back_checked["Rollback"].diff == triggered.back["Rollback"].diff
    assert triggered.back["Rollback"].diff[0]["after"]["alarms"] == {
        name: {"AlarmActions": [policy]} for name, (policy, _threshold) in ALARMS.items()
    }


def test_the_run_says_what_the_next_apply_would_undo(triggered):
    assert "so the next apply undoes this rollback" in " ".join(triggered.back.output.split())
    assert triggered.back["Rollback"].pools["video"]["declared_otherwise"]


def test_an_alarm_that_is_gone_is_no_success(triggered):
    assert triggered.gone.code != 0
    assert "alarm jobs-in triggered policy by-hand-in and does not exist any more" in triggered.gone.failure.message
    left, alarms_left = triggered.left
    assert left == triggered.before
    assert "by-hand-out" in alarms_left["jobs-out"]["AlarmActions"]


# --- a period beside an expression ------------------------------------------------------------------------------


def every_ten_seconds(period: int | None) -> dict[str, Any]:
    metric = {
        "Namespace": "Jobs/Fast",
        "MetricName": "Depth",
        "Dimensions": [{"Name": "Queue", "Value": "transcode"}],
    }
    of_query = {"Period": period} if period else {}
    return {
        "TargetValue": 5.0,
        "CustomizedMetricSpecification": {
            "Metrics": [
                {
                    "Id": "depth",
                    "MetricStat": {"Metric": metric, "Stat": "Average", "Period": 10},
                    "ReturnData": False,
                },
                {"Id": "workers", "Expression": "FILL(depth, 0)", "ReturnData": False, **of_query},
                {"Id": "load", "Expression": "depth / 4", "Label": "load", "ReturnData": True, **of_query},
            ]
        },
    }


def put_own(account: Account, period: int | None) -> None:
    account.client("autoscaling").put_scaling_policy(
        AutoScalingGroupName=seed.GROUP,
        PolicyName=OWN,
        PolicyType="TargetTrackingScaling",
        TargetTrackingConfiguration=every_ten_seconds(period),
    )


def queries(account: Account) -> dict[str, dict[str, Any]]:
    """They are a set, so that their order is nothing."""
    tracking = policies(account)[OWN]["TargetTrackingConfiguration"]
    return {query["Id"]: query for query in tracking["CustomizedMetricSpecification"]["Metrics"]}


def test_the_period_of_an_expression_is_back_and_counts(ministack):
    with account_in(ministack) as account:
        seed.make_group(account.client, old_policy=None)
        seed.make_queue(account.client, dead_letter_name=None)
        put_own(account, 10)
        before = queries(account)
        done(apply_policy(account, without_publisher()))
        variables = {"video_scaling_pools": [without_publisher()]}
        done(rollback(account, variables))
        assert queries(account) == before
        assert done(rollback(account, variables)).mutating == []
        put_own(account, None)
        shown = done(rollback(account, variables, check=True, diff=True))
        assert shown["Rollback"].differences == {
            f"policies.{OWN}.metric.queries.{query}.query_period": (None, 10) for query in ("load", "workers")
        }
        listed = done(account.play("playbooks/snapshots.yml", variables))
        assert [one["live"] for one in listed["Snapshots"].pools["video"]["snapshots"]].count(True) == 0


# --- a version that is no snapshot ------------------------------------------------------------------------------


def test_a_version_that_is_no_snapshot_blocks_nothing(ministack):
    with account_in(ministack) as account:
        seed.make_group(account.client)
        seed.make_queue(account.client, dead_letter_name=None)
        done(apply_policy(account, without_publisher()))
        ssm = account.client("ssm")
        newer = {**snapshots(account)[0], "schema": 2}
        for text in ("placeholder", json.dumps(newer)):
            ssm.put_parameter(Name=HISTORY, Type="String", Value=text, Overwrite=True)
        changed = {**without_publisher(), "target_value": 7}
        done(apply_policy(account, changed))
        assert len(versions(account)) == 4
        variables = {"video_scaling_pools": [changed]}
        listed = done(account.play("playbooks/snapshots.yml", variables))
        for label in ("2", "3"):
            (line,) = [line for line in listed["Table"].result["msg"] if line.split()[:1] == [label]]
            assert "unreadable, and passed over: parameter" in line
        refused = rollback(account, {**variables, "video_scaling_snapshot": "2"})
        assert refused.code != 0
        assert "snapshot: 2 of policy" in refused.failure.message and refused.mutating == []
        done(rollback(account, variables))
        metric = policies(account)[OWN]["TargetTrackingConfiguration"]
        assert metric["TargetValue"] == 1.0
        done(rollback(account, {**variables, "video_scaling_snapshot": "1"}))
        assert tracked(policies(account)[OWN]) == ("BacklogCount", 1.0)


# --- files as people have them ----------------------------------------------------------------------------------


def test_a_file_that_windows_powershell_wrote_is_read(ministack, tmp_path: Path):
    configuration = {
        "TargetValue": 4.0,
        "PredefinedMetricSpecification": {"PredefinedMetricType": "ASGAverageCPUUtilization"},
    }
    path = tmp_path / "video_tt_config.json"
    with account_in(ministack) as account:
        seed.make_group(account.client)
        variables = {"video_scaling_snapshot_file": str(path), "video_scaling_pools": [without_publisher()]}
        path.write_bytes(json.dumps(configuration).encode("cp949").replace(b"{", b"\xc7\xd1{", 1))
        refused = rollback(account, variables)
        assert "convert it from the encoding of its writer" in refused.failure.message and refused.mutating == []
        path.write_bytes(json.dumps(configuration, indent=4).encode("utf-16"))
        done(rollback(account, variables))
        assert policies(account)[OWN]["TargetTrackingConfiguration"]["TargetValue"] == 4.0
