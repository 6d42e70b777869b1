# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No scenario loses a step in silence: molecule passes over a playbook that is not there, and all seems well."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

FOLDER = Path(__file__).resolve().parents[3] / "extensions" / "molecule"
SCENARIOS = {"apply", "diagnose_broken", "fleet", "retire", "rollback"}
STEPS = {"create", "prepare", "converge", "idempotence", "side_effect", "verify", "destroy"}
# They have no playbook of their own: the one runs that of converge, the others lie in playbooks/.
SHARED = {"idempotence", "check", "create", "destroy"}

each_scenario = pytest.mark.parametrize("name", sorted(SCENARIOS))


def sequence(name):
    return yaml.safe_load((FOLDER / name / "molecule.yml").read_text(encoding="utf-8"))["scenario"]["test_sequence"]


def playbooks(name):
    """Those that the sequence runs; a step names its own, or has one of its name."""
    for step in sequence(name):
        action, *named = step.split()
        if action not in SHARED:
            yield from named or [f"{action}.yml"]


def test_every_scenario_is_known():
    assert {path.parent.name for path in FOLDER.glob("*/molecule.yml")} == SCENARIOS


@each_scenario
def test_a_scenario_breaks_something_and_looks_at_it_afterwards(name):
    steps = [step.split()[0] for step in sequence(name)]
    assert set(steps) >= STEPS
    assert (steps[0], steps[-1]) == ("create", "destroy")
    assert steps.index("side_effect") < max(index for index, step in enumerate(steps) if step == "verify")


@each_scenario
def test_every_playbook_is_run_and_every_step_has_its_playbook(name):
    there = {path.name for path in (FOLDER / name).glob("*.yml")} - {"molecule.yml"}
    assert set(playbooks(name)) == there


def test_the_playbooks_that_all_share_are_where_they_are_looked_for():
    shared = yaml.safe_load((FOLDER / "config.yml").read_text(encoding="utf-8"))["ansible"]["playbooks"]
    assert set(shared) == {"create", "destroy"}
    assert all((FOLDER / "apply" / path).is_file() for path in shared.values())
