# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A queue that cannot be read publishes nothing, the others are published, and the invocation fails and names it."""

from __future__ import annotations

import importlib.util
import json
import threading
from concurrent.futures import FIRST_COMPLETED, wait
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from urllib.parse import urlencode

import botocore.session
import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.package import (
    CODE_FILE,
    HANDLER,
    SETTINGS_FILE,
    package,
)
from ansible_collections.academy.video_scaling.tests.unit.examples import GROUP, METRIC, ROOT, given, other, settings
from ansible_collections.academy.video_scaling.tests.unit.fake_aws import require_valid
from botocore.serialize import create_serializer

SOURCE = ROOT / "files" / "lambda" / "queue_depth" / CODE_FILE
VIDEO, AUDIO = given(), other()
DIVIDED = given(signal="published_per_instance")
RATIO, NAMESPACE = "VideoQueueDepthTotalPerInstance", METRIC["namespace"]
START = datetime(2026, 2, 22, 9, 0, tzinfo=UTC)
CONTEXT = SimpleNamespace(function_version="7", aws_request_id="request-1", get_remaining_time_in_millis=lambda: 50_000)


class Sqs:
    """Queues by name: (visible, in flight), or the error that reading it raises.

    `listed` gives the names on each page of their list; `lists` is what was asked for.
    """

    def __init__(self, queues):
        self.queues = queues
        self.urls = []
        self.listed = lambda: [list(queues)]
        self.lists = []

    def get_paginator(self, operation):
        assert operation == "list_queues"
        return SimpleNamespace(paginate=self.pages)

    def pages(self, **params):
        require_valid("sqs", "list_queues", params)
        self.lists.append(params)
        for page in self.listed():
            # AWS leaves the key out where nothing is found.
            yield {"QueueUrls": [f"https://sqs/1/{name}" for name in page]} if page else {}

    def get_queue_url(self, **params):
        require_valid("sqs", "get_queue_url", params)
        self.urls.append(params["QueueName"])
        return {"QueueUrl": params["QueueName"]}

    def get_queue_attributes(self, **params):
        require_valid("sqs", "get_queue_attributes", params)
        found = self.queues[params["QueueUrl"].rsplit("/", 1)[-1]]
        if isinstance(found, Exception):
            raise found
        if callable(found):
            found = found()
        return {"Attributes": dict(zip(params["AttributeNames"], map(str, found), strict=False))}


class CloudWatch:
    """Keeps what is published; refuses the namespaces listed."""

    def __init__(self, refused=()):
        self.refused = refused
        self.requests = []

    def put_metric_data(self, **params):
        require_valid("cloudwatch", "put_metric_data", params)
        self.requests.append(params)
        if params["Namespace"] in self.refused:
            raise RuntimeError("InvalidParameterValue:\nrefused")

    @property
    def published(self):
        """The last value of each metric."""
        return {datum["MetricName"]: datum["Value"] for request in self.requests for datum in request["MetricData"]}

    def values(self, name):
        """What was written of one metric, in order: the second of the clock that it is for, and the value."""
        every = [datum for request in self.requests for datum in request["MetricData"] if datum["MetricName"] == name]
        return [((datum["Timestamp"] - START).total_seconds(), datum["Value"]) for datum in every]


class AutoScaling:
    """Groups by name: the desired capacity, what gives it, or the error that reading any group raises.

    `maximum` gives their largest sizes, by default a size that none of them has; `asked` is what was asked for.
    """

    def __init__(self, groups):
        self.groups = groups
        self.maximum = {}
        self.asked = []

    def get_paginator(self, operation):
        assert operation == "describe_auto_scaling_groups"
        return SimpleNamespace(paginate=self.pages)

    def pages(self, **params):
        require_valid("autoscaling", "describe_auto_scaling_groups", params)
        self.asked.append(params)
        for name in params["AutoScalingGroupNames"]:
            found = self.groups.get(name)
            if isinstance(found, Exception):
                raise found
            if found is not None:
                capacity = found() if callable(found) else found
                # A page may hold no group at all.
                yield {"AutoScalingGroups": []}
                group = {"DesiredCapacity": capacity, "MaxSize": self.maximum.get(name, 1000)}
                yield {"AutoScalingGroups": [{"AutoScalingGroupName": name, **group}]}


class Clock:
    """Time that goes on only where the function sleeps. `at` is a second of it, and what happens then."""

    def __init__(self, timeout=50.0):
        self.now, self.ends, self.at = 0.0, timeout, {}
        self.context = SimpleNamespace(**vars(CONTEXT) | {"get_remaining_time_in_millis": self.left})

    def left(self):
        return int(1000 * (self.ends - self.now))

    def sleep(self, seconds):
        self.now += seconds
        for second in [second for second in self.at if second <= self.now]:
            self.at.pop(second)()

    def next_run(self, start, timeout=50.0):
        self.sleep(start - self.now)
        self.ends = start + timeout

    def until_held(self, held):
        """Waiting as the function does it, but what comes into `held` never ends: that takes all the time there is."""

        def waiting(futures, timeout):
            while len(unfinished := wait(futures, timeout=0.01).not_done) > len(held.waiting):
                pass
            if unfinished:
                # The next wait is for others.
                held.waiting.clear()
                self.sleep(timeout)

        return waiting

    def put_into(self, function):
        function.time = SimpleNamespace(monotonic=lambda: self.now, sleep=self.sleep)
        function.datetime = SimpleNamespace(now=lambda zone: START + timedelta(seconds=self.now))
        return self


class Held:
    """What is asked here gets no answer before the test is over."""

    def __init__(self):
        self.waiting, self.released = [], threading.Event()

    def __call__(self, **params):
        self.waiting.append(params)
        self.released.wait()
        raise RuntimeError("the test is over")


@pytest.fixture
def held():
    held = Held()
    yield held
    held.released.set()


@pytest.fixture
def deployed(tmp_path, monkeypatch):
    """``deployed(pools, queues)`` is the function as it lies in its zip, with its SQS and its CloudWatch."""

    def deploy(pools, queues=None, refused=(), groups=None):
        archive = tmp_path / "zip"
        archive.mkdir()
        (archive / CODE_FILE).write_text(SOURCE.read_text())
        (archive / SETTINGS_FILE).write_text(json.dumps(list(settings(*pools).values()) if pools else []))
        spec = importlib.util.spec_from_file_location("lambda_function", archive / CODE_FILE)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        module.autoscaling = AutoScaling(groups or {})
        clients = {"sqs": Sqs(queues or {}), "cloudwatch": CloudWatch(refused), "autoscaling": module.autoscaling}
        monkeypatch.setattr(module, "client", clients.__getitem__)
        return module, clients["sqs"], clients["cloudwatch"]

    return deploy


def line_of(capsys):
    (line,) = capsys.readouterr().out.splitlines()
    return json.loads(line)


BOTH = {"academy-video-jobs": (3, 2), "academy-audio-jobs": (0, 0)}


def test_every_pools_depth_is_published_and_answered(deployed):
    function, _sqs, cloudwatch = deployed([VIDEO, AUDIO], BOTH)
    assert function.lambda_handler({}, CONTEXT) == {"video_queue_depth_total": 5, "audio_queue_depth_total": 0}
    assert cloudwatch.published == {"VideoQueueDepthTotal": 5.0, "AudioQueueDepthTotal": 0.0}


def test_the_datum_has_exactly_the_declared_dimensions_and_unit(deployed):
    function, _sqs, cloudwatch = deployed([VIDEO], BOTH)
    function.lambda_handler({"source": "aws.events"}, CONTEXT)
    ((request,),) = [cloudwatch.requests]
    (datum,) = request["MetricData"]
    published_at = datum.pop("Timestamp")
    assert request["Namespace"] == "Academy/VideoProcessing"
    assert {pair["Name"]: pair["Value"] for pair in datum.pop("Dimensions")} == METRIC["dimensions"]
    assert datum == {"MetricName": "VideoQueueDepthTotal", "Value": 5.0, "Unit": "Count"}
    assert abs((datetime.now(UTC) - published_at).total_seconds()) < 3600


@pytest.mark.parametrize("event", [None, {}, [], "text", {"describe": "yes"}, {"publish": 0}, {"detail": {}}], ids=repr)
def test_whatever_the_schedule_sends_publishes(deployed, event):
    function, _sqs, cloudwatch = deployed([VIDEO], BOTH)
    assert function.lambda_handler(event, CONTEXT) == {"video_queue_depth_total": 5}
    assert cloudwatch.published == {"VideoQueueDepthTotal": 5.0}


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(RuntimeError("QueueDoesNotExist:\n gone"), id="deleted"),
        pytest.param(lambda: (), id="no counts in the answer"),
        pytest.param(lambda: (3,), id="half of the counts"),
        pytest.param(lambda: ("many", 1), id="no number"),
    ],
)
def test_a_queue_that_cannot_be_read_publishes_nothing_and_is_named(deployed, capsys, broken):
    function, _sqs, cloudwatch = deployed([VIDEO, AUDIO], {"academy-video-jobs": broken, "academy-audio-jobs": (4, 0)})
    with pytest.raises(function.NotPublished, match=r"^not everything was published for video: ") as failed:
        function.lambda_handler({}, CONTEXT)
    assert "audio" not in str(failed.value)
    assert "\n" not in str(failed.value)
    assert cloudwatch.published == {"AudioQueueDepthTotal": 4.0}
    line = line_of(capsys)
    assert (line["level"], list(line["failed"])) == ("ERROR", ["video"])


def test_all_queues_unreadable_publishes_nothing_at_all(deployed):
    function, _sqs, cloudwatch = deployed([VIDEO, AUDIO], dict.fromkeys(BOTH, RuntimeError("denied")))
    with pytest.raises(function.NotPublished, match=r"audio: .*; video: "):
        function.lambda_handler({}, CONTEXT)
    assert cloudwatch.requests == []


def test_a_refused_namespace_names_its_pools_and_the_others_are_published(deployed):
    elsewhere = other(metric={**METRIC, "namespace": "Academy/Audio", "name": "AudioQueueDepthTotal"})
    function, _sqs, cloudwatch = deployed([elsewhere, VIDEO], BOTH, refused=["Academy/Audio"])
    with pytest.raises(function.NotPublished, match=r"for audio: RuntimeError: InvalidParameterValue: refused$"):
        function.lambda_handler({}, CONTEXT)
    assert [request["Namespace"] for request in cloudwatch.requests] == ["Academy/Audio", "Academy/VideoProcessing"]


@pytest.mark.parametrize(
    ("queues", "answer"),
    [
        (BOTH, {"video_queue_depth_total": 5, "audio_queue_depth_total": 0}),
        (
            BOTH | {"academy-video-jobs": RuntimeError("denied")},
            {"audio_queue_depth_total": 0, "failed": {"video": "RuntimeError: denied"}},
        ),
    ],
    ids=["all read", "one unreadable"],
)
def test_asked_not_to_publish_it_answers_and_publishes_nothing(deployed, capsys, queues, answer):
    function, _sqs, cloudwatch = deployed([VIDEO, AUDIO], queues)
    assert function.lambda_handler({"publish": False}, CONTEXT) == answer
    assert cloudwatch.requests == []
    line = line_of(capsys)
    assert (line["published"], line["put_metric_data_requests"]) == (False, 0)
    assert "published" not in line["message"]


def test_asked_to_publish_it_answers_what_could_not_be_and_does_not_fail(deployed):
    function, _sqs, cloudwatch = deployed([VIDEO, AUDIO], BOTH | {"academy-video-jobs": RuntimeError("denied")})
    answer = function.lambda_handler({"publish": True}, CONTEXT)
    assert answer == {"audio_queue_depth_total": 0, "failed": {"video": "RuntimeError: denied"}}
    assert cloudwatch.published == {"AudioQueueDepthTotal": 0.0}


def test_asked_to_describe_it_reads_no_queue(deployed, capsys):
    function, sqs, cloudwatch = deployed([VIDEO, AUDIO])
    assert function.lambda_handler({"describe": True}, CONTEXT) == {
        "version": "7",
        "pools": list(settings(VIDEO, AUDIO).values()),
    }
    assert (sqs.urls, cloudwatch.requests) == ([], [])


def test_without_pools_there_is_nothing_to_do(deployed):
    function, _sqs, cloudwatch = deployed([])
    assert function.lambda_handler({}, CONTEXT) == {}
    assert cloudwatch.requests == []


def test_queues_are_read_at_the_same_time(deployed):
    inside = threading.Barrier(4)

    def count():
        # Four reads meet here, or this breaks.
        inside.wait(timeout=60)
        return 1, 0

    pools = [other(name=f"p{n}", queue_name=f"q{n}", metric={**METRIC, "name": f"n{n}"}) for n in range(4)]
    function, _sqs, cloudwatch = deployed(pools, {f"q{n}": count for n in range(4)})
    function.lambda_handler({}, CONTEXT)
    assert cloudwatch.published == {f"n{n}": 1.0 for n in range(4)}


@pytest.mark.parametrize(("remaining", "budget"), [(50, 42), (10, 7.5)], ids=["the usual time", "little time"])
def test_what_was_read_in_time_is_published_and_the_rest_is_named(deployed, remaining, budget):
    held = threading.Event()

    def never():
        held.wait()
        return 0, 0

    function, _sqs, cloudwatch = deployed([VIDEO, AUDIO], {"academy-video-jobs": never, "academy-audio-jobs": (4, 0)})
    budgets, wait = [], function.wait

    def until_audio_is_read(futures, timeout):
        """The time is over as soon as the other queue has been read."""
        budgets.append(timeout)
        wait(futures, return_when=FIRST_COMPLETED)

    function.wait = until_audio_is_read
    function.time = SimpleNamespace(monotonic=lambda: 100.0)
    context = SimpleNamespace(**vars(CONTEXT) | {"get_remaining_time_in_millis": lambda: remaining * 1000})
    try:
        with pytest.raises(function.NotPublished, match=r"for video: its queue was not read in time$"):
            function.lambda_handler({}, context)
    finally:
        held.set()
    assert cloudwatch.published == {"AudioQueueDepthTotal": 4.0}
    assert budgets[0] == budget


def test_no_queue_is_asked_any_more_once_the_time_is_over(deployed):
    held = threading.Event()
    asked = []

    def late():
        asked.append(1)
        held.wait()
        return 0, 0

    pools = fleet(40)
    function, _sqs, cloudwatch = deployed(pools, {pool["queue_name"]: late for pool in pools})
    function.wait = lambda futures, timeout: None
    before = set(threading.enumerate())
    try:
        with pytest.raises(function.NotPublished, match=r"p0: its queue was not read in time; p1: "):
            function.lambda_handler({}, CONTEXT)
    finally:
        readers = set(threading.enumerate()) - before
        held.set()
        for reader in readers:
            reader.join(timeout=60)
    assert len(asked) <= function.THREADS < len(pools)
    assert cloudwatch.requests == []


def test_an_unreadable_queue_does_not_end_the_thread_that_met_it(deployed):
    broken = {f"q{n}": RuntimeError("denied") for n in range(40)}
    function, _sqs, cloudwatch = deployed(fleet(80), broken | {f"q{n}": (1, 0) for n in range(40, 80)})
    with pytest.raises(function.NotPublished):
        function.lambda_handler({}, CONTEXT)
    assert set(cloudwatch.published) == {f"n{n}" for n in range(40, 80)}


def test_an_address_is_asked_once_per_queue(deployed):
    function, sqs, _cloudwatch = deployed([VIDEO, AUDIO], BOTH)
    for _round in range(3):
        function.lambda_handler({}, CONTEXT)
    assert sorted(sqs.urls) == ["academy-audio-jobs", "academy-video-jobs"]


def many(size):
    """Pools with a queue each, and those queues."""
    pools = [other(name=f"p{n}", queue_name=f"jobs-{n:04}", metric={**METRIC, "name": f"n{n}"}) for n in range(size)]
    return pools, {pool["queue_name"]: (1, 2) for pool in pools}


def test_the_addresses_of_many_queues_are_listed_once(deployed):
    pools, queues = many(250)
    function, sqs, cloudwatch = deployed(pools, queues)
    names = sorted(queues)
    sqs.listed = lambda: [[*names[:100], "jobs-other"], [], names[100:247]]
    for _invocation in range(2):
        function.lambda_handler({}, CONTEXT)
    assert len(cloudwatch.published) == 250
    # What the list did not have is asked for by its name; the list is read again only while many are unknown.
    assert (sqs.lists, sorted(sqs.urls)) == ([{"MaxResults": 1000, "QueueNamePrefix": "jobs-0"}], names[247:])


def refused():
    raise RuntimeError("AccessDenied")


def mostly_others():
    yield [f"jobs-0other-{n}" for n in range(4000)]
    pytest.fail("there is no end to it")


@pytest.mark.parametrize(
    ("size", "listed", "lists"),
    [
        (199, refused, 0),
        (200, refused, 1),
        (200, mostly_others, 1),
        (200, lambda: [[]], 1),
    ],
    ids=["few", "may not list", "mostly others", "an empty list"],
)
def test_what_is_not_listed_is_asked_for_by_its_name(deployed, size, listed, lists):
    pools, queues = many(size)
    function, sqs, cloudwatch = deployed(pools, queues)
    sqs.listed = listed
    function.lambda_handler({}, CONTEXT)
    assert (len(sqs.lists), sorted(sqs.urls)) == (lists, sorted(queues))
    assert len(cloudwatch.published) == size


def test_a_list_that_takes_too_long_is_given_up(deployed):
    """A quarter of the time to read, and what it took is not there for the queues any more."""
    pools, queues = many(200)
    function, sqs, _cloudwatch = deployed(pools, queues)
    now, read, budgets, wait = [100.0], [], [], function.wait

    def pages():
        for number in range(3):
            read.append(number)
            now[0] += 8
            yield [f"jobs-{number:04}"]

    def waiting(futures, timeout):
        budgets.append(timeout)
        wait(futures)

    sqs.listed = pages
    function.wait = waiting
    function.time = SimpleNamespace(monotonic=lambda: now[0])
    function.lambda_handler({}, CONTEXT)
    # Of 50 seconds 42 are there to read, and 49 until all is written.
    assert (read, budgets) == ([0, 1], [10.5, 26.0, 33.0])
    assert len(sqs.urls) == 198


def test_one_structured_line_per_run(deployed, capsys):
    function, _sqs, _cloudwatch = deployed([VIDEO, AUDIO], BOTH)
    function.lambda_handler({}, CONTEXT)
    line = line_of(capsys)
    assert isinstance(line.pop("seconds"), float)
    assert line == {
        "level": "INFO",
        "message": "queue depths published",
        "version": "7",
        "request_id": "request-1",
        "pools": 2,
        "failed": {},
        "published": True,
        "put_metric_data_requests": 1,
    }


# --- the depth over the desired capacity ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("depth", "capacity", "target", "value"),
    [
        ((0, 0), 0, 1, 0.0),
        ((1, 0), 0, 1, 1.01),
        ((0, 1), 0, 1, 1.01),
        ((1, 0), 0, 0.5, 1.0),
        ((1, 0), 0, 50, 50.5),
        ((40, 0), 0, 50, 50.5),
        ((120, 0), 0, 50, 120.0),
        ((6, 4), 0, 1, 10.0),
        ((0, 0), 4, 1, 0.0),
        ((3, 2), 2, 1, 2.5),
        ((6, 4), 10, 1, 1.0),
    ],
    ids=str,
)
def test_the_depth_is_divided_by_the_desired_capacity(deployed, depth, capacity, target, value):
    pools = [{**DIVIDED, "target_value": target}, AUDIO]
    function, _sqs, cloudwatch = deployed(pools, BOTH | {"academy-video-jobs": depth}, groups={GROUP: capacity})
    answer = function.lambda_handler({"publish": True}, CONTEXT)
    assert cloudwatch.published == {
        "VideoQueueDepthTotal": float(sum(depth)),
        RATIO: pytest.approx(value),
        "AudioQueueDepthTotal": 0.0,
    }
    assert answer["video_queue_depth_per_instance"] == pytest.approx(value)


def test_the_second_metric_has_the_declared_name_and_the_dimensions_of_the_first(deployed):
    named = {**DIVIDED, "metric": {**METRIC, "per_instance_name": "Load"}}
    function, _sqs, cloudwatch = deployed([named], BOTH, groups={GROUP: 5})
    function.lambda_handler({}, CONTEXT)
    ((request,),) = [cloudwatch.requests]
    total, ratio = request["MetricData"]
    assert (ratio["MetricName"], ratio["Value"], ratio["Unit"]) == ("Load", 1.0, "Count")
    assert ratio["Dimensions"] == total["Dimensions"]


def test_a_pool_that_needs_no_value_per_instance_reads_no_group(deployed):
    function, _sqs, _cloudwatch = deployed([VIDEO, AUDIO], BOTH, groups={GROUP: RuntimeError("denied")})
    function.lambda_handler({}, CONTEXT)
    assert function.autoscaling.asked == []


@pytest.mark.parametrize(
    ("groups", "reason"),
    [
        ({}, f"LookupError: there is no Auto Scaling group {GROUP}"),
        ({GROUP: RuntimeError("AccessDenied:\nno")}, "RuntimeError: AccessDenied: no"),
        ({GROUP: lambda: "many"}, "ValueError: invalid literal for int"),
    ],
    ids=["no group", "denied", "no number"],
)
def test_a_group_that_cannot_be_read_leaves_out_the_ratio_and_nothing_else(deployed, capsys, groups, reason):
    function, _sqs, cloudwatch = deployed([DIVIDED, AUDIO], BOTH, groups=groups)
    with pytest.raises(function.NotPublished) as failed:
        function.lambda_handler({}, CONTEXT)
    assert f"published for video: no value per instance: {reason}" in str(failed.value)
    assert cloudwatch.published == {"VideoQueueDepthTotal": 5.0, "AudioQueueDepthTotal": 0.0}
    assert list(line_of(capsys)["failed"]) == ["video"]


def test_a_queue_that_cannot_be_read_has_no_ratio_either(deployed):
    queues = BOTH | {"academy-video-jobs": RuntimeError("denied")}
    function, _sqs, cloudwatch = deployed([DIVIDED], queues, groups={GROUP: 3})
    answer = function.lambda_handler({"publish": True}, CONTEXT)
    assert (answer, cloudwatch.requests) == ({"failed": {"video": "RuntimeError: denied"}}, [])


def test_a_group_that_does_not_answer_in_time_is_named(deployed, held):
    function, _sqs, cloudwatch = deployed([DIVIDED], BOTH, groups={GROUP: held})
    clock = Clock().put_into(function)
    function.wait = clock.until_held(held)
    with pytest.raises(function.NotPublished, match=f"its group {GROUP} was not read in time"):
        function.lambda_handler({}, clock.context)
    assert cloudwatch.published == {"VideoQueueDepthTotal": 5.0}
    assert clock.now == 45


def test_a_group_is_read_after_the_queues(deployed):
    group = Growing(1)
    function, _sqs, cloudwatch = deployed([DIVIDED], groups={GROUP: group})
    _sqs.queues["academy-video-jobs"] = lambda: group.becomes(10)() or (10, 0)
    function.lambda_handler({"publish": True}, CONTEXT)
    assert cloudwatch.published[RATIO] == 1.0


def test_queues_that_take_all_the_time_leave_some_for_the_groups(deployed, held):
    pools = [DIVIDED, AUDIO]
    function, _sqs, cloudwatch = deployed(pools, BOTH | {"academy-audio-jobs": held}, groups={GROUP: 5})
    clock = Clock().put_into(function)
    function.wait = clock.until_held(held)
    with pytest.raises(function.NotPublished, match=r"published for audio: its queue was not read in time$"):
        function.lambda_handler({}, clock.context)
    assert cloudwatch.published == {"VideoQueueDepthTotal": 5.0, RATIO: 1.0}
    assert clock.now == 42


@pytest.mark.parametrize(("number", "sizes"), [(1, [1]), (100, [100]), (250, [100, 100, 50])], ids=str)
def test_groups_are_read_a_hundred_at_a_time(deployed, number, sizes):
    pools = [{**pool, "signal": "published_per_instance"} for pool in fleet(number)]
    pools = [{**pool, "auto_scaling_group_name": f"g{n}"} for n, pool in enumerate(pools)]
    queues, groups = {f"q{n}": (n, 0) for n in range(number)}, {f"g{n}": n + 1 for n in range(number)}
    function, _sqs, cloudwatch = deployed(pools, queues, groups=groups)
    function.lambda_handler({"publish": True}, CONTEXT)
    assert sorted(len(asked["AutoScalingGroupNames"]) for asked in function.autoscaling.asked) == sorted(sizes)
    assert {asked["MaxRecords"] for asked in function.autoscaling.asked} == {100}
    assert len(cloudwatch.published) == 2 * number
    assert cloudwatch.published[f"n{number - 1}PerInstance"] == (number - 1) / number


def test_pools_of_one_group_read_it_once(deployed):
    pools = [DIVIDED, other(signal="published_per_instance", auto_scaling_group_name=GROUP)]
    function, _sqs, _cloudwatch = deployed(pools, BOTH, groups={GROUP: 5})
    function.lambda_handler({"publish": True}, CONTEXT)
    assert [asked["AutoScalingGroupNames"] for asked in function.autoscaling.asked] == [[GROUP]]


# --- while a value is above its target --------------------------------------------------------------------------


class Growing:
    """A group whose capacity is set by hand."""

    def __init__(self, capacity):
        self.capacity = capacity

    def __call__(self):
        return self.capacity

    def becomes(self, capacity):
        return lambda: setattr(self, "capacity", capacity)


def test_a_minute_in_which_the_capacity_grew_gets_the_new_ratio_too(deployed, capsys):
    group = Growing(1)
    function, _sqs, cloudwatch = deployed([DIVIDED], {"academy-video-jobs": (10, 0)}, groups={GROUP: group})
    clock = Clock().put_into(function)
    clock.at[15] = group.becomes(10)
    function.lambda_handler({}, clock.context)
    # For the moment of the first value, whichever minute it is by now; then it is not above the target any more.
    assert cloudwatch.values(RATIO) == [(0.0, 10.0), (0.0, 1.0)]
    assert clock.now == 20
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert first["message"] == "queue depths published"
    assert (second["level"], second["pools"]) == ("INFO", ["video"])


@pytest.mark.parametrize(
    ("capacity", "event", "looks"),
    [(5, {}, 1), (10, {}, 1), (1, {"publish": True}, 1), (1, {"publish": False}, 1), (1, {}, 5)],
    ids=["at the target", "below it", "asked by a run", "asked not to publish", "above it"],
)
def test_the_group_is_looked_at_again_only_while_the_ratio_is_above_the_target(deployed, capacity, event, looks):
    function, _sqs, _cloudwatch = deployed([DIVIDED], BOTH, groups={GROUP: capacity})
    clock = Clock().put_into(function)
    function.lambda_handler(event, clock.context)
    assert (len(function.autoscaling.asked), clock.now) == (looks, 10.0 * (looks - 1))


@pytest.mark.parametrize(("timeout", "until"), [(50, 40), (60, 50), (30, 20), (12, 0)], ids=str)
def test_it_ends_in_time(deployed, timeout, until):
    function, _sqs, _cloudwatch = deployed([DIVIDED], BOTH, groups={GROUP: 1})
    clock = Clock(timeout).put_into(function)
    function.lambda_handler({}, clock.context)
    assert clock.now == until


def test_a_capacity_that_grew_between_two_runs_is_published_by_the_second(deployed):
    group = Growing(1)
    function, _sqs, cloudwatch = deployed([DIVIDED], {"academy-video-jobs": (10, 0)}, groups={GROUP: group})
    clock = Clock().put_into(function)
    function.lambda_handler({}, clock.context)
    group.becomes(10)()
    clock.next_run(60)
    function.lambda_handler({}, clock.context)
    assert cloudwatch.values(RATIO) == [(0.0, 10.0), (0.0, 1.0), (60.0, 1.0)]


@pytest.mark.parametrize("becomes", [1, 0], ids=["as it was", "smaller"])
def test_a_ratio_is_never_raised(deployed, becomes):
    group = Growing(1)
    function, _sqs, cloudwatch = deployed([DIVIDED], {"academy-video-jobs": (10, 0)}, groups={GROUP: group})
    clock = Clock().put_into(function)
    clock.at[15] = group.becomes(becomes)
    function.lambda_handler({}, clock.context)
    assert cloudwatch.values(RATIO) == [(0.0, 10.0)]


ANEW = "values per instance divided anew, since their groups have grown"
NOT_ANEW = "some values per instance may be too high, since they could not be divided anew"


def looked_of(capsys):
    """The lines beside that of the run itself."""
    lines = map(json.loads, capsys.readouterr().out.splitlines())
    return [line for line in lines if not line["message"].endswith("published")]


def test_who_does_not_answer_is_asked_again_and_logged(deployed, capsys):
    answers = iter([1, RuntimeError("throttled"), 10])

    def capacity():
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    function, _sqs, cloudwatch = deployed([DIVIDED], {"academy-video-jobs": (10, 0)}, groups={GROUP: capacity})
    function.lambda_handler({}, Clock().put_into(function).context)
    assert cloudwatch.values(RATIO) == [(0.0, 10.0), (0.0, 1.0)]
    assert looked_of(capsys) == [
        {
            "level": "WARNING",
            "message": NOT_ANEW,
            "request_id": "request-1",
            "groups_not_read": {GROUP: "RuntimeError: throttled"},
            "not_published": {},
        },
        {"level": "INFO", "message": ANEW, "request_id": "request-1", "pools": ["video"]},
    ]


def test_a_pool_that_is_lowered_and_one_that_is_refused_have_a_line_each(deployed, capsys):
    elsewhere = {**METRIC, "namespace": "Academy/Audio", "name": "AudioQueueDepthTotal"}
    second = other(signal="published_per_instance", auto_scaling_group_name=GROUP, metric=elsewhere)
    queues = {"academy-video-jobs": (10, 0), "academy-audio-jobs": (20, 0)}
    group = Growing(1)
    function, _sqs, cloudwatch = deployed([DIVIDED, second], queues, groups={GROUP: group})
    clock = Clock().put_into(function)
    clock.at[5] = lambda: (group.becomes(20)(), setattr(cloudwatch, "refused", ["Academy/Audio"]))
    clock.at[15] = lambda: setattr(cloudwatch, "refused", ())
    function.lambda_handler({}, clock.context)
    refused = {"audio": "RuntimeError: InvalidParameterValue: refused"}
    assert [{**line, "request_id": ...} for line in looked_of(capsys)] == [
        {"level": "INFO", "message": ANEW, "request_id": ..., "pools": ["video"]},
        {
            "level": "WARNING",
            "message": NOT_ANEW,
            "request_id": ...,
            "groups_not_read": {},
            "not_published": refused,
        },
        {"level": "INFO", "message": ANEW, "request_id": ..., "pools": ["audio"]},
    ]


def test_a_lower_value_that_was_refused_is_sent_again(deployed):
    function, _sqs, cloudwatch = deployed([DIVIDED], {"academy-video-jobs": (10, 0)}, groups={GROUP: Growing(1)})
    clock = Clock().put_into(function)
    clock.at[5] = lambda: (function.autoscaling.groups.update({GROUP: 10}), setattr(cloudwatch, "refused", [NAMESPACE]))
    clock.at[15] = lambda: setattr(cloudwatch, "refused", ())
    function.lambda_handler({}, clock.context)
    assert cloudwatch.values(RATIO) == [(0.0, 10.0), (0.0, 1.0), (0.0, 1.0)]


def test_a_run_that_failed_for_one_pool_still_looks_after_the_others(deployed):
    group = Growing(1)
    queues = {"academy-video-jobs": (10, 0), "academy-audio-jobs": RuntimeError("denied")}
    function, _sqs, cloudwatch = deployed([DIVIDED, AUDIO], queues, groups={GROUP: group})
    clock = Clock().put_into(function)
    clock.at[15] = group.becomes(10)
    with pytest.raises(function.NotPublished, match="for audio: "):
        function.lambda_handler({}, clock.context)
    assert cloudwatch.values(RATIO) == [(0.0, 10.0), (0.0, 1.0)]


# --- from one run to the next -----------------------------------------------------------------------------------


def of_ten_jobs(deployed, groups):
    """The publisher of a pool with ten jobs, on a clock, and what it has asked for in order."""
    function, sqs, cloudwatch = deployed([DIVIDED], {"academy-video-jobs": (10, 0)}, groups=groups)
    return function, sqs, cloudwatch, Clock().put_into(function)


def test_the_samples_of_the_last_run_come_before_the_queues(deployed):
    group = Growing(1)
    function, sqs, cloudwatch, clock = of_ten_jobs(deployed, {GROUP: group})
    function.lambda_handler({}, clock.context)
    group.becomes(10)()
    clock.next_run(60)
    read = []
    sqs.queues["academy-video-jobs"] = lambda: read.append(cloudwatch.values(RATIO)) or (10, 0)
    function.lambda_handler({}, clock.context)
    assert read == [[(0.0, 10.0), (0.0, 1.0)]]


@pytest.mark.parametrize(("becomes", "event"), [(10, {}), (10, {"publish": True}), (1, {"publish": False})], ids=str)
def test_a_capacity_that_grew_while_the_queues_were_read_is_that_of_both_minutes(deployed, becomes, event):
    group = Growing(1)
    function, sqs, cloudwatch, clock = of_ten_jobs(deployed, {GROUP: group})
    function.lambda_handler({}, clock.context)
    clock.next_run(60)
    sqs.queues["academy-video-jobs"] = lambda: (clock.sleep(20), group.becomes(10)()) and (10, 0)
    function.lambda_handler(event, clock.context)
    assert cloudwatch.values(RATIO) == [(0.0, 10.0), *([(0.0, 1.0), (80.0, 1.0)] if becomes == 10 else [])]


def test_a_step_that_the_new_sample_has_seen_is_still_published_for_the_last_one(deployed):
    """The group steps once more while both minutes are watched: the alarm may not have seen the newer one yet."""
    group = Growing(1)
    function, _sqs, cloudwatch, clock = of_ten_jobs(deployed, {GROUP: group})
    function.lambda_handler({}, clock.context)
    clock.next_run(60)
    clock.at[75] = group.becomes(5)
    clock.at[85] = group.becomes(10)
    function.lambda_handler({}, clock.context)
    assert cloudwatch.values(RATIO) == [(0.0, 10.0), (60.0, 10.0), (0.0, 2.0), (60.0, 2.0), (0.0, 1.0), (60.0, 1.0)]


def denied():
    raise RuntimeError("denied")


@pytest.mark.parametrize("unreadable", ["queue", "group"])
def test_a_minute_that_cannot_be_read_does_not_lose_the_one_before(deployed, unreadable):
    group = Growing(1)
    function, sqs, cloudwatch, clock = of_ten_jobs(deployed, {GROUP: group})
    function.lambda_handler({}, clock.context)
    clock.next_run(60)
    answering = {**sqs.queues}, {**function.autoscaling.groups}
    if unreadable == "queue":
        sqs.queues["academy-video-jobs"] = denied
    else:
        function.autoscaling.groups[GROUP] = denied
    # The group steps five seconds into the minute; from then on everything answers.
    clock.at[65] = lambda: (sqs.queues.update(answering[0]), function.autoscaling.groups.update(answering[1]))
    clock.at[66] = group.becomes(10)
    with pytest.raises(function.NotPublished, match="for video: "):
        function.lambda_handler({}, clock.context)
    assert cloudwatch.values(RATIO) == [(0.0, 10.0), (0.0, 1.0)]


def test_a_pool_that_cannot_be_read_does_not_lose_what_another_pool_has_new(deployed):
    second = other(signal="published_per_instance", auto_scaling_group_name="other")
    groups = {GROUP: Growing(1), "other": Growing(1)}
    queues = {"academy-video-jobs": (10, 0), "academy-audio-jobs": (10, 0)}
    function, sqs, cloudwatch = deployed([DIVIDED, second], queues, groups=groups)
    clock = Clock().put_into(function)
    function.lambda_handler({}, clock.context)
    clock.next_run(60)
    sqs.queues["academy-audio-jobs"] = denied
    clock.at[65] = lambda: [group.becomes(10)() for group in groups.values()]
    with pytest.raises(function.NotPublished, match="for audio: "):
        function.lambda_handler({}, clock.context)
    assert cloudwatch.values(RATIO) == [(0.0, 10.0), (60.0, 10.0), (0.0, 1.0), (60.0, 1.0)]
    assert cloudwatch.values("AudioQueueDepthTotalPerInstance") == [(0.0, 10.0), (0.0, 1.0)]


@pytest.mark.parametrize(("later", "lowered"), [(60, True), (180, True), (181, False), (14 * 60, False)], ids=str)
def test_an_old_sample_is_left_as_it_is(deployed, later, lowered):
    """AlarmLow looks at fifteen minutes: an environment that was idle for long does not make them low."""
    group = Growing(1)
    function, _sqs, cloudwatch, clock = of_ten_jobs(deployed, {GROUP: group})
    function.lambda_handler({}, clock.context)
    group.becomes(10)()
    clock.next_run(later)
    function.lambda_handler({}, clock.context)
    assert cloudwatch.values(RATIO) == [(0.0, 10.0), *([(0.0, 1.0)] if lowered else []), (float(later), 1.0)]


def test_what_is_old_is_forgotten(deployed):
    function, sqs, _cloudwatch, clock = of_ten_jobs(deployed, {GROUP: 1})
    for minute in range(10):
        clock.next_run(60 * minute)
        function.lambda_handler({}, clock.context)
    assert len(function.high) == 3
    sqs.queues["academy-video-jobs"] = (0, 0)
    for minute in range(10, 14):
        clock.next_run(60 * minute)
        function.lambda_handler({}, clock.context)
    assert (function.high, clock.now) == ({}, 13 * 60)


# --- a look has an end of its own -------------------------------------------------------------------------------


def divided_fleet(number):
    """Pools above their target, with a queue and a group of one worker each."""
    pools = [{**pool, "signal": "published_per_instance"} for pool in fleet(number)]
    pools = [{**pool, "auto_scaling_group_name": f"g{n:04}"} for n, pool in enumerate(pools)]
    return pools, {f"q{n}": (10, 0) for n in range(number)}, {f"g{n:04}": 1 for n in range(number)}


def test_the_groups_of_a_look_are_read_at_the_same_time(deployed):
    pools, queues, groups = divided_fleet(300)
    function, _sqs, cloudwatch = deployed(pools, queues, groups=groups)
    clock, inside = Clock().put_into(function), threading.Barrier(3)

    def count():
        # One of each hundred: three reads meet here, or this breaks.
        inside.wait(timeout=60)
        return 10

    clock.at[5] = lambda: groups.update(dict.fromkeys(groups, 10) | dict.fromkeys(["g0000", "g0100", "g0200"], count))
    function.lambda_handler({}, clock.context)
    assert (clock.now, set(cloudwatch.published.values())) == (10, {10.0, 1.0})
    assert cloudwatch.values("n0PerInstance") == [(0.0, 10.0), (0.0, 1.0)]


def test_a_look_that_gets_no_answer_ends_in_time_and_is_logged(deployed, held, capsys):
    function, _sqs, _cloudwatch, clock = of_ten_jobs(deployed, {GROUP: 1})
    function.wait = clock.until_held(held)
    clock.at[35] = lambda: function.autoscaling.groups.update({GROUP: held})
    function.lambda_handler({}, clock.context)
    # The look at second 40 had five seconds; after it no other is begun.
    assert clock.now == 45
    (warning,) = looked_of(capsys)
    assert (warning["message"], warning["groups_not_read"]) == (NOT_ANEW, {GROUP: "not read in time"})


def test_no_group_is_asked_any_more_once_the_time_is_over(deployed, held):
    pools, queues, groups = divided_fleet(2000)
    function, _sqs, _cloudwatch = deployed(pools, queues, groups=groups)
    clock = Clock().put_into(function)
    function.wait = clock.until_held(held)
    clock.at[35] = lambda: (function.autoscaling.asked.clear(), groups.update(dict.fromkeys(groups, held)))
    before = set(threading.enumerate())
    function.lambda_handler({}, clock.context)
    readers = set(threading.enumerate()) - before
    held.released.set()
    for reader in readers:
        reader.join(timeout=60)
    assert len(function.autoscaling.asked) == function.THREADS < len(groups) / 100


@pytest.mark.parametrize("after", [0, 35], ids=["the first values", "a lower value"])
def test_a_write_that_gets_no_answer_ends_in_time_and_names_its_pool(deployed, held, capsys, after):
    group = Growing(1)
    function, _sqs, cloudwatch, clock = of_ten_jobs(deployed, {GROUP: group})
    function.wait = clock.until_held(held)
    clock.at[after] = lambda: (group.becomes(10)(), setattr(cloudwatch, "put_metric_data", held))
    clock.sleep(0)
    if after:
        function.lambda_handler({}, clock.context)
        (warning,) = looked_of(capsys)
        assert (warning["message"], warning["not_published"]) == (NOT_ANEW, {"video": "not written in time"})
    else:
        with pytest.raises(function.NotPublished, match=r"for video: not written in time$"):
            function.lambda_handler({}, clock.context)
    assert clock.now == 49


def test_a_first_look_that_gets_no_answer_leaves_the_time_to_measure(deployed, held):
    group = Growing(1)
    function, sqs, cloudwatch, clock = of_ten_jobs(deployed, {GROUP: group})
    function.lambda_handler({}, clock.context)
    clock.next_run(60)
    began = []
    sqs.queues["academy-video-jobs"] = lambda: began.append(clock.now) or (10, 0)
    function.autoscaling.groups[GROUP] = held
    function.wait = clock.until_held(held)
    with pytest.raises(function.NotPublished, match="was not read in time"):
        function.lambda_handler({}, clock.context)
    assert began == [64]
    assert cloudwatch.published["VideoQueueDepthTotal"] == 10.0


def names_asked(function):
    return [len(asked["AutoScalingGroupNames"]) for asked in function.autoscaling.asked]


def test_a_group_at_its_maximum_is_not_watched(deployed):
    pools, queues, groups = divided_fleet(3)
    function, _sqs, cloudwatch = deployed(pools, queues, groups=groups)
    clock = Clock().put_into(function)
    function.autoscaling.maximum = {"g0000": 1, "g0001": 2}
    clock.at[15] = lambda: groups.update({"g0001": 2})
    function.lambda_handler({}, clock.context)
    # The second group comes to its maximum meanwhile.
    assert (names_asked(function), clock.now) == ([3, 2, 2, 1, 1], 40)
    assert cloudwatch.values("n1PerInstance") == [(0.0, 10.0), (0.0, 5.0)]


def test_with_all_groups_at_their_maximum_a_run_ends_at_once(deployed):
    function, _sqs, cloudwatch, clock = of_ten_jobs(deployed, {GROUP: 1})
    function.autoscaling.maximum = {GROUP: 1}
    function.lambda_handler({}, clock.context)
    assert (names_asked(function), clock.now) == ([1], 0)
    # Somebody allows more, and the group steps: the next run sees it.
    function.autoscaling.maximum, function.autoscaling.groups[GROUP] = {}, 10
    clock.next_run(60)
    function.lambda_handler({}, clock.context)
    assert cloudwatch.values(RATIO) == [(0.0, 10.0), (0.0, 1.0), (60.0, 1.0)]


def test_a_lower_value_that_was_refused_is_sent_again_at_the_maximum_too(deployed):
    function, _sqs, cloudwatch, clock = of_ten_jobs(deployed, {GROUP: 1})
    function.autoscaling.maximum = {GROUP: 5}
    clock.at[5] = lambda: (function.autoscaling.groups.update({GROUP: 5}), setattr(cloudwatch, "refused", [NAMESPACE]))
    clock.at[15] = lambda: setattr(cloudwatch, "refused", ())
    function.lambda_handler({}, clock.context)
    assert cloudwatch.values(RATIO) == [(0.0, 10.0), (0.0, 2.0), (0.0, 2.0)]
    assert clock.now == 20


# --- limits -----------------------------------------------------------------------------------------------------


def fleet(number, namespaces=1, **metric):
    return [
        other(
            name=f"p{n}",
            queue_name=f"q{n}",
            metric={**METRIC, "namespace": f"Academy/{n % namespaces}", "name": f"n{n}", **metric},
        )
        for n in range(number)
    ]


@pytest.mark.parametrize(
    ("number", "namespaces", "sizes"),
    [(1, 1, [1]), (1000, 1, [1000]), (1001, 1, [1000, 1]), (2500, 1, [1000, 1000, 500]), (10, 3, [4, 3, 3])],
    ids=str,
)
def test_as_few_requests_as_the_limits_allow(deployed, number, namespaces, sizes):
    pools = fleet(number, namespaces, dimensions={"A": "1"})
    function, _sqs, cloudwatch = deployed(pools, {f"q{n}": (n, 0) for n in range(number)})
    function.lambda_handler({}, CONTEXT)
    assert [len(request["MetricData"]) for request in cloudwatch.requests] == sizes
    assert cloudwatch.published == {f"n{n}": float(n) for n in range(number)}


def test_a_thousand_pools_like_the_seed_take_at_most_two_requests(deployed):
    function, _sqs, cloudwatch = deployed(fleet(1000), {f"q{n}": (1, 0) for n in range(1000)})
    function.lambda_handler({}, CONTEXT)
    assert len(cloudwatch.requests) <= 2


@pytest.mark.parametrize("letter", ["v", "/"], ids=["plain", "encoded as three"])
def test_no_request_is_larger_than_a_megabyte_on_the_wire(deployed, letter):
    dimensions = {f"{letter * 250}{n:03}": letter * 1024 for n in range(30)}
    function, _sqs, cloudwatch = deployed(
        fleet(60, name=letter * 255, dimensions=dimensions), {f"q{n}": (1, 0) for n in range(60)}
    )
    function.lambda_handler({}, CONTEXT)
    model = botocore.session.Session().get_service_model("cloudwatch")
    operation = model.operation_model("PutMetricData")
    assert len(cloudwatch.requests) > 1
    for request in cloudwatch.requests:
        body = create_serializer("query").serialize_to_request(request, operation)["body"]
        assert len(urlencode(body)) <= 1_000_000


def test_the_package_starts_where_the_code_is():
    function_name = HANDLER.split(".")[1]
    assert f"def {function_name}(" in SOURCE.read_text()
    assert package(SOURCE.read_text(), settings())
