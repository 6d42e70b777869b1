# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The snapshots of each pool as a table that a person can read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

DOCUMENTATION = r"""
name: snapshot_table
short_description: Tell the snapshots of pools as lines of a table
version_added: 0.1.0
author:
  - The academy.video_scaling contributors (@academy)
description:
  - One line per snapshot, newest first, with its id, when, by whom, what it holds, and whether that is live now.
options:
  _input:
    description: The C(pools) that M(academy.video_scaling.video_scaling_snapshot_info) returned.
    type: list
    elements: dict
    required: true
"""

EXAMPLES = r"""
- name: Table
  ansible.builtin.debug:
    msg: "{{ snapshots.pools | academy.video_scaling.snapshot_table }}"
"""

RETURN = r"""
_value:
  description: The lines.
  type: list
  elements: str
"""

HEADER = ("id", "when (UTC)", "by", "live", "holds")


def snapshot_table(pools: Sequence[Mapping[str, Any]]) -> list[str]:
    lines: list[str] = []
    for pool in pools:
        listed = pool.get("snapshots") or []
        if not listed:
            lines.append(f"{pool['name']}: no snapshots")
            continue
        lines.append(f"{pool['name']}: {len(listed)} snapshot{'' if len(listed) == 1 else 's'}")
        lines += [f"  {line}" for line in _aligned([HEADER, *map(_cells, listed)])]
    return lines


def _cells(snapshot: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        snapshot["id"],
        snapshot["at"].removesuffix("+00:00").replace("T", " "),
        # The account is the same for all of them; who it was stands at the end.
        snapshot["by"].rsplit(":", 1)[-1],
        "live" if snapshot["live"] else "",
        _held(snapshot),
    )


def _held(snapshot: Mapping[str, Any]) -> str:
    if snapshot["kind"] == "unreadable":
        return f"unreadable, and passed over: {snapshot['holds']}"
    return snapshot["holds"] + (" (before a rollback)" if snapshot["kind"] == "rollback" else "")


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADER))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"snapshot_table": snapshot_table}
