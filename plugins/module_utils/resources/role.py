# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The publisher's IAM role: it may read the pools' queues and groups, find many queues by a list, and publish.

A role that this collection did not make is never changed or deleted.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from .. import tags as tagging
from ..failures import Failure
from ..place import Place
from ..plan import Aws, Plan, Request, reply_unless
from ..tags import Tags

POLICY_NAME = "queue-depth"
GONE = ("NoSuchEntity",)
# A role that was made or found a moment ago may not be found yet ("Changes that I make are not always immediately
# visible", IAM User Guide, documented).
SPREADING = (("NoSuchEntity", ""),)
DESCRIPTION = "Queue depth publisher, made by the Ansible collection academy.video_scaling"
# IAM counts the inline policies of a role without white space.
INLINE_POLICY_LIMIT = 10240
# From so many queues on the function reads a list of them.
LISTED_FROM = 200
READ_GROUPS = "autoscaling:DescribeAutoScalingGroups"
# IAM grants this for all groups or for none ("Actions, resources, and condition keys for Amazon EC2 Auto Scaling").
GROUPS_STATEMENT: Mapping[str, Any] = {
    "Sid": "ReadGroups",
    "Effect": "Allow",
    "Action": [READ_GROUPS],
    "Resource": ["*"],
}

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Role:
    """:param policy: the inline policy ``queue-depth``, None where it is not there.
    :param tags: those that are given; of a current role its values of them.
    """

    name: str
    trust: Document
    policy: Document | None
    description: str = DESCRIPTION
    tags: Tags = field(default_factory=dict)

    def shown(self) -> dict[str, Any]:
        return {
            "role_name": self.name,
            "assume_role_policy_document": self.trust,
            "policy_document": self.policy,
            **tagging.shown(self.tags),
        }


def from_params(
    name: str, pools: Sequence[Mapping[str, Any]], place: Place, log_group_name: str, tags: Tags = tagging.NONE
) -> Role:
    """:param pools: the settings of every pool that the publisher is to serve."""
    service = {"Service": "lambda.amazonaws.com"}  # in every partition
    trust = _document([{"Effect": "Allow", "Principal": service, "Action": ["sts:AssumeRole"]}])
    return Role(name, canonical(trust), canonical(_least_privilege(pools, place, log_group_name)), tags=tags)


def from_response(role: Mapping[str, Any], policy: Any) -> Role:
    return Role(
        role["RoleName"],
        canonical(loaded(role["AssumeRolePolicyDocument"])),
        canonical(loaded(policy)) if policy else None,
        role.get("Description", ""),
    )


def _least_privilege(pools: Sequence[Mapping[str, Any]], place: Place, log_group_name: str) -> Document:
    namespaces = sorted({pool["metric"]["namespace"] for pool in pools})
    names = sorted({pool["queue_name"] for pool in pools})
    logs = f"{place.log_group_arn(log_group_name)}:*"

    def document(queue_patterns: Sequence[str]) -> Document:
        # IAM grants this for all queues or for none.
        listing = {"Sid": "ListQueues", "Effect": "Allow", "Action": ["sqs:ListQueues"], "Resource": ["*"]}
        return _document(
            [
                *([listing] if len(names) >= LISTED_FROM else []),
                *([GROUPS_STATEMENT] if any("auto_scaling_group_name" in pool for pool in pools) else []),
                {
                    "Sid": "ReadQueues",
                    "Effect": "Allow",
                    "Action": ["sqs:GetQueueAttributes", "sqs:GetQueueUrl"],
                    "Resource": [place.queue_arn(pattern) for pattern in queue_patterns],
                },
                {
                    "Sid": "PublishDepths",
                    "Effect": "Allow",
                    "Action": ["cloudwatch:PutMetricData"],
                    "Resource": ["*"],
                    "Condition": {"StringEquals": {"cloudwatch:namespace": namespaces}},
                },
                {
                    "Sid": "WriteLogs",
                    "Effect": "Allow",
                    "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
                    "Resource": [logs],
                },
            ]
        )

    fitting = document(patterns_that_fit(names, lambda patterns: size(document(patterns))))
    if size(fitting) > INLINE_POLICY_LIMIT:
        raise Failure(
            f"metric.namespace: {len(namespaces)} namespaces do not fit into the policy of one role "
            f"({INLINE_POLICY_LIMIT} characters); let pools share namespaces, or give a role of your own (role)"
        )
    return fitting


def patterns_that_fit(names: Sequence[str], size_of: Any, limit: int = INLINE_POLICY_LIMIT) -> Sequence[str]:
    """The names themselves while the policy fits IAM's limit, else the longest common prefixes that make it fit."""
    patterns: Sequence[str] = names
    for length in range(max(map(len, names), default=0) - 1, -1, -1):
        if size_of(patterns) <= limit:
            break
        patterns = sorted({name if len(name) <= length else f"{name[:length]}*" for name in names})
    return patterns


def size(document: Document) -> int:
    return len(json.dumps(document, separators=(",", ":")))


def _document(statements: Sequence[Document]) -> Document:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def loaded(document: Any) -> Document:
    """A policy document as IAM returns it: botocore has decoded it, or it is text still."""
    read: Document = json.loads(document) if isinstance(document, str) else document
    return read


def canonical(value: Any, key: str = "") -> Any:
    """The document with every set of words as a sorted list: IAM keeps neither order nor lists of one."""
    if key == "Statement":
        listed = [value] if isinstance(value, Mapping) else value
        return sorted((canonical(statement) for statement in listed), key=json.dumps)
    if isinstance(value, Mapping):
        return {name: canonical(inner, name) for name, inner in sorted(value.items())}
    if isinstance(value, str) and key in ("Version", "Sid", "Effect"):
        return value
    if isinstance(value, str):
        return [value]
    if isinstance(value, (list, tuple)):
        return sorted(value)
    return value


def plan(current: Role | None, desired: Role | None) -> Plan:
    if desired is None:
        return _plan_absent(current)
    words = f"role {desired.name}"
    put = Request(
        "iam",
        "put_role_policy",
        {
            "RoleName": desired.name,
            "PolicyName": POLICY_NAME,
            "PolicyDocument": json.dumps(desired.policy, separators=(",", ":")),
        },
        until_consistent=SPREADING,
    )
    trust = json.dumps(desired.trust, separators=(",", ":"))
    if current is None:
        create = Request(
            "iam",
            "create_role",
            {
                "RoleName": desired.name,
                "AssumeRolePolicyDocument": trust,
                "Description": DESCRIPTION,
                **({"Tags": tagging.to_list(desired.tags)} if desired.tags else {}),
            },
        )
        return Plan(words, None, desired.shown(), (create, put))
    _require_own(current)
    requests: tuple[Request, ...] = ()
    if current.trust != desired.trust:
        update = {"RoleName": desired.name, "PolicyDocument": trust}
        requests += (Request("iam", "update_assume_role_policy", update, until_consistent=SPREADING),)
    if current.policy != desired.policy:
        requests += (put,)
    if untagged := tagging.differing(current.tags, desired.tags):
        tags = {"RoleName": desired.name, "Tags": tagging.to_list(untagged)}
        requests += (Request("iam", "tag_role", tags, until_consistent=SPREADING),)
    return Plan(words, current.shown(), desired.shown(), requests)


def _plan_absent(current: Role | None) -> Plan:
    if current is None or current.description != DESCRIPTION:
        return Plan("role", None, None)
    requests: tuple[Request, ...] = ()
    if current.policy is not None:
        requests += (Request("iam", "delete_role_policy", {"RoleName": current.name, "PolicyName": POLICY_NAME}),)
    requests += (Request("iam", "delete_role", {"RoleName": current.name}),)
    return Plan(f"role {current.name}", current.shown(), None, requests)


def _require_own(current: Role) -> None:
    if current.description != DESCRIPTION:
        raise Failure(
            f"role {current.name} exists and was not made by this collection, so it is left alone; "
            "give role (its ARN) to use it as it is, or another role_name"
        )


def find(aws: Aws, name: str, tags: Tags = tagging.NONE) -> Role | None:
    """:param tags: those that are given."""
    role = reply_unless(GONE, aws, "iam", "get_role", RoleName=name)
    if role is None:
        return None
    policy = reply_unless(GONE, aws, "iam", "get_role_policy", RoleName=name, PolicyName=POLICY_NAME)
    live = tagging.from_list(role["Role"].get("Tags") or [])
    found = from_response(role["Role"], policy and policy["PolicyDocument"])
    return replace(found, tags=tagging.own_in_any_case(live, tags))
