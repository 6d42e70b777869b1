# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Of a group or policy that is not there nothing is changed or read."""

from __future__ import annotations

import pytest

from local_aws.strict.missing_group_or_policy import MissingGroupOrPolicy

from .sent import Emulator, code_of, made, request

REFUSED = (400, "ValidationError")


def describe_auto_scaling_groups(AutoScalingGroupNames):
    return {"AutoScalingGroups": [{}] if AutoScalingGroupNames == ["g"] else []}


def behaviour():
    policies = {"ScalingPolicies": [{"PolicyName": "p"}]}
    return made(
        MissingGroupOrPolicy,
        Emulator(
            autoscaling__describe_auto_scaling_groups=describe_auto_scaling_groups,
            autoscaling__describe_policies=policies,
        ),
    )


@pytest.mark.parametrize(
    ("operation", "parameters", "refused"),
    [
        ("PutScalingPolicy", {"AutoScalingGroupName": "g", "PolicyName": "new"}, False),
        ("PutScalingPolicy", {"AutoScalingGroupName": "none", "PolicyName": "p"}, True),
        ("DescribePolicies", {"AutoScalingGroupName": "none"}, True),
        ("DescribePolicies", {"AutoScalingGroupName": "g"}, False),
        ("DescribePolicies", {}, False),
        ("EnableMetricsCollection", {"AutoScalingGroupName": "none"}, True),
        ("DisableMetricsCollection", {"AutoScalingGroupName": "none"}, True),
        ("DeletePolicy", {"AutoScalingGroupName": "none", "PolicyName": "p"}, True),
        ("DeletePolicy", {"AutoScalingGroupName": "g", "PolicyName": "none"}, True),
        ("DeletePolicy", {"AutoScalingGroupName": "g", "PolicyName": "p"}, False),
        ("CreateAutoScalingGroup", {"AutoScalingGroupName": "none"}, False),
    ],
)
def test_what_is_not_there_is_reported(operation, parameters, refused):
    found = behaviour().before(request(f"autoscaling:{operation}", **parameters))
    assert code_of(found) == (REFUSED if refused else None)


def test_the_group_is_named():
    found = behaviour().before(request("autoscaling:PutScalingPolicy", AutoScalingGroupName="a<b", PolicyName="p"))
    assert "AutoScalingGroup name not found - AutoScalingGroup a&lt;b not found" in found[2]
