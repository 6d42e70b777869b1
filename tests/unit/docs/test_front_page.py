# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stranger reads the front page for half a minute: what it promises of a pool, and what it lists, is so."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.finding import PASS
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.observed import Expected
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.verdict import Verdict, judged
from ansible_collections.academy.video_scaling.plugins.module_utils.pool import Pool
from ansible_collections.academy.video_scaling.tests.unit.examples import FUNCTION, ROOT, RULE, SEED, typed
from ansible_collections.academy.video_scaling.tests.unit.markdown_pages import Page
from ansible_collections.academy.video_scaling.tests.unit.observations import group, observed, policy, queue

PAGES = ("README.md", "README.ko.md")
IMAGE = "docs/images/diagnosis.png"
# What names something in AWS, and nothing else.
NAMES = ("name", "queue_name", "dead_letter_queue_name", "auto_scaling_group_name", "policy_name", "metric")
BY_A_TOTAL = {"signal_is_per_instance", "one_message_starts_a_worker"}

every_page = pytest.mark.parametrize("path", PAGES)


def page(path: str) -> Page:
    return Page(path, (ROOT / path).read_text(encoding="utf-8"))


def fences(path: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", page(path).text, re.MULTILINE | re.DOTALL)


@every_page
def test_it_is_short(path):
    assert len(page(path).text.splitlines()) <= 200


@every_page
def test_what_was_never_verified_stands_above_the_first_section(path):
    opening = page(path).text.partition("\n## ")[0]
    assert "](docs/verification.md)" in opening


def test_the_diagram_is_that_of_the_signals():
    [diagram] = fences("README.md", "mermaid")
    assert diagram == fences("docs/signals.md", "mermaid")[0]


@every_page
def test_the_picture_is_small_and_told_in_words(path):
    [words] = re.findall(rf"!\[([^]]+)\]\({IMAGE}\)", page(path).text)
    assert len(words) > 50
    assert (ROOT / IMAGE).read_bytes().startswith(b"\x89PNG")
    assert (ROOT / IMAGE).stat().st_size < 150_000


@every_page
def test_the_tables_hold_every_playbook_and_every_module(path):
    text = page(path).text
    playbooks = re.findall(r"^\| \[`(\w+)`\]\(docs/howto/\1\.md\) \|", text, re.MULTILINE)
    assert sorted(playbooks) == sorted(file.stem for file in (ROOT / "playbooks").glob("*.yml"))
    modules = re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)
    assert sorted(modules) == sorted(file.stem for file in (ROOT / "plugins" / "modules").glob("*.py"))


# --- the pool ---------------------------------------------------------------------------------------------------


def own() -> dict[str, Any]:
    """The pool of the page as the tests' account has it: under the names of the seed pool."""
    [text] = fences("README.md", "yaml")
    [pool] = yaml.safe_load(text)["video_scaling_pools"]
    return {option: SEED[option] if option in NAMES else value for option, value in pool.items()}


def diagnosed(params: dict[str, Any], **readings: Any) -> Verdict:
    """:param readings: what differs from an account in which the pool is well, and its group may go down to 0."""
    expected = Expected(Pool.from_params(typed(params)), FUNCTION, RULE)
    account = {
        "queue": queue(VisibilityTimeout=30),
        "group": group(MinSize=0),
        "policies": [policy(expected)],
        **readings,
    }
    return judged(observed(**account), expected)


def told(verdict: Verdict) -> dict[str, Any]:
    """What did not pass."""
    return {finding.id: finding for finding in verdict.findings if finding.status != PASS}


def test_the_pool_has_no_warning():
    assert told(diagnosed(own())) == {}


@pytest.mark.parametrize(
    ("option", "warned"),
    [("signal", BY_A_TOTAL), ("dead_letter_queue_name", {"dead_letter_queue_configured"})],
)
def test_without_one_of_its_options_it_has(option, warned):
    lone = {name: value for name, value in queue(VisibilityTimeout=30).items() if name != "RedrivePolicy"}
    readings = {"queue": lone} if option == "dead_letter_queue_name" else {}
    assert set(told(diagnosed({name: value for name, value in own().items() if name != option}, **readings))) == warned


def test_the_page_has_the_commands_that_the_diagnosis_gives_for_the_group():
    verdict = diagnosed(own(), group=group(MinSize=0, EnabledMetrics=[]), lifecycle_hooks=[])
    given = {finding.remedy.cli.replace(SEED["auto_scaling_group_name"], "GROUP") for finding in told(verdict).values()}
    shell = "".join(fences("README.md", "shell")).replace("\\\n", "").replace("report-workers", "GROUP")
    shown = {" ".join(line.split()) for line in shell.splitlines() if line.startswith("aws ")}
    assert shown == given and len(given) == 2


def test_the_page_names_what_the_seed_pool_is_warned_of():
    assert set(told(diagnosed(SEED))) == BY_A_TOTAL
    named = set(re.findall(r"\[(\w+)\]\(docs/checks/\1\.md\)", page("README.md").text))
    assert named == BY_A_TOTAL
