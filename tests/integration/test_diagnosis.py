# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A diagnosis only reads, and has an answer whatever AWS refuses, withholds or garbles; a fleet costs little more."""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest

from local_aws import seed
from local_aws.emulator import REGION
from local_aws.recorder import Answer, Recorded
from tests.integration.account import FUNCTION, RULE, Account, account_in, pool, task
from tests.integration.in_process import Job
from tests.integration.playbook import REPOSITORY, Run

MODULE = "video_scaling_diagnosis_info"
LIMIT_SECONDS = 60.0
# Of the services that this project uses, those that are asked and answer in XML; all others in JSON.
XML = ("autoscaling", "iam", "sts")
BASIC = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"

# The operations of a diagnosis, but the one that says who the caller is. Instance refreshes are read only where
# something may hold one up, which the emulator cannot be brought to.
OPERATIONS = {
    "autoscaling:DescribeAutoScalingGroups",
    "autoscaling:DescribeLifecycleHooks",
    "autoscaling:DescribePolicies",
    "autoscaling:DescribeScalingActivities",
    "autoscaling:DescribeScheduledActions",
    "cloudwatch:DescribeAlarmHistory",
    "cloudwatch:DescribeAlarms",
    "cloudwatch:GetMetricData",
    "events:DescribeRule",
    "events:ListTargetsByRule",
    "iam:GetPolicy",
    "iam:GetPolicyVersion",
    "iam:GetRolePolicy",
    "iam:ListAttachedRolePolicies",
    "iam:ListRolePolicies",
    "lambda:GetFunctionConcurrency",
    "lambda:GetFunctionConfiguration",
    "lambda:GetPolicy",
    "lambda:Invoke",
    "lambda:ListAliases",
    "lambda:ListVersionsByFunction",
    "logs:FilterLogEvents",
    "sqs:GetQueueAttributes",
    "sqs:GetQueueUrl",
    "ssm:GetParameters",
}


@dataclass(frozen=True)
class Diagnosed:
    run: Run

    @property
    def result(self) -> Mapping[str, Any]:
        (only,) = self.run.tasks
        assert only.status == "ok", only.message
        return only.result

    @property
    def row(self) -> Mapping[str, Any]:
        (only,) = self.result["pools"]
        return only

    @property
    def statuses(self) -> dict[str, str]:
        return {finding["id"]: finding["status"] for finding in self.row["findings"]}

    @property
    def operations(self) -> Counter[str]:
        return Counter(request.name for request in self.run.requests if request.service != "sts")


@pytest.fixture(scope="module")
def seeded(ministack, process) -> Iterator[Account]:
    """The seed pool, applied, with a worker in service and a message in flight."""
    with account_in(ministack) as account:
        seed.make_group(account.client, old_policy=None, min_size=1, desired_capacity=1)
        applied = process.run(Job("main.yml", account.environment))
        assert applied.code == 0, applied.output
        account.client("iam").attach_role_policy(RoleName=f"{FUNCTION}-{REGION}-role", PolicyArn=BASIC)
        sqs = account.client("sqs")
        url = sqs.get_queue_url(QueueName=seed.QUEUE)["QueueUrl"]
        seed.send_messages(sqs, url, 1)
        seed.take_messages(sqs, url, 1)
        yield account


@pytest.fixture
def diagnosed(seeded, process) -> Iterator[Any]:
    """``diagnosed(pools, **options)``: by the module itself, in a process that was warm before."""

    def diagnosed(pools: Sequence[Mapping[str, Any]] = (), **options: Any) -> Diagnosed:
        whole = task(MODULE, {"pools": list(pools) or [pool()], **options})
        return Diagnosed(process.run(Job([whole], seeded.environment)))

    yield diagnosed
    seeded.recording.before = None


def refusal(request: Recorded, code: str, status: int = 400) -> Answer:
    message = f"not now: {request.name}"
    if request.service in XML:
        error = f"<Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>"
        return status, {"Content-Type": "text/xml"}, f"<ErrorResponse>{error}</ErrorResponse>"
    body = json.dumps({"__type": code, "message": message})
    return status, {"Content-Type": "application/json", "x-amzn-ErrorType": code}, body


# --- reading only -----------------------------------------------------------------------------------------------


def test_nothing_but_reading_with_every_option(seeded):
    options = {
        "pools": [pool(), pool("ghost"), pool("plain", signal="sqs_total", metric=None, dead_letter_queue_name=None)],
        "function_name": FUNCTION,
        "rule_name": RULE,
        "schedule_expression": "rate(1 minute)",
        "memory_size": 128,
        "timeout": 50,
        "since": "1d",
        "skip": {"schedule_enabled": "known"},
        "invoke": True,
    }
    run = seeded.module(MODULE, options)
    assert (run.code, run.mutating) == (0, []), run.output
    assert {request.name for request in run.requests} == OPERATIONS | {"sts:GetCallerIdentity"}
    assert not run[MODULE].changed
    assert run.seconds < LIMIT_SECONDS


def test_nothing_is_invoked_by_default(diagnosed):
    assert set(diagnosed().operations) == OPERATIONS - {"lambda:Invoke"}


def test_the_seed_pool_has_an_answer_to_every_check(diagnosed):
    diagnosis = diagnosed(invoke=True)
    assert diagnosis.row["unread"] == {}
    assert set(diagnosis.statuses.values()) <= {"pass", "warn"}, diagnosis.row["verdict"]
    assert diagnosis.result["healthy"]


def test_a_pool_that_does_not_exist_gets_a_report(diagnosed):
    diagnosis = diagnosed([pool("ghost")])
    assert "queue academy-ghost-jobs does not exist" in diagnosis.row["verdict"]
    assert diagnosis.row["unread"] == {}
    assert (diagnosis.statuses["queue_exists"], diagnosis.row["healthy"]) == ("fail", False)


# --- what AWS refuses, withholds or garbles ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def usual(seeded, process) -> dict[str, str]:
    """What each check says when nothing is refused."""
    whole = task(MODULE, {"pools": [pool()], "invoke": True})
    return Diagnosed(process.run(Job([whole], seeded.environment))).statuses


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
def test_what_may_not_be_read_is_unknown_and_the_others_answer(seeded, diagnosed, usual, operation):
    def denied(request: Recorded) -> Answer | None:
        return refusal(request, "AccessDenied", 403) if request.name == operation else None

    seeded.recording.before = denied
    diagnosis = diagnosed(invoke=True)
    action = {"lambda:Invoke": "lambda:InvokeFunction"}.get(operation, operation)
    unknown = [finding for finding in diagnosis.row["findings"] if finding["status"] == "unknown"]
    assert unknown, "nobody misses it"
    assert {finding["evidence"]["api"] for finding in unknown} == {action}
    assert all(f"{action} in ap-northeast-2 is denied" in finding["cause"] for finding in unknown)
    known = {name: status for name, status in diagnosis.statuses.items() if status != "unknown"}
    assert known == {name: usual[name] for name in known}
    assert not diagnosis.row["healthy"] and not diagnosis.result["healthy"]
    assert action in diagnosis.row["verdict"]


def garbled(request: Recorded) -> Answer | None:
    if request.service == "sts":
        return None
    body = f"<{request.operation}Response><{request.operation}Res" if request.service in XML else '{"QueueUrl": "http'
    return 200, {"Content-Type": "text/xml" if request.service in XML else "application/json"}, body


def throttled(request: Recorded) -> Answer | None:
    return None if request.service == "sts" else refusal(request, "ThrottlingException")


def unknown_for_a_reason(diagnosis: Diagnosed, *sentences: str) -> None:
    assert set(diagnosis.statuses.values()) <= {"unknown", "pass"}
    assert diagnosis.statuses["queue_exists"] == "unknown" and not diagnosis.result["healthy"]
    for cause in diagnosis.row["unread"].values():
        assert any(sentence in cause for sentence in sentences), cause


def test_where_every_reply_is_cut_off_there_is_an_answer(seeded, diagnosed):
    seeded.recording.before = garbled
    unknown_for_a_reason(diagnosed(invoke=True), "gave an answer that cannot be read")


def test_where_everything_is_throttled_there_is_an_answer_soon(seeded, diagnosed):
    seeded.recording.before = throttled
    run = seeded.module(MODULE, {"pools": [pool()], "invoke": True}, timeout=LIMIT_SECONDS)
    assert run.seconds < LIMIT_SECONDS
    assert "Traceback" not in run.output
    # Of a service that is to be left alone, what comes later may not get its turn in time.
    unknown_for_a_reason(Diagnosed(run), "is throttled", "there was no turn for it")


BUDGET_SECONDS = 4.0
# The module as it is, but that it gives up sooner.
HURRIED = f"""
import json, sys
from ansible.module_utils.testing import patch_module_args
from ansible_collections.academy.video_scaling.plugins.module_utils.aws import connection
from ansible_collections.academy.video_scaling.plugins.modules import {MODULE} as module
connection.QUICK_SECONDS = {BUDGET_SECONDS}
with patch_module_args(json.load(sys.stdin)):
    module.main()
"""


@pytest.mark.parametrize("silent", ["", "cloudwatch"], ids=["everything", "one service"])
def test_what_hangs_is_given_up_and_the_process_ends(seeded, diagnosed, silent):
    """Requests that nobody answers for longer than the whole budget, which here is a part of the real one."""
    over = threading.Event()

    def hanging(request: Recorded) -> Answer | None:
        if request.service.startswith(silent) and request.service != "sts":
            over.wait(LIMIT_SECONDS)
        return None

    seeded.recording.before = hanging
    environment = {"PATH": os.environ["PATH"], **seeded.environment}
    environment["PYTHONPATH"] = os.pathsep.join([str(REPOSITORY / "playbooks" / "collections")])
    begun = time.monotonic()
    try:
        ended = subprocess.run(
            [sys.executable, "-c", HURRIED],
            input=json.dumps({"pools": [pool()]}),
            env=environment,
            capture_output=True,
            text=True,
            timeout=LIMIT_SECONDS,
        )
    finally:
        over.set()
    assert BUDGET_SECONDS < time.monotonic() - begun < BUDGET_SECONDS + 10
    assert ended.returncode == 0, ended.stderr
    (row,) = json.loads(ended.stdout)["pools"]
    assert all(f"there was no answer within {BUDGET_SECONDS:g} seconds" in cause for cause in row["unread"].values())
    assert row["unread"]["alarms"].startswith("cloudwatch:DescribeAlarms in ap-northeast-2: ")
    statuses = {finding["id"]: finding["status"] for finding in row["findings"]}
    assert statuses["alarms_exist"] == "unknown"
    assert statuses["queue_exists"] == ("pass" if silent else "unknown")
    assert row["healthy"] is False


# --- a fleet ----------------------------------------------------------------------------------------------------

FLEET = 200
# What a fleet takes in requests, where one does not do: as many as the limit of a request asks for.
BATCHED = {
    "autoscaling:DescribeAutoScalingGroups": FLEET // 100,
    "autoscaling:DescribePolicies": FLEET // 100,
    "cloudwatch:DescribeAlarms": 4 * FLEET // 100 + 1,
    # Each alarm has changed its state once.
    "cloudwatch:DescribeAlarmHistory": 2 * FLEET // 100 + 1,
    "cloudwatch:GetMetricData": -(-(10 * FLEET + 4) // 500),
    "ssm:GetParameters": 2 * FLEET // 10,
}


def make_fleet(account: Account, names: Sequence[str]) -> None:
    client = functools.cache(account.client)

    def make(name: str) -> None:
        seed.make_group(client, name=f"academy-{name}-worker-asg", old_policy=f"{name}-backlogcount-tt")
        seed.make_queue(client, name=f"academy-{name}-jobs", dead_letter_name=f"academy-{name}-jobs-dlq")

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(make, names))


def test_only_queues_cost_a_fleet_requests_of_their_own(seeded, diagnosed, record_property):
    names = [f"p{number}" for number in range(1, FLEET)]
    alone = diagnosed().operations
    make_fleet(seeded, names)
    begun = time.monotonic()
    diagnosis = diagnosed([pool(), *map(pool, names)])
    seconds = time.monotonic() - begun
    record_property("seconds", round(seconds, 1))
    print(f"{FLEET} pools: {seconds:.1f} seconds, {sum(diagnosis.operations.values())} requests")
    assert [row["unread"] for row in diagnosis.result["pools"]] == [{}] * FLEET
    assert {row["findings"][0]["status"] for row in diagnosis.result["pools"]} == {"pass"}
    queues = {name: count for name, count in diagnosis.operations.items() if name.startswith("sqs:")}
    assert queues == {"sqs:GetQueueUrl": 2 * FLEET, "sqs:GetQueueAttributes": 2 * FLEET}
    others = {name: count for name, count in diagnosis.operations.items() if name not in queues}
    too_many = {name: count for name, count in others.items() if count > BATCHED.get(name, alone[name])}
    assert too_many == {}
    assert seconds < LIMIT_SECONDS
