# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter makes XML that can be parsed."""

from __future__ import annotations

from xml.etree import ElementTree

from ansible_collections.academy.video_scaling.plugins.filter.report_junit import FilterModule
from ansible_collections.academy.video_scaling.tests.unit import diagnoses


def test_xml():
    (tell,) = FilterModule().filters().values()
    assert list(FilterModule().filters()) == ["report_junit"]
    text = tell(diagnoses.result(diagnoses.stuck(), diagnoses.well()))
    assert [suite.get("name") for suite in ElementTree.fromstring(text.encode())] == ["pool stuck", "pool video"]
