# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The few lines that close a rollback."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

DOCUMENTATION = r"""
name: rollback_summary
short_description: Tell in a few lines what a rollback did
version_added: 0.1.0
author:
  - The academy.video_scaling contributors (@academy)
description:
  - One line per pool with the snapshot that it went back to, and one for the publisher where it went back too.
options:
  _input:
    description: What M(academy.video_scaling.video_scaling_rollback) returned.
    type: dict
    required: true
  check_mode:
    description: Whether nothing was sent.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Summary
  ansible.builtin.debug:
    msg: "{{ rollback_result | academy.video_scaling.rollback_summary(ansible_check_mode) }}"
"""

RETURN = r"""
_value:
  description: The lines.
  type: list
  elements: str
"""


def rollback_summary(result: Mapping[str, Any], check_mode: bool = False) -> list[str]:
    verb = "would go back" if check_mode else "went back"
    lines = [_line(row, verb) for row in result.get("pools") or ()]
    if publisher := result.get("publisher"):
        what = verb if publisher["changed"] else "is there already"
        lines.append(f"publisher {publisher['function_name']}: {what}")
    return lines


def _line(row: Mapping[str, Any], verb: str) -> str:
    snapshot = row.get("snapshot")
    if not snapshot or row.get("failed"):
        return f"{row['name']}: {row.get('msg', 'nothing to go back to')}"
    which = f"{'the' if snapshot['id'] == 'baseline' else 'snapshot'} {snapshot['id']} of {snapshot['at']}"
    if snapshot["kind"] == "file":
        which = "the file"
    return f"{row['name']}: {verb} to {which}" if row["changed"] else f"{row['name']}: is at {which} already"


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"rollback_summary": rollback_summary}
