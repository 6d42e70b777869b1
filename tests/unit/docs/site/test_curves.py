# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The curves follow from the rules that their page tells, and the page holds them as they are reckoned."""

from __future__ import annotations

import pytest

from docs.site.curves import PAGE, Work, charts, per_instance, run, total, up_to_date, visible_only

LONG = 1000


def workers(jobs, signal, minutes=120, **how):
    return [now.workers for now in run(Work(jobs, 1, LONG), signal, minutes, **how)]


def test_the_page_holds_them():
    assert up_to_date(PAGE.read_text(encoding="utf-8")) == PAGE.read_text(encoding="utf-8")


def test_a_place_that_is_gone_is_told():
    with pytest.raises(SystemExit, match="0 places"):
        up_to_date("")


@pytest.mark.parametrize(
    ("jobs", "signal", "target", "most"),
    [
        (10, total, 1, 20),
        (10, per_instance, 1, 10),
        (10, per_instance, 2, 5),
        (2, total, 1, 20),
        (1, total, 1, 0),
        (1, total, 0.9, 20),
        (1, per_instance, 0.9, 2),
        (50, per_instance, 1, 20),
    ],
)
def test_how_many_workers_it_comes_to(jobs, signal, target, most):
    assert max(workers(jobs, signal, target=target)) == most


def test_nothing_happens_before_three_values_are_above_the_target():
    assert workers(10, per_instance, 4) == [0, 0, 0, 0, 10]


def test_a_signal_of_visible_messages_takes_busy_workers_away():
    seen = run(Work(5, 1, LONG), visible_only, 40)
    gone = next(minute for minute, now in enumerate(seen) if minute > 5 and now.workers == 0)
    assert gone == 4 + 15
    assert seen[gone - 1].in_flight == 5


def test_idle_workers_go_after_fifteen_values_below():
    seen = run(Work(4, 5, 20), per_instance, 60)
    done = next(minute for minute, now in enumerate(seen) if minute > 5 and not now.in_flight and not now.visible)
    gone = next(minute for minute, now in enumerate(seen) if minute > 10 and not now.workers)
    assert gone - done == 15


@pytest.mark.parametrize("name", charts())
def test_a_chart_is_told_in_words(name):
    assert "accTitle: " in charts()[name] and "accDescr: " in charts()[name]
