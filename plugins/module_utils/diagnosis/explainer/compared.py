# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The value that a live policy holds against its target, minute by minute, where what was read shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ... import metric_math
from ...pool import Pool
from ...resources import metric, policy
from ...resources.metric import GROUPS, MetricMath, MetricQuery
from ..evidence.live import is_weighted
from ..evidence.tracking import IN_FLIGHT, SQS, WAITING, parts_seen, silence_scales_in
from ..observed import Observed, Reply
from ..observing.measurements import GROUP_READINGS
from . import capacity
from .minutes import Minutes, Numbers

# SQS's own datapoints were seen up to 117 seconds after the end of their minute (observed): until then one is late, and
# not missing.
LATE_MINUTES = 3


@dataclass(frozen=True)
class Followed:
    """What a policy follows.

    :param words: the metric's name. :param is_queue: whether it measures this pool's queue, in whatever way.
    :param scales_in_on_silence: that AWS scales in while a metric is missing, as a clause; empty where it does not.
    """

    words: str
    is_queue: bool
    target: float | None = None
    disable_scale_in: bool = False
    tracked: metric.Tracked | None = None
    scales_in_on_silence: str = ""


def followed(reply: Reply, pool: Pool) -> Followed:
    try:
        live = policy.from_response(reply)
    except (KeyError, TypeError, ValueError):
        return Followed("something that could not be read", is_queue=True)
    if live.tracked is None:
        return Followed(f"the alarms of a {live.type} policy", is_queue=True)
    is_queue = bool(parts_seen(live.tracked, pool))
    silence = silence_scales_in(live) if is_queue else ""
    return Followed(live.tracked.words, is_queue, live.target_value, live.disable_scale_in, live.tracked, silence)


def inputs(found: Followed | None, pool: Pool) -> tuple[MetricQuery, ...]:
    """The metrics that the value is made of."""
    return metric.inputs(found.tracked, pool.auto_scaling_group_name) if found and found.tracked else ()


def readings(found: Followed | None, pool: Pool) -> frozenset[str]:
    """The readings that hold these metrics; none where one of them was not asked for."""
    names = {_source(query, pool)[0] for query in inputs(found, pool)}
    return frozenset() if "" in names else frozenset(names)


def values(observed: Observed, minutes: Minutes, pool: Pool, found: Followed | None) -> Numbers:
    """Computed of the live policy's own expression, as CloudWatch does: all gaps where what it follows was not read."""
    columns = _columns(observed, minutes, pool, found)
    if found is None or not columns:
        return [None] * len(minutes)
    if not isinstance(found.tracked, MetricMath):
        (only,) = columns.values()
        return only
    expressions, result = metric.expressions_of(found.tracked)
    rows = [{name: column[number] for name, column in columns.items()} for number in range(len(minutes))]
    # What comes late is not missing yet.
    settled = len(minutes) - LATE_MINUTES
    return [
        None if number >= settled and None in row.values() else _value(expressions, row, result)
        for number, row in enumerate(rows)
    ]


def counted_as_zero(
    observed: Observed, minutes: Minutes, pool: Pool, found: Followed | None, compared: Numbers
) -> list[bool]:
    """In which minutes there is a value although one of the metrics that it is made of is missing."""
    columns = _columns(observed, minutes, pool, found).values()
    return [
        value is not None and any(column[number] is None for column in columns) for number, value in enumerate(compared)
    ]


def _columns(observed: Observed, minutes: Minutes, pool: Pool, found: Followed | None) -> dict[str, Numbers]:
    """The metrics by query id, minute by minute; none of them where one was not read."""
    columns = {query.id: _column(observed, minutes, pool, query) for query in inputs(found, pool)}
    known = {name: column for name, column in columns.items() if column is not None}
    return known if len(known) == len(columns) else {}


def _value(expressions: Mapping[str, str], known: Mapping[str, float | None], result: str) -> float | None:
    try:
        value = metric_math.evaluate(expressions, known, result)
    except metric_math.Unsupported:
        return None
    return None if value is None else round(value, 3)


def _column(observed: Observed, minutes: Minutes, pool: Pool, query: MetricQuery) -> Numbers | None:
    """A metric's values; None where it was not read."""
    reading, name = _source(query, pool)
    found = observed.known(reading) if reading else None
    if reading == "group_metrics" and found is None:
        # What the scaling activities tell stands in its place, in the units of the capacity.
        if name == "in_service" and is_weighted(observed.known("group", {})):
            return None
        return (capacity.desired if name == "desired" else capacity.in_service)(observed, minutes)
    if found is None:
        return None
    return minutes.points(found.get(name, ()) if name else found)


def _source(query: MetricQuery, pool: Pool) -> tuple[str, str]:
    """The reading that holds a metric, and its name there; empty where none does."""
    measured = query.metric
    if measured is None:
        return "", ""
    if query.unit in (None, metric.PUBLISHED_UNIT):
        if pool.published and measured == pool.metric:
            return "metric", ""
        if pool.divided_by_publisher and measured == pool.per_instance_metric:
            return "per_instance_metric", ""
    if measured.namespace == SQS and measured.dimensions == (("QueueName", pool.queue_name),):
        counted = {WAITING: "visible", IN_FLIGHT: "in_flight"}.get(measured.name)
        return ("queue_metrics", counted) if counted else ("", "")
    group = (("AutoScalingGroupName", pool.auto_scaling_group_name),)
    if measured.namespace == GROUPS and measured.dimensions == group:
        named = GROUP_READINGS.get(measured.name)
        return ("group_metrics", named) if named else ("", "")
    return "", ""
