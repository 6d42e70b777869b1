# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two languages of a page side by side: what one says and the other does not, in words and with where to mend it.

Sentences cannot be compared; all that people type, follow or count can.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest

from ansible_collections.academy.video_scaling.tests.unit.markdown_pages import LINK, Page, Section, spans_of

Pair = tuple[Page, Page]
Table = Sequence[Sequence[str]]


def differences(original: Page, translation: Page, pairs: Iterable[Pair]) -> list[str]:
    """`pairs` are all pages that are translated: a link to one has to lead to its translation."""
    both = list(zip_longest(original.sections, translation.sections))
    for there, here in both:
        if there is None or here is None or there.level != here.level:
            return [f"{_place(here, translation)} stands where {_place(there, original)} does: mend the headings first"]
    translated = {page.path: (page, other) for page, other in pairs}
    return [
        f"{here.where}: {said}; compare {there.where}"
        for there, here in both
        for said in _of_section(there, here, (original, translation), translated)
    ]


def untranslated(page: Page) -> list[str]:
    """Headings, paragraphs, list items, cells and diagrams' labels of words without one that is Korean."""
    return [
        f"{section.where}: not translated: {text}"
        for section in page.sections
        for text in (section.title, *section.paragraphs, *section.items, *_cells(section), *section.labels)
        if not re.search("[가-힣]", text) and re.search("[A-Za-z]{3}", _without_names(text))
    ]


def _cells(section: Section) -> list[str]:
    """Without links: in a table their words are names."""
    return [LINK.sub("", cell).strip() for table in section.tables for line in table for cell in line]


def _without_names(text: str) -> str:
    return re.sub(r"`[^`]*`|\]\([^)]*\)|<[^>]*>|\w+\.\w+", "", text)


def _place(section: Section | None, page: Page) -> str:
    return f"the end of {page.path}" if section is None else f"{section.where}, a heading of level {section.level},"


def _of_section(there: Section, here: Section, pages: Pair, translated: Mapping[str, Pair]) -> Iterator[str]:
    original, translation = pages
    wanted = [_in_translation(original.resolved(target), translated) for target in there.links]
    yield from _unlike("link to {}", wanted, [translation.resolved(target) for target in here.links])
    yield from _unlike("`{}`", there.spans, here.spans)
    yield from _unlike("block '{}' that a program writes", there.written, here.written)
    yield from _counted("paragraphs", there.paragraphs, here.paragraphs)
    yield from _counted("list items", there.items, here.items)
    yield from _counted("code blocks", there.blocks, here.blocks)
    for number, blocks in enumerate(zip(there.blocks, here.blocks, strict=False), 1):
        yield from _of_blocks(number, *blocks)
    yield from _counted("tables", there.tables, here.tables)
    for number, tables in enumerate(zip(there.tables, here.tables, strict=False), 1):
        yield from _of_tables(number, *tables)
    for name in sorted(there.written.keys() & here.written.keys()):
        if there.written[name] != here.written[name]:
            yield f"block '{name}' differs: let the program that writes it write both pages"


def _in_translation(target: str, translated: Mapping[str, Pair]) -> str:
    """The translated page, and there the same heading."""
    path, part = target.partition("#")[::2]
    if path not in translated:
        return target
    page, other = translated[path]
    anchors = dict(zip(page.anchors, other.anchors, strict=False))
    return f"{other.path}#{anchors.get(part, part)}" if part else other.path


def _unlike(what: str, wanted: Iterable[str], given: Iterable[str]) -> Iterator[str]:
    expected, found = Counter(list(wanted)), Counter(list(given))
    for one in sorted((expected - found).elements()):
        yield f"lacks the {what.format(one)}"
    for one in sorted((found - expected).elements()):
        yield f"has a {what.format(one)} too many"


def _counted(what: str, wanted: Sequence[object], given: Sequence[object]) -> Iterator[str]:
    if len(wanted) != len(given):
        yield f"{len(given)} {what} instead of {len(wanted)}"


def _of_blocks(number: int, wanted: tuple[str, str], given: tuple[str, str]) -> Iterator[str]:
    if wanted[0] != given[0]:
        yield f"code block {number} is marked '{given[0]}' instead of '{wanted[0]}'"
    for line, (there, here) in enumerate(zip_longest(wanted[1].splitlines(), given[1].splitlines()), 1):
        if there != here:
            yield f"code block {number}, line {line}, is {here!r} instead of {there!r}"
            return


def _of_tables(number: int, wanted: Table, given: Table) -> Iterator[str]:
    yield from _counted(f"lines in table {number}", wanted, given)
    for line, (there, here) in enumerate(zip(wanted, given, strict=False), 1):
        yield from _counted(f"cells in line {line} of table {number}", there, here)
        for one, other in zip(there, here, strict=False):
            yield from _unlike(f"`{{}}` in line {line} of table {number}", spans_of(one), spans_of(other))
