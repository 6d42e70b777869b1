# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Of two runs at once neither loses the other's snapshot, and none overwrites a state that it did not plan from."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from local_aws import recorder, seed
from local_aws.emulator import Emulator
from local_aws.recorder import Answer, Recorded
from tests.integration import playbook
from tests.integration.account import Account, account_in, pool, task
from tests.integration.history import BASELINE, HISTORY, policies, snapshots, tracked
from tests.integration.playbook import Run

OWN = "video-backlogcount-tt"
MOVED = "since it was read"
RIVALS = (2.0, 3.0)
# How long one waits for the other at most.
TOGETHER_SECONDS = 30.0
LATENCY = 0.02

Matches = Callable[[Recorded], bool]


def writes(parameter: str) -> Matches:
    return lambda request: request.operation == "PutParameter" and request.parameters.get("Name") == parameter


def puts_policy(request: Recorded) -> bool:
    return request.operation == "PutScalingPolicy"


def starts(request: Recorded) -> bool:
    return True


def never(request: Recorded) -> bool:
    return False


def looks_at_snapshots(request: Recorded) -> bool:
    return request.operation == "GetParameters"


@dataclasses.dataclass(frozen=True)
class Hold:
    """A run stops at its request ``at`` until the other one has come to its ``until``, or has ended.

    :param run: its number; None for whichever of the two.
    """

    at: Matches
    until: Matches
    run: int | None = None


class Race:
    """One playbook for each target, started together, each behind a recorder of its own."""

    def __init__(self, aws: Emulator, holds: Sequence[Hold]) -> None:
        self._aws = aws
        self._holds = holds
        self._came: list[list[Recorded]] = [[] for _ in RIVALS]
        self._ended = [False for _ in RIVALS]
        self._moved = threading.Condition()

    def run(self) -> list[Run]:
        with ThreadPoolExecutor(len(RIVALS)) as threads:
            return list(threads.map(self._one, range(len(RIVALS))))

    def _one(self, number: int) -> Run:
        variables = {"video_scaling_pools": [pool(target_value=RIVALS[number])]}
        with recorder.recording(self._aws.url, lambda request: self._before(number, request), LATENCY) as recording:
            try:
                environment = self._aws.environment(recording.url)
                run = playbook.run("playbooks/apply_policy.yml", variables, environment=environment)
            finally:
                with self._moved:
                    self._ended[number] = True
                    self._moved.notify_all()
            return dataclasses.replace(run, requests=recording.requests)

    def _before(self, number: int, request: Recorded) -> None:
        with self._moved:
            self._came[number].append(request)
            self._moved.notify_all()
            for hold in self._holds:
                if hold.run in (None, number) and hold.at(request):
                    self._moved.wait_for(lambda: self._is_there(1 - number, hold.until), TOGETHER_SECONDS)  # noqa: B023

    def _is_there(self, other: int, until: Matches) -> bool:
        return self._ended[other] or any(until(request) for request in self._came[other])


FIRST, SECOND = range(len(RIVALS))
# Whether there was a change before, and who waits for whom.
MEETINGS: list[tuple[str, bool, list[Hold]]] = [
    ("by chance", False, []),
    ("both at the baseline", False, [Hold(writes(BASELINE), writes(BASELINE)), Hold(puts_policy, never)]),
    ("both at later snapshots", True, [Hold(writes(HISTORY), writes(HISTORY)), Hold(puts_policy, never)]),
    (
        "the second between the baseline and the snapshot of the first",
        False,
        [
            Hold(starts, writes(HISTORY), SECOND),
            Hold(writes(HISTORY), writes(HISTORY), FIRST),
            Hold(writes(HISTORY), puts_policy, SECOND),
            Hold(puts_policy, never, FIRST),
        ],
    ),
    (
        "the second between the snapshot and the put of the first",
        False,
        [Hold(starts, puts_policy, SECOND), Hold(puts_policy, looks_at_snapshots, FIRST)],
    ),
]


@pytest.mark.parametrize(("later", "holds"), [row[1:] for row in MEETINGS], ids=[row[0] for row in MEETINGS])
def test_two_applies_at_once_lose_nothing_and_overwrite_nothing(account, ministack, later, holds):
    seed.make_group(account.client)
    if later:
        run = account.module("video_scaling_policy", {"pools": [pool(target_value=9)]})
        assert run.code == 0, run.output
    before = tracked(policies(account)[OWN])
    earlier = snapshots(account)

    runs = Race(ministack, holds).run()

    live = tracked(policies(account)[OWN])
    history = [tracked(snapshot["policies"][OWN]) for snapshot in snapshots(account)]
    details = {"live": live, "history": history, "runs": [(run.code, run.mutating) for run in runs]}
    assert 0 in [run.code for run in runs], (details, runs[0].output, runs[1].output)
    for target, run in zip(RIVALS, runs, strict=True):
        mine = ("VideoQueueDepthTotal", target)
        # Whatever was live is live or can be gone back to.
        if run.code == 0 or "autoscaling:PutScalingPolicy" in run.mutating:
            assert mine == live or mine in history, details
        if run.code != 0:
            # Whose policy is replaced right after its put finds the other's when it looks again.
            overtaken = "did not converge" in run.failure.message and "autoscaling:PutScalingPolicy" in run.mutating
            assert overtaken or MOVED in run.failure.message, run.output
            assert "Traceback" not in run.output
    assert before in history, details
    assert snapshots(account)[: len(earlier)] == earlier
    (baseline,) = snapshots(account, BASELINE)
    assert tracked(baseline["policies"][OWN]) == ("BacklogCount", 1.0)


@pytest.fixture
def crowded(account: Account) -> Account:
    """A group with the old policy and another one."""
    seed.make_group(account.client)
    seed.make_old_policy(account.client, name="by-hand")
    return account


def by_hand_after(account: Account, operation: str, touch: Callable[[], None]) -> Callable[[Recorded], Answer | None]:
    """A hand is quicker with the policy than the first request after `operation` was answered."""
    touched = threading.Event()

    def before(request: Recorded) -> None:
        answered = [seen.operation for seen in account.recording.requests]
        if operation in answered and not touched.is_set():
            touched.set()
            touch()

    return before


MOVES: list[tuple[str, str, dict[str, Any], str]] = [
    ("apply", "video_scaling_policy", {"pools": [pool(target_value=2)]}, "own"),
    ("exclusive apply", "video_scaling_policy", {"pools": [pool(target_value=2, exclusive=True)]}, "other"),
    ("absent", "video_scaling_policy", {"pools": [pool()], "state": "absent"}, "own"),
    ("rollback", "video_scaling_rollback", {"pools": [pool()]}, "own"),
    ("policy gone", "video_scaling_policy", {"pools": [pool(target_value=2)]}, "gone"),
]


@pytest.mark.parametrize(("module", "options", "what"), [row[1:] for row in MOVES], ids=[row[0] for row in MOVES])
def test_a_run_that_finds_live_moved_after_its_snapshot_stops_with_that_sentence(crowded, module, options, what):
    if module == "video_scaling_rollback":
        run = crowded.module("video_scaling_policy", {"pools": [pool()]})
        assert run.code == 0, run.output

    def touch() -> None:
        if what == "gone":
            crowded.client("autoscaling").delete_policy(AutoScalingGroupName=seed.GROUP, PolicyName=OWN)
        else:
            name = OWN if what == "own" else "by-hand"
            seed.make_old_policy(crowded.client, name=name, metric_name="ByHand", target_value=7.0)

    crowded.recording.before = by_hand_after(crowded, "PutParameter", touch)
    run = crowded.module(module, options)
    crowded.recording.before = None

    assert run.code != 0, run.output
    assert "ssm:PutParameter" in run.mutating
    assert not {"autoscaling:PutScalingPolicy", "autoscaling:DeletePolicy"} & set(run.mutating)
    assert MOVED in run.failure.message and "video" in run.failure.message
    assert "Traceback" not in run.output
    found = policies(crowded)
    if what == "gone":
        assert OWN not in found
    else:
        assert tracked(found[OWN if what == "own" else "by-hand"]) == ("ByHand", 7.0)


def test_a_run_of_two_pools_stops_for_the_one_that_moved_alone(ministack):
    with account_in(ministack) as account:
        for name in ("video", "audio"):
            seed.make_group(account.client, name=f"academy-{name}-worker-asg", old_policy=f"{name}-backlogcount-tt")

        def touch() -> None:
            seed.make_old_policy(account.client, metric_name="ByHand", target_value=7.0)

        account.recording.before = by_hand_after(account, "PutParameter", touch)
        run = account.tasks([task("video_scaling_policy", {"pools": [pool(), pool("audio")]})])
        assert run.code != 0
        assert MOVED in run["video_scaling_policy"].pools["video"]["msg"]
        assert not run["video_scaling_policy"].pools["audio"].get("failed")
        assert tracked(policies(account)[OWN]) == ("ByHand", 7.0)
        (audio,) = policies(account, "academy-audio-worker-asg").values()
        assert tracked(audio) == ("AudioQueueDepthTotal", 1.0)


def test_the_one_that_stopped_runs_again_from_what_it_finds(crowded):
    def touch() -> None:
        seed.make_old_policy(crowded.client, metric_name="ByHand", target_value=7.0)

    crowded.recording.before = by_hand_after(crowded, "PutParameter", touch)
    assert crowded.module("video_scaling_policy", {"pools": [pool()]}).code != 0
    crowded.recording.before = None
    again = crowded.module("video_scaling_policy", {"pools": [pool()]})
    assert again.code == 0, again.output
    assert tracked(policies(crowded)[OWN]) == ("VideoQueueDepthTotal", 1.0)
    back = crowded.module("video_scaling_rollback", {"pools": [pool()]})
    assert back.code == 0, back.output
    assert tracked(policies(crowded)[OWN]) == ("ByHand", 7.0)
