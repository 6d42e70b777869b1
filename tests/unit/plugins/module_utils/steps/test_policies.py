# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A policy is keyed by its group too: two groups may have policies of one name."""

from __future__ import annotations

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import Failure
from ansible_collections.academy.video_scaling.plugins.module_utils.plan import Plan, Request
from ansible_collections.academy.video_scaling.plugins.module_utils.reconcile import Outcome
from ansible_collections.academy.video_scaling.plugins.module_utils.resources import policy, snapshot, snapshot_tags
from ansible_collections.academy.video_scaling.plugins.module_utils.resources.policy import Policies, Policy
from ansible_collections.academy.video_scaling.plugins.module_utils.steps import policies
from ansible_collections.academy.video_scaling.plugins.module_utils.steps.step import alone
from ansible_collections.academy.video_scaling.tests.unit.examples import FUNCTION, GROUP, POLICY, STAMP, other, pool
from ansible_collections.academy.video_scaling.tests.unit.plugins.module_utils.steps.runs import run_of
from ansible_collections.academy.video_scaling.tests.unit.tag_cases import TAGS

KEY, AUDIO_KEY = (GROUP, POLICY), ("academy-audio-worker-asg", POLICY)
VIDEO, AUDIO = pool(), pool(**other(policy_name=POLICY, signal="sqs_total"))
LIVE = Policies(GROUP, {name: Policy(name) for name in ("z", POLICY, "cpu")})


def work(present=True, **video):
    """What was done, and what was wanted, where the policy of one of two pools came to this."""
    wanted = {}

    def reconciling(resource, desired, known):
        assert resource is policy
        wanted.update(desired)
        return {AUDIO_KEY: Outcome(None, found=Policies(AUDIO_KEY[0], {})), KEY: Outcome(None, **video)}

    state = "present" if present else "absent"
    return alone(policies, run_of(policies, [VIDEO, AUDIO], None, reconciling, state=state)), wanted


def test_outcomes_and_desired_policies_are_keyed_by_group_and_policy():
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


ARN = "arn:aws:autoscaling:ap-northeast-2:123456789012:scalingPolicy:1:autoScalingGroupName/x:policyName/steps"
CROWDED = Policies(
    GROUP,
    {POLICY: Policy(POLICY), "cpu": Policy("cpu"), "steps": Policy("steps", "StepScaling", raw={"PolicyARN": ARN})},
    alarms={name: {"AlarmName": name, "AlarmActions": [ARN]} for name in ("jobs", "late")},
)


@pytest.mark.parametrize(
    ("exclusive", "present", "removed"),
    [(True, True, ["cpu", "steps"]), (True, False, []), (False, True, [])],
    ids=["exclusive", "exclusive and retired", "not exclusive"],
)
def test_what_an_exclusive_policy_removes_is_announced_with_what_triggers_it(exclusive, present, removed):
    video = pool(exclusive=exclusive)
    run = run_of(
        policies,
        [video],
        reconciling=lambda _resource, _desired, known: {KEY: Outcome(None, found=CROWDED)},
        state="present" if present else "absent",
    )
    done = alone(policies, run)
    assert [one["removed_policies"] for one in done.rows] == [removed]
    texts = {
        "cpu": f"pool video: exclusive: true removes policy cpu (TargetTrackingScaling) of group {GROUP}; "
        "a rollback puts it back",
        "steps": f"pool video: exclusive: true removes policy steps (StepScaling) of group {GROUP}; these alarms "
        "trigger it and lose that action: jobs, late; a rollback puts it back",
    }
    assert done.facts.get("warnings", []) == [texts[name] for name in removed]


@pytest.mark.parametrize("present", [True, False])
def test_what_is_desired_names_the_policy_and_what_its_snapshot_holds(present):
    _done, wanted = work(present, found=LIVE)
    assert [bool(one.policies[POLICY]) for one in wanted.values()] == [present, present]
    records = [wanted[key].record for key in (KEY, AUDIO_KEY)]
    assert [(one.stamp, one.function_name, one.is_served) for one in records] == [
        (STAMP, FUNCTION, True),
        (STAMP, FUNCTION, False),
    ]


# --- the tags of the snapshots ----------------------------------------------------------------------------------

NAME, AUDIO_NAME = (snapshot.parameter_name(*key) for key in (KEY, AUDIO_KEY))
MENDED = Plan("snapshots", {}, {}, (Request("ssm", "add_tags_to_resource", {}),))


def tagged(tags, failing=(), **of_video):
    """What was done, and what was wanted, by the resource, where the tags of one of two pools came to this."""
    wanted = {}

    def reconciling(resource, desired, known=()):
        wanted[resource] = desired
        if resource is policy:
            return {key: Outcome(None, Failure("refused") if key in failing else None) for key in desired}
        return {name: Outcome(**{"plan": None, **of_video}) if name == NAME else Outcome(None) for name in desired}

    return alone(policies, run_of(policies, [VIDEO, AUDIO], None, reconciling, tags=tags)), wanted


def test_without_tags_the_snapshots_are_not_looked_at():
    done, wanted = tagged({})
    assert list(wanted) == [policy]
    assert done.outcomes.keys() == {KEY, AUDIO_KEY}


@pytest.mark.parametrize(
    ("failing", "names"),
    [((), {NAME, AUDIO_NAME}), ((KEY,), {AUDIO_NAME}), ((KEY, AUDIO_KEY), set())],
    ids=["both", "one failed", "both failed"],
)
def test_the_snapshots_of_what_did_not_fail_are_mended(failing, names):
    done, wanted = tagged(TAGS, failing)
    assert [one.record.tags for one in wanted[policy].values()] == [TAGS, TAGS]
    assert {name: one.tags for name, one in wanted[snapshot_tags].items()} == dict.fromkeys(names, TAGS)
    assert done.outcomes.keys() == {KEY, AUDIO_KEY, *names}


@pytest.mark.parametrize(
    ("outcome", "failed", "changed"),
    [({"failure": Failure("denied")}, {"video": "denied"}, []), ({"plan": MENDED}, {}, ["video"])],
    ids=["failed", "mended"],
)
def test_what_became_of_them_is_reported_of_their_pool(outcome, failed, changed):
    done, _wanted = tagged(TAGS, **outcome)
    assert done.failed == failed
    assert [one["name"] for one in done.rows if one["changed"]] == changed
