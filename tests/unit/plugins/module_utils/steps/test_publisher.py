# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The publisher is one for all: its failure is that of the pools it would serve, and of no other."""

from __future__ import annotations

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import Failure
from ansible_collections.academy.video_scaling.plugins.module_utils.plan import Plan, Request
from ansible_collections.academy.video_scaling.plugins.module_utils.reconcile import Outcome
from ansible_collections.academy.video_scaling.plugins.module_utils.resources.function import Function, Release
from ansible_collections.academy.video_scaling.plugins.module_utils.resources.publisher import Publisher
from ansible_collections.academy.video_scaling.plugins.module_utils.steps import publisher
from ansible_collections.academy.video_scaling.plugins.module_utils.steps.step import alone
from ansible_collections.academy.video_scaling.tests.unit.examples import (
    FUNCTION,
    PLACE,
    given,
    other,
    pool,
    settings,
)
from ansible_collections.academy.video_scaling.tests.unit.plugins.module_utils.steps.runs import run_of

VIDEO, AUDIO, PLAIN = pool(), pool(**other()), pool(name="plain", signal="sqs_total")
LIVE = Publisher(Function(FUNCTION, Release("a", "r"), Release("a", "r"), settings(given(), other())), None, None)
BROKEN = Publisher(Function(FUNCTION, Release("a", "r"), Release("a", "r"), None), None, None)


def desired(pools, present=True, every=None, **options):
    """What is desired of these pools.

    :param every: those of the whole run.
    """
    run = run_of(publisher, every or pools, code="pass", state="present" if present else "absent", **options)
    (wanted,) = publisher.desired(run, pools).values()
    return wanted


CHANGE = Plan("publisher", None, {}, (Request("lambda", "update_function_code", {}),))


def work(pools, present=True, found=LIVE, failure=None, plan=CHANGE, **options):
    """What was done, and the functions that were brought."""
    brought = []

    def reconciling(resource, desired, known):
        brought.extend(desired)
        return {name: Outcome(plan, failure, found) for name in desired}

    state = "present" if present else "absent"
    return alone(publisher, run_of(publisher, pools, None, reconciling, code="pass", state=state, **options)), brought


@pytest.mark.parametrize(
    ("pools", "present", "served", "names"),
    [
        ([VIDEO, AUDIO], True, {"video", "audio"}, set()),
        ([VIDEO, PLAIN], True, {"video"}, set()),
        ([VIDEO, PLAIN], False, set(), {"video", "plain"}),
    ],
    ids=["all published", "one is not", "taken out"],
)
def test_what_is_desired_serves_the_published_and_names_those_to_take_out(pools, present, served, names):
    wanted = desired(pools, present)
    assert (wanted.pools.keys(), wanted.names, wanted.present) == (served, names, present)


def test_a_purge_leaves_the_published_ones_that_have_failed_before():
    wanted = desired([VIDEO], every=[VIDEO, AUDIO, PLAIN], purge_pools=True)
    assert (wanted.pools.keys(), wanted.names) == ({"video"}, {"audio"})


def test_every_option_reaches_what_is_desired():
    wanted = desired(
        [VIDEO],
        function_name="depths",
        role_name="depths-role",
        runtime="python3.12",
        architecture="x86_64",
        memory_size=256,
        timeout=30,
        retention_in_days=7,
        purge_pools=True,
        tags={"cost-center": 7},
    )
    assert wanted.tags == {"cost-center": "7"}
    assert (wanted.function_name, wanted.code, wanted.role_name) == ("depths", "pass", "depths-role")
    assert (wanted.retention_in_days, wanted.purge) == (7, True)
    assert wanted.release == Release("", "", "python3.12", "x86_64", 256, 30)


@pytest.mark.parametrize(
    ("pools", "options", "brought"),
    [
        ([VIDEO], {}, [FUNCTION]),
        ([PLAIN, VIDEO], {}, [FUNCTION]),
        ([PLAIN], {}, []),
        ([PLAIN], {"purge_pools": True}, [FUNCTION]),
        ([PLAIN], {"present": False}, [FUNCTION]),
    ],
    ids=["published", "one is published", "none is published", "none, and a purge", "none, and taken out"],
)
def test_a_publisher_is_looked_at_only_where_it_matters(pools, options, brought):
    done, functions = work(pools, **options)
    assert functions == brought
    assert list(done.outcomes) == [FUNCTION]


@pytest.mark.parametrize(
    ("present", "failed"), [(True, ["video"]), (False, ["video", "plain"])], ids=["served", "taken out"]
)
def test_a_failure_is_that_of_the_pools_it_is_about(present, failed):
    done, _functions = work([VIDEO, PLAIN], present, failure=Failure("denied"))
    assert list(done.failed) == failed


def test_a_purge_that_is_refused_is_reported_where_no_pool_is_published():
    done, _functions = work([PLAIN], purge_pools=True, failure=Failure("purge_pools: the publisher would go"))
    assert done.failed == {"plain": "purge_pools: the publisher would go"}


@pytest.mark.parametrize(
    ("outcome", "served", "dropped"),
    [
        ({}, ["audio", "video"], []),
        ({"purge_pools": True}, ["video"], ["audio"]),
        ({"purge_pools": True, "failure": Failure("denied")}, ["audio", "video"], []),
        ({"found": None, "failure": Failure("denied")}, [], []),
        ({"found": BROKEN, "failure": Failure("does not say")}, [], []),
        ({"found": Publisher(None, None, None)}, ["video"], []),
        ({"purge_pools": True, "plan": None}, ["audio", "video"], []),
    ],
    ids=["extended", "purged", "purge refused", "not read", "does not say", "new", "nothing to do"],
)
def test_who_is_served_after_the_run_is_reported(outcome, served, dropped):
    done, _functions = work([VIDEO], **outcome)
    assert done.facts["publisher"] == {
        "function_name": FUNCTION,
        "alias_arn": PLACE.function_arn(FUNCTION, "live"),
        "served_pools": served,
        "dropped_pools": dropped,
        "replaced": False,
    }
    assert [one["served"] for one in done.rows] == ["video" in served]


MOVE = Request("lambda", "update_alias", {"FunctionName": FUNCTION, "Name": "live", "FunctionVersion": "2"})
KEEP = Request("lambda", "create_alias", {"FunctionName": FUNCTION, "Name": "previous", "FunctionVersion": "1"})


@pytest.mark.parametrize(
    ("outcome", "replaced"),
    [
        ({"plan": Plan("publisher", None, {}, (KEEP, MOVE))}, True),
        ({"plan": Plan("publisher", None, {}, (KEEP, MOVE)), "failure": Failure("denied")}, False),
        ({"plan": Plan("publisher", None, {}, (MOVE,))}, False),
        ({}, False),
        ({"plan": None}, False),
    ],
    ids=["another version", "it failed", "the first version", "only what is not fired", "nothing to do"],
)
def test_whether_another_version_was_live_before_is_reported(outcome, replaced):
    done, _functions = work([VIDEO], **outcome)
    assert done.facts["publisher"]["replaced"] is replaced
