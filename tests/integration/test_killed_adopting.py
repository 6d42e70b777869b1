# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An apply over what a hand made, killed anywhere, loses neither that function nor those policies."""

from __future__ import annotations

from tests.integration.killing import BASELINE, OVER_HAND_WORK, WITH_LAMBDA, World, killed_everywhere


def test_apply_over_a_function_made_by_hand_killed_before_and_after_every_write(ministack, process, record_property):
    """What reads between two writes come to, the test above has shown."""
    world = World(ministack, process, by_hand=True)

    def follow(where: str) -> None:
        world.done("main.yml", OVER_HAND_WORK, where)
        world.require_no_drift(where, "main.yml", OVER_HAND_WORK)
        world.require_baseline(where)
        world.done("rollback.yml", WITH_LAMBDA, where)
        world.require_old_policies(where)
        assert world.live_code() == world.handmade, where
        # Whichever way one goes back to before the first apply, the function made by hand is there again.
        world.require_no_drift(where, "rollback.yml", BASELINE | WITH_LAMBDA)

    counted = killed_everywhere(world, world.reset, "main.yml", OVER_HAND_WORK, follow, writes_only=True)
    for what, count in counted.items():
        record_property(what, count)
    assert counted["points"] >= 32 and counted["accounts"] >= 17, counted
