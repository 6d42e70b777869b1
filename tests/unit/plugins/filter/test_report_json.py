# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter makes JSON of the result."""

from __future__ import annotations

import json

from ansible_collections.academy.video_scaling.plugins.filter.report_json import FilterModule
from ansible_collections.academy.video_scaling.tests.unit import diagnoses


def test_json():
    (tell,) = FilterModule().filters().values()
    assert list(FilterModule().filters()) == ["report_json"]
    text = tell(diagnoses.result(diagnoses.stuck(), diagnoses.well()))
    assert [pool["name"] for pool in json.loads(text)["pools"]] == ["stuck", "video"]
