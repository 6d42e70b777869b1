# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is live of all that a run is about, read at once. The steps take it from here, and still go in their order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from ..plan import together
from .step import Desired, Outcomes, Run, Step

# What was read longer ago, while an earlier step took its time, is read again.
FRESH_SECONDS = 30.0


@dataclass(frozen=True)
class Prefetched:
    """:param found: by step, what was planned for its resources, and when they had been read."""

    found: Mapping[str, tuple[Outcomes, float]]
    clock: Callable[[], float]

    def planned(self, step: str) -> Outcomes:
        """All that was planned for the step, however long ago; nothing where it could not be read."""
        return self.found.get(step, ({}, 0.0))[0]

    def known(self, step: str) -> Outcomes:
        """What the step need not read itself: what could not be read is not known."""
        outcomes, ended = self.found.get(step, ({}, 0.0))
        is_fresh = self.clock() - ended <= FRESH_SECONDS
        return {key: outcome for key, outcome in outcomes.items() if is_fresh and not outcome.failure}


def read(run: Run, steps: Sequence[tuple[Step, Desired]]) -> Prefetched:
    """:param steps: each with what is desired of it."""

    def known_of(step: Step, desired: Desired) -> tuple[Outcomes, float]:
        try:
            return step.look(run, run.pools, desired), run.clock()
        except Exception:
            # Whatever it is, the step itself will come upon it again, and says whose pools it stops.
            return {}, run.clock()

    parts = {step.NAME: partial(known_of, step, desired) for step, desired in steps}
    with run.aws.phase("read", len(run.pools) if steps else 0):
        return Prefetched(together(run.aws, parts), run.clock)


def prepared(outcomes: Outcomes) -> Outcomes:
    """Those that are found again before they change: a change that goes on where another run stopped is not."""
    return {
        key: outcome
        for key, outcome in outcomes.items()
        if not outcome.plan or not outcome.changed or outcome.plan.preparation
    }


def settled(outcomes: Outcomes) -> Outcomes:
    """Those that are as declared already."""
    return {key: outcome for key, outcome in outcomes.items() if not outcome.changed and not outcome.failure}
