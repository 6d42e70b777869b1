# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way to AWS: options, credentials, clients and threads. The only file that makes a client."""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from functools import cached_property
from time import monotonic, sleep
from typing import Any

try:
    import boto3
    from botocore import exceptions as raised
    from botocore.config import Config

    HAS_BOTO3 = True
except ImportError:
    HAS_BOTO3 = False

from ..failures import AwsFailure, Failure, Unusable
from ..place import Place, Stamp
from ..plan import Answers, Key, Request, Wait, filled, is_one_of
from . import hooks, progress
from .errors import CONTENDED, NOT_ANSWERED, action_of, translated, unreadable
from .pace import Pace

COLLECTION_VERSION = "0.1.0"
# What waits for AWS costs this machine little: more threads than these no longer make a fleet faster.
THREADS = 32
CREDENTIALS = ("access_key", "secret_key", "session_token")
# How long a write is repeated while AWS says that what it needs is still spreading, or is being changed.
SPREADING_SECONDS = 75.0
# Only versions that were found are invoked: where one is not there, it does not show everywhere yet.
SHOWN_LATE: Mapping[tuple[str, str], Answers] = {("lambda", "invoke"): (("ResourceNotFoundException", ""),)}
# Whoever waits at three in the morning learns within seconds that AWS does not answer at all.
FIRST_REQUEST: dict[str, Any] = {"connect_timeout": 3, "read_timeout": 4, "attempts": 2}
# Seconds from the making of a quick connection until it gives up on whatever is still open: a diagnosis answers within
# a minute, and starting Ansible, the checks and the report take the rest of it.
QUICK_SECONDS = 45.0
# Adaptive retries would slow every request down where one is throttled; what is missing is reported instead.
QUICK: dict[str, Any] = {"connect_timeout": 5, "read_timeout": 8, "attempts": 3, "mode": "standard"}
# A publisher may run longer than any other request takes, and is not asked a second time while it runs.
ONE_INVOCATION: dict[str, Any] = {"connect_timeout": 5, "read_timeout": 65, "attempts": 1, "mode": "standard"}

CONNECTION_OPTIONS: dict[str, Any] = {
    "region": {"type": "str", "aliases": ["aws_region"]},
    "profile": {"type": "str", "aliases": ["aws_profile"]},
    "access_key": {"type": "str", "aliases": ["aws_access_key_id", "aws_access_key"], "no_log": False},
    "secret_key": {"type": "str", "aliases": ["aws_secret_access_key", "aws_secret_key"], "no_log": True},
    "session_token": {"type": "str", "aliases": ["aws_session_token"], "no_log": True},
    "endpoint_url": {"type": "str", "aliases": ["aws_endpoint_url"]},
    "aws_ca_bundle": {"type": "path"},
    "validate_certs": {"type": "bool", "default": True},
    "assume_role_arn": {"type": "str"},
    "external_id": {"type": "str", "no_log": True},
}
CONNECTION_RULES: dict[str, Any] = {
    "mutually_exclusive": [("profile", "access_key"), ("profile", "secret_key"), ("profile", "session_token")],
    "required_together": [("access_key", "secret_key")],
    "required_by": {"external_id": ("assume_role_arn",), "session_token": ("access_key",)},
}
# The names that amazon.aws reads, the usual one of each first.
ENVIRONMENT = {
    "region": ("AWS_REGION", "AWS_DEFAULT_REGION", "EC2_REGION"),
    "access_key": ("AWS_ACCESS_KEY_ID", "AWS_ACCESS_KEY", "EC2_ACCESS_KEY"),
    "secret_key": ("AWS_SECRET_ACCESS_KEY", "AWS_SECRET_KEY", "EC2_SECRET_KEY"),
    "session_token": ("AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN", "EC2_SECURITY_TOKEN"),
    "endpoint_url": ("AWS_URL", "EC2_URL"),
    "aws_ca_bundle": ("AWS_CA_BUNDLE",),
}


class Connection:
    """One region of one account. Clients are made once and shared by all threads."""

    def __init__(self, params: Mapping[str, Any], quick: bool = False) -> None:
        """:param params: the values of CONNECTION_OPTIONS. Asks nothing of AWS yet.
        :param quick: for reading only: whatever hangs is given up in time, and keeps nobody from the rest.
        """
        self._deadline = monotonic() + QUICK_SECONDS if quick else None
        self._journal = progress.Journal(monotonic)
        self._pace = Pace(self._deadline, monotonic, sleep)
        self._params = {**{name: _value(name, params) for name in CONNECTION_OPTIONS}, **_credentials(params)}
        self._clients: dict[str, Any] = {}
        self._lock = threading.Lock()
        self._working = threading.local()

    def open(self) -> Place:
        """The first request of all, before any other: what is wrong with the way to AWS shows here."""
        with self.phase("connect"):
            return self._opened()

    def _opened(self) -> Place:
        if self._deadline is None:
            return self.place
        # Also a name that is not resolved, or a program that fetches credentials, may hang.
        found: Any = self.each(lambda key: self.place, ["sts:GetCallerIdentity"]).popitem()[1]
        if isinstance(found, AwsFailure) and found.code == NOT_ANSWERED:
            action, code = "sts:GetCallerIdentity", NOT_ANSWERED
            raise Unusable(f"{action}: {found}; check the credentials, the proxy and the route", code, action)
        if isinstance(found, Failure):
            raise found
        return self.place

    @cached_property
    def place(self) -> Place:
        """Where the caller is."""
        return Place(self._identity["Arn"].split(":")[1], self.region, self._identity["Account"])

    @cached_property
    def stamp(self) -> Stamp:
        """Who the caller is, and when this was asked first."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        return Stamp(now, self._identity["Arn"], COLLECTION_VERSION)

    @cached_property
    def _identity(self) -> dict[str, str]:
        """Asked once, and the first request of all: so that a wrong endpoint shows quickly."""
        region = self.region
        try:
            identity: dict[str, str] = self._client("sts", _config(**FIRST_REQUEST)).get_caller_identity()
        except Failure:
            raise
        except Exception as error:  # translated, never swallowed
            failure = translated(error, "sts", "GetCallerIdentity", region)
            raise Unusable(str(failure), failure.code, failure.operation) from error
        return identity

    @cached_property
    def region(self) -> str:
        session = self._session
        region = self._params["region"] or session.region_name
        if not region:
            raise Unusable("no region: give region, or set AWS_REGION")
        known = {
            name
            for partition in session.get_available_partitions()
            for name in session.get_available_regions("autoscaling", partition)
        }
        if region not in known:
            near = ", ".join(sorted(name for name in known if name.split("-")[0] == region.split("-")[0]))
            raise Unusable(
                f"region: {region!r} is not a region that the installed botocore knows; "
                + (f"there are {near}" if near else "ap-northeast-2 is one, for example")
                + " (a newer region needs a newer botocore)"
            )
        return str(region)

    def phase(self, name: str, total: int = 0) -> AbstractContextManager[progress.Phase]:
        return self._journal.within(name, total)

    def count(self, changed: int = 0, failed: int = 0) -> None:
        self._journal.count(changed, failed)

    def measured(self) -> dict[str, dict[str, float]]:
        """Requests by operation and seconds by phase, so far."""
        return self._journal.measured()

    def call(self, service: str, operation: str, **params: Any) -> dict[str, Any]:
        return self._repeated(lambda: self._call(service, operation, params), SHOWN_LATE.get((service, operation), ()))

    def _call(self, service: str, operation: str, params: Mapping[str, Any]) -> dict[str, Any]:
        try:
            reply: dict[str, Any] = getattr(self._client_for(service, operation), operation)(**params)
        except Exception as error:  # translated, never swallowed
            raise self._failure(error, service, operation) from error
        if reply.get("FailedEntryCount"):
            entry = reply["FailedEntries"][0]
            action, code = f"{service}:{self._api_name(service, operation)}", str(entry.get("ErrorCode"))
            raise AwsFailure(f"{action} in {self.region}: {code}: {entry.get('ErrorMessage')}", code, action)
        return reply

    def pages(self, service: str, operation: str, field: str, **params: Any) -> Iterator[Any]:
        try:
            for page in self._client(service).get_paginator(operation).paginate(**params):
                yield from page.get(field, ())
        except Exception as error:
            raise self._failure(error, service, operation) from error

    def send(self, step: Request | Wait, replies: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
        params = filled(step.params, replies)
        if isinstance(step, Wait):
            return self._repeated(lambda: self._wait(step, params), step.until_consistent)
        return self._repeated(lambda: self._call(step.service, step.operation, params), step.until_consistent)

    def _repeated(self, ask: Callable[[], dict[str, Any]], spreading: Answers = ()) -> dict[str, Any]:
        """Ask again, for a bounded time, while AWS works on the same thing or an earlier write is still spreading."""
        deadline = monotonic() + SPREADING_SECONDS
        if self._deadline is not None:
            deadline = min(deadline, self._deadline)
        while True:
            try:
                return ask()
            except AwsFailure as failure:
                if monotonic() >= deadline or not is_one_of(failure, (*CONTENDED, *spreading)):
                    raise
            sleep(2)

    def each(self, function: Callable[[Key], Any], keys: Iterable[Key], counted: bool = True) -> dict[Key, Any]:
        def guarded(key: Key) -> Any:
            try:
                self._working.on_a_key = is_part or counted
                return function(key)
            except Unusable:
                raise
            except Failure as failure:
                return failure
            finally:
                self._working.on_a_key = is_part
                if counted and not is_part:
                    phase.key_done()

        listed, phase = list(keys), self._journal.phase
        # What one key is made of is no progress of its own.
        is_part = getattr(self._working, "on_a_key", False)
        if is_part:
            return self._each(guarded, listed)
        with phase.going_through(len(listed) if counted else 0):
            return self._each(guarded, listed)

    def _each(self, guarded: Callable[[Key], Any], keys: list[Key]) -> dict[Key, Any]:
        if self._deadline is not None:
            return _each_until(self._deadline, guarded, keys)
        if len(keys) <= 1:
            return {key: guarded(key) for key in keys}
        with ThreadPoolExecutor(THREADS) as pool:
            return dict(zip(keys, pool.map(guarded, keys), strict=True))

    def _wait(self, step: Wait, params: Mapping[str, Any]) -> dict[str, Any]:
        operation = step.waiter
        try:
            waiter = self._client(step.service).get_waiter(step.waiter)
            waiter.wait(**params, WaiterConfig={"Delay": 1, "MaxAttempts": 120})
        except Exception as error:
            if (getattr(error, "last_response", None) or {}).get("Error"):
                # What was refused is its request: that is what a person may have to allow.
                operation = waiter.config.operation
            raise self._failure(error, step.service, operation) from error
        return {}

    def _failure(self, error: Exception, service: str, operation: str) -> Failure:
        if isinstance(error, Failure):
            return error
        name = self._api_name(service, operation)
        if isinstance(error, ValueError) and service in self._clients:
            # With a client there is nothing wrong with the options: it is the reply that makes no sense.
            return unreadable(error, action_of(service, name), self.region)
        return translated(error, service, name, self.region)

    def _api_name(self, service: str, operation: str) -> str:
        names = self._clients[service].meta.method_to_api_mapping if service in self._clients else {}
        return str(names.get(operation, operation))

    def _client_for(self, service: str, operation: str) -> Any:
        client = self._client(service)
        if self._deadline is None or operation != "invoke":
            return client
        return self._client(service, _config(**ONE_INVOCATION), operation)

    def _client(self, service: str, config: Any = None, only_for: str = "") -> Any:
        name = f"{service} {only_for}".strip()
        with self._lock:
            if name not in self._clients:
                usual = _config() if self._deadline is None else _config(**QUICK)
                self._clients[name] = self._made(service, config or usual, self._assumed)
            return self._clients[name]

    def _made(self, service: str, config: Any, credentials: Mapping[str, str]) -> Any:
        client = self._session.client(
            service,
            region_name=self.region,
            endpoint_url=self._params["endpoint_url"],
            verify=self._verify,
            config=config,
            **credentials,
        )
        hooks.watch(client, service, self.region, self._pace, self._journal.sent)
        return client

    @property
    def _verify(self) -> bool | str | None:
        # Who is not asked has not said no.
        if self._params["validate_certs"] is False:
            return False
        return self._params["aws_ca_bundle"] or None

    @cached_property
    def _session(self) -> Any:
        """The only one: each would read botocore's lists of endpoints for itself."""
        try:
            return boto3.session.Session(
                profile_name=self._params["profile"],
                aws_access_key_id=self._params["access_key"],
                aws_secret_access_key=self._params["secret_key"],
                aws_session_token=self._params["session_token"],
            )
        except raised.BotoCoreError as error:
            raise translated(error, "sts", "GetCallerIdentity", self._params["region"] or "?") from error

    @cached_property
    def _assumed(self) -> dict[str, str]:
        """The credentials of the role to assume; none where the session's own are used."""
        if not self._params["assume_role_arn"]:
            return {}
        external = {"ExternalId": self._params["external_id"]} if self._params["external_id"] else {}
        try:
            found = self._made("sts", _config(**FIRST_REQUEST), {}).assume_role(
                RoleArn=self._params["assume_role_arn"], RoleSessionName="academy.video_scaling", **external
            )["Credentials"]
        except (raised.BotoCoreError, raised.ClientError) as error:
            failure = translated(error, "sts", "AssumeRole", self.region)
            raise Unusable(str(failure), failure.code, failure.operation) from error
        return {
            "aws_access_key_id": found["AccessKeyId"],
            "aws_secret_access_key": found["SecretAccessKey"],
            "aws_session_token": found["SessionToken"],
        }


def _config(connect_timeout: int = 5, read_timeout: int = 65, attempts: int = 8, mode: str = "adaptive") -> Any:
    """:param read_timeout: seconds, above the longest that an invoked publisher may run."""
    return Config(
        retries={"mode": mode, "total_max_attempts": attempts},
        connect_timeout=connect_timeout,
        read_timeout=read_timeout,
        max_pool_connections=THREADS,
        user_agent_extra=f"academy.video_scaling/{COLLECTION_VERSION}",
    )


def _each_until(deadline: float, function: Callable[[Key], Any], keys: list[Key]) -> dict[Key, Any]:
    """What has no result by then is a failure. A thread that hangs is left behind, and ends with the process."""
    waiting: queue.SimpleQueue[Key] = queue.SimpleQueue()
    for key in keys:
        waiting.put(key)
    ended: queue.SimpleQueue[tuple[Key, Any, Exception | None]] = queue.SimpleQueue()

    def work() -> None:
        while monotonic() < deadline:
            try:
                key = waiting.get_nowait()
            except queue.Empty:
                return
            try:
                ended.put((key, function(key), None))
            except Exception as error:  # raised where it is waited for
                ended.put((key, None, error))

    for number in range(min(THREADS, len(keys))):
        threading.Thread(target=work, name=f"reader {number}", daemon=True).start()
    results: dict[Key, Any] = {}
    while len(results) < len(keys):
        try:
            key, value, error = ended.get(timeout=max(deadline - monotonic(), 0.0))
        except queue.Empty:
            break
        if error:
            raise error
        results[key] = value
    late = AwsFailure(f"there was no answer within {QUICK_SECONDS:g} seconds", NOT_ANSWERED)
    return {key: results.get(key, late) for key in keys}


def _credentials(params: Mapping[str, Any]) -> dict[str, Any]:
    """Key, secret and token belong together: all from the options, or all from the environment, or none of them."""
    if params.get("access_key") or params.get("profile"):
        return {name: params.get(name) for name in CREDENTIALS}
    found = {name: _value(name, {}) for name in CREDENTIALS}
    # Half of them is for botocore to complain about, which names what is missing.
    return found if found["access_key"] and found["secret_key"] else dict.fromkeys(CREDENTIALS)


def _value(option: str, params: Mapping[str, Any]) -> Any:
    """The option's value, else that of the first of its environment variables that is set."""
    if params.get(option) is not None:
        return params[option]
    return next((os.environ[name] for name in ENVIRONMENT.get(option, ()) if os.environ.get(name)), None)
