# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was read at once is known for a while, and a part that could not be read keeps nobody from the others."""

from __future__ import annotations

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import Failure, Unusable
from ansible_collections.academy.video_scaling.plugins.module_utils.plan import Plan, Request
from ansible_collections.academy.video_scaling.plugins.module_utils.reconcile import Outcome
from ansible_collections.academy.video_scaling.plugins.module_utils.steps import prefetch
from ansible_collections.academy.video_scaling.tests.unit.fake_aws import FakeAws, refusal

AS_DECLARED = Outcome(Plan("rule every-minute", {}, {}), found="it")
DIFFERENT = Outcome(Plan("rule every-minute", {}, {}, (Request("events", "delete_rule", {"Name": "every-minute"}),)))
FAILED = Outcome(None, Failure("denied"))


def raising(error):
    def part():
        raise error

    return part


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
    seen = prefetch.read(aws, {"queue": slow, "schedule": lambda: {"rule": AS_DECLARED}}, 7, lambda: now[0])
    now[0] += seconds
    assert seen.known("queue") == ({"jobs": DIFFERENT} if known else {})
    assert seen.known("schedule") == ({"rule": AS_DECLARED} if known else {})
    assert seen.known("policy") == {}
    assert aws.phases == [("read", 7)]


def test_each_part_is_as_old_as_its_own_reading():
    now = [0.0]

    def slow():
        now[0] += prefetch.FRESH_SECONDS + 1
        return {"rule": AS_DECLARED}

    seen = prefetch.read(FakeAws(), {"queue": lambda: {"jobs": DIFFERENT}, "schedule": slow}, 1, lambda: now[0])
    assert (seen.known("queue"), seen.known("schedule")) == ({}, {"rule": AS_DECLARED})


@pytest.mark.parametrize(
    "error", [Failure("no"), refusal("AccessDenied"), Unusable("expired"), KeyError("Enabled")], ids=str
)
def test_what_could_not_be_read_is_not_known_and_the_others_are(error):
    seen = prefetch.read(FakeAws(), {"queue": raising(error), "policy": lambda: {"tt": AS_DECLARED}}, 1)
    assert (seen.known("queue"), seen.known("policy")) == ({}, {"tt": AS_DECLARED})


def test_only_what_is_as_declared_is_settled():
    outcomes = {"same": AS_DECLARED, "other": DIFFERENT, "failed": FAILED}
    assert prefetch.settled(outcomes) == {"same": AS_DECLARED}
