# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each signal as it comes to AWS: what is sent for it, what is published, and what becomes of a policy of before."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.resources import metric
from ansible_collections.academy.video_scaling.tests.unit import signal_scenarios as scenarios

from local_aws import seed
from local_aws.emulator import Emulator
from local_aws.recorder import Recorded
from local_aws.strict.wire import params_of
from tests.integration.account import FUNCTION, NAMESPACE, Account, account_in, pool
from tests.integration.datapoints import DIMENSIONS, put
from tests.integration.playbook import Run

MODULE = "video_scaling_diagnosis_info"
RATIO = "VideoQueueDepthTotalPerInstance"
DIVIDED = {"signal": "published_per_instance"}
BY_SQS = {"signal": "sqs_per_instance", "metric": None}
OF_GROUP = [{"Name": "AutoScalingGroupName", "Value": seed.GROUP}]


def applied(account: Account, options: dict[str, Any], **variables: Any) -> Run:
    run = account.apply({"video_scaling_pools": [pool(**options)], **variables})
    assert run.code == 0, run.output
    return run


def followed(account: Account) -> metric.Tracked:
    """What the live policy follows."""
    (found,) = account.client("autoscaling").describe_policies(AutoScalingGroupName=seed.GROUP)["ScalingPolicies"]
    return metric.from_response(found["TargetTrackingConfiguration"])


# --- divided by the publisher -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def divided(shared: Account) -> Account:
    """Fifty messages, ten workers, and a depth that the publisher divides."""
    seed.make_pool(shared.client, visible=40, in_flight=10, desired_capacity=10)
    checked = shared.apply({"video_scaling_pools": [pool(**DIVIDED)]}, check=True, diff=True)
    assert (checked.code, checked.mutating) == (0, []), checked.output
    run = shared.apply({"video_scaling_pools": [pool(**DIVIDED)]}, diff=True)
    assert run.code == 0, run.output
    assert run.diffs == checked.diffs
    return shared


def test_the_policy_follows_the_plain_metric_that_the_publisher_divides(divided):
    assert isinstance(followed(divided), metric.CustomMetric)
    assert followed(divided).metric.name == RATIO
    _error, answer = divided.invoke({"publish": True})
    assert answer == {"video_queue_depth_total": 50, "video_queue_depth_per_instance": 5.0}
    (found,) = divided.client("cloudwatch").list_metrics(Namespace=NAMESPACE, MetricName=RATIO)["Metrics"]
    assert {pair["Name"]: pair["Value"] for pair in found["Dimensions"]} == DIMENSIONS


def test_the_role_may_read_groups_and_nothing_more_than_before(divided):
    document = divided.client("iam").get_role_policy(
        RoleName=f"{FUNCTION}-ap-northeast-2-role", PolicyName="queue-depth"
    )["PolicyDocument"]
    document = json.loads(document) if isinstance(document, str) else document
    actions = {action for one in document["Statement"] for action in one["Action"]}
    assert {action for action in actions if action.startswith("autoscaling:")} == {
        "autoscaling:DescribeAutoScalingGroups"
    }
    assert len(actions) == 6


def test_a_second_apply_has_nothing_to_do(divided):
    again = applied(divided, DIVIDED)
    assert (any(again.changed.values()), again.mutating) == (False, [])


def test_a_group_that_is_gone_leaves_the_total_and_fails_by_name(divided):
    asked = {"video_scaling_pools": [pool(**DIVIDED), pool("ghost", **DIVIDED)], "video_scaling_steps": ["publisher"]}
    seed.make_group(divided.client, name="academy-ghost-worker-asg", old_policy=None)
    seed.make_queue(divided.client, name="academy-ghost-jobs", dead_letter_name=None, visible=2)
    assert divided.apply(asked).code == 0
    divided.client("autoscaling").delete_auto_scaling_group(
        AutoScalingGroupName="academy-ghost-worker-asg", ForceDelete=True
    )
    error, answer = divided.invoke({})
    assert error and "video" not in answer["errorMessage"].partition("ghost")[0].replace("published for ", "")
    assert "ghost: no value per instance: LookupError: there is no Auto Scaling group" in answer["errorMessage"]
    _error, answer = divided.invoke({"publish": True})
    assert answer["ghost_queue_depth_total"] == 2
    assert answer["video_queue_depth_per_instance"] == 5.0
    assert "ghost_queue_depth_per_instance" not in answer


def test_a_policy_alone_does_not_follow_what_nobody_publishes(account):
    seed.make_pool(account.client)
    for check in (True, False):
        run = account.play("playbooks/apply_policy.yml", {"video_scaling_pools": [pool(**DIVIDED)]}, check=check)
        assert (run.code, run.mutating) == (2, [])
        assert "deploy it first (deploy_lambda.yml), or apply all (apply.yml)" in run.failure.message
    for playbook in ("deploy_lambda", "apply_policy"):
        run = account.play(f"playbooks/{playbook}.yml", {"video_scaling_pools": [pool(**DIVIDED)]})
        assert run.code == 0, run.output
    assert followed(account).metric.name == RATIO


# --- divided by metric math -------------------------------------------------------------------------------------


@pytest.fixture
def unmetered(moto: Emulator) -> Iterator[Account]:
    """A group that tells CloudWatch nothing, on the emulator that knows group metrics."""
    with account_in(moto) as account:
        seed.make_group(account.client, old_policy=None)
        seed.make_queue(account.client)
        yield account


def enabled(account: Account) -> list[str]:
    groups = account.client("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=[seed.GROUP])
    return [one["Metric"] for one in groups["AutoScalingGroups"][0]["EnabledMetrics"]]


def test_the_group_metric_that_a_signal_needs_is_enabled_before_its_policy(unmetered):
    variables = {"video_scaling_pools": [pool(**BY_SQS)]}
    checked = unmetered.apply(variables, check=True, diff=True)
    assert (checked.code, checked.mutating) == (0, []), checked.output
    planned = [request["operation"] for request in checked["Pools"].result["requests"]]
    assert planned.count("enable_metrics_collection") == 1
    assert checked["Pools"].differences["enabled_metrics"] == ([], ["GroupDesiredCapacity"])
    run = unmetered.apply(variables, diff=True)
    assert run.code == 0, run.output
    assert run.mutating == [
        "autoscaling:EnableMetricsCollection",
        "ssm:PutParameter",
        "ssm:PutParameter",
        "autoscaling:PutScalingPolicy",
    ]
    assert run.diffs == checked.diffs
    assert run["Pools"].result["changed_steps"] == ["group_metrics", "policy"]
    assert enabled(unmetered) == ["GroupDesiredCapacity"]
    again = unmetered.apply(variables)
    assert (again.code, any(again.changed.values()), again.mutating) == (0, False, [])


@pytest.mark.parametrize("playbook", ["apply", "apply_policy"])
@pytest.mark.parametrize("check", [True, False], ids=["check", "apply"])
def test_who_does_not_let_it_be_enabled_gets_the_command_before_anything_is_sent(unmetered, playbook, check):
    variables = {"video_scaling_pools": [pool(**BY_SQS)], "video_scaling_manage_group_metrics": False}
    run = unmetered.play(f"playbooks/{playbook}.yml", variables, check=check)
    assert (run.code, run.mutating) == (2, [])
    assert run.failure.message.startswith("pool video: signal: sqs_per_instance needs GroupDesiredCapacity")
    assert (
        f"`aws autoscaling enable-metrics-collection --auto-scaling-group-name {seed.GROUP} --granularity 1Minute "
        "--metrics GroupDesiredCapacity --region ap-northeast-2`"
    ) in run.failure.message
    assert enabled(unmetered) == []


def test_what_somebody_has_enabled_is_enough_and_stays(unmetered):
    unmetered.client("autoscaling").enable_metrics_collection(
        AutoScalingGroupName=seed.GROUP, Granularity="1Minute", Metrics=["GroupDesiredCapacity", "GroupMaxSize"]
    )
    run = applied(unmetered, BY_SQS, video_scaling_manage_group_metrics=False)
    assert "autoscaling:EnableMetricsCollection" not in run.mutating
    assert sorted(enabled(unmetered)) == ["GroupDesiredCapacity", "GroupMaxSize"]


def test_the_module_for_policies_alone_enables_it_too(unmetered):
    run = unmetered.module("video_scaling_policy", {"pools": [pool(**BY_SQS)]})
    assert run.code == 0, run.output
    assert run.mutating[0] == "autoscaling:EnableMetricsCollection"
    refused = unmetered.module("video_scaling_policy", {"pools": [pool(**BY_SQS)], "manage_group_metrics": False})
    assert (refused.code, refused.mutating) == (0, [])


# --- what is sent, in the scenarios that a signal must stand ------------------------------------------------------

OPTIONS_OF: dict[str, dict[str, Any]] = {
    signal: {"signal": signal, **({"metric": None} if signal in scenarios.METRIC_MATH else {})}
    for signal in scenarios.SIGNALS
}
# What may fall silent beside the publisher: AWS's own metrics.
SILENT_METRICS = [(scenarios.VISIBLE,), (scenarios.IN_FLIGHT,), scenarios.ALL_OF_SQS, scenarios.ALL_OF_GROUP]


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return scenarios.publishers(tmp_path_factory)


def sent(requests: Sequence[Recorded]) -> dict[str, Any]:
    """What was sent for the one policy of a run, as AWS reads it."""
    (request,) = [one for one in requests if one.operation == "PutScalingPolicy"]
    params = params_of(request)
    assert (params["AutoScalingGroupName"], params["PolicyName"]) == (seed.GROUP, seed.OLD_POLICY)
    configuration: dict[str, Any] = params["TargetTrackingConfiguration"]
    assert configuration["TargetValue"] == 1
    return configuration


@pytest.fixture(scope="module")
def wire(ministack: Emulator, moto: Emulator) -> dict[str, dict[str, Any]]:
    """By signal, what an apply sends for its policy: one emulator runs a publisher, the other enables group metrics."""
    found = {}
    for signal, options in OPTIONS_OF.items():
        with account_in(moto if signal in scenarios.METRIC_MATH else ministack) as account:
            seed.make_pool(account.client, visible=40, in_flight=10, desired_capacity=10)
            found[signal] = sent(applied(account, options).requests)
    return found


@pytest.mark.parametrize("signal", scenarios.PUBLISHED)
@pytest.mark.parametrize("dead", ["publisher", "queue", "group"])
def test_what_is_sent_takes_no_dead_publisher_for_an_empty_queue(wire, started, signal, dead):
    """Nothing is published for 20 minutes, with 50 messages and 10 workers."""
    values = scenarios.published_minutes(started, signal, dead, wire[signal])
    assert scenarios.never_falls(values)
    assert values[0] == (50 if signal in scenarios.TOTALS else 5)


@pytest.mark.parametrize("signal", scenarios.METRIC_MATH)
@pytest.mark.parametrize("dead", [(scenarios.METRIC["name"],), *SILENT_METRICS], ids=" ".join)
def test_what_is_sent_takes_no_missing_metric_for_an_empty_queue(wire, signal, dead):
    values = scenarios.measured_minutes(wire[signal], dead)
    assert scenarios.never_falls(values)
    assert values[0] == (50 if signal in scenarios.TOTALS else 5)


def test_what_is_sent_asks_for_no_more_workers_than_messages_while_they_launch(wire, started):
    """Ten messages; an instance takes five minutes to launch."""
    for published_at, judged_at in scenarios.FEWER_PHASES:
        asked = scenarios.steps(started, 10, published_at, judged_at, following=wire["published_per_instance"])
        assert scenarios.most(asked) == 10, (published_at, judged_at, asked)


# --- what is missing --------------------------------------------------------------------------------------------


def old_policy(account: Account, expression: str = "m1 / IF(m2 > 0, m2, 1)") -> None:
    """As version 0.1.0 put it for ``published_per_instance``."""
    measured = {"Namespace": NAMESPACE, "MetricName": "VideoQueueDepthTotal"}
    dimensions = [{"Name": name, "Value": value} for name, value in DIMENSIONS.items()]
    group = {"Namespace": "AWS/AutoScaling", "MetricName": "GroupInServiceInstances", "Dimensions": OF_GROUP}
    account.client("autoscaling").put_scaling_policy(
        AutoScalingGroupName=seed.GROUP,
        PolicyName=seed.OLD_POLICY,
        PolicyType="TargetTrackingScaling",
        TargetTrackingConfiguration={
            "CustomizedMetricSpecification": {
                "Metrics": [
                    {"Id": "e1", "Expression": expression, "Label": "VideoQueueDepthPerInstance"},
                    {
                        "Id": "m1",
                        "MetricStat": {
                            "Metric": {**measured, "Dimensions": dimensions},
                            "Stat": "Average",
                            "Unit": "Count",
                        },
                        "ReturnData": False,
                    },
                    {"Id": "m2", "MetricStat": {"Metric": group, "Stat": "Average"}, "ReturnData": False},
                ]
            },
            "TargetValue": 1.0,
        },
    )


def diagnosed(account: Account) -> dict[str, Any]:
    run = account.module(MODULE, {"pools": [pool(**DIVIDED)], "since": "1h"})
    assert (run.code, run.mutating) == (0, []), run.output
    (row,) = run[MODULE].result["pools"]
    return row


def test_a_policy_of_before_that_scales_in_on_silence_is_reported_and_put_right_by_one_apply(account):
    """The publisher has been dead for 20 minutes, with 50 messages and 10 workers."""
    seed.make_pool(account.client, visible=40, in_flight=10, desired_capacity=10)
    old_policy(account)
    put(account, "VideoQueueDepthTotal", 50, range(20, 55))
    for name in ("GroupInServiceInstances", "GroupDesiredCapacity"):
        put(account, name, 10, range(55), "AWS/AutoScaling", {"AutoScalingGroupName": seed.GROUP}, unit="None")
    before = diagnosed(account)
    findings = {finding["id"]: finding for finding in before["findings"]}
    for check in ("metric_fresh", "alarms_have_data"):
        assert findings[check]["status"] == "fail"
        assert (
            "counts a missing Academy/VideoProcessing/VideoQueueDepthTotal as 0, so AWS scales in"
            in (findings[check]["cause"])
        )
        assert findings[check]["remedy"]["playbook"] == "ansible-playbook academy.video_scaling.apply"
    assert findings["policy_as_declared"]["status"] == "fail"
    # Five messages for each worker, and then nothing, which AWS takes for no message at all.
    compared = before["timeline"]["series"]["compared"]
    assert (compared[-30], compared[-10]) == (5, 0)
    assert [event["kind"] for event in before["timeline"]["events"]].count("missing") == 1

    checked = account.apply({"video_scaling_pools": [pool(**DIVIDED)]}, check=True)
    assert (checked.code, checked.mutating) == (0, [])
    assert "policy" in checked["Pools"].result["changed_steps"]
    applied(account, DIVIDED)
    assert followed(account).metric.name == RATIO
    put(account, RATIO, 5, range(20, 55))
    after = diagnosed(account)
    assert [f for f in after["findings"] if "counts a missing" in f["cause"]] == []
    compared = after["timeline"]["series"]["compared"]
    assert (compared[-30], compared[-10]) == (5, None)
    assert "missing" not in [event["kind"] for event in after["timeline"]["events"]]
