# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shape that all steps have, and what each of them gets: one run of a module."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from .. import tags as tagging
from ..failures import Failure
from ..plan import Aws
from ..pool import Pool
from ..reconcile import Outcome, planned
from ..tags import Tags
from .result import StepResult, stopped

Outcomes: TypeAlias = Mapping[Any, Outcome]
Desired: TypeAlias = Mapping[Any, Any]


@dataclass(frozen=True)
class Run:
    """One run of a module.

    :param pools: all of them, also those that have failed in an earlier step. :param options: the values, by name.
    :param reconcile: ``reconcile`` with the connection and the mode of this run: a step does not know whether anything
        is sent. It takes what is ``known`` and what is watched ``beside``.
    :param sends: whether what is declared is there after the run, as it is not after a check.
    :param look: plans and sends nothing. :param clock: in seconds.
    """

    pools: Sequence[Pool]
    aws: Aws
    options: Mapping[str, Any]
    reconcile: Callable[..., dict[Any, Outcome]]
    sends: bool = True
    look: Callable[[Any, Desired, Aws], Outcomes] = planned
    clock: Callable[[], float] = time.monotonic

    @property
    def tags(self) -> Tags:
        return tagging.from_params(self.options.get("tags"))

    @property
    def present(self) -> bool:
        return bool(self.options.get("state", "present") == "present")

    @property
    def function_name(self) -> str:
        return str(self.options["function_name"])


class Step(Protocol):
    """What each step of an apply offers (a module is one)."""

    NAME: str
    OPTIONS: dict[str, Any]
    # Whether ``look`` finds all that its plans need, so that they hold as long as no earlier step changes anything.
    LOOKS_WHOLE: bool

    def desired(self, run: Run, pools: Sequence[Pool]) -> Desired:
        """What these pools need, keyed as the resource's file says; raises Failure for an option that AWS refuses."""

    def look(self, run: Run, pools: Sequence[Pool], desired: Desired) -> Outcomes:
        """What is live of it and the way to what is desired, before the first step; nothing where nothing is needed."""

    def work(self, run: Run, pools: Sequence[Pool], desired: Desired, known: Outcomes) -> StepResult:
        """Reconcile what is desired.

        :param known: what was planned a moment ago, and need not be found again.
        """


def alone(step: Step, run: Run) -> StepResult:
    """A run that is this one step."""
    return step.work(run, run.pools, step.desired(run, run.pools), {})


def guarded(run: Run, name: str, work: Callable[[Sequence[Pool]], StepResult], pools: Sequence[Pool]) -> StepResult:
    """The result of a step of this name over these pools. What ends it leaves those of earlier steps as they are."""
    if not pools:
        return StepResult([])
    with run.aws.phase(name, len(pools)):
        try:
            return work(pools)
        except Failure as failure:
            ended = stopped(pools, str(failure))
        except Exception as error:
            reason = f"this is a defect of the collection, please report it: {error!r}"
            ended = stopped(pools, reason, exception=traceback.format_exc())
        run.aws.count(failed=len(pools))
        return ended
