# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the publisher writes is the queue's own count or nothing, for every pool that it serves."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from local_aws import seed
from tests.integration.account import FUNCTION, NAMESPACE, Account, pool
from tests.integration.playbook import Run

ROLE = "arn:aws:iam::123456789012:role/by-hand"
# Leaves a trace that a test can look for.
BY_HAND = """
import boto3

def handler(event, context):
    boto3.client("sqs").create_queue(QueueName="it-ran")
    return {}
"""


def deploy(account: Account, pools: list[dict[str, Any]], **how: Any) -> Run:
    options = how.pop("options", {})
    run = account.module("queue_depth_lambda", {"pools": pools, **options}, **how)
    assert run.code == 0, run.output
    return run


def make_queues(account: Account, *names: str) -> dict[str, str]:
    return {name: seed.make_queue(account.client, name=f"academy-{name}-jobs", dead_letter_name=None) for name in names}


def metrics(account: Account) -> list[dict[str, Any]]:
    return account.client("cloudwatch").list_metrics(Namespace=NAMESPACE)["Metrics"]


def published_pools(account: Account) -> set[str]:
    dimensions = [dimension for metric in metrics(account) for dimension in metric["Dimensions"]]
    return {dimension["Value"].lower() for dimension in dimensions if dimension["Name"] == "WorkerType"}


def traces(account: Account) -> list[str]:
    return account.client("sqs").list_queues(QueueNamePrefix="it-ran").get("QueueUrls", [])


def log_lines(account: Account) -> list[dict[str, Any]]:
    """The structured lines only: an emulator and AWS add some of their own."""
    events = account.client("logs").filter_log_events(logGroupName=f"/aws/lambda/{FUNCTION}")["events"]
    lines = [event["message"].strip() for event in events]
    return [json.loads(line) for line in lines if line.startswith("{")]


def test_five_sent_and_two_received_are_five_in_exactly_the_declared_metric(account):
    url = seed.make_queue(account.client)
    deploy(account, [pool()])
    seed.send_messages(account.client("sqs"), url, 5)
    seed.take_messages(account.client("sqs"), url, 2)

    error, answer = account.invoke({})
    assert (error, answer) == (None, {"video_queue_depth_total": 5})

    (metric,) = metrics(account)
    dimensions = {dimension["Name"]: dimension["Value"] for dimension in metric["Dimensions"]}
    assert metric["MetricName"] == "VideoQueueDepthTotal"
    assert dimensions == {"WorkerType": "Video", "AutoScalingGroupName": "academy-video-worker-asg"}
    now = datetime.now(UTC)
    (point,) = account.client("cloudwatch").get_metric_statistics(
        Namespace=NAMESPACE,
        MetricName="VideoQueueDepthTotal",
        Dimensions=metric["Dimensions"],
        StartTime=now - timedelta(minutes=10),
        EndTime=now + timedelta(minutes=10),
        Period=60,
        Statistics=["Average", "SampleCount"],
    )["Datapoints"]
    assert (point["Average"], point["SampleCount"], point["Unit"]) == (5.0, 1.0, "Count")


def test_a_measurement_without_publishing_and_a_description_write_no_metric(account):
    make_queues(account, "video")
    deploy(account, [pool()])
    assert account.invoke({"publish": False}) == (None, {"video_queue_depth_total": 0})
    _, description = account.invoke({"describe": True})
    assert [served["name"] for served in description["pools"]] == ["video"]
    assert metrics(account) == []


def test_a_queue_that_is_gone_publishes_nothing_and_silences_no_other(account):
    urls = make_queues(account, "video", "audio", "image")
    deploy(account, [pool(name) for name in urls])
    account.client("sqs").delete_queue(QueueUrl=urls["audio"])

    error, answer = account.invoke({})
    assert error
    assert "audio" in answer["errorMessage"]
    assert "video" not in answer["errorMessage"] and "image" not in answer["errorMessage"]
    assert published_pools(account) == {"video", "image"}


def test_a_thousand_pools_take_one_invocation_with_at_most_two_requests(account):
    urls = make_queues(account, "a", "b", "c", "d")
    names = [f"p{number}" for number in range(1000)]
    queues = [f"academy-{name}-jobs" for name in urls]
    pools = [
        pool(name, queue_name=queues[number % 4], dead_letter_queue_name=None) for number, name in enumerate(names)
    ]
    for url in urls.values():
        seed.send_messages(account.client("sqs"), url, 1)
    deploy(account, pools)

    error, answer = account.invoke({})
    assert error is None, answer
    assert answer == {f"{name}_queue_depth_total": 1 for name in names}
    (line,) = log_lines(account)
    assert line["pools"] == 1000
    assert line["failed"] == {}
    assert 1 <= line["put_metric_data_requests"] <= 2
    paginator = account.client("cloudwatch").get_paginator("list_metrics")
    assert sum(len(page["Metrics"]) for page in paginator.paginate(Namespace=NAMESPACE)) == 1000


def test_another_list_adds_to_what_is_served_unless_pools_are_purged(account):
    make_queues(account, "video", "audio")
    deploy(account, [pool("video")])
    added = deploy(account, [pool("audio")], diff=True)
    assert added["queue_depth_lambda"].result["publisher"]["served_pools"] == ["audio", "video"]
    (upload,) = [request for request in added.requests if request.operation == "UpdateFunctionCode"]
    assert upload.parameters["RevisionId"]
    assert account.invoke({})[1] == {"video_queue_depth_total": 0, "audio_queue_depth_total": 0}
    assert published_pools(account) == {"video", "audio"}

    whole = {"options": {"purge_pools": True}, "diff": True}
    checked = deploy(account, [pool("audio")], check=True, **whole)
    assert checked.mutating == []
    assert checked["queue_depth_lambda"].result["publisher"]["dropped_pools"] == ["video"]
    before, after = checked["queue_depth_lambda"].differences[f"function {FUNCTION}.pools.video"]
    assert before["queue_name"] == "academy-video-jobs" and after is None
    assert account.invoke({"publish": False})[1] == {"video_queue_depth_total": 0, "audio_queue_depth_total": 0}

    purged = deploy(account, [pool("audio")], **whole)
    assert purged["queue_depth_lambda"].diff == checked["queue_depth_lambda"].diff
    assert account.invoke({"publish": False})[1] == {"audio_queue_depth_total": 0}


@pytest.mark.parametrize("live", [False, True], ids=["without alias", "with alias live"])
def test_a_function_made_by_hand_stays_as_a_version_and_is_not_run_by_a_check(account, live):
    make_queues(account, "video")
    functions = account.client("lambda")
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("by_hand.py", BY_HAND)
    made = functions.create_function(
        FunctionName=FUNCTION,
        Runtime="python3.13",
        Handler="by_hand.handler",
        Role=ROLE,
        Code={"ZipFile": zipped.getvalue()},
        Timeout=10,
    )
    if live:
        version = functions.publish_version(FunctionName=FUNCTION)["Version"]
        functions.create_alias(FunctionName=FUNCTION, Name="live", FunctionVersion=version)

    checked = deploy(account, [pool()], check=True, diff=True)
    assert checked["queue_depth_lambda"].changed
    assert checked.mutating == []
    assert "lambda:Invoke" not in [request.name for request in checked.requests]
    assert not traces(account)

    replaced = deploy(account, [pool()], diff=True)
    assert replaced["queue_depth_lambda"].diff == checked["queue_depth_lambda"].diff
    previous = functions.get_function_configuration(FunctionName=FUNCTION, Qualifier="previous")
    assert (previous["CodeSha256"], previous["Handler"]) == (made["CodeSha256"], "by_hand.handler")
    assert account.invoke({"publish": False}) == (None, {"video_queue_depth_total": 0})
    again = deploy(account, [pool()])
    assert (again["queue_depth_lambda"].changed, again.mutating) == (False, [])
