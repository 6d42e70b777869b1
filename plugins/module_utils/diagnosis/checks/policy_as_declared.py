# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The live policy has the declared settings: a target that a test left behind, or that a second script writes over,
scales by other rules than those everybody reads.
"""

from __future__ import annotations

from collections.abc import Sequence

from ...resources import metric, policy
from ...resources.policy import Policies, Policy
from ..evidence import live, tracking
from ..finding import Finding, Remedy, failed, passed
from ..observed import Expected, Observed
from ..wording.group_commands import playbook_of_policy, policy_of
from ..wording.words import moment, stamped

TITLE = "The policy is as declared"
API = "autoscaling:DescribePolicies"
EFFECT = "The group scales by other rules than the declared ones"
FOLLOWS: tuple[str, ...] = ("policy_exists",)


def check(observed: Observed, expected: Expected) -> Finding:
    own, name = live.own_policy(observed, expected), expected.pool.policy_name
    group = expected.pool.auto_scaling_group_name
    plan = policy.plan(Policies(group, {name: own}), policy.from_params(expected.pool))
    lines = [line.removeprefix(f"policies.{name}.") for line in plan.differences()]
    differences = [*_of_settings(lines), *_of_metric(lines, own, expected)]
    if not differences:
        return passed(own.shown())
    return failed(
        f"policy {name} differs in {', '.join(differences)}{_who(observed, own)}",
        observed=differences,
        remedy=Remedy(playbook_of_policy(expected.pool), policy_of(observed.place, expected.pool)),
    )


def _of_settings(lines: Sequence[str]) -> list[str]:
    return [line for line in lines if not line.startswith("metric")]


def _of_metric(lines: Sequence[str], own: Policy, expected: Expected) -> list[str]:
    """A metric that leaves out messages is reported by policy_tracks_queue or by signal_counts_in_flight."""
    found = [line for line in lines if line.startswith("metric")]
    if not found or tracking.parts_seen(own.tracked, expected.pool) != tracking.WHOLE:
        return []
    wanted, live = metric.from_params(expected.pool).words, own.tracked.words if own.tracked else "none"
    return found if len(found) == 1 or wanted == live else [f"metric: expected {wanted}, found {live}"]


def _who(observed: Observed, own: Policy) -> str:
    """Whether the last change from here left it so, or somebody else has been at it since."""
    newest = observed.known("snapshot")
    if newest is None:
        return ""
    record = newest.record
    last_change = f"{record.kind} at {moment(observed.at, stamped(record.stamp.at))} by {record.stamp.caller_arn}"
    if newest.intent.get(own.name) == policy.digest(own):
        return f"; so it was left by the {last_change}"
    return f"; something else has changed it since the {last_change}"
