# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of the schedule that fires the publisher."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  rule_name:
    description: The name of the rule.
    type: str
    default: academy-worker-queue-depth-rate
  schedule_expression:
    description: How often it fires. The signal has one value a minute, so the default is what the alarms of a policy expect.
    type: str
    default: rate(1 minute)
"""
