# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A page of Markdown, cut at its headings, with what is countable in each section.

Quotes (`> …`) are left out: there a translation explains the collection's words. So is what a program writes between
two comments, which is kept apart as `written`.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, field

LANGUAGES = {"English": "English", "한국어": "Korean"}
FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
WRITTEN = re.compile(r"<!-- (\w+): begin -->\n(.*?)<!-- \1: end -->", re.DOTALL)
QUOTE = re.compile(r"^>.*\n?", re.MULTILINE)
HEADING = re.compile(r"^(#+) (.+)$", re.MULTILINE)
LINK = re.compile(r"\[([^\]]*)\]\(([^)\s]+)\)")
SPAN = re.compile(r"`([^`\n]+)`")
ITEM = re.compile(r" *(?:[-*]|\d+\.) ")
# Only in these a `#` begins a comment, which is translated like any sentence.
COMMENTED = {"shell", "yaml", "ini"}
COMMENT = re.compile(r"(^|\s+)# .*$", re.MULTILINE)
# In a diagram words stand in quotes, in brackets, and behind what a screen reader reads; all else is its structure.
LABEL = re.compile(r"""(?<=")[^"\n]+(?=")|(?<=\[)[^]["\n]+(?=\])|(?<=acc(?:Title|Descr): ).+""")


@dataclass(frozen=True)
class Page:
    path: str
    text: str = field(repr=False)

    @property
    def sections(self) -> list[Section]:
        """What a fence holds is never a heading."""
        masked = FENCE.sub(lambda fence: re.sub(r"[^\n]", " ", fence[0]), self.text)
        starts = list(HEADING.finditer(masked))
        ends = [start.start() for start in starts[1:]] + [len(self.text)]
        return [
            Section(self.path, self.text.count("\n", 0, start.start()) + 1, start, self.text[start.end() : end])
            for start, end in zip(starts, ends, strict=False)
        ]

    @property
    def anchors(self) -> list[str]:
        return [re.sub(r"[^\w -]", "", section.title.lower()).replace(" ", "-") for section in self.sections]

    @property
    def languages(self) -> list[tuple[str, str]]:
        """The links to this page in other languages, each with where it leads."""
        links = LINK.findall(self.text)
        return [(LANGUAGES[label], self.resolved(target)) for label, target in links if label in LANGUAGES]

    def resolved(self, target: str) -> str:
        """A link's target from the root of the collection, so that pages of different folders can be compared."""
        if re.match(r"\w+:", target):
            return target
        name, part = target.partition("#")[::2]
        path = posixpath.normpath(posixpath.join(posixpath.dirname(self.path), name)) if name else self.path
        return f"{path}#{part}" if part else path


@dataclass(frozen=True)
class Section:
    path: str
    line: int
    heading: re.Match[str] = field(repr=False)
    body: str = field(repr=False)

    @property
    def level(self) -> int:
        return len(self.heading[1])

    @property
    def title(self) -> str:
        return self.heading[2]

    @property
    def where(self) -> str:
        return f"{self.path}:{self.line} ({self.title})"

    @property
    def written(self) -> dict[str, str]:
        return dict(WRITTEN.findall(self.body))

    @property
    def blocks(self) -> list[tuple[str, str]]:
        """Language and lines of each; of a comment, and of a diagram's words, only that they are there."""
        return [(language, _without_words(language, code)) for language, code in self._fences]

    @property
    def labels(self) -> list[str]:
        """The words of diagrams."""
        return [words for language, code in self._fences if language == "mermaid" for words in LABEL.findall(code)]

    @property
    def _fences(self) -> list[tuple[str, str]]:
        return [(language, code) for dummy, language, code in FENCE.findall(WRITTEN.sub("", self.body))]

    @property
    def flat(self) -> str:
        """Without fences, quotes and what programs write."""
        return QUOTE.sub("", FENCE.sub("", WRITTEN.sub("", self.body)))

    @property
    def tables(self) -> list[list[list[str]]]:
        """Of each table its lines, of each line its cells."""
        found = re.findall(r"(?:^\|.*\n?)+", self.flat, re.MULTILINE)
        return [[re.split(r"(?<!\\)\|", line.strip())[1:-1] for line in table.splitlines()] for table in found]

    @property
    def prose(self) -> str:
        return "\n".join(line for line in self.flat.splitlines() if not line.startswith("|"))

    @property
    def paragraphs(self) -> list[str]:
        """Those of lists are none of them: the items are counted."""
        named = "|".join(LANGUAGES)
        parts = re.split(r"\n\s*\n", re.sub(rf"\[(?:{named})\]\([^)]*\)", "", self.prose))
        return [part.strip() for part in parts if part.strip() and not re.match(r"\n*( |[-*] |\d+\. )", part)]

    @property
    def items(self) -> list[str]:
        return [line for line in self.prose.splitlines() if ITEM.match(line)]

    @property
    def spans(self) -> set[str]:
        return set(SPAN.findall(self.prose))

    @property
    def links(self) -> list[str]:
        return [target for label, target in LINK.findall(self.flat) if label not in LANGUAGES]


def _without_words(language: str, code: str) -> str:
    if language == "mermaid":
        return LABEL.sub("…", code)
    return COMMENT.sub(r"\1# …", code) if language in COMMENTED else code


def spans_of(cell: str) -> list[str]:
    return SPAN.findall(cell)
