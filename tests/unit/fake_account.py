# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An account that remembers: groups with their policies and a Parameter Store, which requests change."""

from __future__ import annotations

from .fake_aws import FakeAws, Parameters, refusal


class Account(FakeAws):
    """Groups with their policies, which a put changes."""

    def __init__(self, *group_names, policies=(), refused=()):
        sizes = {"MinSize": 0, "MaxSize": 20, "DesiredCapacity": 0}
        self.policies = {(one["AutoScalingGroupName"], one["PolicyName"]): one for one in policies}
        self.refused = refused
        self.parameters = Parameters()
        super().__init__(
            {
                "autoscaling.describe_auto_scaling_groups": [{"AutoScalingGroupName": n, **sizes} for n in group_names],
                "autoscaling.describe_policies": lambda params: list(self.policies.values()),
                "autoscaling.put_scaling_policy": self.put,
                "autoscaling.delete_policy": self.delete,
                "lambda.list_aliases": [{"Name": "live", "FunctionVersion": "4"}],
                **self.parameters.answers(),
            }
        )

    def put(self, params):
        if params["AutoScalingGroupName"] in self.refused:
            return refusal("LimitExceeded", "too many policies")
        self.policies[params["AutoScalingGroupName"], params["PolicyName"]] = params
        return {}

    def delete(self, params):
        del self.policies[params["AutoScalingGroupName"], params["PolicyName"]]
        return {}
