# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The diagnosis for programs."""

from __future__ import annotations

from typing import Any

from ansible_collections.academy.video_scaling.plugins.plugin_utils.report.jsontext import report

DOCUMENTATION = r"""
name: report_json
short_description: Tell a diagnosis as JSON
version_added: 0.1.0
author:
  - The academy.video_scaling contributors (@academy)
description:
  - The result itself, without what Ansible adds to it.
  - C(docs/diagnosis.schema.json) of this collection is its JSON Schema.
options:
  _input:
    description: What M(academy.video_scaling.video_scaling_diagnosis_info) returned.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: For programs
  ansible.builtin.copy:
    content: "{{ diagnosis | academy.video_scaling.report_json }}"
    dest: report/diagnosis.json
    mode: "0640"
"""

RETURN = r"""
_value:
  description: The JSON.
  type: str
"""


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"report_json": report}
