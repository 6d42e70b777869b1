# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A target-tracking policy has two alarms of AWS's own, new ones for a new metric or target, and one ARN for life."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from xml.sax.saxutils import escape, unescape

from local_aws.recorder import Answer, Recorded
from local_aws.strict import wire
from local_aws.strict.alarm_book import AlarmBook
from local_aws.strict.behaviour import Behaviour, Settings, Upstream

NAME = "alarms_of_policies"
SOURCE = (
    "documented: EC2 Auto Scaling User Guide, 'Target tracking scaling policies' (AWS makes, changes, deletes alarms)",
    "documented: API_PutScalingPolicy (Alarms), API_TargetTrackingConfiguration (DisableScaleIn)",
    "observed: tests/unit/recorded (3 and 15 periods of 60 s, 0.9 of the target, new alarms, the same ARN at a put)",
    "assumed: what else changes of a policy leaves its alarms",
)

PERIOD = 60
PREDEFINED: Mapping[str, tuple[str, str]] = {
    "ASGAverageCPUUtilization": ("CPUUtilization", "Percent"),
    "ASGAverageNetworkIn": ("NetworkIn", "Bytes"),
    "ASGAverageNetworkOut": ("NetworkOut", "Bytes"),
}

_POLICY = re.compile(r"<PolicyARN>(.*?)</PolicyARN>(.*?)<Alarms>.*?</Alarms>", re.DOTALL)


@dataclass(frozen=True)
class Level:
    """Which side of the target an alarm watches."""

    name: str
    periods: int
    share: str
    operator: str


HIGH = Level("High", 3, "1", "GreaterThanThreshold")
LOW = Level("Low", 15, "0.9", "LessThanThreshold")


@dataclass
class Policy:
    """:param tracking: its TargetTrackingConfiguration, None of another type.
    :param alarms: their names, by level.
    """

    arn: str
    tracking: Mapping[str, Any] | None = None
    alarms: dict[str, str] = field(default_factory=dict)


Key = tuple[wire.Scope, str, str]


class AlarmsOfPolicies(Behaviour):
    """A policy that was made past the layer is taken over, with its alarms, when it is first met."""

    def __init__(self, aws: Upstream, settings: Settings) -> None:
        super().__init__(aws, settings)
        self._book = AlarmBook()
        self._policies: dict[Key, Policy] = {}
        # By the ARN that the emulator gives a policy, which is another one at each put.
        self._by_emulators_arn: dict[str, Policy] = {}
        self._made = 0

    def before(self, request: Recorded) -> Answer | None:
        if (request.service, request.operation) == ("autoscaling", "PutScalingPolicy"):
            group = request.parameters["AutoScalingGroupName"]
            found = self.aws.client("autoscaling", request).describe_policies(AutoScalingGroupName=group)
            self._meet(request, found["ScalingPolicies"])
        return None

    def after(self, request: Recorded, answer: Answer) -> Answer:
        if not wire.is_success(answer):
            return answer
        if request.service == "cloudwatch":
            return self._book.after(request, answer)
        if request.service != "autoscaling":
            return answer
        if request.operation == "DescribePolicies":
            self._meet(request, wire.parsed(request, answer)["ScalingPolicies"])
            return self._shown(answer)
        if request.operation == "PutScalingPolicy":
            return self._put(request, answer)
        if request.operation in ("DeletePolicy", "DeleteAutoScalingGroup"):
            self._deleted(request)
        return answer

    def _meet(self, request: Recorded, policies: Sequence[Mapping[str, Any]]) -> None:
        for found in policies:
            if found["PolicyARN"] in self._by_emulators_arn:
                continue
            key = _key(request, found["AutoScalingGroupName"], found["PolicyName"])
            if key in self._policies:
                # Somebody has put it again past the layer, and the emulator made it anew.
                self._delete(request, list(self._policies[key].alarms.values()))
            policy = Policy(found["PolicyARN"], found.get("TargetTrackingConfiguration"))
            for level in _levels(policy):
                named = [
                    alarm["AlarmName"] for alarm in found["Alarms"] if f"-Alarm{level.name}-" in alarm["AlarmName"]
                ]
                policy.alarms[level.name] = named[0] if named else self._make(request, key, policy, level)
            self._policies[key] = self._by_emulators_arn[policy.arn] = policy

    def _put(self, request: Recorded, answer: Answer) -> Answer:
        params, reply = wire.params_of(request), wire.parsed(request, answer)
        key = _key(request, params["AutoScalingGroupName"], params["PolicyName"])
        policy = self._policies.setdefault(key, Policy(reply["PolicyARN"]))
        self._by_emulators_arn[reply["PolicyARN"]] = policy
        before, policy.tracking = policy.tracking, params.get("TargetTrackingConfiguration")
        levels = {level.name: level for level in _levels(policy)}
        stays = _followed(before) == _followed(policy.tracking)
        leaving = [name for level, name in policy.alarms.items() if not stays or level not in levels]
        # Those that the emulator has made go, too: it has deleted any of its own from before.
        self._delete(request, [*leaving, *(alarm["AlarmName"] for alarm in reply.get("Alarms", []))])
        kept = {level: name for level, name in policy.alarms.items() if name not in leaving}
        policy.alarms = {
            name: self._make(request, key, policy, level, kept.get(name)) for name, level in levels.items()
        }
        return self._shown(answer)

    def _shown(self, answer: Answer) -> Answer:
        def shown(found: re.Match[str]) -> str:
            policy = self._by_emulators_arn[unescape(found[1])]
            alarms = "".join(
                f"<member><AlarmName>{escape(name)}</AlarmName>"
                f"<AlarmARN>{escape(_alarm_arn(policy, name))}</AlarmARN></member>"
                for name in policy.alarms.values()
            )
            return f"<PolicyARN>{escape(policy.arn)}</PolicyARN>{found[2]}<Alarms>{alarms}</Alarms>"

        return wire.with_body(answer, _POLICY.sub(shown, wire.text_of(answer)))

    def _make(self, request: Recorded, key: Key, policy: Policy, level: Level, name: str | None = None) -> str:
        """The name of the alarm; one that is there already is put again, and so keeps its state."""
        _scope, group, _name = key
        assert policy.tracking is not None
        if name is None:
            self._made += 1
            name = f"TargetTracking-{group}-Alarm{level.name}-{uuid.uuid5(uuid.NAMESPACE_OID, f'{key} {self._made}')}"
        metric = _metric(policy.tracking, group)
        alarm = {
            "AlarmName": name,
            "AlarmDescription": f"DO NOT EDIT OR DELETE. For TargetTrackingScaling policy {policy.arn}.",
            "ActionsEnabled": True,
            "AlarmActions": [policy.arn],
            "EvaluationPeriods": level.periods,
            "Threshold": float(Decimal(str(policy.tracking["TargetValue"])) * Decimal(level.share)),
            "ComparisonOperator": level.operator,
            **metric,
        }
        self.aws.client("cloudwatch", request).put_metric_alarm(**alarm)
        self._book.keep(request, name, alarm)
        return name

    def _delete(self, request: Recorded, names: list[str]) -> None:
        if names:
            self.aws.client("cloudwatch", request).delete_alarms(AlarmNames=names)
            self._book.forget(request, names)

    def _deleted(self, request: Recorded) -> None:
        group = request.parameters["AutoScalingGroupName"]
        name = request.parameters.get("PolicyName")
        scope = wire.scope_of(request)
        for key in [key for key in self._policies if key[:2] == (scope, group) and name in (None, key[2])]:
            self._delete(request, list(self._policies.pop(key).alarms.values()))


def _key(request: Recorded, group: str, policy: str) -> Key:
    return (wire.scope_of(request), group, policy)


def _levels(policy: Policy) -> tuple[Level, ...]:
    if policy.tracking is None:
        return ()
    return (HIGH,) if policy.tracking.get("DisableScaleIn") else (HIGH, LOW)


def _alarm_arn(policy: Policy, name: str) -> str:
    _arn, _aws, _service, region, account, _rest = policy.arn.split(":", 5)
    return f"arn:aws:cloudwatch:{region}:{account}:alarm:{name}"


def _followed(tracking: Mapping[str, Any] | None) -> Any:
    """What new alarms are made for: the metric and the target, whatever the order of dimensions and queries."""
    return _sorted({name: value for name, value in (tracking or {}).items() if name != "DisableScaleIn"})


def _sorted(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _sorted(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return sorted((_sorted(inner) for inner in value), key=lambda one: str(one.get("Id", one.get("Name"))))
    return value


def _metric(tracking: Mapping[str, Any], group: str) -> dict[str, Any]:
    """What the alarms of a policy watch, as PutMetricAlarm takes it."""
    custom = tracking.get("CustomizedMetricSpecification", {})
    if "Metrics" in custom:
        return {"Metrics": [_query(query) for query in custom["Metrics"]]}
    if custom:
        found = {"Dimensions": [], "Statistic": "Average", "Period": PERIOD, **custom}
    elif (kind := tracking["PredefinedMetricSpecification"]["PredefinedMetricType"]) in PREDEFINED:
        name, unit = PREDEFINED[kind]
        dimensions = [{"Name": "AutoScalingGroupName", "Value": group}]
        found = {"Namespace": "AWS/EC2", "MetricName": name, "Unit": unit, "Statistic": "Average"}
        found |= {"Dimensions": dimensions, "Period": PERIOD}
    else:
        label = tracking["PredefinedMetricSpecification"]["ResourceLabel"]
        balancer, _, target_group = label.partition("/targetgroup/")
        found = {"Namespace": "AWS/ApplicationELB", "MetricName": "RequestCountPerTarget", "Statistic": "Sum"}
        found |= {
            "Dimensions": [
                {"Name": "LoadBalancer", "Value": balancer},
                {"Name": "TargetGroup", "Value": f"targetgroup/{target_group}"},
            ],
            "Period": PERIOD,
        }
    return found


def _query(query: Mapping[str, Any]) -> dict[str, Any]:
    """A query of a policy as one of an alarm, which always has a period."""
    period = query.get("Period", PERIOD)
    if "MetricStat" not in query:
        return {"ReturnData": True, **query, "Period": period}
    stat = query["MetricStat"]
    shown = {"Metric": stat["Metric"], "Period": stat.get("Period", period), "Stat": stat["Stat"]}
    shown |= {"Unit": stat["Unit"]} if "Unit" in stat else {}
    named = {name: value for name, value in query.items() if name != "Period"}
    return {"ReturnData": True, **named, "MetricStat": shown}
