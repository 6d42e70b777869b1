# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How much memory the publisher needs: what buys it the processor to read all its queues in good time.

Lambda gives processor by memory, and the publisher needs processor far more than memory. What it needs was measured by
``bench/publisher.py``; ``docs/performance.md`` has the figures.
"""

from __future__ import annotations

from ..failures import Failure

AUTO = "auto"
# In steps, so that a pool more or less leaves the memory as it is. From 1,769 MB on a function has a whole processor,
# and Python uses no more than one.
STEPS = (128, 256, 512, 1024, 1769)
MB_OF_ONE_PROCESSOR = 1769
LEAST, MOST = 128, 10240
# Of one processor, in an environment that has just started, where each queue's address is asked for too.
START_SECONDS = 0.3
SECONDS_PER_POOL = 0.0025
# Beside it, for a pool whose depth is divided: its group of some ten instances is read too, and a second value written.
# An environment that remembers a value above the target reads the group twice, 0.3 ms each; but it also knows the
# queues' addresses, and saves more. The looks after publishing have the rest of the timeout.
SECONDS_PER_GROUP = 0.001
# Lambda's processor is not the one that was measured on.
MARGIN = 1.5
# An invocation shall be done by this part of its timeout; more memory costs no more, as it is done so much sooner.
PART_OF_TIMEOUT = 0.5
# What the publisher keeps of its time to publish what it has read.
RESERVE_SECONDS, RESERVE_PART = 8.0, 0.25


def from_params(value: int | str) -> int | None:
    """MB, or None where the number of pools shall decide.

    :raises Failure: for what Lambda does not take.
    """
    if value == AUTO:
        return None
    try:
        size = int(value)
    except ValueError:
        raise Failure(f"memory_size: {value!r} is neither a number of MB nor {AUTO}") from None
    if not LEAST <= size <= MOST:
        raise Failure(f"memory_size: {size} must be from {LEAST} to {MOST} MB, or {AUTO}")
    return size


def for_pools(pools: int, timeout: int, divided: int = 0) -> int:
    """MB with which so many pools are published well within the timeout.

    :param timeout: in seconds. :param divided: how many of the pools have their depth divided by the publisher.
    :raises Failure: where no memory makes one invocation fast enough.
    """
    most = most_pools(timeout, divided / pools if pools else 0.0)
    if pools > most:
        raise Failure(
            f"memory_size: {pools} pools are more than the {most} that one publisher is sure to measure "
            f"within {timeout} seconds; divide them among several publishers, each with its own function_name and "
            "rule_name, or give memory_size in MB"
        )
    wanted = timeout * PART_OF_TIMEOUT
    return next((size for size in STEPS if seconds(pools, size, divided) <= wanted), STEPS[-1])


def most_pools(timeout: int, divided_part: float = 0.0) -> int:
    """As many as a whole processor reads before the time comes to publish.

    :param divided_part: of them, from 0 to 1, that have their depth divided.
    """
    reading = timeout - min(RESERVE_SECONDS, timeout * RESERVE_PART)
    per_pool = SECONDS_PER_POOL + SECONDS_PER_GROUP * divided_part
    return int((reading - START_SECONDS * MARGIN) / (per_pool * MARGIN))


def seconds(pools: int, size: int, divided: int = 0) -> float:
    """What an invocation takes in an environment that has just started; later ones take about half of it."""
    share = min(size / MB_OF_ONE_PROCESSOR, 1.0)
    return MARGIN * (START_SECONDS + SECONDS_PER_POOL * pools + SECONDS_PER_GROUP * divided) / share
