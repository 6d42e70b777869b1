# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Publishes each pool's queue depth (visible + in flight) as a CloudWatch metric, once per invocation.

Of a pool that names its Auto Scaling group it also publishes the depth over the group's desired capacity. While such a
value is above the pool's target the group may grow any moment, and AWS would multiply the value by a capacity that it
was not divided by. So the group is read again and again until the time is up; where its capacity has grown, the same
minute gets a second, lower value, and the policy follows the minimum.

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
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from os.path import commonprefix
from pathlib import Path
from threading import Event
from typing import Any, NamedTuple

# Not boto3, which this file needs nothing of: a start would load its S3 transfers too.
from botocore.config import Config
from botocore.session import Session

Pool = Mapping[str, Any]


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


class Value(NamedTuple):
    """One datapoint to write."""

    pool: Pool
    name: str
    value: float
    at: datetime


# Of each queue, for as long as the execution environment lives: the address of a name never changes.
addresses: dict[str, str] = {}
# By pool name, as long: the samples above the target that may have to be divided anew.
high: dict[str, Sample] = {}

THREADS = 16
# What PutMetricData takes in one request.
DATA_PER_REQUEST = 1000
BYTES_PER_REQUEST = 1_000_000
# Kept free at the end of an invocation, so that the pools that were read are still published.
RESERVE_SECONDS, RESERVE_PART = 8.0, 0.25
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


class NotPublished(Exception):
    """Fails the invocation, so that the AWS/Lambda metric Errors shows it."""


def lambda_handler(event: Any, context: Any) -> dict[str, Any]:
    asked = event if isinstance(event, dict) else {}
    pools = settings()
    if asked.get("describe") is True:
        return {"version": context.function_version, "pools": pools}
    started = time.monotonic()
    remaining = seconds_left(context)
    depths, capacities, failures = measure(pools, remaining - reserve(remaining))
    samples = sampled(pools, depths, capacities, datetime.now(UTC))
    publishing = asked.get("publish") is not False
    requests = 0
    if publishing:
        # Those of a minute ago come first, as long as they are known.
        written = [*divided_anew(capacities).values(), *samples]
        requests, refused = publish([*totals(pools, depths, datetime.now(UTC)), *map(per_instance, written)])
        failures.update({name: joined(failures.get(name), reason) for name, reason in refused.items()})
    log(context, pools, failures, publishing, requests, time.monotonic() - started)
    if asked.get("publish") is None:
        high.clear()
        high.update({sample.pool["name"]: sample for sample in samples if sample.is_high})
        watch_capacities(context, remaining)
        if failures:
            reasons = "; ".join(map(": ".join, sorted(failures.items())))
            raise NotPublished(f"not everything was published for {reasons}")
    answer: dict[str, Any] = {f"{name}_queue_depth_total": depth for name, depth in depths.items()}
    answer |= {f"{sample.pool['name']}_queue_depth_per_instance": sample.per_instance for sample in samples}
    return {**answer, "failed": failures} if failures else answer


def seconds_left(context: Any) -> float:
    return float(context.get_remaining_time_in_millis() / 1000)


def reserve(remaining: float) -> float:
    """What is kept free at the end of an invocation that has so many seconds."""
    return min(RESERVE_SECONDS, remaining * RESERVE_PART)


@cache
def settings() -> list[Pool]:
    pools: list[Pool] = json.loads((Path(__file__).parent / "pools.json").read_text(encoding="utf-8"))
    return pools


@cache
def session() -> Any:
    return Session()


@cache
def client(service: str) -> Any:
    # Two tries of five seconds each fit into what is kept free for publishing.
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


def measure(pools: list[Pool], seconds: float) -> tuple[dict[str, int], dict[str, int], dict[str, str]]:
    """What could be read within the time: depths by pool name, desired capacities by group name; why not, by pool."""
    deadline = time.monotonic() + seconds
    sqs = client("sqs")
    unread = deque(pools)
    readings: dict[str, int | Exception] = {}
    capacities: dict[str, int | Exception] = {}
    over = Event()

    def read() -> None:
        # A loop per thread, not a future per pool: a pool then costs little more than its request.
        while not over.is_set():
            try:
                pool = unread.popleft()
            except IndexError:
                return
            try:
                readings[pool["name"]] = depth_of(sqs, pool["queue_name"])
            except Exception as error:  # named per pool; the other queues are still read
                readings[pool["name"]] = error

    readers = ThreadPoolExecutor(THREADS)
    unknown = {pool["queue_name"] for pool in pools} - addresses.keys()
    if len(unknown) >= LISTED_FROM:
        listing = seconds * LISTING_PART
        wait([readers.submit(learn_addresses, sqs, unknown, time.monotonic() + listing)], timeout=listing)
    reading = [readers.submit(read_capacities, batch, capacities) for batch in group_batches(pools)]
    reading += [readers.submit(read) for number in range(min(THREADS, len(pools)))]
    wait(reading, timeout=max(deadline - time.monotonic(), 0.0))
    over.set()
    readers.shutdown(wait=False)
    # Copies, as a request that is still under way may end any time.
    return sorted_out(pools, readings.copy(), capacities.copy())


def sorted_out(
    pools: list[Pool], readings: Mapping[str, int | Exception], capacities: Mapping[str, int | Exception]
) -> tuple[dict[str, int], dict[str, int], dict[str, str]]:
    depths: dict[str, int] = {}
    failures: dict[str, str] = {}
    for pool in pools:
        name, group = pool["name"], pool.get("auto_scaling_group_name")
        reading = readings.get(name)
        if isinstance(reading, int):
            depths[name] = reading
        else:
            failures[name] = "its queue was not read in time" if reading is None else one_line(reading)
        if group and not isinstance(capacity := capacities.get(group), int):
            reason = f"its group {group} was not read in time" if capacity is None else one_line(capacity)
            failures[name] = joined(failures.get(name), f"no value per instance: {reason}")
    return depths, {name: one for name, one in capacities.items() if isinstance(one, int)}, failures


def joined(reason: str | None, another: str) -> str:
    return f"{reason}, and {another}" if reason else another


def group_batches(pools: Iterable[Pool]) -> list[list[str]]:
    names = sorted({pool["auto_scaling_group_name"] for pool in pools if "auto_scaling_group_name" in pool})
    return [names[start : start + GROUPS_PER_REQUEST] for start in range(0, len(names), GROUPS_PER_REQUEST)]


def read_capacities(names: list[str], found: dict[str, int | Exception]) -> None:
    """Put the desired capacity of each group into ``found``, or why it could not be read."""
    try:
        # Without MaxRecords AWS takes no more than 50 names.
        pages = (
            client("autoscaling")
            .get_paginator("describe_auto_scaling_groups")
            .paginate(AutoScalingGroupNames=names, MaxRecords=GROUPS_PER_REQUEST)
        )
        groups = {group["AutoScalingGroupName"]: group for page in pages for group in page["AutoScalingGroups"]}
        for name in names:
            missing = LookupError(f"there is no Auto Scaling group {name}")
            found[name] = int(groups[name]["DesiredCapacity"]) if name in groups else missing
    except Exception as error:  # named per pool; the totals are still published
        found.update(dict.fromkeys(names, error))


def sampled(
    pools: Iterable[Pool], depths: Mapping[str, int], capacities: Mapping[str, int], at: datetime
) -> list[Sample]:
    """Of the pools that need a value per instance and have both of its parts."""
    return [
        Sample(pool, depths[pool["name"]], capacities[pool["auto_scaling_group_name"]], at)
        for pool in pools
        if pool["name"] in depths and pool.get("auto_scaling_group_name") in capacities
    ]


def totals(pools: Iterable[Pool], depths: Mapping[str, int], at: datetime) -> list[Value]:
    return [
        Value(pool, pool["metric"]["name"], float(depths[pool["name"]]), at) for pool in pools if pool["name"] in depths
    ]


def per_instance(sample: Sample) -> Value:
    return Value(sample.pool, sample.pool["metric"]["per_instance_name"], sample.per_instance, sample.at)


def watch_capacities(context: Any, seconds: float) -> None:
    """Until the time is nearly up: what was published above its target, divided anew where its group has grown since.

    The next invocation does so once more, since the capacity may grow between the two.

    :param seconds: what the invocation had when it began.
    """
    while high and seconds_left(context) - PAUSE_SECONDS > reserve(seconds):
        time.sleep(PAUSE_SECONDS)
        capacities: dict[str, int | Exception] = {}
        for batch in group_batches(sample.pool for sample in high.values()):
            read_capacities(batch, capacities)
        grown = divided_anew({name: one for name, one in capacities.items() if isinstance(one, int)})
        _requests, failures = publish(map(per_instance, grown.values()))
        for name in grown.keys() - failures.keys():
            high[name] = grown[name]
            if not grown[name].is_high:
                del high[name]
        failures |= {name: one_line(one) for name, one in capacities.items() if isinstance(one, Exception)}
        if grown or failures:
            log_watch(context, sorted(grown), failures)


def divided_anew(capacities: Mapping[str, int]) -> dict[str, Sample]:
    """The samples of ``high`` whose group has grown since, by pool name, as of the moment at which each was taken."""
    anew = {
        name: sample._replace(capacity=capacities.get(sample.pool["auto_scaling_group_name"], sample.capacity))
        for name, sample in high.items()
    }
    return {name: sample for name, sample in anew.items() if sample.per_instance < high[name].per_instance}


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


def publish(values: Iterable[Value]) -> tuple[int, dict[str, str]]:
    """Write the values in as few requests as the limits allow. How many there were, and which pools were refused."""
    cloudwatch = client("cloudwatch")
    requests = 0
    refused: dict[str, str] = {}
    for namespace, batch in batches(values):
        requests += 1
        try:
            cloudwatch.put_metric_data(Namespace=namespace, MetricData=[datum(value) for value in batch])
        except Exception as error:  # named per pool; the other namespaces are still published
            refused.update({value.pool["name"]: one_line(error) for value in batch})
    return requests, refused


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


def log_watch(context: Any, grown: list[str], failures: Mapping[str, str]) -> None:
    """A line of its own, only where a group has grown or could not be looked at again."""
    line = {
        "level": "WARNING" if failures else "INFO",
        "message": "values per instance divided anew, since their groups have grown",
        "request_id": context.aws_request_id,
        "pools": grown,
        "not_looked_at": failures,
    }
    print(json.dumps(line))
