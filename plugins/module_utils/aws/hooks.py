# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What happens around every attempt of every client, retries, pages and waiters included: nothing goes past it."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

with contextlib.suppress(ImportError):  # module.py reports it
    from botocore.parsers import ResponseParserError

from ..failures import AwsFailure, Lasting
from .errors import NO_CONCURRENCY, NOT_ANSWERED, TOO_MANY, action_of
from .limits import datapoints_of
from .pace import Pace, asked_to_slow_down

# Where botocore's context of a request keeps what it was asked with.
PARAMETERS = "academy.video_scaling.parameters"
# Whose replies always hold something: an empty one is no list without entries.
READING = ("Get", "List", "Describe", "Filter")


def watch(client: Any, service: str, region: str, pace: Pace, sent: Callable[[str], None]) -> None:
    """:param sent: is called with ``service:Operation`` of every attempt."""
    events = client.meta.events
    model = client.meta.service_model
    of_service = model.service_id.hyphenize()

    def asked(params: Mapping[str, Any], context: dict[str, Any], **more: Any) -> None:
        context[PARAMETERS] = params

    def before(operation_name: str, request: Any, **more: Any) -> None:
        datapoints = None
        if operation_name == "GetMetricData":
            datapoints = datapoints_of(request.context[PARAMETERS], datetime.now(UTC))
        if not pace.turn(service, operation_name, datapoints):
            action = action_of(service, operation_name)
            sentence = f"{action} in {region} was not sent: in time there was no turn for it within AWS's limits"
            raise AwsFailure(sentence, NOT_ANSWERED, action)

    def sending(event_name: str, **more: Any) -> None:
        sent(f"{service}:{_operation(event_name)}")

    def after(response_dict: Any = None, parsed_response: Any = None, **more: Any) -> None:
        if response_dict is None:
            return
        slow, seconds = asked_to_slow_down(
            response_dict["status_code"], response_dict["headers"], parsed_response or {}
        )
        if slow:
            pace.hold(service, seconds)
        elif response_dict["status_code"] < 300:
            pace.answered(service)

    def throttled(context: Any, parsed_response: Any = None, **more: Any) -> None:
        if (parsed_response or {}).get("Reason") == NO_CONCURRENCY:
            _require_concurrency(client, region, context[PARAMETERS]["FunctionName"])

    events.register(f"before-parameter-build.{of_service}", asked)
    # Before it is signed, or a long wait would outlive the signature.
    events.register_first(f"request-created.{of_service}", before)
    # The last event before the wire.
    events.register_last(f"before-send.{of_service}", sending)
    events.register(f"response-received.{of_service}", after)
    if service == "lambda":
        # Before all others: what is over must not hold the service, or be sent again by botocore.
        events.register_first(f"response-received.{of_service}.Invoke", throttled)
    # A reply of XML that cannot be read is refused by botocore itself.
    if "json" in str(getattr(model, "resolved_protocol", model.metadata["protocol"])):
        events.register("response-received", _require_json)


def _require_concurrency(client: Any, region: str, name: str) -> None:
    """:raises Lasting: where none is reserved that could become free, so that no other attempt goes better.

    AWS gives the same reason where all that is reserved is in use, which passes.
    """
    try:
        reserved = client.get_function_concurrency(FunctionName=name).get("ReservedConcurrentExecutions")
    except Exception:
        # Who may not ask tries again; the last failure names the reason.
        return
    if reserved:
        return
    action = action_of("lambda", "Invoke")
    sentence = (
        f"function {name} in {region} has reserved concurrency 0 (the console's Throttle), so Lambda never runs it; "
        f"lift that with `aws lambda delete-function-concurrency --function-name {name} --region {region}`, then run "
        "again"
    )
    raise Lasting(sentence, TOO_MANY, action)


def _require_json(event_name: str, response_dict: Any = None, **more: Any) -> None:
    """A JSON reply that was cut off or replaced on its way is read by botocore as one in which nothing stands."""
    if response_dict is None or response_dict["status_code"] >= 300 or not isinstance(response_dict["body"], bytes):
        return
    body = response_dict["body"]
    if not body and not _operation(event_name).startswith(READING):
        return
    try:
        json.loads(body)
    except ValueError as error:
        raise ResponseParserError(f"{len(body)} bytes that are no JSON, {body[:60]!r}") from error


def _operation(event_name: str) -> str:
    """Events are named ``event.service.Operation``."""
    return event_name.rsplit(".", 1)[-1]
