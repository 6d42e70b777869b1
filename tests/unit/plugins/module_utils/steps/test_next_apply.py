# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A rollback lasts only as long as the variables say the same: where they do not, the run says so."""

from __future__ import annotations

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import Failure
from ansible_collections.academy.video_scaling.plugins.module_utils.reconcile import Outcome
from ansible_collections.academy.video_scaling.plugins.module_utils.resources import policy
from ansible_collections.academy.video_scaling.plugins.module_utils.resources.policy import (
    DesiredPolicies,
    Policies,
    Policy,
)
from ansible_collections.academy.video_scaling.plugins.module_utils.steps import next_apply
from ansible_collections.academy.video_scaling.tests.unit.examples import GROUP, POLICY, pool

KEY = (GROUP, POLICY)


def declared(**changes):
    return policy.from_params(pool(**changes)).policies[POLICY]


def looked(video, goes_back_to, live=None):
    """What is reported of a pool whose policies are and become these."""
    desired = DesiredPolicies(GROUP, POLICY, goes_back_to, whole=True)
    found = Policies(GROUP, live or {POLICY: declared()})
    return next_apply.look([video], {KEY: desired}, {KEY: Outcome(None, found=found)})


@pytest.mark.parametrize(
    ("video", "goes_back_to", "expected"),
    [
        pytest.param({}, {POLICY: declared()}, [], id="the same"),
        pytest.param(
            {"target_value": 4},
            {POLICY: declared()},
            [f"policy {POLICY}: target_value: expected 4.0, found 1.0"],
            id="another target",
        ),
        pytest.param({}, {POLICY: None}, [f"policy {POLICY} is declared and will not be there"], id="no policy"),
        pytest.param(
            {"exclusive": True},
            {POLICY: declared(), "cpu": Policy("cpu", "StepScaling")},
            ["exclusive: true removes policy cpu"],
            id="another policy that is removed again",
        ),
        pytest.param({}, {POLICY: declared(), "cpu": Policy("cpu", "StepScaling")}, [], id="another policy that stays"),
    ],
)
def test_where_the_variables_differ_is_reported(video, goes_back_to, expected):
    done = looked(pool(**video), goes_back_to)
    assert [one["declared_otherwise"] for one in done.rows] == [expected]
    assert [line.startswith("pool video: its variables still differ") for line in done.facts.get("warnings", [])] == (
        [True] if expected else []
    )


def test_a_policy_of_another_type_tells_what_an_apply_would_say():
    done = looked(pool(), {POLICY: Policy(POLICY, "StepScaling")})
    assert "AWS does not turn one type into another" in done.rows[0]["declared_otherwise"][0]


@pytest.mark.parametrize("outcomes", [{}, {KEY: Outcome(None, Failure("refused"))}], ids=["not asked", "not read"])
def test_nothing_is_reported_of_what_was_not_read(outcomes):
    assert next_apply.look([pool()], {}, outcomes).rows == []
