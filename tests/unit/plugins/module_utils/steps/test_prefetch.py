# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was read at once is known for a while, and a part that could not be read keeps nobody from the others."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import Failure, Unusable
from ansible_collections.academy.video_scaling.plugins.module_utils.plan import Plan, Request
from ansible_collections.academy.video_scaling.plugins.module_utils.reconcile import Outcome
from ansible_collections.academy.video_scaling.plugins.module_utils.steps import prefetch
from ansible_collections.academy.video_scaling.plugins.module_utils.steps.step import Run
from ansible_collections.academy.video_scaling.tests.unit.fake_aws import FakeAws, refusal

AS_DECLARED = Outcome(Plan("rule every-minute", {}, {}), found="it")
DIFFERENT = Outcome(Plan("rule every-minute", {}, {}, (Request("events", "delete_rule", {"Name": "every-minute"}),)))
FAILED = Outcome(None, Failure("denied"))


class Looked:
    """A step of a name that finds this, or fails."""

    def __init__(self, name, found):
        self.NAME, self.found = name, found

    def look(self, run, pools, desired):
        if isinstance(self.found, Exception):
            raise self.found
        return self.found() if callable(self.found) else self.found


def read(clock=lambda: 0.0, aws=None, pools=(), **found):
    run = Run(pools, aws or FakeAws(), {}, None, clock=clock)
    return prefetch.read(run, [(Looked(name, outcomes), {}) for name, outcomes in found.items()])


@pytest.mark.parametrize(
    ("seconds", "known"),
    [(0, True), (prefetch.FRESH_SECONDS, True), (prefetch.FRESH_SECONDS + 0.1, False)],
    ids=["at once", "a moment ago", "long ago"],
)
def test_what_was_read_is_known_for_a_while_after_all_of_it_was_read(seconds, known):
    now = [0.0]

    def slow():
        now[0] += 1000
        return {"jobs": DIFFERENT}

    aws = FakeAws()
    seen = read(lambda: now[0], aws, [None] * 7, queue=slow, schedule=lambda: {"rule": AS_DECLARED})
    now[0] += seconds
    assert seen.known("queue") == ({"jobs": DIFFERENT} if known else {})
    assert seen.known("schedule") == ({"rule": AS_DECLARED} if known else {})
    assert seen.known("policy") == {}
    assert aws.phases == [("read", 7)]


def test_what_could_not_be_planned_is_not_known():
    seen = read(queue={"jobs": FAILED, "others": DIFFERENT})
    assert (seen.known("queue"), seen.planned("queue").keys()) == ({"others": DIFFERENT}, {"jobs", "others"})


def test_each_part_is_as_old_as_its_own_reading():
    now = [0.0]

    def slow():
        now[0] += prefetch.FRESH_SECONDS + 1
        return {"rule": AS_DECLARED}

    seen = read(lambda: now[0], queue={"jobs": DIFFERENT}, schedule=slow)
    assert (seen.known("queue"), seen.known("schedule")) == ({}, {"rule": AS_DECLARED})


@pytest.mark.parametrize(
    "error", [Failure("no"), refusal("AccessDenied"), Unusable("expired"), KeyError("Enabled")], ids=str
)
def test_what_could_not_be_read_is_not_known_and_the_others_are(error):
    seen = read(queue=error, policy={"tt": AS_DECLARED})
    assert (seen.known("queue"), seen.known("policy")) == ({}, {"tt": AS_DECLARED})


KEPT_FIRST = Outcome(replace(DIFFERENT.plan, preparation=(Request("ssm", "put_parameter", {}),)))


def test_a_change_without_a_preparation_is_found_again_before_it_is_made():
    outcomes = {"same": AS_DECLARED, "kept first": KEPT_FIRST, "goes on": DIFFERENT, "failed": FAILED}
    assert prefetch.prepared(outcomes).keys() == {"same", "kept first", "failed"}


def test_only_what_is_as_declared_is_settled():
    outcomes = {"same": AS_DECLARED, "other": DIFFERENT, "failed": FAILED}
    assert prefetch.settled(outcomes) == {"same": AS_DECLARED}
