# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the signals are played in: the publisher's own code on a clock that only sleeping moves, and AWS by the model.

Each scenario takes what a policy follows: as the product makes it, or as it was sent on the wire.
"""

from __future__ import annotations

import importlib.util
import json
import math
from collections import defaultdict
from concurrent.futures import Future
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import product
from types import SimpleNamespace

from ansible_collections.academy.video_scaling.plugins.module_utils.package import CODE_FILE, SETTINGS_FILE
from ansible_collections.academy.video_scaling.plugins.module_utils.resources import metric
from ansible_collections.academy.video_scaling.plugins.module_utils.steps.publisher import OPTIONS
from ansible_collections.academy.video_scaling.tests.unit.examples import GROUP, METRIC, ROOT, given, pool, settings
from ansible_collections.academy.video_scaling.tests.unit.target_tracking_model import (
    MINUTE,
    STATISTICS,
    Group,
    ScaleOut,
    alarm,
    followed,
    one_first,
)

TOTALS = ("published_total", "sqs_total")
PER_INSTANCE = ("published_per_instance", "sqs_per_instance")
SIGNALS = TOTALS + PER_INSTANCE
PUBLISHED = ("published_total", "published_per_instance")
METRIC_MATH = ("sqs_total", "sqs_per_instance")
MAXIMUM = 100
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
TIMEOUT = OPTIONS["timeout"]["default"]


def of_signal(signal, target=1):
    """The options of a pool with this signal: SQS's own metrics need none of ours."""
    return {"signal": signal, "target_value": target, "metric": METRIC if signal in PUBLISHED else ...}


@cache
def sent(signal, target=1):
    """What the policy follows."""
    return metric.from_params(pool(**of_signal(signal, target))).to_request()


# --- the publisher on a clock that only sleeping moves ----------------------------------------------------------


class Account:
    """One queue, one group and what was published, at any second.

    :param queue: the messages (visible, in flight) at a time, None where it cannot be read.
    :param group: its instances (desired, in service) at a time, None where it is not found, or the error of reading it.
    :param measuring: the seconds that the queue takes to tell its messages.
    """

    def __init__(self, queue, group, measuring=0):
        self.queue = queue
        self.group = group
        self.measuring = measuring
        self.now = 0.0
        # By metric name, then by minute: (when it was written, value).
        self.published = defaultdict(lambda: defaultdict(list))

    def wait(self, seconds):
        self.now += seconds

    def client(self, service, *_more):
        return {
            "sqs": SimpleNamespace(get_queue_url=self.get_queue_url, get_queue_attributes=self.get_queue_attributes),
            "autoscaling": SimpleNamespace(get_paginator=self.get_paginator),
            "cloudwatch": SimpleNamespace(put_metric_data=self.put_metric_data),
        }[service]

    def get_queue_url(self, QueueName):
        return {"QueueUrl": f"https://sqs/1/{QueueName}"}

    def get_queue_attributes(self, QueueUrl, AttributeNames):
        found = self.queue(self.now)
        self.wait(self.measuring)
        if found is None:
            raise RuntimeError("the queue cannot be read")
        counts = dict(
            zip(("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"), map(str, found), strict=True)
        )
        return {"Attributes": {name: counts[name] for name in AttributeNames}}

    def get_paginator(self, operation):
        assert operation == "describe_auto_scaling_groups"
        return SimpleNamespace(paginate=self.describe_auto_scaling_groups)

    def describe_auto_scaling_groups(self, AutoScalingGroupNames, **_paging):
        assert AutoScalingGroupNames == [GROUP]
        found = self.group(self.now)
        if isinstance(found, Exception):
            raise found
        if found is None:
            return [{"AutoScalingGroups": []}]
        desired, in_service = found
        states = ["InService"] * in_service + ["Pending"] * (desired - in_service)
        instances = [{"InstanceId": f"i-{n}", "LifecycleState": state} for n, state in enumerate(states)]
        group = {"AutoScalingGroupName": GROUP, "DesiredCapacity": desired, "MaxSize": MAXIMUM, "Instances": instances}
        return [{"AutoScalingGroups": [group]}]

    def put_metric_data(self, Namespace, MetricData):
        assert Namespace == METRIC["namespace"]
        for datum in MetricData:
            assert {pair["Name"]: pair["Value"] for pair in datum["Dimensions"]} == METRIC["dimensions"]
            minute = (datum["Timestamp"] - EPOCH) // timedelta(minutes=1)
            self.published[datum["MetricName"]][minute].append((self.now, datum["Value"]))

    def of_minute(self, following, minute, at=math.inf, only_first=False):
        """What a policy's statistic makes of a minute's points that were written by then.

        :param following: the policy's TargetTrackingConfiguration; where it looks elsewhere, there is nothing.
        """
        specification = following["CustomizedMetricSpecification"]
        dimensions = {pair["Name"]: pair["Value"] for pair in specification["Dimensions"]}
        if (specification["Namespace"], dimensions) != (METRIC["namespace"], METRIC["dimensions"]):
            return None
        return self.read(specification["MetricName"], specification["Statistic"], minute, at, only_first)

    def read(self, name, statistic, minute, at, only_first=False):
        written = self.published[name].get(minute, ())[: 1 if only_first else None]
        values = [value for when, value in written if when <= at]
        return STATISTICS[statistic](values) if values else None


class Inline:
    """Stands for a pool of threads: what is submitted is done at once, so the clock has one hand only."""

    def __init__(self, _threads):
        pass

    def submit(self, work):
        done = Future()
        done.set_result(work())
        return done

    def shutdown(self, wait):
        pass


def publishers(directories):
    """What makes ``(account, signal, target)`` a publisher in a Lambda environment of its own: call it to invoke it.

    :param directories: pytest's ``tmp_path_factory``, for the zips' files.
    """
    loaded = {}

    def load(signal, target):
        archive = directories.mktemp("zip")
        (archive / CODE_FILE).write_text((ROOT / "files/lambda/queue_depth" / CODE_FILE).read_text())
        pools = settings(given(**of_signal(signal, target)))
        (archive / SETTINGS_FILE).write_text(json.dumps(list(pools.values())))
        spec = importlib.util.spec_from_file_location("lambda_function", archive / CODE_FILE)
        # Compiled once: thousands of environments are started.
        return spec, spec.loader.get_code("lambda_function")

    def start(account, signal, target=1):
        if (signal, target) not in loaded:
            loaded[signal, target] = load(signal, target)
        spec, code = loaded[signal, target]
        module = importlib.util.module_from_spec(spec)
        exec(code, vars(module))

        class Clock(datetime):
            @classmethod
            def now(cls, tz=None):
                return EPOCH + timedelta(seconds=account.now)

        def invoke():
            end = account.now + TIMEOUT
            context = SimpleNamespace(
                function_version="1",
                aws_request_id="request-1",
                get_remaining_time_in_millis=lambda: (end - account.now) * 1000,
            )
            with suppress(module.NotPublished):
                module.lambda_handler({}, context)

        module.client = account.client
        module.ThreadPoolExecutor = Inline
        module.datetime = Clock
        module.time = SimpleNamespace(sleep=account.wait, monotonic=lambda: account.now, time=lambda: account.now)
        return invoke

    return start


# --- what is missing -----------------------------------------------------------------------------------------------


def measured(queue, group):
    """AWS's own metrics of a queue and of a group, by name."""
    visible, in_flight = queue
    desired, in_service = group if isinstance(group, tuple) else (None, None)
    return {
        "ApproximateNumberOfMessagesVisible": visible,
        "ApproximateNumberOfMessagesNotVisible": in_flight,
        "GroupDesiredCapacity": desired,
        "GroupInServiceInstances": in_service,
        "GroupPendingInstances": None if desired is None else desired - in_service,
        "GroupTotalInstances": desired,
    }


SILENT = range(10, 30)
DEPTH, WORKERS = 50, 10


def published_minutes(started, signal, dead, following=None):
    """The values of forty minutes in which the publisher does not run, or cannot read its queue or its group.

    :param following: what the policy follows, where that is not taken from the signal itself.
    """
    following = following or sent(signal)

    def silent(what, at):
        return dead == what and at // MINUTE in SILENT

    account = Account(
        lambda at: None if silent("queue", at) else (DEPTH - WORKERS, WORKERS),
        lambda at: None if silent("group", at) else (WORKERS, WORKERS),
    )
    invoke = started(account, signal)
    for minute in range(40):
        account.now = minute * MINUTE
        if not silent("publisher", account.now):
            invoke()
    return [account.of_minute(following, minute) for minute in range(40)]


def measured_minutes(following, dead, queue=(DEPTH - WORKERS, WORKERS)):
    """The values of forty minutes in which some metrics are silent for a while."""
    there = measured(queue, (WORKERS, WORKERS)) | {METRIC["name"]: DEPTH}
    return [followed(following, there | (dict.fromkeys(dead) if minute in SILENT else {})) for minute in range(40)]


VISIBLE, IN_FLIGHT = "ApproximateNumberOfMessagesVisible", "ApproximateNumberOfMessagesNotVisible"
ALL_OF_SQS = (VISIBLE, IN_FLIGHT)
ALL_OF_GROUP = ("GroupDesiredCapacity", "GroupInServiceInstances")


def never_falls(values):
    """No value is lower than the first, and AlarmLow rings at no minute."""
    lowest = min(value for value in values if value is not None)
    rings = {alarm(values[:minute], 1) for minute in range(len(values) + 1)}
    return values[0] is not None and lowest == values[0] and "low" not in rings


# --- jobs that come all at once --------------------------------------------------------------------------------
# A job takes half an hour: none is done while this is played.
PLAYED = 12
# The seconds of a minute at which the publisher is invoked and at which AWS judges the alarm.
FEWER_PHASES = list(product(range(0, MINUTE, 15), repeat=2))


class Played(Account):
    """Jobs at second 0, at capacity 0, and the policy at work while the clock goes on."""

    def __init__(self, jobs, judged_at, delay=0, from_zero=one_first, only_first=False, measuring=0, following=None):
        workers = Group(MAXIMUM)
        following = following or sent(PER_INSTANCE[0])
        super().__init__(self.messages, lambda at: (workers.desired_at(at), workers.in_service_at(at)), measuring)
        self.jobs = jobs
        self.workers = workers
        self.policy = ScaleOut(
            workers,
            1,
            lambda minute, at: 0.0 if minute < 0 else self.of_minute(following, minute, at - delay, only_first),
            from_zero,
        )
        self.next_judged = judged_at

    def messages(self, at):
        """Only an instance in service takes a job."""
        taken = min(self.jobs, self.workers.in_service_at(at))
        return self.jobs - taken, taken

    def wait(self, seconds):
        until = self.now + seconds
        while self.next_judged < until:
            self.now = self.next_judged
            self.policy.judge(self.now)
            self.next_judged += MINUTE
        self.now = until


def steps(started, jobs, published_at, judged_at, delay=0, cold=False, **kind):
    """The capacities that were asked for, each with its second.

    :param cold: every invocation has an environment of its own, that remembers nothing of the last one.
    """
    account = Played(jobs, judged_at, delay, **kind)
    invoke = started(account, "published_per_instance")
    for minute in range(PLAYED):
        account.wait(max(0, minute * MINUTE + published_at - account.now))
        if cold:
            invoke = started(account, "published_per_instance")
        invoke()
    account.wait(PLAYED * MINUTE - account.now)
    return account.workers.changes[1:]


def most(asked):
    return max((capacity for _at, capacity in asked), default=0)
