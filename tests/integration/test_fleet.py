# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The example fleet, three accounts of two regions each: every host reaches its own place, and no other."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml
from botocore.config import Config

from local_aws import seed
from local_aws.emulator import Emulator
from local_aws.recorder import Recorded
from tests.integration.account import Account, account_in
from tests.integration.playbook import BIN, REPOSITORY, TIMEOUT_SECONDS, Run, own_environment

EXAMPLE = REPOSITORY / "examples" / "fleet"
STATIC, DYNAMIC = EXAMPLE / "inventory.yml", EXAMPLE / "academy.worker_groups.yml"
TAGS = "video_scaling:"
# What the dynamic inventory of the example asks the tags for; all else of a pool follows from these.
TAGGED = ("name", "queue_name", "target_value")
OWN = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION", "AWS_DEFAULT_REGION")
BROKEN, LIMITED = "development", "development-us-east-1"


@dataclass(frozen=True)
class Host:
    """As the static inventory has it."""

    name: str
    account: str
    account_id: str
    region: str
    pools: list[dict[str, Any]]


def declared() -> dict[str, Host]:
    accounts = yaml.safe_load(STATIC.read_text(encoding="utf-8"))["worker_groups"]["children"]
    return {
        name: Host(
            name,
            account,
            group["vars"]["video_scaling_expected_account"],
            variables["video_scaling_region"],
            variables["video_scaling_pools"],
        )
        for account, group in accounts.items()
        for name, variables in group["hosts"].items()
    }


HOSTS = declared()


class Fleet:
    """All the accounts on one emulator, each known by a profile that holds nothing but its keys."""

    def __init__(self, emulator: Emulator, account: Account, folder: Path) -> None:
        self.emulator, self.account, self.folder = emulator, account, folder
        inherited = {name: value for name, value in account.environment.items() if name not in OWN}
        self.environment = {**inherited, "AWS_CONFIG_FILE": str(folder / "config")}

    def client(self, host: Host, service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=self.emulator.url,
            region_name=host.region,
            aws_access_key_id=host.account_id,
            aws_secret_access_key="local",
            config=Config(proxies={}),
        )

    def seed(self) -> None:
        for host in HOSTS.values():
            for pool in host.pools:
                name = pool["auto_scaling_group_name"]
                seed.make_group(
                    lambda service, host=host: self.client(host, service),
                    name=name,
                    old_policy=None,
                    zone=f"{host.region}a",
                )
                tag(
                    self.client(host, "autoscaling"),
                    name,
                    {f"{TAGS}{option}": str(pool[option]) for option in TAGGED if option in pool},
                )

    def profiles(self, *without: str) -> None:
        """Writes the profiles of all accounts but some."""
        accounts = {host.account: host.account_id for host in HOSTS.values() if host.account not in without}
        lines = [
            f"[profile academy-{name}]\naws_access_key_id = {key}\naws_secret_access_key = local\n"
            for name, key in accounts.items()
        ]
        (self.folder / "config").write_text("".join(lines), encoding="utf-8")

    def apply(self, inventory: Path, *arguments: str) -> Run:
        arguments = ("--inventory", str(inventory), "--forks", "6", *arguments)
        return self.account.apply({"video_scaling_hosts": "all"}, environment=self.environment, arguments=arguments)

    def policies(self, host: Host) -> dict[str, Any]:
        """The policies of that region of that account, by group."""
        found = self.client(host, "autoscaling").describe_policies()["ScalingPolicies"]
        return {one["AutoScalingGroupName"]: one for one in found}


def tag(client: Any, group: str, tags: Mapping[str, str]) -> None:
    resource = {"ResourceId": group, "ResourceType": "auto-scaling-group", "PropagateAtLaunch": False}
    client.create_or_update_tags(Tags=[{**resource, "Key": key, "Value": value} for key, value in tags.items()])


def listed(
    inventory: Path, environment: Mapping[str, str], home: Path, *arguments: str
) -> subprocess.CompletedProcess[str]:
    """`ansible-inventory --list`; an inventory that cannot be read is a failure."""
    collections = REPOSITORY / "playbooks" / "collections"
    settings = {"ANSIBLE_COLLECTIONS_PATH": str(collections), "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "true"}
    return subprocess.run(
        [BIN / "ansible-inventory", "--inventory", inventory, "--list", *arguments],
        cwd=REPOSITORY,
        env={**own_environment(home), **settings, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
    )


def variables_of(process: subprocess.CompletedProcess[str]) -> dict[str, dict[str, Any]]:
    assert process.returncode == 0, process.stdout + process.stderr
    found: dict[str, dict[str, Any]] = plain(json.loads(process.stdout))["_meta"]["hostvars"]
    return found


def plain(value: Any) -> Any:
    """Without the mark of what came from outside."""
    if isinstance(value, dict):
        return (
            plain(value["__ansible_unsafe"])
            if "__ansible_unsafe" in value
            else {name: plain(inner) for name, inner in value.items()}
        )
    return [plain(inner) for inner in value] if isinstance(value, list) else value


def places(requests: list[Recorded]) -> set[tuple[str, str]]:
    return {(request.access_key, request.region) for request in requests}


def changed(run: Run) -> dict[str, bool]:
    """By host, whether any of its tasks changed anything."""
    return {host: any(task.changed for task in run.tasks if task.host == host) for host in sorted(HOSTS)}


@pytest.fixture(scope="module")
def fleet(ministack: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    with account_in(ministack) as account:
        fleet = Fleet(ministack, account, tmp_path_factory.mktemp("fleet"))
        fleet.seed()
        fleet.profiles()
        yield fleet


@pytest.fixture(scope="module")
def broken(fleet: Fleet) -> Iterator[Run]:
    """An apply of all, while one account cannot be reached."""
    fleet.profiles(BROKEN)
    try:
        yield fleet.apply(STATIC)
    finally:
        fleet.profiles()


@pytest.fixture(scope="module")
def limited(fleet: Fleet, broken: Run) -> Run:
    """Then one of the hosts that could not be reached, alone."""
    fleet.profiles()
    return fleet.apply(STATIC, "--limit", LIMITED)


@pytest.fixture(scope="module")
def whole(fleet: Fleet, limited: Run) -> Run:
    """Then all of them, as the tags of their groups tell them."""
    return fleet.apply(DYNAMIC)


def test_one_broken_account_does_not_stop_the_others(broken):
    assert broken.code != 0
    failed = {task.host: task.message for task in broken.tasks if task.status == "failed"}
    assert sorted(failed) == [name for name, host in sorted(HOSTS.items()) if host.account == BROKEN]
    assert all("academy-development" in message for message in failed.values()), failed
    assert changed(broken) == {name: host.account != BROKEN for name, host in sorted(HOSTS.items())}


def test_a_limit_reaches_that_host_only(limited):
    assert limited.code == 0, limited.output
    assert places(limited.requests) == {(HOSTS[LIMITED].account_id, HOSTS[LIMITED].region)}
    assert {task.host for task in limited.tasks} == {LIMITED}
    assert "autoscaling:PutScalingPolicy" in limited.mutating


def test_the_groups_tags_lead_to_the_same_hosts_and_a_second_apply_changes_nothing(whole):
    assert whole.code == 0, whole.output
    new = {name for name, host in HOSTS.items() if host.account == BROKEN} - {LIMITED}
    assert changed(whole) == {name: name in new for name in sorted(HOSTS)}
    writes = [request for request in whole.requests if request.mutating]
    # The publisher is asked what it measures, which publishes nothing.
    assert places([one for one in writes if one.name != "lambda:Invoke"]) == {
        (HOSTS[name].account_id, HOSTS[name].region) for name in new
    }


def test_each_place_has_its_own_policies_and_no_others(fleet, whole):
    for host in HOSTS.values():
        found = fleet.policies(host)
        assert sorted(found) == sorted(pool["auto_scaling_group_name"] for pool in host.pools), host.name
        for pool in host.pools:
            tracking = found[pool["auto_scaling_group_name"]]["TargetTrackingConfiguration"]
            assert tracking["TargetValue"] == pool.get("target_value", 1), host.name


def test_each_publisher_serves_its_own_pools_and_may_read_their_queues(fleet, whole):
    for host in HOSTS.values():
        function = "academy-worker-queue-depth-metric"
        reply = fleet.client(host, "lambda").invoke(
            FunctionName=function, Qualifier="live", Payload=json.dumps({"describe": True}).encode()
        )
        served = [pool["name"] for pool in json.loads(reply["Payload"].read())["pools"]]
        assert sorted(served) == sorted(pool["name"] for pool in host.pools)
        document = fleet.client(host, "iam").get_role_policy(
            RoleName=f"{function}-{host.region}-role", PolicyName="queue-depth"
        )["PolicyDocument"]
        queues = {f"arn:aws:sqs:{host.region}:{host.account_id}:{pool['queue_name']}" for pool in host.pools}
        (reading,) = [statement for statement in document["Statement"] if statement["Sid"] == "ReadQueues"]
        assert set(reading["Resource"]) == queues, host.name


# --- what is found ----------------------------------------------------------------------------------------------


def test_the_tags_tell_what_the_static_inventory_declares_and_the_cache_keeps_it(fleet, tmp_path):
    cached = {
        **fleet.environment,
        "ANSIBLE_INVENTORY_CACHE": "true",
        "ANSIBLE_INVENTORY_CACHE_PLUGIN": "jsonfile",
        "ANSIBLE_INVENTORY_CACHE_CONNECTION": str(tmp_path / "cache"),
    }
    with fleet.account.watched() as asked:
        first = variables_of(listed(DYNAMIC, cached, tmp_path))
    assert sorted(request.name for request in asked) == sorted(
        ["sts:GetCallerIdentity", "autoscaling:DescribeAutoScalingGroups"] * len(HOSTS)
    )
    assert places(asked) == {(host.account_id, host.region) for host in HOSTS.values()}
    assert sorted(first) == sorted(HOSTS)
    for name, host in HOSTS.items():
        found = first[name]
        assert by_name(found["video_scaling_pools"]) == by_name(host.pools)
        assert found["video_scaling_profile"] == f"academy-{host.account}"
        assert found["video_scaling_expected_account"] == host.account_id
        assert found["video_scaling_region"] == host.region
    with fleet.account.watched() as asked:
        second = variables_of(listed(DYNAMIC, cached, tmp_path))
    assert (asked, second) == ([], first)
    with fleet.account.watched() as asked:
        variables_of(listed(DYNAMIC, cached, tmp_path, "--flush-cache"))
    assert len(asked) == 2 * len(HOSTS)


def by_name(pools: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {pool["name"]: pool for pool in pools}


@pytest.mark.parametrize("skip", [False, True])
def test_an_account_that_cannot_be_read_is_named_or_left_out(fleet, tmp_path, skip):
    inventory = tmp_path / "some.worker_groups.yml"
    options = yaml.safe_load(DYNAMIC.read_text(encoding="utf-8"))
    accounts = [account for account in options["accounts"] if account["name"] != "staging"]
    accounts[-1]["profile"] = "nobody"
    options.update(accounts=accounts, regions=["us-east-1"], skip_failed=skip)
    inventory.write_text(yaml.safe_dump(options), encoding="utf-8")
    process = listed(inventory, fleet.environment, tmp_path)
    output = " ".join((process.stdout + process.stderr).split())
    assert f"account {BROKEN}, region us-east-1" in output
    assert "nobody" in output
    assert "Traceback" not in output
    if skip:
        assert list(variables_of(process)) == ["production-us-east-1"]
    else:
        assert process.returncode != 0
        assert "skip_failed" in output


def test_a_role_of_another_account_is_assumed(fleet, tmp_path):
    host = HOSTS["production-us-east-1"]
    inventory = tmp_path / "role.worker_groups.yml"
    role = {"assume_role_arn": f"arn:aws:iam::{host.account_id}:role/finder", "external_id": "academy"}
    options = yaml.safe_load(DYNAMIC.read_text(encoding="utf-8"))
    options.update(
        regions=[host.region],
        profile="academy-staging",
        accounts=[{"name": "production", "account_id": host.account_id, **role}],
    )
    inventory.write_text(yaml.safe_dump(options), encoding="utf-8")
    with fleet.account.watched() as asked:
        found = variables_of(listed(inventory, fleet.environment, tmp_path))
    assert by_name(found[host.name]["video_scaling_pools"]) == by_name(host.pools)
    assert {name: found[host.name][f"video_scaling_{name}"] for name in role} == role
    (assumed,) = [request.parameters for request in asked if request.operation == "AssumeRole"]
    assert (assumed["RoleArn"], assumed["ExternalId"]) == tuple(role.values())


def test_aws_itself_looks_for_the_tags(moto: Emulator, tmp_path):
    """ministack answers with every group, whatever filter it gets."""
    moto.reset()
    for name in ("tagged", "other"):
        seed.make_group(moto.client, name=name, old_policy=None)
    tag(moto.client("autoscaling"), "tagged", {f"{TAGS}queue_name": "jobs"})
    tag(moto.client("autoscaling"), "other", {"Role": "web"})
    inventory = tmp_path / "worker_groups.yml"
    inventory.write_text(
        yaml.safe_dump(
            {
                "plugin": "academy.video_scaling.worker_groups",
                "regions": ["ap-northeast-2"],
                "pool_defaults": {"policy_name": "queue-depth", "signal": "sqs_total"},
            }
        ),
        encoding="utf-8",
    )
    found = variables_of(listed(inventory, moto.environment(), tmp_path))
    assert [pool["auto_scaling_group_name"] for pool in found["ap-northeast-2"]["video_scaling_pools"]] == ["tagged"]
