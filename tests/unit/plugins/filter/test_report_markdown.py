# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter makes Markdown."""

from __future__ import annotations

from ansible_collections.academy.video_scaling.plugins.filter.report_markdown import FilterModule
from ansible_collections.academy.video_scaling.tests.unit import diagnoses


def test_markdown():
    (tell,) = FilterModule().filters().values()
    assert list(FilterModule().filters()) == ["report_markdown"]
    text = tell(diagnoses.result(diagnoses.stuck(), diagnoses.well()))
    assert text.startswith("# Diagnosis\n\n**1 of 2 pools is not healthy: stuck.**\n")
