# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Mermaid fences, which Git hosts draw by themselves, become pictures when the site is built: one light, one dark.

They are part of the page, so they need no script and no network, and the reader's own colours choose between them.
"""

from __future__ import annotations

import html
import re

from docutils import nodes
from sphinx.errors import SphinxError
from sphinx.transforms import SphinxTransform

THEMES = {"light": "default", "dark": "dark"}


class DiagramFailed(SphinxError):
    category = "Diagram"


class Diagrams(SphinxTransform):
    default_priority = 300

    def apply(self, **kwargs):
        for block in list(self.document.findall(nodes.literal_block)):
            if block.get("language") == "mermaid":
                block.replace_self(
                    nodes.raw("", figure(block.astext(), f"{self.env.docname}:{block.line}"), format="html")
                )


def figure(source: str, where: str) -> str:
    """:param where: the page and line, for the one who has to mend it."""
    told = described(source, where)
    pictures = [f'<div class="only-{mode}">{drawn(source, theme, where)}</div>' for mode, theme in THEMES.items()]
    return f'<figure class="diagram" role="img" aria-label="{html.escape(told)}">{"".join(pictures)}</figure>'


def described(source: str, where: str) -> str:
    """What the picture says in words, for who cannot see it."""
    parts = [re.search(rf"^\s*{name}:\s*(.+)$", source, re.MULTILINE) for name in ("accTitle", "accDescr")]
    if not all(parts):
        raise DiagramFailed(f"{where}: a diagram needs its accTitle and accDescr")
    return ": ".join(part[1] for part in parts if part)


def drawn(source: str, theme: str, where: str) -> str:
    raise NotImplementedError


def setup(app):
    app.add_transform(Diagrams)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
