# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The diagnosis as one page of HTML that needs nothing but itself: no network, no other file."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from .document import document, headline, worst_first
from .view import pool_view
from .wording import clock, legible, stamp

FILES = Path(__file__).parents[3] / "files" / "report"
CHARTS = FILES / "uplot"
# Of more pools than this the table can be searched and each is shown briefly: the page stays below 5 MB for 200.
MANY = 20
# More than so many pools that are not healthy begin folded: what is wrong with each stands in the table.
UNFOLDED = 5


def report(result: Mapping[str, Any]) -> str:
    diagnosis = document(result)
    pools = worst_first(diagnosis["pools"])
    ill = sum(1 for pool in pools if not pool["healthy"])
    scripts = [_script(CHARTS / "uPlot.iife.min.js", _licence()), _script(FILES / "page.js")]
    environment = Environment(
        loader=FileSystemLoader(FILES),
        autoescape=True,
        undefined=StrictUndefined,
        # Of whatever stands in the page, also of what nobody thought of.
        finalize=lambda value: value if isinstance(value, Markup) else legible(value),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["clock"] = lambda time: clock(time, diagnosis["at"])
    environment.filters["stamp"] = stamp
    page = environment.get_template("page.html.j2").render(
        diagnosis=diagnosis,
        headline=headline(diagnosis),
        pools=[
            {
                **pool_view(pool, number, len(pools) > MANY),
                "unfolded": len(pools) == 1 or (not pool["healthy"] and ill <= UNFOLDED),
            }
            for number, pool in enumerate(pools, start=1)
        ],
        ill=ill,
        is_many=len(pools) > MANY,
        scripts=scripts,
        allowed=" ".join(f"'sha256-{_digest(script)}'" for script in scripts),
        style=_inline(CHARTS / "uPlot.min.css") + _inline(FILES / "page.css"),
    )
    return page.rstrip() + "\n"


def _licence() -> str:
    text = (CHARTS / "LICENSE").read_text(encoding="utf-8").strip()
    return f"/*! uPlot\n{text}\n*/\n"


def _script(path: Path, opening: str = "") -> Markup:
    return Markup(opening) + _inline(path)


def _inline(path: Path) -> Markup:
    """A file of this collection as it is. It is trusted to be what it is, but not to be without an end tag."""
    text = path.read_text(encoding="utf-8")
    if "</s" in text.lower():
        raise ValueError(f"{path.name} would end the element that it stands in")
    return Markup(text)


def _digest(script: Sequence[str]) -> str:
    return base64.b64encode(sha256(str(script).encode("utf-8")).digest()).decode("ascii")
