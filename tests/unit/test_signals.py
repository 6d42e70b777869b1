# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is missing never reads as little work, one message starts a worker, and no group grows past its work.

The publisher and what the policies send are the product's; what AWS makes of it is `target_tracking_model`, an
independent reading of AWS's pages. Nothing here was run on AWS.
"""

from __future__ import annotations

from itertools import product

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils import metric_math
from ansible_collections.academy.video_scaling.plugins.module_utils.resources import metric
from ansible_collections.academy.video_scaling.tests.unit.examples import METRIC, pool
from ansible_collections.academy.video_scaling.tests.unit.signal_scenarios import (
    ALL_OF_GROUP,
    ALL_OF_SQS,
    DEPTH,
    FEWER_PHASES,
    IN_FLIGHT,
    METRIC_MATH,
    PER_INSTANCE,
    PUBLISHED,
    SIGNALS,
    SILENT,
    TOTALS,
    VISIBLE,
    Account,
    measured,
    measured_minutes,
    most,
    never_falls,
    of_signal,
    published_minutes,
    publishers,
    sent,
    steps,
)
from ansible_collections.academy.video_scaling.tests.unit.target_tracking_model import (
    MINUTE,
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

TARGETS = (0.9, 1, 5)


@pytest.fixture(scope="module")
def started(tmp_path_factory):
    return publishers(tmp_path_factory)


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


def value_of(started, signal, target, queue, group):
    """What the policy reads in a minute in which queue and group are so."""
    if signal not in PUBLISHED:
        return followed(sent(signal, target), measured(queue, group))
    account = Account(lambda _at: queue, lambda _at: group)
    started(account, signal, target)()
    return account.of_minute(sent(signal, target), 0)


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

# The seconds of a minute at which the publisher is invoked and at which AWS judges the alarm.
PHASES = list(product(range(0, MINUTE, 5), repeat=2))
# How many seconds a point needs until the alarm sees it, and how many the queues take to be read.
DELAYS = (0, 5, 20, 40)
MEASURING = (0, 5, 20)


@pytest.mark.parametrize("measuring", MEASURING, ids=lambda seconds: f"read in {seconds} s")
@pytest.mark.parametrize("delay", DELAYS, ids=lambda delay: f"seen after {delay} s")
@pytest.mark.parametrize("from_zero", [one_first, in_proportion], ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("jobs", [1, 3, 7, 10, 40], ids=lambda jobs: f"{jobs} jobs")
def test_no_phase_asks_for_more_workers_than_jobs(started, jobs, from_zero, delay, measuring):
    # The alarm is strict, so one message at capacity 0 must read as more than one instance's work.
    allowed = 2 if (jobs, from_zero) == (1, in_proportion) else jobs
    for published_at, judged_at in PHASES if jobs == 10 else FEWER_PHASES:
        asked = steps(started, jobs, published_at, judged_at, delay, from_zero=from_zero, measuring=measuring)
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


# For so many seconds after an invocation the publisher looks at its group again, with so many in between.
WATCHED, PAUSE = 40, 10


def seconds_until_seen(step, measuring):
    """From a step that comes so many seconds after an invocation began to the first look at the group after it."""
    looks = (measuring, *range(PAUSE, WATCHED + 1, PAUSE), MINUTE)
    return min(look for look in looks if look > step and look >= measuring) - step


@pytest.mark.parametrize(
    ("measuring", "delay"), [(20, 40), (0, 45), (5, 50), (20, 45), (25, 40), (30, 35), (40, 25), (40, 30)], ids=str
)
def test_a_step_is_multiplied_once_more_where_its_correction_is_seen_too_late(started, measuring, delay):
    """A known limit: a step is repeated after a minute, and by then its correction must have been written and be seen.

    The longest time without a look is that between two invocations, or that of reading the queues.
    """
    too_many = {
        (published_at, judged_at)
        for published_at, judged_at in PHASES
        if most(steps(started, 10, published_at, judged_at, delay, measuring=measuring)) > 10
    }
    assert too_many == {
        (published_at, judged_at)
        for published_at, judged_at in PHASES
        if seconds_until_seen((judged_at - published_at) % MINUTE, measuring) + delay > MINUTE
    }
    assert bool(too_many) == (max(measuring, MINUTE - WATCHED) + delay > MINUTE)


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
