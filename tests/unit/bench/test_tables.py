# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every figure has its cell, nothing else is taken for one, and the prose around a table stays."""

from __future__ import annotations

import pytest

from bench import tables
from bench.targets import Target, targets

from .examples import figure, reads

RESULTS = {
    "measured_at": "2026-01-01 00:00 UTC",
    "machine": {"cores": 2, "processor": "a processor", "memory_gigabytes": 24, "python": "3.11.7"},
    "settings": {"runs": 5, "latencies_ms": [0, 40]},
    "limits": {"threads": 16, "direct": 550.4, "proxied": {"0": 500.0, "40": 300.0}},
}
FIVE = {"walls": (1.0, 5.0, 2.0, 4.0, 3.0)}


def test_a_row_holds_both_latencies_side_by_side():
    figures = [
        figure(**FIVE, largest="module x", requests={"sqs:A": 7}),
        figure(latency_ms=40, wall=6.25, requests={"sqs:A": 7}),
    ]
    assert tables.of_pools(figures, 1, [0, 40]).splitlines() == [
        "| what | wall, 0 ms | wall, 40 ms | user + sys | peak memory | largest | requests |",
        "| --- | --- | --- | --- | --- | --- | --- |",
        "| no-op apply | 3.00 s | 6.25 s (1 run) | 0.50 s | 100 MB | module x | 7 |",
    ]


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (figure(**FIVE), "3.00 s"),
        (figure(walls=(1.0, 2.0)), "1.50 s (2 runs)"),
        (figure(wall=None, error="exit code 2"), "failed"),
        (figure(wall=None, estimate=330.4), "not run; estimated 330 s"),
        (figure(wall=None), "not run"),
    ],
)
def test_what_was_not_measured_says_so(one, expected):
    assert tables.wall(one) == expected


def test_a_pipe_in_a_cell_does_not_end_it():
    assert tables.table(["a"], [["b|c"]]) == "| a |\n| --- |\n| b\\|c |"


def test_the_page_names_what_failed_with_its_error():
    failed = [figure("peers", "check", latency_ms=ms, wall=None, error="exit code 2: `no` role") for ms in (0, 40)]
    figures = [figure(), *failed]
    page = tables.full(RESULTS, figures, targets(figures, [0]))
    assert page.count("- peers: check, 1 pool: `exit code 2: 'no' role`") == 1
    assert "550 calls a second" in page
    assert "300 behind the proxy of 40 ms" in page


def test_targets_tell_met_missed_and_not_measured():
    verdicts = [Target("w", 0, "t", "m", met) for met in (True, False, None)]
    cells = [line.split(" | ")[-1].removesuffix(" |") for line in tables.of_targets(verdicts).splitlines()[2:]]
    assert cells == ["yes", "**no**", "not measured"]


def test_the_seed_pools_requests_stand_side_by_side():
    figures = [
        figure(requests={"sts:A": 1, "sqs:B": 2}),
        figure("floor", "reads", requests={"sqs:B": 3}),
        figure("peers", requests={}),
    ]
    title, table = tables.of_operations(figures, [0])
    assert title == "### Requests of a no-op of the seed pool"
    assert table.splitlines() == [
        "| operation | apply | floor: botocore alone |",
        "| --- | --- | --- |",
        "| sqs:B | 2 | 3 |",
        "| sts:A | 1 |  |",
        "| all | 3 | 3 |",
    ]
    assert list(tables.of_operations(figures[:1], [0])) == list(tables.of_operations(figures, [])) == []


def test_the_floor_that_lists_is_held_beside_where_it_was_measured():
    figures = [figure(pools=1000, wall=9.0), figure("floor", "reads, listed", pools=1000, wall=4.0)]
    page = tables.full(RESULTS, figures, [])
    assert "| 1,000 pools, no-op: wall | 0 ms | 1.3 x floor + 3 s | 9.00 s of 8.20 s | **no** |" in page
    assert "no target speaks of" not in tables.full(RESULTS, figures[:1], [])


def test_growth_is_shown_where_both_sizes_were_measured():
    figures = [figure(pools=20, requests=reads(20)), figure(pools=1000, requests=reads(1000))]
    title, table = tables.of_growth(figures, [0])
    assert title == "### Requests of a no-op apply"
    assert "| sqs:GetQueueUrl | 40 | 2000 | 2.000 |" in table
    assert "| all | 80 | 4000 |  |" in table
    assert list(tables.of_growth(figures[:1], [0])) == []


def test_the_page_begins_with_the_short_table():
    figures = [figure(wall=1.0, requests={"sqs:A": 3})]
    first, _between, rest = tables.full(RESULTS, figures, []).partition("### Targets")
    assert first.endswith(f"### In short\n\n{tables.short(RESULTS, figures)}\n\n") and rest


def test_the_short_table_takes_the_longest_latency_and_leaves_out_whom_nobody_measured():
    figures = [
        figure(wall=1.0),
        figure(latency_ms=40, wall=2.0, requests={"sqs:A": 3}),
        figure("peers", latency_ms=40, pools=20, wall=None, estimate=70.0),
    ]
    assert tables.short(RESULTS, figures).splitlines() == [
        "| nothing to change, 40 ms latency | 1 pool | 20 pools |",
        "| --- | --- | --- |",
        "| apply | 2.0 s, 0.5 s CPU, 100 MB, 3 requests |  |",
        "| amazon.aws + community.aws |  | not run; estimated 70 s |",
    ]
