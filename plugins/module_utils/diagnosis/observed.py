# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was read of one pool: each reading a value, or the failure that it met."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeAlias, TypeVar

from ..failures import AwsFailure, Failure
from ..place import Place
from ..pool import Pool
from ..resources.datapoints import Series

Value = TypeVar("Value")
# A structure as AWS returns it, times as aware datetimes.
Reply: TypeAlias = Mapping[str, Any]


class Unread(Failure):
    """A check has asked for a reading that failed.

    :param action: the action that was refused or failed, as IAM writes it.
    """

    def __init__(self, failure: Failure) -> None:
        super().__init__(str(failure))
        self.action = failure.operation if isinstance(failure, AwsFailure) else ""


class Reading(Generic[Value]):
    """One reading of ``Observed``, which raises ``Unread`` where there is none."""

    def __init__(self, api: str) -> None:
        """:param api: the action that answers it, as IAM writes it."""
        self.api = api
        self.name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, observed: Observed, owner: type) -> Value:
        value: Any = observed.readings.get(self.name, Failure(f"{self.api} was not asked"))
        if isinstance(value, Failure):
            raise Unread(value)
        read: Value = value
        return read


@dataclass(frozen=True)
class Observed:
    """:param at: when the reading began, in UTC. :param since: the start of the time window that series cover.
    :param readings: by name: the value, or a Failure.

    Series have one point per minute at most; a minute without a datapoint has none.
    """

    at: datetime
    since: datetime
    place: Place
    readings: Mapping[str, Any]

    # --- the queue and its dead-letter queue ---
    #: attributes as SQS returns them (texts), None where there is no queue
    queue = Reading["Mapping[str, str] | None"]("sqs:GetQueueAttributes")
    #: of the dead-letter queue that is declared (else of the one that the queue's redrive policy names)
    dead_letter_queue = Reading["Mapping[str, str] | None"]("sqs:GetQueueAttributes")
    #: ``sent``, ``received``, ``deleted`` (sums), ``oldest_age`` (seconds), ``visible``, ``in_flight`` (maxima)
    queue_metrics = Reading[Mapping[str, Series]]("cloudwatch:GetMetricData")
    #: ``visible`` (maximum) of the dead-letter queue
    dead_letter_metrics = Reading[Mapping[str, Series]]("cloudwatch:GetMetricData")

    # --- the publisher; none of it is read for a pool that needs no publisher ---
    #: configuration of ``$LATEST``, None where there is no function; never its environment's values
    function = Reading["Reply | None"]("lambda:GetFunctionConfiguration")
    #: aliases by name, as ListAliases returns them
    aliases = Reading[Mapping[str, Reply]]("lambda:ListAliases")
    #: configuration of the version behind alias ``live``, None where there is no such alias
    live_version = Reading["Reply | None"]("lambda:GetFunctionConfiguration")
    #: configurations of the published versions
    versions = Reading[Sequence[Reply]]("lambda:ListVersionsByFunction")
    #: reserved concurrent executions, None where none are reserved
    reserved_concurrency = Reading["int | None"]("lambda:GetFunctionConcurrency")
    #: statements of the resource policy of alias ``live``
    permissions = Reading[Sequence[Reply]]("lambda:GetPolicy")
    #: statements of all policies of the function's role, inline and attached
    role_statements = Reading[Sequence[Reply]]("iam:GetRolePolicy")
    #: ``invocations``, ``errors``, ``throttles`` (sums), ``duration`` (maximum, milliseconds)
    function_metrics = Reading[Mapping[str, Series]]("cloudwatch:GetMetricData")
    #: the last lines of its log that tell of an error: time and text, oldest first
    log_errors = Reading[Sequence[tuple[datetime, str]]]("logs:FilterLogEvents")
    #: what the publisher answered to ``{"publish": false}``, None where it was not asked (it is asked only on request)
    answer = Reading["Reply | None"]("lambda:InvokeFunction")

    # --- the schedule; not read either for a pool that needs no publisher ---
    #: None where there is no rule
    rule = Reading["Reply | None"]("events:DescribeRule")
    targets = Reading[Sequence[Reply]]("events:ListTargetsByRule")

    # --- the metric ---
    #: the depth that the pool declares to follow: the published total, or for an ``sqs_`` signal the sum of AWS/SQS
    metric = Reading[Series]("cloudwatch:GetMetricData")
    #: the depth over the desired capacity; read only for a pool whose publisher divides
    per_instance_metric = Reading[Series]("cloudwatch:GetMetricData")

    # --- policies and alarms ---
    #: all scaling policies of the group
    policies = Reading[Sequence[Reply]]("autoscaling:DescribePolicies")
    #: the metric alarms of these policies
    alarms = Reading[Sequence[Reply]]("cloudwatch:DescribeAlarms")
    #: their changes of state in the window, newest first (HistoryData as text)
    alarm_history = Reading[Sequence[Reply]]("cloudwatch:DescribeAlarmHistory")

    # --- the group ---
    #: None where there is no group; holds Instances, SuspendedProcesses, EnabledMetrics, WarmPoolConfiguration
    group = Reading["Reply | None"]("autoscaling:DescribeAutoScalingGroups")
    scheduled_actions = Reading[Sequence[Reply]]("autoscaling:DescribeScheduledActions")
    lifecycle_hooks = Reading[Sequence[Reply]]("autoscaling:DescribeLifecycleHooks")
    #: newest first
    instance_refreshes = Reading[Sequence[Reply]]("autoscaling:DescribeInstanceRefreshes")
    #: the last ones, newest first
    activities = Reading[Sequence[Reply]]("autoscaling:DescribeScalingActivities")
    #: ``desired`` and ``in_service_capacity`` (units), ``in_service`` (instances); empty where they are not enabled
    group_metrics = Reading[Mapping[str, Series]]("cloudwatch:GetMetricData")

    # --- what can be rolled back to ---
    #: the newest Snapshot, None where there is none
    snapshot = Reading[Any]("ssm:GetParameters")
    baseline = Reading[Any]("ssm:GetParameters")

    @property
    def depth(self) -> int | None:
        """Visible + in flight right now, None where there is no queue."""
        return None if self.queue is None else self.visible + self.in_flight

    @property
    def visible(self) -> int:
        return int((self.queue or {}).get("ApproximateNumberOfMessages", 0))

    @property
    def in_flight(self) -> int:
        return int((self.queue or {}).get("ApproximateNumberOfMessagesNotVisible", 0))

    @property
    def was_busy(self) -> bool:
        """Whether a message was in flight, now or within the window; also where that is not known.

        Lifecycle hooks are read only then: without a worker at work there is none to keep alive.
        """
        metrics = self.readings.get("queue_metrics")
        return was_busy(
            self.readings.get("queue"), metrics.get("in_flight") if isinstance(metrics, Mapping) else metrics
        )

    def known(self, reading: str, otherwise: Any = None) -> Any:
        """A reading that only says more of what is found already: ``otherwise`` where it failed."""
        value = self.readings.get(reading)
        return otherwise if value is None or isinstance(value, Failure) else value

    def policy(self, name: str) -> Reply | None:
        """The live policy of this name."""
        return next((policy for policy in self.policies if policy["PolicyName"] == name), None)

    def alarms_of(self, policy: Reply) -> list[Reply]:
        """The alarms that act on a policy."""
        names = {alarm["AlarmName"] for alarm in policy.get("Alarms", ())}
        return [
            alarm
            for alarm in self.alarms
            if alarm["AlarmName"] in names or policy.get("PolicyARN") in alarm.get("AlarmActions", ())
        ]


def was_busy(queue: Any, in_flight: Any) -> bool:
    """:param queue, in_flight: readings, each of which may be the failure that it met."""
    if isinstance(queue, Failure) or isinstance(in_flight, Failure):
        return True
    now = int((queue or {}).get("ApproximateNumberOfMessagesNotVisible", 0))
    return now > 0 or any(value > 0 for dummy, value in in_flight or ())


def log_group(configuration: Reply | None, function_name: str) -> str:
    """Where a function writes its log: its configuration may name another place than the usual one."""
    named: str = (configuration or {}).get("LoggingConfig", {}).get("LogGroup", "")
    return named or f"/aws/lambda/{function_name}"


READINGS: tuple[str, ...] = tuple(name for name, value in vars(Observed).items() if isinstance(value, Reading))


@dataclass(frozen=True)
class Expected:
    """What is declared: the pool, and what belongs to all pools of the region.

    :param memory_size: MB. :param timeout: seconds. None: not compared.
    """

    pool: Pool
    function_name: str = "academy-worker-queue-depth-metric"
    rule_name: str = "academy-worker-queue-depth-rate"
    schedule_expression: str = "rate(1 minute)"
    memory_size: int | None = None
    timeout: int | None = None
