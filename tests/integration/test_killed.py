# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Wherever a run is killed, running it again converges, and the state before the first apply can be gone back to.

A process killed after the answer of one request and one killed before it sends the next leave the same account: what
lies between is its own memory. So N requests are 2N points, reached by N + 1 killed runs. The account that such a run
leaves is made of the writes that got through; what follows is tried once for each of those.
"""

from __future__ import annotations

import io
import itertools
import json
import signal
import zipfile
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_aws import seed
from local_aws.emulator import REGION, Emulator
from tests.integration.account import FUNCTION, RULE, pool
from tests.integration.in_process import Job, Kill, Warm, warm
from tests.integration.playbook import Run

PARAMETER = f"/video_scaling/{seed.GROUP}/{seed.OLD_POLICY}"
OTHERS = ["by-hand-cpu", "left-by-a-test"]
# The queues are there, and the group shall lose its other policies.
OVER_HAND_WORK = {"video_scaling_steps": ["publisher", "policy"], "video_scaling_pools": [pool(exclusive=True)]}
WITH_LAMBDA = {"video_scaling_rollback_lambda": True}
BASELINE = {"video_scaling_snapshot": "baseline"}
# A put gives a policy another ARN and other alarms here.
NOT_DECLARED = {"PolicyARN", "Alarms"}


class World:
    """The group with its old policy, with ``by_hand`` also others, queues and a function that nobody knows."""

    def __init__(self, emulator: Emulator, process: Warm, by_hand: bool = False) -> None:
        self.emulator, self.process, self.by_hand = emulator, process, by_hand
        self.client = {name: emulator.client(name) for name in ("autoscaling", "events", "iam", "lambda", "ssm")}
        self.environment = emulator.environment()
        self.reset()

    def reset(self) -> None:
        self.emulator.reset()
        self.handmade = self._make_function() if self.by_hand else None
        (seed.make_pool if self.by_hand else seed.make_group)(self.emulator.client)
        for name in OTHERS if self.by_hand else ():
            seed.make_old_policy(self.emulator.client, name=name)
        self.old = self.policies()
        if self.by_hand:
            # How often a run asks whether it is ready should not depend on the day.
            self.client["lambda"].get_waiter("function_active_v2").wait(
                FunctionName=FUNCTION, WaiterConfig={"Delay": 0}
            )

    def run(self, tasks: str, variables: Mapping[str, Any] | None = None, **how: Any) -> Run:
        return self.process.run(Job(tasks, self.environment, variables or {}, **how))

    def done(self, tasks: str, variables: Mapping[str, Any] | None = None, where: str = "", **how: Any) -> Run:
        run = self.run(tasks, variables, **how)
        assert run.code == 0, f"{where}: {tasks}: {run.output}"
        return run

    def policies(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.client["autoscaling"].describe_policies(AutoScalingGroupName=seed.GROUP)[
            "ScalingPolicies"
        ]
        return sorted(found, key=lambda policy: str(policy["PolicyName"]))

    def require_old_policies(self, where: str) -> None:
        assert [declared(policy) for policy in self.policies()] == [declared(policy) for policy in self.old], where

    def require_baseline(self, where: str) -> None:
        """It holds the old policies to the letter, the ARNs of that time included."""
        value = self.client["ssm"].get_parameter(Name=f"{PARAMETER}/baseline")["Parameter"]["Value"]
        assert json.loads(value)["policies"] == {policy["PolicyName"]: policy for policy in self.old}, where

    def require_no_drift(self, where: str, tasks: str, variables: Mapping[str, Any] | None = None) -> None:
        checked = self.done(tasks, variables, where, check=True)
        assert not any(checked.changed.values()), f"{where}: a check still plans {checked.changed}"
        assert checked.mutating == [], where

    def live_code(self) -> str:
        reply = self.client["lambda"].get_function_configuration(FunctionName=FUNCTION, Qualifier="live")
        return str(reply["CodeSha256"])

    def is_gone(self, service: str, operation: str, **params: str) -> bool:
        try:
            getattr(self.client[service], operation)(**params)
        except ClientError as error:
            return "NotFound" in error.response["Error"]["Code"] or error.response["Error"]["Code"] == "NoSuchEntity"
        return False

    def _make_function(self) -> str:
        zipped = io.BytesIO()
        with zipfile.ZipFile(zipped, "w") as archive:
            archive.writestr("by_hand.py", "def handler(event, context):\n    return {}\n")
        made = self.client["lambda"].create_function(
            FunctionName=FUNCTION,
            Runtime="python3.13",
            Handler="by_hand.handler",
            Role="arn:aws:iam::123456789012:role/by-hand",
            Code={"ZipFile": zipped.getvalue()},
        )
        return str(made["CodeSha256"])


def declared(policy: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in policy.items() if name not in NOT_DECLARED}


@pytest.fixture(scope="module")
def process() -> Iterator[Warm]:
    with warm() as started:
        yield started


def killed_everywhere(
    world: World,
    build: Callable[[], None],
    tasks: str,
    variables: Mapping[str, Any],
    follow: Callable[[str], None],
    writes_only: bool = False,
) -> dict[str, int]:
    """Kills the run at every request, and calls ``follow`` in each account that this leaves; counts both."""
    left: set[tuple[str, ...]] = set()
    as_built = False
    for number in itertools.count():
        if not as_built:
            build()
        kill = Kill(number or 1, after=number > 0, writes_only=writes_only)
        run = world.run(tasks, variables, kill=kill)
        if run.code == 0:
            # It has no such request: this one went through to its end.
            break
        last = run.requests[-1].name if run.requests else "nothing"
        where = f"{tasks} killed after {len(run.requests)} requests ({last}), {len(run.mutating)} of them writes"
        assert run.code == -signal.SIGKILL, f"{where}: ended with {run.code}: {run.output}"
        written = tuple(run.mutating)
        as_built = not written
        if written not in left:
            left.add(written)
            follow(where)
            as_built = False
    # Each account was left by the first writes of the whole run, and none was left out.
    assert left == {tuple(run.mutating[:count]) for count in range(len(run.mutating) + 1)}
    return {"points": 2 * (number - 1), "accounts": len(left)}


def test_apply_killed_before_and_after_every_request(ministack, process, record_property):
    world = World(ministack, process)

    def follow(where: str) -> None:
        world.done("main.yml", where=where)
        world.require_no_drift(where, "main.yml")
        world.require_baseline(where)
        world.done("rollback.yml", where=where)
        world.require_old_policies(where)

    counted = killed_everywhere(world, world.reset, "main.yml", {}, follow)
    for what, count in counted.items():
        record_property(what, count)
    assert counted["points"] >= 120 and counted["accounts"] >= 18, counted


def test_apply_over_a_function_made_by_hand_killed_before_and_after_every_write(ministack, process, record_property):
    """What reads between two writes come to, the test above has shown."""
    world = World(ministack, process, by_hand=True)

    def follow(where: str) -> None:
        world.done("main.yml", OVER_HAND_WORK, where)
        world.require_no_drift(where, "main.yml", OVER_HAND_WORK)
        world.require_baseline(where)
        world.done("rollback.yml", WITH_LAMBDA, where)
        world.require_old_policies(where)
        assert world.live_code() == world.handmade, where
        # Whichever way one goes back to before the first apply, the function made by hand is there again.
        world.require_no_drift(where, "rollback.yml", BASELINE | WITH_LAMBDA)

    counted = killed_everywhere(world, world.reset, "main.yml", OVER_HAND_WORK, follow, writes_only=True)
    for what, count in counted.items():
        record_property(what, count)
    assert counted["points"] >= 32 and counted["accounts"] >= 17, counted


def test_rollback_killed_before_and_after_every_request(ministack, process, record_property):
    world = World(ministack, process, by_hand=True)

    def build() -> None:
        world.reset()
        world.done("main.yml", OVER_HAND_WORK)

    def follow(where: str) -> None:
        world.done("rollback.yml", WITH_LAMBDA, where)
        for more in (WITH_LAMBDA, BASELINE | WITH_LAMBDA):
            world.require_no_drift(where, "rollback.yml", more)
            again = world.done("rollback.yml", more, where)
            assert (any(again.changed.values()), again.mutating) == (False, []), where
            world.require_old_policies(where)
        world.require_baseline(where)
        assert world.live_code() == world.handmade, where

    counted = killed_everywhere(world, build, "rollback.yml", WITH_LAMBDA, follow)
    for what, count in counted.items():
        record_property(what, count)
    assert counted["points"] >= 38 and counted["accounts"] >= 6, counted


def test_retire_killed_before_and_after_every_request(ministack, process, record_property):
    world = World(ministack, process)

    def build() -> None:
        world.reset()
        world.done("main.yml")

    def follow(where: str) -> None:
        world.done("retire.yml", where=where)
        world.require_no_drift(where, "retire.yml")
        assert world.policies() == [], where
        assert world.is_gone("lambda", "get_function", FunctionName=FUNCTION), where
        assert world.is_gone("events", "describe_rule", Name=RULE), where
        assert world.is_gone("iam", "get_role", RoleName=f"{FUNCTION}-{REGION}-role"), where
        world.require_baseline(where)
        world.done("rollback.yml", BASELINE, where)
        world.require_old_policies(where)
        world.done("main.yml", where=where)
        assert [policy["PolicyName"] for policy in world.policies()] == [seed.OLD_POLICY], where
        assert world.live_code(), where

    counted = killed_everywhere(world, build, "retire.yml", {}, follow)
    for what, count in counted.items():
        record_property(what, count)
    assert counted["points"] >= 120 and counted["accounts"] >= 9, counted
