# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Each request waits the given time once on its way to AWS, whatever its size; nothing is read or changed.

Run as a program of its own (`delay.py UPSTREAM_PORT MILLISECONDS`), so that it takes no turn from what is measured. It
prints its port and ends when its standard input does. A request begins where a client speaks after AWS spoke, as it is
on connections that are kept alive and never pipelined: so the bytes need no parsing. Opening a connection costs nothing
here, and three such times with TLS on AWS.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from typing import Any

LOOPBACK = "127.0.0.1"
BACKLOG = 1024


class Upstream(asyncio.Protocol):
    """The side that looks at AWS."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def data_received(self, data: bytes) -> None:
        self.client.answered(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self.client.transport.close()


class Client(asyncio.Protocol):
    """The side that looks at who asks; `waiting` holds what came while a request was on its way."""

    transport: asyncio.Transport

    def __init__(self, port: int, seconds: float) -> None:
        self.port, self.seconds = port, seconds
        self.upstream: Any = None
        self.waiting: list[bytes] = []
        self.is_new = True
        self.is_due = False

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        self.opening = asyncio.get_running_loop().create_task(self.open())

    async def open(self) -> None:
        try:
            loop = asyncio.get_running_loop()
            self.upstream, _ = await loop.create_connection(lambda: Upstream(self), LOOPBACK, self.port)
        except OSError:
            self.transport.close()
        else:
            self.forward()

    def data_received(self, data: bytes) -> None:
        self.waiting.append(data)
        if self.is_new:
            self.is_new, self.is_due = False, not self.seconds
            if self.seconds:
                asyncio.get_running_loop().call_later(self.seconds, self.due)
        self.forward()

    def due(self) -> None:
        self.is_due = True
        self.forward()

    def forward(self) -> None:
        if self.is_due and self.waiting and self.upstream is not None:
            self.upstream.writelines(self.waiting)
            self.waiting = []

    def answered(self, data: bytes) -> None:
        self.is_new, self.is_due = True, False
        self.transport.write(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self.opening.cancel()
        if self.upstream is not None:
            self.upstream.close()


async def serve(port: int, seconds: float) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Client(port, seconds), LOOPBACK, 0, backlog=BACKLOG)
    print(server.sockets[0].getsockname()[1], flush=True)
    ended = asyncio.Event()
    loop.add_reader(sys.stdin.fileno(), ended.set)
    await ended.wait()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(int(sys.argv[1]), float(sys.argv[2]) / 1000))
