# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Wherever a run is killed, running it again converges, and the state before the first apply can be gone back to.

A process killed after the answer of one request and one killed before it sends the next leave the same account: what
lies between is its own memory. So N requests are 2N points, reached by N + 1 killed runs. The account that such a run
leaves is made of the writes that got through; what follows is tried once for each of those.
"""

from __future__ import annotations

import itertools
import json
import signal
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from botocore.exceptions import ClientError

from local_aws import seed, strict
from local_aws.emulator import Emulator
from local_aws.recorder import Recording
from tests.integration.account import FUNCTION, pool
from tests.integration.history import make_function, without_awss_own
from tests.integration.in_process import Job, Kill, Warm
from tests.integration.playbook import Run

PARAMETER = f"/video_scaling/{seed.GROUP}/{seed.OLD_POLICY}"
OTHERS = ["by-hand-cpu", "left-by-a-test"]
# The queues are there, and the group shall lose its other policies.
OVER_HAND_WORK = {"video_scaling_steps": ["publisher", "policy"], "video_scaling_pools": [pool(exclusive=True)]}
WITH_LAMBDA = {"video_scaling_rollback_lambda": True}
BASELINE = {"video_scaling_snapshot": "baseline"}


class World:
    """The group with its old policy, with ``by_hand`` also others, queues and a function that nobody knows.

    :param recording: of the emulator, for runs that a stricter AWS answers; what is made by hand is answered without.
    :param behaviours: those of the stricter AWS, by name.
    """

    def __init__(
        self,
        emulator: Emulator,
        process: Warm,
        by_hand: bool = False,
        recording: Recording | None = None,
        behaviours: Iterable[str] = strict.USUAL,
    ) -> None:
        self.emulator, self.process, self.by_hand = emulator, process, by_hand
        self.recording, self.behaviours = recording, tuple(behaviours)
        self.client = {name: emulator.client(name) for name in ("autoscaling", "events", "iam", "lambda", "ssm")}
        self.environment = emulator.environment(recording.url if recording else None)
        self.reset()

    def reset(self) -> None:
        self.emulator.reset()
        if self.recording:
            layer = strict.layer(self.emulator.url, self.behaviours)
            self.recording.before, self.recording.after = layer.before, layer.after
        self.handmade = make_function(self.emulator)["CodeSha256"] if self.by_hand else None
        (seed.make_pool if self.by_hand else seed.make_group)(self.emulator.client)
        for name in OTHERS if self.by_hand else ():
            seed.make_old_policy(self.emulator.client, name=name)
        self.old = self.policies()
        if self.by_hand:
            # How often a run asks whether it is ready should not depend on the day.
            self.client["lambda"].get_waiter("function_active_v2").wait(
                FunctionName=FUNCTION, WaiterConfig={"Delay": 0.05}
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
        assert [*map(without_awss_own, self.policies())] == [*map(without_awss_own, self.old)], where

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
