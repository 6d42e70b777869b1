# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything is read once, in parallel, for all pools together: each reading a value, or the failure that it met.

Only a queue costs requests of its own. What AWS has no batched form for (lifecycle hooks, instance refreshes) is asked
of those groups only where the answer matters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from ..failures import Failure
from ..plan import Aws
from ..pool import Pool
from ..resources import answer, datapoints, function, snapshot
from ..resources.datapoints import Series
from ..resources.group import NAMES_PER_REQUEST, replies
from .evidence.series import summed
from .observed import Expected, Observed, Reply, was_busy
from .observing import measurements, reads
from .observing.asking import Answers, Asking
from .observing.measurements import Queries

# The readings that are of the publisher's function, but its metrics.
OF_FUNCTION = (
    "function",
    "live_version",
    "aliases",
    "versions",
    "reserved_concurrency",
    "permissions",
    "role_statements",
    "log_errors",
    "answer",
)


def observe(
    aws: Aws, expected: Sequence[Expected], since: datetime, now: datetime, invoke: bool = False
) -> dict[str, Observed]:
    """What is read of each pool, by its name.

    :param expected: of all pools of the region. :param since: the start of the time window.
    :param invoke: whether the publisher is asked what it measures, which publishes nothing.
    :raises Unusable: where nothing can be asked of AWS at all.
    """
    pools = [one.pool for one in expected]
    published = [one for one in expected if one.pool.published]
    functions = _unique(one.function_name for one in published)
    asking = Asking(aws)
    # In this order: a reading that waits for another holds up a thread, so the many that may wait come last.
    _ask_of_region(asking, aws, pools, since, now)
    _ask_of_metrics(asking, aws, pools, functions, since, now)
    _ask_of_schedules(asking, aws, _unique(one.rule_name for one in published))
    for name in functions:
        _ask_of_function(asking, aws, name, since, invoke)
    _ask_of_queues(asking, aws, pools)
    _ask_of_redriven(asking, aws, pools, since, now)
    for name in _groups(pools):
        _ask_of_group(asking, aws, name, pools, since)
    answers = asking.all()
    return {one.pool.name: Observed(now, since, aws.place, _readings(one, answers)) for one in expected}


def _unique(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))


def _groups(pools: Sequence[Pool]) -> list[str]:
    return _unique(pool.auto_scaling_group_name for pool in pools)


# --- what is asked ----------------------------------------------------------------------------------------------


def _ask_of_region(asking: Asking, aws: Aws, pools: Sequence[Pool], since: datetime, now: datetime) -> None:
    names = _groups(pools)
    asking.many("group", reads.in_batches(names, NAMES_PER_REQUEST), partial(replies, aws))
    asking.one("policies", lambda: reads.policies(aws, names))
    asking.one("scheduled_actions", lambda: reads.scheduled_actions(aws, names))
    asking.one("activities", lambda: reads.activities(aws, names, since))
    parameters = [name for pool in pools for name in _parameter_names(pool)]
    asking.many("snapshot", reads.in_batches(parameters, reads.PARAMETERS_PER_REQUEST), partial(reads.snapshots, aws))
    asking.one("alarms", lambda: reads.alarms(aws, asking.value("policies")))

    def history() -> list[Reply]:
        # The policies name their alarms too, so this has an answer also where the alarms themselves may not be read.
        alarms = [alarm["AlarmName"] for alarm in asking.known("alarms") or ()]
        return reads.alarm_history(aws, _unique([*reads.named_alarms(asking.value("policies")), *alarms]), since, now)

    asking.one("alarm_history", history)


def _parameter_names(pool: Pool) -> tuple[str, str]:
    name = snapshot.parameter_name(pool.auto_scaling_group_name, pool.policy_name)
    return name, f"{name}/{snapshot.BASELINE}"


def _ask_of_metrics(
    asking: Asking, aws: Aws, pools: Sequence[Pool], functions: Sequence[str], since: datetime, now: datetime
) -> None:
    queries = [query for name in functions for query in measurements.of_function(name).values()]
    for pool in pools:
        queries += measurements.of_queue(pool.queue_name).values()
        queries += measurements.of_group(pool.auto_scaling_group_name).values()
        if pool.dead_letter_queue_name:
            queries += measurements.of_dead_letter_queue(pool.dead_letter_queue_name).values()
        if pool.published:
            queries.append(measurements.published(pool))
        if pool.divided_by_publisher:
            queries.append(measurements.per_instance(pool))
    batches = datapoints.batches(queries, since, now)
    asking.many("queue_metrics", batches, lambda batch: datapoints.read(aws, batch, since, now))


def _ask_of_schedules(asking: Asking, aws: Aws, names: Sequence[str]) -> None:
    for name in names:
        asking.one("rule", partial(reads.rule, aws, name), name)
        asking.one("targets", partial(reads.targets, aws, name), name)


def _ask_of_function(asking: Asking, aws: Aws, name: str, since: datetime, invoke: bool) -> None:
    def fired() -> Reply | None:
        """What lies there is what is fired, where there is no alias."""
        found: Reply | None = asking.value("live_version", name) or asking.value("function", name)
        return found

    def log_errors() -> Any:
        # Most functions write to the log group of their name: worth a try where the configuration may not be read.
        known = asking.known("live_version", name) or asking.known("function", name)
        return reads.log_errors(aws, name, known, since)

    def answered() -> Reply | None:
        live = asking.value("live_version", name)
        if live is None or live.get("Description") != function.DESCRIPTION:
            # Nobody knows what a function made by hand does when it is invoked.
            return None
        return answer.asked(aws, name, function.LIVE, {"publish": False})

    asking.one("function", partial(reads.configuration, aws, name), name)
    asking.one("live_version", partial(reads.configuration, aws, name, function.LIVE), name)
    asking.one("aliases", partial(function.aliases, aws, name), name)
    asking.one("versions", partial(reads.versions, aws, name), name)
    asking.one("reserved_concurrency", partial(reads.reserved_concurrency, aws, name), name)
    asking.one("permissions", partial(reads.permissions, aws, name), name)
    asking.one("role_statements", lambda: reads.role_statements(aws, fired()), name)
    asking.one("log_errors", log_errors, name)
    asking.one("answer", answered if invoke else lambda: None, name)


def _ask_of_queues(asking: Asking, aws: Aws, pools: Sequence[Pool]) -> None:
    names = [pool.queue_name for pool in pools]
    names += [pool.dead_letter_queue_name for pool in pools if pool.dead_letter_queue_name]
    for name in _unique(names):
        asking.one("queue", partial(reads.queue_attributes, aws, name), name)


def _ask_of_redriven(asking: Asking, aws: Aws, pools: Sequence[Pool], since: datetime, now: datetime) -> None:
    """Dead-letter queues that are not declared, and so are known only once their queue is read. By its name."""
    sources = _unique(pool.queue_name for pool in pools if not pool.dead_letter_queue_name)

    def attributes(source: str) -> Any:
        name = reads.dead_letter_queue_name(asking.value("queue", source))
        return reads.queue_attributes(aws, name) if name else None

    def metrics(batch: Sequence[str]) -> dict[str, Any]:
        found = {source: asking.outcome("dead_letter_queue", source) for source in batch}
        queries = {
            source: measurements.of_dead_letter_queue(read["QueueArn"].rsplit(":", 1)[-1])
            for source, read in found.items()
            if read and not isinstance(read, Failure)
        }
        series: dict[Any, Any] = {}
        for some in datapoints.batches([query for one in queries.values() for query in one.values()], since, now):
            series |= datapoints.read(aws, some, since, now)
        return {
            source: read if isinstance(read, Failure) else _all_or_failure(queries.get(source, {}), series.__getitem__)
            for source, read in found.items()
        }

    for source in sources:
        asking.one("dead_letter_queue", partial(attributes, source), source)
    asking.many("dead_letter_metrics", [tuple(sources)] if sources else [], metrics)


def _ask_of_group(asking: Asking, aws: Aws, name: str, pools: Sequence[Pool], since: datetime) -> None:
    """Neither has a form for several groups, so each would cost a fleet one request per pool."""
    own = [pool for pool in pools if pool.auto_scaling_group_name == name]

    def hooks() -> list[Reply]:
        # A hook keeps a worker alive until its message is done with: where none had one in hand, none needs it.
        group = asking.value("group", name)
        needed = group is not None and any(_was_busy(asking, pool) for pool in own)
        return reads.lifecycle_hooks(aws, name) if needed else []

    def refreshes() -> list[Reply]:
        # A refresh matters where it may not replace an instance, and where there was one in the window.
        group = asking.value("group", name)
        done = [one for one in asking.known("activities") or () if one["AutoScalingGroupName"] == name]
        refreshed = any("instance refresh" in one.get("Cause", "") and one["StartTime"] >= since for one in done)
        needed = group is not None and (refreshed or _may_hold_up_a_refresh(group))
        return reads.instance_refreshes(aws, name) if needed else []

    asking.one("lifecycle_hooks", hooks, name)
    asking.one("instance_refreshes", refreshes, name)


def _was_busy(answers: Answers, pool: Pool) -> bool:
    in_flight = measurements.of_queue(pool.queue_name)["in_flight"]
    return was_busy(answers.outcome("queue", pool.queue_name), answers.outcome("queue_metrics", in_flight))


def _may_hold_up_a_refresh(group: Reply) -> bool:
    instances = group.get("Instances") or ()
    held = [one.get("ProtectedFromScaleIn") or one.get("LifecycleState") == "Standby" for one in instances]
    suspended = [process["ProcessName"] for process in group.get("SuspendedProcesses") or ()]
    return bool(group.get("NewInstancesProtectedFromScaleIn")) or any(held) or "InstanceRefresh" in suspended


# --- what it tells of one pool ----------------------------------------------------------------------------------


def _readings(one: Expected, answers: Answers) -> dict[str, Any]:
    pool = one.pool
    group, (newest, baseline) = pool.auto_scaling_group_name, _parameter_names(pool)
    queue_metrics = _measured(answers, measurements.of_queue(pool.queue_name))
    policies = _of_group(answers.outcome("policies"), group)
    alarms = _with(answers.outcome("alarms"), policies, reads.alarms_of)
    readings = {
        "queue": answers.outcome("queue", pool.queue_name),
        "queue_metrics": queue_metrics,
        **_of_dead_letters(pool, answers),
        "policies": policies,
        "alarms": alarms,
        "alarm_history": _with(answers.outcome("alarm_history"), policies, partial(_changes, alarms)),
        "group": answers.outcome("group", group),
        "group_metrics": _measured(answers, measurements.of_group(group)),
        "lifecycle_hooks": answers.outcome("lifecycle_hooks", group),
        "instance_refreshes": answers.outcome("instance_refreshes", group),
        "scheduled_actions": _of_group(answers.outcome("scheduled_actions"), group),
        "activities": _of_group(answers.outcome("activities"), group),
        "snapshot": answers.outcome("snapshot", newest),
        "baseline": answers.outcome("snapshot", baseline),
    }
    if pool.published:
        readings |= _of_publisher(one, answers)
        readings["metric"] = answers.outcome("queue_metrics", measurements.published(pool))
        if pool.divided_by_publisher:
            readings["per_instance_metric"] = answers.outcome("queue_metrics", measurements.per_instance(pool))
        return readings
    return {**readings, "metric": _total(queue_metrics)}


def _of_dead_letters(pool: Pool, answers: Answers) -> dict[str, Any]:
    declared = pool.dead_letter_queue_name
    if not declared:
        return {name: answers.outcome(name, pool.queue_name) for name in ("dead_letter_queue", "dead_letter_metrics")}
    return {
        "dead_letter_queue": answers.outcome("queue", declared),
        "dead_letter_metrics": _measured(answers, measurements.of_dead_letter_queue(declared)),
    }


def _of_publisher(one: Expected, answers: Answers) -> dict[str, Any]:
    name = one.function_name
    return {
        **{reading: answers.outcome(reading, name) for reading in OF_FUNCTION},
        "function_metrics": _measured(answers, measurements.of_function(name)),
        "rule": answers.outcome("rule", one.rule_name),
        "targets": answers.outcome("targets", one.rule_name),
    }


def _measured(answers: Answers, queries: Queries) -> Any:
    return _all_or_failure(queries, partial(answers.outcome, "queue_metrics"))


def _all_or_failure(queries: Queries, series_of: Callable[[Any], Any]) -> Any:
    """The series by name, or the first failure: half of them could be taken for all."""
    series = {name: series_of(query) for name, query in queries.items()}
    failures = [one for one in series.values() if isinstance(one, Failure)]
    return failures[0] if failures else series


def _total(metrics: Any) -> Any:
    """Visible + in flight by the minute, as a policy with an ``sqs_`` signal computes it."""
    if isinstance(metrics, Failure):
        return metrics
    depth: Series = summed([metrics["visible"], metrics["in_flight"]])
    return depth


def _of_group(found: Any, name: str) -> Any:
    return found if isinstance(found, Failure) else reads.of_groups([name], found)


def _with(found: Any, other: Any, joined: Callable[[Any, Any], Any]) -> Any:
    """Two readings in one, or the failure of either."""
    failures = [one for one in (found, other) if isinstance(one, Failure)]
    return failures[0] if failures else joined(found, other)


def _changes(alarms: Any, found: Sequence[Reply], policies: Sequence[Reply]) -> list[Reply]:
    names = set(reads.named_alarms(policies))
    names |= set() if isinstance(alarms, Failure) else {alarm["AlarmName"] for alarm in alarms}
    return [change for change in found if change["AlarmName"] in names]
