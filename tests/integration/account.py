# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every run is watched on the wire, and no run at all may send what never may be sent."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from local_aws import strict
from local_aws.emulator import Emulator
from local_aws.recorder import Recorded, Recording
from tests.integration import playbook
from tests.integration.playbook import Run

FUNCTION = "academy-worker-queue-depth-metric"
RULE = "academy-worker-queue-depth-rate"
NAMESPACE = "Academy/VideoProcessing"


class Account:
    """An account on an emulator: `client` looks and touches by hand, all else runs Ansible and is recorded.

    With behaviours of a stricter AWS, `client` is answered by the emulator, and `strict_client` as a run is.
    """

    def __init__(self, emulator: Emulator, recording: Recording) -> None:
        self.client = emulator.client
        self.strict_client = partial(emulator.client, url=recording.url)
        self.recording = recording
        self.environment = emulator.environment(recording.url)

    def apply(self, variables: Mapping[str, Any] | None = None, **how: Any) -> Run:
        return self.play("playbooks/apply.yml", variables, **how)

    def play(self, path: str, variables: Mapping[str, Any] | None = None, **how: Any) -> Run:
        with self.watched() as seen:
            run = playbook.run(path, variables, **{"environment": self.environment, **how})
        return dataclasses.replace(run, requests=seen)

    def tasks(self, tasks: Sequence[Mapping[str, Any]], **how: Any) -> Run:
        with self.watched() as seen:
            run = playbook.run_tasks(tasks, **{"environment": self.environment, **how})
        return dataclasses.replace(run, requests=seen)

    def module(self, name: str, options: Mapping[str, Any], **how: Any) -> Run:
        return self.tasks([task(name, options)], **how)

    @contextlib.contextmanager
    def watched(self) -> Iterator[list[Recorded]]:
        """The list is filled when the block ends."""
        seen: list[Recorded] = []
        self.recording.clear()
        yield seen
        seen += self.recording.requests
        never_dangerous(seen)

    def invoke(self, payload: Mapping[str, Any], qualifier: str = "live") -> tuple[str | None, Any]:
        """The publisher's error, if any, and its answer."""
        reply = self.client("lambda").invoke(
            FunctionName=FUNCTION, Qualifier=qualifier, Payload=json.dumps(payload).encode()
        )
        return reply.get("FunctionError"), json.loads(reply["Payload"].read())


@contextlib.contextmanager
def account_in(
    emulator: Emulator, behaviours: Iterable[str] = (), settings: strict.Settings | None = None
) -> Iterator[Account]:
    """The emulator's account, emptied, behind a recorder of its own.

    :param behaviours: those of a stricter AWS, by name (``strict.USUAL``: all but those of some organisations).
    """
    emulator.reset()
    with strict.recording(emulator.url, behaviours, settings) as recording:
        yield Account(emulator, recording)


def never_dangerous(requests: Sequence[Recorded]) -> None:
    """A policy is put in place and never deleted first; the size of a group is never written."""
    robbed: set[str] = set()
    for request in requests:
        group = request.parameters.get("AutoScalingGroupName", "")
        if request.operation == "DeletePolicy":
            robbed.add(group)
        assert request.operation != "PutScalingPolicy" or group not in robbed, request
        assert request.operation != "SetDesiredCapacity", request
        # A metric of the group has it in its name.
        assert not request.mutating or not re.search(r"(?<!Group)DesiredCapacity", request.text), request


def task(module: str, options: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """A task that is named like its module, unless `more` names it."""
    return {"name": module, f"academy.video_scaling.{module}": dict(options), **more}


def pool(name: str = "video", /, **options: Any) -> dict[str, Any]:
    """The seed pool, or one of the same pattern under another name; an option of None is left out."""
    metric = {
        "namespace": NAMESPACE,
        "name": f"{name.title()}QueueDepthTotal",
        "dimensions": {"WorkerType": name.title(), "AutoScalingGroupName": f"academy-{name}-worker-asg"},
    }
    whole = {
        "name": name,
        "queue_name": f"academy-{name}-jobs",
        "dead_letter_queue_name": f"academy-{name}-jobs-dlq",
        "max_receive_count": 3,
        "auto_scaling_group_name": f"academy-{name}-worker-asg",
        "policy_name": f"{name}-backlogcount-tt",
        "signal": "published_total",
        "metric": metric,
        "target_value": 1,
        **options,
    }
    return {option: value for option, value in whole.items() if value is not None}
