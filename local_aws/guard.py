# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An emulator lives no longer than whoever asked for it, however that one ends.

Run as a program of its own: its standard input is a pipe held open by the owner. The system
closes that pipe when the owner ends in any way, and then the guard ends the emulator.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable

GRACE_SECONDS = 3.0
LOOK_SECONDS = 0.5
PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36

# Loaded before any fork: between fork and exec nothing may import or open files.
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def die_with_guard() -> None:
    """Runs in the emulator before its exec; the guard has one thread, which lives as long as it does."""
    if _LIBC is not None:
        _LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def adopt_orphans() -> None:
    """Makes the emulator's own children ours to wait for once the emulator has ended."""
    if _LIBC is not None:
        _LIBC.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def has_ended(emulator: subprocess.Popen[bytes]) -> bool:
    if not hasattr(os, "waitid"):
        return emulator.poll() is not None
    # Not reaped yet, so its id, and with it the id of its group, cannot pass to a stranger.
    state = os.waitid(os.P_PID, emulator.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    return state is not None


def owner_has_gone(owner: int) -> bool:
    readable, _, _ = select.select([sys.stdin], [], [], LOOK_SECONDS)
    # A fork of the owner may hold the pipe open after the owner has ended.
    return bool(readable) or os.getppid() != owner


def signal_group(emulator: subprocess.Popen[bytes], number: int) -> None:
    if emulator.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(emulator.pid, number)


def wait_for(condition: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def no_children_left() -> bool:
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return True
    return False


def end_group(emulator: subprocess.Popen[bytes]) -> None:
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    signal_group(emulator, signal.SIGTERM)
    wait_for(lambda: has_ended(emulator), GRACE_SECONDS)
    # Also when the emulator has ended: a function in mid-run outlives its emulator's SIGTERM.
    signal_group(emulator, signal.SIGKILL)
    wait_for(no_children_left, GRACE_SECONDS)


def leave(*_: object) -> None:
    raise SystemExit(0)


def main(command: list[str]) -> None:
    owner = os.getppid()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, leave)
    adopt_orphans()
    with tempfile.TemporaryDirectory(prefix="local-aws-", ignore_cleanup_errors=True) as home:
        emulator = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            cwd=home,
            env={**os.environ, "HOME": home, "TMPDIR": home},
            start_new_session=True,
            preexec_fn=die_with_guard,
        )
        try:
            while not has_ended(emulator) and not owner_has_gone(owner):
                pass
        finally:
            end_group(emulator)


if __name__ == "__main__":
    main(sys.argv[1:])
