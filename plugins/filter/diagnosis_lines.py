# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The diagnosis in the few lines that a console has room for."""

from __future__ import annotations

from typing import Any

from ansible_collections.academy.video_scaling.plugins.plugin_utils.report.console import lines

DOCUMENTATION = r"""
name: diagnosis_lines
short_description: Tell a diagnosis in a few lines
version_added: 0.1.0
author:
  - The academy.video_scaling contributors (@academy)
description:
  - For each pool its verdict, what did not pass with the command that helps, and what held its group longest.
  - Of many pools the healthy ones share a line.
options:
  _input:
    description: What M(academy.video_scaling.video_scaling_diagnosis_info) returned.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Verdict
  ansible.builtin.debug:
    msg: "{{ diagnosis | academy.video_scaling.diagnosis_lines }}"
"""

RETURN = r"""
_value:
  description: The lines.
  type: list
  elements: str
"""


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"diagnosis_lines": lines}
