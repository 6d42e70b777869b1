# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run over the policies alone sees to what they need, and asks first whether AWS may scale in."""

from __future__ import annotations

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.resources import snapshot
from ansible_collections.academy.video_scaling.plugins.module_utils.steps import policies_alone, scale_in
from ansible_collections.academy.video_scaling.tests.unit.examples import GROUP, POLICY, pool
from ansible_collections.academy.video_scaling.tests.unit.fake_account import Account
from ansible_collections.academy.video_scaling.tests.unit.plugins.module_utils.steps.runs import run_of
from ansible_collections.academy.video_scaling.tests.unit.tag_cases import TAGS

NAME = snapshot.parameter_name(GROUP, POLICY)
BY_SQS = pool(signal="sqs_per_instance", metric=...)


def work(pools, aws, **options):
    return policies_alone.work(run_of(policies_alone, pools, aws, on_scale_in=scale_in.IGNORE, **options))


def sent(aws):
    return [operation for operation, _params in aws.sent]


def test_what_is_kept_gets_the_tags():
    aws = Account(GROUP)
    work([pool()], aws, tags=TAGS)
    assert aws.parameters.tags == {NAME: TAGS, f"{NAME}/baseline": TAGS}


@pytest.mark.parametrize("mode", [scale_in.WARN, scale_in.REFUSE])
def test_a_risk_that_is_refused_is_reported_before_anything_is_sent(monkeypatch, mode):
    aws = Account(GROUP)
    monkeypatch.setattr(scale_in, "risks", lambda *_given: {"video": "AWS may scale in"})
    done = policies_alone.work(run_of(policies_alone, [pool()], aws, on_scale_in=mode))
    assert (sent(aws) == []) == (mode == scale_in.REFUSE)
    assert list(done.failed) == (["video"] if mode == scale_in.REFUSE else [])


def test_a_signal_without_its_group_metrics_gets_no_policy_where_they_are_not_managed():
    aws = Account(GROUP)
    done = work([BY_SQS, pool(name="plain", policy_name="plain")], aws, manage_group_metrics=False)
    assert list(done.failed) == ["video"]
    assert [params["PolicyName"] for name, params in aws.sent if name.endswith("put_scaling_policy")] == ["plain"]
