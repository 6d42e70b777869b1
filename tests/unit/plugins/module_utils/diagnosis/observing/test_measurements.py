# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each metric is asked for as whoever writes it has named it, and a published one as its policy reads it."""

from __future__ import annotations

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.observing import measurements
from ansible_collections.academy.video_scaling.plugins.module_utils.resources import metric
from ansible_collections.academy.video_scaling.tests.unit.examples import GROUP, METRIC, pool


@pytest.mark.parametrize("declared", ["published_total", "published_per_instance"])
@pytest.mark.parametrize(
    ("signal", "asked_for"),
    [("published_total", measurements.published), ("published_per_instance", measurements.per_instance)],
    ids=["total", "per instance"],
)
def test_a_published_metric_is_read_as_its_policy_reads_it(signal, asked_for, declared):
    followed, query = metric.from_params(pool(signal=signal)), asked_for(pool(signal=declared))
    assert (query.metric, query.stat, query.unit, query.period) == (
        followed.metric,
        followed.statistic,
        followed.unit,
        followed.period,
    )


def test_the_value_per_instance_has_a_name_of_its_own_and_the_lower_of_two_values_counts():
    query = measurements.per_instance(pool())
    assert (query.metric.name, query.stat) == ("VideoQueueDepthTotalPerInstance", "Minimum")
    assert measurements.per_instance(pool(metric={**METRIC, "per_instance_name": "Load"})).metric.name == "Load"


def test_a_group_is_read_by_its_name():
    assert {query.metric.dimensions for query in measurements.of_group(GROUP).values()} == {
        (("AutoScalingGroupName", GROUP),)
    }
