# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Groups are read in as few requests as AWS allows; of a group nothing is written but which metrics it publishes."""

from __future__ import annotations

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import Failure
from ansible_collections.academy.video_scaling.plugins.module_utils.resources import group
from ansible_collections.academy.video_scaling.plugins.module_utils.resources.group import DesiredMetrics, Group
from ansible_collections.academy.video_scaling.tests.unit.examples import GROUP, other, pool
from ansible_collections.academy.video_scaling.tests.unit.fake_aws import FakeAws, require_valid

EXISTING = {
    "AutoScalingGroupName": "workers-1",
    "AutoScalingGroupARN": "arn:aws:autoscaling:ap-northeast-2:123456789012:autoScalingGroup:x",
    "MinSize": 0,
    "MaxSize": 20,
    "DesiredCapacity": 16,
    "Instances": [],
}


def test_a_group_is_read_as_it_is():
    assert group.from_response(EXISTING) == Group("workers-1", 0, 20, 16)


def test_what_it_publishes_and_what_is_suspended_is_read_too():
    response = {
        **EXISTING,
        "EnabledMetrics": [{"Metric": "GroupMinSize", "Granularity": "1Minute"}],
        "SuspendedProcesses": [{"ProcessName": "Launch", "SuspensionReason": "by hand"}],
    }
    found = group.from_response(response)
    assert (found.enabled_metrics, found.suspended_processes) == ({"GroupMinSize"}, {"Launch"})


def test_a_missing_group_is_none():
    aws = FakeAws({"autoscaling.describe_auto_scaling_groups": [EXISTING]})
    found = group.find(aws, dict.fromkeys(["workers-1", "workers-2"]))
    assert found == {"workers-1": Group("workers-1", 0, 20, 16), "workers-2": None}


@pytest.mark.parametrize(("groups", "sizes"), [(0, []), (1, [1]), (100, [100]), (101, [100, 1]), (250, [100, 100, 50])])
def test_groups_are_asked_for_in_batches(groups, sizes):
    aws = FakeAws({"autoscaling.describe_auto_scaling_groups": []})
    group.find(aws, {f"workers-{number}": None for number in range(groups)})
    assert [len(params["AutoScalingGroupNames"]) for _name, params in aws.asked] == sizes
    # Asked for more than 50 by name, AWS wants MaxRecords to say so.
    assert all(params["MaxRecords"] == 100 for _name, params in aws.asked)


def test_a_missing_group_is_reported_with_the_place():
    assert str(group.missing(FakeAws(), "workers-9")).startswith(
        "auto_scaling_group_name: there is no group workers-9 in region ap-northeast-2 of account 123456789012; "
    )


# --- its metrics ------------------------------------------------------------------------------------------------


def test_a_group_is_declared_once_for_all_pools_that_divide_by_its_size():
    by_sqs = {"signal": "sqs_per_instance", "metric": ...}
    pools = [pool(**by_sqs), pool(name="second", policy_name="second", **by_sqs), pool(**other())]
    assert group.declared(pools) == {GROUP: DesiredMetrics(GROUP, frozenset({"GroupDesiredCapacity"}))}


@pytest.mark.parametrize(
    ("enabled", "sent"),
    [
        ([], ["GroupDesiredCapacity"]),
        (["GroupMinSize"], ["GroupDesiredCapacity"]),
        (["GroupDesiredCapacity", "GroupMinSize"], []),
    ],
    ids=["none", "another", "it"],
)
def test_what_is_missing_is_enabled_and_nothing_else(enabled, sent):
    current = Group("workers-1", 0, 20, 16, frozenset(enabled))
    plan = group.plan(current, DesiredMetrics("workers-1", frozenset({"GroupDesiredCapacity"})))
    assert [request.params["Metrics"] for request in plan.requests] == ([sent] if sent else [])
    for request in plan.requests:
        require_valid(request.service, request.operation, request.params)
    assert plan.before == {"enabled_metrics": sorted(enabled)}
    assert plan.after == {"enabled_metrics": sorted({*enabled, "GroupDesiredCapacity"})}


def test_the_metrics_of_a_group_that_is_not_there_cannot_be_enabled():
    found = group.find(
        FakeAws({"autoscaling.describe_auto_scaling_groups": []}),
        {"workers-9": DesiredMetrics("workers-9", frozenset())},
    )
    assert isinstance(found["workers-9"], Failure)
