# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The memory follows the number of pools in steps, and a number that no memory serves in time is refused."""

from __future__ import annotations

import importlib.util
import itertools

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import Failure
from ansible_collections.academy.video_scaling.plugins.module_utils.resources import memory
from ansible_collections.academy.video_scaling.tests.unit.examples import ROOT
from hypothesis import given
from hypothesis import strategies as st

timeouts = st.integers(10, 60)


@pytest.mark.parametrize(("value", "size"), [(128, 128), ("256", 256), (10240, 10240), ("auto", None)], ids=str)
def test_a_size_is_a_number_or_auto(value, size):
    assert memory.from_params(value) == size


@pytest.mark.parametrize("value", [127, "10241", "-1", "1.5", "AUTO", "much", "", "512MB"], ids=str)
def test_what_is_neither_is_refused(value):
    with pytest.raises(Failure, match=r"^memory_size: "):
        memory.from_params(value)


@pytest.mark.parametrize(
    ("pools", "timeout", "size"),
    [(1, 50, 128), (100, 50, 128), (1_000, 50, 512), (10_000, 50, 1769), (1, 10, 256), (1_000, 10, 1769)],
    ids=str,
)
def test_the_memory_of_so_many_pools(pools, timeout, size):
    assert memory.for_pools(pools, timeout) == size


@pytest.mark.parametrize(
    ("divided", "size"), [(0, 256), (100, 256), (400, 512), (800, 512)], ids=["none", "some", "half of them", "all"]
)
def test_a_pool_whose_depth_is_divided_takes_more(divided, size):
    assert memory.for_pools(800, 50, divided) == size


@given(timeouts, st.floats(0, 1))
def test_fewer_pools_fit_where_their_depths_are_divided(timeout, part):
    most = memory.most_pools(timeout, part)
    assert memory.most_pools(timeout, 1.0) <= most <= memory.most_pools(timeout)
    divided = int(most * part)
    assert memory.for_pools(most, timeout, divided) == memory.STEPS[-1]
    with pytest.raises(Failure, match="function_name"):
        memory.for_pools(memory.most_pools(timeout) + 1, timeout, divided)


@given(timeouts, st.integers(1, 9_000), st.integers(1, 100))
def test_more_pools_never_get_less_and_always_a_step(timeout, pools, more):
    most = memory.most_pools(timeout)
    few, many = (memory.for_pools(min(number, most), timeout) for number in (pools, pools + more))
    assert few <= many
    assert {few, many} <= set(memory.STEPS)


def test_a_pool_more_moves_the_memory_at_no_more_places_than_there_are_steps():
    sizes = [memory.for_pools(pools, 50) for pools in range(1, 10_001)]
    assert sum(before != after for before, after in itertools.pairwise(sizes)) == len(memory.STEPS) - 1


@given(timeouts, st.integers(1, 20_000))
def test_what_is_given_is_done_while_there_is_time_to_read(timeout, pools):
    """The smallest step that is done by half of the timeout; or a whole processor, done before the reserve begins."""
    if pools > memory.most_pools(timeout):
        return
    size = memory.for_pools(pools, timeout)
    reading = timeout - min(memory.RESERVE_SECONDS, timeout * memory.RESERVE_PART)
    assert memory.seconds(pools, size) <= (reading if size == memory.STEPS[-1] else timeout * memory.PART_OF_TIMEOUT)
    smaller = [step for step in memory.STEPS if step < size]
    assert all(memory.seconds(pools, step) > timeout * memory.PART_OF_TIMEOUT for step in smaller)


@pytest.mark.parametrize("timeout", [10, 50, 60])
def test_more_than_one_publisher_can_do_is_refused_with_the_number_and_the_way_out(timeout):
    most = memory.most_pools(timeout)
    assert memory.for_pools(most, timeout) == memory.STEPS[-1]
    with pytest.raises(Failure, match=rf"^memory_size: {most + 1} pools .* {most} that .* function_name"):
        memory.for_pools(most + 1, timeout)


def test_ten_thousand_pools_are_one_publishers_work():
    assert memory.most_pools(50) >= 10_000


def test_the_reserve_is_the_one_that_the_function_keeps():
    source = ROOT / "files" / "lambda" / "queue_depth" / "lambda_function.py"
    spec = importlib.util.spec_from_file_location("lambda_function", source)
    code = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(code)
    assert (memory.RESERVE_SECONDS, memory.RESERVE_PART) == (code.RESERVE_SECONDS, code.RESERVE_PART)
