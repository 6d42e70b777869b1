# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The diagnosis for a CI server."""

from __future__ import annotations

from typing import Any

from ansible_collections.academy.video_scaling.plugins.plugin_utils.report.junit import report

DOCUMENTATION = r"""
name: report_junit
short_description: Tell a diagnosis as JUnit XML
version_added: 0.1.0
author:
  - The academy.video_scaling contributors (@academy)
description:
  - A test suite for each pool, and a test case for each check.
  - A check that fails is a failure, one that has no answer is an error, one that was skipped says why, and one that
    warns passes with the warning as its output.
options:
  _input:
    description: What M(academy.video_scaling.video_scaling_diagnosis_info) returned.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: For the CI server
  ansible.builtin.copy:
    content: "{{ diagnosis | academy.video_scaling.report_junit }}"
    dest: report/diagnosis.xml
    mode: "0640"
"""

RETURN = r"""
_value:
  description: The XML.
  type: str
"""


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"report_junit": report}
