# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the emulator drops of an alarm is kept here, and shown with it: its metric math, and a choice by action."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from local_aws.recorder import Answer, Recorded
from local_aws.strict import wire

# An alarm has one metric, or these.
MATH = ("Metrics", "ThresholdMetricId")
ONE_METRIC = ("Namespace", "MetricName", "Statistic", "ExtendedStatistic", "Period", "Unit")


class AlarmBook:
    """Only the JSON protocol is read, which botocore chooses for CloudWatch; of another the answer stays as it is."""

    def __init__(self) -> None:
        self._math: dict[tuple[wire.Scope, str], dict[str, Any]] = {}

    def keep(self, request: Recorded, name: str, alarm: Mapping[str, Any]) -> None:
        """What PutMetricAlarm was given of metric math; an alarm that has none forgets what it had."""
        self._math[wire.scope_of(request), name] = {field: alarm[field] for field in MATH if alarm.get(field)}

    def forget(self, request: Recorded, names: Iterable[str]) -> None:
        for name in names:
            self._math.pop((wire.scope_of(request), name), None)

    def after(self, request: Recorded, answer: Answer) -> Answer:
        """Notes what is written, and completes what is read."""
        if request.operation == "PutMetricAlarm" and "AlarmName" in request.parameters:
            self.keep(request, request.parameters["AlarmName"], request.parameters)
        if request.operation == "DeleteAlarms":
            self.forget(request, request.parameters.get("AlarmNames", []))
        value = wire.json_of(answer) if request.operation == "DescribeAlarms" else None
        if not value:
            return answer
        prefix = request.parameters.get("ActionPrefix", "")
        alarms = [
            self._completed(request, alarm)
            for alarm in value.get("MetricAlarms", [])
            if not prefix or any(str(action).startswith(prefix) for action in alarm.get("AlarmActions", []))
        ]
        return wire.with_json(answer, {**value, "MetricAlarms": alarms})

    def _completed(self, request: Recorded, alarm: Mapping[str, Any]) -> dict[str, Any]:
        math = self._math.get((wire.scope_of(request), alarm["AlarmName"]))
        if not math:
            return dict(alarm)
        return {**{name: value for name, value in alarm.items() if name not in ONE_METRIC}, **math}
