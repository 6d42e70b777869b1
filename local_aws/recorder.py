# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whatever a client sends is passed on as it came, once, and noted down before the reply goes back."""

from __future__ import annotations

import contextlib
import http.client
import re
import select
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from local_aws import operations

LOOPBACK = "127.0.0.1"
UPSTREAM_SECONDS = 120.0

_HOP_BY_HOP = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
_CREDENTIAL = re.compile(r"Credential=(?P<access_key>[^/,\s]+)/\d+/(?P<region>[^/,\s]+)/")
# The length is stated anew by this proxy, which also answers the client's Expect itself.
_NOT_FORWARDED = _HOP_BY_HOP | {"content-length", "expect"}


@dataclass(frozen=True)
class Recorded:
    """One request as it came, with the status it was answered with (0 while it is not).

    `access_key` and `region` are those it was signed for.
    """

    service: str
    operation: str
    method: str
    path: str
    body: bytes = field(repr=False)
    parameters: Mapping[str, Any] = field(repr=False, compare=False)
    mutating: bool
    status: int = 0
    access_key: str = field(default="", compare=False)
    region: str = field(default="", compare=False)

    @property
    def name(self) -> str:
        return f"{self.service}:{self.operation}"

    @property
    def text(self) -> str:
        return self.body.decode(errors="backslashreplace")


Answer = tuple[int, Mapping[str, str], bytes | str]
Before = Callable[[Recorded], Answer | None]
After = Callable[[Recorded, Answer], Answer]


class Recording:
    """What went through, and the ways to interfere.

    `before` answers a request, `after` changes what upstream answered to one, and `latency` delays each.
    """

    def __init__(self, url: str, before: Before | None, latency: float, after: After | None) -> None:
        self.url = url
        self.before = before
        self.after = after
        self.latency = latency
        self._lock = threading.Lock()
        self._requests: list[Recorded] = []

    @property
    def requests(self) -> list[Recorded]:
        with self._lock:
            return list(self._requests)

    def mutating(self) -> list[Recorded]:
        return [request for request in self.requests if request.mutating]

    def operations(self) -> list[str]:
        return [request.name for request in self.requests]

    def count(self) -> Counter[str]:
        return Counter(self.operations())

    def clear(self) -> None:
        with self._lock:
            self._requests.clear()

    def note(self, request: Recorded) -> None:
        with self._lock:
            self._requests.append(request)


@contextlib.contextmanager
def recording(
    upstream_url: str, before: Before | None = None, latency: float = 0.0, after: After | None = None
) -> Iterator[Recording]:
    """A proxy in front of `upstream_url`; clients that use its `url` are recorded."""
    with _Proxy(upstream_url, before, latency, after) as proxy:
        thread = threading.Thread(target=proxy.serve_forever, args=(0.02,), name="recorder", daemon=True)
        thread.start()
        try:
            yield proxy.recording
        finally:
            proxy.shutdown()
            thread.join()
            proxy.hang_up()


class _Proxy(ThreadingHTTPServer):
    daemon_threads = True
    # The default of 5 makes a client with a dozen threads wait a second for its connections.
    request_queue_size = 256

    def __init__(self, upstream_url: str, before: Before | None, latency: float, after: After | None) -> None:
        self.upstream = _address_of(upstream_url)
        self._connections: set[socket.socket] = set()
        super().__init__((LOOPBACK, 0), _Exchange)
        self.recording = Recording(f"http://{LOOPBACK}:{self.server_port}", before, latency, after)

    def server_bind(self) -> None:
        # The inherited one looks up the host's name, which may take seconds.
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = LOOPBACK, self.server_address[1]

    def process_request(self, request: Any, client_address: Any) -> None:
        self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._connections.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """Ends the kept-alive connections, whose threads wait for a next request."""
        for connection in tuple(self._connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is no news."""


class _Exchange(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    # Status, headers and body leave in one packet.
    wbufsize = -1
    server: _Proxy

    def setup(self) -> None:
        super().setup()
        self._upstream: http.client.HTTPConnection | None = None

    def finish(self) -> None:
        self._close_upstream()
        with contextlib.suppress(OSError):
            super().finish()

    def handle_expect_100(self) -> bool:
        proceed = super().handle_expect_100()
        self.wfile.flush()
        return proceed

    def log_message(self, format: str, *args: Any) -> None:
        """The recording is the log."""

    def exchange(self) -> None:
        body = self._body()
        request = self._recorded(body)
        recording = self.server.recording
        if recording.latency:
            time.sleep(recording.latency)
        status, headers, reply = self._answer(request)
        recording.note(replace(request, status=status))
        self._send(status, headers, reply)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = exchange

    def _recorded(self, body: bytes) -> Recorded:
        service = operations.service_of(self.path, self.headers)
        signed = _CREDENTIAL.search(self.headers.get("Authorization", ""))
        operation = operations.operation_of(service, self.command, self.path, self.headers, body)
        return Recorded(
            service=service,
            operation=operation,
            method=self.command,
            path=self.path,
            body=body,
            parameters=operations.parameters_of(self.headers, body),
            mutating=operations.mutates(service, operation, body),
            access_key=signed["access_key"] if signed else "",
            region=signed["region"] if signed else "",
        )

    def _body(self) -> bytes:
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return b"".join(self._chunks())
        return self._exactly(int(self.headers.get("Content-Length") or 0))

    def _exactly(self, size: int) -> bytes:
        body = self.rfile.read(size)
        if len(body) < size:
            # Half a request must not reach upstream as if it were a whole one.
            raise ConnectionAbortedError("the client hung up in the middle of a request")
        return body

    def _chunks(self) -> Iterator[bytes]:
        while size := int(self.rfile.readline().partition(b";")[0], 16):
            yield self._exactly(size)
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass

    def _answer(self, request: Recorded) -> tuple[int, list[tuple[str, str]], bytes]:
        before, after = self.server.recording.before, self.server.recording.after
        given = before(request) if before else None
        if given is None:
            came = self._passed_on(request)
            if after is None:
                return came
            given = after(request, (came[0], dict(came[1]), came[2]))
        status, headers, body = given
        return status, list(headers.items()), body.encode() if isinstance(body, str) else body

    def _passed_on(self, request: Recorded) -> tuple[int, list[tuple[str, str]], bytes]:
        try:
            upstream = self._connected()
            upstream.putrequest(request.method, request.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                if name.lower() not in _NOT_FORWARDED:
                    upstream.putheader(name, value)
            if request.body or request.method in ("POST", "PUT", "PATCH"):
                upstream.putheader("Content-Length", str(len(request.body)))
            upstream.endheaders(request.body or None)
            reply = upstream.getresponse()
            return reply.status, reply.getheaders(), reply.read()
        except (OSError, http.client.HTTPException) as error:
            self._close_upstream()
            return 502, [("Content-Type", "text/plain")], f"no reply from upstream: {error!r}".encode()

    def _connected(self) -> http.client.HTTPConnection:
        """The connection of before, unless upstream has closed it: so no request need be sent twice."""
        if self._upstream is not None and self._upstream.sock is not None:
            readable, _, _ = select.select([self._upstream.sock], [], [], 0)
            if not readable:
                return self._upstream
        self._close_upstream()
        self._upstream = http.client.HTTPConnection(*self.server.upstream, timeout=UPSTREAM_SECONDS)
        self._upstream.connect()
        return self._upstream

    def _close_upstream(self) -> None:
        if self._upstream is not None:
            self._upstream.close()
            self._upstream = None

    def _send(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        bodiless = self.command == "HEAD" or status in (204, 304)
        dropped = _HOP_BY_HOP if bodiless else _HOP_BY_HOP | {"content-length"}
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in dropped:
                self.send_header(name, value)
        if not bodiless:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if not bodiless:
            self.wfile.write(body)


def _address_of(url: str) -> tuple[str, int]:
    split = urlsplit(url)
    if split.scheme != "http" or not split.hostname:
        raise ValueError(f"The upstream must be an http:// URL, not {url!r}.")
    return split.hostname, split.port or 80
