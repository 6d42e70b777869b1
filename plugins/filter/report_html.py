# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The diagnosis as a page for people."""

from __future__ import annotations

from typing import Any

from ansible_collections.academy.video_scaling.plugins.plugin_utils.report.page import report

DOCUMENTATION = r"""
name: report_html
short_description: Tell a diagnosis as one HTML page
version_added: 0.1.0
author:
  - The academy.video_scaling contributors (@academy)
description:
  - One page that needs no network and no other file, with the verdict first, a chart of the queue's depth against the
    group's capacity for each pool, the findings with their evidence, and the commands that help.
  - It is safe to open whatever names and messages AWS returned, and reads well on a telephone and on paper.
options:
  _input:
    description: What M(academy.video_scaling.video_scaling_diagnosis_info) returned.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: A page for people
  ansible.builtin.copy:
    content: "{{ diagnosis | academy.video_scaling.report_html }}"
    dest: report/diagnosis.html
    mode: "0640"
"""

RETURN = r"""
_value:
  description: The page.
  type: str
"""


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"report_html": report}
