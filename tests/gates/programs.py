# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A program that a gate runs: one line where all is well, all that it printed where not, and nothing left of it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from local_aws import interrupts

from .shipped import ROOT

_INTERRUPT_SECONDS = 10.0


def run(command: Sequence[str | Path], log: Path, **settings: Any) -> tuple[int, str]:
    """Its exit code, never below 0, and what it printed."""
    started: list[subprocess.Popen[bytes]] = []
    try:
        with interrupts.postponed():
            started.append(start(command, log, **settings))
        code = started[0].wait()
    finally:
        end(*started)
    return abs(code), output_of(log)


def start(command: Sequence[str | Path], log: Path, **settings: Any) -> subprocess.Popen[bytes]:
    """In a session of its own: a Ctrl-C reaches this process alone, which then ends the other."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            **settings,
        )


def end(*processes: subprocess.Popen[bytes]) -> None:
    """Asked first, since Ansible's workers have groups of their own that only Ansible can end."""
    with interrupts.ignored():
        for number in (signal.SIGINT, signal.SIGKILL):
            living = [process for process in processes if process.poll() is None]
            for process in living:
                os.killpg(process.pid, number)
            for process in living:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(_INTERRUPT_SECONDS)


def output_of(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace")


def tell(name: str, failure: str, output: str, log: Path, *details: str) -> int:
    """:returns: 1 where there is a failure, which is reported after all that was printed, else 0."""
    if failure:
        print(output)
    outcome = f"FAILED, {failure}" if failure else "passed"
    print(f"{name}: {outcome} ({'; '.join([*details, f'log: {log.relative_to(ROOT)}'])})", flush=True)
    return int(bool(failure))
