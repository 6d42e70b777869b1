# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No attempt is sent faster than our share of AWS's limits. An answer that asks to slow down slows all threads down."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import monotonic, sleep
from typing import Any

from .errors import THROTTLED
from .limits import Limit, limit_of

# How long a service is left alone after a throttle that does not say how long, doubled while it goes on.
FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 16.0
# Of a longer time that somebody names, this much is waited before the next attempt: the run would look as if it hung.
LONGEST_RETRY_AFTER_SECONDS = 60.0
TOO_MANY_REQUESTS = 429


class Pace:
    """The turns of one connection. A token that was taken comes back a second later, so no second holds more."""

    def __init__(
        self,
        deadline: float | None = None,
        clock: Callable[[], float] = monotonic,
        sleep: Callable[[float], None] = sleep,
    ) -> None:
        """:param deadline: of ``clock``, until which a turn is waited for; None waits as long as it takes."""
        self._deadline = deadline
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._taken: dict[Limit, deque[tuple[float, int]]] = {}
        self._held_until: dict[str, float] = {}
        self._pause: dict[str, float] = {}

    def turn(self, service: str, operation: str, beside: tuple[Limit, int] | None = None) -> bool:
        """Wait until the attempt may be sent; False, at once, where that would be after the deadline.

        :param beside: another limit that it is under, and how much of that it takes.
        """
        limit = limit_of(service, operation)
        taking = [*([(limit, 1)] if limit else []), *([beside] if beside else [])]
        while (seconds := self._to_wait(service, taking)) > 0:
            if self._deadline is not None and self._clock() + seconds > self._deadline:
                return False
            self._sleep(seconds)
        return True

    def hold(self, service: str, seconds: float | None = None) -> None:
        """Nothing of the service is sent for so long.

        :param seconds: None where nobody said how long.
        """
        with self._lock:
            now = self._clock()
            held_until = self._held_until.get(service, now)
            if seconds is None:
                if held_until > now:
                    # The answer to what was sent before the others stopped.
                    return
                seconds = min(self._pause.get(service, FIRST_PAUSE_SECONDS / 2) * 2, LONGEST_PAUSE_SECONDS)
                self._pause[service] = seconds
            self._held_until[service] = max(held_until, now + min(seconds, LONGEST_RETRY_AFTER_SECONDS))

    def answered(self, service: str) -> None:
        """The service serves again."""
        with self._lock:
            # While the service is held, an answer is one to what was sent before.
            if self._held_until.get(service, 0.0) <= self._clock():
                self._pause.pop(service, None)

    def _to_wait(self, service: str, taking: Sequence[tuple[Limit, int]]) -> float:
        """Seconds until it is worth asking again; 0 takes the tokens, of all limits or of none."""
        with self._lock:
            now = self._clock()
            held = self._held_until.get(service, now) - now
            if held > 0:
                return held
            seconds = max((self._until_free(limit, amount, now) for limit, amount in taking), default=0.0)
            if seconds <= 0:
                for limit, amount in taking:
                    self._taken[limit].append((now, amount))
            return seconds

    def _until_free(self, limit: Limit, amount: int, now: float) -> float:
        """Seconds until so much of a limit is free; what is more than all of it waits until all of it is."""
        taken = self._taken.setdefault(limit, deque())
        while taken and taken[0][0] + 1 <= now:
            taken.popleft()
        used, free_at = sum(part for _time, part in taken), now
        for time, part in taken:
            if used + amount <= limit.ours:
                break
            used -= part
            free_at = time + 1
        return free_at - now


def asked_to_slow_down(status: int, headers: Mapping[str, str], parsed: Mapping[str, Any]) -> tuple[bool, float | None]:
    """Whether an answer asks for fewer requests, and for how many seconds if it says so."""
    if status < 300:
        return False, None
    seconds = _retry_after(headers)
    code = (parsed.get("Error") or {}).get("Code")
    return seconds is not None or status == TOO_MANY_REQUESTS or code in THROTTLED, seconds


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Both forms of HTTP: seconds, or a date."""
    value = headers.get("retry-after")
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds()
        except (ValueError, TypeError):
            return None
    # Neither endless nor no number.
    return max(seconds, 0.0) if seconds < float("inf") else None
