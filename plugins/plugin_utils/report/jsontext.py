# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The diagnosis as JSON, as docs/diagnosis.schema.json describes it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from .document import document
from .wording import plain

# A list of plain values as json writes it: one a line. A series of a day has 1,440 of them.
FLAT_LIST = re.compile(r"\[\n\s+([^\[\]{}]*?)\n\s+\]")


def report(result: Mapping[str, Any]) -> str:
    text = json.dumps(plain(document(result)), indent=2, ensure_ascii=False, allow_nan=False, default=str)
    # No text of JSON holds a line feed, so only what stands between values is joined.
    text = FLAT_LIST.sub(lambda found: f"[{_joined(found[1])}]", text)
    # A half of a pair of surrogates is no text that a file could hold.
    return text.encode("utf-8", "backslashreplace").decode("utf-8") + "\n"


def _joined(values: str) -> str:
    return re.sub(r",\n\s+", ", ", values)
