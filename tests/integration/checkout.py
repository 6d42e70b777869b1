# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A copy of the checkout holds what git would hand out, and nothing that only lies around here."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from release.git import known_files
from tests.integration.playbook import REPOSITORY


def copy_checkout(to: Path, modified: float | None = None) -> Path:
    """As a fresh clone has it, symlinks included; with `modified` as the time of every file."""
    for name in known_files(REPOSITORY):
        source, copy = REPOSITORY / name, to / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, copy, follow_symlinks=False)
        if modified is not None:
            os.utime(copy, (modified, modified), follow_symlinks=False)
    return to
