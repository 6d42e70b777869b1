# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Python counts as found only where it runs: a name on PATH may be a version manager's shim with nothing behind."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

OWN_PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"


def working_python(version: str) -> str | None:
    """The path of a Python of this version, None where there is none."""
    if version == OWN_PYTHON:
        return sys.executable
    named = shutil.which(f"python{version}")
    elsewhere = [python for folder in version_folders() for python in sorted(folder.glob(f"{version}.*/bin/python"))]
    return next((str(python) for python in [named, *elsewhere] if python and runs(python)), None)


def version_folders() -> Iterator[Path]:
    """Where pyenv keeps its versions: for this user, and beside the running one, whoever's home that is in."""
    for home in dict.fromkeys([os.environ.get("PYENV_ROOT") or "~/.pyenv", "~/.pyenv"]):
        yield Path(home).expanduser() / "versions"
    beside = Path(sys.base_prefix).resolve().parent
    if beside.name == "versions":
        yield beside


def is_sound(folder: str) -> bool:
    """Whether every Python in a folder of PATH runs: ansible-test stops at the first that does not."""
    return all(runs(python) for python in Path(folder).glob("python[23].*[0-9]"))


def runs(python: str | Path) -> bool:
    try:
        return subprocess.run([python, "-c", ""], capture_output=True, check=False).returncode == 0
    except OSError:
        return False
