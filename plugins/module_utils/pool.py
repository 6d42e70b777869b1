# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A pool: one queue, the group that works on it, the metric between them, and the rules a pool must keep.

Every rule is checked over the whole list before the first request; every breach names the pool, the option and the
way out. The limits are those of the API references of Amazon SQS, Amazon CloudWatch and Amazon EC2 Auto Scaling.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from .failures import Failure, listed

PUBLISHED_TOTAL = "published_total"
PUBLISHED_PER_INSTANCE = "published_per_instance"
SIGNALS = (PUBLISHED_TOTAL, "sqs_total", PUBLISHED_PER_INSTANCE, "sqs_per_instance")

METRIC_OPTIONS: dict[str, Any] = {
    "namespace": {"type": "str", "required": True},
    "name": {"type": "str", "required": True},
    "dimensions": {"type": "dict", "required": True},
    "per_instance_name": {"type": "str"},
}
POOL_OPTIONS: dict[str, Any] = {
    "name": {"type": "str", "required": True},
    "queue_name": {"type": "str", "required": True},
    "dead_letter_queue_name": {"type": "str"},
    "max_receive_count": {"type": "int", "default": 3},
    "visibility_timeout": {"type": "int"},
    "message_retention_period": {"type": "int"},
    "auto_scaling_group_name": {"type": "str", "required": True},
    "policy_name": {"type": "str", "required": True},
    "signal": {"type": "str", "default": PUBLISHED_TOTAL, "choices": list(SIGNALS)},
    "metric": {"type": "dict", "options": METRIC_OPTIONS},
    "target_value": {"type": "float", "default": 1.0},
    "disable_scale_in": {"type": "bool", "default": False},
    "estimated_instance_warmup": {"type": "int"},
    "exclusive": {"type": "bool", "default": False},
    "min_size": {"type": "int"},
    "max_size": {"type": "int"},
}

NO_COOLDOWN = (
    "EC2 target tracking has no cooldown (ScaleOutCooldown and ScaleInCooldown belong to Application Auto Scaling); "
    "remove it, or set estimated_instance_warmup to the seconds a worker needs to start"
)


@dataclass(frozen=True)
class Metric:
    """The CloudWatch metric that a publisher writes and a policy follows; dimensions are a set, kept sorted."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...]

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> Metric:
        dimensions = sorted((name, str(value)) for name, value in params["dimensions"].items())
        return cls(params["namespace"], params["name"], tuple(dimensions))


def per_instance_name(metric: Mapping[str, Any]) -> str:
    """The name of the metric that holds the depth per instance, as declared or as it is by default."""
    return metric.get("per_instance_name") or f"{metric['name']}PerInstance"


@dataclass(frozen=True)
class Pool:
    """One pool as declared. None means: not managed, left as it is."""

    name: str
    queue_name: str
    auto_scaling_group_name: str
    policy_name: str
    dead_letter_queue_name: str | None = None
    max_receive_count: int = 3
    visibility_timeout: int | None = None
    message_retention_period: int | None = None
    signal: str = PUBLISHED_TOTAL
    metric: Metric | None = None
    per_instance_metric: Metric | None = None
    target_value: float = 1.0
    disable_scale_in: bool = False
    estimated_instance_warmup: int | None = None
    exclusive: bool = False
    # What the group's sizes should be: only compared, never written.
    min_size: int | None = None
    max_size: int | None = None

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> Pool:
        metric = params.get("metric")
        if not metric:
            return cls(**{**params, "metric": None})
        total = Metric.from_params(metric)
        return cls(**{**params, "metric": total, "per_instance_metric": replace(total, name=per_instance_name(metric))})

    @property
    def published(self) -> bool:
        """Whether the publisher measures this pool (else CloudWatch's own AWS/SQS metrics do)."""
        return self.signal.startswith("published_")

    @property
    def per_instance(self) -> bool:
        """Whether the policy follows the depth over the group's desired capacity, and not the depth itself."""
        return self.signal.endswith("_per_instance")

    @property
    def divided_by_publisher(self) -> bool:
        """Whether the publisher reads the group too, and publishes the depth per instance beside the total."""
        return self.signal == PUBLISHED_PER_INSTANCE

    @property
    def depth_field(self) -> str:
        """The field of the publisher's reply that holds this pool's depth."""
        return f"{self.name}_queue_depth_total"


def pools_from_params(pools: Sequence[Mapping[str, Any]]) -> tuple[Pool, ...]:
    """The pools of a list that already has the argument spec's types; raises Failure with every breach."""
    breaches = list(breaches_of(pools))
    if breaches:
        raise Failure(message_of(breaches))
    return tuple(Pool.from_params(params) for params in pools)


def message_of(breaches: Sequence[str]) -> str:
    """All breaches as one message, each on a line of its own where there are several."""
    if len(breaches) == 1:
        return breaches[0]
    return f"{len(breaches)} problems in pools:\n" + "\n".join(f"- {breach}" for breach in breaches)


def label(params: Any, position: int) -> str:
    """How a message names a pool: by its name, or by its place in the list where it has none."""
    name = params.get("name") if isinstance(params, Mapping) else None
    return f"pool {name}" if isinstance(name, str) and name else f"pool number {position + 1}"


def breaches_of(pools: Sequence[Mapping[str, Any]], positions: Sequence[int] | None = None) -> Iterator[str]:
    """:param positions: where each pool stands in the list that the user wrote."""
    if not pools:
        yield "pools is empty: list at least one pool"
    for position, params in zip(positions or range(len(pools)), pools, strict=True):
        for breach in _breaches_of_one(params):
            yield f"{label(params, position)}: {breach}"
    yield from _breaches_between(pools)


# --- one pool ---------------------------------------------------------------------------------------------------


def _breaches_of_one(params: Mapping[str, Any]) -> Iterator[str]:
    if not re.fullmatch(r"[a-z][a-z0-9_]*", params["name"]):
        yield f"name: {params['name']!r} must start with a letter a-z and hold only a-z, 0-9 and _"
    yield from _queue_breaches(params)
    yield from _group_breaches(params)
    yield from _metric_breaches(params)


def _queue_breaches(params: Mapping[str, Any]) -> Iterator[str]:
    queue, dead_letter = params["queue_name"], params.get("dead_letter_queue_name")
    yield from _queue_name_breaches("queue_name", queue)
    if dead_letter is not None:
        yield from _queue_name_breaches("dead_letter_queue_name", dead_letter)
        if dead_letter == queue:
            yield f"dead_letter_queue_name: {dead_letter!r} is the queue itself; name another queue"
        elif dead_letter.endswith(".fifo") != queue.endswith(".fifo"):
            yield (
                f"dead_letter_queue_name: {dead_letter!r} and queue_name {queue!r} must both end in .fifo or neither; "
                "a FIFO queue takes only a FIFO dead-letter queue"
            )
    yield from _range_breaches(params, "max_receive_count", 1, 1000)
    yield from _range_breaches(params, "visibility_timeout", 0, 43200, "seconds")
    yield from _range_breaches(params, "message_retention_period", 60, 1209600, "seconds")


def _queue_name_breaches(option: str, name: str) -> Iterator[str]:
    if not 1 <= len(name) <= 80:
        yield f"{option}: {name!r} has {len(name)} characters; SQS takes 1 to 80 (.fifo included)"
    if name and not re.fullmatch(r"[A-Za-z0-9_-]+(\.fifo)?", name):
        yield f"{option}: {name!r} may hold only letters, digits, - and _ (and end in .fifo); give the name, not a URL"


def _group_breaches(params: Mapping[str, Any]) -> Iterator[str]:
    for option in ("auto_scaling_group_name", "policy_name"):
        name = params[option]
        if not name.strip() or len(name) > 255:
            yield f"{option}: {name!r} must have 1 to 255 characters"
    if ":" in params["auto_scaling_group_name"]:
        yield "auto_scaling_group_name: a name has no colon; give the group's name, not its ARN"
    target = params["target_value"]
    if not (math.isfinite(target) and target > 0):
        yield f"target_value: {target} must be a number above 0"
    yield from _range_breaches(params, "estimated_instance_warmup", 0, 2**31 - 1, "seconds")
    yield from _range_breaches(params, "min_size", 0, 2**31 - 1)
    yield from _range_breaches(params, "max_size", 0, 2**31 - 1)
    least, most = params.get("min_size"), params.get("max_size")
    if least is not None and most is not None and least > most:
        yield f"min_size: {least} is above max_size {most}; give at most that"


def _range_breaches(params: Mapping[str, Any], option: str, low: int, high: int, unit: str = "") -> Iterator[str]:
    value = params.get(option)
    if value is not None and not low <= value <= high:
        yield f"{option}: {value} must be from {low} to {high}{' ' if unit else ''}{unit}"


def _metric_breaches(params: Mapping[str, Any]) -> Iterator[str]:
    signal, metric = params["signal"], params.get("metric")
    if metric is None:
        if signal.startswith("published_"):
            other = signal.replace("published_", "sqs_")
            yield f"metric: signal {signal} needs one; give namespace, name and dimensions, or use signal {other}"
        return
    namespace, named = metric["namespace"], {"name": metric["name"], "per_instance_name": per_instance_name(metric)}
    if not re.fullmatch(r"[0-9A-Za-z.\-_/#: ]{1,255}", namespace) or not namespace.strip():
        yield f"metric.namespace: {namespace!r} must have 1 to 255 characters of a-z, A-Z, 0-9 and . - _ / # : space"
    elif namespace.startswith("AWS/"):
        yield f"metric.namespace: {namespace!r} is reserved by AWS; choose one that does not start with AWS/"
    elif namespace.startswith(":"):
        yield f"metric.namespace: {namespace!r} must not start with a colon"
    for option, name in named.items():
        if option == "name" or signal == PUBLISHED_PER_INSTANCE or metric.get(option):
            yield from _metric_name_breaches(option, name)
    if named["name"] == named["per_instance_name"]:
        yield f"metric.per_instance_name: {named['name']!r} is the name of the total too; give another one"
    yield from _dimension_breaches(metric["dimensions"])


def _metric_name_breaches(option: str, name: str) -> Iterator[str]:
    if not name.strip() or len(name) > 255 or not name.isascii():
        hint = "; give a shorter metric.per_instance_name" if option != "name" and len(name) > 255 else ""
        yield f"metric.{option}: {name!r} must have 1 to 255 ASCII characters{hint}"


def _dimension_breaches(dimensions: Mapping[Any, Any]) -> Iterator[str]:
    if not 1 <= len(dimensions) <= 30:
        yield f"metric.dimensions: {len(dimensions)} given; CloudWatch takes 1 to 30 (WorkerType: Video, for example)"
    for name, value in dimensions.items():
        if not isinstance(name, str) or not name.strip() or len(name) > 255 or not name.isascii() or name[0] == ":":
            yield f"metric.dimensions: the name {name!r} must have 1 to 255 ASCII characters and not start with a colon"
        text = str(value) if isinstance(value, (str, int, float)) and not isinstance(value, bool) else ""
        if not text.strip() or len(text) > 1024 or not text.isascii():
            yield f"metric.dimensions: the value of {name!r} must be a text of 1 to 1024 ASCII characters"


# --- the pools of one list, held against each other -------------------------------------------------------------


def _breaches_between(pools: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for name, times in Counter(params["name"] for params in pools).items():
        if times > 1:
            yield f"pool {name}: name: used {times} times; every pool needs a name of its own"
    for (group, policy), names in _sharing(pools, lambda p: (p["auto_scaling_group_name"], p["policy_name"])):
        yield f"{names}: policy_name: both own policy {policy} of group {group}; give each pool its own policy_name"
    for metric, names in _sharing(_written(pools), lambda p: p["metric"]):
        yield f"{names}: metric: both publish {metric.namespace} {metric.name} with equal dimensions; tell them apart"
    for group, names in _sharing(pools, lambda p: p["auto_scaling_group_name"]):
        if any(p["exclusive"] for p in pools if p["auto_scaling_group_name"] == group):
            yield f"{names}: exclusive: would remove the other pool's policy of group {group}; set exclusive to false"
    yield from _queue_conflicts(pools)


def _written(pools: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Every metric that the publisher writes, with the pool's name."""
    for params in pools:
        if params.get("metric") and params["signal"].startswith("published_"):
            total = Metric.from_params(params["metric"])
            yield {"name": params["name"], "metric": total}
            if params["signal"] == PUBLISHED_PER_INSTANCE:
                yield {"name": params["name"], "metric": replace(total, name=per_instance_name(params["metric"]))}


def _sharing(pools: Iterable[Mapping[str, Any]], key: Any) -> Iterator[tuple[Any, str]]:
    """Each key that several pools of different names have, with those pools in words."""
    users: dict[Any, list[str]] = {}
    for params in pools:
        users.setdefault(key(params), []).append(params["name"])
    for shared, names in users.items():
        if len(set(names)) > 1:
            yield shared, "pools " + (" and ".join(names) if len(names) < 3 else listed(names))


def _queue_conflicts(pools: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Two pools may share a queue, but not declare it in two ways."""
    for queue, names in _sharing(pools, lambda p: p["queue_name"]):
        sharers = [params for params in pools if params["queue_name"] == queue]
        for option in (
            "dead_letter_queue_name",
            "max_receive_count",
            "visibility_timeout",
            "message_retention_period",
        ):
            if len({params.get(option) for params in sharers}) > 1:
                yield f"{names}: {option}: declared differently for the one queue {queue}; give the same value"
    work_queues = {params["queue_name"]: params["name"] for params in pools}
    for params in pools:
        owner = work_queues.get(params.get("dead_letter_queue_name") or "")
        if owner and owner != params["name"]:
            yield (
                f"pool {params['name']}: dead_letter_queue_name: {params['dead_letter_queue_name']!r} is the queue of "
                f"pool {owner}; a dead-letter queue takes no jobs of its own"
            )
