# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Publishes each pool's queue depth (visible + in flight) as a CloudWatch metric, once per invocation.

Of a pool that names its Auto Scaling group it also publishes the depth over the group's desired capacity. While such a
value is above the pool's target the group may grow any moment, and AWS would multiply the value by a capacity that it
was not divided by. So the group is read again and again until the time is up, and first thing in the next invocations;
where its capacity has grown, the same minute gets a second, lower value, and the policy follows the minimum.

A queue that cannot be read publishes nothing: a false zero would scale busy workers in. A group that cannot be read
leaves out the value per instance. All else is published, and then the invocation fails and names the pool. The settings
lie in ``pools.json`` beside this file.

Events:
    anything               measure and publish every pool; fail if one could not be (what the schedule sends)
    {"publish": true}      measure and publish every pool; answer the values, and which pools failed
    {"publish": false}     measure, publish nothing; answer the values, and which pools failed
    {"describe": true}     read nothing; answer the version and the settings
"""

from __future__ import annotations

import json
import os
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import cache
from os.path import commonprefix
from pathlib import Path
from threading import Event
from typing import Any, NamedTuple, TypeVar

# Not boto3, which this file needs nothing of: a start would load its S3 transfers too.
from botocore.config import Config
from botocore.session import Session

Pool = Mapping[str, Any]
# Of a sample: its pool's name, and its time.
Key = tuple[str, datetime]
Task = TypeVar("Task")


class Group(NamedTuple):
    """An Auto Scaling group: its desired capacity, and the largest that it may have."""

    capacity: int
    maximum: int


class Sample(NamedTuple):
    """A queue's depth, and the desired capacity that it was divided by last."""

    pool: Pool
    depth: int
    capacity: int
    at: datetime

    @property
    def per_instance(self) -> float:
        if self.capacity > 0:
            return self.depth / self.capacity
        # There is nothing to divide by, and the alarm that starts the first worker needs more than the target.
        return max(float(self.depth), self.pool["target_value"] * ABOVE_TARGET) if self.depth else 0.0

    @property
    def is_high(self) -> bool:
        return bool(self.per_instance > self.pool["target_value"])

    @property
    def key(self) -> Key:
        return self.pool["name"], self.at

    @property
    def group(self) -> str:
        return str(self.pool["auto_scaling_group_name"])


class Value(NamedTuple):
    """One datapoint to write."""

    pool: Pool
    name: str
    value: float
    at: datetime


# Of each queue, for as long as the execution environment lives: the address of a name never changes.
addresses: dict[str, str] = {}
# As long: the samples above the target that may have to be divided anew.
high: dict[Key, Sample] = {}

THREADS = 16
# What PutMetricData takes in one request.
DATA_PER_REQUEST = 1000
BYTES_PER_REQUEST = 1_000_000
# Kept free at the end of an invocation, so that the pools that were read are still published.
RESERVE_SECONDS, RESERVE_PART = 8.0, 0.25
# Of this, the first part is for the groups where the queues took all the time before, and the last part for the answer:
# an invocation that Lambda ends names no pool, and the next one does not know what it has published.
GROUPS_PART, ANSWER_PART = 0.375, 0.125
COUNTS = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
# From so many unknown addresses on, a list of queues is read for them, as long as it is not mostly of other queues.
LISTED_FROM = 200
OTHERS_READ = 20
LISTED_PER_REQUEST = 1000
# The part of the time to read that a list may take; then the queues are asked for by their names.
LISTING_PART = 0.25
# What DescribeAutoScalingGroups takes and returns in one request.
GROUPS_PER_REQUEST = 100
# At capacity 0 one message reads as this much of the target. The policies over metric math have the same number.
ABOVE_TARGET = 1.01
# Between two looks at the groups of samples above the target.
PAUSE_SECONDS = 10.0
# No sample is divided anew after this time. AlarmHigh needs values in three of the five minutes that it reads, so no
# later step is repeated on it; AlarmLow reads fifteen, which an environment that was idle for long must not rewrite.
KEPT_SECONDS = 180


class NotPublished(Exception):
    """Fails the invocation, so that the AWS/Lambda metric Errors shows it."""


class Times(NamedTuple):
    """When an invocation begins, and until when it does what, by the monotonic clock."""

    begin: float
    read_queues: float
    read_groups: float
    write: float

    @classmethod
    def of(cls, context: Any) -> Times:
        begin, seconds = time.monotonic(), context.get_remaining_time_in_millis() / 1000
        kept = min(RESERVE_SECONDS, seconds * RESERVE_PART)
        end = begin + seconds
        return cls(begin, end - kept, end - kept * (1 - GROUPS_PART), end - kept * ANSWER_PART)

    def at_first(self) -> Times:
        """Of the look before the queues: it takes no longer than what is kept free, so there is time to read."""
        kept = min(RESERVE_SECONDS, (self.read_queues - self.begin) * RESERVE_PART)
        return self._replace(read_groups=self.begin + kept / 2, write=self.begin + kept)


def lambda_handler(event: Any, context: Any) -> dict[str, Any]:
    asked = event if isinstance(event, dict) else {}
    pools = settings()
    if asked.get("describe") is True:
        return {"version": context.function_version, "pools": pools}
    times = Times.of(context)
    scheduled, publishing = asked.get("publish") is None, asked.get("publish") is not False
    if scheduled:
        # Before the queues, which may take long: a group may have grown since the last look.
        look_again(context, {sample.group for sample in watched().values()}, times.at_first())
    depths, groups, failures = measure(pools, times)
    at = datetime.now(UTC)
    samples = sampled(pools, depths, groups, at)
    requests = 0
    anew: dict[Key, Sample] = {}
    if publishing:
        grown = divided_anew(groups)
        values = [*map(per_instance, grown.values()), *totals(pools, depths, at), *map(per_instance, samples)]
        requests, refused = publish(values, times.write)
        anew = written(grown, refused)
        remember([*anew.values(), *samples])
        failures.update({name: joined(failures.get(name), reason) for name, reason in refused.items()})
    log(context, pools, failures, publishing, requests, time.monotonic() - times.begin)
    log_anew(context, anew)
    if scheduled:
        watch(context, groups, times)
        if failures:
            reasons = "; ".join(map(": ".join, sorted(failures.items())))
            raise NotPublished(f"not everything was published for {reasons}")
    answer: dict[str, Any] = {f"{name}_queue_depth_total": depth for name, depth in depths.items()}
    answer |= {f"{sample.pool['name']}_queue_depth_per_instance": sample.per_instance for sample in samples}
    return {**answer, "failed": failures} if failures else answer


@cache
def settings() -> list[Pool]:
    pools: list[Pool] = json.loads((Path(__file__).parent / "pools.json").read_text(encoding="utf-8"))
    return pools


@cache
def session() -> Any:
    return Session()


@cache
def client(service: str) -> Any:
    # Two tries of five seconds each: what has no answer by then is asked for in the next look, or the next minute.
    retries: Any = {"mode": "standard", "total_max_attempts": 2}
    return session().create_client(
        service,
        config=Config(connect_timeout=2, read_timeout=3, retries=retries, max_pool_connections=THREADS),
    )


if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
    # Made while Lambda still gives a whole processor; an invocation gets the share that its memory buys.
    client("sqs")
    client("cloudwatch")
    if any("auto_scaling_group_name" in pool for pool in settings()):
        client("autoscaling")


def side_by_side(work: Callable[[Task], None], tasks: Iterable[Task], until: float, threads: int = THREADS) -> None:
    """Do the work for each of the tasks, in this order. When the time is over no more is begun or waited for."""
    ahead = deque(tasks)
    over = Event()

    def run() -> None:
        # A loop per thread, not a future per task: a pool then costs little more than its request.
        while not over.is_set():
            try:
                task = ahead.popleft()
            except IndexError:
                return
            work(task)

    if not ahead:
        return
    seconds = max(until - time.monotonic(), 0.0)
    workers = ThreadPoolExecutor(threads)
    wait([workers.submit(run) for number in range(min(threads, len(ahead)))], timeout=seconds)
    over.set()
    workers.shutdown(wait=False)


def measure(pools: list[Pool], times: Times) -> tuple[dict[str, int], dict[str, Group], dict[str, str]]:
    """What could be read within the time: depths by pool name, groups by name; why not, by pool."""
    readings = read_depths(pools, times.read_queues)
    # After the queues, so that no depth is divided by a capacity of before they were read.
    names = {pool["auto_scaling_group_name"] for pool in pools if "auto_scaling_group_name" in pool}
    return sorted_out(pools, readings, read_groups(names, times.read_groups))


def read_depths(pools: list[Pool], until: float) -> dict[str, int | Exception]:
    """By pool name; without what had no answer in time."""
    sqs = client("sqs")
    readings: dict[str, int | Exception] = {}

    def read(pool: Pool) -> None:
        try:
            readings[pool["name"]] = depth_of(sqs, pool["queue_name"])
        except Exception as error:  # named per pool; the other queues are still read
            readings[pool["name"]] = error

    unknown = {pool["queue_name"] for pool in pools} - addresses.keys()
    if len(unknown) >= LISTED_FROM:
        now = time.monotonic()
        listing = now + (until - now) * LISTING_PART
        side_by_side(lambda names: learn_addresses(sqs, names, listing), [unknown], listing)
    side_by_side(read, pools, until)
    # A copy, as a request that is still under way may end any time.
    return readings.copy()


def sorted_out(
    pools: list[Pool], readings: Mapping[str, int | Exception], groups: Mapping[str, Group | Exception]
) -> tuple[dict[str, int], dict[str, Group], dict[str, str]]:
    depths: dict[str, int] = {}
    failures: dict[str, str] = {}
    for pool in pools:
        name, group_name = pool["name"], pool.get("auto_scaling_group_name")
        reading = readings.get(name)
        if isinstance(reading, int):
            depths[name] = reading
        else:
            failures[name] = "its queue was not read in time" if reading is None else one_line(reading)
        if group_name and not isinstance(group := groups.get(group_name), Group):
            reason = f"its group {group_name} was not read in time" if group is None else one_line(group)
            failures[name] = joined(failures.get(name), f"no value per instance: {reason}")
    return depths, found_of(groups), failures


def found_of(groups: Mapping[str, Group | Exception]) -> dict[str, Group]:
    return {name: group for name, group in groups.items() if isinstance(group, Group)}


def joined(reason: str | None, another: str) -> str:
    return f"{reason}, and {another}" if reason else another


def read_groups(names: Iterable[str], until: float) -> dict[str, Group | Exception]:
    """By name, or why it could not be read; without what had no answer in time."""
    ordered = sorted(names)
    found: dict[str, Group | Exception] = {}
    if ordered:
        paginator = client("autoscaling").get_paginator("describe_auto_scaling_groups")
        parts = (ordered[start : start + GROUPS_PER_REQUEST] for start in range(0, len(ordered), GROUPS_PER_REQUEST))
        side_by_side(lambda part: found.update(described(paginator, part)), parts, until)
    return found.copy()


def described(paginator: Any, names: list[str]) -> dict[str, Group | Exception]:
    try:
        # Without MaxRecords AWS takes no more than 50 names.
        pages = paginator.paginate(AutoScalingGroupNames=names, MaxRecords=GROUPS_PER_REQUEST)
        groups = {
            group["AutoScalingGroupName"]: Group(int(group["DesiredCapacity"]), int(group["MaxSize"]))
            for page in pages
            for group in page["AutoScalingGroups"]
        }
    except Exception as error:  # named per pool; the totals are still published
        return dict.fromkeys(names, error)
    return {name: groups.get(name) or LookupError(f"there is no Auto Scaling group {name}") for name in names}


def sampled(
    pools: Iterable[Pool], depths: Mapping[str, int], groups: Mapping[str, Group], at: datetime
) -> list[Sample]:
    """Of the pools that need a value per instance and have both of its parts."""
    return [
        Sample(pool, depths[pool["name"]], groups[pool["auto_scaling_group_name"]].capacity, at)
        for pool in pools
        if pool["name"] in depths and pool.get("auto_scaling_group_name") in groups
    ]


def totals(pools: Iterable[Pool], depths: Mapping[str, int], at: datetime) -> list[Value]:
    return [
        Value(pool, pool["metric"]["name"], float(depths[pool["name"]]), at) for pool in pools if pool["name"] in depths
    ]


def per_instance(sample: Sample) -> Value:
    return Value(sample.pool, sample.pool["metric"]["per_instance_name"], sample.per_instance, sample.at)


def watch(context: Any, groups: dict[str, Group], times: Times) -> None:
    """Until the time is nearly up: look again at the groups that can still make a sample lower.

    The next invocations do so once more, since the capacity may grow between the two.

    :param groups: what is known of them. A group at its maximum is not looked at; should the maximum be raised, the
        next invocation sees it.
    """
    while names := {sample.group for sample in watched().values() if may_fall(sample, groups.get(sample.group))}:
        now = time.monotonic()
        # By the invocation's own clock: however long the queues took, the last look comes as near to its end.
        pause = PAUSE_SECONDS - (now - times.begin) % PAUSE_SECONDS
        if now + pause >= times.read_queues:
            return
        time.sleep(pause)
        groups |= look_again(context, names, times)


def watched() -> dict[Key, Sample]:
    """The samples of ``high`` that are still young enough to be divided anew."""
    oldest = datetime.now(UTC) - timedelta(seconds=KEPT_SECONDS)
    for key in [key for key, sample in high.items() if sample.at < oldest]:
        del high[key]
    return high


def may_fall(sample: Sample, group: Group | None) -> bool:
    return group is None or sample.capacity < group.maximum


def look_again(context: Any, names: set[str], times: Times) -> dict[str, Group]:
    """Read these groups, and write anew what is lower by them. The groups that were found."""
    found = read_groups(names, times.read_groups)
    grown = divided_anew(found_of(found))
    _requests, refused = publish(map(per_instance, grown.values()), times.write)
    anew = written(grown, refused)
    remember(anew.values())
    log_anew(context, anew)
    not_read = dict.fromkeys(names - found.keys(), "not read in time")
    not_read |= {name: one_line(error) for name, error in found.items() if isinstance(error, Exception)}
    log_not_anew(context, not_read, refused)
    return found_of(found)


def divided_anew(groups: Mapping[str, Group]) -> dict[Key, Sample]:
    """The samples above the target whose group has grown since, as of the moment at which each was taken."""
    anew = [
        sample._replace(capacity=groups[sample.group].capacity)
        for sample in watched().values()
        if sample.group in groups
    ]
    return {sample.key: sample for sample in anew if sample.per_instance < high[sample.key].per_instance}


def written(samples: Mapping[Key, Sample], refused: Mapping[str, str]) -> dict[Key, Sample]:
    return {key: sample for key, sample in samples.items() if sample.pool["name"] not in refused}


def remember(samples: Iterable[Sample]) -> None:
    """What was published. Samples of earlier minutes stay: the alarm may not have seen a newer one yet."""
    for sample in samples:
        if sample.is_high:
            high[sample.key] = sample
        else:
            high.pop(sample.key, None)


def depth_of(sqs: Any, queue_name: str) -> int:
    if queue_name not in addresses:
        addresses[queue_name] = sqs.get_queue_url(QueueName=queue_name)["QueueUrl"]
    reply = sqs.get_queue_attributes(QueueUrl=addresses[queue_name], AttributeNames=list(COUNTS))
    return sum(int(reply["Attributes"][count]) for count in COUNTS)


def learn_addresses(sqs: Any, names: set[str], deadline: float) -> None:
    """Of many queues by the thousand. Whatever is not found, or may not be listed, is asked for by its name."""
    unknown = set(names)
    prefix = commonprefix(list(names))  # noqa: RUF071 - of names, not of paths
    asked = {"MaxResults": LISTED_PER_REQUEST, **({"QueueNamePrefix": prefix} if prefix else {})}
    most = OTHERS_READ * len(unknown)
    with suppress(Exception):
        for page in sqs.get_paginator("list_queues").paginate(**asked):
            found = {url.rsplit("/", 1)[-1]: url for url in page.get("QueueUrls", ())}
            addresses.update({name: found[name] for name in unknown & found.keys()})
            unknown -= found.keys()
            most -= len(found)
            if not unknown or most <= 0 or time.monotonic() >= deadline:
                return


def publish(values: Iterable[Value], until: float) -> tuple[int, dict[str, str]]:
    """Write the values in as few requests as the limits allow. How many were answered, and why not all, by pool."""
    cloudwatch = client("cloudwatch")
    requests = list(batches(values))
    outcomes: dict[int, str | None] = {}

    def put(number: int) -> None:
        namespace, batch = requests[number]
        try:
            cloudwatch.put_metric_data(Namespace=namespace, MetricData=[datum(value) for value in batch])
        except Exception as error:  # named per pool; the other namespaces are still published
            outcomes[number] = one_line(error)
        else:
            outcomes[number] = None

    # One after the other, in a thread only so that the time ends it.
    side_by_side(put, range(len(requests)), until, threads=1)
    answered = outcomes.copy()
    refused: dict[str, str] = {}
    for number, (_namespace, batch) in enumerate(requests):
        if reason := answered.get(number, "not written in time"):
            refused.update({value.pool["name"]: reason for value in batch})
    return len(answered), refused


def batches(values: Iterable[Value]) -> Iterator[tuple[str, list[Value]]]:
    by_namespace: dict[str, list[Value]] = {}
    for value in values:
        by_namespace.setdefault(value.pool["metric"]["namespace"], []).append(value)
    for namespace, listed in by_namespace.items():
        batch: list[Value] = []
        total = 0
        for value in listed:
            size = size_of(value)
            if batch and (len(batch) == DATA_PER_REQUEST or total + size > BYTES_PER_REQUEST):
                yield namespace, batch
                batch, total = [], 0
            batch.append(value)
            total += size
        if batch:
            yield namespace, batch


def size_of(value: Value) -> int:
    """Bytes of one datum in the widest encoding a client may choose, where a character becomes up to three."""
    dimensions = value.pool["metric"]["dimensions"]
    texts = [value.name, *dimensions, *dimensions.values()]
    return 300 + 110 * len(dimensions) + 3 * sum(map(len, texts))


def datum(value: Value) -> dict[str, Any]:
    dimensions = value.pool["metric"]["dimensions"]
    return {
        "MetricName": value.name,
        "Dimensions": [{"Name": name, "Value": one} for name, one in dimensions.items()],
        "Timestamp": value.at,
        "Value": value.value,
        "Unit": "Count",
    }


def one_line(error: BaseException) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())


def log(
    context: Any, pools: list[Pool], failures: Mapping[str, str], publishing: bool, requests: int, seconds: float
) -> None:
    """One structured line per run: CloudWatch Logs Insights finds its fields by themselves."""
    done = "published" if publishing else "measured"
    line = {
        "level": "ERROR" if failures else "INFO",
        "message": f"some queue depths not {done}" if failures else f"queue depths {done}",
        "published": publishing,
        "version": context.function_version,
        "request_id": context.aws_request_id,
        "pools": len(pools),
        "failed": failures,
        "put_metric_data_requests": requests,
        "seconds": round(seconds, 3),
    }
    print(json.dumps(line))


def log_anew(context: Any, samples: Iterable[Key]) -> None:
    """A line of its own, only where a group has grown."""
    if pools := sorted({name for name, _at in samples}):
        line = {
            "level": "INFO",
            "message": "values per instance divided anew, since their groups have grown",
            "request_id": context.aws_request_id,
            "pools": pools,
        }
        print(json.dumps(line))


def log_not_anew(context: Any, groups_not_read: Mapping[str, str], not_published: Mapping[str, str]) -> None:
    """Groups by name, pools by name, and why. They are no failure: the next look has another try."""
    if groups_not_read or not_published:
        line = {
            "level": "WARNING",
            "message": "some values per instance may be too high, since they could not be divided anew",
            "request_id": context.aws_request_id,
            "groups_not_read": groups_not_read,
            "not_published": not_published,
        }
        print(json.dumps(line))
