# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whoever may lose workers by a change is warned before it, and can have it refused; nobody else hears of it."""

from __future__ import annotations

import re
from typing import Any

import pytest

from local_aws import seed
from tests.integration.account import NAMESPACE, Account, pool
from tests.integration.datapoints import DIMENSIONS, put
from tests.integration.playbook import Run

WARNING = "AWS may scale in within about a minute: VideoQueueDepthTotal has been below 0.9 for 15 minutes"
AT_WORK = "desired capacity is 12, 9 messages are in flight"
AUDIO = {"WorkerType": "Audio", "AutoScalingGroupName": "academy-audio-worker-asg"}
POOLS = {"video_scaling_pools": [pool(), pool("audio")]}


@pytest.fixture
def busy(account: Account) -> Account:
    """Two pools at work: the new metric of one has been quiet, that of the other has not."""
    seed.make_pool(account.client, in_flight=9, desired_capacity=12)
    seed.make_group(account.client, name="academy-audio-worker-asg", desired_capacity=12, old_policy=None)
    seed.make_queue(account.client, name="academy-audio-jobs", dead_letter_name="academy-audio-jobs-dlq", in_flight=9)
    put(account, "VideoQueueDepthTotal", 0, range(25))
    put(account, "AudioQueueDepthTotal", 9, range(25), dimensions=AUDIO)
    return account


def warnings(run: Run) -> str:
    """Ansible breaks a warning into lines."""
    return " ".join(run.output.split())


def scale_in_of(run: Run, task: str = "Pools") -> dict[str, Any]:
    return {name: row.get("scale_in") for name, row in run[task].pools.items()}


@pytest.mark.parametrize("check", [True, False], ids=["check", "apply"])
@pytest.mark.parametrize("playbook", ["apply", "apply_policy"])
def test_the_pool_that_would_lose_workers_is_named_and_the_other_is_not(busy, playbook, check):
    run = busy.play(f"playbooks/{playbook}.yml", POOLS, check=check)
    assert run.code == 0, run.output
    assert f"pool video: {WARNING}" in warnings(run)
    assert AT_WORK in warnings(run)
    assert "pool audio: " not in warnings(run)
    assert AT_WORK in scale_in_of(run)["video"] and scale_in_of(run)["audio"] is None
    assert (run.mutating == []) == check


@pytest.mark.parametrize("check", [True, False], ids=["check", "apply"])
def test_a_change_that_is_refused_writes_nothing(busy, check):
    run = busy.apply({**POOLS, "video_scaling_on_scale_in": "refuse"}, check=check)
    assert (run.code, run.mutating) == (2, [])
    assert WARNING in run.failure.message and "nothing was changed" in run.failure.message
    assert run["Pools"].pools["audio"] == {"name": "audio", "changed": False, "changed_steps": []}


def test_a_change_that_nobody_is_to_look_at_costs_no_reading(busy):
    run = busy.apply({**POOLS, "video_scaling_on_scale_in": "ignore"}, check=True)
    assert (run.code, WARNING in warnings(run)) == (0, False)
    assert "cloudwatch:GetMetricData" not in [request.name for request in run.requests]


def test_an_apply_that_changes_no_policy_is_silent(busy):
    for _run in range(2):
        run = busy.apply(POOLS)
        assert run.code == 0, run.output
    assert (run.mutating, WARNING in warnings(run)) == ([], False)
    assert "cloudwatch:GetMetricData" not in [request.name for request in run.requests]


def test_a_metric_that_may_not_be_read_is_reported_and_refused_where_a_risk_is(busy):
    def denied(request):
        if request.name != "cloudwatch:GetMetricData":
            return None
        body = '{"__type": "AccessDeniedException", "message": "not allowed"}'
        return 400, {"Content-Type": "application/json", "x-amzn-ErrorType": "AccessDeniedException"}, body

    busy.recording.before = denied
    run = busy.apply(POOLS, check=True)
    assert run.code == 0, run.output
    assert "whether AWS scales in once the policy has changed is unknown" in warnings(run)
    assert "cloudwatch:GetMetricData" in warnings(run)
    refused = busy.apply({**POOLS, "video_scaling_on_scale_in": "refuse"})
    assert (refused.code, refused.mutating) == (2, [])


# --- a policy that kept another one from scaling in ---------------------------------------------------------------

DEPTH = "video-depth-tt"
STAYS = "VideoQueueDepthTotal has been below"
FREED = f"and AWS will no longer wait for {seed.OLD_POLICY} to agree; {AT_WORK}"
ONLY = {"video_scaling_pools": [pool()]}


@pytest.fixture
def kept(busy: Account) -> Account:
    """Another policy of the group follows a metric that has been quiet, and the one of before has work in sight."""
    busy.client("autoscaling").put_scaling_policy(
        AutoScalingGroupName=seed.GROUP,
        PolicyName=DEPTH,
        PolicyType="TargetTrackingScaling",
        TargetTrackingConfiguration={
            "CustomizedMetricSpecification": {
                "Namespace": NAMESPACE,
                "MetricName": "VideoQueueDepthTotal",
                "Dimensions": [{"Name": name, "Value": value} for name, value in DIMENSIONS.items()],
                "Statistic": "Average",
                "Unit": "Count",
            },
            "TargetValue": 1.0,
        },
    )
    return busy


@pytest.mark.parametrize(
    ("playbook", "variables"),
    [
        ("apply_policy", {"video_scaling_pools": [pool(disable_scale_in=True)]}),
        ("retire", {**ONLY, "video_scaling_retire_force": True}),
    ],
    ids=["scale-in disabled", "retired"],
)
def test_a_policy_that_goes_is_reported_for_those_that_stay(kept, playbook, variables):
    refused = kept.play(f"playbooks/{playbook}.yml", {**variables, "video_scaling_on_scale_in": "refuse"})
    assert (refused.code, refused.mutating) == (2, [])
    assert STAYS in refused.failure.message and FREED in refused.failure.message
    run = kept.play(f"playbooks/{playbook}.yml", variables)
    assert run.code == 0, run.output
    assert STAYS in warnings(run) and FREED in warnings(run)


def test_a_policy_that_goes_with_all_others_is_not_reported(busy):
    run = busy.play("playbooks/retire.yml", {**ONLY, "video_scaling_retire_force": True})
    assert run.code == 0, run.output
    assert "AWS may scale in" not in warnings(run)
    assert "cloudwatch:GetMetricData" not in [request.name for request in run.requests]


# --- rollback ---------------------------------------------------------------------------------------------------


@pytest.fixture
def changed(busy: Account) -> Account:
    """Both pools were changed, and the metric of before is the one that has been quiet for one of them."""
    run = busy.apply({**POOLS, "video_scaling_on_scale_in": "ignore"})
    assert run.code == 0, run.output
    put(busy, seed.OLD_METRIC, 0, range(25))
    return busy


@pytest.mark.parametrize("check", [True, False], ids=["check", "rollback"])
def test_a_rollback_is_looked_at_alike(changed, check):
    run = changed.play("playbooks/rollback.yml", POOLS, check=check)
    assert run.code == 0, run.output
    assert "pool video: AWS may scale in within about a minute: BacklogCount has been below 0.9" in warnings(run)
    # Of the other pool a policy is taken away, and none stays that could scale in.
    assert not re.search("pool audio: (AWS may|whether AWS) scale", warnings(run))
    assert AT_WORK in scale_in_of(run, "Rollback")["video"] and scale_in_of(run, "Rollback")["audio"] is None
    assert (run.mutating == []) == check


def test_a_rollback_that_is_refused_writes_nothing(changed):
    run = changed.play("playbooks/rollback.yml", {**POOLS, "video_scaling_on_scale_in": "refuse"})
    assert (run.code, run.mutating) == (2, [])
    assert "BacklogCount has been below 0.9 for 15 minutes" in run.failure.message
