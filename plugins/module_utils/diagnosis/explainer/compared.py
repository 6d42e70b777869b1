# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The value that a live policy holds against its target, minute by minute, where it can be told from what was read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from ...pool import SIGNALS, Pool
from ...resources import metric, policy
from ..evidence.tracking import parts_seen
from ..observed import Observed, Reply
from . import capacity
from .minutes import Minutes, Numbers


@dataclass(frozen=True)
class Followed:
    """What a policy follows.

    :param words: the metric's name. :param signal: which of a pool's signals that is, empty for none of them.
    :param is_queue: whether it measures this pool's queue, in whatever way.
    """

    words: str
    signal: str
    is_queue: bool
    target: float | None = None
    disable_scale_in: bool = False


def followed(reply: Reply, pool: Pool) -> Followed:
    try:
        live = policy.from_response(reply)
    except (KeyError, TypeError, ValueError):
        return Followed("something that could not be read", "", True)
    if live.tracked is None:
        return Followed(f"the alarms of a {live.type} policy", "", True)
    signal = next((name for name, known in _signals(pool) if _bare(live.tracked) == known), "")
    is_queue = bool(signal or parts_seen(live.tracked, pool))
    return Followed(live.tracked.words, signal, is_queue, live.target_value, live.disable_scale_in)


def values(observed: Observed, minutes: Minutes, pool: Pool, totals: tuple[Numbers, Numbers], signal: str) -> Numbers:
    """:param totals: the depth by SQS, and the metric that the pool declares.
    :param signal: that of the live policy. All gaps where what it follows was not read.
    """
    depth, declared = totals
    gaps: Numbers = [None] * len(minutes)
    is_declared = signal.startswith("published_") == pool.published
    total = declared if signal and is_declared else depth if signal.startswith("sqs_") else gaps
    if not signal.endswith("_per_instance"):
        return total
    return [
        None if value is None or workers is None else round(value / (workers if workers > 0 else 1), 3)
        for value, workers in zip(total, _instances(observed, minutes), strict=True)
    ]


def _instances(observed: Observed, minutes: Minutes) -> Numbers:
    """As CloudWatch has them, so that a group without metrics shows the gap that its policy sees."""
    if observed.known("group_metrics") is None:
        return capacity.in_service(observed, minutes)
    return capacity.measured_in_service(observed, minutes)


def _signals(pool: Pool) -> Iterable[tuple[str, metric.Tracked]]:
    for signal in SIGNALS:
        if pool.metric is not None or not signal.startswith("published_"):
            yield signal, _bare(metric.from_params(replace(pool, signal=signal)))


def _bare(tracked: metric.Tracked) -> metric.Tracked:
    """Without the labels, which are for people."""
    if isinstance(tracked, metric.MetricMath):
        return metric.MetricMath(tuple(replace(query, label=None) for query in tracked.queries))
    return tracked
