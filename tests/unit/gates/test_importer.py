# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What of galaxy-importer's output is a complaint."""

from __future__ import annotations

import pytest

from tests.gates import importer


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("INFO: Finding content inside collection\nINFO: WARNING is a word\n", []),
        ("INFO: x\nWARNING: No changelog found.\n", ["WARNING: No changelog found."]),
        ("ERROR: No readme found in role\nINFO: x\n", ["ERROR: No readme found in role"]),
    ],
)
def test_complaints(output, expected):
    assert importer.complaints(output) == expected
