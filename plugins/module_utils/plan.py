# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan is a value: what is, what shall be, and the exact requests between the two.

Nothing here asks AWS or Ansible anything, so a plan can be printed, compared and tested as it stands.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias, TypeVar

from .failures import AwsFailure, Failure
from .place import Place, Stamp

Key = TypeVar("Key", bound=Hashable)
# Error codes of AWS, each with a part of the message (empty for any).
Answers: TypeAlias = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Reply:
    """A value that an earlier request of the same plan answers; filled in when the request is sent."""

    label: str
    field: str

    def __str__(self) -> str:
        return f"<{self.field} of {self.label}>"


def filled(params: Mapping[str, Any], replies: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The parameters as they are sent: every Reply replaced by the value that was answered."""
    return {name: _filled(value, replies) for name, value in params.items()}


def _filled(value: Any, replies: Mapping[str, Mapping[str, Any]]) -> Any:
    if isinstance(value, Reply):
        return _answered(value, replies)
    return [_filled(one, replies) for one in value] if isinstance(value, list) else value


def _answered(reply: Reply, replies: Mapping[str, Mapping[str, Any]]) -> Any:
    try:
        return replies[reply.label][reply.field]
    except KeyError:
        raise Failure(f"AWS did not answer {reply}, which a later request of the same plan needs") from None


@dataclass(frozen=True)
class Request:
    """One API call, named as boto3 names it.

    :param label: how a later request refers to this one's reply.
    :param until_consistent: error codes (or code and a part of the message) that AWS answers while an earlier
        write is still spreading; the request is repeated for a bounded time instead of failing.
    :param instead: what is sent in its place where AWS refuses it with one of ``refusals`` (as ``until_consistent``).
    """

    service: str
    operation: str
    params: Mapping[str, Any]
    label: str = ""
    until_consistent: Answers = ()
    refusals: Answers = ()
    instead: tuple[Request | Wait, ...] = ()

    def shown(self) -> dict[str, Any]:
        shown = {"service": self.service, "operation": self.operation, "params": printable(self.params)}
        return shown | ({"if_refused": [step.shown() for step in self.instead]} if self.instead else {})


@dataclass(frozen=True)
class Wait:
    """A botocore waiter between two requests: reading only, and never given up silently.

    :param until_consistent: as of a request; a waiter takes such an answer for the end.
    """

    service: str
    waiter: str
    params: Mapping[str, Any]
    until_consistent: Answers = ()

    def shown(self) -> dict[str, Any]:
        return {"service": self.service, "wait": self.waiter, "params": printable(self.params)}


@dataclass(frozen=True)
class Steady:
    """For how long a resource must be found as it was planned, again and again, before anything of its plan is sent.

    :param wait: what has to stay so.
    """

    service: str
    wait: str
    seconds: float

    def shown(self) -> dict[str, Any]:
        return {"service": self.service, "wait": self.wait, "params": {"seconds": self.seconds}}


@dataclass(frozen=True)
class Plan:
    """:param resource: what it is about, in words (``queue academy-video-jobs``).
    :param before: what is live now, None where it does not exist.
    :param after: what will be live, None where it will not exist.
    :param preparation: requests that change nothing of the resource (a snapshot of it); once they are sent, it is
        found again, and the others are sent only if nobody has moved it meanwhile.
    :param steady: where AWS is late to tell what the plan relies on.
    :param left_out: what was wanted and no request can make, each with the way out; it fails the resource once all
        else is done.
    """

    resource: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    requests: tuple[Request | Wait, ...] = ()
    preparation: tuple[Request, ...] = ()
    left_out: tuple[str, ...] = ()
    steady: Steady | None = None

    @property
    def steps(self) -> tuple[Request | Wait, ...]:
        return (*self.preparation, *self.requests)

    @property
    def changed(self) -> bool:
        return bool(self.requests)

    def shown(self) -> list[dict[str, Any]]:
        """All that it waits for and sends, in order."""
        return [step.shown() for step in (*((self.steady,) if self.steady else ()), *self.steps)]

    def differences(self) -> list[str]:
        """One line per value that is not as declared: ``path: expected X, found Y``."""
        return list(_differences("", self.before or {}, self.after or {}))


def is_one_of(failure: AwsFailure, answers: Answers) -> bool:
    return any(code == failure.code and part in str(failure) for code, part in answers)


def printable(value: Any) -> Any:
    """The value as it can be shown: bytes by their length, replies by the name of their request."""
    if isinstance(value, bytes):
        return f"<{len(value)} bytes>"
    if isinstance(value, Reply):
        return str(value)
    if isinstance(value, Mapping):
        return {name: printable(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [printable(inner) for inner in value]
    return value


def _differences(path: str, before: Any, after: Any) -> Iterator[str]:
    if before == after:
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for name in sorted({*before, *after}):
            yield from _differences(f"{path}.{name}" if path else name, before.get(name), after.get(name))
    else:
        yield f"{path}: expected {_word(after)}, found {_word(before)}"


def _word(value: Any) -> str:
    return "nothing" if value is None else repr(value)


class Aws(Protocol):
    """What a resource may ask of AWS; the real one lives in ``aws/connection.py``."""

    @property
    def place(self) -> Place: ...

    @property
    def stamp(self) -> Stamp: ...

    def call(self, service: str, operation: str, **params: Any) -> dict[str, Any]:
        """One request and its reply; raises AwsFailure."""

    def pages(self, service: str, operation: str, field: str, **params: Any) -> Iterator[Any]:
        """Every item of ``field`` over all pages of a reading operation; raises AwsFailure."""

    def send(self, step: Request | Wait, replies: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
        """Send one step of a plan; raises AwsFailure."""

    def each(self, function: Callable[[Key], Any], keys: Iterable[Key], counted: bool = True) -> dict[Key, Any]:
        """``function`` of every key, in a bounded number of threads; a Failure stands where one was raised.

        :param counted: whether a key is progress; otherwise the keys that are gone through for it are.
        """

    def phase(self, name: str, total: int = 0) -> AbstractContextManager[Any]:
        """What is asked within the block is a step of this name, about so many pools."""

    def count(self, changed: int = 0, failed: int = 0) -> None:
        """So many more resources were changed (in a check run: would be), or have failed, for whoever watches."""


def together(aws: Aws, parts: Mapping[str, Callable[[], Any]]) -> dict[str, Any]:
    """What each part returns, all asked at once; raises the first Failure in their order."""
    found = aws.each(lambda name: parts[name](), parts, counted=False)
    for one in found.values():
        if isinstance(one, Failure):
            raise one
    return found


def reply_unless(gone: Sequence[str], aws: Aws, service: str, operation: str, **params: Any) -> dict[str, Any] | None:
    """The reply of a reading operation, None where AWS answers with one of the codes of ``gone``."""
    try:
        return aws.call(service, operation, **params)
    except AwsFailure as failure:
        if failure.code in gone:
            return None
        raise
