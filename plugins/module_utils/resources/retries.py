# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A failed run of the publisher is not repeated: the run of the next minute is its repetition.

Lambda would otherwise run it twice more, and publish every other pool's depth three times.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..plan import Aws, Plan, Request, reply_unless
from .function import GONE, LIVE, UNSEEN


@dataclass(frozen=True)
class Retries:
    """What Lambda does with an event of the schedule.

    :param maximum_event_age: seconds after which an event that could not be run is dropped.
    """

    function_name: str
    maximum_retry_attempts: int | None = 0
    maximum_event_age: int | None = 60

    def shown(self) -> dict[str, Any]:
        return {
            "maximum_retry_attempts": self.maximum_retry_attempts,
            "maximum_event_age": self.maximum_event_age,
        }


def from_response(function_name: str, reply: dict[str, Any]) -> Retries:
    return Retries(function_name, reply.get("MaximumRetryAttempts"), reply.get("MaximumEventAgeInSeconds"))


def to_request(retries: Retries, exists: bool) -> Request:
    """An update keeps what is not given (a destination of failed events), and needs something to update."""
    return Request(
        "lambda",
        "update_function_event_invoke_config" if exists else "put_function_event_invoke_config",
        {
            "FunctionName": retries.function_name,
            "Qualifier": LIVE,
            "MaximumRetryAttempts": retries.maximum_retry_attempts,
            "MaximumEventAgeInSeconds": retries.maximum_event_age,
        },
        until_consistent=UNSEEN,
    )


def plan(current: Retries | None, desired: Retries) -> Plan:
    requests = () if current == desired else (to_request(desired, exists=current is not None),)
    words = f"repetition of failed runs of {desired.function_name}:{LIVE}"
    return Plan(words, current.shown() if current else None, desired.shown(), requests)


def find(aws: Aws, function_name: str) -> Retries | None:
    reply = reply_unless(
        GONE, aws, "lambda", "get_function_event_invoke_config", FunctionName=function_name, Qualifier=LIVE
    )
    return from_response(function_name, reply) if reply else None
