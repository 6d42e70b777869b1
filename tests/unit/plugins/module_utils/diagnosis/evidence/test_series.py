# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sums and newest points of a series, and of one without a datapoint."""

from __future__ import annotations

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.evidence import series
from ansible_collections.academy.video_scaling.tests.unit.observations import ago
from ansible_collections.academy.video_scaling.tests.unit.observations import series as every_minute

OLD, NEW = (ago(minutes=9), 1.0), (ago(minutes=1), 0.0)


@pytest.mark.parametrize(
    ("points", "start", "after", "total", "newest", "last"),
    [
        ((OLD, NEW), ago(minutes=9), [OLD, NEW], 1.0, NEW, OLD[0]),
        ((OLD, NEW), ago(minutes=8), [NEW], 0.0, NEW, OLD[0]),
        ((NEW,), ago(minutes=9), [NEW], 0.0, NEW, None),
        ((), ago(minutes=9), [], 0, None, None),
    ],
    ids=["whole", "the newer part", "zeros", "no datapoint"],
)
def test_what_a_series_tells(points, start, after, total, newest, last):
    assert series.after(points, start) == after
    assert series.total({"sent": points}, "sent", start) == total
    assert series.total({"sent": points}, "sent") == sum(value for dummy, value in points)
    assert series.newest(points) == newest
    assert series.last_above_zero(points) == last


def test_a_metric_that_was_not_read_is_zero():
    assert series.total({}, "sent") == 0


@pytest.mark.parametrize(
    ("parts", "total"),
    [
        ((every_minute(2), every_minute(3)), every_minute(5)),
        ((every_minute(2), every_minute(3, minutes=4)), every_minute(5, minutes=4)),
        ((every_minute(2), ()), ()),
        ((), ()),
    ],
    ids=["whole", "a minute that one lacks", "nothing of one", "nothing"],
)
def test_a_sum_has_the_minutes_that_all_have(parts, total):
    assert series.summed(parts) == total
