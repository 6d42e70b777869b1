# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An SQS queue, a dead-letter queue among them. Keyed by queue name. Never purged; deleted only when empty."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from os.path import commonprefix
from typing import Any

from .. import tags as tagging
from ..failures import AwsFailure, Failure
from ..place import Place
from ..plan import Aws, Plan, Request, Steady, reply_unless
from ..pool import Pool
from ..tags import Tags

MISSING = ("QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue")
# A name deleted less than 60 seconds ago cannot be created yet.
SPREADING = (
    ("QueueDeletedRecently", ""),
    ("AWS.SimpleQueueService.QueueDeletedRecently", ""),
    # The dead-letter queue was made a moment ago.
    ("InvalidParameterValue", "Dead letter target does not exist"),
    # A queue can be used a second after it was made (API_CreateQueue, documented).
    *((code, "") for code in MISSING),
)
# A dead letter keeps the age of its message, so the queue that collects them keeps as long as SQS can.
DEAD_LETTER_RETENTION_SECONDS = 1209600
# Fewer queues than these are asked for by name; of more, so many others with names that begin alike are read too.
FEW = 10
OTHERS_READ = 20
LISTED_PER_REQUEST = 1000
# The counts are right a minute after the last message was sent at the earliest (API_GetQueueAttributes, documented), so
# they are read for longer than that: no message comes back from a queue that was deleted.
SETTLED = Steady("sqs", "the counts of the queue stay 0", 75.0)
COUNTS = {
    "visible": "ApproximateNumberOfMessages",
    "in flight": "ApproximateNumberOfMessagesNotVisible",
    "delayed": "ApproximateNumberOfMessagesDelayed",
}


@dataclass(frozen=True)
class Redrive:
    dead_letter_target_arn: str
    max_receive_count: int


@dataclass(frozen=True)
class DesiredAbsent:
    """A queue that shall not exist.

    :param leaving: the queues that the same run deletes, which therefore need no dead-letter queue any more.
    """

    leaving: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Queue:
    """None means: not managed when desired, not set when current.

    :param initial_message_retention_period: seconds, used only where the queue is created by this plan.
    :param url, counts: known of a queue that exists; AWS's to change, so never compared.
    :param sources: the queues whose dead letters it collects; read only where it shall be deleted.
    :param tags: those that are given; of a current queue its values of them.
    """

    name: str
    visibility_timeout: int | None = None
    message_retention_period: int | None = None
    redrive: Redrive | None = None
    initial_message_retention_period: int | None = field(default=None, compare=False)
    url: str = field(default="", compare=False)
    counts: Mapping[str, int] = field(default_factory=dict, compare=False)
    sources: tuple[str, ...] = field(default=(), compare=False)
    tags: Tags = field(default_factory=dict)

    @property
    def depth(self) -> int:
        """Visible + in flight: what the publisher publishes."""
        return self.counts["visible"] + self.counts["in flight"]

    @property
    def held(self) -> str:
        """What it holds, in words; empty where it is empty."""
        return ", ".join(f"{count} {word}" for word, count in self.counts.items() if count)

    def shown(self) -> dict[str, Any]:
        values: dict[str, Any] = {
            "queue_name": self.name,
            "visibility_timeout": self.visibility_timeout,
            "message_retention_period": self.message_retention_period,
        }
        if self.redrive:
            values["redrive_policy"] = {
                "dead_letter_target_arn": self.redrive.dead_letter_target_arn,
                "max_receive_count": self.redrive.max_receive_count,
            }
        known = {name: value for name, value in values.items() if value is not None}
        return known | tagging.shown(self.tags)


def from_params(pool: Pool, place: Place, tags: Tags = tagging.NONE) -> dict[str, Queue]:
    """The pool's queues by name, the dead-letter queue first: the other's redrive policy needs it."""
    queues = {}
    redrive = None
    if pool.dead_letter_queue_name:
        redrive = Redrive(place.queue_arn(pool.dead_letter_queue_name), pool.max_receive_count)
        queues[pool.dead_letter_queue_name] = Queue(
            pool.dead_letter_queue_name, initial_message_retention_period=DEAD_LETTER_RETENTION_SECONDS, tags=tags
        )
    queues[pool.queue_name] = Queue(
        pool.queue_name,
        visibility_timeout=pool.visibility_timeout,
        message_retention_period=pool.message_retention_period,
        redrive=redrive,
        tags=tags,
    )
    return queues


def declared(pools: Iterable[Pool], place: Place, tags: Tags = tagging.NONE) -> dict[str, Queue]:
    """All the queues of the pools, by name."""
    return {name: queue for pool in pools for name, queue in from_params(pool, place, tags).items()}


def from_response(name: str, url: str, attributes: Mapping[str, str]) -> Queue:
    redrive = json.loads(attributes.get("RedrivePolicy") or "{}")
    return Queue(
        name,
        visibility_timeout=int(attributes["VisibilityTimeout"]),
        message_retention_period=int(attributes["MessageRetentionPeriod"]),
        redrive=Redrive(redrive["deadLetterTargetArn"], int(redrive["maxReceiveCount"])) if redrive else None,
        url=url,
        counts={word: int(attributes[name]) for word, name in COUNTS.items()},
    )


def to_request(queue: Queue) -> dict[str, str]:
    """The attributes of SetQueueAttributes and CreateQueue, those that are managed."""
    attributes = {}
    if queue.visibility_timeout is not None:
        attributes["VisibilityTimeout"] = str(queue.visibility_timeout)
    if queue.message_retention_period is not None:
        attributes["MessageRetentionPeriod"] = str(queue.message_retention_period)
    if queue.redrive:
        attributes["RedrivePolicy"] = json.dumps(
            {
                "deadLetterTargetArn": queue.redrive.dead_letter_target_arn,
                "maxReceiveCount": queue.redrive.max_receive_count,
            }
        )
    return attributes


def plan(current: Queue | None, desired: Queue | DesiredAbsent) -> Plan:
    if isinstance(desired, DesiredAbsent):
        return _plan_absent(current)
    words = f"queue {desired.name}"
    if current is None:
        made = replace(
            desired,
            message_retention_period=desired.message_retention_period or desired.initial_message_retention_period,
        )
        attributes = to_request(made) | ({"FifoQueue": "true"} if made.name.endswith(".fifo") else {})
        params = {"QueueName": made.name, "Attributes": attributes, **({"tags": dict(made.tags)} if made.tags else {})}
        create = Request("sqs", "create_queue", params, until_consistent=SPREADING)
        return Plan(words, None, made.shown(), (create,))
    wanted = _over(desired, current)
    is_now = to_request(current)
    differing = {name: value for name, value in to_request(wanted).items() if is_now.get(name) != value}
    _require_none_expires(current, wanted)
    requests: tuple[Request, ...] = ()
    if differing:
        requests = (
            Request(
                "sqs",
                "set_queue_attributes",
                {"QueueUrl": current.url, "Attributes": differing},
                until_consistent=SPREADING,
            ),
        )
    if untagged := tagging.differing(current.tags, wanted.tags):
        requests += (Request("sqs", "tag_queue", {"QueueUrl": current.url, "Tags": untagged}),)
    return Plan(words, current.shown(), wanted.shown(), requests)


def _require_none_expires(current: Queue, wanted: Queue) -> None:
    """A shorter retention deletes the messages that are older, at once and without a dead letter."""
    now, then = current.message_retention_period or 0, wanted.message_retention_period or 0
    if then < now and any(current.counts.values()):
        raise Failure(
            f"message_retention_period: queue {current.name} keeps messages for {now} seconds and holds "
            f"{current.held}; {then} seconds would delete the older ones, so let the workers empty it first"
        )


def _over(desired: Queue, current: Queue) -> Queue:
    """The desired queue with what it does not manage taken from the current one."""

    def either(wanted: Any, found: Any) -> Any:
        return found if wanted is None else wanted

    return Queue(
        desired.name,
        either(desired.visibility_timeout, current.visibility_timeout),
        either(desired.message_retention_period, current.message_retention_period),
        either(desired.redrive, current.redrive),
        tags=desired.tags,
    )


def _plan_absent(current: Queue | None) -> Plan:
    if current is None:
        return Plan("queue", None, None)
    words = f"queue {current.name}"
    if current.sources:
        raise Failure(f"{words} collects the dead letters of {', '.join(current.sources)} and is not deleted")
    if current.held:
        raise Failure(
            f"{words} still holds messages ({current.held}) and is not deleted; let the workers empty it first"
        )
    delete = Request("sqs", "delete_queue", {"QueueUrl": current.url})
    return Plan(words, current.shown(), None, (delete,), steady=SETTLED)


def find(aws: Aws, desired: Mapping[str, Queue | DesiredAbsent]) -> dict[str, Any]:
    """One or two requests per queue, in parallel; of one to be deleted also which queues send it dead letters.

    One more where tags are given.
    """
    listed = _listed(aws, desired)

    def find_one(name: str) -> Queue | None:
        url = listed.get(name) or _url(aws, name)
        if url is None:
            return None
        reply = reply_unless(MISSING, aws, "sqs", "get_queue_attributes", QueueUrl=url, AttributeNames=["All"])
        if reply is None:
            return None
        found = from_response(name, url, reply["Attributes"])
        wanted = desired[name]
        if isinstance(wanted, DesiredAbsent):
            urls = aws.pages("sqs", "list_dead_letter_source_queues", "queueUrls", QueueUrl=url)
            sources = {str(source).rsplit("/", 1)[-1] for source in urls} - wanted.leaving
            found = replace(found, sources=tuple(sorted(sources)))
        elif wanted.tags:
            tagged = reply_unless(MISSING, aws, "sqs", "list_queue_tags", QueueUrl=url)
            found = replace(found, tags=tagging.own((tagged or {}).get("Tags", {}), wanted.tags))
        return found

    return aws.each(find_one, desired)


def _url(aws: Aws, name: str) -> str | None:
    reply = reply_unless(MISSING, aws, "sqs", "get_queue_url", QueueName=name)
    return str(reply["QueueUrl"]) if reply else None


def _listed(aws: Aws, names: Iterable[str]) -> dict[str, str]:
    """The addresses of many queues, a thousand a request; whatever is not among them is asked for by its name.

    The list may lack a queue that is new and hold one that is gone, and the caller may not be allowed to read it.
    """
    wanted = set(names)
    if len(wanted) < FEW:
        return {}
    prefix = commonprefix(list(wanted))  # noqa: RUF071 - of names, not of paths
    asked = {"MaxResults": LISTED_PER_REQUEST, **({"QueueNamePrefix": prefix} if prefix else {})}
    try:
        # As soon as there are mostly others, asking for each by its name is quicker.
        urls = list(islice(aws.pages("sqs", "list_queues", "QueueUrls", **asked), OTHERS_READ * len(wanted)))
    except AwsFailure:
        return {}
    return {name: url for url in urls if (name := url.rsplit("/", 1)[-1]) in wanted}
