# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A request is named by its own headers and botocore's service models, never by a table kept here."""

from __future__ import annotations

import functools
import gzip
import json
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from typing import Any
from urllib.parse import parse_qs, parse_qsl, unquote, urlsplit

import botocore.exceptions
import botocore.session

Headers = Mapping[str, str] | Message

UNKNOWN = "unknown"

_SCOPE = re.compile(r"Credential=[^/\s]+/\d{8}/[^/\s]*/([\w.-]+)/aws4_request")
_HOST = re.compile(r"(?:[\w-]+\.)*?([\w-]+)\.[a-z]{2}(?:-[a-z]+)+-\d\.amazonaws\.com")
_RPC_V2 = re.compile(r"/service/[^/]+/operation/([^/?]+)")
_ACTION = re.compile(r"(?:^|[?&])Action=(\w+)")
_READING = re.compile(r"(Get|List|Describe|BatchGet|Lookup|AssumeRole)(?![a-z])")
# Those whose name opens with a verb that others share, which write.
_READING_BY_NAME = frozenset({("logs", "FilterLogEvents")})
_FORM = "application/x-www-form-urlencoded"

# The one service of this project whose requests are signed under another name than its client's.
_SIGNED_AS = {"monitoring": "cloudwatch"}


@dataclass(frozen=True)
class _Route:
    method: str
    path: re.Pattern[str]
    query: tuple[tuple[str, str], ...]
    literal: int
    operation: str


def service_of(path: str, headers: Headers) -> str:
    """The service a request is signed for, else the one its host names."""
    signed = _SCOPE.search(headers.get("Authorization") or "") or _SCOPE.search(unquote(path))
    named = signed or _HOST.match(headers.get("Host") or "")
    name = named.group(1) if named else UNKNOWN
    return _SIGNED_AS.get(name, name)


def operation_of(service: str, method: str, path: str, headers: Headers, body: bytes) -> str:
    """The API operation, or the method and path of a request that is none."""
    return (
        _of_target(headers)
        or _of_rpc_path(path)
        or _of_action(path, headers, body)
        or _of_route(service, method, path)
        or f"{method} {urlsplit(path).path}"
    )


def mutates(service: str, operation: str, body: bytes) -> bool:
    """Whether the operation may change anything, as far as its name and payload tell."""
    if (service, operation) == ("lambda", "Invoke"):
        payload = _json_object(body)
        return payload.get("describe") is not True and payload.get("publish") is not False
    return _READING.match(operation) is None and (service, operation) not in _READING_BY_NAME


def parameters_of(headers: Headers, body: bytes) -> dict[str, Any]:
    """The body as a mapping, where it is JSON or a form; else empty."""
    body = _plain(headers, body)
    if (headers.get("Content-Type") or "").startswith(_FORM):
        return dict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))
    return _json_object(body)


def _of_target(headers: Headers) -> str:
    return (headers.get("X-Amz-Target") or "").rpartition(".")[2]


def _of_rpc_path(path: str) -> str | None:
    found = _RPC_V2.match(path)
    return found.group(1) if found else None


def _of_action(path: str, headers: Headers, body: bytes) -> str | None:
    form = (headers.get("Content-Type") or "").startswith(_FORM)
    found = (_ACTION.search(_plain(headers, body).decode(errors="replace")) if form else None) or _ACTION.search(path)
    return found.group(1) if found else None


def _of_route(service: str, method: str, path: str) -> str | None:
    split = urlsplit(path)
    query = parse_qs(split.query, keep_blank_values=True)
    for route in _routes(service):
        if (
            route.method == method
            and route.path.fullmatch(split.path.rstrip("/"))
            and all(value in query.get(key, ()) for key, value in route.query)
        ):
            return route.operation
    return None


@functools.cache
def _routes(service: str) -> tuple[_Route, ...]:
    try:
        model = botocore.session.Session().get_service_model(service)
    except (botocore.exceptions.UnknownServiceError, botocore.exceptions.ParamValidationError):
        return ()
    if not model.metadata.get("protocol", "").startswith("rest"):
        return ()
    routes = [_route(name, model.operation_model(name).http) for name in model.operation_names]
    # The most literal first: of two that match, AWS means the one that spells out more.
    return tuple(sorted(routes, key=lambda route: -route.literal))


def _route(operation: str, http: Mapping[str, Any]) -> _Route:
    path, _, query = http["requestUri"].partition("?")
    parts = re.split(r"(\{\w+\+?\})", path.rstrip("/"))
    pattern = "".join(_pattern_of(part) for part in parts)
    literal = sum(len(part) for part in parts if not part.startswith("{")) + len(query)
    required = tuple(parse_qsl(query, keep_blank_values=True))
    return _Route(http["method"], re.compile(pattern), required, literal, operation)


def _pattern_of(part: str) -> str:
    if not part.startswith("{"):
        return re.escape(part)
    return ".+" if part.endswith("+}") else "[^/]+"


def _plain(headers: Headers, body: bytes) -> bytes:
    # The AWS clients compress a PutMetricData of more than 10 kB.
    if headers.get("Content-Encoding") != "gzip":
        return body
    try:
        return gzip.decompress(body)
    except (OSError, EOFError, zlib.error):
        return body


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
