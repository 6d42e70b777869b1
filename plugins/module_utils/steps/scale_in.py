# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether AWS may scale in right after a policy changes, looked at before anything is sent.

A changed metric or target gets new alarms, and a new scale-in alarm judges the metric's last 15 minutes, also those of
before it was made: it was seen to fire 62 and 85 seconds after that (observed). A metric with fewer datapoints did not
fire (observed).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from ..failures import Failure
from ..plan import Aws
from ..pool import Pool
from ..reconcile import Outcome
from ..resources import datapoints, group, metric, policy, queue
from ..resources.metric import MetricQuery
from ..resources.policy import Policies, Policy
from ..target_tracking import LOW_PERIODS, new_low_threshold
from .done import Done, row

WARN, REFUSE, IGNORE = CHOICES = ("warn", "refuse", "ignore")
OPTION: dict[str, Any] = {"on_scale_in": {"type": "str", "choices": list(CHOICES), "default": WARN}}
# AWS's own metrics come up to two minutes late; of a metric that lacks a datapoint now and then, the ones before count.
LATE_PERIODS = 5
WAY_OUT = (
    "wait until there is work, protect the workers from scale-in, set disable_scale_in for the change, or accept it "
    "(video_scaling_on_scale_in: warn)"
)


@dataclass(frozen=True)
class Change:
    """A policy that is about to follow something else, or the same with another target.

    :param live: the policy as it is, None where there is none.
    """

    pool: Pool
    wanted: Policy
    live: Policy | None

    @property
    def keeps_alarms(self) -> bool:
        """Whether the scale-in alarm that is there stays: AWS makes new ones for a new metric or target (observed)."""
        live = self.live
        return (
            live is not None
            and not live.disable_scale_in
            and (live.tracked, live.target_value) == (self.wanted.tracked, self.wanted.target_value)
        )

    @property
    def inputs(self) -> tuple[MetricQuery, ...]:
        tracked = self.wanted.tracked
        return metric.inputs(tracked, self.pool.auto_scaling_group_name) if tracked else ()


def look(
    pools: Sequence[Pool],
    aws: Aws,
    mode: str,
    desired: Mapping[policy.Key, policy.Wish],
    planned: Mapping[policy.Key, Outcome],
) -> Done:
    """A row for each pool that AWS may scale in, and what to warn of; in mode ``refuse`` such a pool has failed.

    :param planned: what is live of each of ``desired``, and the way from there.
    """
    if mode == IGNORE:
        return Done([])
    found = risks(pools, aws, desired, planned)
    if mode == REFUSE:
        refused = {name: Failure(f"{reason}; nothing was changed: {WAY_OUT}") for name, reason in found.items()}
        aws.count(failed=len(refused))
        return Done([row(name, [Outcome(None, failure)]) for name, failure in refused.items()])
    rows = [row(name, [], scale_in=reason) for name, reason in found.items()]
    lines = [f"pool {name}: {reason}" for name, reason in found.items()]
    return Done(rows, facts={"warnings": lines} if lines else {})


def risks(
    pools: Sequence[Pool],
    aws: Aws,
    desired: Mapping[policy.Key, policy.Wish],
    planned: Mapping[policy.Key, Outcome],
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> dict[str, str]:
    """What AWS may do to each pool once its policy has changed, as a clause; nothing of those that it leaves alone.

    :param now: the time in UTC.
    """
    changes = [change for pool in pools for change in _changes(pool, desired, planned)]
    if not changes:
        return {}
    try:
        groups = group.find(aws, dict.fromkeys(change.pool.auto_scaling_group_name for change in changes))
    except Failure as failure:
        return {change.pool.name: _unknown("its capacity", failure) for change in changes}
    shrinking = [change for change in changes if _can_shrink(groups[change.pool.auto_scaling_group_name])]
    try:
        thresholds, series = _thresholds(aws, shrinking), _series(aws, shrinking, now())
    except Failure as failure:
        thresholds, series = {}, dict.fromkeys((query for change in shrinking for query in change.inputs), failure)
    found: dict[str, str] = {}
    for change in shrinking:
        told = _told(change, thresholds, series, now())
        if told:
            capacity = groups[change.pool.auto_scaling_group_name].desired_capacity
            found[change.pool.name] = f"{told}; desired capacity is {capacity}, {_in_flight(aws, change.pool)}"
    return found


def _changes(
    pool: Pool, desired: Mapping[policy.Key, policy.Wish], planned: Mapping[policy.Key, Outcome]
) -> Iterable[Change]:
    key = policy.key_of(pool)
    outcome = planned.get(key)
    if outcome is None or not outcome.changed or not isinstance(outcome.found, Policies):
        return
    live = outcome.found.by_name
    for name, wanted in desired[key].over(outcome.found).by_name.items():
        acts = wanted is not None and wanted.tracked is not None and wanted.enabled and not wanted.disable_scale_in
        if acts and wanted and live.get(name) != wanted:
            yield Change(pool, wanted, live.get(name))


def _can_shrink(found: group.Group | None) -> bool:
    if found is None or "AlarmNotification" in found.suspended_processes:
        return False
    return found.desired_capacity > found.min_size


def _thresholds(aws: Aws, changes: Sequence[Change]) -> dict[str, float]:
    """Of the scale-in alarms that stay, by the name of the alarm."""
    named = [name for change in changes if change.keeps_alarms and change.live for name in _alarm_names(change.live)]
    return policy.low_thresholds(aws, named)


def _alarm_names(live: Policy) -> list[str]:
    return [alarm["AlarmName"] for alarm in live.raw.get("Alarms") or ()]


def _series(aws: Aws, changes: Sequence[Change], now: datetime) -> dict[MetricQuery, Any]:
    """What the new policies will look at, or why it is not known, by query."""
    queries = [query for change in changes for query in change.inputs]
    longest = max((query.period for query in queries), default=metric.DEFAULT_PERIOD_SECONDS)
    since = now - timedelta(seconds=longest * (LOW_PERIODS + LATE_PERIODS + 1))
    found: dict[MetricQuery, Any] = {}
    for batch in datapoints.batches(queries, since, now):
        try:
            found |= datapoints.read(aws, batch, since, now)
        except Failure as failure:
            found |= dict.fromkeys(batch, failure)
    return found


def _told(
    change: Change, thresholds: Mapping[str, float], series: Mapping[MetricQuery, Any], now: datetime
) -> str | None:
    """What may happen, as a clause; None where nothing will."""
    tracked = change.wanted.tracked
    name = metric.short_name(tracked) if tracked else ""
    try:
        points = _newest(change, series, now)
    except Failure as failure:
        return _unknown(name, failure)
    threshold, whose = _threshold(change, thresholds)
    if len(points) < LOW_PERIODS or any(value >= threshold for value in points):
        return None
    period = max(query.period for query in change.inputs)
    minutes = LOW_PERIODS * period / 60
    return (
        f"AWS may scale in within about a minute: {name} has been below {threshold:g} for {minutes:g} minutes ({whose})"
    )


def _unknown(what: str, failure: Failure) -> str:
    return f"whether AWS scales in once the policy has changed cannot be told, as {what} is not known ({failure})"


def _threshold(change: Change, thresholds: Mapping[str, float]) -> tuple[float, str]:
    if change.keeps_alarms and change.live:
        live = next((thresholds[name] for name in _alarm_names(change.live) if name in thresholds), None)
        if live is not None:
            return live, "the threshold of its scale-in alarm"
    target = change.wanted.target_value or 0.0
    return new_low_threshold(target), f"predicted: AWS was observed to start a new alarm at 0.9 x target {target:g}"


def _newest(change: Change, series: Mapping[MetricQuery, Any], now: datetime) -> list[float]:
    """The newest values of as many periods as the scale-in alarm looks at; raises Failure where they are not known."""
    known = {}
    for query in change.inputs:
        found = series.get(query, Failure("it was not read"))
        if isinstance(found, Failure):
            raise found
        # A period that has not ended may still change.
        ended = now - timedelta(seconds=query.period)
        known[query] = {time: value for time, value in found if time <= ended}
    if not known or change.wanted.tracked is None:
        raise Failure("AWS computes it in a way that is not known here")
    points = metric.values(change.wanted.tracked, known)
    return [value for _time, value in points][-LOW_PERIODS:]


def _in_flight(aws: Aws, pool: Pool) -> str:
    """A pool that fails here is warned of all the same."""
    try:
        found = queue.find(aws, {pool.queue_name: queue.Queue(pool.queue_name)})[pool.queue_name]
    except Failure as failure:
        found = failure
    if not isinstance(found, queue.Queue):
        return "how many messages are in flight is not known"
    count = found.counts["in flight"]
    return f"{count} message{'s are' if count != 1 else ' is'} in flight"
