# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible-builder finds what the collection needs and puts it into the image, as far as that goes without an engine."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement

from tests.integration.checkout import copy_checkout
from tests.integration.playbook import BIN, REPOSITORY, TIMEOUT_SECONDS, own_environment

NEEDED = {line for line in (REPOSITORY / "requirements.txt").read_text().splitlines() if not line.startswith("#")}
DEFINITION = yaml.safe_load((REPOSITORY / "execution-environment.yml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def checkout(tmp_path_factory) -> Path:
    """The collection where an image has it."""
    return copy_checkout(tmp_path_factory.mktemp("image") / "ansible_collections" / "academy" / "video_scaling")


def builder(home: Path, *arguments: str | Path) -> str:
    process = subprocess.run(
        [BIN / "ansible-builder", *arguments],
        env=own_environment(home),
        cwd=home,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
    )
    assert process.returncode == 0, process.stdout + process.stderr
    return process.stdout


def test_an_image_with_the_collection_gets_what_it_needs(checkout, tmp_path):
    pip, system = tmp_path / "pip.txt", tmp_path / "bindep.txt"
    introspected = yaml.safe_load(
        builder(tmp_path, "introspect", "--write-pip", pip, "--write-bindep", system, checkout.parents[2])
    )
    assert introspected == {
        "python": sorted(f"{line}  # from collection academy.video_scaling" for line in NEEDED),
        "system": [],
    }
    written = {line.split("  #")[0].strip() for line in pip.read_text().splitlines()}
    assert {line for line in written if line and not line.startswith("#")} == NEEDED
    assert not system.exists() or not system.read_text().strip()


def test_what_the_modules_refuse_to_do_without_is_what_is_installed():
    assert {Requirement(line).name for line in NEEDED} == {"boto3", "botocore"}
    assert all(str(Requirement(line).specifier) == ">=1.34.0" for line in NEEDED)


@pytest.fixture(scope="module")
def context(checkout, tmp_path_factory) -> Path:
    """What a container engine would be given."""
    folder = tmp_path_factory.mktemp("builder")
    definition = checkout / "execution-environment.yml"
    names = ("--context", folder / "context", "--output-filename", "Containerfile")
    builder(folder, "create", "--file", definition, *names)
    return folder / "context"


def test_the_image_is_built_with_the_collections_requirements(context):
    assert (context / "_build" / "requirements.txt").read_text() == (REPOSITORY / "requirements.txt").read_text()
    containerfile = (context / "Containerfile").read_text(encoding="utf-8")
    assert f'ARG EE_BASE_IMAGE="{DEFINITION["images"]["base_image"]["name"]}"' in containerfile
    assert "requirements.txt" in containerfile
    for package in ("ansible_core", "ansible_runner"):
        assert DEFINITION["dependencies"][package]["package_pip"] in containerfile


def test_the_image_holds_the_collection(context):
    (listed,) = yaml.safe_load((context / "_build" / "requirements.yml").read_text(encoding="utf-8"))["collections"]
    galaxy: dict[str, Any] = yaml.safe_load((REPOSITORY / "galaxy.yml").read_text(encoding="utf-8"))
    assert listed["name"] == f"{galaxy['repository']}.git"


def test_the_image_has_an_ansible_and_a_python_that_the_collection_runs_on():
    runtime = yaml.safe_load((REPOSITORY / "meta" / "runtime.yml").read_text(encoding="utf-8"))
    lowest = runtime["requires_ansible"].removeprefix(">=")
    core = Requirement(DEFINITION["dependencies"]["ansible_core"]["package_pip"]).specifier
    assert core.contains(lowest) and not core.contains("2.18.99")
    python = re.search(r"3\.(\d+)$", DEFINITION["dependencies"]["python_interpreter"]["python_path"])
    assert python and int(python[1]) >= 11
