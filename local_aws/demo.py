# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The collection at work, from the old policy to a metric that follows the queue; nothing of it outlives the run."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from . import interrupts, seed
from .emulator import Emulator, EmulatorFailed, EmulatorMissing, ministack
from .recorder import Recording, recording

ROOT = Path(__file__).resolve().parent.parent
METRIC = "VideoQueueDepthTotal"
# ministack fires a rate(1 minute) rule for the first time after a bit more than a minute.
SCHEDULE_SECONDS = 100.0
PLAYBOOK_SECONDS = 120.0
INTERRUPT_SECONDS = 5.0


class DemoFailed(RuntimeError):
    """A step did not do what the demo shows."""


def main() -> int:
    interrupts.as_ctrl_c()
    started = time.monotonic()
    try:
        say("Starting a local AWS (ministack) on a free loopback port")
        with ministack() as aws, recording(aws.url) as wire:
            show(aws, wire)
    except KeyboardInterrupt:
        print("\nInterrupted; the local AWS is stopped.", flush=True)
        return 130
    except (DemoFailed, EmulatorFailed, EmulatorMissing, seed.SeedFailed) as failure:
        print(f"\nThe demo failed: {failure}", file=sys.stderr, flush=True)
        return 1
    print(f"\nDone in {time.monotonic() - started:.0f} seconds; the local AWS is stopped.", flush=True)
    return 0


def show(aws: Emulator, wire: Recording) -> None:
    say("The world before: a group whose policy follows BacklogCount, and a queue with 3 visible and 2 in flight")
    url = seed.make_pool(aws.client, visible=3, in_flight=2)
    tell_policy(aws)
    tell_depth(aws, url)

    say("1. Check: what would change, and nothing is sent that changes anything")
    apply(aws, wire, "--check", "--diff")
    expect(not wire.mutating(), "the check run sent a request that changes something")

    say("2. Apply")
    apply(aws, wire)
    tell_policy(aws)

    say("3. Apply again: nothing is left to change")
    apply(aws, wire)
    expect(not wire.mutating(), "the second apply sent a request that changes something")

    say("4. Four more messages arrive; the schedule fires within the next minute")
    sqs = aws.client("sqs")
    seed.send_messages(sqs, url, 4)
    tell_depth(aws, url)
    expected = sum(depth(aws, url))
    value = wait_for_metric(aws, expected)
    print(f"   metric {seed.NAMESPACE}/{METRIC}: {value:g}    queue (visible + in flight): {expected}", flush=True)

    say("What you did not see: AWS itself changing the size of the group")
    print(
        "   Target tracking is AWS's own: it reads the metric, keeps the alarms and starts and stops instances.\n"
        "   A local AWS does not simulate it, so this demo ends where the metric follows the queue.",
        flush=True,
    )


def apply(aws: Emulator, wire: Recording, *options: str) -> None:
    wire.clear()
    command = [str(Path(sys.executable).with_name("ansible-playbook")), "playbooks/apply.yml", *options]
    print(f"   $ ansible-playbook {' '.join(command[1:])}", flush=True)
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "ANSIBLE_"))},
        **aws.environment(wire.url),
        "ANSIBLE_HOME": str(ROOT / ".cache" / "ansible"),
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
        "ANSIBLE_FORCE_COLOR": "true" if sys.stdout.isatty() else "false",
    }
    code = run(command, environment)
    reading = len(wire.requests) - len(wire.mutating())
    print(f"   On the wire: {reading} requests that read, {len(wire.mutating())} that change something.", flush=True)
    expect(code == 0, f"the playbook ended with {code}")


def run(command: list[str], environment: dict[str, str]) -> int:
    """The command's exit code; whatever ends this call ends the command and all that it started."""
    playbook: subprocess.Popen[bytes] | None = None
    try:
        with interrupts.postponed():
            playbook = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, start_new_session=True
            )
        return playbook.wait(PLAYBOOK_SECONDS)
    except subprocess.TimeoutExpired:
        raise DemoFailed(f"the playbook did not end within {PLAYBOOK_SECONDS:g} seconds") from None
    finally:
        if playbook:
            end(playbook)


def end(playbook: subprocess.Popen[bytes]) -> None:
    """Asked first, since Ansible's workers have groups of their own that only Ansible can end."""
    if playbook.poll() is None:
        playbook.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            playbook.wait(INTERRUPT_SECONDS)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(playbook.pid, signal.SIGKILL)
    playbook.wait()


def tell_policy(aws: Emulator) -> None:
    policies = aws.client("autoscaling").describe_policies(AutoScalingGroupName=seed.GROUP)["ScalingPolicies"]
    for policy in policies:
        tracking = policy["TargetTrackingConfiguration"]
        metric = tracking["CustomizedMetricSpecification"]["MetricName"]
        print(f"   policy {policy['PolicyName']} follows {metric}, target {tracking['TargetValue']:g}", flush=True)


def tell_depth(aws: Emulator, url: str) -> None:
    visible, in_flight = depth(aws, url)
    print(f"   queue {seed.QUEUE}: {visible} visible, {in_flight} in flight", flush=True)


def depth(aws: Emulator, url: str) -> tuple[int, int]:
    names = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
    attributes = aws.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=list(names))["Attributes"]
    return int(attributes[names[0]]), int(attributes[names[1]])


def wait_for_metric(aws: Emulator, expected: float) -> float:
    """The metric's newest value once it is the queue's depth; only a run of the schedule can have written that."""
    cloudwatch = aws.client("cloudwatch")
    deadline = time.monotonic() + SCHEDULE_SECONDS
    while time.monotonic() < deadline:
        value = newest(cloudwatch)
        if value == expected:
            return value
        left = deadline - time.monotonic()
        print(f"   metric: {'none' if value is None else f'{value:g}'}, waiting (at most {left:.0f} s)", flush=True)
        time.sleep(10)
    raise DemoFailed(f"the schedule did not publish {expected} within {SCHEDULE_SECONDS:g} seconds")


def newest(cloudwatch: Any) -> float | None:
    now = datetime.now(UTC)
    reply = cloudwatch.get_metric_statistics(
        Namespace=seed.NAMESPACE,
        MetricName=METRIC,
        Dimensions=[
            {"Name": "WorkerType", "Value": "Video"},
            {"Name": "AutoScalingGroupName", "Value": seed.GROUP},
        ],
        StartTime=now - timedelta(minutes=10),
        EndTime=now + timedelta(minutes=1),
        Period=60,
        Statistics=["Maximum"],
        Unit="Count",
    )
    points = sorted(reply["Datapoints"], key=lambda point: point["Timestamp"])
    return float(points[-1]["Maximum"]) if points else None


def say(words: str) -> None:
    print(f"\n== {words}", flush=True)


def expect(holds: bool, otherwise: str) -> None:
    if not holds:
        raise DemoFailed(otherwise)


if __name__ == "__main__":
    sys.exit(main())
