# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Texts of anybody's (a name, a message of AWS) as every report shows them: as text, whole, on any screen."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

# What no reader sees or what misleads one: control characters but tab and line feed (XML and terminals refuse them),
# separators and marks that turn the direction of a line, halves of a pair, and what is no character at all.
UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]"
)


def legible(value: Any) -> str:
    """The text with whatever cannot be seen in it written out, as in ``\\x1b``."""
    text = "".join(value) if isinstance(value, str) else "" if value is None else str(value)
    return UNSEEN.sub(_written_out, text.replace("\r\n", "\n"))


def line(value: Any) -> str:
    """The same on one line."""
    return " ".join(legible(value).split())


def _written_out(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\x{code:02x}" if code <= 0xFF else f"\\u{code:04x}"


def plain(value: Any) -> Any:
    """The value made of nothing but JSON's own types: Ansible hands over containers of its own."""
    if isinstance(value, Mapping):
        return {str(name): plain(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    return value


def evidence(value: Any, most: int) -> str:
    """What was read, as a person reads it. :param most: characters; what is longer is cut, and says so."""
    if value is None or value == "":
        return ""
    text = value if isinstance(value, str) else json.dumps(plain(value), indent=2, ensure_ascii=False, default=str)
    text = legible(text)
    return text if len(text) <= most else f"{text[:most]} ... ({len(text) - most} characters more)"


def clock(time: str, at: str) -> str:
    """``09:17``, with the date where it is another day than that of the report. Both are ISO 8601 in UTC."""
    moment = _moment(time)
    if moment is None:
        return line(time)
    return f"{moment:%H:%M}" if time[:10] == at[:10] else f"{moment:%Y-%m-%d %H:%M}"


def stamp(time: str) -> str:
    """``2026-02-22 09:17 UTC``."""
    moment = _moment(time)
    return f"{moment:%Y-%m-%d %H:%M} UTC" if moment else line(time)


def seconds(time: str) -> int:
    """Since 1970, for charts."""
    moment = _moment(time)
    return int(moment.timestamp()) if moment else 0


def _moment(time: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(str(time)).astimezone(UTC)
    except ValueError:
        return None
