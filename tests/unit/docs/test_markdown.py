# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is read on a Git host leads somewhere: files, and headings by the anchors that a Git host gives them."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from ansible_collections.academy.video_scaling.tests.unit.examples import ROOT

PAGES = [
    *sorted(ROOT.glob("*.md")),
    *(path for folder in ("docs", "examples", "roles") for path in sorted((ROOT / folder).rglob("*.md"))),
]

every_page = pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))


@cache
def prose(path: Path) -> str:
    """The page without its code, in which nothing is a link."""
    text = re.sub(r"^```.*?^```$", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    return re.sub(r"`[^`\n]*`", lambda code: re.sub(r"[\[\]()]", "", code[0]), text)


@cache
def anchors(path: Path) -> set[str]:
    found: dict[str, int] = {}
    names = set()
    for heading in re.findall(r"^#+ (.+)$", prose(path), re.MULTILINE):
        shown = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).strip()
        anchor = re.sub(r"[^\w -]", "", shown.lower()).replace(" ", "-")
        names.add(f"{anchor}-{found[anchor]}" if anchor in found else anchor)
        found[anchor] = found.get(anchor, 0) + 1
    return names


@every_page
def test_every_link_leads_to_a_file_and_to_a_heading(path):
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(path)):
        if re.match(r"[a-z]+:", target):
            continue
        name, anchor = (*target.split("#"), "")[:2]
        file = (path.parent / name).resolve() if name else path
        assert file.exists(), f"there is no {target}"
        assert not anchor or anchor in anchors(file), f"{name or path.name} has no heading {anchor}"


@every_page
def test_a_page_has_one_title_and_it_comes_first(path):
    titles = re.findall(r"^# .+$", prose(path), re.MULTILINE)
    assert len(titles) == 1
    assert prose(path).startswith(titles[0])
