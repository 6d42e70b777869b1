# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A retirement that was killed anywhere ends when it is run again, and both ways back stay open."""

from __future__ import annotations

from local_aws import seed
from local_aws.emulator import REGION
from tests.integration.account import FUNCTION, RULE
from tests.integration.killing import BASELINE, World, killed_everywhere


def test_retire_killed_before_and_after_every_request(ministack, process, between, record_property):
    world = World(ministack, process, recording=between)

    def build() -> None:
        world.reset()
        world.done("main.yml")

    def follow(where: str) -> None:
        world.done("retire.yml", where=where)
        world.require_no_drift(where, "retire.yml")
        assert world.policies() == [], where
        assert world.is_gone("lambda", "get_function", FunctionName=FUNCTION), where
        assert world.is_gone("events", "describe_rule", Name=RULE), where
        assert world.is_gone("iam", "get_role", RoleName=f"{FUNCTION}-{REGION}-role"), where
        world.require_baseline(where)
        world.done("rollback.yml", BASELINE, where)
        world.require_old_policies(where)
        world.done("main.yml", where=where)
        assert [policy["PolicyName"] for policy in world.policies()] == [seed.OLD_POLICY], where
        assert world.live_code(), where

    counted = killed_everywhere(world, build, "retire.yml", {}, follow)
    for what, count in counted.items():
        record_property(what, count)
    assert counted["points"] >= 120 and counted["accounts"] >= 9, counted
