# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known of the alarms that EC2 target tracking makes for a policy; each rule with its status.

Observed means: in the answers that AWS gave for a real group in February 2026 (``tests/unit/recorded``). Nothing here
was tried on AWS by this collection.
"""

from __future__ import annotations

#: periods in a row that must breach, of the alarm that scales out and of the one that scales in (observed, 4 policies)
HIGH_PERIODS, LOW_PERIODS = 3, 15
#: of the target: where AWS starts a new scale-in alarm, at capacity 0 and at 20 alike (observed, 4 policies); AWS
#: writes the threshold again later, so that of an alarm that exists is read, never computed
NEW_LOW_SHARE = 0.9


def new_low_threshold(target_value: float) -> float:
    """Where the scale-in alarm of a policy starts whose metric or target is new: a prediction (observed)."""
    return NEW_LOW_SHARE * target_value
