# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What was enabled is listed with its group, and nothing before."""

from __future__ import annotations

from local_aws.strict import wire
from local_aws.strict.group_metrics import METRICS, GroupMetrics

from .sent import XML, made, passed, request

DESCRIBE = request("autoscaling:DescribeAutoScalingGroups")
BODY = (
    "<DescribeAutoScalingGroupsResponse><DescribeAutoScalingGroupsResult><AutoScalingGroups>"
    "<member><AutoScalingGroupName>a &amp; b</AutoScalingGroupName><Tags><member><Key>k</Key></member></Tags></member>"
    "<member><AutoScalingGroupName>c</AutoScalingGroupName></member>"
    "</AutoScalingGroups></DescribeAutoScalingGroupsResult></DescribeAutoScalingGroupsResponse>"
)


def metrics(behaviour, operation, *named, group="a & b"):
    members = {f"Metrics.member.{number}": name for number, name in enumerate(named, 1)}
    found = behaviour.before(request(f"autoscaling:{operation}", AutoScalingGroupName=group, **members))
    assert found[0] == 200 and f"<{operation}Response" in found[2]


def enabled(behaviour):
    found = passed(behaviour, DESCRIBE, (200, XML, BODY))
    groups = wire.parsed(DESCRIBE, found)["AutoScalingGroups"]
    assert all(metric["Granularity"] == "1Minute" for group in groups for metric in group.get("EnabledMetrics", []))
    return [[metric["Metric"] for metric in group.get("EnabledMetrics", [])] for group in groups]


def test_none_are_there_until_they_are_enabled():
    behaviour = made(GroupMetrics)
    assert passed(behaviour, DESCRIBE, (200, XML, BODY))[2] == BODY
    metrics(behaviour, "EnableMetricsCollection", "GroupMinSize")
    metrics(behaviour, "EnableMetricsCollection", "GroupMaxSize", "GroupMinSize")
    assert enabled(behaviour) == [["GroupMinSize", "GroupMaxSize"], []]


def test_without_names_all_are_meant():
    behaviour = made(GroupMetrics)
    metrics(behaviour, "EnableMetricsCollection", group="c")
    assert enabled(behaviour) == [[], [*METRICS]]
    metrics(behaviour, "DisableMetricsCollection", "GroupMinSize", group="c")
    assert enabled(behaviour) == [[], [*METRICS[1:]]]
    metrics(behaviour, "DisableMetricsCollection", group="c")
    assert enabled(behaviour) == [[], []]


def test_a_deleted_group_has_none():
    behaviour = made(GroupMetrics)
    metrics(behaviour, "EnableMetricsCollection", group="c")
    passed(behaviour, request("autoscaling:DeleteAutoScalingGroup", AutoScalingGroupName="c"))
    assert enabled(behaviour) == [[], []]


def test_groups_of_other_regions_are_others():
    behaviour = made(GroupMetrics)
    metrics(behaviour, "EnableMetricsCollection", group="c")
    elsewhere = request("autoscaling:DescribeAutoScalingGroups", region="eu-west-1")
    assert passed(behaviour, elsewhere, (200, XML, BODY))[2] == BODY
