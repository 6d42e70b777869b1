# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each limit names operations that exist and its source, and is documented as it is kept."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import botocore.session
import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.aws.limits import (
    DATAPOINTS,
    LIMITS,
    OLDER_DATAPOINTS,
    OURS,
    RECENT_DATAPOINTS,
    SHARE,
    UNLIMITED,
    datapoints_of,
    limit_of,
)
from ansible_collections.academy.video_scaling.plugins.module_utils.resources.datapoints import POINTS_PER_REQUEST
from ansible_collections.academy.video_scaling.tests.unit.examples import ROOT

NAMED = [name for limit in LIMITS for name in limit.operations]


@pytest.mark.parametrize("name", sorted({*NAMED, *UNLIMITED}))
def test_what_is_limited_exists(name):
    service, operation = name.split(":")
    names = botocore.session.Session().get_service_model(service).operation_names
    assert operation == "*" or operation in names


@pytest.mark.parametrize("limit", LIMITS, ids=lambda limit: limit.operations[0])
def test_ours_leaves_something_to_others(limit):
    assert 1 <= limit.ours <= limit.per_second * SHARE < limit.per_second
    assert limit.source == OURS or limit.source.startswith("https://")


def test_no_operation_has_two_limits():
    assert len(NAMED) == len(set(NAMED))


@pytest.mark.parametrize(
    ("service", "operation", "per_second"),
    [
        ("cloudwatch", "DescribeAlarms", 9),
        ("cloudwatch", "DescribeAlarmHistory", 3),
        ("lambda", "GetFunction", 100),
        ("lambda", "UpdateAlias", 15),
        ("lambda", "Invoke", None),
        ("events", "PutRule", 50),
        ("autoscaling", "EnableMetricsCollection", 5),
        ("sqs", "GetQueueAttributes", None),
    ],
)
def test_limit_of(service, operation, per_second):
    limit = limit_of(service, operation)
    assert (limit.per_second if limit else None) == per_second


def test_operations_that_share_a_limit_share_one():
    assert limit_of("ssm", "GetParameter") is limit_of("ssm", "GetParameters")
    assert limit_of("lambda", "UpdateAlias") is limit_of("lambda", "ListAliases")
    assert limit_of("lambda", "GetPolicy") is not limit_of("lambda", "ListAliases")


NOW = datetime(2026, 2, 22, 9, 0, tzinfo=UTC)


def asked(back, *periods, expressions=0):
    queries = [{"Id": f"q{number}", "MetricStat": {"Period": period}} for number, period in enumerate(periods)]
    queries += [{"Id": f"e{number}", "Expression": "q0 + 1"} for number in range(expressions)]
    return {"StartTime": NOW - timedelta(minutes=back), "EndTime": NOW, "MetricDataQueries": queries}


@pytest.mark.parametrize(
    ("params", "limit", "points"),
    [
        (asked(60, 60), RECENT_DATAPOINTS, 60),
        (asked(180, 60, 60), RECENT_DATAPOINTS, 360),
        (asked(181, 60), OLDER_DATAPOINTS, 181),
        (asked(60, 60, 10, expressions=2), RECENT_DATAPOINTS, 420),
        (asked(7, 300), RECENT_DATAPOINTS, 2),
        (asked(15 * 1440, *[60] * 4), OLDER_DATAPOINTS, 86_400),
    ],
    ids=["an hour", "three hours", "longer ago", "periods", "a period that has begun", "all that there is"],
)
def test_the_datapoints_of_a_request(params, limit, points):
    assert datapoints_of(params, NOW) == (limit, points)


def test_whatever_fits_into_one_request_fits_into_one_second():
    """Or a run of one request would wait for nothing."""
    assert all(limit.ours >= POINTS_PER_REQUEST for limit in DATAPOINTS)


def test_the_datapoints_are_documented():
    section = (
        (ROOT / "docs/operations.md").read_text(encoding="utf-8").partition("\n## Pace\n")[2].partition("\n## ")[0]
    )
    for limit in DATAPOINTS:
        assert f"{limit.per_second:,} (ours {limit.ours:,})" in " ".join(section.split())
        assert limit.source in section


def test_the_documented_table_is_the_one_that_is_kept():
    section = (ROOT / "docs/operations.md").read_text(encoding="utf-8").partition("\n## Pace\n")[2]
    rows = re.findall(r"^\| `(.+)` \| (\d+) \| (\d+) \| (.+) \|$", section.partition("\n## ")[0], re.MULTILINE)
    documented = {
        (tuple(names.split("` · `")), int(published), int(ours), _address(source))
        for names, published, ours, source in rows
    }
    assert documented == {(limit.operations, limit.per_second, limit.ours, limit.source) for limit in LIMITS}


def _address(source):
    link = re.fullmatch(r"\[.+\]\((.+)\)", source)
    return link[1] if link else source
