# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole depth is warned of, for it is the approved configuration; one worker at most makes it harmless."""

from __future__ import annotations

from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.checks import signal_is_per_instance
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import AwsFailure
from ansible_collections.academy.video_scaling.tests.unit.examples import POLICY
from ansible_collections.academy.video_scaling.tests.unit.observations import (
    case,
    every_case,
    group,
    holds,
    policy,
    queue_metrics,
    series,
    wanted,
)


def held(messages, minutes=180):
    """By SQS's own metrics."""
    return {"queue_metrics": queue_metrics(in_flight=series(messages, minutes))}


def peak(before, now):
    """So many messages until a quarter of an hour ago."""
    return {"queue_metrics": queue_metrics(in_flight=(*series(before, 165, 16), *series(now, 15)))}


def total(signal, **options):
    return {"declared": {"signal": signal}, "policies": [policy(wanted(signal=signal, **options))]}


CASES = every_case(
    case("published per instance"),
    case(
        "by SQS per instance",
        declared={"signal": "sqs_per_instance"},
        policies=[policy(wanted(signal="sqs_per_instance"))],
    ),
    case(
        "a total",
        "warn",
        f"policy {POLICY} holds the whole depth of queue academy-video-jobs against target 1: 2 workers with 1 message "
        "each read as 2, and the group grows until MaxSize 20",
        **total("published_total"),
    ),
    case("a total by SQS", "warn", "2 workers with 5 messages each read as 10", **total("sqs_total", target_value=5)),
    case("one worker at most", **total("published_total"), group=group(MaxSize=1)),
    case("two workers at most", "warn", "until MaxSize 2", **total("published_total"), group=group(MaxSize=2)),
    case(
        "more workers than messages",
        "fail",
        "until MaxSize 20; it wants 8 workers, and the queue has held at most 3 messages for 20 min",
        **total("published_total"),
        **held(3),
        group=group(8),
    ),
    case("as many as messages", "warn", "until MaxSize 20", **total("published_total"), **held(8), group=group(8)),
    case(
        "as many as the target asks for",
        "warn",
        "until MaxSize 20",
        **total("published_total", target_value=2),
        **held(7),
        group=group(4),
    ),
    case(
        "as many as there have to be",
        "warn",
        "until MaxSize 20",
        **total("published_total"),
        **held(3),
        group=group(8, MinSize=8),
    ),
    case("nothing rings", "warn", "until MaxSize 20", **total("published_total"), **held(1), group=group(8)),
    case("it was more lately", "warn", "MaxSize 20", **total("published_total"), **peak(9, 3), group=group(8)),
    case("little is known", "warn", "MaxSize 20", **total("published_total"), **held(3, 9), group=group(8)),
    case(
        "group denied", "warn", "the group grows until MaxSize", **total("published_total"), group=AwsFailure("denied")
    ),
)


@CASES
def test_the_signal_is_a_value_per_worker(example):
    holds(signal_is_per_instance, example)
