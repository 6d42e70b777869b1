# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whoever needs a reading gets it: each is asked for once, and waits only for those that it is made of."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any, TypeAlias

from ...failures import AwsFailure, Failure, Unusable
from ...plan import Aws
from ..observed import Observed

# A reading of Observed, and what it is of: None where one answer serves all pools, a batch where one serves some.
Key: TypeAlias = "tuple[str, Any]"


def action_of(reading: str) -> str:
    """As IAM writes it."""
    return str(vars(Observed)[reading].api)


class _Once:
    def __init__(self, action: str, ask: Callable[[], Any]) -> None:
        self._action = action
        self._ask = ask
        self._lock = threading.Lock()
        self._outcomes: list[Any] = []

    def outcome(self) -> Any:
        """The value, or the Failure that was met; who comes second waits for it."""
        with self._lock:
            if not self._outcomes:
                self._outcomes.append(self._asked())
        return self._outcomes[0]

    def _asked(self) -> Any:
        try:
            return self._ask()
        except Unusable:
            raise
        except Failure as failure:
            return failure
        except Exception as error:  # reported, never swallowed: a reply that lacks something, a stream that breaks off
            sentence = f"{self._action} gave an answer that cannot be read ({type(error).__name__}: {error}); run again"
            return AwsFailure(sentence, type(error).__name__, self._action)


class Answers:
    """What came of each reading: a value, or the Failure that it met."""

    def __init__(self, batches: Mapping[tuple[str, Any], Any], outcome_of: Callable[[Key], Any]) -> None:
        self._batches = batches
        self._outcome_of = outcome_of

    def outcome(self, reading: str, of: Hashable = None) -> Any:
        batch = self._batches.get((reading, of))
        if batch is None:
            return self._outcome_of((reading, of))
        found = self._outcome_of((reading, batch))
        return found if isinstance(found, Failure) else found.get(of)

    def value(self, reading: str, of: Hashable = None) -> Any:
        """:raises Failure: that of the reading."""
        found = self.outcome(reading, of)
        if isinstance(found, Failure):
            raise found
        return found

    def known(self, reading: str, of: Hashable = None) -> Any:
        """None where there is nothing, and where the reading failed."""
        found = self.outcome(reading, of)
        return None if isinstance(found, Failure) else found


class Asking(Answers):
    """The readings to ask for. While it is asked, one reading may use the answer of another, and waits for it."""

    def __init__(self, aws: Aws) -> None:
        self._aws = aws
        self._asked: dict[Key, _Once] = {}
        self._batch_of: dict[tuple[str, Any], Any] = {}
        super().__init__(self._batch_of, lambda key: self._asked[key].outcome())

    def one(self, reading: str, ask: Callable[[], Any], of: Hashable = None) -> None:
        self._asked[reading, of] = _Once(action_of(reading), ask)

    def many(self, reading: str, batches: Iterable[tuple[Any, ...]], ask: Callable[[Any], Mapping[Any, Any]]) -> None:
        """:param ask: of a batch, answers by item; None for what it leaves out."""
        for batch in batches:
            self._batch_of.update({(reading, item): batch for item in batch})
            self._asked[reading, batch] = _Once(action_of(reading), lambda batch=batch: ask(batch))  # type: ignore[misc]

    def all(self) -> Answers:
        """Ask for everything at once, in the order in which it was given; waits for nothing after that."""
        found = self._aws.each(lambda key: self._asked[key].outcome(), self._asked)
        named = {key: self._named(key[0], value) for key, value in found.items()}
        return Answers(self._batch_of, named.__getitem__)

    def _named(self, reading: str, value: Any) -> Any:
        """A failure that names no request (no answer came in time) gets the name of the one that was sent."""
        if not isinstance(value, AwsFailure) or value.operation:
            return value
        action = action_of(reading)
        return AwsFailure(f"{action} in {self._aws.place.region}: {value}", value.code, action)
