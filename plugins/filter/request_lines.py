# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The planned requests as lines that a person can read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

DOCUMENTATION = r"""
name: request_lines
short_description: Tell planned requests in a line each
version_added: 0.1.0
author:
  - The academy.video_scaling contributors (@academy)
description:
  - One line per request with its service, its operation and its short parameters. Long values are left out, and so are
    the waits between requests.
  - What has to stay as it is for a while before it is sent has its own line, once for all that waits together.
options:
  _input:
    description: What modules of this collection returned. A result without requests (a skipped task) is passed over.
    type: list
    elements: dict
    required: true
"""

EXAMPLES = r"""
- name: What would be sent
  ansible.builtin.debug:
    msg: "{{ [queue_result, policy_result] | academy.video_scaling.request_lines }}"
"""

RETURN = r"""
_value:
  description: The lines.
  type: list
  elements: str
"""

LONGEST = 80


def request_lines(results: Iterable[Mapping[str, Any]]) -> list[str]:
    lines: list[str] = []
    for request in (request for result in results for request in result.get("requests") or ()):
        if "operation" in request:
            lines.append(_line(request))
        elif "seconds" in request["params"] and (wait := _wait(request)) not in lines:
            lines.append(wait)
    return lines


def _wait(request: Mapping[str, Any]) -> str:
    return f"{request['service']} waits {request['params']['seconds']:g} s while {request['wait']}"


def _line(request: Mapping[str, Any]) -> str:
    short = {name: str(value) for name, value in request["params"].items() if len(str(value)) <= LONGEST}
    return " ".join([request["service"], request["operation"], *(f"{name}={value}" for name, value in short.items())])


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"request_lines": request_lines}
