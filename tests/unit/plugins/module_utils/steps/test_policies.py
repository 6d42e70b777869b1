# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A policy is keyed by its group too: two groups may have policies of one name."""

from __future__ import annotations

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import Failure
from ansible_collections.academy.video_scaling.plugins.module_utils.reconcile import Outcome
from ansible_collections.academy.video_scaling.plugins.module_utils.resources import policy
from ansible_collections.academy.video_scaling.plugins.module_utils.resources.policy import Policies, Policy
from ansible_collections.academy.video_scaling.plugins.module_utils.steps import policies
from ansible_collections.academy.video_scaling.tests.unit.examples import FUNCTION, GROUP, POLICY, STAMP, other, pool
from ansible_collections.academy.video_scaling.tests.unit.fake_aws import FakeAws

KEY, AUDIO_KEY = (GROUP, POLICY), ("academy-audio-worker-asg", POLICY)
VIDEO, AUDIO = pool(), pool(**other(policy_name=POLICY, signal="sqs_total"))
LIVE = Policies(GROUP, {name: Policy(name) for name in ("z", POLICY, "cpu")})


def work(present=True, **video):
    """What was done, and what was wanted, where the policy of one of two pools came to this."""
    wanted = {}

    def bring(resource, desired):
        assert resource is policy
        wanted.update(desired)
        return {AUDIO_KEY: Outcome(None, found=Policies(AUDIO_KEY[0], {})), KEY: Outcome(None, **video)}

    return policies.work([VIDEO, AUDIO], FakeAws(), FUNCTION, bring, present), wanted


def test_outcomes_and_wishes_are_keyed_by_group_and_policy():
    done, wanted = work(found=LIVE)
    assert done.outcomes.keys() == wanted.keys() == {KEY, AUDIO_KEY}


@pytest.mark.parametrize(
    ("video", "others", "failed"),
    [
        ({"found": LIVE}, ["cpu", "z"], {}),
        ({"found": LIVE, "failure": Failure("refused")}, ["cpu", "z"], {"video": "refused"}),
        ({"failure": Failure("no group")}, [], {"video": "no group"}),
    ],
    ids=["found", "found and refused", "not read"],
)
def test_a_pool_tells_the_other_policies_of_its_own_group(video, others, failed):
    done, _wanted = work(**video)
    assert [one["other_policies"] for one in done.rows] == [others, []]
    assert done.failed == failed


@pytest.mark.parametrize("present", [True, False])
def test_a_wish_names_the_policy_and_what_its_snapshot_tells(present):
    _done, wanted = work(present, found=LIVE)
    assert [bool(wish.policies[POLICY]) for wish in wanted.values()] == [present, present]
    records = [wanted[key].record for key in (KEY, AUDIO_KEY)]
    assert [(one.stamp, one.function_name, one.is_served) for one in records] == [
        (STAMP, FUNCTION, True),
        (STAMP, FUNCTION, False),
    ]
