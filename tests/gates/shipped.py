# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A copy of what the collection ships, and nothing else: what git knows, less what galaxy.yml leaves out."""

from __future__ import annotations

import fnmatch
import shutil
from collections.abc import Iterator
from pathlib import Path

import yaml

from release.git import known_files

ROOT = Path(__file__).resolve().parents[2]


def copy_collection(scratch: Path) -> Path:
    """Copy it below a folder called ansible_collections, as Ansible's tools want it."""
    galaxy = yaml.safe_load((ROOT / "galaxy.yml").read_text())
    tree: Path = scratch / "ansible_collections" / galaxy["namespace"] / galaxy["name"]
    for path in shipped_files(galaxy["build_ignore"]):
        (tree / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / path, tree / path, follow_symlinks=False)
    return tree


def shipped_files(build_ignore: list[str]) -> Iterator[Path]:
    """Yield what git knows or would add, less what the collection's archive leaves out."""
    for path in known_files(ROOT):
        branches = [path, *path.parents]
        if not any(fnmatch.fnmatch(str(branch), pattern) for branch in branches for pattern in build_ignore):
            yield path
