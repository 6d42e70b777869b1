# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run of one step, as a module makes it."""

from __future__ import annotations

from functools import partial

from ansible_collections.academy.video_scaling.plugins.module_utils.reconcile import reconcile
from ansible_collections.academy.video_scaling.plugins.module_utils.steps.step import Run
from ansible_collections.academy.video_scaling.tests.unit.fake_aws import FakeAws


def run_of(step, pools, aws=None, reconciling=None, sends=True, **options):
    """The run of a module with these options beside the step's defaults.

    :param reconciling: stands in for ``reconcile``.
    """
    aws = aws or FakeAws()
    reconciling = reconciling or partial(reconcile, aws=aws, check_mode=False)
    defaults = {name: option.get("default") for name, option in step.OPTIONS.items()}
    return Run(list(pools), aws, {**defaults, **options}, reconciling, sends)
