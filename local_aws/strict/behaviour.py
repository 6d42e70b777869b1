# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a behaviour of AWS is to the layer: two hooks, and the emulator to ask."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from local_aws import emulator
from local_aws.recorder import Answer, Recorded
from local_aws.strict import wire

# Those whose updates AWS blocks too, by now (Lambda Developer Guide, "Runtime deprecation").
BLOCKED_RUNTIMES = frozenset({"python2.7", "python3.6", "python3.7", "python3.8"})


@dataclass(frozen=True)
class Settings:
    """:param pace: how many requests still meet the old state, wherever AWS documents a delay.

    Requests are counted and no time is measured, so a test neither waits nor depends on the speed of the machine.

    :param blocked_runtimes: those for which Lambda takes no code any more.
    :param required_tags: the keys without which nothing is created, as the organisation has it.
    """

    pace: int = 2
    blocked_runtimes: frozenset[str] = BLOCKED_RUNTIMES
    required_tags: tuple[str, ...] = ("CostCenter",)


class Upstream:
    """The emulator past the layer, asked as the account and in the region that a request was signed for."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._clients: dict[tuple[str, wire.Scope], Any] = {}

    def client(self, service: str, request: Recorded) -> Any:
        account, region = scope = wire.scope_of(request)
        if (service, scope) not in self._clients:
            self._clients[service, scope] = emulator.isolated_client(service, self.url, account, region)
        return self._clients[service, scope]

    def unless(self, code: str, service: str, request: Recorded, operation: str, **params: Any) -> Mapping[str, Any]:
        """The emulator's answer, or nothing where it is an error of this code."""
        client = self.client(service, request)
        try:
            answer: Mapping[str, Any] = getattr(client, operation)(**params)
        except client.exceptions.ClientError as error:
            if error.response["Error"]["Code"] != code:
                raise
            return {}
        return answer


class Behaviour:
    """One thing that AWS does and the emulator does not.

    The layer calls the hooks of a behaviour for one request at a time, so they need no lock of their own.
    """

    def __init__(self, aws: Upstream, settings: Settings) -> None:
        self.aws = aws
        self.settings = settings

    def before(self, request: Recorded) -> Answer | None:
        """An answer in the emulator's place, None to let it answer."""
        return None

    def after(self, request: Recorded, answer: Answer) -> Answer:
        """What the client gets of the emulator's answer."""
        return answer
