# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The requests of a diagnosis, each by itself: what is not there is None or empty, every other failure is raised."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from ...failures import AwsFailure, Failure
from ...plan import Aws, reply_unless
from ...resources import function, queue, role, snapshot
from ...resources.snapshot import Snapshot
from ..observed import Reply, log_group

# What DescribeAlarms, DescribePolicies and the like take and return in one request.
PAGE = 100
PARAMETERS_PER_REQUEST = 10
# Up to so many of a kind are asked for one by one; more by one read of the region, which also returns those of others.
FEW = 10
# Of one group, the newest come first and so many are enough; of a region, more than so many have no answer in time.
MOST_ACTIVITIES = 2000
MOST_OF_REGION = 10_000
# Lines of the publisher's log: some of each run of the last quarter of an hour.
MOST_LINES = 100
# Lines of Lambda and of the publisher that tell of a run that failed.
ERROR_PATTERN = '?ERROR ?"Task timed out" ?"Runtime exited"'
# EC2 Auto Scaling has no code of its own for a group that is not there.
NO_GROUP = ("ValidationError",)


def in_batches(names: Iterable[str], size: int) -> list[tuple[str, ...]]:
    every = list(dict.fromkeys(names))
    return [tuple(every[start : start + size]) for start in range(0, len(every), size)]


# --- queues -----------------------------------------------------------------------------------------------------


def queue_attributes(aws: Aws, name: str) -> Mapping[str, str] | None:
    named = reply_unless(queue.MISSING, aws, "sqs", "get_queue_url", QueueName=name)
    if named is None:
        return None
    reply = reply_unless(
        queue.MISSING, aws, "sqs", "get_queue_attributes", QueueUrl=named["QueueUrl"], AttributeNames=["All"]
    )
    return None if reply is None else {**reply["Attributes"]}


def dead_letter_queue_name(attributes: Mapping[str, str] | None) -> str | None:
    """Of the queue that the redrive policy names."""
    redrive = json.loads((attributes or {}).get("RedrivePolicy") or "{}")
    return str(redrive["deadLetterTargetArn"]).rsplit(":", 1)[-1] if redrive else None


# --- the publisher and its schedule -----------------------------------------------------------------------------


def configuration(aws: Aws, name: str, qualifier: str = "") -> Reply | None:
    only = {"Qualifier": qualifier} if qualifier else {}
    reply = reply_unless(function.GONE, aws, "lambda", "get_function_configuration", FunctionName=name, **only)
    return None if reply is None else _without_environment(reply)


def versions(aws: Aws, name: str) -> list[Reply]:
    """The published ones."""
    found = _unless(function.GONE, aws.pages("lambda", "list_versions_by_function", "Versions", FunctionName=name))
    return [_without_environment(version) for version in found if version["Version"] != function.LATEST]


def _without_environment(found: Mapping[str, Any]) -> Reply:
    """The values of a function's environment may be secrets, so they go no further than this line."""
    kept = {key: value for key, value in found.items() if key not in ("Environment", "ResponseMetadata")}
    return {"FunctionName": found["FunctionName"], **kept}


def reserved_concurrency(aws: Aws, name: str) -> int | None:
    reply = reply_unless(function.GONE, aws, "lambda", "get_function_concurrency", FunctionName=name)
    return (reply or {}).get("ReservedConcurrentExecutions")


def permissions(aws: Aws, name: str) -> list[Reply]:
    reply = reply_unless(function.GONE, aws, "lambda", "get_policy", FunctionName=name, Qualifier=function.LIVE)
    return [] if reply is None else list(json.loads(reply["Policy"])["Statement"])


def role_statements(aws: Aws, found: Reply | None) -> list[Reply]:
    """:param found: the configuration of a function, whose role's statements they are; in their canonical form."""
    if found is None:
        return []
    name = {"RoleName": found["Role"].rsplit("/", 1)[-1]}
    statements: list[Reply] = []
    for policy_name in _unless(role.GONE, aws.pages("iam", "list_role_policies", "PolicyNames", **name)):
        inline = reply_unless(role.GONE, aws, "iam", "get_role_policy", **name, PolicyName=policy_name)
        statements += _statements_of(inline)
    for attached in _unless(role.GONE, aws.pages("iam", "list_attached_role_policies", "AttachedPolicies", **name)):
        statements += _statements_of(_managed_policy(aws, attached["PolicyArn"]))
    return statements


def _managed_policy(aws: Aws, arn: str) -> Mapping[str, Any] | None:
    policy = reply_unless(role.GONE, aws, "iam", "get_policy", PolicyArn=arn)
    if policy is None:
        return None
    version = {"PolicyArn": arn, "VersionId": policy["Policy"]["DefaultVersionId"]}
    reply = reply_unless(role.GONE, aws, "iam", "get_policy_version", **version)
    if reply is None:
        return None
    return {"PolicyDocument": reply["PolicyVersion"]["Document"]}


def _statements_of(reply: Mapping[str, Any] | None) -> list[Reply]:
    if reply is None:
        return []
    statements: list[Reply] = role.canonical(role.loaded(reply["PolicyDocument"]))["Statement"]
    return statements


def log_errors(aws: Aws, name: str, found: Reply | None, since: datetime) -> list[tuple[datetime, str]]:
    """The last ones, oldest first, as they come. What AWS has found when it repeats itself is all that it will tell.

    :param found: the function's configuration, which may name a log group of its own.
    """
    start = int(since.timestamp() * 1000)
    asked = {"logGroupName": log_group(found, name), "startTime": start, "filterPattern": ERROR_PATTERN}
    lines: deque[Reply] = deque(maxlen=MOST_LINES)
    token: dict[str, str] = {}
    while (reply := reply_unless(function.GONE, aws, "logs", "filter_log_events", **asked, **token)) is not None:
        lines.extend(reply.get("events", ()))
        # A page may be empty and name the next one by the same token, without end: botocore gives up on all of them.
        following = {"nextToken": reply["nextToken"]} if reply.get("nextToken") else {}
        if not following or following == token:
            break
        token = following
    return [(datetime.fromtimestamp(line["timestamp"] / 1000, UTC), line["message"].strip()) for line in lines]


def rule(aws: Aws, name: str) -> Reply | None:
    return reply_unless(function.GONE, aws, "events", "describe_rule", Name=name)


def targets(aws: Aws, name: str) -> list[Reply]:
    return list(_unless(function.GONE, aws.pages("events", "list_targets_by_rule", "Targets", Rule=name)))


# --- groups, their policies and alarms --------------------------------------------------------------------------


def policies(aws: Aws, names: Sequence[str]) -> list[Reply]:
    return of_groups(names, _every(aws, names, "describe_policies", "ScalingPolicies"))


def scheduled_actions(aws: Aws, names: Sequence[str]) -> list[Reply]:
    return of_groups(names, _every(aws, names, "describe_scheduled_actions", "ScheduledUpdateGroupActions"))


def activities(aws: Aws, names: Sequence[str], since: datetime) -> list[Reply]:
    """Newest first: all since then, and a page at least."""
    every = _every(aws, names, "describe_scaling_activities", "Activities")
    read: list[Reply] = []
    for one in islice(every, MOST_ACTIVITIES) if len(names) == 1 else _all_or_none(every):
        # Those under way come first, however long ago they began.
        if len(read) >= PAGE and "EndTime" in one and one["StartTime"] < since:
            break
        read.append(one)
    return sorted(of_groups(names, read), key=lambda one: one["StartTime"], reverse=True)


def _all_or_none(every: Iterator[Reply]) -> Iterator[Reply]:
    """What is cut off among many groups would look complete to each of them."""
    for number, one in enumerate(every):
        if number == MOST_OF_REGION:
            raise Failure(f"the region tells more than {MOST_OF_REGION}; choose a shorter since, or fewer pools")
        yield one


def _every(aws: Aws, names: Sequence[str], operation: str, field: str) -> Iterator[Reply]:
    """The API filters by one group or by none."""
    if len(names) != 1:
        return aws.pages("autoscaling", operation, field, MaxRecords=PAGE)
    one = {"AutoScalingGroupName": names[0], "MaxRecords": PAGE}
    return _unless(NO_GROUP, aws.pages("autoscaling", operation, field, **one))


def of_groups(names: Sequence[str], items: Iterable[Reply]) -> list[Reply]:
    wanted = set(names)
    return [item for item in items if item["AutoScalingGroupName"] in wanted]


def alarms(aws: Aws, live: Sequence[Reply]) -> list[Reply]:
    """The alarms that the policies name, and those that act on them: each of these may lack the other."""
    found: dict[str, Reply] = {}
    for names in in_batches(named_alarms(live), PAGE):
        found |= _alarms(aws, AlarmNames=list(names), MaxRecords=PAGE)
    arns = sorted({policy["PolicyARN"] for policy in live if policy.get("PolicyARN")})
    # All of a region begin alike.
    every = ["".join(arn.partition(":scalingPolicy:")[:2]) for arn in arns[:1]]
    for prefix in arns if len(arns) <= FEW else every:
        found |= _alarms(aws, ActionPrefix=prefix, MaxRecords=PAGE)
    return alarms_of(list(found.values()), live)


def alarms_of(found: Sequence[Reply], live: Sequence[Reply]) -> list[Reply]:
    """Those of these policies."""
    named, arns = set(named_alarms(live)), {policy.get("PolicyARN") for policy in live}
    return [one for one in found if one["AlarmName"] in named or arns & set(one.get("AlarmActions", ()))]


def _alarms(aws: Aws, **chosen: Any) -> dict[str, Reply]:
    every = aws.pages("cloudwatch", "describe_alarms", "MetricAlarms", AlarmTypes=["MetricAlarm"], **chosen)
    return {alarm["AlarmName"]: alarm for alarm in every}


def named_alarms(live: Sequence[Reply]) -> list[str]:
    return list(dict.fromkeys(alarm["AlarmName"] for policy in live for alarm in policy.get("Alarms") or ()))


def alarm_history(aws: Aws, names: Sequence[str], since: datetime, until: datetime) -> list[Reply]:
    """Changes of state, newest first."""
    window = {
        "HistoryItemType": "StateUpdate",
        "StartDate": since,
        # What is recorded while this is read is not left out, whatever the two clocks say.
        "EndDate": until + timedelta(minutes=1),
        "ScanBy": "TimestampDescending",
        "MaxRecords": PAGE,
    }
    changes: list[Reply] = []
    for only in [{"AlarmName": name} for name in names] if len(names) <= FEW else [{}]:
        every = aws.pages("cloudwatch", "describe_alarm_history", "AlarmHistoryItems", **window, **only)
        changes += _all_or_none(every)
    wanted = set(names)
    ours = [change for change in changes if change["AlarmName"] in wanted]
    return sorted(ours, key=lambda change: change["Timestamp"], reverse=True)


def lifecycle_hooks(aws: Aws, name: str) -> list[Reply]:
    reply = reply_unless(NO_GROUP, aws, "autoscaling", "describe_lifecycle_hooks", AutoScalingGroupName=name)
    return [] if reply is None else list(reply["LifecycleHooks"])


def instance_refreshes(aws: Aws, name: str) -> list[Reply]:
    """Newest first, as AWS returns them."""
    reply = reply_unless(NO_GROUP, aws, "autoscaling", "describe_instance_refreshes", AutoScalingGroupName=name)
    return [] if reply is None else list(reply["InstanceRefreshes"])


# --- snapshots --------------------------------------------------------------------------------------------------


def snapshots(aws: Aws, names: Sequence[str]) -> dict[str, Snapshot | Failure]:
    """By name of the parameter; those that are not there are left out."""
    reply = aws.call("ssm", "get_parameters", Names=list(names))
    return {parameter["Name"]: _snapshot(parameter) for parameter in reply["Parameters"]}


def _snapshot(parameter: Reply) -> Snapshot | Failure:
    name = parameter["Name"]
    try:
        kept = snapshot.loaded(name, parameter)
    except Failure as failure:
        return failure
    return replace(kept, is_baseline=name.endswith(f"/{snapshot.BASELINE}"))


def _unless(gone: Sequence[str], items: Iterator[Any]) -> Iterator[Any]:
    """The items; none where AWS answers with one of the codes of ``gone`` instead."""
    try:
        yield from items
    except AwsFailure as failure:
        if failure.code not in gone:
            raise
