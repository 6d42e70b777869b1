# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Python counts as found only where it runs: a name on PATH may be a version manager's shim with nothing behind."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

OWN_PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
FIND = Path(__file__).with_name("find_python.sh")


def working_python(version: str) -> str | None:
    """The path of a Python of this version, None where there is none: found as the environments' own is."""
    if version == OWN_PYTHON:
        return sys.executable
    # Others lie beside the one that this environment is made of.
    environment = {**os.environ, "PYTHON": str(Path(sys.base_prefix, "bin", "python3"))}
    done = subprocess.run(["sh", FIND, version, version], capture_output=True, text=True, check=False, env=environment)
    return done.stdout.strip() or None


def is_sound(folder: str) -> bool:
    """Whether every Python in a folder of PATH runs: ansible-test stops at the first that does not."""
    return all(runs(python) for python in Path(folder).glob("python[23].*[0-9]"))


def runs(python: str | Path) -> bool:
    try:
        return subprocess.run([python, "-c", ""], capture_output=True, check=False).returncode == 0
    except OSError:
        return False
