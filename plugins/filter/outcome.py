# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the jobs that follow, and the people who look at a job, want to know of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.academy.video_scaling.plugins.plugin_utils.rows import changed_steps, rows

DOCUMENTATION = r"""
name: outcome
short_description: Tell what came of a run, for the jobs that follow
version_added: 0.1.0
author:
  - The academy.video_scaling contributors (@academy)
description:
  - A dictionary that M(ansible.builtin.set_stats) hands on, so that AWX keeps it as the job's artifacts.
  - It names the pools that changed, failed or are not healthy, and only counts the others,
    so it grows with what happened and not with how many pools there are.
options:
  _input:
    description:
      - What each step returned, by the name of the step. A step that was skipped or that failed may be among them.
      - A result whose rows tell their own C(changed_steps) may have any name.
    type: dict
    required: true
  check_mode:
    description: Whether nothing was sent.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Artifacts
  ansible.builtin.set_stats:
    data:
      video_scaling_outcome: >-
        {{ {inventory_hostname: {'policy': result} | academy.video_scaling.outcome(ansible_check_mode)} }}
"""

RETURN = r"""
_value:
  description: What came of it.
  type: dict
  contains:
    changed:
      description: Whether anything changed (in check mode, would change).
      type: bool
    check_mode:
      description: Whether nothing was sent.
      type: bool
    failed:
      description: Whether a step or a pool failed.
      type: bool
    msg:
      description: Why a step failed, in one sentence.
      type: str
      returned: when a step failed
    pools:
      description: How many pools the steps worked on.
      type: int
    changed_steps:
      description: The steps that changed something (in check mode, would change it), of whatever pool.
      type: list
      elements: str
      sample: [publisher, policy]
    changed_pools:
      description: The steps that changed each (in check mode, would change it), by the name of the pool.
      type: dict
      sample: {"video": ["publisher", "policy"]}
    publisher_replaced:
      description: Whether another version of the publisher was live before, so that there is one to go back to.
      type: bool
    failed_pools:
      description: Why each failed, by the name of the pool.
      type: dict
    unhealthy_pools:
      description: The verdict of each that is not healthy, by the name of the pool.
      type: dict
      returned: for a diagnosis
"""


def outcome(results: Mapping[str, Any], check_mode: bool = False) -> dict[str, Any]:
    found = [row for dummy, row in rows(results)]
    messages = [result["msg"] for result in results.values() if result.get("failed") and result.get("msg")]
    failed_pools = {row["name"]: row.get("msg", "") for row in found if row.get("failed")}
    summary = {
        "changed": any(bool(result.get("changed")) for result in results.values()),
        "check_mode": check_mode,
        "failed": bool(failed_pools) or any(bool(result.get("failed")) for result in results.values()),
        "pools": len({row["name"] for row in found}),
        "changed_steps": _steps(results),
        "changed_pools": changed_steps(results),
        "publisher_replaced": any(result.get("publisher", {}).get("replaced", False) for result in results.values()),
        "failed_pools": failed_pools,
    }
    if messages:
        summary["msg"] = messages[0]
    if any("verdict" in row for row in found):
        summary["unhealthy_pools"] = {row["name"]: row["verdict"] for row in found if not row.get("healthy")}
    return summary


def _steps(results: Mapping[str, Any]) -> list[str]:
    """A step may change something that belongs to no pool, as new code of the publisher does."""
    changed = [result.get("changed_steps", [step]) for step, result in results.items() if result.get("changed")]
    return list(dict.fromkeys(step for steps in changed for step in steps))


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"outcome": outcome}
