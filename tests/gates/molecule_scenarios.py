# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run molecule's scenarios, a few at a time: one line for each, and all that it printed where it fails.

Each has a local AWS and a folder of its own, so they do not meet. However this ends, nothing that it started is left.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from local_aws import background, interrupts

from . import programs
from .shipped import ROOT

CACHE = ROOT / ".cache" / "molecule"
NAMES = sorted(path.parent.name for path in (ROOT / "extensions" / "molecule").glob("*/molecule.yml"))
BIN = Path(sys.executable).parent
# Ten times what the longest takes.
AT_MOST_SECONDS = 600.0


@dataclass(frozen=True)
class Run:
    """A scenario that runs."""

    name: str
    process: subprocess.Popen[bytes]
    started: float

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.started


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--at-once", type=int, default=2, metavar="N")
    parser.add_argument("name", nargs="*", default=NAMES, help=f"of {', '.join(NAMES)}; by default all")
    given = parser.parse_args()
    if strangers := sorted({*given.name} - {*NAMES}):
        parser.error(f"there is no scenario {', '.join(strangers)}, but {', '.join(NAMES)}")
    interrupts.as_ctrl_c()
    try:
        return run(given.name, given.at_once)
    except KeyboardInterrupt:
        print("Interrupted; the local AWS of each scenario is stopped.")
        return 130


def run(names: list[str], at_once: int) -> int:
    waiting, running, outcomes = list(names), list[Run](), []
    try:
        while waiting or running:
            while waiting and len(running) < at_once:
                with interrupts.postponed():
                    running.append(start(waiting.pop(0)))
            for one in [one for one in running if has_ended(one)]:
                running.remove(one)
                outcomes.append(report(one))
            time.sleep(0.1)
    finally:
        end(*running)
    return max(outcomes)


def start(name: str) -> Run:
    shutil.rmtree(CACHE / name, ignore_errors=True)
    (CACHE / name).mkdir(parents=True)
    command: list[str | Path] = [BIN / "molecule", "test", "--scenario-name", name]
    process = programs.start(command, log_of(name), cwd=ROOT, env=environment(name))
    return Run(name, process, time.monotonic())


def environment(name: str) -> dict[str, str]:
    """What this shell is logged in to is left behind."""
    inherited = {
        key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "ANSIBLE_", "MOLECULE_"))
    }
    return {
        **inherited,
        "PATH": os.pathsep.join([str(BIN), os.environ.get("PATH", os.defpath)]),
        "ANSIBLE_HOME": str(ROOT / ".cache" / "ansible"),
        "MOLECULE_EPHEMERAL_DIRECTORY": str(CACHE / name),
        "NO_COLOR": "1",
        # The local AWS ends with this process, whatever becomes of molecule.
        "VIDEO_SCALING_OWNER": str(os.getpid()),
    }


def has_ended(one: Run) -> bool:
    if one.process.poll() is not None:
        return True
    if one.seconds < AT_MOST_SECONDS:
        return False
    end(one)
    return True


def report(one: Run) -> int:
    code, log = one.process.returncode, log_of(one.name)
    output = programs.output_of(log)
    failure = f"exit code {code}" if code else ""
    # Molecule itself is content with a step that has no playbook.
    if not code and "Missing playbook" in output:
        failure = "since a step has no playbook"
    if failure:
        background.stop(CACHE / one.name / "aws")
    return programs.tell(f"molecule {one.name}", failure, output, log, f"{one.seconds:.0f} s")


def end(*runs: Run) -> None:
    """Of each the processes, and its local AWS."""
    with interrupts.ignored():
        programs.end(*(one.process for one in runs))
        for one in runs:
            background.stop(CACHE / one.name / "aws")


def log_of(name: str) -> Path:
    return CACHE / f"{name}.log"


if __name__ == "__main__":
    sys.exit(main())
