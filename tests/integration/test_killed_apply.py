# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An apply that was killed anywhere converges when it is run again, and the state before it can be gone back to."""

from __future__ import annotations

from tests.integration.killing import World, killed_everywhere


def test_apply_killed_before_and_after_every_request(ministack, process, between, record_property):
    world = World(ministack, process, recording=between)

    def follow(where: str) -> None:
        world.done("main.yml", where=where)
        world.require_no_drift(where, "main.yml")
        world.require_baseline(where)
        world.done("rollback.yml", where=where)
        world.require_old_policies(where)

    counted = killed_everywhere(world, world.reset, "main.yml", {}, follow)
    for what, count in counted.items():
        record_property(what, count)
    assert counted["points"] >= 100 and counted["accounts"] >= 18, counted
