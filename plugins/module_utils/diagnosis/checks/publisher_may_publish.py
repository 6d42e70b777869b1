# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The publisher's role has the rights it needs: to read this queue, and to publish into the pool's namespace. A
condition on another namespace refuses every datapoint, and only the log tells it.
"""

from __future__ import annotations

import json

from ...resources import role as role_resource
from ..evidence import rights, runs
from ..evidence.rights import Asked
from ..finding import Finding, Remedy, failed, passed
from ..observed import Expected, Observed
from ..wording.command_line import cli, playbook
from . import publisher_exists

TITLE = "The publisher may read the queue and publish"
API = "iam:GetRolePolicy"
EFFECT = "Nothing scales"
FOLLOWS: tuple[str, ...] = ("publisher_exists",)
NAMESPACE = "cloudwatch:namespace"


def check(observed: Observed, expected: Expected) -> Finding:
    if not expected.pool.published:
        return publisher_exists.unneeded(expected)
    if observed.function is None:
        return publisher_exists.missing(observed, expected)
    role = (observed.live_version or observed.function)["Role"]
    answers = [(asked, rights.answer(observed.role_statements, asked)) for asked in _needed(observed, expected)]
    shown = {asked.action: answer.allowed for asked, answer in answers}
    lacking = [
        f"{_words(asked)} ({answer.reason})"
        for asked, answer in answers
        if answer.allowed is False and not _granted_by_queue(asked, role, observed)
    ]
    details = {
        "observed": {"role": role, "allowed": shown},
        "expected": dict.fromkeys(shown, True),
        "remedy": Remedy(playbook("deploy_lambda"), _simulation(role, observed, expected)),
    }
    name = role.rsplit("/", 1)[-1]
    if lacking:
        return failed(f"role {name} may not {' and may not '.join(lacking)}", **details)
    refused = runs.of(observed, expected, observed.known("function_metrics", {})).refused
    if refused:
        return failed(
            f'role {name} has the rights and is refused all the same, in the log\'s words "{refused}"', **details
        )
    return passed(details["observed"], details["expected"])


def _needed(observed: Observed, expected: Expected) -> tuple[Asked, ...]:
    queue_arn = observed.place.queue_arn(expected.pool.queue_name)
    namespace = expected.pool.metric.namespace if expected.pool.metric else ""
    return (
        Asked("sqs:GetQueueUrl", queue_arn),
        Asked("sqs:GetQueueAttributes", queue_arn),
        Asked("cloudwatch:PutMetricData", "*", {NAMESPACE: namespace}),
        *([Asked(role_resource.READ_GROUPS, "*")] if expected.pool.divided_by_publisher else []),
    )


def _words(asked: Asked) -> str:
    namespace = asked.context.get(NAMESPACE)
    return f"{asked.action} {f'into namespace {namespace}' if namespace else f'on {asked.resource}'}"


def _granted_by_queue(asked: Asked, role: str, observed: Observed) -> bool:
    """A queue's own policy can let the role in as well."""
    policy = json.loads((observed.known("queue") or {}).get("Policy") or "{}")
    statements = role_resource.canonical(policy.get("Statement", []), "Statement")
    inviting = [one for one in statements if rights.invites(one, role)]
    return asked.action.startswith("sqs:") and rights.answer(inviting, asked).allowed is not False


def _simulation(role: str, observed: Observed, expected: Expected) -> str:
    namespace = expected.pool.metric.namespace if expected.pool.metric else ""
    entry = f"ContextKeyName={NAMESPACE},ContextKeyValues={namespace},ContextKeyType=string"
    return cli(
        observed.place,
        "iam simulate-principal-policy",
        policy_source_arn=role,
        action_names="cloudwatch:PutMetricData",
        context_entries=entry,
    )
