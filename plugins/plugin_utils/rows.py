# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the rows of several results say together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.academy.video_scaling.plugins.module_utils.failures import Failure, listed


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


def named(pools: Sequence[Mapping[str, Any]], names: Sequence[str]) -> Sequence[Mapping[str, Any]]:
    """The pools of these names; all, as they were given, where there are none.

    :raises Failure: for a name that no pool has.
    """
    if not names:
        return pools
    declared = [str(pool.get("name")) for pool in pools]
    if unknown := [name for name in names if name not in declared]:
        raise Failure(f"there is no pool {listed(unknown)} here; declared: {listed(declared) or 'none'}")
    return [pool for pool in pools if pool.get("name") in names]
