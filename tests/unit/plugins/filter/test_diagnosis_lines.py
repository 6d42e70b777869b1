# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter makes lines."""

from __future__ import annotations

from ansible_collections.academy.video_scaling.plugins.filter.diagnosis_lines import FilterModule
from ansible_collections.academy.video_scaling.tests.unit import diagnoses


def test_lines():
    (tell,) = FilterModule().filters().values()
    assert list(FilterModule().filters()) == ["diagnosis_lines"]
    lines = tell(diagnoses.result(diagnoses.stuck(), diagnoses.well()))
    assert lines[0].startswith("stuck: NOT HEALTHY. ")
    assert lines[-1] == "1 of 2 pools is not healthy: stuck."
