# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What examples/awx hands to a configuration role is whole: every key is one of the format, every name is defined."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from tests.integration.awx import accepted, configuration, playbooks
from tests.integration.awx_format import FORMAT, NODE, QUESTION
from tests.integration.playbook import REPOSITORY


@pytest.fixture(scope="module")
def configured(tmp_path_factory) -> dict[str, Any]:
    return configuration(tmp_path_factory.mktemp("awx"))


@pytest.fixture(scope="module")
def options() -> dict[str, Any]:
    """What the role takes."""
    specs = yaml.safe_load((REPOSITORY / "roles/video_scaling/meta/argument_specs.yml").read_text(encoding="utf-8"))
    return dict(specs["argument_specs"]["main"]["options"])


def names(configured: dict[str, Any], kind: str) -> set[str]:
    return {each["name"] for each in configured[f"controller_{kind}"]}


def questions(configured: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for template in configured["controller_templates"]:
        for question in template.get("survey_spec", {}).get("spec", []):
            yield template["name"], question


def test_every_kind_and_every_key_is_one_of_the_format(configured):
    # How to reach the server is no object.
    kinds = {name for name, value in configured.items() if isinstance(value, list)}
    assert kinds == set(FORMAT)
    for kind in FORMAT:
        for each in configured[kind]:
            in_format(each, FORMAT[kind], f"{kind}: {each.get('name')}")
    for workflow in configured["controller_workflows"]:
        for node in workflow["simplified_workflow_nodes"]:
            in_format(node, NODE, f"{workflow['name']}: {node.get('identifier')}")
    for template, question in questions(configured):
        in_format(question, QUESTION, f"{template}: {question.get('variable')}")


def in_format(found: dict[str, Any], keys: tuple[set[str], set[str]], whose: str) -> None:
    required, optional = keys
    assert required <= set(found), f"{whose} lacks {required - set(found)}"
    assert set(found) <= required | optional, f"{whose}: unknown {set(found) - required - optional}"


def test_every_playbook_has_a_template_that_is_no_check(configured):
    run = {each["playbook"] for each in configured["controller_templates"] if each["job_type"] == "run"}
    assert run == playbooks()
    assert all(each["job_type"] in ("run", "check") for each in configured["controller_templates"])


def test_every_name_that_is_used_is_defined(configured):
    for kind in FORMAT:
        listed = [each["name"] for each in configured[kind]]
        assert len(listed) == len(set(listed)), f"{kind}: a name twice"
        for each in configured[kind]:
            assert not (missing := set(undefined(each, configured))), f"{kind}: {each['name']} uses {missing}"


def undefined(each: dict[str, Any], configured: dict[str, Any]) -> Iterator[str]:
    """Every name that this object uses and nothing defines."""
    templates = names(configured, "templates")
    used = {
        "project": names(configured, "projects"),
        "source_project": names(configured, "projects"),
        "inventory": names(configured, "inventories"),
        "execution_environment": names(configured, "execution_environments"),
        "credential": names(configured, "credentials"),
        "unified_job_template": templates | names(configured, "workflows"),
        "organization": {"Default"},
    }
    for key, defined in used.items():
        if key in each and each[key] not in defined:
            yield f"{key} {each[key]}"
    listed = {"credentials": "credentials", **{f"notification_templates_{when}": "notifications" for when in WHEN}}
    for key, kind in listed.items():
        yield from (f"{key} {name}" for name in set(each.get(key, [])) - names(configured, kind))
    nodes = each.get("simplified_workflow_nodes", [])
    identifiers = {node["identifier"] for node in nodes}
    for node in nodes:
        following = [name for way in ("success", "failure", "always") for name in node.get(f"{way}_nodes", [])]
        yield from (f"node {name}" for name in set(following) - identifiers)
        if ("unified_job_template" in node) == ("approval_node" in node):
            yield f"node {node['identifier']} is neither a job nor an approval"
        if node.get("unified_job_template", next(iter(templates))) not in templates:
            yield f"template {node['unified_job_template']}"


WHEN = ("started", "success", "error", "approvals")


def test_files_that_are_named_are_there(configured):
    for source in configured["controller_inventory_sources"]:
        assert (REPOSITORY / source["source_path"]).is_file()


def test_every_question_fits_the_variable_that_it_answers(configured, options):
    asked = list(questions(configured))
    assert asked
    for template, question in asked:
        where = f"{template}: {question['variable']}"
        assert question["variable"] in options, f"{where} is no variable of the role"
        option = options[question["variable"]]
        assert question["type"] in fitting(option), f"{where}: a question of type {question['type']}"
        if question["type"] == "multiplechoice":
            choices = ["false", "true"] if option["type"] == "bool" else option["choices"]
            assert question["choices"] == choices, where
        if "default" in question:
            # AWX makes an extra variable of an empty one too, which would hide the inventory's value.
            assert question["default"] != "", f"{where}: leave the default out"
            assert accepted(question, question["default"]), f"{where}: AWX drops this default"
            expected = option.get("default")
            assert question["default"] == (str(expected).lower() if isinstance(expected, bool) else expected), where


def fitting(option: dict[str, Any]) -> set[str]:
    """The types of questions whose answer the role takes for this option. A list is taken from one line with commas."""
    if option["type"] == "bool" or "choices" in option:
        return {"multiplechoice"}
    return {"int": {"integer"}, "float": {"float"}}.get(option["type"], {"text"})


def test_what_the_inventory_is_to_refuse_is_never_asked_for(configured):
    """Whatever is answered beats the inventory, and AWX's page sends an empty answer where nothing was typed."""
    asked = {question["variable"] for dummy, question in questions(configured)}
    assert not asked & {"video_scaling_expected_account", "video_scaling_expected_region", "video_scaling_pools"}


def test_extra_variables_are_variables_of_the_role(configured, options):
    checks = {path.stem for path in (REPOSITORY / "docs/checks").glob("[a-z]*.md")}
    for template in configured["controller_templates"]:
        assert set(template["extra_vars"]) - {"video_scaling_hosts"} <= set(options), template["name"]
        assert set(template["extra_vars"].get("video_scaling_checks", [])) <= checks
        # A fleet has no host of the name that the playbooks take by default.
        assert template["extra_vars"]["video_scaling_hosts"] == "all"


def test_what_a_workflow_or_a_schedule_starts_needs_no_answer(configured):
    started = [node for each in configured["controller_workflows"] for node in each["simplified_workflow_nodes"]]
    names = {each.get("unified_job_template") for each in [*started, *configured["controller_schedules"]]}
    for template, question in questions(configured):
        assert template not in names or not question["required"], f"{template}: {question['variable']}"


def test_what_takes_pools_away_asks_for_their_names(configured):
    must = {template for template, question in questions(configured) if question["required"]}
    assert must == {"Video scaling roll back", "Video scaling retire"}


def test_schedules_are_rules_that_awx_takes(configured):
    for schedule in configured["controller_schedules"]:
        assert re.fullmatch(
            r"DTSTART:\d{8}T\d{6}Z RRULE:FREQ=(HOURLY|DAILY|WEEKLY);INTERVAL=[1-9]\d*", schedule["rrule"]
        ), schedule["name"]


def test_keys_come_from_the_shell_and_stand_in_no_file(configured):
    (credential,) = configured["controller_credentials"]
    assert credential["inputs"] == {"username": "key of the shell", "password": "secret of the shell"}
    texts = [path.read_text(encoding="utf-8") for path in (REPOSITORY / "examples" / "awx").rglob("*.yml")]
    assert not [text for text in texts if re.search(r"AKIA|BEGIN .*KEY|!vault", text)]


def test_what_goes_to_awx_is_left_for_awx_to_read(configured):
    """Nothing is left to be templated a second time, on the server."""
    assert "{{" not in json.dumps(configured)
