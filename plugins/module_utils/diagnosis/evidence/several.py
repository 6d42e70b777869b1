# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A check may have several things to say, and a finding is one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..finding import STATUSES, Finding


def joined(found: Sequence[Finding]) -> Finding:
    """The worst of them with what all of them say, the worst first.

    Where the worst have different effects it has none of its own, and that of the check holds.
    """
    ordered = sorted(found, key=lambda one: -STATUSES.index(one.status))
    worst = ordered[0]
    effects = {one.effect for one in ordered if one.status == worst.status}
    return replace(
        worst, cause="; ".join(one.cause for one in ordered), effect=worst.effect if len(effects) == 1 else ""
    )
