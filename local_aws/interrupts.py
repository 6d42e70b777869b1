# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whichever signal ends a program, it ends as by Ctrl-C: what it has started, it stops on its way out."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterable, Iterator
from typing import Any

_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def as_ctrl_c() -> None:
    """Let a request to end, and a terminal that is closed, raise KeyboardInterrupt; under nohup the latter does not."""
    for number in _ENDING:
        # Ctrl-C counts also where whoever runs this has it ignored, as a shell does for what it runs in the background.
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler)


@contextlib.contextmanager
def ignored() -> Iterator[None]:
    """Whoever is impatient and asks twice does not cut short what ends the rest."""
    with _handled(signal.SIG_IGN, _ENDING):
        yield


@contextlib.contextmanager
def postponed() -> Iterator[None]:
    """A request to end is heard at the end of the block: what is started in it is known by then to whoever ends it."""
    if threading.current_thread() is not threading.main_thread():
        # Only the main thread is interrupted.
        yield
        return
    heard: list[int] = []
    try:
        heeded = [number for number in _ENDING if signal.getsignal(number) != signal.SIG_IGN]
        with _handled(lambda number, _frame: heard.append(number), heeded):
            yield
    finally:
        if heard:
            signal.raise_signal(heard[0])


@contextlib.contextmanager
def _handled(handler: Any, numbers: Iterable[signal.Signals]) -> Iterator[None]:
    before = {number: signal.signal(number, handler) for number in numbers}
    try:
        yield
    finally:
        for number, earlier in before.items():
            signal.signal(number, earlier)
