# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The reads that no apply can do without, by botocore alone in 16 threads: nothing is compared, reported or checked.

A program of its own: `floor.py FLEET [listed]`, the fleet as JSON of the variables of the playbook. Each queue's
address is asked for by its name, as a plain script does; `listed` reads them from a list. What is missing fails it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from os.path import commonprefix
from pathlib import Path
from typing import Any

import botocore.session
from botocore.config import Config

THREADS = 16
GROUPS_PER_REQUEST = 100
QUEUES_PER_PAGE = 1000
QUEUES = ("queue_name", "dead_letter_queue_name")
SERVICES = ("sts", "sqs", "autoscaling", "lambda", "iam", "logs", "events")


def main(fleet: dict[str, Any], is_listed: bool) -> None:
    session = botocore.session.get_session()
    config = Config(max_pool_connections=THREADS)
    clients = {service: session.create_client(service, config=config) for service in SERVICES}
    with ThreadPoolExecutor(THREADS) as threads:
        reads = [
            *of_the_publisher(threads, clients, fleet),
            *of_the_groups(threads, clients["autoscaling"], fleet),
            *of_the_queues(threads, clients["sqs"], fleet, is_listed),
        ]
        for read in reads:
            read.result()


def of_the_publisher(
    threads: ThreadPoolExecutor, clients: dict[str, Any], fleet: dict[str, Any]
) -> Iterator[Future[Any]]:
    name, rule = fleet["video_scaling_function_name"], fleet["video_scaling_rule_name"]
    functions, events = clients["lambda"], clients["events"]
    yield threads.submit(clients["sts"].get_caller_identity)
    yield threads.submit(invoke, functions, name)
    yield threads.submit(functions.get_function, FunctionName=name)
    yield threads.submit(functions.get_alias, FunctionName=name, Name="live")
    yield threads.submit(functions.get_policy, FunctionName=name, Qualifier="live")
    yield threads.submit(role, functions, clients["iam"], name)
    yield threads.submit(clients["logs"].describe_log_groups, logGroupNamePrefix=f"/aws/lambda/{name}")
    yield threads.submit(events.describe_rule, Name=rule)
    yield threads.submit(events.list_targets_by_rule, Rule=rule)


def invoke(functions: Any, name: str) -> None:
    reply = functions.invoke(FunctionName=name, Qualifier="live", Payload=json.dumps({"publish": False}))
    answer = json.loads(reply["Payload"].read())
    if "FunctionError" in reply:
        raise RuntimeError(f"the publisher failed: {answer}")


def role(functions: Any, iam: Any, name: str) -> None:
    """The role is the function's, whatever its name."""
    arn = functions.get_function_configuration(FunctionName=name)["Role"]
    of = {"RoleName": arn.rpartition("/")[2]}
    iam.get_role(**of)
    for policy in iam.list_role_policies(**of)["PolicyNames"]:
        iam.get_role_policy(**of, PolicyName=policy)


def of_the_groups(threads: ThreadPoolExecutor, autoscaling: Any, fleet: dict[str, Any]) -> Iterator[Future[Any]]:
    names = [pool["auto_scaling_group_name"] for pool in fleet["video_scaling_pools"]]
    for first in range(0, len(names), GROUPS_PER_REQUEST):
        some = names[first : first + GROUPS_PER_REQUEST]
        yield threads.submit(
            autoscaling.describe_auto_scaling_groups, AutoScalingGroupNames=some, MaxRecords=GROUPS_PER_REQUEST
        )
    yield threads.submit(policies, autoscaling, names)


def policies(autoscaling: Any, names: list[str]) -> None:
    """Only one group can be named: for more than one, all of the region are as cheap as it gets."""
    of = {"AutoScalingGroupName": names[0]} if len(names) == 1 else {}
    for _page in autoscaling.get_paginator("describe_policies").paginate(**of, PaginationConfig={"PageSize": 100}):
        pass


def of_the_queues(
    threads: ThreadPoolExecutor, sqs: Any, fleet: dict[str, Any], is_listed: bool
) -> Iterator[Future[Any]]:
    names = [pool[option] for pool in fleet["video_scaling_pools"] for option in QUEUES]
    urls = listed(sqs, names) if is_listed else {}
    for name in names:
        yield threads.submit(queue, sqs, name, urls.get(name))


def listed(sqs: Any, names: list[str]) -> dict[str, str]:
    pages = sqs.get_paginator("list_queues").paginate(
        QueueNamePrefix=commonprefix(names),  # noqa: RUF071 - of names, not of paths
        PaginationConfig={"PageSize": QUEUES_PER_PAGE},
    )
    return {url.rpartition("/")[2]: url for page in pages for url in page.get("QueueUrls", [])}


def queue(sqs: Any, name: str, url: str | None) -> None:
    url = url or sqs.get_queue_url(QueueName=name)["QueueUrl"]
    sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")), is_listed="listed" in sys.argv[2:])
