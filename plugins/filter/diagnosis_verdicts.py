# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sentences that fail a run."""

from __future__ import annotations

from typing import Any

from ansible_collections.academy.video_scaling.plugins.plugin_utils.report.console import verdicts

DOCUMENTATION = r"""
name: diagnosis_verdicts
short_description: Tell what of a diagnosis fails a run
version_added: 0.1.0
author:
  - The academy.video_scaling contributors (@academy)
description:
  - The verdict of each pool that is not healthy, and on request of each that has warnings. None where there is none.
  - Pools that have the same verdict share a line.
options:
  _input:
    description: What M(academy.video_scaling.video_scaling_diagnosis_info) returned.
    type: dict
    required: true
  fail_on:
    description:
      - V(fail) for pools that are not healthy; V(warn) also for those with warnings; V(never) for none.
    type: str
    choices: [fail, warn, never]
    default: fail
"""

EXAMPLES = r"""
- name: Verdict
  ansible.builtin.fail:
    msg: "{{ verdicts | join('; ') }}"
  when: verdicts | length > 0
  vars:
    verdicts: "{{ diagnosis | academy.video_scaling.diagnosis_verdicts('warn') }}"
"""

RETURN = r"""
_value:
  description: The sentences.
  type: list
  elements: str
"""


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"diagnosis_verdicts": verdicts}
