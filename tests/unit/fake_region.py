# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A region that answers as AWS would, so that a diagnosis reads from it what the test has in mind."""

from __future__ import annotations

import io
import json
from typing import Any

from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.observing import measurements
from ansible_collections.academy.video_scaling.plugins.module_utils.resources import snapshot

from .examples import FUNCTION, GROUP, POLICY
from .fake_aws import FakeAws, refusal
from .observations import ROLE, healthy, wanted

QUEUE = "academy-video-jobs"
DEAD_LETTER_QUEUE = "academy-video-jobs-dlq"
GONE = {
    "lambda": "ResourceNotFoundException",
    "events": "ResourceNotFoundException",
    "logs": "ResourceNotFoundException",
    "iam": "NoSuchEntity",
    "sqs": "QueueDoesNotExist",
}


class Region(FakeAws):
    """The seed pool's, by default the one that is well.

    :param readings: what differs of it. What is None there is not there, whatever else is said of it.
    """

    def __init__(self, **readings: Any) -> None:
        self.readings = {**healthy(), **readings}
        self.events: list[Any] = []
        read = self.readings
        super().__init__(
            {
                **self._of_queues(),
                **self._of_function(),
                "events.describe_rule": read["rule"] or refusal(GONE["events"]),
                "events.list_targets_by_rule": read["targets"] if read["rule"] else refusal(GONE["events"]),
                "autoscaling.describe_auto_scaling_groups": [read["group"]] if read["group"] else [],
                "autoscaling.describe_policies": self._of_group("policies"),
                "autoscaling.describe_scheduled_actions": self._of_group("scheduled_actions"),
                "autoscaling.describe_scaling_activities": self._of_group("activities"),
                "autoscaling.describe_lifecycle_hooks": {"LifecycleHooks": read["lifecycle_hooks"]},
                "autoscaling.describe_instance_refreshes": {"InstanceRefreshes": read["instance_refreshes"]},
                "cloudwatch.describe_alarms": read["alarms"],
                "cloudwatch.describe_alarm_history": self.history,
                "cloudwatch.get_metric_data": self.measure,
                "ssm.get_parameters": self.parameters,
            }
        )

    def _of_group(self, name: str) -> Any:
        def answer(params: Any) -> Any:
            if self.readings["group"] is None and "AutoScalingGroupName" in params:
                return refusal("ValidationError", f"AutoScalingGroup name not found - no such group: {GROUP}")
            return self.readings[name]

        return answer

    def _of_queues(self) -> dict[str, Any]:
        attributes = {QUEUE: self.readings["queue"], DEAD_LETTER_QUEUE: self.readings["dead_letter_queue"]}

        def url(params: Any) -> Any:
            name = params["QueueName"]
            return {"QueueUrl": name} if attributes.get(name) else refusal(GONE["sqs"])

        return {
            "sqs.get_queue_url": url,
            "sqs.get_queue_attributes": lambda params: {"Attributes": attributes[params["QueueUrl"]]},
        }

    def _of_function(self) -> dict[str, Any]:
        read = self.readings

        def there(reply: Any, reading: str = "function") -> Any:
            return refusal(GONE["lambda"]) if read[reading] is None else reply

        def configuration(params: Any) -> Any:
            reading = "live_version" if "Qualifier" in params else "function"
            return there({**(read[reading] or {}), "ResponseMetadata": {}}, reading)

        reserved = read["reserved_concurrency"]
        return {
            "lambda.get_function_configuration": configuration,
            "lambda.list_aliases": there(list(read["aliases"].values())),
            "lambda.list_versions_by_function": there([read["function"], *read["versions"]]),
            "lambda.get_function_concurrency": there(
                {} if reserved is None else {"ReservedConcurrentExecutions": reserved}
            ),
            "lambda.get_policy": there({"Policy": json.dumps({"Statement": read["permissions"]})}),
            "lambda.invoke": self.invoke,
            "iam.list_role_policies": [f"{ROLE}-inline"],
            "iam.get_role_policy": {
                "RoleName": ROLE,
                "PolicyName": f"{ROLE}-inline",
                "PolicyDocument": {"Version": "2012-10-17", "Statement": read["role_statements"]},
            },
            "iam.list_attached_role_policies": [],
            "logs.filter_log_events": there(
                {
                    "events": [
                        {"timestamp": int(at.timestamp() * 1000), "message": f"{text}\n"}
                        for at, text in read["log_errors"]
                    ]
                }
            ),
        }

    def invoke(self, params: Any) -> Any:
        self.events.append((params["FunctionName"], params["Qualifier"], json.loads(params["Payload"])))
        return {"Payload": io.BytesIO(json.dumps(self.readings["answer"]).encode())}

    def history(self, params: Any) -> Any:
        name = params.get("AlarmName")
        return [one for one in self.readings["alarm_history"] if name in (None, one["AlarmName"])]

    def measure(self, params: Any) -> list[dict[str, Any]]:
        """A series is on two pages, as AWS may return it."""
        pages: list[dict[str, Any]] = []
        for query in params["MetricDataQueries"]:
            series = self.series().get(_identity(query["MetricStat"]), ())
            half = len(series) // 2
            for part, status in ((series[:half], "PartialData"), (series[half:], "Complete")):
                times, values = [time for time, value in part], [value for time, value in part]
                pages.append({"Id": query["Id"], "Timestamps": times, "Values": values, "StatusCode": status})
        return pages

    def series(self) -> dict[Any, Any]:
        read = self.readings
        queries_and_series = [
            (measurements.of_queue(QUEUE), read["queue_metrics"]),
            (measurements.of_dead_letter_queue(DEAD_LETTER_QUEUE), read["dead_letter_metrics"]),
            (measurements.of_function(FUNCTION), read["function_metrics"]),
            (measurements.of_group(GROUP), read["group_metrics"]),
            ({"total": measurements.published(wanted().pool)}, {"total": read["metric"]}),
            ({"ratio": measurements.per_instance(wanted().pool)}, {"ratio": read["per_instance_metric"]}),
        ]
        return {
            _identity(query.to_request()["MetricStat"]): series[name]
            for queries, series in queries_and_series
            for name, query in queries.items()
        }

    def parameters(self, params: Any) -> dict[str, Any]:
        name = snapshot.parameter_name(GROUP, POLICY)
        kept = {name: self.readings["snapshot"], f"{name}/{snapshot.BASELINE}": self.readings["baseline"]}
        found = [
            {"Name": one, "Version": kept[one].id, "Value": snapshot.to_value(kept[one])}
            for one in params["Names"]
            if kept.get(one)
        ]
        return {"Parameters": found, "InvalidParameters": []}


def _identity(stat: Any) -> Any:
    measured = stat["Metric"]
    dimensions = frozenset((one["Name"], one["Value"]) for one in measured["Dimensions"])
    return measured["Namespace"], measured["MetricName"], dimensions, stat["Stat"], stat.get("Unit")


def nothing() -> dict[str, Any]:
    """The readings of a pool of which nothing is there."""
    lists = ("versions", "permissions", "role_statements", "log_errors", "targets", "policies", "alarms", "activities")
    series = ("queue_metrics", "dead_letter_metrics", "function_metrics", "group_metrics")
    absent = dict.fromkeys(("queue", "dead_letter_queue", "function", "live_version", "rule", "group"))
    return {
        **healthy(),
        **absent,
        **{name: [] for name in (*lists, "alarm_history", "scheduled_actions", "lifecycle_hooks")},
        **{name: dict.fromkeys(healthy()[name], ()) for name in series},
        "aliases": {},
        "metric": (),
        "per_instance_metric": (),
        "snapshot": None,
        "baseline": None,
    }
