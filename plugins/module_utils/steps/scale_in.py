# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether AWS may scale in right after a policy changes, looked at before anything is sent.

A changed metric or target gets new alarms, and a new scale-in alarm judges the metric's last 15 minutes, also those of
before it was made: it was seen to fire 62 and 85 seconds after that (observed). A metric with fewer datapoints did not
fire (observed).

AWS scales in only where all target-tracking policies of a group agree, of those that may scale in (documented). So a
policy that is deleted, disabled or set not to scale in frees the others: the alarm of one of them may be in ALARM
already, and while it is, that policy runs again each minute (documented).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from ..failures import Failure, listed
from ..plan import Aws
from ..pool import Pool
from ..reconcile import Outcome
from ..resources import datapoints, group, metric, policy, queue, trigger
from ..resources.metric import MetricQuery
from ..resources.policy import Policies, Policy
from ..target_tracking import LOW_PERIODS, new_low_threshold
from . import policies
from .result import StepResult, pool_result, warning
from .step import Desired, Outcomes, Run

WARN, REFUSE, IGNORE = CHOICES = ("warn", "refuse", "ignore")
OPTIONS: dict[str, Any] = {"on_scale_in": {"type": "str", "choices": list(CHOICES), "default": WARN}}
# AWS's own metrics come up to two minutes late; of a metric that lacks a datapoint now and then, the ones before count.
LATE_PERIODS = 5
WAY_OUT = (
    "wait until there is work, protect the workers from scale-in, set disable_scale_in for the change (where no other "
    "policy of the group may scale in), or accept it (video_scaling_on_scale_in: warn)"
)


@dataclass(frozen=True)
class Change:
    """A policy that is about to follow something else, or the same with another target, or that others free.

    :param live: the policy as it is, None where there is none.
    :param freed_by: the names of the policies that AWS will no longer ask to agree to a scale-in.
    """

    pool: Pool
    wanted: Policy
    live: Policy | None
    freed_by: tuple[str, ...] = ()

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
    desired: Mapping[policy.Key, policy.DesiredPolicies],
    planned: Mapping[policy.Key, Outcome],
) -> StepResult:
    """A row for each pool that AWS may scale in, and what to warn of; in mode ``refuse`` such a pool has failed.

    :param planned: what is live of each of ``desired``, and the way from there.
    """
    if mode == IGNORE:
        return StepResult([])
    found = risks(pools, aws, desired, planned)
    if mode == REFUSE:
        refused = {name: Failure(f"{reason}; nothing was changed: {WAY_OUT}") for name, reason in found.items()}
        aws.count(failed=len(refused))
        return StepResult([pool_result(name, [Outcome(None, failure)]) for name, failure in refused.items()])
    return _warned(found)


def ahead(run: Run, desired: Desired, found: Outcomes, pools: Sequence[Pool]) -> StepResult:
    """The same before the first step of an apply, which reads the policies ahead.

    :param found: what was planned of ``desired`` before.
    """
    mode = run.options["on_scale_in"]
    # What could not be read ahead may be read in the policies' own step, and changed there: so it is read here too.
    missing = {key: wanted for key, wanted in desired.items() if key not in found or found[key].failure}
    try:
        live = {**found, **(policies.look(run, pools, missing) if missing else {})}
    except Exception as error:
        if mode == REFUSE:
            raise
        # The step comes upon it again, and says whose pools it stops.
        return unknown(pools, error)
    return look(pools, run.aws, mode, desired, live)


def unknown(pools: Sequence[Pool], error: Exception) -> StepResult:
    """A warning for each pool, where the policies themselves could not be read."""
    return _warned(
        {pool.name: _unknown(f"the live policy of group {pool.auto_scaling_group_name}", error) for pool in pools}
    )


def _warned(found: Mapping[str, str]) -> StepResult:
    rows = [pool_result(name, [], scale_in=reason) for name, reason in found.items()]
    lines = [f"pool {name}: {reason}" for name, reason in found.items()]
    return StepResult(rows, facts=warning(lines))


def risks(
    pools: Sequence[Pool],
    aws: Aws,
    desired: Mapping[policy.Key, policy.DesiredPolicies],
    planned: Mapping[policy.Key, Outcome],
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> dict[str, str]:
    """What AWS may do to each pool once its policy has changed, as a clause; nothing of those that it leaves alone.

    :param now: the time in UTC.
    """
    changes = list(_changes(pools, desired, planned))
    if not changes:
        return {}
    try:
        groups = group.find(aws, dict.fromkeys(change.pool.auto_scaling_group_name for change in changes))
    except Failure as failure:
        return {
            change.pool.name: _unknown(f"the capacity of group {change.pool.auto_scaling_group_name}", failure)
            for change in changes
        }
    shrinking = [change for change in changes if _can_shrink(groups[change.pool.auto_scaling_group_name])]
    thresholds, series, at = _thresholds(aws, shrinking), _series(aws, shrinking, now()), now()
    clauses_of: dict[Pool, list[str]] = {}
    for change in shrinking:
        if clause := _clause(change, thresholds, series, at):
            clauses_of.setdefault(change.pool, []).append(clause)
    in_flight = _in_flight(aws, [pool.queue_name for pool in clauses_of])
    return {
        pool.name: f"{'; '.join(dict.fromkeys(clauses))}; desired capacity is "
        f"{groups[pool.auto_scaling_group_name].desired_capacity}, {in_flight[pool.queue_name]}"
        for pool, clauses in clauses_of.items()
    }


def _changes(
    pools: Sequence[Pool], desired: Mapping[policy.Key, policy.DesiredPolicies], planned: Mapping[policy.Key, Outcome]
) -> Iterator[Change]:
    plans = [
        (pool, outcome.found, desired[key].over(outcome.found))
        for pool in pools
        if (outcome := planned.get(key := policy.key_of(pool)))
        and outcome.changed
        and isinstance(outcome.found, Policies)
    ]
    staying = _staying((live, wanted) for _pool, live, wanted in plans)
    for pool, live, wanted in plans:
        changing = _changing(live, wanted)
        for name, one in changing.items():
            if one and _scales_in(one):
                yield Change(pool, one, live.by_name.get(name))
        freeing = [name for name, one in changing.items() if _scales_in(live.by_name.get(name)) and not _scales_in(one)]
        for one in staying[pool.auto_scaling_group_name] if freeing else ():
            if _scales_in(one):
                yield Change(pool, one, one, tuple(freeing))


def _staying(plans: Iterable[tuple[Policies, Policies]]) -> dict[str, list[Policy]]:
    """The live policies that no plan changes, by group: several pools may change policies of one."""
    found: dict[str, dict[str, Policy]] = {}
    for live, wanted in plans:
        left = found.setdefault(live.group_name, {name: one for name, one in live.by_name.items() if one})
        for name in _changing(live, wanted):
            left.pop(name, None)
    return {group_name: list(left.values()) for group_name, left in found.items()}


def _changing(live: Policies, wanted: Policies) -> dict[str, Policy | None]:
    return {name: one for name, one in wanted.by_name.items() if live.by_name.get(name) != one}


def _scales_in(found: Policy | None) -> bool:
    return found is not None and found.tracked is not None and found.enabled and not found.disable_scale_in


def _can_shrink(found: group.Group | None) -> bool:
    if found is None or "AlarmNotification" in found.suspended_processes:
        return False
    return found.desired_capacity > found.min_size


def _thresholds(aws: Aws, changes: Sequence[Change]) -> Mapping[str, float] | Failure:
    """Of the scale-in alarms that stay, by the name of the alarm; or why they are not known."""
    named = [name for change in changes if change.keeps_alarms and change.live for name in _alarm_names(change.live)]
    try:
        return trigger.low_thresholds(aws, list(dict.fromkeys(named)))
    except Failure as failure:
        return failure


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


def _clause(
    change: Change,
    thresholds: Mapping[str, float] | Failure,
    series: Mapping[MetricQuery, Any],
    now: datetime,
) -> str | None:
    """What may happen, as a clause; None where nothing will."""
    tracked = change.wanted.tracked
    name = metric.short_name(tracked) if tracked else ""
    try:
        points = _newest(change, series, now)
    except Failure as failure:
        return _unknown(name, failure)
    # The alarm of a policy that stays has judged before now, also a metric that has not a value for each period.
    if len(points) < (1 if change.freed_by else LOW_PERIODS):
        return None
    try:
        threshold, whose = _threshold(change, thresholds)
    except Failure as failure:
        return _unknown(f"the threshold of {_low_alarm(change)}", failure)
    if any(value >= threshold for value in points):
        return None
    period = max(query.period for query in change.inputs)
    minutes = LOW_PERIODS * period / 60
    freed = f", and AWS will no longer wait for {listed(change.freed_by)} to agree" if change.freed_by else ""
    return (
        f"AWS may scale in within about a minute: {name} has been below {threshold:g} for {minutes:g} minutes "
        f"({whose}){freed}"
    )


def _low_alarm(change: Change) -> str:
    """The scale-in alarm of a policy by its name: AWS writes AlarmHigh or AlarmLow into it (observed)."""
    names = _alarm_names(change.live) if change.live else []
    return "alarm " + " or ".join([name for name in names if "AlarmLow" in name] or names)


def _unknown(what: str, error: Exception) -> str:
    reason = str(error) if isinstance(error, Failure) else repr(error)
    return f"whether AWS scales in once the policy has changed is unknown, as {what} is not known ({reason})"


def _threshold(change: Change, thresholds: Mapping[str, float] | Failure) -> tuple[float, str]:
    """The threshold and whose it is; raises Failure where an alarm stays and could not be read."""
    names = _alarm_names(change.live) if change.keeps_alarms and change.live else []
    if names and isinstance(thresholds, Failure):
        raise thresholds
    if isinstance(thresholds, Mapping):
        live = next((thresholds[name] for name in names if name in thresholds), None)
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


def _in_flight(aws: Aws, names: Sequence[str]) -> dict[str, str]:
    """By queue, as a clause; a pool whose queue fails here is warned of all the same."""
    try:
        found = queue.find(aws, {name: queue.Queue(name) for name in names})
    except Failure:
        found = {}
    return {name: _counted(found.get(name)) for name in names}


def _counted(found: Any) -> str:
    if not isinstance(found, queue.Queue):
        return "how many messages are in flight is not known"
    count = found.counts["in flight"]
    return f"{count} message{'s are' if count != 1 else ' is'} in flight"
