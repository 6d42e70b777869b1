# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What makes scaling wait: the alarm that has not fired, or what goes on while it does.

Each says in words what holds a group in a minute, or None where it does not.
"""

from __future__ import annotations

from .alarms import ALARM, NO_DATA
from .scene import OUT, Scene

# How long a change of capacity by somebody else is taken for the answer to why the policy did not act, in minutes:
# a policy answers its alarm at once, and again each minute while it lasts.
ECHO_MINUTES = 5


def alarm_missing(scene: Scene, number: int, direction: str) -> str | None:
    if scene.policy and scene.has_alarms and scene.alarm(direction) is None:
        return f"policy {scene.pool.policy_name} has no alarm that would scale {direction}"
    return None


def alarm_muted(scene: Scene, number: int, direction: str) -> str | None:
    alarm = scene.alarm(direction)
    return f"the actions of {alarm.called} are switched off" if alarm and not alarm.is_acting else None


def blind(scene: Scene, number: int, direction: str) -> str | None:
    alarm = scene.alarm(direction)
    if alarm and scene.is_silent(number):
        return f"there is no datapoint of what {alarm.called} looks at"
    if alarm and alarm.states[number] == NO_DATA:
        return f"{alarm.called} has not enough data (INSUFFICIENT_DATA): it needs {alarm.rule}"
    return None


def not_yet_breached(scene: Scene, number: int, direction: str) -> str | None:
    alarm = scene.alarm(direction)
    if alarm is None or alarm.states[number] in (ALARM, NO_DATA):
        return None
    value = scene.value(number)
    if value is not None and not alarm.breached_by(value):
        side = "above" if alarm.above else "below"
        return f"the value is not {side} {alarm.threshold:g}, the threshold of {alarm.called}"
    return f"{alarm.called} is not breached yet: it needs {alarm.rule}" if alarm.states[number] else None


def unread(scene: Scene, number: int, direction: str) -> str | None:
    alarm = scene.alarm(direction)
    if alarm is None or alarm.states[number] is None:
        return "the state of the policy's alarm at that time could not be read"
    return None


def other_policy(scene: Scene, number: int, direction: str) -> str | None:
    now, name = scene.minutes.end(number), scene.pool.policy_name
    for change in reversed(scene.changes):
        minutes_ago = (now - change.at).total_seconds() / 60
        is_against = (change.after < change.before) == (direction == OUT)
        if 0 <= minutes_ago < ECHO_MINUTES and is_against and change.by != name:
            return f"the capacity was changed the other way by {'policy ' if change.is_policy else ''}{change.by}"
    # Of several target-tracking policies all must agree to scale in; the largest wins to scale out.
    opposed = [other for other, low in scene.other_lows.items() if low.states[number] != ALARM]
    if direction != OUT and opposed:
        return f"policy {', '.join(sorted(opposed))} of the same group does not agree to scale in"
    return None


def warm_up(scene: Scene, number: int, direction: str) -> str | None:
    now, seconds = scene.minutes.end(number), scene.warm_up_seconds
    if any(0 <= (now - arrival).total_seconds() < seconds for arrival in scene.arrivals):
        return f"an instance is warming up, and counts as capacity that is on its way for {seconds} s"
    return None


def unexplained(scene: Scene, number: int, direction: str) -> str | None:
    alarm = scene.alarm(direction)
    return f"{alarm.called if alarm else 'the alarm'} is in ALARM, and nothing that was read says why it did not act"
