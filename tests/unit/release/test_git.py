# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""git is asked about the checkout that is meant, and a failure repeats its own words."""

from __future__ import annotations

from pathlib import Path

import pytest

from release.git import GitFailed, git, known_files


def test_another_checkout_that_the_environment_names_is_not_looked_at(checkout, tmp_path, monkeypatch):
    for name in ("GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"):
        monkeypatch.setenv(name, str(tmp_path / "nowhere"))
    checkout.write("a", "x")
    checkout.commit()
    assert git(checkout.root, "show", "--format=", "--name-only") == "a"


def test_known_is_what_is_added_and_what_would_be(checkout):
    checkout.write(".gitignore", "ignored\n")
    for name in ("kept", "gone", "own name.md"):
        checkout.write(name, "x")
    checkout.commit()
    (checkout.root / "gone").unlink()
    (checkout.root / "link").symlink_to("nowhere")
    for name in ("new", "ignored"):
        checkout.write(name, "x")
    assert known_files(checkout.root) == [*map(Path, (".gitignore", "kept", "link", "new", "own name.md"))]


def test_a_failure_says_why_git_refuses(tmp_path):
    with pytest.raises(GitFailed, match="not a git repository"):
        git(tmp_path, "status")
