# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a request asks for, and how AWS writes an answer: each protocol as the services of this project speak it."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

import botocore.parsers
import botocore.session

from local_aws.emulator import ACCOUNT, REGION
from local_aws.recorder import Answer, Recorded

LATEST = "$LATEST"
REQUEST_ID = "00000000-0000-0000-0000-000000000000"

# Account and region.
Scope = tuple[str, str]

_ACCOUNT = re.compile(r"\d{12}")
_FUNCTION = re.compile(r"/functions/([^/?]+)")
_XMLNS = {
    "autoscaling": "http://autoscaling.amazonaws.com/doc/2011-01-01/",
    "iam": "https://iam.amazonaws.com/doc/2010-05-08/",
}


def scope_of(request: Recorded) -> Scope:
    """The emulator takes an access key of twelve digits for the account, and all others belong to its own."""
    is_account = _ACCOUNT.fullmatch(request.access_key)
    return request.access_key if is_account else ACCOUNT, request.region or REGION


def is_success(answer: Answer) -> bool:
    return 200 <= answer[0] < 300


def text_of(answer: Answer) -> str:
    body = answer[2]
    return body if isinstance(body, str) else body.decode()


def with_body(answer: Answer, body: str) -> Answer:
    return answer[0], answer[1], body


def json_of(answer: Answer) -> Any:
    """The body, or nothing where it is no JSON."""
    try:
        return json.loads(text_of(answer))
    except ValueError:
        return None


def with_json(answer: Answer, value: Any) -> Answer:
    """The answer as it came, to the byte, where its value is the same."""
    return answer if value == json_of(answer) else with_body(answer, json.dumps(value))


# --- Lambda: REST and JSON --------------------------------------------------------------------------------------


def function_of(request: Recorded) -> tuple[str, str]:
    """The name of the function that a request to Lambda is about, and the qualifier, which may be empty."""
    named = _FUNCTION.search(urlsplit(request.path).path)
    given = unquote(named[1]) if named else str(request.parameters.get("FunctionName", ""))
    # A name, or the end of an ARN: function:NAME or function:NAME:QUALIFIER.
    name, _, qualifier = given.rpartition("function:")[2].partition(":")
    asked = parse_qs(urlsplit(request.path).query).get("Qualifier", [qualifier])
    return name, asked[0]


def function_arn(request: Recorded, name: str, qualifier: str = "") -> str:
    account, region = scope_of(request)
    return f"arn:aws:lambda:{region}:{account}:function:{name}{':' if qualifier else ''}{qualifier}"


def lambda_error(status: int, code: str, message: str, **more: str) -> Answer:
    headers = {"Content-Type": "application/json", "x-amzn-ErrorType": code}
    return status, headers, json.dumps({"Type": "User", "message": message, **more})


# --- SSM, SQS, EventBridge, CloudWatch Logs: JSON ---------------------------------------------------------------


def json_error(code: str, message: str, query_code: str = "") -> Answer:
    """:param query_code: what SQS also names the error, as in its older protocol."""
    headers = {"Content-Type": "application/x-amz-json-1.1"}
    if query_code:
        headers["x-amzn-query-error"] = f"{query_code};Sender"
    return 400, headers, json.dumps({"__type": code, "message": message})


# --- EC2 Auto Scaling, IAM: form and XML ------------------------------------------------------------------------


def query_error(service: str, status: int, code: str, message: str) -> Answer:
    body = (
        f'<ErrorResponse xmlns="{_XMLNS[service]}"><Error><Type>Sender</Type><Code>{code}</Code>'
        f"<Message>{escape(message)}</Message></Error><RequestId>{REQUEST_ID}</RequestId></ErrorResponse>"
    )
    return status, {"Content-Type": "text/xml"}, body


def query_answer(service: str, operation: str) -> Answer:
    """Of an operation that returns nothing."""
    body = (
        f'<{operation}Response xmlns="{_XMLNS[service]}"><ResponseMetadata><RequestId>{REQUEST_ID}</RequestId>'
        f"</ResponseMetadata></{operation}Response>"
    )
    return 200, {"Content-Type": "text/xml"}, body


def listed(form: Mapping[str, str], name: str) -> list[str]:
    """The plain values of a list in a form, in their order."""
    values: list[str] = []
    while (key := f"{name}.member.{len(values) + 1}") in form:
        values.append(form[key])
    return values


def params_of(request: Recorded) -> dict[str, Any]:
    """The parameters of a form as boto3 was given them."""
    shape = _model(request.service).operation_model(request.operation).input_shape
    params: dict[str, Any] = _value(shape, request.parameters, "")
    return params


def parsed(request: Recorded, answer: Answer) -> dict[str, Any]:
    """The XML of a successful answer as boto3 returns it."""
    shape = _model(request.service).operation_model(request.operation).output_shape
    response = {"status_code": answer[0], "headers": answer[1], "body": text_of(answer).encode()}
    found: dict[str, Any] = botocore.parsers.create_parser("query").parse(response, shape)
    return found


@functools.cache
def _model(service: str) -> Any:
    return botocore.session.Session().get_service_model(service)


def _value(shape: Any, form: Mapping[str, str], path: str) -> Any:
    if shape.type_name == "structure":
        members = {name: (member, f"{path}.{name}".lstrip(".")) for name, member in shape.members.items()}
        return {name: _value(member, form, at) for name, (member, at) in members.items() if _is_given(form, at)}
    if shape.type_name == "list":
        found: list[Any] = []
        while _is_given(form, at := f"{path}.member.{len(found) + 1}"):
            found.append(_value(shape.member, form, at))
        return found
    return _SCALARS.get(shape.type_name, str)(form[path])


def _is_given(form: Mapping[str, str], path: str) -> bool:
    return path in form or any(name.startswith(f"{path}.") for name in form)


_SCALARS: Mapping[str, Callable[[str], Any]] = {
    "integer": int,
    "long": int,
    "float": float,
    "double": float,
    "boolean": lambda text: text == "true",
}
