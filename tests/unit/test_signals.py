# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is missing never reads as little work, one message starts a worker, and no group grows past its work.

The publisher and what the policies send are the product's; what AWS makes of it is `target_tracking_model`, an
independent reading of AWS's pages. Nothing here was run on AWS.
"""

from __future__ import annotations

import importlib.util
import json
import math
from collections import defaultdict
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import product
from types import SimpleNamespace

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils import metric_math
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
    computed,
    expression_of,
    followed,
    in_proportion,
    one_first,
    reads_lower,
    requested,
    whole,
)

TOTALS = ("published_total", "sqs_total")
PER_INSTANCE = ("published_per_instance", "sqs_per_instance")
SIGNALS = TOTALS + PER_INSTANCE
PUBLISHED = ("published_total", "published_per_instance")
METRIC_MATH = ("sqs_total", "sqs_per_instance")
TARGETS = (0.9, 1, 5)
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
TIMEOUT = OPTIONS["timeout"]["default"]


def of_signal(signal, target=1):
    """The options of a pool with this signal: SQS's own metrics need none of ours."""
    return {"signal": signal, "target_value": target, "metric": METRIC if signal in PUBLISHED else ...}


@cache
def sent(signal, target=1):
    """What the policy is told to follow."""
    return metric.from_params(pool(**of_signal(signal, target))).to_request()


# --- the publisher on a clock that only sleeping moves ----------------------------------------------------------


class Account:
    """One queue, one group and what was published, at any second.

    :param queue: the messages (visible, in flight) at a time, None where it cannot be read.
    :param group: its instances (desired, in service) at a time, None where it is not found, or the error of reading it.
    """

    def __init__(self, queue, group):
        self.queue = queue
        self.group = group
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
        return [
            {"AutoScalingGroups": [{"AutoScalingGroupName": GROUP, "DesiredCapacity": desired, "Instances": instances}]}
        ]

    def put_metric_data(self, Namespace, MetricData):
        assert Namespace == METRIC["namespace"]
        for datum in MetricData:
            assert {pair["Name"]: pair["Value"] for pair in datum["Dimensions"]} == METRIC["dimensions"]
            minute = (datum["Timestamp"] - EPOCH) // timedelta(minutes=1)
            self.published[datum["MetricName"]][minute].append((self.now, datum["Value"]))

    def of_minute(self, signal, minute, at=math.inf, only_first=False):
        """What the policy's statistic makes of a minute's points that were written by then."""
        specification = sent(signal)["CustomizedMetricSpecification"]
        return self.read(specification["MetricName"], specification["Statistic"], minute, at, only_first)

    def read(self, name, statistic, minute, at, only_first=False):
        written = self.published[name].get(minute, ())[: 1 if only_first else None]
        values = [value for when, value in written if when <= at]
        return STATISTICS[statistic](values) if values else None


@pytest.fixture(scope="module")
def started(tmp_path_factory):
    """``started(account, signal, target)`` is a pool's publisher in a new Lambda environment: call it to invoke it."""
    loaded = {}

    def load(signal, target):
        archive = tmp_path_factory.mktemp("zip")
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
        module.datetime = Clock
        module.time = SimpleNamespace(sleep=account.wait, monotonic=lambda: account.now, time=lambda: account.now)
        return invoke

    return start


# --- one table per signal ---------------------------------------------------------------------------------------

DEPTHS = (None, 0, 1, 2, 10, 50)
DESIRED = (None, 0, 1, 2, 10)
GAP = (None, "none", None)
# A little above the target: how little is the product's.
ABOVE = object()

TOTAL = {
    None: [GAP, GAP, GAP, GAP, GAP],
    0: [(0, "low", None), (0, "low", 0), (0, "low", 0), (0, "low", 0), (0, "low", 0)],
    # One message is not above a target of 1: no worker starts for it, as one_message_starts_a_worker says.
    1: [(1, "none", None), (1, "none", 0), (1, "none", 1), (1, "none", 2), (1, "none", 10)],
    2: [(2, "high", None), (2, "high", 1), (2, "high", 2), (2, "high", 4), (2, "high", 20)],
    10: [(10, "high", None), (10, "high", 1), (10, "high", 10), (10, "high", 20), (10, "high", 100)],
    50: [(50, "high", None), (50, "high", 1), (50, "high", 50), (50, "high", 100), (50, "high", 500)],
}
RATIO = {
    None: [GAP, GAP, GAP, GAP, GAP],
    0: [GAP, (0, "low", 0), (0, "low", 0), (0, "low", 0), (0, "low", 0)],
    1: [GAP, (ABOVE, "high", 1), (1, "none", 1), (0.5, "low", 1), (0.1, "low", 1)],
    2: [GAP, (2, "high", 1), (2, "high", 2), (1, "none", 2), (0.2, "low", 2)],
    10: [GAP, (10, "high", 1), (10, "high", 10), (5, "high", 10), (1, "none", 10)],
    50: [GAP, (50, "high", 1), (50, "high", 50), (25, "high", 50), (5, "high", 50)],
}
# By depth, and from left to right by desired capacity: value, alarm, requested capacity, at target 1.
TABLES = {
    "published_total": TOTAL,
    "sqs_total": TOTAL,
    "published_per_instance": RATIO,
    "sqs_per_instance": RATIO,
}


def queues(depth, signal):
    """The ways in which a queue has this depth: visible, in flight; a missing depth is that of either or both."""
    if depth is None:
        return [None] if signal in PUBLISHED else [(None, None), (None, 0), (0, None), (None, 50), (50, None)]
    return sorted({(depth, 0), (0, depth), (depth // 2, depth - depth // 2)})


def groups(desired):
    """The group with all its instances in service, with some of them launching, and with all of them.

    A missing capacity is that of a group that is not there, or that may not be read.
    """
    if desired is None:
        return [None, RuntimeError("AccessDenied")]
    return [(desired, in_service) for in_service in sorted({desired, desired // 2, 0})]


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


def value_of(started, signal, target, queue, group):
    """What the policy reads in a minute in which queue and group are so."""
    if signal not in PUBLISHED:
        return followed(sent(signal, target), measured(queue, group))
    account = Account(lambda _at: queue, lambda _at: group)
    started(account, signal, target)()
    return account.of_minute(signal, 0)


def values_of(started, signal, target, depth, desired):
    """The values that a depth and a desired capacity give, however the messages and the launches stand."""
    return {
        value_of(started, signal, target, queue, group) for queue in queues(depth, signal) for group in groups(desired)
    }


def ring_of(value, target):
    """The alarm that rings once the value has been so for longer than any alarm looks."""
    return alarm([value] * 20, target)


@pytest.mark.parametrize("depth", DEPTHS, ids=lambda depth: f"depth {depth}")
@pytest.mark.parametrize("signal", SIGNALS)
def test_what_a_signal_says_and_asks_for(started, signal, depth):
    for desired, (value, ring, capacity) in zip(DESIRED, TABLES[signal][depth], strict=True):
        # One value for all: messages count wherever they are, and launching changes nothing.
        (found,) = values_of(started, signal, 1, depth, desired)
        assert (1 < found < 1.1) if value is ABOVE else found == value, (desired, found)
        assert ring_of(found, 1) == ring, desired
        if capacity is not None:
            assert requested(desired, found, 1, ring=ring) == capacity, desired


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("signal", PER_INSTANCE)
def test_the_value_per_instance_times_capacity_is_the_work(started, signal, target):
    for depth, desired in product(DEPTHS, DESIRED):
        (value,) = values_of(started, signal, target, depth, desired)
        ring = ring_of(value, target)
        row = (depth, desired, value, ring)
        if depth is None or desired is None:
            assert (value, ring) == (None, "none"), row
        elif desired:
            assert value * desired / target == pytest.approx(depth / target), row
            assert ring == ("high" if depth > desired * target else "low" if depth < 0.9 * desired * target else "none")
            if ring == "high":
                assert desired < requested(desired, value, target) <= whole(depth / target), row
        elif depth:
            assert ring == "high", row
            assert requested(desired, value, target, one_first) == 1, row
            # Above the target is more than one instance's work, by a little.
            assert 1 < requested(desired, value, target, in_proportion) <= max(2, whole(depth / target)), row
        else:
            assert (value, ring) == (0, "low"), row


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("signal", SIGNALS)
def test_a_missing_input_gives_no_value_and_no_alarm(started, signal, target):
    for depth, desired in product(DEPTHS, DESIRED):
        # A total does not look at the group.
        if depth is None or (desired is None and signal in PER_INSTANCE):
            assert values_of(started, signal, target, depth, desired) == {None}, (depth, desired)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("signal", TOTALS)
def test_a_total_is_the_depth_whatever_the_group_is(started, signal, target):
    for depth, desired in product(DEPTHS, DESIRED):
        assert values_of(started, signal, target, depth, desired) == {depth}, (depth, desired)


def test_a_group_that_is_not_found_still_has_its_total(started):
    account = Account(lambda _at: (3, 2), lambda _at: None)
    started(account, "published_per_instance")()
    assert account.published == {METRIC["name"]: {0: [(0.0, 5.0)]}}


# --- nothing published for twenty minutes -----------------------------------------------------------------------

SILENT = range(10, 30)
DEPTH, WORKERS = 50, 10


def published_minutes(started, signal, dead):
    """The values of forty minutes in which the publisher does not run, or cannot read its queue or its group."""

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
    return [account.of_minute(signal, minute) for minute in range(40)]


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


@pytest.mark.parametrize("dead", ["publisher", "queue", "group"])
@pytest.mark.parametrize("signal", PUBLISHED)
def test_a_dead_publisher_is_no_empty_queue(started, signal, dead):
    values = published_minutes(started, signal, dead)
    assert never_falls(values)
    unaffected = signal in TOTALS and dead == "group"
    assert [minute for minute, value in enumerate(values) if value is None] == ([] if unaffected else list(SILENT))


@pytest.mark.parametrize(
    "dead",
    [(METRIC["name"],), (VISIBLE,), (IN_FLIGHT,), ALL_OF_SQS, ALL_OF_GROUP, ALL_OF_SQS + ALL_OF_GROUP],
    ids=" ".join,
)
@pytest.mark.parametrize("signal", METRIC_MATH)
def test_missing_metrics_are_no_empty_queue(signal, dead):
    values = measured_minutes(sent(signal), dead)
    assert never_falls(values)
    unaffected = dead == (METRIC["name"],) or (signal in TOTALS and dead == ALL_OF_GROUP)
    assert [minute for minute, value in enumerate(values) if value is None] == ([] if unaffected else list(SILENT))


# --- the policies that the previous version wrote ---------------------------------------------------------------


def tracking(expression, *metrics):
    """A policy over metric math, as AWS returns it."""
    namespaces = {"App": "AWS/SQS", "Gro": "AWS/AutoScaling", "Vid": METRIC["namespace"]}
    queries = [
        {
            "Id": f"m{number}",
            "MetricStat": {
                "Metric": {"Namespace": namespaces[name[:3]], "MetricName": name, "Dimensions": []},
                "Stat": "Average",
            },
            "ReturnData": False,
        }
        for number, name in enumerate(metrics, start=1)
    ]
    returned = {"Id": "e1", "Expression": expression, "Label": "Depth", "ReturnData": True}
    return {"CustomizedMetricSpecification": {"Metrics": [returned, *queries]}, "TargetValue": 1.0}


PREVIOUS = {
    "published_per_instance": (
        tracking("m1 / IF(m2 > 0, m2, 1)", METRIC["name"], "GroupInServiceInstances"),
        {METRIC["name"]},
    ),
    "sqs_total": (tracking("m1 + m2", *ALL_OF_SQS), set(ALL_OF_SQS)),
    "sqs_per_instance": (
        tracking("(m1 + m2) / IF(m3 > 0, m3, 1)", *ALL_OF_SQS, "GroupInServiceInstances"),
        set(ALL_OF_SQS),
    ),
}


@pytest.mark.parametrize("signal", PREVIOUS)
def test_what_the_previous_version_wrote_reads_lower_without_an_input(signal):
    live, inputs = PREVIOUS[signal]
    assert reads_lower(live) == inputs
    assert {found.name for found in metric.missing_reads_lower(metric.from_response(live))} == inputs
    for name in inputs:
        # All messages are where the missing metric counts them.
        values = measured_minutes(live, [name], (0, DEPTH) if name == IN_FLIGHT else (DEPTH, 0))
        assert {values[minute] for minute in SILENT} == {0}
        assert not never_falls(values)
        assert alarm(values[: SILENT.stop], 1) == "low"


@pytest.mark.parametrize("signal", SIGNALS)
def test_what_is_written_today_does_not(signal):
    following = sent(signal)
    assert metric.missing_reads_lower(metric.from_params(pool(**of_signal(signal)))) == []
    assert metric.missing_reads_lower(metric.from_response(following)) == []
    if signal in METRIC_MATH:
        assert reads_lower(following) == set()


@pytest.mark.parametrize(
    "following",
    [*(live for live, _inputs in PREVIOUS.values()), *(sent(s, t) for s in METRIC_MATH for t in TARGETS)],
    ids=lambda following: expression_of(following)[0],
)
def test_the_product_reckons_as_the_model(following):
    expression, names = expression_of(following)
    for numbers in product((None, 0.0, 1.0, 2.0, 50.0), repeat=len(names)):
        values = dict(zip(names, numbers, strict=True))
        found = metric_math.evaluate({"e1": expression}, values, "e1")
        assert found == computed(expression, values), values


# --- jobs that come all at once, in every phase -----------------------------------------------------------------

MAXIMUM = 100
# A job takes half an hour: none is done while this is played.
PLAYED = 15
# The seconds of a minute at which the publisher is invoked and at which AWS judges the alarm.
PHASES = list(product(range(0, MINUTE, 5), repeat=2))
FEWER_PHASES = list(product(range(0, MINUTE, 15), repeat=2))
# How many seconds a point needs until the alarm sees it.
DELAYS = (0, 5, 20)


class Played(Account):
    """Jobs at second 0, at capacity 0, and the policy at work while the clock goes on."""

    def __init__(self, jobs, judged_at, delay=0, from_zero=one_first, only_first=False):
        workers = Group(MAXIMUM)
        super().__init__(self.messages, lambda at: (workers.desired_at(at), workers.in_service_at(at)))
        self.jobs = jobs
        self.workers = workers
        self.policy = ScaleOut(
            workers,
            1,
            lambda minute, at: 0.0 if minute < 0 else self.of_minute(PER_INSTANCE[0], minute, at - delay, only_first),
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


@pytest.mark.parametrize("delay", DELAYS, ids=lambda delay: f"seen after {delay} s")
@pytest.mark.parametrize("from_zero", [one_first, in_proportion], ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("jobs", [1, 3, 7, 10, 40], ids=lambda jobs: f"{jobs} jobs")
def test_no_phase_asks_for_more_workers_than_jobs(started, jobs, from_zero, delay):
    # The alarm is strict, so one message at capacity 0 must read as more than one instance's work.
    allowed = 2 if (jobs, from_zero) == (1, in_proportion) else jobs
    for published_at, judged_at in PHASES if jobs == 10 else FEWER_PHASES:
        asked = steps(started, jobs, published_at, judged_at, delay, from_zero=from_zero)
        assert jobs <= most(asked) <= allowed, (published_at, judged_at, asked)


def test_a_publisher_that_corrects_nothing_asks_for_too_many(started):
    """What the test above would find: the alarm runs the policy again on a value from before its last step."""
    too_many = {
        (published_at, judged_at)
        for published_at, judged_at in FEWER_PHASES
        if most(steps(started, 10, published_at, judged_at, only_first=True)) > 10
    }
    # Sampled first, then judged: the next minute judges that sample again.
    assert too_many == {phase for phase in FEWER_PHASES if phase[0] <= phase[1]}


# For so many seconds after an invocation the publisher looks at its group again.
WATCHED = 40


@pytest.mark.parametrize("judged_at", range(0, WATCHED, 5))
def test_a_publisher_that_remembers_nothing_is_safe_while_it_watches(started, judged_at):
    """A later step is corrected by the next invocation, and only where Lambda keeps the environment until then."""
    assert most(steps(started, 10, 0, judged_at, cold=True)) == 10


# --- the same by SQS's own metrics ------------------------------------------------------------------------------


def measured_steps(sampled_at, judged_at, delay, from_zero, maximum=20):
    """The capacities that ten jobs ask for by metric math, whose values come some time after their minute's end.

    :param sampled_at: the second of its minute whose capacity the group's metric shows.
    """
    workers = Group(maximum)
    following = sent("sqs_per_instance")

    def value(minute, at):
        if at < (minute + 1) * MINUTE + delay:
            return None
        sample = minute * MINUTE + sampled_at
        taken = min(10, workers.in_service_at(sample))
        queue = (10 - taken, taken) if minute >= 0 else (0, 0)
        return followed(following, measured(queue, (workers.desired_at(sample), workers.in_service_at(sample))))

    policy = ScaleOut(workers, 1, value, from_zero)
    for minute in range(20):
        policy.judge(minute * MINUTE + judged_at)
    return workers.changes[1:]


@pytest.mark.parametrize("from_zero", [one_first, in_proportion], ids=lambda rule: rule.__name__)
@pytest.mark.parametrize(
    ("sampled_at", "delay", "reached"),
    [
        pytest.param(60, 0, 10, id="as it was at the minute's end, at once"),
        pytest.param(0, 0, 20, id="as it was at the minute's begin, at once"),
        # Observed for SQS's metrics: 81 and 117 s from the end of a minute to the verdict.
        *(
            pytest.param(sampled_at, delay, 20, id=f"as it was at second {sampled_at}, {delay} s late")
            for sampled_at, delay in product((0, 30, 60), (80, 100, 117))
        ),
    ],
)
def test_by_late_metrics_the_maximum_is_the_brake(sampled_at, delay, reached, from_zero):
    """A known limit of `sqs_per_instance`: the policy runs again before the metrics show what it did last.

    Ten jobs at target 1, at most 20 workers. At which second of its minute AWS samples a group is not known.
    """
    found = {most(measured_steps(sampled_at, judged_at, delay, from_zero)) for judged_at in range(0, MINUTE, 5)}
    assert found == {reached}
