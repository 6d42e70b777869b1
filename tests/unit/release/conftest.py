# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A checkout is as little as a release can be made of, in a git of its own."""

from __future__ import annotations

import os
import subprocess

import pytest
import yaml

from release.git import environment

GALAXY = {
    "namespace": "academy",
    "name": "video_scaling",
    "description": "Keeps workers.",
    "license": ["GPL-3.0-or-later"],
    "repository": "https://example.org/code",
}


class Checkout:
    def __init__(self, root):
        self.root = root
        self.git("init", "--quiet", "--initial-branch", "main")

    def git(self, *arguments):
        settings = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
        people = {f"GIT_{who}_{what}": "x" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        subprocess.run(
            ["git", "-C", self.root, *arguments],
            check=True,
            capture_output=True,
            env={**environment(), **settings, **people},
        )

    def write(self, path, text):
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text if isinstance(text, str) else yaml.safe_dump(text))

    def describe(self, version, releases, fragments=()):
        self.write("galaxy.yml", {**GALAXY, "version": version})
        self.write("changelogs/changelog.yaml", {"ancestor": None, "releases": releases})
        for name in fragments:
            self.write(f"changelogs/fragments/{name}", "minor_changes: [x - y.]")

    def commit(self):
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", "x")


@pytest.fixture
def checkout(tmp_path):
    return Checkout(tmp_path)
