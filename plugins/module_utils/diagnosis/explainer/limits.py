# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What makes scaling impossible, whatever the alarms say.

Each says in words what holds a group in a minute, or None where it does not.
"""

from __future__ import annotations

from .scene import OUT, Scene


def at_max(scene: Scene, number: int, direction: str) -> str | None:
    most, desired = scene.group.get("MaxSize"), scene.desired[number]
    if direction == OUT and most is not None and desired is not None and desired >= most:
        return f"the group is at its maximum of {most}"
    return None


def at_min(scene: Scene, number: int, direction: str) -> str | None:
    least, desired = scene.group.get("MinSize"), scene.desired[number]
    if direction != OUT and least is not None and desired is not None and desired <= least:
        return f"the group is at its minimum of {least}"
    return None


def policy_missing(scene: Scene, number: int, direction: str) -> str | None:
    name = scene.pool.policy_name
    # A policy that changed the capacity was there until then; since when it is gone, AWS does not say.
    acted = [change.at for change in scene.changes if change.is_policy and change.by == name]
    if not scene.has_policies or scene.policy or (acted and acted[-1] > scene.minutes.end(number)):
        return None
    others = ", ".join(sorted(str(other.get("PolicyName")) for other in scene.others))
    return f"the group has no policy {name}" + (f" (only {others})" if others else ", nor any other that acts")


def policy_disabled(scene: Scene, number: int, direction: str) -> str | None:
    if scene.policy and scene.policy.get("Enabled") is False:
        return f"policy {scene.pool.policy_name} is disabled"
    return None


def scale_in_disabled(scene: Scene, number: int, direction: str) -> str | None:
    if direction != OUT and scene.followed and scene.followed.disable_scale_in:
        return f"policy {scene.pool.policy_name} is set never to scale in (DisableScaleIn)"
    return None


def suspended(scene: Scene, number: int, direction: str) -> str | None:
    needed = ("AlarmNotification", "Launch" if direction == OUT else "Terminate")
    found = scene.suspended(number)
    name = next((name for name in needed if name in found), None)
    return f"process {name} of the group is suspended ({found[name] or 'AWS gives no reason'})" if name else None


def other_metric(scene: Scene, number: int, direction: str) -> str | None:
    if scene.followed and not scene.followed.is_queue:
        return f"policy {scene.pool.policy_name} follows {scene.followed.words}, which is not the queue"
    return None
