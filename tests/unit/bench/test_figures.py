# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""No run, no figure; an estimate is a line through two that were measured."""

from __future__ import annotations

import json

import pytest

from bench.figures import Growth, estimated, found, growth, median, read

from .examples import figure


@pytest.mark.parametrize(
    ("values", "expected"),
    [((), None), ((3.0,), 3.0), ((9.0, 1.0, 2.0), 2.0), ((4.0, 1.0, 2.0, 3.0), 2.5), ((1.0, 1.0, 90.0, 1.0, 1.0), 1.0)],
)
def test_the_median_is_the_middle_whatever_the_order(values, expected):
    assert median(values) == expected


def test_what_is_written_is_read_back():
    one = figure(walls=(3.0, 1.0, 2.0), requests={"sqs:B": 2, "sqs:A": 1}, mutating=1, largest="module x")
    written = json.loads(json.dumps(one.written()))
    assert read(written) == one
    assert written["wall_seconds"] == 2.0
    assert written["requests_total"] == 3
    assert list(written["requests"]) == ["sqs:A", "sqs:B"]


def test_a_step_that_failed_has_no_figures_and_says_why():
    written = figure(wall=None, error="exit code 2: no role").written()
    assert written["wall_seconds"] is None
    assert written["error"] == "exit code 2: no role"


@pytest.mark.parametrize(
    ("name", "is_found"),
    [
        (("ours", "noop", 20, 40), True),
        (("peers", "noop", 20, 40), False),
        (("ours", "first", 20, 40), False),
        (("ours", "noop", 1, 40), False),
        (("ours", "noop", 20, 0), False),
    ],
)
def test_a_figure_is_found_by_its_whole_name(name, is_found):
    assert (found([figure(pools=20, latency_ms=40)], *name) is not None) == is_found


def test_only_a_measured_figure_is_found():
    assert found([figure(wall=None, error="failed")], "ours", "noop", 1, 0) is None
    assert found([figure(wall=None, estimate=3.0)], "ours", "noop", 1, 0) is None


def test_growth_counts_operations_of_either_and_names_the_steepest_first():
    small = figure(pools=20, requests={"sts:A": 1, "sqs:B": 40, "iam:Gone": 98})
    large = figure(pools=1000, requests={"sts:A": 1, "sqs:B": 2000, "autoscaling:New": 98})
    assert growth(small, large) == [
        Growth("sqs:B", 40, 2000, 2.0),
        Growth("autoscaling:New", 0, 98, 0.1),
        Growth("sts:A", 1, 1, 0.0),
        Growth("iam:Gone", 98, 0, -0.1),
    ]


@pytest.mark.parametrize(
    ("small", "large", "expected"),
    [
        (figure(pools=1, wall=6.0), figure(pools=20, wall=25.0), 1005.0),
        (figure(pools=1, wall=None), figure(pools=20, wall=25.0), None),
        (figure(pools=1, wall=6.0), figure(pools=20, wall=None, error="failed"), None),
        (figure(pools=20, wall=6.0), figure(pools=20, wall=25.0), None),
    ],
)
def test_an_estimate_needs_two_sizes(small, large, expected):
    assert estimated(small, large, 1000) == expected
