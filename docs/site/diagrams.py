# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Mermaid fences, which Git hosts draw by themselves, become pictures when the site is built.

They are part of the page, so they need no script and no network, and site.css gives them the colours of the page.
"""

from __future__ import annotations

import hashlib
import html
import re

import mermaidx
from docutils import nodes
from sphinx.errors import SphinxError
from sphinx.transforms import SphinxTransform

# What mermaidx calls the picture, and with what each id in it begins.
NAME = "my-svg"
# What it measures words with has no Hangul, and takes each syllable for two thirds of its width. So it is given signs
# that are as wide (hexagrams, tetragrams), each for one syllable, and they are taken back out of the picture.
WIDE = [chr(code) for start, end in ((0x4DC0, 0x4E00), (0x1D300, 0x1D357)) for code in range(start, end)]


class DiagramFailed(SphinxError):
    category = "Diagram"


class Diagrams(SphinxTransform):
    default_priority = 300

    def apply(self, **kwargs):
        for block in list(self.document.findall(nodes.literal_block)):
            if block.get("language") == "mermaid":
                where = f"{self.env.docname}:{block.line}"
                block.replace_self(nodes.raw("", figure(block.astext(), where), format="html"))


def figure(source: str, where: str) -> str:
    """:param where: the page and line, for the one who has to mend it."""
    words = html.escape(described(source, where))
    return f'<figure class="diagram" role="img" aria-label="{words}">{drawn(source, where)}</figure>'


def described(source: str, where: str) -> str:
    """What the picture says in words, for who cannot see it."""
    parts = [re.search(rf"^\s*{name}:\s*(.+)$", source, re.MULTILINE) for name in ("accTitle", "accDescr")]
    if not all(parts):
        raise DiagramFailed(f"{where}: a diagram needs its accTitle and accDescr")
    return ": ".join(part[1] for part in parts if part)


def drawn(source: str, where: str) -> str:
    stand_ins = dict(zip(sorted(set(re.findall("[가-힣]", source))), WIDE, strict=False))
    try:
        picture = mermaidx.render(source.translate(str.maketrans(stand_ins)), theme="neutral").svg()
    except RuntimeError as error:
        raise DiagramFailed(f"{where}: {error}") from error
    picture = picture.translate(str.maketrans({sign: syllable for syllable, sign in stand_ins.items()}))
    # Several pictures of one page must not share ids.
    return picture.replace(NAME, f"diagram-{hashlib.sha256(source.encode()).hexdigest()[:8]}")


def setup(app):
    app.add_transform(Diagrams)
    return {"version": "2", "parallel_read_safe": True, "parallel_write_safe": True}
