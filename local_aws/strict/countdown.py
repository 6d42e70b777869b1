# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A state that AWS spreads late is one that the next few requests do not meet yet."""

from __future__ import annotations

from collections.abc import Hashable

Key = tuple[Hashable, ...]


class Countdown:
    """How many requests still meet the old state, by what they are about."""

    def __init__(self) -> None:
        self._left: dict[Key, int] = {}

    def start(self, key: Key, requests: int) -> None:
        self._left[key] = requests

    def is_late(self, key: Key) -> bool:
        return self._left.get(key, 0) > 0

    def meets(self, key: Key) -> bool:
        """Whether this request meets the old state, and one fewer will."""
        if not self.is_late(key):
            return False
        self._left[key] -= 1
        return True

    def forget(self, key: Key) -> None:
        """What was deleted has no state, nor has whatever belongs to it and so has a longer key."""
        for known in [known for known in self._left if known[: len(key)] == key]:
            del self._left[known]
