# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The front page leads to every page there is, each named once."""

from __future__ import annotations

import re

from docs.site import build
from release.git import git


def entries(text: str) -> list[str]:
    blocks = re.findall(r"```\{toctree\}\n(.*?)```", text, re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines() if line and not line.startswith(":")]
    return [re.sub(r"^.+<(.+)>$", r"\1", line) for line in lines]


def test_every_page_is_named_once():
    named = entries(build.index())
    assert len(named) == len(set(named))
    # Pages beside a README are in its own list.
    beside = {path.parent for folder in build.FOLDERS for path in (build.ROOT / folder).rglob("README.md")}
    pages = [
        *build.ROOT.glob("*.md"),
        *(path for folder in build.FOLDERS for path in (build.ROOT / folder).rglob("*.md")),
    ]
    wanted = {
        str(path.relative_to(build.ROOT).with_suffix(""))
        for path in pages
        if (path.parent not in beside or path.stem == "README") and build.HERE not in path.parents
    }
    assert wanted - set(named) == set()


def test_what_is_named_is_there():
    made = {"reference/index"}
    assert [
        name for name in entries(build.index()) if name not in made and not (build.ROOT / f"{name}.md").is_file()
    ] == []


def test_there_are_three_ways_in_each_with_a_first_page_and_more():
    words = (build.HERE / "index.md").read_text(encoding="utf-8").partition("```")[0]
    ways = [way.split("\n\n") for way in words.split("\n## ")[1:] if way.startswith("You ")]
    assert [way[0] for way in ways] == ["You are new here", "You are on call", "You run the platform"]
    for _heading, first, more, *_rest in ways:
        assert len(re.findall(r"^Begin with \{doc\}`", first)) == 1
        assert len(re.findall(r"^- .*\{doc\}`", more, re.MULTILINE)) in (2, 3)


def test_pages_in_korean_have_a_place_of_their_own(tmp_path, monkeypatch):
    for name in ("README.md", "README.ko.md", "docs/site/index.md", "docs/ko/tutorial.md", "docs/new.md"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    (tmp_path / ".gitignore").write_text("notes.md")
    (tmp_path / "docs" / "notes.md").write_text("What only lies around is not published.")
    git(tmp_path, "init", "--quiet")
    monkeypatch.setattr(build, "ROOT", tmp_path)
    monkeypatch.setattr(build, "HERE", tmp_path / "docs" / "site")
    assert entries(build.index()) == ["README.ko", "docs/ko/tutorial", "README", "docs/new"]
