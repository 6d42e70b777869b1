# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Each emulator is a stranger to the rest of the machine: own port on the loopback, own home, own processes."""

from __future__ import annotations

import contextlib
import functools
import http.client
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import botocore.session
from boto3.session import Session
from botocore.config import Config

REGION = "ap-northeast-2"
ACCOUNT = "123456789012"
LOOPBACK = "127.0.0.1"
READY_SECONDS = 30.0
STOP_SECONDS = 10.0
PORT_ATTEMPTS = 5
LOG_TAIL_BYTES = 4000

_REPOSITORY = Path(__file__).resolve().parent.parent
_GUARD = Path(__file__).resolve().with_name("guard.py")
_SESSION_LOCK = threading.Lock()
_MOTO_CONFIG = json.dumps({"lambda": {"use_docker": False}})


class EmulatorMissing(RuntimeError):
    """The emulator's executable is not there."""


class EmulatorFailed(RuntimeError):
    """The emulator ended, or did not become ready in time; the message holds the end of its log."""


class _PortTaken(EmulatorFailed):
    pass


@dataclass(frozen=True)
class _Kind:
    """What differs between the emulators; a request is a method, a path and a body."""

    name: str
    variable: str
    script: str
    settings: Callable[[int], dict[str, str]]
    arguments: Callable[[int], list[str]]
    ready: tuple[str, str, str]
    empty: tuple[tuple[str, str, str], ...]


_MINISTACK = _Kind(
    name="ministack",
    variable="VIDEO_SCALING_MINISTACK",
    script="ministack",
    settings=lambda port: {
        "BIND_HOST": LOOPBACK,
        "GATEWAY_PORT": str(port),
        "MINISTACK_REGION": REGION,
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
    },
    arguments=lambda port: [],
    ready=("GET", "/_ministack/health", ""),
    empty=(("POST", "/_ministack/reset", ""),),
)

_MOTO = _Kind(
    name="moto",
    variable="VIDEO_SCALING_MOTO",
    script="moto_server",
    settings=lambda port: {},
    arguments=lambda port: ["-H", LOOPBACK, "-p", str(port)],
    ready=("POST", "/moto-api/config", _MOTO_CONFIG),
    empty=(("POST", "/moto-api/reset", ""), ("POST", "/moto-api/config", _MOTO_CONFIG)),
)


@dataclass(frozen=True)
class Emulator:
    """A running emulator."""

    name: str
    url: str
    _kind: _Kind = field(repr=False)
    _port: int = field(repr=False)
    _log: IO[bytes] = field(repr=False)
    _guard: subprocess.Popen[bytes] = field(repr=False)

    def is_running(self) -> bool:
        """Its guard ends with it."""
        return self._guard.poll() is None

    def reset(self) -> None:
        """Empties the account, and leaves the emulator configured as it was at the start."""
        for request in self._kind.empty:
            status = _status_of(self._port, request, timeout=READY_SECONDS)
            if not _is_success(status):
                raise EmulatorFailed(f"{self.name} answered {status} to {request[1]}.")

    def environment(self, url: str | None = None) -> dict[str, str]:
        """The variables that make any AWS client process talk to this emulator, or to a proxy in front of it."""
        return {
            "AWS_ENDPOINT_URL": url or self.url,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_REGION": REGION,
            "AWS_ACCESS_KEY_ID": ACCOUNT,
            "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "NO_PROXY": "127.0.0.1,localhost",
            "no_proxy": "127.0.0.1,localhost",
        }

    def client(self, service: str, url: str | None = None) -> Any:
        """A boto3 client that knows this emulator and nothing of the caller's own AWS settings."""
        return isolated_client(service, url or self.url)

    def log(self) -> str:
        """The end of what the emulator has written so far."""
        return _tail(self._log)


@contextlib.contextmanager
def ministack(
    executable: str | os.PathLike[str] | None = None,
    *,
    settings: Mapping[str, str] | None = None,
    ready_within: float = READY_SECONDS,
) -> Iterator[Emulator]:
    """A ministack of its own; `settings` are further environment variables, such as AUTH=true."""
    with _running(_MINISTACK, executable, settings or {}, ready_within) as emulator:
        yield emulator


@contextlib.contextmanager
def moto(
    executable: str | os.PathLike[str] | None = None,
    *,
    settings: Mapping[str, str] | None = None,
    ready_within: float = READY_SECONDS,
) -> Iterator[Emulator]:
    """A moto server of its own, which answers Lambda invocations without running the code."""
    with _running(_MOTO, executable, settings or {}, ready_within) as emulator:
        yield emulator


def executable_of(name: str) -> Path:
    """The emulator's executable as the environment names it, else in the project's own virtualenvs."""
    kind = {kind.name: kind for kind in (_MINISTACK, _MOTO)}[name]
    return _existing(kind, None)


def _existing(kind: _Kind, given: str | os.PathLike[str] | None) -> Path:
    default = _REPOSITORY / ".venvs" / kind.name / "bin" / kind.script
    # Not resolved: a virtualenv's script is found, and finds its packages, by the path it was given.
    path = Path(given or os.environ.get(kind.variable) or default).absolute()
    if not os.access(path, os.X_OK) or path.is_dir():
        raise EmulatorMissing(f"There is no {kind.name} executable at {path}: run make venvs, or set {kind.variable}.")
    return path


@contextlib.contextmanager
def _running(
    kind: _Kind,
    executable: str | os.PathLike[str] | None,
    settings: Mapping[str, str],
    ready_within: float,
) -> Iterator[Emulator]:
    path = _existing(kind, executable)
    with contextlib.ExitStack() as stack:
        yield _started(stack, kind, path, settings, ready_within)


def _started(
    stack: contextlib.ExitStack,
    kind: _Kind,
    path: Path,
    settings: Mapping[str, str],
    ready_within: float,
) -> Emulator:
    for attempt in range(1, PORT_ATTEMPTS + 1):
        with contextlib.ExitStack() as trial, _free_port() as port:
            log = trial.enter_context(tempfile.TemporaryFile())
            guard = trial.enter_context(_guarded(kind, path, settings, port, log))
            try:
                _wait_until_ready(kind, guard, port, log, ready_within)
            except _PortTaken:
                if attempt == PORT_ATTEMPTS:
                    raise
                continue
            stack.enter_context(trial.pop_all())
            return Emulator(kind.name, f"http://{LOOPBACK}:{port}", kind, port, log, guard)
    raise AssertionError("unreachable")


@contextlib.contextmanager
def _free_port() -> Iterator[int]:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as reserved:
        reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        reserved.bind((LOOPBACK, 0))
        port = reserved.getsockname()[1]
        # Linux gives a bound port to nobody else who asks for any free one, yet lets the emulator
        # listen there; elsewhere the emulator would be refused, so the port is let go before.
        if sys.platform != "linux":
            reserved.close()
        yield port


@contextlib.contextmanager
def _guarded(
    kind: _Kind, path: Path, settings: Mapping[str, str], port: int, log: IO[bytes]
) -> Iterator[subprocess.Popen[bytes]]:
    guard = subprocess.Popen(
        [sys.executable, "-I", "-S", str(_GUARD), str(path), *kind.arguments(port)],
        stdin=subprocess.PIPE,
        stdout=log,
        stderr=subprocess.STDOUT,
        env=_clean_environment(kind.settings(port), settings),
        # Out of reach of the terminal's Ctrl-C, which the owner answers by leaving the context.
        start_new_session=True,
    )
    try:
        yield guard
    finally:
        _stop(guard)


def _clean_environment(*settings: Mapping[str, str]) -> dict[str, str]:
    # Functions inherit the emulator's environment, so the caller's must not reach it; and an
    # emulator that finds a Docker daemon removes containers it takes for its own.
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "TMPDIR": tempfile.gettempdir(),
        "DOCKER_HOST": "unix:///nonexistent/docker.sock",
    }
    for more in settings:
        environment.update(more)
    return environment


def _stop(guard: subprocess.Popen[bytes]) -> None:
    assert guard.stdin is not None
    guard.stdin.close()
    try:
        guard.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        guard.kill()
        guard.wait()


def _wait_until_ready(
    kind: _Kind, guard: subprocess.Popen[bytes], port: int, log: IO[bytes], ready_within: float
) -> None:
    deadline = time.monotonic() + ready_within
    while time.monotonic() < deadline:
        if guard.poll() is not None:
            raise _ended(kind, log)
        if _is_success(_status_of(port, kind.ready, timeout=2.0)):
            return
        time.sleep(0.03)
    raise EmulatorFailed(f"{kind.name} was not ready within {ready_within:g} seconds; its log ends:\n{_tail(log)}")


def _ended(kind: _Kind, log: IO[bytes]) -> EmulatorFailed:
    tail = _tail(log)
    reason = _PortTaken if "already in use" in tail.lower() else EmulatorFailed
    return reason(f"{kind.name} ended before it was ready; its log ends:\n{tail}")


def _status_of(port: int, request: tuple[str, str, str], timeout: float) -> int | None:
    method, path, body = request
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=timeout)
    try:
        connection.request(method, path, body, {"Content-Type": "application/json"})
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def _is_success(status: int | None) -> bool:
    return status is not None and 200 <= status < 300


def _tail(log: IO[bytes]) -> str:
    size = os.fstat(log.fileno()).st_size
    # Read by position: the file's own offset is shared with the emulator that writes there.
    return os.pread(log.fileno(), LOG_TAIL_BYTES, max(0, size - LOG_TAIL_BYTES)).decode(errors="replace").strip()


def isolated_client(service: str, url: str, account: str = ACCOUNT, region: str = REGION) -> Any:
    """A boto3 client of an emulator at `url` that knows nothing of the caller's own AWS settings."""
    # A session may be used by one thread at a time; the clients it makes, by any number.
    with _SESSION_LOCK:
        return _isolated_session().client(
            service,
            region_name=region,
            endpoint_url=url,
            aws_access_key_id=account,
            aws_secret_access_key="local",
            config=Config(proxies={}, max_pool_connections=32),
        )


@functools.cache
def _isolated_session() -> Any:
    nothing = (None, None, None, None)
    no_file = (None, None, os.devnull, None)
    variables = {"profile": nothing, "config_file": no_file, "credentials_file": no_file}
    return Session(botocore_session=botocore.session.Session(session_vars=variables), region_name=REGION)
