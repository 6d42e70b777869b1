# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is live of all that a run is about, read at once. The steps take it from here, and still go in their order."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

from ..plan import Aws, together
from ..reconcile import Outcome

# What was read longer ago, while an earlier step took its time, is read again.
FRESH_SECONDS = 30.0

Outcomes: TypeAlias = Mapping[Any, Outcome]


@dataclass(frozen=True)
class Prefetched:
    """:param found: by step, what was planned for its resources, and when they had been read."""

    found: Mapping[str, tuple[Outcomes, float]]
    clock: Callable[[], float]

    def planned(self, step: str) -> Outcomes:
        """All that was planned for the step, however long ago; nothing where it could not be read."""
        return self.found.get(step, ({}, 0.0))[0]

    def known(self, step: str) -> Outcomes:
        """What the step need not read itself."""
        outcomes, ended = self.found.get(step, ({}, 0.0))
        return outcomes if self.clock() - ended <= FRESH_SECONDS else {}


def read(
    aws: Aws, parts: Mapping[str, Callable[[], Outcomes]], pools: int, clock: Callable[[], float] = time.monotonic
) -> Prefetched:
    """:param parts: by step, what reads and plans its resources. :param pools: how many they are about."""

    def known_of(part: Callable[[], Outcomes]) -> tuple[Outcomes, float]:
        try:
            return part(), clock()
        except Exception:
            # Whatever it is, the step itself will come upon it again, and tell whose pools it stops.
            return {}, clock()

    with aws.phase("read", pools):
        return Prefetched(together(aws, {step: partial(known_of, part) for step, part in parts.items()}), clock)


def settled(outcomes: Outcomes) -> Outcomes:
    """Those that are as declared already."""
    return {key: outcome for key, outcome in outcomes.items() if not outcome.changed and not outcome.failure}
