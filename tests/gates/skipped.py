# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Say at once, and at the end of `make test` again, what could not be tried here."""

from __future__ import annotations

import sys
from pathlib import Path

SKIPPED = Path(__file__).resolve().parents[2] / ".cache" / "skipped.txt"


def skip(what: str) -> None:
    line = f"Skipped: {what}"
    print(line, flush=True)
    SKIPPED.parent.mkdir(exist_ok=True)
    with SKIPPED.open("a", encoding="utf-8") as file:
        file.write(line + "\n")


if __name__ == "__main__":
    skip(" ".join(sys.argv[1:]))
