# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every playbook has its page, and what the page names is there: variables, messages, and the parts it must have."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest
import yaml
from ansible_collections.academy.video_scaling.tests.unit.examples import ROOT

PAGES = ROOT / "docs" / "howto"
PLAYBOOKS = sorted((ROOT / "playbooks").glob("*.yml"))
ROLE = ROOT / "roles" / "video_scaling"
HEADINGS = ["Before you run", "The command", "What you see", "Check mode", "If it goes wrong", "Variables"]
# They are the playbooks' own, not the role's, with their defaults.
OF_PLAYBOOKS = {"video_scaling_hosts": "localhost"}

every_page = pytest.mark.parametrize("name", sorted(path.stem for path in PAGES.glob("*.md")))
every_playbook = pytest.mark.parametrize("playbook", PLAYBOOKS, ids=lambda path: path.stem)


def page(name: str) -> str:
    return (PAGES / f"{name}.md").read_text(encoding="utf-8")


def named(text: str) -> set[str]:
    """The role's variables in a text; modules and the outcome have names of the same kind."""
    found = set(re.findall(r"(?<![\w.])video_scaling_\w+", text))
    return found - {"video_scaling_outcome", *(path.stem for path in (ROOT / "plugins" / "modules").glob("*.py"))}


def in_the_table(text: str) -> dict[str, str]:
    """The variables that the page explains, each with the default it tells."""
    rows = re.findall(r"^\| (`video_scaling_[^|]+) \| ([^|]+) \|", text, re.MULTILINE)
    return {name: default for names, default in rows for name in re.findall(r"`(\w+)`", names)}


@cache
def declared() -> dict[str, dict]:
    specs = yaml.safe_load((ROLE / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))["argument_specs"]
    return specs["main"]["options"]


def used(tasks: Path) -> set[str]:
    """The variables that the tasks read, and those of the files that they include."""
    text = tasks.read_text(encoding="utf-8")
    names = set(re.findall(r"\bvideo_scaling_\w+", text)) & set(declared())
    for other in re.findall(r"include_tasks: (\w+\.yml)", text):
        names |= used(tasks.parent / other)
    return names


def test_every_playbook_has_its_page_and_every_page_its_playbook():
    assert {path.stem for path in PAGES.glob("*.md")} == {*(path.stem for path in PLAYBOOKS), "README"}


@every_playbook
def test_a_page_has_its_parts_and_its_command(playbook):
    text = page(playbook.stem)
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == HEADINGS
    commands = text.partition("\n## The command\n")[2].partition("\n## ")[0]
    assert f"ansible-playbook playbooks/{playbook.name}" in commands
    assert f"]({playbook.stem}.md)" in page("README")


@every_page
def test_every_variable_that_is_named_is_there(name):
    assert named(page(name)) - set(declared()) - set(OF_PLAYBOOKS) == set()


@every_playbook
def test_a_page_explains_only_what_its_playbook_reads(playbook):
    tasks = re.search(r"tasks_from: (\w+)", playbook.read_text(encoding="utf-8"))[1]
    explained = set(in_the_table(page(playbook.stem)))
    assert explained - used(ROLE / "tasks" / f"{tasks}.yml") == set()


def test_every_variable_of_the_role_is_explained_somewhere():
    explained = {name for path in PAGES.glob("*.md") for name in in_the_table(page(path.stem))}
    assert set(declared()) - explained == set()


@every_page
def test_a_default_on_a_page_is_the_default(name):
    for variable, cell in in_the_table(page(name)).items():
        default = OF_PLAYBOOKS.get(variable) or declared()[variable].get("default")
        for value in re.findall(r"^`([^`]+)`$", cell.strip()):
            assert value in (str(default), str(default).lower()), f"{variable} is {default}"


@cache
def sentences() -> str:
    """All text that the plugins can say, what is filled in left out."""
    found = []
    for path in (ROOT / "plugins").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr):
                found.append(
                    "…".join("" if not isinstance(part, ast.Constant) else str(part.value) for part in node.values)
                )
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.append(node.value)
    return re.sub(r"…+", "…", "\n".join(found))


@every_playbook
def test_a_message_that_is_quoted_can_be_said(playbook):
    trouble = page(playbook.stem).partition("\n## If it goes wrong\n")[2].partition("\n## ")[0]
    heading, *rows = re.findall(r"^\| ([^|]+) \|", trouble, re.MULTILINE)
    assert heading in ("message", "you see")
    quoted = [row[1:-1] for row in rows if re.fullmatch(r"`[^`]+`", row)]
    assert quoted, "nothing is quoted"
    parts = [part.strip() for message in quoted for part in message.split("…") if part.strip()]
    assert [part for part in parts if part not in sentences()] == []
