# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options around a change of policies: what to do where AWS may scale in, and whether group metrics are enabled."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  on_scale_in:
    description:
      - What to do where AWS may scale in right after a policy changes, because what the new policy follows has been below
        the threshold of its scale-in alarm for the 15 minutes that this alarm looks at.
      - Where a policy is deleted, disabled or gets O(pools[].disable_scale_in), the group's other policies are looked at
        alike, since AWS scales in only where all of them agree.
      - V(warn) says so for each such pool, V(refuse) changes nothing at all, V(ignore) does not look.
      - Where the metric cannot be read, V(warn) says that, and V(refuse) takes it for a risk.
      - Looked at in check mode too.
    type: str
    choices: [warn, refuse, ignore]
    default: warn
"""
    GROUP_METRICS = r"""
options:
  manage_group_metrics:
    description:
      - Whether the group metrics that a signal needs are enabled. If not, a group that does not publish them is refused,
        with the command that enables them.
      - Only V(sqs_per_instance) needs one, C(GroupDesiredCapacity). None is ever disabled.
    type: bool
    default: true
"""
