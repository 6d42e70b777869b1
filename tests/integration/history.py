# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A history is read past the collection: the parameters and policies as AWS holds them."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any

from local_aws import seed
from local_aws.emulator import Emulator
from tests.integration.account import FUNCTION, Account

HISTORY = "/video_scaling/academy-video-worker-asg/video-backlogcount-tt"
BASELINE = f"{HISTORY}/baseline"
# What AWS gives out anew.
AWSS_OWN = ("PolicyARN", "Alarms")
SECRET = "hunter2-in-the-environment"


def policies(account: Account, group: str = seed.GROUP) -> dict[str, dict[str, Any]]:
    """The policies of a group as returned, without what AWS gives out anew."""
    found = account.client("autoscaling").describe_policies(AutoScalingGroupName=group)["ScalingPolicies"]
    return {policy["PolicyName"]: without_awss_own(policy) for policy in found}


def without_awss_own(policy: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in policy.items() if name not in AWSS_OWN}


def tracked(policy: Mapping[str, Any]) -> tuple[str, float]:
    """The metric and the target of a policy over one metric."""
    tracking = policy["TargetTrackingConfiguration"]
    return tracking["CustomizedMetricSpecification"]["MetricName"], tracking["TargetValue"]


def alarms(account: Account) -> list[str]:
    return [alarm["AlarmName"] for alarm in account.client("cloudwatch").describe_alarms()["MetricAlarms"]]


def versions(account: Account, name: str = HISTORY) -> list[dict[str, Any]]:
    """Every version of a parameter, oldest first; none where there is no such parameter."""
    ssm = account.client("ssm")
    if not parameters(account, name):
        return []
    return list(ssm.get_parameter_history(Name=name)["Parameters"])


def snapshots(account: Account, name: str = HISTORY) -> list[dict[str, Any]]:
    """What the versions hold."""
    return [json.loads(version["Value"]) for version in versions(account, name)]


def parameters(account: Account, name: str) -> list[dict[str, Any]]:
    named = [{"Key": "Name", "Option": "Equals", "Values": [name]}]
    return list(account.client("ssm").describe_parameters(ParameterFilters=named)["Parameters"])


def make_function(account: Account | Emulator, answer: str = "by hand") -> dict[str, Any]:
    """The function as a hand made it, with a secret in its environment."""
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("by_hand.py", f"def handler(event, context):\n    return {answer!r}\n")
    made: dict[str, Any] = account.client("lambda").create_function(
        FunctionName=FUNCTION,
        Runtime="python3.13",
        Handler="by_hand.handler",
        Role="arn:aws:iam::123456789012:role/by-hand",
        Code={"ZipFile": zipped.getvalue()},
        Timeout=10,
        Environment={"Variables": {"API_KEY": SECRET}},
    )
    return made


def live(account: Account) -> dict[str, Any]:
    """The configuration of what the schedule fires."""
    found = account.client("lambda").get_function_configuration(FunctionName=FUNCTION, Qualifier="live")
    return {name: found[name] for name in ("CodeSha256", "MemorySize", "Handler", "Version")}


def served(account: Account) -> list[str]:
    """The pools that alias live says it serves."""
    error, description = account.invoke({"describe": True})
    assert error is None, description
    return sorted(pool["name"] for pool in description["pools"])
