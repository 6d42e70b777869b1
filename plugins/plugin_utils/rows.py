# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the rows of several results say together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def changed_steps(results: Mapping[str, Any]) -> dict[str, list[str]]:
    """Tell by pool which steps changed it (in check mode, would change it). Pools that none did are left out.

    :param results: What each step returned, by the name of the step. A row's own C(changed_steps) go before that name.
    """
    changed: dict[str, list[str]] = {}
    for step, row in rows(results):
        if row.get("changed"):
            changed.setdefault(row["name"], []).extend(row.get("changed_steps", [step]))
    return changed


def rows(results: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the rows with their steps. A step that did not run, or failed before its first pool, has none."""
    for step, result in results.items():
        for row in result.get("pools") or ():
            yield step, row
