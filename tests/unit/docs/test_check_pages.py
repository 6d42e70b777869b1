# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whoever is woken by a finding finds its page, and what the page says is what the check does."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.catalogue import CHECKS, IDS, id_of
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.explainer.held import NAMES
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.finding import STATUSES, UNKNOWN
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.observed import READINGS, Observed
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.timeline import timeline
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.verdict import judged
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import Failure
from ansible_collections.academy.video_scaling.tests.unit.examples import ROOT
from ansible_collections.academy.video_scaling.tests.unit.observations import dead_letter_queue, observed, wanted

DOCS = ROOT / "docs"
PAGES = DOCS / "checks"
INDEX = PAGES / "README.md"
RUNBOOK = DOCS / "runbook.md"
CHECK_FILES = ROOT / "plugins" / "module_utils" / "diagnosis" / "checks"
HEADINGS = ["What it looks at", "Why it matters", "What to do", "Says"]

every_check = pytest.mark.parametrize("check", CHECKS, ids=id_of)
every_text = pytest.mark.parametrize("path", [*sorted(PAGES.glob("*.md")), RUNBOOK], ids=lambda path: path.stem)


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def page_of(check) -> str:
    return text_of(PAGES / f"{id_of(check)}.md")


def check_source(check) -> ast.Module:
    return ast.parse(text_of(CHECK_FILES / f"{id_of(check)}.py"))


def says(check) -> dict[str, str]:
    """The rows of the page's last table: when it says which status."""
    return dict(re.findall(r"^\| (\w+) \| (.+) \|$", page_of(check).partition("\n## Says\n")[2], re.MULTILINE)[1:])


def linked(text: str) -> list[str]:
    """The checks whose pages a text links to."""
    return re.findall(r"\]\((?:checks/)?(\w+)\.md\)", text)


def commands(text: str, beginning: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip().startswith(beginning)]


# --- the pages --------------------------------------------------------------------------------------------------


def test_every_check_has_its_page_and_every_page_its_check():
    assert {path.stem for path in PAGES.glob("*.md")} == {*IDS, "README"}


@every_check
def test_a_page_has_the_title_of_its_check_and_the_four_parts(check):
    lines = page_of(check).splitlines()
    assert lines[0] == f"# {id_of(check)}: {check.TITLE}"
    assert [line.removeprefix("## ") for line in lines if line.startswith("## ")] == HEADINGS
    assert 20 <= len(lines) <= 45, "a page is read at night: short, and never empty"


@every_check
def test_a_page_has_something_to_type(check):
    text = page_of(check)
    assert commands(text, "aws "), "no command of the AWS CLI"
    assert "ansible-playbook playbooks/" in text, "no playbook: at least the one that shows whether it is mended"
    assert all(" --region " in command for command in commands(text, "aws "))


@every_check
def test_a_page_tells_the_statuses_that_the_check_has(check):
    imports = [node for node in ast.walk(check_source(check)) if isinstance(node, ast.ImportFrom)]
    used = {name.name for node in imports if node.module == "finding" for name in node.names}
    rows = says(check)
    assert "pass" in rows and set(rows) <= set(STATUSES)
    assert ("warn" in rows, "fail" in rows) == (bool({"warned", "WARN"} & used), "failed" in used)


@every_check
def test_a_page_tells_what_its_check_follows_from(check):
    assert sorted(linked(says(check).get("skipped", ""))) == sorted(check.FOLLOWS)


@pytest.fixture(scope="module")
def needed():
    """The actions without which a check has no answer, by its id."""
    actions: dict[str, set[str]] = {name: set() for name in IDS}
    for expected in (wanted(), wanted(signal="sqs_total")):
        for reading in READINGS:
            for found in judged(observed(**{reading: Failure("it was refused")}), expected).findings:
                if found.status == UNKNOWN:
                    actions[found.id].add(vars(Observed)[reading].api)
    return actions


@every_check
def test_a_page_tells_the_actions_that_its_check_needs(check, needed):
    row = says(check).get("unknown", "")
    missing = {action for action in needed[id_of(check)] if f"`{action}`" not in row}
    assert not missing, f"the row of unknown leaves out {', '.join(sorted(missing))}"


def test_the_index_lists_all_in_causal_order():
    rows = re.findall(r"^\| \[(\w+)\]\((\w+)\.md\) \| ([^|]+) \| ([^|]+) \|$", text_of(INDEX), re.MULTILINE)
    assert [row[:3] for row in rows] == [(id_of(check), id_of(check), check.TITLE) for check in CHECKS]


# --- what they name ---------------------------------------------------------------------------------------------


@every_text
def test_every_playbook_that_is_named_is_there(path):
    named = re.findall(r"playbooks/(\w+\.yml)", text_of(path))
    gone = {name for name in named if not (ROOT / "playbooks" / name).is_file()}
    assert not gone, f"{path.name} names playbooks that are not there: {', '.join(sorted(gone))}"


@every_text
def test_every_variable_that_is_named_is_there(path):
    declared = text_of(ROOT / "roles" / "video_scaling" / "defaults" / "main.yml")
    unknown = {name for name in re.findall(r"video_scaling_[a-z_]+", text_of(path)) if f"{name}:" not in declared}
    assert not unknown - {"video_scaling_diagnosis_info"}, f"{path.name}: {', '.join(sorted(unknown))}"


# --- the runbook ------------------------------------------------------------------------------------------------


def test_the_runbook_leads_to_every_check_and_to_no_other():
    assert set(linked(text_of(RUNBOOK))) - {"permissions", "operations", "README"} == set(IDS)


def test_the_runbook_explains_everything_that_holds_a_group():
    table = text_of(RUNBOOK).partition("| held by |")[2].partition("\n\n")[0]
    cells = re.findall(r"^\| (`[^|]+) \|", table, re.MULTILINE)
    assert sorted(re.findall(r"`(\w+)`", " ".join(cells))) == sorted(NAMES)


def evidence_named() -> list[tuple[str, str]]:
    """Of the seven commands: each check (or the timeline) with a field that answers it."""
    rows = re.findall(r"^\| \d \| [^|]+ \| (.+) \|$", text_of(RUNBOOK), re.MULTILINE)
    assert len(rows) == 7
    found = []
    for row in rows:
        fields = []
        for part in row.split(";"):
            whose = next(iter(linked(part)), "timeline")
            fields += [(whose, field) for field in re.findall(r"`([^`]+)`", part)]
        assert fields, f"nothing answers: {row}"
        found += fields
    return found


# The rows also name evidence of a check that does not pass.
EXAMPLES = [{}, {"dead_letter_queue": dead_letter_queue(ApproximateNumberOfMessages=1)}]


@pytest.mark.parametrize(("whose", "field"), evidence_named())
def test_what_answers_an_old_command_is_in_the_report(whose, field):
    expected, found = wanted(), []
    for readings in EXAMPLES:
        seen = observed(answer={"video_queue_depth_total": 3}, **readings)
        findings = {one["id"]: one["evidence"] for one in judged(seen, expected).shown()["findings"]}
        found.append(timeline(seen, expected).shown() if whose == "timeline" else findings[whose])
    assert any(holds(value, field.split(".")) for value in found), f"{whose} has no {field}"


def holds(value: object, names: list[str]) -> bool:
    """Whether a structure has the first of the names, and in it the next."""
    return not names or (isinstance(value, dict) and names[0] in value and holds(value[names[0]], names[1:]))
