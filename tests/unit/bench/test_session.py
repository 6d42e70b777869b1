# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ours runs as often as asked; a peer that would take too long is estimated, and only from what was measured."""

from __future__ import annotations

import pytest

from bench.session import Settings, belied, guessed, is_bounded, latencies_of, runs_of
from bench.subjects import Subject

from .examples import figure

SETTINGS = Settings(latencies_ms=(0,))
OURS, PEERS = Subject("ours", {"noop": []}), Subject("peers", {"check": [], "noop": []})


@pytest.mark.parametrize(
    ("subject", "step", "pools", "expected"),
    [
        (OURS, "noop", 1000, 5),
        (OURS, "drifted", 1000, 5),
        (OURS, "first", 1, 5),
        (OURS, "first", 20, 1),
        (OURS, "diagnose", 1000, 1),
        (PEERS, "noop", 1, 5),
        (PEERS, "first", 1, 1),
        (PEERS, "noop", 20, 3),
        (PEERS, "first", 20, 1),
        (PEERS, "noop", 200, 1),
    ],
)
def test_how_often_a_step_runs(subject, step, pools, expected):
    assert runs_of(SETTINGS, subject, step, pools) == expected


@pytest.mark.parametrize(
    ("step", "pools", "latencies"), [("noop", 1000, (0, 40)), ("first", 1, (0, 40)), ("first", 20, (0,))]
)
def test_behind_which_latencies_a_step_runs(step, pools, latencies):
    assert latencies_of(Settings(latencies_ms=(0, 40)), step, pools) == latencies


def test_fewer_runs_are_never_made_more():
    assert runs_of(Settings(runs=1), PEERS, "noop", 20) == 1


def test_a_guess_is_made_of_the_same_step_of_the_same_peer():
    before = [
        figure("peers", pools=1, wall=6.0),
        figure("peers", pools=20, wall=25.0),
        figure("mitogen", pools=20, wall=9.0),
        figure("peers", "check", wall=None, error="no role"),
    ]
    guesses = {one.step: one.estimate for one in guessed(SETTINGS, PEERS, 200, before)}
    assert guesses == {"check": None, "noop": 205.0}


@pytest.mark.parametrize(
    ("estimates", "expected"), [([], False), ([None], False), ([None, 60.0], True), ([10.0, 61.0], False)]
)
def test_only_what_is_known_to_be_short_is_run(estimates, expected):
    assert is_bounded([figure(wall=None, estimate=estimate) for estimate in estimates], 60.0) == expected


@pytest.mark.parametrize(
    ("step", "mutating", "is_belied"),
    [
        ("noop", 0, False),
        ("noop", 1, True),
        ("check", 2, True),
        ("diagnose", 1, True),
        ("first", 14, False),
        ("first", 0, True),
        ("drifted", 1, False),
        ("drifted", 0, True),
    ],
)
def test_a_step_that_did_something_else_is_no_figure(step, mutating, is_belied):
    assert bool(belied(step, mutating)) == is_belied
