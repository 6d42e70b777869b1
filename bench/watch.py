# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One command is run to its end, its costs are printed as JSON, and nothing that it started is left.

Run as a program of its own, with as few imports as it can: `watch.py SECONDS LOG look|rest COMMAND...`. The
system counts the memory of whoever starts a command to that command, so whoever starts it has to be small. It ends the
command when the time is up, or when its own standard input ends, which is when its owner does. With `look` it also
looks for the largest of the command's processes by name, which costs some time: so such a run is not one to be timed.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import resource
import select
import signal
import subprocess
import sys
import time

LOOK_SECONDS = 0.05
REST_SECONDS = 3600.0
GRACE_SECONDS = 3.0
PR_SET_CHILD_SUBREAPER = 36
# The system counts memory in kilobytes, macOS in bytes.
UNITS_IN_MEGABYTE = 1024.0 if sys.platform == "linux" else 1024.0 * 1024.0


def parents() -> dict[int, int]:
    """Every process of the machine with its parent."""
    found = {}
    for entry in os.listdir("/proc") if os.path.isdir("/proc") else []:
        if entry.isdigit():
            with contextlib.suppress(OSError, IndexError, ValueError), open(f"/proc/{entry}/stat") as stat:
                # The name before the last bracket may hold anything.
                found[int(entry)] = int(stat.read().rpartition(")")[2].split()[1])
    return found


def descendants(root: int) -> list[int]:
    of, found = parents(), [root]
    for pid in found:
        found += [child for child, parent in of.items() if parent == pid]
    return found[1:]


def peak_of(pid: int) -> float:
    with contextlib.suppress(OSError), open(f"/proc/{pid}/status") as status:
        for line in status:
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024.0
    return 0.0


def words_of(pid: int) -> str:
    with contextlib.suppress(OSError), open(f"/proc/{pid}/cmdline") as words:
        return words.read().replace("\0", " ").strip()
    return ""


def larger(largest: tuple[float, str], command: int) -> tuple[float, str]:
    for pid in descendants(os.getpid()):
        size = peak_of(pid)
        if size > largest[0]:
            largest = (size, f"{'first' if pid == command else 'child'} {words_of(pid)}")
    return largest


def end_all(command: subprocess.Popen[bytes]) -> None:
    """Asked first, for what only the command itself knows; orphans have become ours."""
    if command.poll() is None:
        command.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            command.wait(GRACE_SECONDS)
    deadline = time.monotonic() + GRACE_SECONDS
    while (left := descendants(os.getpid())) and time.monotonic() < deadline:
        for pid in left:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        time.sleep(0.01)
    command.poll()


def watched(seconds: float, log: str, looking: bool, words: list[str]) -> dict[str, object]:
    wakes, wake = os.pipe()
    for end in (wakes, wake):
        os.set_blocking(end, False)
    signal.set_wakeup_fd(wake)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    largest, state = (0.0, ""), "ended"
    with open(log, "wb") as output:
        started = time.monotonic()
        command = subprocess.Popen(
            words, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
        try:
            while command.poll() is None:
                left = seconds - (time.monotonic() - started)
                if left <= 0:
                    state = "timed out"
                    break
                ready = select.select([sys.stdin, wakes], [], [], min(left, LOOK_SECONDS if looking else REST_SECONDS))[
                    0
                ]
                if sys.stdin in ready:
                    state = "stopped"
                    break
                if wakes in ready:
                    os.read(wakes, 4096)
                if looking:
                    largest = larger(largest, command.pid)
            wall = time.monotonic() - started
        finally:
            end_all(command)
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "state": state,
        "code": command.returncode,
        "wall_seconds": wall,
        "cpu_seconds": spent.ru_utime + spent.ru_stime,
        "peak_megabytes": spent.ru_maxrss / UNITS_IN_MEGABYTE,
        "largest": largest[1],
    }


def leave(*_: object) -> None:
    raise SystemExit(1)


if __name__ == "__main__":
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, leave)
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    print(json.dumps(watched(float(sys.argv[1]), sys.argv[2], sys.argv[3] == "look", sys.argv[4:])), flush=True)
