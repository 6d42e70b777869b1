# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a version of the publisher answers when it is asked. Only ever asked of versions that this collection made."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ..failures import AwsFailure, Failure
from ..plan import Aws


def pools_of(aws: Aws, name: str, qualifier: str) -> Mapping[str, Mapping[str, Any]] | None:
    """The settings of the pools that the version says it serves, by pool name; None where it does not say."""
    try:
        pools = asked(aws, name, qualifier, {"describe": True}).get("pools")
    except AwsFailure:
        raise
    except Failure:
        return None
    if not isinstance(pools, list) or not all(_is_settings(pool) for pool in pools):
        return None
    return {pool["name"]: pool for pool in pools}


def _is_settings(pool: Any) -> bool:
    if not isinstance(pool, dict) or not {"name", "queue_name", "metric"} <= pool.keys():
        return False
    metric = pool["metric"]
    return isinstance(metric, dict) and {"namespace", "name", "dimensions"} <= metric.keys()


def asked(aws: Aws, name: str, qualifier: str, event: Mapping[str, Any]) -> dict[str, Any]:
    """:raises Failure: with the function's own error."""
    reply = aws.call("lambda", "invoke", FunctionName=name, Qualifier=qualifier, Payload=json.dumps(event).encode())
    try:
        answer = json.loads(reply["Payload"].read() or b"null")
    except (OSError, ValueError) as error:
        raise Failure(f"function {name}:{qualifier} gave no readable answer ({error})") from error
    if reply.get("FunctionError") or not isinstance(answer, dict):
        message = answer.get("errorMessage", answer) if isinstance(answer, dict) else answer
        raise Failure(f"function {name}:{qualifier} failed: {message}")
    return answer
