# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a run is: what was sent, where the seconds went, and lines for whoever watches. It never fails a run."""

from __future__ import annotations

import contextlib
import json
import os
import stat
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from time import monotonic

# Set by the callback plugin, and inherited by the modules that run on this machine.
FILE = "VIDEO_SCALING_PROGRESS_FILE"
HOST = "VIDEO_SCALING_PROGRESS_HOST"
# A phase writes no more than one line in so many seconds, and its first after as many.
EVERY_SECONDS = 1.0


@dataclass(frozen=True)
class Line:
    """Where one phase of one host is.

    :param pools: that it is about.
    :param round: how many times it has gone through things with all threads: to read, to change, to look again.
    :param done: of the ``keys`` of the round.
    :param changed: how many resources of the host were so far, in all of its phases; failed likewise.
    :param left: seconds until the round ends, at its speed so far; None while nobody can tell.
    """

    host: str
    phase: str
    pools: int
    round: int
    done: int
    keys: int
    changed: int
    failed: int
    requests: int
    seconds: float
    left: int | None = None
    ended: bool = False

    def written(self) -> bytes:
        return json.dumps(asdict(self)).encode() + b"\n"


def read(text: bytes) -> Line | None:
    """None of what is no line of this version."""
    try:
        return Line(**json.loads(text))
    except (ValueError, TypeError):
        return None


class Phase:
    """One step of the work, as long as its ``with`` block runs."""

    def __init__(self, line: Line, clock: Callable[[], float], write: Callable[[Line], None]) -> None:
        self._line = line
        self._clock = clock
        self._write = write
        self._lock = threading.Lock()
        self._began = self._wrote = self._round_began = clock()
        self._rounds_open = 0

    def so_far(self, changed: int, failed: int) -> None:
        """So many resources were changed (in a check run: would be), and have failed, since the run began."""
        self._move(lambda line: replace(line, changed=changed, failed=failed))

    @contextlib.contextmanager
    def going_through(self, keys: int) -> Iterator[None]:
        """A round of all threads over so many keys. One that begins while another goes on adds its keys to that."""
        self._move(lambda line: self._begun(line, keys))
        try:
            yield
        finally:
            with self._lock:
                self._rounds_open -= 1

    def _begun(self, line: Line, keys: int) -> Line:
        self._rounds_open += 1
        if self._rounds_open > 1:
            return replace(line, keys=line.keys + keys)
        self._round_began = self._clock()
        return replace(line, round=line.round + 1, done=0, keys=keys)

    def key_done(self) -> None:
        self._move(lambda line: replace(line, done=line.done + 1))

    def sent(self) -> None:
        self._move(lambda line: replace(line, requests=line.requests + 1))

    def end(self) -> float:
        """Seconds since it began."""
        with self._lock:
            seconds = self._clock() - self._began
            if self._wrote > self._began:
                self._write(replace(self._line, seconds=round(seconds, 3), left=0, ended=True))
            # A thread that was left behind has nothing more to tell.
            self._write = lambda line: None
        return seconds

    def _move(self, moved: Callable[[Line], Line]) -> None:
        with self._lock:
            self._line = moved(self._line)
            now = self._clock()
            if now - self._wrote < EVERY_SECONDS:
                return
            self._wrote = now
            self._write(replace(self._line, seconds=round(now - self._began, 3), left=self._left(now)))

    def _left(self, now: float) -> int | None:
        # Where all are done, what has no keys may still go on.
        if not 0 < self._line.done < self._line.keys:
            return None
        return round((now - self._round_began) * (self._line.keys - self._line.done) / self._line.done)


class Journal:
    """What one connection sent, and how long its phases took."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._sent: Counter[str] = Counter()
        self._changed = self._failed = 0
        self._seconds: dict[str, float] = {}
        # Seconds of the phases that have ended within the present one.
        self._within = 0.0
        self._host = os.environ.get(HOST, "")
        self._write = _writer(os.environ.get(FILE, ""))
        # What is done outside of all phases is nobody's progress.
        self.phase = self._begun("", 0, lambda line: None)

    @contextlib.contextmanager
    def within(self, name: str, pools: int) -> Iterator[Phase]:
        """What is done in a phase within another counts for the inner one only."""
        outer, self.phase = self.phase, self._begun(name, pools, self._write)
        counted, self._within = self._within, 0.0
        try:
            yield self.phase
        finally:
            seconds = self.phase.end()
            self._seconds[name] = self._seconds.get(name, 0.0) + seconds - self._within
            self._within = counted + seconds
            self.phase = outer

    def count(self, changed: int, failed: int) -> None:
        """So many more resources were changed, or have failed."""
        with self._lock:
            self._changed += changed
            self._failed += failed
            self.phase.so_far(self._changed, self._failed)

    def sent(self, operation: str) -> None:
        """:param operation: of one attempt, as ``service:Operation``."""
        with self._lock:
            self._sent[operation] += 1
        self.phase.sent()

    def measured(self) -> dict[str, dict[str, float]]:
        """What a module returns with -v."""
        with self._lock:
            sent = dict(sorted(self._sent.items()))
        seconds = {name: round(value, 3) for name, value in self._seconds.items()}
        return {"requests_by_operation": {**sent}, "seconds_by_phase": seconds}

    def _begun(self, name: str, pools: int, write: Callable[[Line], None]) -> Phase:
        line = Line(self._host, name, pools, 0, 0, 0, self._changed, self._failed, 0, 0.0)
        return Phase(line, self._clock, write)


def _writer(path: str) -> Callable[[Line], None]:
    """Appends lines to a file of our own that is there, and does nothing where there is none."""
    if not path:
        return lambda line: None

    def write(line: Line) -> None:
        with contextlib.suppress(OSError, ValueError):
            file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
            try:
                found = os.fstat(file)
                if stat.S_ISREG(found.st_mode) and found.st_uid == os.getuid():
                    os.write(file, line.written())
            finally:
                os.close(file)

    return write
