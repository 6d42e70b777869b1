# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is asked or changed of a group or scaling policy that does not exist is refused, not done in silence."""

from __future__ import annotations

from local_aws.recorder import Answer, Recorded
from local_aws.strict import wire
from local_aws.strict.behaviour import Behaviour

NAME = "missing_group_or_policy"
SOURCE = (
    "documented: Amazon EC2 Auto Scaling API reference, 'Common Errors' (ValidationError)",
    "observed by others: hashicorp/terraform #8386 (DescribePolicies), cloud-custodian/cloud-custodian #249",
    "assumed: the words for a missing policy",
)

OF_GROUP = ("PutScalingPolicy", "DeletePolicy", "EnableMetricsCollection", "DisableMetricsCollection")


class MissingGroupOrPolicy(Behaviour):
    def before(self, request: Recorded) -> Answer | None:
        group = request.parameters.get("AutoScalingGroupName")
        if request.service != "autoscaling" or not group or request.operation not in (*OF_GROUP, "DescribePolicies"):
            return None
        autoscaling = self.aws.client("autoscaling", request)
        if not autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=[group])["AutoScalingGroups"]:
            if request.operation == "DescribePolicies":
                return _refused(f"Group {group} not found")
            return _refused(f"AutoScalingGroup name not found - AutoScalingGroup {group} not found")
        if request.operation == "DeletePolicy":
            name = request.parameters["PolicyName"]
            policies = autoscaling.describe_policies(AutoScalingGroupName=group)["ScalingPolicies"]
            if name not in {policy["PolicyName"] for policy in policies}:
                return _refused(f"PolicyName not found - Policy {name} not found")
        return None


def _refused(message: str) -> Answer:
    return wire.query_error("autoscaling", 400, "ValidationError", message)
