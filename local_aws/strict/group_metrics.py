# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The metrics of a group are there only where they were enabled, and are listed with the group."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape, unescape

from local_aws.recorder import Answer, Recorded
from local_aws.strict import wire
from local_aws.strict.behaviour import Behaviour, Settings, Upstream

NAME = "group_metrics"
SOURCE = (
    "documented: API_EnableMetricsCollection, API_DisableMetricsCollection (all metrics where none is named)",
    "documented: API_AutoScalingGroup (EnabledMetrics)",
)

METRICS = (
    "GroupMinSize",
    "GroupMaxSize",
    "GroupDesiredCapacity",
    "GroupInServiceInstances",
    "GroupPendingInstances",
    "GroupStandbyInstances",
    "GroupTerminatingInstances",
    "GroupTotalInstances",
    "GroupInServiceCapacity",
    "GroupPendingCapacity",
    "GroupStandbyCapacity",
    "GroupTerminatingCapacity",
    "GroupTotalCapacity",
)

_GROUP = re.compile(r"<AutoScalingGroupName>(.*?)</AutoScalingGroupName>")


class GroupMetrics(Behaviour):
    def __init__(self, aws: Upstream, settings: Settings) -> None:
        super().__init__(aws, settings)
        self._enabled: dict[tuple[wire.Scope, str], tuple[str, ...]] = {}

    def before(self, request: Recorded) -> Answer | None:
        if request.service != "autoscaling" or not request.operation.endswith("ableMetricsCollection"):
            return None
        key = (wire.scope_of(request), request.parameters["AutoScalingGroupName"])
        named = wire.listed(request.parameters, "Metrics") or METRICS
        enabled = self._enabled.get(key, ())
        if request.operation == "EnableMetricsCollection":
            self._enabled[key] = tuple(dict.fromkeys([*enabled, *named]))
        else:
            self._enabled[key] = tuple(metric for metric in enabled if metric not in named)
        return wire.query_answer("autoscaling", request.operation)

    def after(self, request: Recorded, answer: Answer) -> Answer:
        if request.service != "autoscaling" or not wire.is_success(answer):
            return answer
        scope = wire.scope_of(request)
        if request.operation == "DeleteAutoScalingGroup":
            self._enabled.pop((scope, request.parameters["AutoScalingGroupName"]), None)
        if request.operation != "DescribeAutoScalingGroups":
            return answer

        def with_metrics(found: re.Match[str]) -> str:
            return found[0] + _listed(self._enabled.get((scope, unescape(found[1])), ()))

        return wire.with_body(answer, _GROUP.sub(with_metrics, wire.text_of(answer)))


def _listed(metrics: tuple[str, ...]) -> str:
    members = "".join(
        f"<member><Metric>{escape(metric)}</Metric><Granularity>1Minute</Granularity></member>" for metric in metrics
    )
    return f"<EnabledMetrics>{members}</EnabledMetrics>" if members else ""
