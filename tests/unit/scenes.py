# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Parts of which an incident is made: readings of a pool that has work, or is blind, or scales by something else."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from ansible_collections.academy.video_scaling.plugins.module_utils.resources import metric
from ansible_collections.academy.video_scaling.plugins.module_utils.resources.datapoints import Point

from .examples import FUNCTION, GROUP, METRIC, PLACE, POLICY
from .observations import (
    activity,
    ago,
    alarm,
    function_metrics,
    group,
    healthy,
    instance,
    policy,
    queue,
    queue_metrics,
    series,
    wanted,
    written_before,
)

SQS = {"signal": "sqs_per_instance", "metric": ...}
# Longer than the time window.
ALWAYS = 240

# --- what is at work ---------------------------------------------------------------------------------------------


def since(minutes: float, now: float, before: float = 0) -> tuple[tuple[datetime, float], ...]:
    """``before``, and ``now`` for so many minutes."""
    return tuple((time, now if time >= ago(minutes=minutes) else before) for time, dummy in series(0))


def ageing(minutes: float) -> tuple[tuple[datetime, float], ...]:
    """The age of a message that came so many minutes ago, as it grows by the minute."""
    born = ago(minutes=minutes)
    return tuple((time, max(0.0, (time - born).total_seconds())) for time, dummy in series(0))


def divided(depth: float, capacity: int) -> float:
    """What the publisher writes of a depth per instance, for a target of 1."""
    return depth / capacity if capacity else max(depth, 1.01) if depth else 0.0


def published(points: Sequence[Point], capacity: int = 3) -> dict[str, Any]:
    """Both metrics of the publisher. :param points: the depth. :param capacity: that is desired."""
    return {"metric": points, "per_instance_metric": tuple((time, divided(value, capacity)) for time, value in points)}


def work(
    waiting: int, in_hand: int, workers: int, minutes: float = ALWAYS, flow: Any = (1, 1, 1), **of_group: Any
) -> dict[str, Any]:
    """So it has been for so many minutes, and before that three workers had a message each.

    :param flow: messages sent, received and deleted in a minute.
    """
    sent, received, deleted = (since(minutes, each, 1) for each in flow)
    now = group(workers, **of_group)
    oldest = ageing(minutes) if waiting else since(minutes, 60 if in_hand else 0, 60)
    return {
        "queue": queue(ApproximateNumberOfMessages=waiting, ApproximateNumberOfMessagesNotVisible=in_hand),
        "queue_metrics": queue_metrics(
            sent=sent,
            received=received,
            deleted=deleted,
            oldest_age=oldest,
            visible=since(minutes, waiting),
            in_flight=since(minutes, in_hand, 3),
        ),
        "metric": since(minutes, waiting + in_hand, 3),
        "per_instance_metric": since(minutes, divided(waiting + in_hand, now["DesiredCapacity"]), 1),
        "group": now,
        "group_metrics": {
            "desired": since(minutes, now["DesiredCapacity"], 3),
            "in_service": since(minutes, workers, 3),
        },
    }


def idle(workers: int, minutes: float = ALWAYS, **of_group: Any) -> dict[str, Any]:
    """Nothing sent, nothing to do; AlarmLow has seen it, and the group is where it is."""
    quiet = work(0, 0, workers, minutes, flow=(0, 0, 0), **of_group)
    return {**quiet, "alarms": alarms(low=state("ALARM", minutes=max(1, minutes - 15)))}


# --- policies, alarms and activities -------------------------------------------------------------------------------


def tracking(specification: dict[str, Any], target: float = 1.0) -> dict[str, Any]:
    """Our policy, with another metric or target than declared."""
    return policy(
        TargetTrackingConfiguration={
            "CustomizedMetricSpecification": specification,
            "TargetValue": target,
            "DisableScaleIn": False,
        }
    )


def custom(name: str = METRIC["name"], unit: str = "Count", **dimensions: str) -> dict[str, Any]:
    merged = {**METRIC["dimensions"], **dimensions}
    return {
        "Namespace": METRIC["namespace"],
        "MetricName": name,
        "Dimensions": [{"Name": key, "Value": value} for key, value in reversed(merged.items())],
        "Statistic": "Average",
        "Unit": unit,
    }


def declared_metric(**options: Any) -> dict[str, Any]:
    """What the policy of the pool with these options follows."""
    return metric.from_params(wanted(**options).pool).to_request()["CustomizedMetricSpecification"]


def specification_of(live: dict[str, Any]) -> dict[str, Any]:
    """What a live policy follows."""
    return live["TargetTrackingConfiguration"]["CustomizedMetricSpecification"]


def state(value: str, **time: float) -> dict[str, Any]:
    """:param time: how long ago the alarm came into this state."""
    reasons = {
        "OK": "Threshold Crossed: 3 datapoints were not greater than the threshold (1.0).",
        "ALARM": "Threshold Crossed: 3 datapoints were greater than the threshold (1.0).",
        "INSUFFICIENT_DATA": "Insufficient Data: 3 datapoints were unknown.",
        "NEW": "Unchecked: Initial alarm creation",
    }
    return {
        "StateValue": "INSUFFICIENT_DATA" if value == "NEW" else value,
        "StateReason": reasons[value],
        "StateUpdatedTimestamp": ago(**time),
        "StateTransitionedTimestamp": ago(**time),
    }


def measuring_nothing(kind: str, **changes: Any) -> dict[str, Any]:
    """An alarm without what it looks at."""
    followed = declared_metric()
    return {name: value for name, value in alarm(kind, **changes).items() if name not in followed}


def alarms(
    high: dict[str, Any] | None = None,
    low: dict[str, Any] | None = None,
    follows: dict[str, Any] | None = None,
    made: datetime | None = None,
) -> list[dict[str, Any]]:
    """Both alarms of our policy, in OK unless given others. :param follows: that policy. :param made: last changed"""
    live = follows or policy()
    tracked, specification = live["TargetTrackingConfiguration"], specification_of(live)
    measured = {**specification, "Period": 60}
    if "Metrics" in specification:
        measured = {"Dimensions": [], "Metrics": specification["Metrics"]}
    both = []
    for kind, now, share in (("High", high, 1.0), ("Low", low, 0.9)):
        own = measuring_nothing(kind)
        both.append(
            {
                **own,
                **measured,
                "Threshold": round(tracked["TargetValue"] * share, 4),
                "AlarmConfigurationUpdatedTimestamp": made or ago(days=20),
                **(now or state("OK", hours=1)),
            }
        )
    return both


def changed(kind: str, time: datetime, before: str, after: str) -> dict[str, Any]:
    """An entry of the alarm's history."""
    data = {"version": "1.0", "oldState": {"stateValue": before}, "newState": {"stateValue": after}}
    return {
        "AlarmName": alarm(kind)["AlarmName"],
        "AlarmType": "MetricAlarm",
        "Timestamp": time,
        "HistoryItemType": "StateUpdate",
        "HistorySummary": f"Alarm updated from {before} to {after}",
        "HistoryData": json.dumps(data),
    }


def following(specification: dict[str, Any], target: float = 1.0, **states: Any) -> dict[str, Any]:
    """A live policy that follows another metric, and its alarms."""
    live = tracking(specification, target)
    return {"policies": [live], "alarms": alarms(**states, follows=live)}


def step_policy(name: str, adjustment: int, alarm_name: str, **changes: Any) -> dict[str, Any]:
    """A policy that is not ours, as a step-scaling one of an older script."""
    arn = policy()["PolicyARN"].replace("0d1f", "77ab").replace(POLICY, name)
    reply = policy(
        PolicyName=name,
        PolicyARN=arn,
        PolicyType="StepScaling",
        AdjustmentType="ExactCapacity",
        StepAdjustments=[{"MetricIntervalUpperBound": 0.0, "ScalingAdjustment": adjustment}],
        MetricAggregationType="Average",
        Alarms=[{"AlarmName": alarm_name, "AlarmARN": f"arn:{alarm_name}"}],
        **changes,
    )
    del reply["TargetTrackingConfiguration"]
    return reply


def step_alarm(name: str, of: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        **measuring_nothing("Low", AlarmName=name, AlarmActions=[of["PolicyARN"]], **changes),
        "Namespace": "AWS/SQS",
        "MetricName": "ApproximateNumberOfMessagesVisible",
        "Dimensions": [{"Name": "QueueName", "Value": "academy-video-jobs"}],
        "Statistic": "Average",
        "Period": 300,
        "EvaluationPeriods": 3,
        "Threshold": 0.0,
        "ComparisonOperator": "LessThanOrEqualToThreshold",
    }


def iso(time: datetime) -> str:
    return f"{time:%Y-%m-%dT%H:%M:%SZ}"


def launch(started: datetime, capacity: tuple[int, int], **changes: Any) -> dict[str, Any]:
    low, high = capacity
    return activity(
        f"At {iso(started)} an instance was started in response to a difference between desired and actual capacity, "
        f"increasing the capacity from {low} to {high}.",
        started,
        **changes,
    )


def launching(started: datetime, capacity: tuple[int, int]) -> dict[str, Any]:
    """One that is not done yet, which has no end."""
    whole = launch(started, capacity, StatusCode="InProgress", Progress=30)
    return {name: value for name, value in whole.items() if name != "EndTime"}


def set_by_hand(started: datetime, capacity: tuple[int, int]) -> dict[str, Any]:
    low, high = capacity
    return activity(
        f"At {iso(started)} a user request explicitly set group desired capacity changing the desired capacity from "
        f"{low} to {high}.  At {iso(started)} an instance was started in response to a difference between desired and "
        f"actual capacity, increasing the capacity from {low} to {high}.",
        started,
    )


def replaced(started: datetime, number: int) -> list[dict[str, Any]]:
    """A worker that stopped itself, and the one after it; newest first."""
    out = activity(
        f"At {iso(started)} an instance was taken out of service in response to an EC2 health check indicating it has "
        "been terminated or stopped.",
        started,
        ActivityId=f"out-{number}",
        Description=f"Terminating EC2 instance: i-{number:017x}",
    )
    new = activity(
        f"At {iso(started)} an instance was launched in response to an unhealthy instance needing to be replaced.",
        started + timedelta(seconds=5),
        ActivityId=f"in-{number}",
        Description=f"Launching a new EC2 instance: i-{number + 1:017x}",
    )
    return [new, out]


def shrunk(started: datetime, capacity: tuple[int, int]) -> dict[str, Any]:
    high, low = capacity
    return activity(
        f"At {iso(started)} a monitor alarm {alarm('Low')['AlarmName']} in state ALARM triggered policy {POLICY} "
        f"changing the desired capacity from {high} to {low}.  At {iso(started)} an instance was taken out of service "
        f"in response to a difference between desired and actual capacity, shrinking the capacity from {high} to {low}."
        f"  At {iso(started)} instance i-0000000000000000a was selected for termination.",
        started,
        Description="Terminating EC2 instance: i-0000000000000000a",
    )


# --- a metric that has stopped -------------------------------------------------------------------------------------


def blind(minutes: float = 95) -> dict[str, Any]:
    """No datapoint for so many minutes, while nine messages came to wait for three workers."""
    unknown = state("INSUFFICIENT_DATA", minutes=minutes - 5)
    return {
        **work(9, 3, 3, minutes),
        **published(series(3, int(180 - minutes), minutes)),
        "alarms": alarms(unknown, unknown),
    }


def dead_publisher(minutes: int = 20) -> dict[str, Any]:
    """Nobody has called it for so many minutes, while 50 messages keep ten workers busy."""
    return {
        **work(40, 10, 10, 60),
        **published(series(50, 180 - minutes, minutes), 10),
        **not_invoked(minutes=minutes),
    }


def failing_runs(message: str, milliseconds: float = 310) -> dict[str, Any]:
    return {
        "function_metrics": function_metrics(errors=since(95, 1), duration=since(95, milliseconds, 240)),
        "log_errors": [(ago(minutes=minutes), message) for minutes in (3, 2, 1)],
    }


def not_invoked(throttles: float | None = None, minutes: int = 95) -> dict[str, Any]:
    """Lambda writes nothing of a function that nobody calls. :param minutes: for so long."""
    before = {"minutes": 180 - minutes, "until": minutes}
    runs = series(1, **before)
    own = {name: series(value, **before) for name, value in (("errors", 0), ("duration", 240))}
    refused = series(0, **before) if throttles is None else since(minutes, throttles)
    return {"function_metrics": function_metrics(invocations=runs, throttles=refused, **own)}


def statements(**by_sid: Any) -> dict[str, Any]:
    """The statements of the publisher's role, some otherwise; one of ... is left out."""
    kept = []
    for statement in healthy()["role_statements"]:
        changed = by_sid.get(statement["Sid"], {})
        if changed is not ...:
            kept.append({**statement, **changed})
    return {"role_statements": kept}


def denied(action: str) -> str:
    operation = action.rpartition(":")[2]
    return (
        f"[ERROR] NotPublished: not everything was published for video: An error occurred (AccessDenied) when calling "
        f"the {operation} operation: User: arn:aws:sts::{PLACE.account_id}:assumed-role/{FUNCTION}-role/{FUNCTION} is "
        f"not authorized to perform: {action} because no identity-based policy allows the {action} action"
    )


# --- what is live ------------------------------------------------------------------------------------------------

NO_PUBLISHER = dict.fromkeys(
    (
        "function",
        "aliases",
        "live_version",
        "versions",
        "reserved_concurrency",
        "permissions",
        "role_statements",
        "function_metrics",
        "log_errors",
        "answer",
        "rule",
        "targets",
    ),
    ...,
)
SQS_POLICY = policy(wanted(**SQS))
BY_SQS: dict[str, Any] = {**NO_PUBLISHER, "policies": [SQS_POLICY], "alarms": alarms(follows=SQS_POLICY)}
BEFORE = written_before()
NO_REDRIVE = {name: value for name, value in queue().items() if name != "RedrivePolicy"}
# A queue that nobody has used for hours.
SILENT: dict[str, Any] = dict.fromkeys(queue_metrics(), ())
NO_FUNCTION: dict[str, Any] = {
    "function": None,
    "aliases": {},
    "live_version": None,
    "versions": [],
    "permissions": [],
    "role_statements": [],
    "function_metrics": dict.fromkeys(function_metrics(), ()),
}
NO_GROUP_METRICS: dict[str, Any] = {"desired": (), "in_service": ()}
NO_GROUP: dict[str, Any] = {
    "group": None,
    "group_metrics": NO_GROUP_METRICS,
    "policies": [],
    "alarms": [],
    "lifecycle_hooks": [],
    "activities": [],
}
NO_POLICY: dict[str, Any] = {"policies": [], "alarms": []}
BY_CPU = policy(
    PolicyName="video-cpu",
    PolicyARN=policy()["PolicyARN"].replace("0d1f", "5c10"),
    TargetTrackingConfiguration={
        "PredefinedMetricSpecification": {"PredefinedMetricType": "ASGAverageCPUUtilization"},
        "TargetValue": 60.0,
        "DisableScaleIn": False,
    },
    Alarms=[],
)
VISIBLE_ONLY = {
    "Metrics": [
        query if query["Id"] != "e1" else {**query, "Expression": "m1 / (IF(m1 >= 0, 1) * IF(m3 > 0, m3, 1))"}
        for query in declared_metric(**SQS)["Metrics"]
        if query["Id"] != "m2"
    ]
}
MISSPELT = {
    "Metrics": json.loads(
        json.dumps(declared_metric(**SQS)["Metrics"]).replace("academy-video-jobs", "academy-video-job")
    )
}
UNGUARDED = {
    "Metrics": [
        query if query["Id"] != "e1" else {**query, "Expression": "(m1 + m2) / m3"}
        for query in declared_metric(**SQS)["Metrics"]
    ]
}
TO_ONE = step_policy("video-reset-to-one", 1, "video-queue-empty")
TO_ZERO = step_policy("video-scale-in", 0, "video-queue-idle")
SPOT = {"InstancesDistribution": {"OnDemandBaseCapacity": 0, "OnDemandPercentageAboveBaseCapacity": 0}}
IN_VPC = {"VpcId": "vpc-1aa60778", "SubnetIds": ["subnet-9475f9c1"], "SecurityGroupIds": ["sg-aa72c50d"]}
MAY_SET = {
    "Sid": "Scale",
    "Effect": "Allow",
    "Action": ["autoscaling:SetDesiredCapacity", "autoscaling:DescribeAutoScalingGroups"],
    "Resource": ["*"],
}
REFRESH = {
    "InstanceRefreshId": "08b91cf7",
    "AutoScalingGroupName": GROUP,
    "Status": "InProgress",
    "StatusReason": "Waiting for instances that are protected from scale in.",
    "StartTime": ago(hours=2),
    "PercentageComplete": 0,
    "InstancesToUpdate": 3,
    "Preferences": {"MinHealthyPercentage": 90, "ScaleInProtectedInstances": "Wait"},
}
USED_UP = (
    "Could not launch Spot Instances. MaxSpotInstanceCountExceeded - Max spot instance count exceeded. "
    "Launching EC2 instance failed."
)


def quota(waiting: int) -> dict[str, Any]:
    """Sixteen workers of twenty, and no more to be had."""
    return {
        **work(waiting, 16, 16, 55, flow=(3, 2, 2), DesiredCapacity=20),
        "alarms": alarms(high=state("ALARM", minutes=52)),
        "activities": [
            launch(ago(minutes=4 + 10 * number), (16, 20), StatusCode="Failed", StatusMessage=USED_UP)
            for number in range(5)
        ],
    }


def suspended(process: str) -> dict[str, Any]:
    return {
        "SuspendedProcesses": [{"ProcessName": process, "SuspensionReason": "User suspended at 2026-02-22T09:12:00Z"}]
    }


def on_the_way(workers: int, desired: int) -> list[dict[str, Any]]:
    """The instances of a group that has begun to grow."""
    return [
        instance(number, LifecycleState="InService" if number < workers else "Pending") for number in range(desired)
    ]
