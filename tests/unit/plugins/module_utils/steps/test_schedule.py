# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The schedule is brought once for all published pools, and not at all where none is."""

from __future__ import annotations

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import Failure
from ansible_collections.academy.video_scaling.plugins.module_utils.reconcile import Outcome
from ansible_collections.academy.video_scaling.plugins.module_utils.resources import rule_snapshot
from ansible_collections.academy.video_scaling.plugins.module_utils.steps import schedule
from ansible_collections.academy.video_scaling.plugins.module_utils.steps.step import alone
from ansible_collections.academy.video_scaling.tests.unit.examples import PLACE, RULE, other, pool
from ansible_collections.academy.video_scaling.tests.unit.fake_aws import FakeAws, publisher_serving
from ansible_collections.academy.video_scaling.tests.unit.plugins.module_utils.steps.runs import run_of
from ansible_collections.academy.video_scaling.tests.unit.tag_cases import TAGS

VIDEO, AUDIO, PLAIN = pool(), pool(**other()), pool(name="plain", signal="sqs_total")
STATES = {True: "present", False: "absent"}


def work(pools, aws=None, present=True, failure=None):
    """What was done, and the rules that were brought."""
    brought = []

    def reconciling(resource, desired, known=()):
        brought.extend(desired)
        return {name: Outcome(None, failure) for name in desired}

    return alone(schedule, run_of(schedule, pools, aws, reconciling, state=STATES[present])), brought


@pytest.mark.parametrize(
    ("pools", "brought", "failed"),
    [
        ([VIDEO, AUDIO], [RULE], ["video", "audio"]),
        ([PLAIN, VIDEO], [RULE], ["video"]),
        ([PLAIN], [], []),
    ],
    ids=["published", "one is not published", "none is published"],
)
def test_one_rule_for_those_that_are_published(pools, brought, failed):
    done, rules = work(pools, failure=Failure("denied"))
    assert (rules, list(done.failed)) == (brought, failed)
    assert [one["name"] for one in done.rows] == [one.name for one in pools]
    assert list(done.outcomes) == [RULE]


@pytest.mark.parametrize(
    ("served", "kept_for", "brought"),
    [([other()], ["audio"], []), ([], [], [RULE])],
    ids=["another pool is served", "no other pool is served"],
)
def test_a_rule_that_fires_for_others_stays(served, kept_for, brought):
    done, rules = work([VIDEO], FakeAws(publisher_serving(*(served or [other(name="video")]))), present=False)
    assert (done.facts["schedule"]["kept_for_pools"], rules) == (kept_for, brought)


def test_whoever_makes_the_rule_does_not_ask_whom_it_serves():
    aws = FakeAws()
    done, _rules = work([VIDEO], aws)
    assert aws.asked == []
    assert done.facts == {"schedule": {"rule_name": RULE, "rule_arn": PLACE.rule_arn(RULE), "kept_for_pools": []}}


@pytest.mark.parametrize("option", [{"rule_name": "a b"}, {"schedule_expression": "1 minute"}], ids=str)
def test_a_bad_option_is_refused_by_its_name(option):
    with pytest.raises(Failure, match=f"^{next(iter(option))}: "):
        schedule.desired(run_of(schedule, [VIDEO], **option), [VIDEO])


KEPT = rule_snapshot.parameter_name(RULE)


@pytest.mark.parametrize(
    ("pools", "tags", "present", "failure", "brought"),
    [
        ([VIDEO], TAGS, True, None, [RULE, KEPT]),
        ([VIDEO], {}, True, None, [RULE]),
        ([VIDEO], TAGS, True, Failure("denied"), [RULE]),
        ([VIDEO], TAGS, False, None, [RULE]),
        ([PLAIN], TAGS, True, None, []),
    ],
    ids=["given", "not given", "the rule failed", "the rule goes", "none is published"],
)
def test_what_is_kept_of_the_rule_gets_the_tags_too(pools, tags, present, failure, brought):
    found = []

    def reconciling(resource, desired, known=()):
        found.extend(desired)
        return {name: Outcome(None, failure or (Failure("may not list") if name == KEPT else None)) for name in desired}

    aws = FakeAws(publisher_serving(other(name="video"))) if not present else FakeAws()
    done = alone(schedule, run_of(schedule, pools, aws, reconciling, state=STATES[present], tags=tags))
    assert found == brought
    assert done.failed == ({"video": "denied"} if failure else {"video": "may not list"} if KEPT in brought else {})


@pytest.mark.parametrize("tags", [{}, TAGS], ids=["none", "some"])
def test_the_rule_gets_the_tags(tags):
    (wanted,) = schedule.desired(run_of(schedule, [VIDEO], tags=tags), [VIDEO]).values()
    assert wanted.firing.rule.tags == tags
