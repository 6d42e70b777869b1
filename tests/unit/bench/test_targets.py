# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Each target at its edge: on it is met, beyond it is not, and without a figure it is neither."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bench.targets import targets

from .examples import figure, reads

AT_THE_EDGE = {
    "ours 1": figure(wall=4.5, requests={"sqs:A": 8}),
    "peers 1": figure("peers", wall=10.0, requests={"sqs:A": 10}),
    "ours 20": figure(pools=20, wall=3.0, requests=reads(20, **{"sts:A": 1, "autoscaling:Groups": 1})),
    "peers 20": figure("peers", pools=20, wall=30.0),
    "floor 20": figure("floor", "reads", pools=20, wall=1.0),
    "empty": figure("floor", "empty playbook", pools=0, wall=0.5),
    "ours 1000": figure(
        pools=1000, wall=16.0, peaks=(400.0,), requests=reads(1000, **{"sts:A": 1, "autoscaling:Groups": 10})
    ),
    "floor 1000": figure("floor", "reads", pools=1000, wall=10.0),
    "drifted": figure(
        "ours", "drifted", pools=1000, wall=17.6, requests=reads(1000, **{"ssm:PutParameter": 2}), mutating=2
    ),
}
DRIFTED = ("1,000 pools, one drifted: wall", "within 10 % of no-op + its own writes")
WALL, PEERS, REQUESTS = "seed pool, no-op: wall", "20 pools, no-op: wall", "seed pool, no-op: requests"


def outcomes(**changed):
    """The verdict on each target, by its name and what it asks for, with some figures changed or (None) left out."""
    figures = {name.replace(" ", "_"): one for name, one in AT_THE_EDGE.items()} | changed
    return {(one.what, one.target): one.met for one in targets([one for one in figures.values() if one], [0])}


def of(name, **changes):
    return {name.replace(" ", "_"): replace(AT_THE_EDGE[name], **changes)}


@pytest.mark.parametrize(("wall", "met"), [(11.4, True), (11.5, False)])
def test_each_write_of_a_drifted_pool_takes_the_latency(wall, met):
    noop = figure(pools=1000, wall=10.0, requests={"sqs:A": 10}, latency_ms=40)
    drifted = figure("ours", "drifted", pools=1000, wall=wall, requests={"sqs:A": 20}, mutating=10, latency_ms=40)
    found = {(one.what, one.target): one.met for one in targets([noop, drifted], [40])}
    assert found[DRIFTED] is met


def test_all_are_met_at_their_edge():
    verdicts = outcomes()
    assert len(verdicts) == 9
    assert set(verdicts.values()) == {True}


@pytest.mark.parametrize(
    ("changed", "missed"),
    [
        (of("ours 1", walls=(4.51,)), {(WALL, "<= 0.45 x peers")}),
        (of("ours 1", requests={"sqs:A": 9}), {(REQUESTS, "<= 0.8 x peers")}),
        (of("ours 20", walls=(3.01,)), {(PEERS, "<= 0.1 x peers"), (PEERS, "<= 2 x (floor + empty playbook)")}),
        (of("peers 20", walls=(29.0,)), {(PEERS, "<= 0.1 x peers")}),
        (of("floor 20", walls=(0.9,)), {(PEERS, "<= 2 x (floor + empty playbook)")}),
        (of("floor 1000", walls=(9.9,)), {("1,000 pools, no-op: wall", "<= 1.3 x floor + 3 s")}),
        (of("ours 1000", peaks=(401.0,)), {("1,000 pools, no-op: memory", "<= 400 MB")}),
        (of("drifted", walls=(17.7,)), {DRIFTED}),
        (
            of("drifted", requests=reads(1000, **{"ssm:GetParameter": 1000}), mutating=0),
            {("1,000 pools, one drifted: reads", "no-op + 12 of its own")},
        ),
        (
            of("ours 1000", requests=reads(1000, **{"autoscaling:Groups": 1000})),
            {("growth 20 -> 1,000 pools", "linear in queue reads only")},
        ),
        (of("ours 1000", requests=reads(1000, 2)), {("growth 20 -> 1,000 pools", "linear in queue reads only")}),
    ],
)
def test_what_is_beyond_its_edge_is_missed_alone(changed, missed):
    assert {name for name, met in outcomes(**changed).items() if met is False} == missed


@pytest.mark.parametrize(
    ("name", "count"),
    [("ours 1", 2), ("peers 1", 2), ("peers 20", 1), ("empty", 1), ("ours 20", 3), ("ours 1000", 5), ("drifted", 2)],
)
def test_without_a_figure_a_target_is_not_measured(name, count):
    verdicts = outcomes(**{name.replace(" ", "_"): None})
    assert list(verdicts.values()).count(None) == count
    assert False not in verdicts.values()


def test_an_estimate_is_no_figure():
    verdicts = outcomes(**of("peers 20", walls=(), estimate=1000.0))
    assert verdicts[(PEERS, "<= 0.1 x peers")] is None


def test_each_latency_has_its_own_targets():
    behind = targets(list(AT_THE_EDGE.values()), [0, 40])
    assert {(one.latency_ms, one.met) for one in behind} == {(0, True), (40, None)}
