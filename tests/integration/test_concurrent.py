# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Of two runs at once neither loses the other's snapshot, and none overwrites a state that it did not plan from."""

from __future__ import annotations

import contextlib
import dataclasses
import threading
from collections.abc import Callable
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
# How long one waits for the other to come to the same point, which it may never do.
TOGETHER_SECONDS = 10.0
LATENCY = 0.02


def writes(parameter: str) -> Callable[[Recorded], bool]:
    return lambda request: request.operation == "PutParameter" and request.parameters.get("Name") == parameter


def puts_policy(request: Recorded) -> bool:
    return request.operation == "PutScalingPolicy"


class Race:
    """One playbook for each target, started together, each behind a recorder of its own."""

    def __init__(self, aws: Emulator, meet: Callable[[Recorded], bool] | None, sleeps: bool) -> None:
        self._aws = aws
        self._meet = meet
        self._sleeps = sleeps
        self._barrier = threading.Barrier(len(RIVALS))
        self._ended = [threading.Event() for _ in RIVALS]
        self._lock = threading.Lock()
        self._sleeper: int | None = None

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
                self._ended[number].set()
            return dataclasses.replace(run, requests=recording.requests)

    def _before(self, number: int, request: Recorded) -> None:
        if self._meet is not None and self._meet(request):
            with contextlib.suppress(threading.BrokenBarrierError):
                self._barrier.wait(TOGETHER_SECONDS)
                self._barrier.abort()
        if self._sleeps and puts_policy(request) and self._is_the_sleeper(number):
            self._ended[1 - number].wait(TOGETHER_SECONDS)

    def _is_the_sleeper(self, number: int) -> bool:
        with self._lock:
            if self._sleeper is None:
                self._sleeper = number
            return self._sleeper == number


# Where both wait for each other; whether there was a change before; whether the first to put its policy is held
# until the other has ended.
MEETINGS: list[tuple[str, Callable[[Recorded], bool] | None, bool, bool]] = [
    ("by chance", None, False, False),
    ("at the baseline", writes(BASELINE), False, True),
    ("at later snapshots", writes(HISTORY), True, True),
]


@pytest.mark.parametrize(("meet", "later", "sleeps"), [row[1:] for row in MEETINGS], ids=[row[0] for row in MEETINGS])
def test_two_applies_at_once_lose_nothing_and_overwrite_nothing(account, ministack, meet, later, sleeps):
    seed.make_group(account.client)
    if later:
        run = account.module("video_scaling_policy", {"pools": [pool(target_value=9)]})
        assert run.code == 0, run.output
    before = tracked(policies(account)[OWN])
    earlier = snapshots(account)

    runs = Race(ministack, meet, sleeps).run()

    live = tracked(policies(account)[OWN])
    history = [tracked(snapshot["policies"][OWN]) for snapshot in snapshots(account)]
    told = {"live": live, "history": history, "runs": [(run.code, run.mutating) for run in runs]}
    assert 0 in [run.code for run in runs], (told, runs[0].output, runs[1].output)
    for target, run in zip(RIVALS, runs, strict=True):
        mine = ("VideoQueueDepthTotal", target)
        # Whatever was live is live or can be gone back to.
        if run.code == 0 or "autoscaling:PutScalingPolicy" in run.mutating:
            assert mine == live or mine in history, told
        if run.code != 0:
            # Whose policy is replaced right after its put finds the other's when it looks again.
            overtaken = "did not converge" in run.failure.message and "autoscaling:PutScalingPolicy" in run.mutating
            assert overtaken or MOVED in run.failure.message, run.output
            assert "Traceback" not in run.output
    assert before in history, told
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
