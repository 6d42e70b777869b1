# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check the built collection as Galaxy does when it is uploaded."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from local_aws import interrupts

from . import programs
from .shipped import ROOT, copy_collection

BIN = Path(sys.executable).parent
LOG = ROOT / ".cache" / "galaxy-importer.log"

# ansible-test runs in a container here, so it stays off: another gate runs it, without one.
SETTINGS = """\
[galaxy-importer]
CHECK_REQUIRED_TAGS = True
CHECK_CHANGELOG = True
RUN_ANSIBLE_DOC = True
RUN_ANSIBLE_LINT = True
RUN_ANSIBLE_TEST = False
RUN_FLAKE8 = False
TMP_ROOT_DIR = {scratch}
"""


def main() -> int:
    interrupts.as_ctrl_c()
    print("galaxy-importer: checking the built collection ...", flush=True)
    with tempfile.TemporaryDirectory(prefix="importer-") as folder:
        scratch = Path(folder)
        (scratch / "galaxy-importer.cfg").write_text(SETTINGS.format(scratch=scratch))
        env = {
            "HOME": folder,
            "LANG": os.environ.get("LANG", "C.UTF-8"),
            "PATH": os.pathsep.join([str(BIN), *os.get_exec_path()]),
            "GALAXY_IMPORTER_CONFIG": str(scratch / "galaxy-importer.cfg"),
        }
        build: list[str | Path] = [
            BIN / "ansible-galaxy",
            "collection",
            "build",
            copy_collection(scratch),
            "--output-path",
            folder,
        ]
        subprocess.run(build, env=env, check=True, stdout=subprocess.DEVNULL)
        (archive,) = scratch.glob("*.tar.gz")
        command: list[str | Path] = [sys.executable, "-m", "galaxy_importer.main", archive]
        code, output = programs.run(command, LOG, cwd=scratch, env=env)
    return programs.tell("galaxy-importer", failure_of(code, output), output, LOG)


def failure_of(code: int, output: str) -> str:
    """Empty where the importer took the collection without a word against it."""
    if code:
        return f"exit code {code}"
    found = len(complaints(output))
    return f"complaints: {found}" if found or "Importer processing completed successfully" not in output else ""


def complaints(output: str) -> list[str]:
    """What Galaxy would write beside the upload; the importer itself is content with a warning."""
    return re.findall(r"^(?:WARNING|ERROR): .*", output, re.MULTILINE)


if __name__ == "__main__":
    sys.exit(main())
