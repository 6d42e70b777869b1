# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The few lines that close a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.academy.video_scaling.plugins.module_utils.pool import per_instance_name
from ansible_collections.academy.video_scaling.plugins.plugin_utils.rows import changed_steps

DOCUMENTATION = r"""
name: summary
short_description: Tell in a few lines what a run did to each pool
version_added: 0.1.0
author:
  - The academy.video_scaling contributors (@academy)
description:
  - One line per pool with its signal, its target and what changed, and a last line with the totals.
  - Of many pools only those that changed are listed.
options:
  _input:
    description: The pools, as given to the modules.
    type: list
    elements: dict
    required: true
  steps:
    description:
      - What each step returned, by the name of the step. A step that did not run is left out.
      - A result whose rows tell their own C(changed_steps) may have any name.
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
    msg: "{{ pools | academy.video_scaling.summary({'policy': policy_result}, ansible_check_mode) }}"
"""

RETURN = r"""
_value:
  description: The lines.
  type: list
  elements: str
"""

# As many as a person reads; of more pools only the changed ones are listed, as many again.
LINES = 20


def summary(pools: Sequence[Mapping[str, Any]], steps: Mapping[str, Any], check_mode: bool = False) -> list[str]:
    changed = changed_steps(steps)
    listed = [pool for pool in pools if len(pools) <= LINES or changed.get(pool["name"])]
    width = max((len(pool["name"]) for pool in listed), default=0)
    verb = "would change" if check_mode else "changed"
    lines = [_line(pool, changed.get(pool["name"], []), verb, width) for pool in listed[:LINES]]
    if len(listed) > LINES:
        lines.append(f"... and {len(listed) - LINES} more")
    total = sum(1 for pool in pools if changed.get(pool["name"]))
    lines.append(f"{len(pools)} pool{'s' if len(pools) != 1 else ''}, {total} {verb}")
    return lines


def _line(pool: Mapping[str, Any], steps: list[str], verb: str, width: int) -> str:
    metric = pool.get("metric") or {}
    signal = pool.get("signal", "published_total")
    followed = "AWS/SQS"
    if metric and not signal.startswith("sqs_"):
        name = per_instance_name(metric) if signal.endswith("_per_instance") else metric.get("name")
        followed = f"{metric.get('namespace')}/{name}"
    what = f"{verb} {', '.join(steps)}" if steps else "nothing to change" if verb != "changed" else "unchanged"
    return (
        f"{pool['name']:<{width}}  {pool['auto_scaling_group_name']} follows {signal} ({followed}), "
        f"target {float(pool.get('target_value', 1)):g}: {what}"
    )


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"summary": summary}
