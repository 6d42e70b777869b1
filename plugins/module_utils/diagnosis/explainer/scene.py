# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All that is known of a pool over a time window, minute by minute, for whoever asks what held it."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ...pool import Pool
from ..observed import Reply
from ..wording.words import stamped
from .activities import Change
from .alarms import Alarm
from .compared import Followed
from .minutes import Minutes, Numbers

OUT, IN = "out", "in"

# AWS writes a datapoint up to two minutes late: for so long the one before still tells the need.
LATE_MINUTES = 2
# What Auto Scaling waits where neither policy nor group says how long an instance needs: its default cooldown.
DEFAULT_WARM_UP_SECONDS = 300
# Off by less than this is a rounding of the division, not work for one more instance.
ROUNDING = 1e-9


@dataclass(frozen=True)
class Scene:
    """:param policy: the pool's live policy, None where there is none; see ``has_policies``.
    :param has_policies: whether the policies could be read. :param others: the group's other policies that act.
    :param alarms: of the policy, by whether they fire above. :param other_lows: the scale-in alarms of other
        policies, where all of them must agree.
    :param has_values: whether what the policy compares could be read: a gap in it is then one of the metric.
    :param counted_as_zero: in which minutes the policy had a value although a metric was missing.
    """

    pool: Pool
    minutes: Minutes
    depth: Numbers
    published: Numbers
    compared: Numbers
    desired: Numbers
    in_service: Numbers
    group: Reply
    has_policies: bool
    policy: Reply | None
    followed: Followed | None
    alarms: Mapping[bool, Alarm]
    has_alarms: bool
    others: Sequence[Reply]
    other_lows: Mapping[str, Alarm]
    activities: Sequence[Reply]
    changes: Sequence[Change]
    arrivals: Sequence[datetime]
    has_values: bool
    counted_as_zero: Sequence[bool] = ()

    @property
    def target(self) -> float:
        """Messages for each instance: what the live policy says, where it follows the queue."""
        live = self.followed.target if self.followed and self.followed.is_queue else None
        return live or self.pool.target_value

    @property
    def warm_up_seconds(self) -> int:
        warm_ups = (
            (self.policy or {}).get("EstimatedInstanceWarmup"),
            self.group.get("DefaultInstanceWarmup"),
            self.group.get("DefaultCooldown"),
        )
        return int(next((seconds for seconds in warm_ups if seconds is not None), DEFAULT_WARM_UP_SECONDS))

    def wanted(self, number: int) -> int | None:
        """How many instances the queue asks for in a minute."""
        depth = _newest(self.depth, number)
        depth = _newest(self.published, number) if depth is None else depth
        return None if depth is None else max(0, math.ceil(depth / self.target - ROUNDING))

    def value(self, number: int) -> float | None:
        """What the policy compares in a minute."""
        return _newest(self.compared, number)

    def is_silent(self, number: int) -> bool:
        """Whether what the policy compares has had no datapoint for longer than one may be late."""
        return self.has_values and number >= LATE_MINUTES and self.value(number) is None

    def alarm(self, direction: str) -> Alarm | None:
        return self.alarms.get(direction == OUT)

    def suspended(self, number: int) -> dict[str, str]:
        """The processes of the group that are suspended in a minute, with AWS's reason."""
        end = self.minutes.end(number)
        found = {}
        for process in self.group.get("SuspendedProcesses") or ():
            reason = str(process.get("SuspensionReason", ""))
            since = re.search(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", reason)
            if since is None or stamped(since[0]) < end:
                found[str(process.get("ProcessName"))] = reason
        return found


def _newest(column: Numbers, number: int) -> float | None:
    """The newest value that was known in a minute."""
    near = column[max(0, number - LATE_MINUTES) : number + 1]
    return next((value for value in reversed(near) if value is not None), None)
