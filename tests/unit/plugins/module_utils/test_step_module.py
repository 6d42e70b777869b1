# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A step gets what its module was called with, and sends nothing in a check run."""

from __future__ import annotations

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils import step_module
from ansible_collections.academy.video_scaling.plugins.module_utils.step_module import StepModule
from ansible_collections.academy.video_scaling.tests.unit.examples import given
from ansible_collections.academy.video_scaling.tests.unit.fake_aws import FakeAws


@pytest.mark.parametrize("check_mode", [False, True])
def test_a_run_has_the_options_and_the_mode_of_its_module(run, monkeypatch, check_mode):
    runs, modes = [], []
    monkeypatch.setattr(
        step_module, "reconcile", lambda *given, aws, check_mode: modes.append((given, aws, check_mode))
    )

    def work(one):
        runs.append(one)
        one.reconcile("resource", {})
        return {"changed": False, "pools": []}

    def main():
        StepModule(greeting={"type": "str"}).run_step(work)

    aws = FakeAws()
    ended = run(main, {"pools": [given()], "greeting": "hello"}, aws, check_mode)
    (one,) = runs
    assert not ended.get("failed"), ended
    assert ([pool.name for pool in one.pools], one.options["greeting"]) == (["video"], "hello")
    assert (one.sends, one.aws) == (not check_mode, aws)
    assert modes == [(("resource", {}), aws, check_mode)]
