# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Attributes and return values that all modules over pools share."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
author:
  - The academy.video_scaling contributors (@academy)
attributes:
  check_mode:
    description: Plans everything, sends no request that changes anything, and returns what the run would return.
    support: full
  diff_mode:
    description: Returns what is and what will be, one entry per resource that changes.
    support: full
options: {}
"""
    READING = r"""
author:
  - The academy.video_scaling contributors (@academy)
attributes:
  check_mode:
    description: Only ever reads, so it does the same in check mode.
    support: full
  diff_mode:
    description: Changes nothing, so there is nothing to show.
    support: none
options: {}
"""
