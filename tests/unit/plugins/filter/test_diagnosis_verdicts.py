# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter makes the sentences that fail a run."""

from __future__ import annotations

from ansible_collections.academy.video_scaling.plugins.filter.diagnosis_verdicts import FilterModule
from ansible_collections.academy.video_scaling.tests.unit import diagnoses


def test_verdicts():
    (tell,) = FilterModule().filters().values()
    assert list(FilterModule().filters()) == ["diagnosis_verdicts"]
    verdicts = tell(diagnoses.result(diagnoses.stuck(), diagnoses.well()))
    assert len(verdicts) == 1 and verdicts[0].startswith("stuck: Capacity does not follow the queue because ")
