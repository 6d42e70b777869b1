# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every step has the one shape; what ends a step is its result."""

from __future__ import annotations

import inspect

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import Failure
from ansible_collections.academy.video_scaling.plugins.module_utils.steps import apply
from ansible_collections.academy.video_scaling.plugins.module_utils.steps.result import StepResult
from ansible_collections.academy.video_scaling.plugins.module_utils.steps.step import Run, Step, guarded
from ansible_collections.academy.video_scaling.tests.unit.examples import other, pool
from ansible_collections.academy.video_scaling.tests.unit.fake_aws import FakeAws
from ansible_collections.academy.video_scaling.tests.unit.tag_cases import TAGS

PARTS = {name: method for name, method in vars(Step).items() if inspect.isfunction(method) and name[0] != "_"}


@pytest.mark.parametrize("step", apply.STEPS, ids=lambda step: step.NAME)
def test_a_step_has_the_shape_of_all(step):
    assert set(Step.__annotations__) <= set(dir(step))
    assert PARTS.keys() == {"desired", "look", "work"}
    for name, method in PARTS.items():
        assert list(inspect.signature(getattr(step, name)).parameters) == list(inspect.signature(method).parameters)[1:]


@pytest.mark.parametrize(
    ("options", "present", "tags"),
    [({}, True, {}), ({"state": "absent"}, False, {}), ({"state": "present", "tags": TAGS}, True, TAGS)],
    ids=["not given", "absent", "present, with tags"],
)
def test_what_the_options_of_a_run_mean(options, present, tags):
    run = Run([], FakeAws(), {"function_name": "f", **options}, None)
    assert (run.present, run.tags, run.function_name) == (present, tags, "f")


@pytest.mark.parametrize(
    ("error", "reason"),
    [(Failure("denied"), "denied"), (KeyError("Enabled"), "this is a defect of the collection, please report it: ")],
    ids=["failure", "defect"],
)
def test_what_ends_a_step_fails_its_pools(error, reason):
    def work(pools):
        raise error

    aws = FakeAws()
    done = guarded(Run([], aws, {}, None), "policy", work, [pool(), pool(**other())])
    assert done.failed.keys() == {"video", "audio"}
    assert done.failed["video"].startswith(reason)
    assert ("Traceback" in done.facts.get("exception", "")) == isinstance(error, KeyError)
    assert (aws.phases, aws.counted["failed"]) == ([("policy", 2)], 2)


def test_a_step_without_pools_is_left_out():
    aws = FakeAws()
    assert guarded(Run([], aws, {}, None), "policy", None, []) == StepResult([])
    assert aws.phases == []
