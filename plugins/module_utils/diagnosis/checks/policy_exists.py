# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The group has the pool's target-tracking policy, and it is enabled: without it the queue moves nothing."""

from __future__ import annotations

from ...failures import listed
from ...resources.policy import TARGET_TRACKING, from_response
from ..finding import Finding, Remedy, failed, passed
from ..observed import Expected, Observed
from ..wording.command_line import cli, playbook
from ..wording.words import moment, stamped

TITLE = "The policy exists"
API = "autoscaling:DescribePolicies"
EFFECT = "Nothing scales"
FOLLOWS: tuple[str, ...] = ("group_exists",)


def check(observed: Observed, expected: Expected) -> Finding:
    group, name = expected.pool.auto_scaling_group_name, expected.pool.policy_name
    names = [policy["PolicyName"] for policy in observed.policies]
    reply = observed.policy(name)
    describe = cli(observed.place, "autoscaling describe-policies", auto_scaling_group_name=group)
    shown = {"observed": names, "expected": name, "remedy": Remedy(playbook("apply_policy"), describe)}
    if reply is None:
        having = f"has no policy {name} (it has {listed(names)})" if names else "has no scaling policy at all"
        return failed(f"group {group} {having}{_how_it_went(observed, expected)}", **shown)
    found = from_response(reply)
    if found.type != TARGET_TRACKING:
        return failed(
            f"policy {name} of group {group} is a {found.type} policy, and AWS does not turn it into a target-tracking "
            "one in place: declare another policy_name, and exclusive: true to remove this one",
            effect="Capacity does not follow the queue",
            **{**shown, "observed": found.type, "expected": TARGET_TRACKING},
        )
    if not found.enabled:
        return failed(f"policy {name} of group {group} is disabled", **{**shown, "observed": {"Enabled": False}})
    return passed(names, name)


def _how_it_went(observed: Observed, expected: Expected) -> str:
    """Whether the group is younger than what is kept of its policy, or the last change took the policy away."""
    newest = observed.known("snapshot")
    if newest is None:
        return ""
    taken = stamped(newest.record.stamp.at)
    created, when = observed.known("group", {}).get("CreatedTime"), moment(observed.at, taken)
    if created and created > taken:
        return (
            f"; it was made anew at {moment(observed.at, created)}, after the newest snapshot of the policy ({when}), "
            "and the policy was not put back"
        )
    if newest.intent.get(expected.pool.policy_name, "") is None:
        return f"; a {newest.record.kind} removed it at {when} (by {newest.record.stamp.caller_arn})"
    return f"; the last change from here that left one was at {when} (by {newest.record.stamp.caller_arn})"
