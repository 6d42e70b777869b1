# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter makes a page."""

from __future__ import annotations

from ansible_collections.academy.video_scaling.plugins.filter.report_html import FilterModule
from ansible_collections.academy.video_scaling.tests.unit import diagnoses


def test_a_page():
    (tell,) = FilterModule().filters().values()
    assert list(FilterModule().filters()) == ["report_html"]
    page = tell(diagnoses.result(diagnoses.stuck(), diagnoses.well()))
    assert page.startswith("<!doctype html>") and page.endswith("</html>\n")
    assert "1 of 2 pools is not healthy: stuck." in page
