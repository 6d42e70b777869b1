# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whoever reads the Korean pages at night types the same commands and is led to the same pages as in English."""

from __future__ import annotations

import re

import pytest
from ansible_collections.academy.video_scaling.tests.unit.examples import ROOT
from ansible_collections.academy.video_scaling.tests.unit.markdown_pages import Page
from ansible_collections.academy.video_scaling.tests.unit.translations import differences, untranslated

PATHS = {
    "README.md": "README.ko.md",
    "docs/tutorial.md": "docs/ko/tutorial.md",
    "docs/runbook.md": "docs/ko/runbook.md",
}

every_page = pytest.mark.parametrize("path", PATHS)


def page(path: str) -> Page:
    return Page(path, (ROOT / path).read_text(encoding="utf-8"))


@every_page
def test_the_languages_say_the_same(path):
    pairs = [(page(original), page(translation)) for original, translation in PATHS.items()]
    found = differences(page(path), page(PATHS[path]), pairs)
    assert not found, "\n".join(["mend the Korean page (or the English one):", *found])


@every_page
def test_nothing_is_left_in_english(path):
    found = untranslated(page(PATHS[path]))
    assert not found, "\n".join(found)


@every_page
def test_a_page_leads_to_its_other_language_from_above_its_first_section(path):
    for here, there, language in ((path, PATHS[path], "Korean"), (PATHS[path], path, "English")):
        top = Page(here, page(here).text.partition("\n## ")[0])
        assert top.languages == [(language, there)], f"{here} has to link to {there}, once, above its first section"


@every_page
def test_bold_words_are_rendered_bold(path):
    """Korean joins its particles to a word, and Markdown knows no end of bold between `)` and a letter."""
    text = page(PATHS[path]).text
    for bold in re.finditer(r"\*\*([^*\n]+)\*\*", text):
        joined = text[bold.start() - 1] + bold[1][0], text[bold.end()] + bold[1][-1]
        assert not any(re.fullmatch(r"\w[^\w\s]", pair) for pair in joined), f"{PATHS[path]}: {bold[0]}{joined[1][0]}"


def test_every_korean_page_is_compared():
    shipped = {str(file.relative_to(ROOT)) for file in [*ROOT.glob("*.ko.md"), *(ROOT / "docs" / "ko").glob("**/*.md")]}
    assert shipped == set(PATHS.values()), "PATHS names the pages that are compared: every Korean page, and no other"


# --- what the comparison finds ----------------------------------------------------------------------------------

ENGLISH = """[한국어](ko/a.md)

# Title

Words about `one_option` and [another page](b.md).

## Part

- one
- two

```shell
make demo   # shows it
```

| name | does |
|---|---|
| `apply` | applies |

```mermaid
flowchart TB
    accTitle: The way
    one([a job]) -- "waits" --> two[queue]
```

See [above](#title) and [there](c.md#far).

<!-- bench: begin -->

| 1 s |

<!-- bench: end -->
"""
KOREAN = """[English](../a.md)

# 제목

> - **낱말**: `quoted` 설명

`one_option`과 [다른 페이지](b.md)에 대한 말.

## 부분

- 하나
- 둘

```shell
make demo   # 보여 줌
```

| 이름 | 하는 일 |
|---|---|
| `apply` | 적용 |

```mermaid
flowchart TB
    accTitle: 가는 길
    one([작업]) -- "기다림" --> two[큐]
```

[위](#제목)와 [저기](../c.md#far)를 보십시오.

<!-- bench: begin -->

| 1 s |

<!-- bench: end -->
"""
TOP = "docs/ko/a.md:3 (제목): {}; compare docs/a.md:3 (Title)"
PART = "docs/ko/a.md:9 (부분): {}; compare docs/a.md:7 (Part)"


def compared(korean: str) -> list[str]:
    both = Page("docs/a.md", ENGLISH), Page("docs/ko/a.md", korean)
    return differences(*both, [both, (Page("docs/b.md", ""), Page("docs/ko/b.md", ""))])


def test_a_translation_of_all_of_it_passes():
    assert compared(KOREAN) == []
    assert untranslated(Page("docs/ko/a.md", KOREAN)) == []


FOUND = {
    "code left out": ("`one_option`과 ", "", TOP.format("lacks the `one_option`")),
    "code made up": ("다른 페이지", "`two` 페이지", TOP.format("has a `two` too many")),
    "paragraph": ("에 대한 말.", "에 대한 말.\n\n또 한마디.", TOP.format("2 paragraphs instead of 1")),
    "item": ("- 둘\n", "", PART.format("1 list items instead of 2")),
    "command": ("demo ", "x ", PART.format("code block 1, line 1, is 'make x   # …' instead of 'make demo   # …'")),
    "comment": ("   # 보여 줌", "", PART.format("code block 1, line 1, is 'make demo' instead of 'make demo   # …'")),
    "diagram": (
        "--> two",
        "--> 2",
        PART.format(
            """code block 2, line 3, is '    one([…]) -- "…" --> 2[…]' instead of '    one([…]) -- "…" --> two[…]'"""
        ),
    ),
    "language": ("```shell", "```yaml", PART.format("code block 1 is marked 'yaml' instead of 'shell'")),
    "code in a cell": ("`apply`", "apply", PART.format("lacks the `apply` in line 3 of table 1")),
    "cell": ("| 적용 |", "|", PART.format("1 cells in line 3 of table 1 instead of 2")),
    "row": ("| `apply` | 적용 |\n", "", PART.format("2 lines in table 1 instead of 3")),
    "written": (
        "| 1 s |",
        "| 2 s |",
        PART.format("block 'bench' differs: let the program that writes it write both pages"),
    ),
    "marks": ("bench", "demo", PART.format("lacks the block 'bench' that a program writes")),
    "anchor": ("](#제목)", "](#title)", PART.format("lacks the link to docs/ko/a.md#제목")),
    "folder": ("../c.md", "c.md", PART.format("lacks the link to docs/c.md#far")),
    "link to a translation": ("](b.md)", "](../b.md)", TOP.format("lacks the link to docs/ko/b.md")),
}


@pytest.mark.parametrize(("there", "instead", "said"), FOUND.values(), ids=FOUND)
def test_a_difference_is_reported_with_its_place(there, instead, said):
    assert there in KOREAN
    assert said in compared(KOREAN.replace(there, instead))


@pytest.mark.parametrize("heading", ["### 부분", "부분"], ids=["another level", "none"])
def test_headings_out_of_step_are_reported_alone(heading):
    [said] = compared(KOREAN.replace("## 부분", heading))
    assert said.endswith("stands where docs/a.md:7 (Part), a heading of level 2, does: mend the headings first")


ENGLISH_LEFT = {
    "item": ("- 하나", "- only one", "9 (부분): not translated: - only one"),
    "cell": ("| 적용 |", "| applies `it` |", "9 (부분): not translated: applies `it`"),
    "label": ('"기다림"', '"waits"', "9 (부분): not translated: waits"),
    "label in brackets": ("[큐]", "[queue]", "9 (부분): not translated: queue"),
    "title of a diagram": ("가는 길", "The way", "9 (부분): not translated: The way"),
    "heading": ("## 부분", "## Part", "9 (Part): not translated: Part"),
}


@pytest.mark.parametrize(("there", "instead", "said"), ENGLISH_LEFT.values(), ids=ENGLISH_LEFT)
def test_what_is_left_in_english_is_reported(there, instead, said):
    assert there in KOREAN
    assert untranslated(Page("docs/ko/a.md", KOREAN.replace(there, instead))) == [f"docs/ko/a.md:{said}"]


@pytest.mark.parametrize("cell", ["`a_name`", "[a_name](../b.md)", "a.name", "3 s"])
def test_names_in_a_cell_are_no_english(cell):
    assert untranslated(Page("docs/ko/a.md", KOREAN.replace("| 적용 |", f"| {cell} |"))) == []
