# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""git of one checkout, whoever owns its files and whatever git this process was started by."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

# A hook's git hands its own checkout on by these, and they go before the folder that is asked for.
_ELSEWHERE = {"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR"}


class GitFailed(RuntimeError):
    """git's own words."""


def git(root: Path, *arguments: str) -> str:
    """:raises GitFailed: with what git says."""
    return git_bytes(root, *arguments).decode().strip()


def git_bytes(root: Path, *arguments: str) -> bytes:
    command = ["git", "-c", f"safe.directory={root.resolve()}", "-C", str(root), *arguments]
    done = subprocess.run(command, check=False, capture_output=True, env=environment())
    if done.returncode:
        raise GitFailed(f"git {' '.join(arguments)} in {root}: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout


def environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in _ELSEWHERE}


def known_files(root: Path) -> list[Path]:
    """What git knows or would add, relative to the root; a file deleted but not yet committed is left out."""
    names = git_bytes(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard").decode().split("\0")
    return [Path(name) for name in sorted(set(names)) if name and os.path.lexists(root / name)]
