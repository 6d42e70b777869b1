# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole results of a diagnosis, for whatever reads one: made by the checks and the explainer from what was observed."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.explainer.minutes import iso
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.observed import READINGS
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.timeline import timeline
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.verdict import judged
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import AwsFailure, Failure

from .examples import PLACE, POLICY
from .observations import (
    AT,
    SINCE,
    activity,
    ago,
    alarm,
    group,
    kept,
    observed,
    policy,
    queue,
    queue_metrics,
    series,
    wanted,
    written_before,
)

# What a name may hold that means something to HTML, Markdown, XML, JavaScript or a terminal.
NASTY = (
    "<script>alert(1)</script>",
    "</script><img src=x onerror=alert(1)>",
    "\"quoted\" & 'single' ]]>",
    "| `bars` **stars** _lines_ [link](http://evil.example/x) ~~no~~ # head",
    "{{ 7 * 7 }} {% raw %}",
    "비디오 작업 큐",
    "\N{VIDEO CAMERA}\N{MAN}\N{ZERO WIDTH JOINER}\N{WOMAN}",
    "bell\x07 escape\x1b[31m null\x00 turned\u202e line\u2028end \ud800 \ufffe",
    "two\nlines\r\nand\ttab",
)


def row(declared: dict[str, Any] | None = None, skip: dict[str, str] | None = None, **readings: Any) -> dict[str, Any]:
    """One pool as the module returns it. :param declared: options that differ. :param readings: those that differ."""
    seen, expected = observed(**readings), wanted(**(declared or {}))
    return {
        "name": expected.pool.name,
        "changed": False,
        **judged(seen, expected, skip=skip).shown(),
        "unread": {name: str(value) for name, value in seen.readings.items() if isinstance(value, Failure)},
        "timeline": timeline(seen, expected).shown(),
    }


def result(*rows: dict[str, Any]) -> dict[str, Any]:
    """What the module returns and a task registers."""
    return {
        "changed": False,
        "failed": False,
        "healthy": all(one["healthy"] for one in rows),
        "at": iso(AT),
        "since": iso(SINCE),
        "region": PLACE.region,
        "account_id": PLACE.account_id,
        "pools": list(rows),
    }


def well(name: str = "video") -> dict[str, Any]:
    return row({"name": name}, policies=[policy(wanted(name=name))])


def stuck(name: str = "stuck") -> dict[str, Any]:
    """On a metric that is not the queue, at its maximum, with nothing to do."""
    return row(
        {"name": name},
        queue=queue(ApproximateNumberOfMessagesNotVisible=0),
        queue_metrics=queue_metrics(in_flight=series(0)),
        metric=series(0),
        per_instance_metric=series(0),
        policies=[kept().policies[POLICY]],
        alarms=[alarm("High", StateValue="ALARM", StateTransitionedTimestamp=ago(hours=6.5)), alarm("Low")],
        group=group(20),
        group_metrics={"desired": series(20), "in_service": series(16)},
    )


def blind(name: str = "blind") -> dict[str, Any]:
    """Nothing of the group may be read."""
    denied = AwsFailure(
        "autoscaling:DescribeAutoScalingGroups in ap-northeast-2 is denied (AccessDenied)",
        "AccessDenied",
        "autoscaling:DescribeAutoScalingGroups",
    )
    return row(
        {"name": name},
        skip={"snapshot_available": "snapshots are kept elsewhere"},
        group=denied,
        policies=[policy(wanted(name=name))],
    )


def deceived(name: str = "deceived") -> dict[str, Any]:
    """A policy of version 0.1.0 saw an empty queue for the twenty minutes in which nothing was published."""
    return row(
        {"name": name},
        metric=(*series(3, 80, until=101), *series(3, 80)),
        policies=[written_before()],
    )


def unknown(name: str = "nowhere") -> dict[str, Any]:
    """A pool that does not exist at all."""
    absent = dict.fromkeys(READINGS)
    empty: dict[str, Any] = {
        reading: [] for reading in ("policies", "alarms", "alarm_history", "activities", "targets")
    }
    empty |= {reading: [] for reading in ("versions", "permissions", "role_statements", "log_errors")}
    empty |= {reading: [] for reading in ("metric", "per_instance_metric")}
    empty |= {reading: [] for reading in ("scheduled_actions", "lifecycle_hooks", "instance_refreshes")}
    metrics = {reading: {} for reading in ("queue_metrics", "dead_letter_metrics", "function_metrics", "group_metrics")}
    return row({"name": name}, **{**absent, **empty, **metrics, "aliases": {}})


def busy(name: str = "busy") -> dict[str, Any]:
    """A night with a wave of work: it waits for the alarm, grows, meets its maximum, and the publisher stops."""
    start = (AT - timedelta(hours=3)).replace(second=0)
    depth = [
        max(0, round(26 * math.sin((minute - 20) / 100 * math.pi))) if 20 < minute < 120 else 0 for minute in range(181)
    ]
    depth[120:] = [9] * 61
    capacity, changes, turns = [], [], []
    have = 1
    for minute, deep in enumerate(depth):
        needed = min(12, max(1, deep))
        if minute % 4 == 0 and minute < 140 and needed > have:
            changes.append((minute, have, min(needed, have + 3)))
            have = min(needed, have + 3)
        elif minute % 15 == 0 and 110 < minute < 140 and needed < have:
            changes.append((minute, have, max(needed, have - 6)))
            have = max(needed, have - 6)
        capacity.append(have)

    def points(values: Sequence[float], until: int = 180) -> tuple[tuple[datetime, float], ...]:
        return tuple((start + timedelta(minutes=number), float(value)) for number, value in enumerate(values[:until]))

    for minute, before, after in ((24, "OK", "ALARM"), (112, "ALARM", "OK"), (152, "OK", "INSUFFICIENT_DATA")):
        states = {"oldState": {"stateValue": before}, "newState": {"stateValue": after}}
        turns.append(
            {
                "AlarmName": alarm("High")["AlarmName"],
                "Timestamp": start + timedelta(minutes=minute, seconds=12),
                "HistoryData": json.dumps(states),
            }
        )
    activities = []
    for minute, before, after in changes:
        time = start + timedelta(minutes=minute, seconds=30)
        cause = (
            f"At {iso(time)} a monitor alarm in state ALARM triggered policy {POLICY} changing the desired capacity "
            f"from {before} to {after}."
        )
        for number in range(abs(after - before)):
            what = f"Launching a new EC2 instance: i-{minute:04}{number}"
            if after < before:
                what = f"Terminating EC2 instance: i-{minute:04}{number}"
            activities.append(activity(cause, time + timedelta(seconds=number), Description=what))
    activities.append(
        activity(
            "At 2026-02-22T10:30:00Z an instance was started in response to a difference between desired and actual "
            "capacity.",
            start + timedelta(minutes=75),
            StatusCode="Failed",
            Description="Launching a new EC2 instance",
            StatusMessage="You have requested more vCPU capacity than your current vCPU limit of 32 allows.",
        )
    )
    return row(
        {"name": name, "max_size": 12},
        queue=queue(ApproximateNumberOfMessages=6, ApproximateNumberOfMessagesNotVisible=3),
        queue_metrics=queue_metrics(
            in_flight=points([min(have, deep) for have, deep in zip(capacity, depth, strict=True)]),
            visible=points([max(0, deep - have) for have, deep in zip(capacity, depth, strict=True)]),
        ),
        metric=points(depth, 150),
        per_instance_metric=points([deep / have for deep, have in zip(depth, capacity, strict=True)], 150),
        group=group(capacity[-1], MaxSize=12),
        group_metrics={
            "desired": points(capacity),
            "in_service": points([capacity[max(0, minute - 2)] for minute in range(181)]),
        },
        alarms=[
            alarm(
                "High",
                StateValue="INSUFFICIENT_DATA",
                StateTransitionedTimestamp=start + timedelta(minutes=152, seconds=12),
            ),
            alarm("Low", StateTransitionedTimestamp=ago(hours=9)),
        ],
        alarm_history=turns,
        activities=activities,
        policies=[policy(wanted(name=name, max_size=12), EstimatedInstanceWarmup=180)],
    )


def nasty(name: str = NASTY[0]) -> dict[str, Any]:
    """A pool whose every text is somebody's attempt."""
    text = " ".join(NASTY)
    hostile = stuck(name)
    for finding in hostile["findings"]:
        finding.update(title=text, why=text, effect=text)
        if finding["status"] != "pass":
            finding["cause"] = text
        finding["evidence"].update(api=text, observed={text: [text]}, expected=text)
        finding["remedy"] = {"playbook": text, "cli": text}
    for span in hostile["timeline"]["held"]:
        span["words"] = text
    hostile["timeline"]["events"] = [{"at": iso(ago(minutes=5)), "kind": text, "words": text}]
    hostile["timeline"].update(follows=text, gaps=[text])
    return {**hostile, "verdict": text}
