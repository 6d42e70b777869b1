# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A rollback that was killed anywhere arrives when it is run again, and run once more it changes nothing."""

from __future__ import annotations

from tests.integration.killing import BASELINE, OVER_HAND_WORK, WITH_LAMBDA, World, killed_everywhere


def test_rollback_killed_before_and_after_every_request(ministack, process, between, record_property):
    world = World(ministack, process, by_hand=True, recording=between)

    def build() -> None:
        world.reset()
        world.done("main.yml", OVER_HAND_WORK)

    def follow(where: str) -> None:
        world.done("rollback.yml", WITH_LAMBDA, where)
        for more in (WITH_LAMBDA, BASELINE | WITH_LAMBDA):
            world.require_no_drift(where, "rollback.yml", more)
            again = world.done("rollback.yml", more, where)
            assert (any(again.changed.values()), again.mutating) == (False, []), where
            world.require_old_policies(where)
        world.require_baseline(where)
        assert world.live_code() == world.handmade, where

    counted = killed_everywhere(world, build, "rollback.yml", WITH_LAMBDA, follow)
    for what, count in counted.items():
        record_property(what, count)
    assert counted["points"] >= 38 and counted["accounts"] >= 6, counted
