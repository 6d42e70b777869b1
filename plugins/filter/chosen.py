# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Only the pools that somebody named: a name that is none of them is a mistake, and never means all or nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.academy.video_scaling.plugins.plugin_utils.rows import named

DOCUMENTATION = r"""
name: chosen
short_description: Take the pools of these names
version_added: 0.1.0
author:
  - The academy.video_scaling contributors (@academy)
description:
  - Pools in the order in which they are declared. A name that none of them has is refused.
options:
  _input:
    description: The pools.
    type: list
    elements: dict
    required: true
  names:
    description: The names, as a list or as one line with commas. Without any, all pools are taken.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: What two pools can be taken back to
  academy.video_scaling.video_scaling_snapshot_info:
    pools: "{{ video_scaling_pools | academy.video_scaling.chosen(['video', 'audio']) }}"
"""

RETURN = r"""
_value:
  description: The pools.
  type: list
  elements: dict
"""


def chosen(pools: Sequence[Mapping[str, Any]], names: str | Sequence[str] = ()) -> Sequence[Mapping[str, Any]]:
    given = names.split(",") if isinstance(names, str) else names
    return named(pools, [name.strip() for name in given if name.strip()])


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"chosen": chosen}
