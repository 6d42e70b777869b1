# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The curves follow from the rules that their page tells, and the page holds them as they are reckoned."""

from __future__ import annotations

import re

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils import target_tracking
from ansible_collections.academy.video_scaling.plugins.module_utils.resources import metric

from docs.site import curves
from docs.site.curves import (
    PAGE,
    Minute,
    Work,
    charts,
    low_share,
    per_instance,
    per_instance_in_service,
    run,
    total,
    up_to_date,
    visible_only,
)

LONG = 1000
# A row of the page: a capacity or several, and the share.
SHARE = r"^\| (\d+)(?: (?:to|or) (\w+))? \| (0\.\d+) x target \|$"


def workers(jobs, signal, minutes=120, **how):
    return [now.desired for now in run(Work(jobs, 1, LONG), signal, minutes, **how)]


def test_the_page_holds_them():
    assert up_to_date(PAGE.read_text(encoding="utf-8")) == PAGE.read_text(encoding="utf-8")


def test_a_place_that_is_gone_is_reported():
    with pytest.raises(SystemExit, match="0 places"):
        up_to_date("")


def test_the_numbers_are_those_of_the_product():
    assert (curves.HIGH_MINUTES, curves.LOW_MINUTES) == (target_tracking.HIGH_PERIODS, target_tracking.LOW_PERIODS)
    assert target_tracking.NEW_LOW_SHARE == curves.NEW_LOW_SHARE
    assert metric.ABOVE_TARGET == curves.ABOVE_TARGET


@pytest.mark.parametrize(
    ("depth", "desired", "target", "value"),
    [
        (0, 0, 1, 0),
        (1, 0, 1, 1.01),
        (1, 0, 5, 5.05),
        (1, 0, 0.5, 1),
        (10, 0, 1, 10),
        (10, 4, 1, 2.5),
        (10, 10, 1, 1),
        (0, 10, 1, 0),
    ],
)
def test_a_value_per_instance_is_that_of_the_publisher(depth, desired, target, value):
    assert per_instance(Minute(depth, 0, desired, 0), target) == pytest.approx(value)
    assert per_instance(Minute(0, depth, desired, desired), target) == pytest.approx(value)


# --- how far a group grows --------------------------------------------------------------------------------------


@pytest.mark.parametrize("all_at_once", [False, True])
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
def test_how_many_workers_it_comes_to(jobs, signal, target, most, all_at_once):
    assert max(workers(jobs, signal, target=target, all_at_once=all_at_once)) == most


@pytest.mark.parametrize("target", [1, 5])
@pytest.mark.parametrize(("all_at_once", "most"), [(False, 1), (True, 2)])
def test_one_message_starts_a_worker_by_a_value_per_instance(target, all_at_once, most):
    """It is not known whether AWS multiplies from 0: where it does, one worker too many starts, and goes again."""
    found = workers(1, per_instance, target=target, all_at_once=all_at_once)
    assert (max(found), found[-1]) == (most, 1)


def test_nothing_happens_before_three_values_are_above_the_target():
    assert workers(10, per_instance, 4) == [0, 0, 0, 0, 1]


def test_the_policy_runs_again_in_each_minute_in_which_its_alarm_lasts():
    assert workers(10, per_instance, 7) == [0, 0, 0, 0, 1, 10, 10, 10]
    assert workers(10, total, 7) == [0, 0, 0, 0, 1, 10, 20, 20]


@pytest.mark.parametrize("launch", [0, 1, 5, 15])
@pytest.mark.parametrize("jobs", [3, 7, 10])
def test_workers_that_still_launch_are_not_asked_for_again(jobs, launch):
    assert max(workers(jobs, per_instance, 40, launch=launch)) == jobs


@pytest.mark.parametrize("launch", [2, 5, 15])
def test_divided_by_the_instances_in_service_they_are(launch):
    assert max(workers(10, per_instance_in_service, 40, launch=launch)) == 20


def test_jobs_are_taken_by_workers_that_have_started():
    seen = run(Work(10, 1, LONG), per_instance, 15, launch=5)
    assert [now.in_flight for now in seen] == [now.in_service for now in seen]
    assert [now.in_service for now in seen][8:11] == [0, 1, 10]


@pytest.mark.parametrize(("late", "most"), [(0, 10), (1, 20), (2, 20)])
def test_a_value_of_before_the_step_grows_the_group_to_its_maximum(late, most):
    """The known limit of metric math over metrics that come late."""
    assert max(workers(10, per_instance, 25, late=late)) == most


# --- how it shrinks ---------------------------------------------------------------------------------------------


def test_a_signal_of_visible_messages_takes_busy_workers_away():
    seen = run(Work(5, 1, LONG), visible_only, 40, target=0.9)
    idle = next(minute for minute, now in enumerate(seen) if minute > 1 and not now.visible)
    gone = next(minute for minute, now in enumerate(seen) if minute > idle and now.desired == 0)
    assert gone - idle == 15
    assert seen[gone - 1].in_flight == 5


def test_idle_workers_go_after_fifteen_values_below():
    seen = run(Work(4, 5, 20), per_instance, 60)
    done = next(minute for minute, now in enumerate(seen) if minute > 5 and not now.depth)
    gone = next(minute for minute, now in enumerate(seen) if minute > 10 and not now.desired)
    assert gone - done == 15


@pytest.mark.parametrize(
    ("desired", "share"),
    [(0, 0.7), (1, 0.7), (2, 0.7), (3, 0.7), (4, 0.75), (5, 0.8), (6, 0.8), (7, 0.85), (9, 0.85), (10, 0.9), (20, 0.9)],
)
def test_where_a_run_puts_the_threshold(desired, share):
    assert low_share(desired) == share


def test_the_page_tells_these_shares():
    shares: dict[int, float] = {}
    for first, last, share in re.findall(SHARE, PAGE.read_text(encoding="utf-8"), re.MULTILINE):
        end = {"": int(first), "more": 20}.get(last) or int(last)
        shares |= dict.fromkeys(range(int(first), end + 1), float(share))
    assert shares == {desired: low_share(desired) for desired in range(21)}


def test_a_scale_in_takes_whole_workers_and_leaves_enough():
    """By 0.65 a group of 10 has 6.5 workers busy."""
    signals = {10: 0.65, 7: 0.93}
    seen = run(Work(10, 1, LONG), lambda now, _target: signals.get(now.desired, 10.0 / max(now.desired, 1)), 60)
    assert list(dict.fromkeys(now.desired for now in seen)) == [0, 1, 10, 7]


@pytest.mark.parametrize("name", charts())
def test_a_chart_is_described_in_words(name):
    assert "accTitle: " in charts()[name] and "accDescr: " in charts()[name]
