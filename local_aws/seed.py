# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The seed pool is built here as it stood before this collection, under its real names unless others are given."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from botocore.exceptions import ClientError

GROUP = "academy-video-worker-asg"
LAUNCH_TEMPLATE = "academy-video-worker-lt"
OLD_POLICY = "video-backlogcount-tt"
OLD_METRIC = "BacklogCount"
NAMESPACE = "Academy/VideoProcessing"
QUEUE = "academy-video-jobs"
DEAD_LETTER_QUEUE = "academy-video-jobs-dlq"
ZONE = "ap-northeast-2a"
BATCH = 10
# How long a worker is busy with a message: longer than any run, however slow the machine is.
BUSY_SECONDS = 3600

MakeClient = Callable[[str], Any]


class SeedFailed(RuntimeError):
    """The emulator does not hold what was asked for."""


def make_pool(client: MakeClient, *, visible: int = 0, in_flight: int = 0, desired_capacity: int = 0) -> str:
    """The seed pool: its group with the old policy, and its queues; returns the queue's URL."""
    make_group(client, desired_capacity=desired_capacity)
    return make_queue(client, visible=visible, in_flight=in_flight)


def make_group(
    client: MakeClient,
    *,
    name: str = GROUP,
    min_size: int = 0,
    max_size: int = 20,
    desired_capacity: int = 0,
    old_policy: str | None = OLD_POLICY,
    launch_template: str = LAUNCH_TEMPLATE,
    instance_type: str = "t4g.medium",
    zone: str = ZONE,
) -> None:
    """A group of workers, with its old policy unless `old_policy` is None."""
    _make_launch_template(client("ec2"), launch_template, instance_type)
    client("autoscaling").create_auto_scaling_group(
        AutoScalingGroupName=name,
        MinSize=min_size,
        MaxSize=max_size,
        DesiredCapacity=desired_capacity,
        AvailabilityZones=[zone],
        LaunchTemplate={"LaunchTemplateName": launch_template, "Version": "$Latest"},
    )
    if old_policy is not None:
        make_old_policy(client, group=name, name=old_policy)


def make_old_policy(
    client: MakeClient,
    *,
    group: str = GROUP,
    name: str = OLD_POLICY,
    namespace: str = NAMESPACE,
    metric_name: str = OLD_METRIC,
    worker_type: str = "Video",
    target_value: float = 1.0,
) -> None:
    """The policy that tracks a count which was not the queue's."""
    client("autoscaling").put_scaling_policy(
        AutoScalingGroupName=group,
        PolicyName=name,
        PolicyType="TargetTrackingScaling",
        TargetTrackingConfiguration={
            "CustomizedMetricSpecification": {
                "MetricName": metric_name,
                "Namespace": namespace,
                "Dimensions": [
                    {"Name": "AutoScalingGroupName", "Value": group},
                    {"Name": "WorkerType", "Value": worker_type},
                ],
                "Statistic": "Average",
                "Unit": "Count",
            },
            "TargetValue": target_value,
            "DisableScaleIn": False,
        },
    )


def make_queue(
    client: MakeClient,
    *,
    name: str = QUEUE,
    dead_letter_name: str | None = DEAD_LETTER_QUEUE,
    visible: int = 0,
    in_flight: int = 0,
    max_receive_count: int = 3,
    visibility_timeout: int = 10800,
    message_retention_period: int = 1209600,
) -> str:
    """A queue with its dead-letter queue (unless None) and messages; returns the queue's URL."""
    sqs = client("sqs")
    attributes = {
        "VisibilityTimeout": str(visibility_timeout),
        "MessageRetentionPeriod": str(message_retention_period),
        "ReceiveMessageWaitTimeSeconds": "20",
    }
    if dead_letter_name is not None:
        attributes["RedrivePolicy"] = json.dumps(
            {
                "deadLetterTargetArn": _make_dead_letter_queue(sqs, dead_letter_name, message_retention_period),
                "maxReceiveCount": max_receive_count,
            }
        )
    url: str = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    # First those to be taken, while there are no others that could be taken in their place.
    send_messages(sqs, url, in_flight)
    take_messages(sqs, url, in_flight)
    send_messages(sqs, url, visible)
    return url


def send_messages(sqs: Any, url: str, count: int) -> None:
    """Adds `count` visible messages."""
    for size in _batches(count):
        entries = [{"Id": str(number), "MessageBody": json.dumps({"job": number})} for number in range(size)]
        failed = sqs.send_message_batch(QueueUrl=url, Entries=entries).get("Failed")
        if failed:
            raise SeedFailed(f"{len(failed)} messages were not taken by {url}: {failed[0]}")


def take_messages(sqs: Any, url: str, count: int) -> list[str]:
    """Takes `count` messages into flight, as busy workers do; returns their receipt handles."""
    receipts: list[str] = []
    while len(receipts) < count:
        wanted = min(BATCH, count - len(receipts))
        reply = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=wanted, VisibilityTimeout=BUSY_SECONDS)
        messages = reply.get("Messages", [])
        if not messages:
            raise SeedFailed(f"{url} gave only {len(receipts)} of {count} messages.")
        receipts += [message["ReceiptHandle"] for message in messages]
    return receipts


def _make_dead_letter_queue(sqs: Any, name: str, message_retention_period: int) -> str:
    attributes = {"MessageRetentionPeriod": str(message_retention_period)}
    url = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    reply = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    return str(reply["Attributes"]["QueueArn"])


def _make_launch_template(ec2: Any, name: str, instance_type: str) -> None:
    try:
        ec2.create_launch_template(
            LaunchTemplateName=name,
            LaunchTemplateData={"ImageId": "ami-12c6146b", "InstanceType": instance_type},
        )
    except ClientError as error:
        # Several groups of a fleet may share one.
        if "AlreadyExists" not in error.response["Error"]["Code"]:
            raise


def _batches(count: int) -> Iterator[int]:
    while count > 0:
        yield min(BATCH, count)
        count -= BATCH
