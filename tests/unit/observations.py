# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A pool that is well, as a diagnosis reads it, and whatever differs from it in a test.

Three workers each have one message in hand: three in flight, none waiting, the published depth 3, one per instance.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.observed import Expected, Observed
from ansible_collections.academy.video_scaling.plugins.module_utils.pool import Metric
from ansible_collections.academy.video_scaling.plugins.module_utils.resources import function, metric, role
from ansible_collections.academy.video_scaling.plugins.module_utils.resources.metric import MetricMath, MetricQuery
from ansible_collections.academy.video_scaling.plugins.module_utils.resources.snapshot import Record, Snapshot
from ansible_collections.academy.video_scaling.plugins.module_utils.resources.snapshot_rules import CHANGE

from .examples import FUNCTION, GROUP, METRIC, PLACE, POLICY, RULE, STAMP, STATEMENT, given, pool, settings

AT = datetime(2026, 2, 22, 12, 0, 20, tzinfo=UTC)
SINCE = AT - timedelta(hours=3)
POLICY_ARN = (
    f"arn:aws:autoscaling:{PLACE.region}:{PLACE.account_id}:scalingPolicy:0d1f"
    f":autoScalingGroupName/{GROUP}:policyName/{POLICY}"
)
ROLE = f"{FUNCTION}-role"


def wanted(**options: Any) -> Expected:
    """What is declared of the pool: the seed pool with a signal that counts per worker, and whatever differs.

    ``memory_size``, ``timeout`` and the like of Expected itself are given as they are; all else are pool options.
    """
    own = {name: options.pop(name) for name in ("memory_size", "timeout", "schedule_expression") if name in options}
    declared = {"signal": "published_per_instance", "visibility_timeout": 600, "min_size": 1, "max_size": 20}
    return Expected(pool(**{**declared, **options}), FUNCTION, RULE, **own)


def ago(**time: float) -> datetime:
    """``ago(minutes=5)`` before the reading."""
    return AT - timedelta(**time)


def series(value: float, minutes: int = 180, until: float = 1) -> tuple[tuple[datetime, float], ...]:
    """The same value each minute. :param until: how many minutes before the reading the newest one lies."""
    newest = (AT - timedelta(minutes=until)).replace(second=0)
    return tuple((newest - timedelta(minutes=back), value) for back in reversed(range(minutes)))


def queue(**attributes: Any) -> dict[str, str]:
    """Attributes of the queue."""
    return {
        "QueueArn": PLACE.queue_arn("academy-video-jobs"),
        "ApproximateNumberOfMessages": "0",
        "ApproximateNumberOfMessagesNotVisible": "3",
        "ApproximateNumberOfMessagesDelayed": "0",
        "CreatedTimestamp": "1771122091",
        "LastModifiedTimestamp": "1771698103",
        "VisibilityTimeout": "600",
        "MessageRetentionPeriod": "345600",
        "RedrivePolicy": json.dumps(
            {"deadLetterTargetArn": PLACE.queue_arn("academy-video-jobs-dlq"), "maxReceiveCount": 3}
        ),
        **{name: str(value) for name, value in attributes.items()},
    }


def dead_letter_queue(**attributes: Any) -> dict[str, str]:
    own = queue(
        QueueArn=PLACE.queue_arn("academy-video-jobs-dlq"),
        ApproximateNumberOfMessagesNotVisible=0,
        MessageRetentionPeriod=1209600,
    )
    del own["RedrivePolicy"]
    return {**own, **{name: str(value) for name, value in attributes.items()}}


def queue_metrics(**metrics: Any) -> dict[str, Any]:
    return {
        "sent": series(1),
        "received": series(1),
        "deleted": series(1),
        "oldest_age": series(60),
        "visible": series(0),
        "in_flight": series(3),
        **metrics,
    }


def function_metrics(**metrics: Any) -> dict[str, Any]:
    return {
        "invocations": series(1),
        "errors": series(0),
        "throttles": series(0),
        "duration": series(240),
        **metrics,
    }


def live_version(**configuration: Any) -> dict[str, Any]:
    """The configuration of the version that is live."""
    return {
        "FunctionName": FUNCTION,
        "FunctionArn": f"{PLACE.function_arn(FUNCTION)}:4",
        "Version": "4",
        "Description": function.DESCRIPTION,
        "Runtime": "python3.13",
        "Architectures": ["arm64"],
        "Handler": "lambda_function.lambda_handler",
        "Role": f"arn:aws:iam::{PLACE.account_id}:role/{ROLE}",
        "Timeout": 50,
        "MemorySize": 128,
        "CodeSha256": "c29tZSBjb2Rl",
        "LastModified": "2026-02-21T17:27:12.000+0000",
        "State": "Active",
        "LastUpdateStatus": "Successful",
        **configuration,
    }


def alarm(kind: str, **changes: Any) -> dict[str, Any]:
    """:param kind: ``High`` or ``Low``, as the alarms of a target-tracking policy are called."""
    high = kind == "High"
    state_since = ago(hours=1)
    return {
        "AlarmName": f"TargetTracking-{GROUP}-Alarm{kind}-0d1f",
        "ActionsEnabled": True,
        "AlarmActions": [POLICY_ARN],
        "StateValue": "OK",
        "StateReason": "Threshold Crossed",
        "StateUpdatedTimestamp": state_since,
        "StateTransitionedTimestamp": state_since,
        **metric.from_params(wanted().pool).to_request()["CustomizedMetricSpecification"],
        "EvaluationPeriods": 3 if high else 15,
        "Threshold": 1.0 if high else 0.9,
        "ComparisonOperator": "GreaterThanThreshold" if high else "LessThanThreshold",
        **changes,
    }


def policy(expected: Expected | None = None, **changes: Any) -> dict[str, Any]:
    """The live policy: as ``expected`` declares it, with whatever differs."""
    declared = (expected or wanted()).pool
    return {
        "AutoScalingGroupName": GROUP,
        "PolicyName": declared.policy_name,
        "PolicyARN": POLICY_ARN,
        "PolicyType": "TargetTrackingScaling",
        "StepAdjustments": [],
        "Alarms": [{"AlarmName": alarm(kind)["AlarmName"], "AlarmARN": f"arn:{kind}"} for kind in ("High", "Low")],
        "TargetTrackingConfiguration": {
            **metric.from_params(declared).to_request(),
            "TargetValue": declared.target_value,
            "DisableScaleIn": declared.disable_scale_in,
        },
        "Enabled": True,
        **changes,
    }


def _of(name: str, stat: str, metric_of: Metric, unit: str | None = None) -> MetricQuery:
    return MetricQuery(name, return_data=False, metric=metric_of, stat=stat, unit=unit)


_QUEUE, _GROUP = (("QueueName", "academy-video-jobs"),), (("AutoScalingGroupName", GROUP),)
_WORKERS = Metric("AWS/AutoScaling", "GroupInServiceInstances", _GROUP)
_BY_SQS = (
    _of("m1", "Sum", Metric("AWS/SQS", "ApproximateNumberOfMessagesVisible", _QUEUE)),
    _of("m2", "Sum", Metric("AWS/SQS", "ApproximateNumberOfMessagesNotVisible", _QUEUE)),
)
# By signal: the metric math of version 0.1.0, in which a missing input counts as 0, and what it is made of.
WRITTEN_BEFORE = {
    "published_per_instance": (
        MetricQuery("e1", expression="m1 / IF(m2 > 0, m2, 1)", label="VideoQueueDepthPerInstance"),
        _of("m1", "Average", Metric.from_params(METRIC), "Count"),
        _of("m2", "Average", _WORKERS),
    ),
    "sqs_total": (MetricQuery("e1", expression="m1 + m2", label="VideoQueueDepthTotal"), *_BY_SQS),
    "sqs_per_instance": (
        MetricQuery("e1", expression="(m1 + m2) / IF(m3 > 0, m3, 1)", label="VideoQueueDepthPerInstance"),
        *_BY_SQS,
        _of("m3", "Average", _WORKERS),
    ),
}


def written_before(
    signal: str = "published_per_instance", target: float = 1.0, disable_scale_in: bool = False, **changes: Any
) -> dict[str, Any]:
    """The live policy of the seed pool as version 0.1.0 wrote it, with whatever differs."""
    followed = MetricMath(WRITTEN_BEFORE[signal]).to_request()
    tracked = {**followed, "TargetValue": target, "DisableScaleIn": disable_scale_in}
    return policy(TargetTrackingConfiguration=tracked, **changes)


def instance(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "InstanceId": f"i-{number:017x}",
        "InstanceType": "c6g.large",
        "AvailabilityZone": f"{PLACE.region}a",
        "LifecycleState": "InService",
        "HealthStatus": "Healthy",
        "ProtectedFromScaleIn": False,
        **changes,
    }


def group(in_service: int = 3, **changes: Any) -> dict[str, Any]:
    return {
        "AutoScalingGroupName": GROUP,
        "AutoScalingGroupARN": f"arn:aws:autoscaling:{PLACE.region}:{PLACE.account_id}:autoScalingGroup:b411:{GROUP}",
        "MinSize": 1,
        "MaxSize": 20,
        "DesiredCapacity": in_service,
        "DefaultCooldown": 300,
        "HealthCheckType": "EC2",
        "HealthCheckGracePeriod": 0,
        "Instances": [instance(number) for number in range(in_service)],
        "CreatedTime": ago(days=30),
        "SuspendedProcesses": [],
        "EnabledMetrics": [
            {"Metric": name, "Granularity": "1Minute"}
            for name in ("GroupDesiredCapacity", "GroupInServiceInstances", "GroupMaxSize", "GroupMinSize")
        ],
        "NewInstancesProtectedFromScaleIn": False,
        **changes,
    }


def activity(cause: str, started: datetime | None = None, **changes: Any) -> dict[str, Any]:
    """A scaling activity. :param cause: as AWS words it."""
    start = started or ago(hours=1)
    return {
        "ActivityId": f"activity-{start:%H%M%S}",
        "AutoScalingGroupName": GROUP,
        "Description": "Launching a new EC2 instance: i-00000000000000002",
        "Cause": cause,
        "StartTime": start,
        "EndTime": start + timedelta(seconds=40),
        "StatusCode": "Successful",
        "Progress": 100,
        **changes,
    }


def kept(policies: dict[str, Any] | None = None, **changes: Any) -> Snapshot:
    """A snapshot of the group's policies, by default of one on the old metric."""
    old = policy(
        TargetTrackingConfiguration={
            "CustomizedMetricSpecification": {
                "Namespace": "Academy/VideoProcessing",
                "MetricName": "BacklogCount",
                "Dimensions": [{"Name": "WorkerType", "Value": "Video"}],
                "Statistic": "Average",
            },
            "TargetValue": 1.0,
        }
    )
    recorded = {POLICY: old} if policies is None else policies
    values = {"id": 7, **changes}
    return Snapshot(GROUP, POLICY, recorded, dict.fromkeys(recorded), Record(STAMP, FUNCTION, CHANGE), **values)


def healthy() -> dict[str, Any]:
    """Every reading of a pool that is well."""
    declared = wanted().pool
    log_group = f"/aws/lambda/{FUNCTION}"
    served = settings(given(signal=declared.signal))
    rights = role.from_params(ROLE, list(served.values()), PLACE, log_group)
    return {
        "queue": queue(),
        "dead_letter_queue": dead_letter_queue(),
        "queue_metrics": queue_metrics(),
        "dead_letter_metrics": {"visible": series(0)},
        "function": live_version(Version="$LATEST", FunctionArn=PLACE.function_arn(FUNCTION)),
        "aliases": {
            name: {"Name": name, "FunctionVersion": number} for name, number in (("live", "4"), ("previous", "3"))
        },
        "live_version": live_version(),
        "versions": [live_version(Version=number) for number in ("3", "4")],
        "reserved_concurrency": None,
        "permissions": [STATEMENT],
        "role_statements": rights.policy["Statement"],
        "function_metrics": function_metrics(),
        "log_errors": [],
        "answer": None,
        "rule": {"Name": RULE, "State": "ENABLED", "ScheduleExpression": "rate(1 minute)"},
        "targets": [{"Id": "publisher", "Arn": f"{PLACE.function_arn(FUNCTION)}:live"}],
        "metric": series(3),
        "per_instance_metric": series(1),
        "policies": [policy()],
        "alarms": [alarm("High"), alarm("Low")],
        "alarm_history": [],
        "group": group(),
        "scheduled_actions": [],
        "lifecycle_hooks": [
            {
                "LifecycleHookName": "drain",
                "AutoScalingGroupName": GROUP,
                "LifecycleTransition": "autoscaling:EC2_INSTANCE_TERMINATING",
                "HeartbeatTimeout": 900,
                "DefaultResult": "CONTINUE",
            }
        ],
        "instance_refreshes": [],
        "activities": [
            activity(
                "At 2026-02-22T11:00:00Z a monitor alarm in state ALARM triggered policy "
                f"{declared.policy_name} changing the desired capacity from 2 to 3."
            )
        ],
        "group_metrics": {"desired": series(3), "in_service": series(3), "in_service_capacity": ()},
        "snapshot": kept(),
        "baseline": kept(id=1, is_baseline=True),
    }


def observed(**readings: Any) -> Observed:
    """What is read of the pool that is well, with whatever differs (a Failure for a reading that failed)."""
    return Observed(AT, SINCE, PLACE, {**healthy(), **readings})


@dataclass(frozen=True)
class Case:
    """What a check must say of what is read."""

    name: str
    status: str
    cause: str
    effect: str
    declared: dict[str, Any]
    readings: dict[str, Any]


def case(
    name: str,
    status: str = "pass",
    cause: str = "",
    effect: str = "",
    declared: dict[str, Any] | None = None,
    **readings: Any,
) -> Case:
    """:param cause: a part of the finding's cause. :param effect: of the finding, where it is not the check's own.
    :param declared: options that differ (see ``wanted``). :param readings: those that differ from the healthy pool's.
    """
    return Case(name, status, cause, effect, declared or {}, readings)


def every_case(*cases: Case) -> Any:
    return pytest.mark.parametrize("example", cases, ids=[one.name for one in cases])


def holds(check: Any, example: Case) -> None:
    """The check says what the case tells, and of what it complains it also says what was read and the way out."""
    found = check.check(observed(**example.readings), wanted(**example.declared))
    assert (found.status, found.effect) == (example.status, example.effect)
    assert example.cause in found.cause
    assert bool(found.cause) == (example.status != "pass")
    if example.status != "pass":
        assert not found.cause.endswith(".")
        assert found.remedy.playbook or found.remedy.cli, "there is no way out"
