# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What held a group that could have scaled, asked in order: the first that answers is the holder.

What makes scaling impossible comes before what makes it wait.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from . import limits, waits
from .scene import Scene

# What holds it in words, None where it does not. Words tell nothing that differs from minute to minute.
Rule: TypeAlias = Callable[[Scene, int, str], "str | None"]

HOLDERS: tuple[tuple[str, Rule], ...] = (
    ("at_max", limits.at_max),
    ("at_min", limits.at_min),
    ("policy_missing", limits.policy_missing),
    ("policy_disabled", limits.policy_disabled),
    ("scale_in_disabled", limits.scale_in_disabled),
    ("suspended_process", limits.suspended),
    ("other_metric", limits.other_metric),
    ("alarm_missing", waits.alarm_missing),
    ("alarm_muted", waits.alarm_muted),
    ("no_data", waits.blind),
    ("alarm_not_yet_breached", waits.not_yet_breached),
    ("unknown", waits.unread),
    ("other_policy", waits.other_policy),
    ("warm_up", waits.warm_up),
    ("unexplained", waits.unexplained),
)
