# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The group metrics that a signal needs are enabled once for each group, or the command for it is reported."""

from __future__ import annotations

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import Failure
from ansible_collections.academy.video_scaling.plugins.module_utils.reconcile import Outcome
from ansible_collections.academy.video_scaling.plugins.module_utils.resources.group import Group
from ansible_collections.academy.video_scaling.plugins.module_utils.steps import group_metrics
from ansible_collections.academy.video_scaling.plugins.module_utils.steps.step import alone
from ansible_collections.academy.video_scaling.tests.unit.examples import GROUP, other, pool
from ansible_collections.academy.video_scaling.tests.unit.fake_aws import FakeAws
from ansible_collections.academy.video_scaling.tests.unit.plugins.module_utils.steps.runs import run_of

BY_SQS = pool(signal="sqs_per_instance", metric=...)
SAME_GROUP = pool(name="second", policy_name="second", signal="sqs_per_instance", metric=...)
OTHERS = [pool(), pool(**other(signal="published_per_instance")), pool(name="plain", signal="sqs_total", metric=...)]


def work(*pools, failure=None):
    brought = []

    def reconciling(resource, desired, known):
        brought.append(dict(desired))
        return {name: Outcome(None, failure) for name in desired}

    return alone(group_metrics, run_of(group_metrics, pools, None, reconciling)), brought


def test_only_signals_that_divide_by_a_group_metric_need_one():
    done, brought = work(*OTHERS)
    assert (brought, done.failed, done.outcomes) == ([], {}, {})
    assert [one["name"] for one in done.rows] == [each.name for each in OTHERS]


def test_pools_of_one_group_bring_it_once_and_fail_together():
    done, (brought,) = work(BY_SQS, SAME_GROUP, *OTHERS, failure=Failure("denied"))
    assert {name: wanted.metrics for name, wanted in brought.items()} == {GROUP: {"GroupDesiredCapacity"}}
    assert done.failed == {"video": "denied", "second": "denied"}


@pytest.mark.parametrize(
    ("enabled", "lacks"),
    [((), True), (("GroupInServiceInstances",), True), (("GroupDesiredCapacity", "GroupMaxSize"), False)],
    ids=["none", "another", "the one that is needed"],
)
def test_what_a_run_that_enables_nothing_says(enabled, lacks):
    live = {GROUP: Group(GROUP, 0, 20, 0, frozenset(enabled))}
    found = group_metrics.lacking([BY_SQS, *OTHERS], FakeAws(), live)
    assert list(found) == (["video"] if lacks else [])
    if lacks:
        command = (
            f"aws autoscaling enable-metrics-collection --auto-scaling-group-name {GROUP} --granularity 1Minute "
            "--metrics GroupDesiredCapacity --region ap-northeast-2"
        )
        assert command in str(found["video"])
        assert str(found["video"]).startswith("signal: sqs_per_instance needs GroupDesiredCapacity")


@pytest.mark.parametrize("groups", [{}, {GROUP: None}, {GROUP: Failure("denied")}], ids=["unread", "none", "denied"])
def test_a_group_that_was_not_found_is_reported_elsewhere(groups):
    assert group_metrics.lacking([BY_SQS], FakeAws(), groups) == {}
