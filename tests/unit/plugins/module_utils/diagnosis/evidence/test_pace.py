# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How old a datapoint may be follows from how often the publisher is fired."""

from __future__ import annotations

from datetime import timedelta

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.evidence import pace


@pytest.mark.parametrize(
    ("expression", "pause", "allowed", "recent"),
    [
        ("rate(1 minute)", 1, 5, 10),
        ("rate(5 minutes)", 5, 9, 19),
        ("rate(1 hour)", 60, 64, 184),
        ("rate(2 days)", 2880, 2884, 8644),
        ("cron(* * * * ? *)", 60, 64, 184),
    ],
)
def test_the_pace(expression, pause, allowed, recent):
    minutes = [
        found / timedelta(minutes=1)
        for found in (pace.pause(expression), pace.allowed_age(expression), pace.recent(expression))
    ]
    assert minutes == [pause, allowed, recent]
