# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every link of the built site that stays within it leads to a file and to an anchor that are there."""

from __future__ import annotations

from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit


class Page(HTMLParser):
    """What a page links to, and what can be linked to in it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: set[str] = set()
        self.anchors: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value for name, value in attrs if value}
        self.anchors |= {given[name] for name in ("id", "name") if name in given}
        self.links |= {given[name] for name in ("href", "src") if name in given}


def broken_links(site: Path) -> list[str]:
    """One line for each; an empty site is broken as well."""
    pages = sorted(site.rglob("*.html"))
    if not pages:
        return [f"{site} holds no page"]
    return [line for page in pages for line in _broken(site, page)]


@cache
def _page(path: Path) -> Page:
    return Page(path.read_text(encoding="utf-8"))


def _broken(site: Path, page: Path) -> list[str]:
    found = []
    for link in sorted(_page(page).links):
        parts = urlsplit(link)
        if parts.scheme or parts.netloc:
            continue
        target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
        target = target / "index.html" if target.is_dir() else target
        anchor = unquote(parts.fragment)
        name = page.relative_to(site)
        if not target.is_file():
            found.append(f"{name}: {link} leads to no file")
        elif anchor and target.suffix == ".html" and anchor not in _page(target).anchors:
            found.append(f"{name}: {link} leads to no anchor")
    return found
