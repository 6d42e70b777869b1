# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A module that is one step, or a run of several: the one place where ``reconcile`` learns the mode of the run."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NoReturn

from .aws.module import PoolModule
from .reconcile import reconcile
from .steps.step import Run


class StepModule(PoolModule):
    """A PoolModule whose result a step makes."""

    def run_step(self, work: Callable[[Run], dict[str, Any]]) -> NoReturn:
        """End with what ``work`` makes of this run."""

        def result(pools: Any, aws: Any) -> dict[str, Any]:
            reconciled = partial(reconcile, aws=aws, check_mode=self.check_mode)
            return work(Run(pools, aws, self.params, reconciled, sends=not self.check_mode))

        self.run(result)
