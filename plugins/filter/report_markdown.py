# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The diagnosis for a ticket, a chat or a pull request."""

from __future__ import annotations

from typing import Any

from ansible_collections.academy.video_scaling.plugins.plugin_utils.report.markdown import report

DOCUMENTATION = r"""
name: report_markdown
short_description: Tell a diagnosis in Markdown
version_added: 0.1.0
author:
  - The academy.video_scaling contributors (@academy)
description:
  - GitHub's Markdown, with a table of the pools, the findings of those that are not healthy, and what held them.
  - Names and messages are escaped, so that each is shown as the text that it is.
options:
  _input:
    description: What M(academy.video_scaling.video_scaling_diagnosis_info) returned.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Text for a ticket
  ansible.builtin.copy:
    content: "{{ diagnosis | academy.video_scaling.report_markdown }}"
    dest: report/diagnosis.md
    mode: "0640"
"""

RETURN = r"""
_value:
  description: The text.
  type: str
"""


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"report_markdown": report}
