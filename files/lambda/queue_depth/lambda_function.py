# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Publishes each pool's queue depth (visible + in flight) as a CloudWatch metric, once per invocation.

A queue that cannot be read publishes nothing: a false zero would scale busy workers in. The other pools are
published, and then the invocation fails and names the pool. The settings lie in ``pools.json`` beside this file.

Events:
    anything               measure and publish every pool; fail if one could not be (what the schedule sends)
    {"publish": true}      measure and publish every pool; answer the depths, and which pools failed
    {"publish": false}     measure, publish nothing; answer the depths, and which pools failed
    {"describe": true}     read nothing; answer the version and the settings
"""

from __future__ import annotations

import json
import os
import time
from collections import deque
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from os.path import commonprefix
from pathlib import Path
from threading import Event
from typing import Any

# Not boto3, which this file needs nothing of: a start would load its S3 transfers too.
from botocore.config import Config
from botocore.session import Session

Pool = Mapping[str, Any]

# Of each queue, for as long as the execution environment lives: the address of a name never changes.
addresses: dict[str, str] = {}

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


class NotPublished(Exception):
    """Fails the invocation, so that the AWS/Lambda metric Errors shows it."""


def lambda_handler(event: Any, context: Any) -> dict[str, Any]:
    asked = event if isinstance(event, dict) else {}
    pools = settings()
    if asked.get("describe") is True:
        return {"version": context.function_version, "pools": pools}
    started = time.monotonic()
    remaining = context.get_remaining_time_in_millis() / 1000
    depths, failures = measure(pools, remaining - min(RESERVE_SECONDS, remaining * RESERVE_PART))
    publishing = asked.get("publish") is not False
    requests = 0
    if publishing:
        requests, refused = publish([pool for pool in pools if pool["name"] in depths], depths)
        failures.update(refused)
    log(context, pools, failures, publishing, requests, time.monotonic() - started)
    if failures and asked.get("publish") is None:
        raise NotPublished("no queue depth published for " + "; ".join(map(": ".join, sorted(failures.items()))))
    answer: dict[str, Any] = {f"{name}_queue_depth_total": depth for name, depth in depths.items()}
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


def measure(pools: list[Pool], seconds: float) -> tuple[dict[str, int], dict[str, str]]:
    """The depth of every queue that could be read within the time, and why the others could not; by pool name."""
    deadline = time.monotonic() + seconds
    sqs = client("sqs")
    unread = deque(pools)
    readings: dict[str, int | Exception] = {}
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
    wait(
        [readers.submit(read) for number in range(min(THREADS, len(pools)))],
        timeout=max(deadline - time.monotonic(), 0.0),
    )
    over.set()
    readers.shutdown(wait=False)
    # A copy, as a request that is still under way may end any time.
    return sorted_out(pools, readings.copy())


def sorted_out(pools: list[Pool], readings: Mapping[str, int | Exception]) -> tuple[dict[str, int], dict[str, str]]:
    depths: dict[str, int] = {}
    failures: dict[str, str] = {}
    for pool in pools:
        reading = readings.get(pool["name"])
        if isinstance(reading, int):
            depths[pool["name"]] = reading
        else:
            failures[pool["name"]] = "its queue was not read in time" if reading is None else one_line(reading)
    return depths, failures


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


def publish(pools: list[Pool], depths: Mapping[str, int]) -> tuple[int, dict[str, str]]:
    """Write the depths in as few requests as the limits allow. How many there were, and which pools were refused."""
    cloudwatch = client("cloudwatch")
    now = datetime.now(UTC)
    requests = 0
    refused: dict[str, str] = {}
    for namespace, batch in batches(pools):
        requests += 1
        try:
            cloudwatch.put_metric_data(
                Namespace=namespace, MetricData=[datum(pool, depths[pool["name"]], now) for pool in batch]
            )
        except Exception as error:  # named per pool; the other namespaces are still published
            refused.update({pool["name"]: one_line(error) for pool in batch})
    return requests, refused


def batches(pools: list[Pool]) -> Iterator[tuple[str, list[Pool]]]:
    by_namespace: dict[str, list[Pool]] = {}
    for pool in pools:
        by_namespace.setdefault(pool["metric"]["namespace"], []).append(pool)
    for namespace, listed in by_namespace.items():
        batch: list[Pool] = []
        total = 0
        for pool in listed:
            size = size_of(pool)
            if batch and (len(batch) == DATA_PER_REQUEST or total + size > BYTES_PER_REQUEST):
                yield namespace, batch
                batch, total = [], 0
            batch.append(pool)
            total += size
        if batch:
            yield namespace, batch


def size_of(pool: Pool) -> int:
    """Bytes of one datum in the widest encoding a client may choose, where a character becomes up to three."""
    metric = pool["metric"]
    texts = [metric["name"], *metric["dimensions"], *metric["dimensions"].values()]
    return 300 + 110 * len(metric["dimensions"]) + 3 * sum(map(len, texts))


def datum(pool: Pool, depth: int, now: datetime) -> dict[str, Any]:
    metric = pool["metric"]
    return {
        "MetricName": metric["name"],
        "Dimensions": [{"Name": name, "Value": value} for name, value in metric["dimensions"].items()],
        "Timestamp": now,
        "Value": float(depth),
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
