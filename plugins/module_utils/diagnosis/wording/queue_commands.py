# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a person can type about a queue: SQS asks for its URL where a person knows its name."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ...place import Place
from .command_line import cli

_URL = "QUEUE_URL"


def on_queue(place: Place, queue_name: str, operation: str, **options: Any) -> str:
    """:param operation: of SQS, as in ``get-queue-attributes``."""
    url = cli(place, "sqs get-queue-url", queue_name=queue_name, query="QueueUrl", output="text")
    return cli(place, f"sqs {operation}", queue_url=_URL, **options).replace(_URL, f'"$({url})"', 1)


def set_attributes(place: Place, queue_name: str, attributes: Mapping[str, str]) -> str:
    return on_queue(place, queue_name, "set-queue-attributes", attributes=json.dumps(attributes))


def attributes_of(place: Place, queue_name: str) -> str:
    return on_queue(place, queue_name, "get-queue-attributes", attribute_names="All")
