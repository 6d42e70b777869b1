# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run ansible-test on exactly what the collection ships, needing nothing but a package index.

ansible-test wants the collection below a folder called ansible_collections, no broken Python on PATH, and a script to
install pip with that it would fetch from a host of its own. All three are arranged here, outside the user's home.
It is the ansible-test of the ansible-core that is installed beside the Python that runs this.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import tempfile
from collections import Counter
from pathlib import Path

from ansible.release import __version__ as ansible_version

from local_aws import interrupts

from . import package_index, programs
from .pythons import OWN_PYTHON, is_sound, working_python
from .shipped import ROOT, copy_collection
from .skipped import skip

CORE = ".".join(ansible_version.split(".")[:2])
CACHE = ROOT / ".cache"
# Two versions of ansible-core may run side by side, and each makes environments below its home.
HOME = CACHE / "home" / CORE


def main() -> int:
    interrupts.as_ctrl_c()
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("command", choices=["sanity", "units"], nargs="+")
    parser.add_argument("--pythons", nargs="+", default=[OWN_PYTHON], help="each is tried where it is found")
    asked = parser.parse_args()

    found = {version: working_python(version) for version in asked.pythons}
    for version in asked.pythons:
        if not found[version]:
            skip(f"ansible-test on ansible-core {CORE} with Python {version}, which was not found.")
    pythons = {version: python for version, python in found.items() if python} or {OWN_PYTHON: sys.executable}

    package_index.provide(HOME)
    with tempfile.TemporaryDirectory(prefix="ansible-test-") as scratch:
        tree = copy_collection(Path(scratch))
        env = environment(Path(scratch) / "bin", pythons)
        outcomes = [run(name, options, tree, env) for name, options in commands(asked.command, list(pythons))]
    return int(any(outcomes))


def commands(asked: list[str], versions: list[str]) -> list[tuple[str, list[str]]]:
    """What is run, by name: sanity tests once for all versions, unit tests in an environment for each version."""
    listed = []
    if "sanity" in asked:
        targets = [word for version in versions for word in ("--target-python", version)]
        listed.append((f"sanity on Python {' and '.join(versions)}", ["sanity", *targets]))
    if "units" in asked:
        for version in versions:
            listed.append((f"units on Python {version}", ["units", "--venv", "--requirements", "--python", version]))
    return listed


def environment(links: Path, pythons: dict[str, str]) -> dict[str, str]:
    """Return an environment with a home of its own, and on PATH no Python but working ones."""
    links.mkdir()
    for version, python in pythons.items():
        (links / f"python{version}").symlink_to(python)
    return {
        "HOME": str(HOME),
        "LANG": os.environ.get("LANG", "C.UTF-8"),
        "PATH": os.pathsep.join([str(links), *filter(is_sound, os.get_exec_path())]),
        "TMPDIR": tempfile.gettempdir(),
    }


def run(name: str, options: list[str], tree: Path, env: dict[str, str]) -> int:
    name = f"ansible-test {CORE} {name}"
    print(f"{name}: running on a copy of what is shipped ...", flush=True)
    program = [sys.executable, str(Path(sys.executable).parent / "ansible-test"), *options, "--color", "no"]
    log = CACHE / f"{name.replace(' ', '-')}.log"
    code, output = programs.run(program, log, cwd=tree, env=env)
    for test in left_out(output):
        skip(f"{name}: {test}")
    found = tally(output)
    failure = f"exit code {code}" if code else "" if found else "since it found nothing to run"
    return programs.tell(name, failure, output, log, found or "no tests")


def tally(output: str) -> str:
    """Say how many tests ran, or nothing where none did: ansible-test itself is content with that."""
    sanity = set(re.findall(r"^Running sanity test .*", output, re.MULTILINE))
    if sanity:
        return f"{len(sanity)} tests"
    sessions = re.findall(r"^=+ (.*) in [\d.]+s.* =+$", output, re.MULTILINE)
    return ", ".join(sessions) if all(re.search(r"\b[1-9]\d* passed", session) for session in sessions) else ""


def left_out(output: str) -> list[str]:
    """What ansible-test and its pytest left out, with the reason: they are content."""
    tests = re.findall(r"^WARNING: Skipping (.*)$", output, re.MULTILINE)
    tests += re.findall(r"^WARNING: (Required program .* not found.*)$", output, re.MULTILINE)
    skipped: Counter[str] = Counter()
    for count, reason in re.findall(r"^SKIPPED \[(\d+)\] \S+ (.*)$", output, re.MULTILINE):
        skipped[reason] += int(count)
    return [*dict.fromkeys(tests), *(f"{count} tests: {reason}" for reason, count in skipped.items())]


if __name__ == "__main__":
    sys.exit(main())
