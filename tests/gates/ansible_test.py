#!/usr/bin/env python
# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run ansible-test on exactly what the collection ships, needing nothing but a package index.

ansible-test wants the collection below a folder called ansible_collections, no broken Python on PATH, and a script to
install pip with that it would fetch from a host of its own. All three are arranged here, outside the user's home.
"""

from __future__ import annotations

import argparse
import ast
import fnmatch
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".cache"
HOME = CACHE / "home"
SKIPPED = CACHE / "skipped.txt"

# ansible-core 2.19 supports these; the one that runs this script is needed, the others are used where they are found.
PYTHONS = ("3.11", "3.12", "3.13")
OWN_PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"

COMMANDS = {
    "sanity": ["sanity", "--local", "--color", "no"],
    "units": ["units", "--venv", "--requirements", "--python", OWN_PYTHON, "--color", "no"],
}

GET_PIP = """\
# Installs the pip that lies beside this script; the real get-pip.py would fetch it.
import subprocess, sys
wheel = {wheel!r}
sys.exit(subprocess.call([sys.executable, wheel + "/pip", "install", "--quiet", "--no-index", "--no-cache-dir", wheel]))
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("command", choices=COMMANDS, nargs="+")
    commands = parser.parse_args().command

    with tempfile.TemporaryDirectory(prefix="ansible-test-") as scratch:
        tree = copy_collection(Path(scratch))
        provide_get_pip()
        carry_pip_settings()
        env = environment(Path(scratch) / "bin")
        outcomes = [run(command, tree, env) for command in commands]
    return max(outcomes)


def copy_collection(scratch: Path) -> Path:
    galaxy = yaml.safe_load((ROOT / "galaxy.yml").read_text())
    tree = scratch / "ansible_collections" / galaxy["namespace"] / galaxy["name"]
    for path in shipped_files(galaxy["build_ignore"]):
        (tree / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / path, tree / path, follow_symlinks=False)
    return tree


def shipped_files(build_ignore: list[str]) -> Iterator[Path]:
    """Yield what git knows or would add, less what the collection's archive leaves out."""
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listing, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for path in sorted({Path(name) for name in names.split("\0") if name}):
        branches = [path, *path.parents]
        ignored = any(fnmatch.fnmatch(str(branch), pattern) for branch in branches for pattern in build_ignore)
        if not ignored and os.path.lexists(ROOT / path):  # a file deleted but not yet committed is still listed
            yield path


def provide_get_pip() -> None:
    """Put a stand-in where ansible-test looks before it fetches get-pip.py, and the wheel that it installs."""
    wanted = Path(sysconfig.get_path("purelib")) / "ansible_test" / "_internal" / "python_requirements.py"
    found = re.search(r"""\bpip=['"]([\d.]+)['"]""", wanted.read_text())
    if not found:
        raise SystemExit(f"{wanted} no longer says which pip ansible-test wants: mend provide_get_pip in {__file__}")
    version = found[1]
    folder = HOME / ".ansible" / "test" / "cache"
    wheel = folder / f"pip-{version}-py3-none-any.whl"
    if not wheel.exists():
        folder.mkdir(parents=True, exist_ok=True)
        download = ["download", "-qq", "--no-deps", "--only-binary", ":all:", "--dest", str(folder), f"pip=={version}"]
        subprocess.run([sys.executable, "-m", "pip", *download], check=True)
    (folder / f"get_pip_{version.replace('.', '_')}.py").write_text(GET_PIP.format(wheel=str(wheel)))


def carry_pip_settings() -> None:
    """Write down how this user's pip reaches its index: ansible-test passes neither the home nor PIP_… on to pip."""
    listing = [sys.executable, "-m", "pip", "config", "list"]
    lines = subprocess.run(listing, check=True, capture_output=True, text=True).stdout.splitlines()
    settings = dict(line.split("=", 1) for line in lines if "=" in line)
    text = ["[global]", "quiet = 2"]
    # What stands in the environment goes before what stands in a file, as it does for pip.
    found = {key.removeprefix(scope): value for scope in ("global.", ":env:.") for key, value in settings.items()
             if key.startswith(scope)}  # fmt: skip
    for key, value in found.items():
        text.append(f"{key} = " + "\n    ".join(ast.literal_eval(value).split("\n")))
    target = HOME / ".config" / "pip" / "pip.conf"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.touch(mode=0o600)  # an index's address may hold a password
    target.write_text("\n".join(text) + "\n")


def environment(links: Path) -> dict[str, str]:
    """Return an environment with a home of its own, and on PATH no Python but working ones."""
    pythons = {version: working_python(version) for version in PYTHONS}
    links.mkdir()
    for version, python in pythons.items():
        if python:
            (links / f"python{version}").symlink_to(python)
        else:
            skip(f"Skipped: ansible-test on Python {version}, which was not found.")
    return {
        "HOME": str(HOME),
        "LANG": os.environ.get("LANG", "C.UTF-8"),
        "PATH": os.pathsep.join([str(links), *filter(is_sound, os.get_exec_path())]),
        "TMPDIR": tempfile.gettempdir(),
    }


def working_python(version: str) -> str | None:
    if version == OWN_PYTHON:
        return sys.executable
    named = shutil.which(f"python{version}")
    homes = {os.environ.get("PYENV_ROOT") or "~/.pyenv", "~/.pyenv"}
    elsewhere = [path for home in homes for path in Path(home).expanduser().glob(f"versions/{version}.*/bin/python")]
    return next((str(path) for path in [named, *sorted(elsewhere)] if path and runs(path)), None)


def is_sound(folder: str) -> bool:
    return all(runs(python) for python in Path(folder).glob("python[23].*[0-9]"))


def runs(python: str | Path) -> bool:
    try:
        return subprocess.run([python, "-c", ""], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def skip(line: str) -> None:
    """Say at once, and at the end of `make test` again, what could not be tried here."""
    print(line)
    with SKIPPED.open("a") as file:
        file.write(line + "\n")


def run(command: str, tree: Path, env: dict[str, str]) -> int:
    """Run one ansible-test command: one line where all is well, all that it printed where not."""
    print(f"ansible-test {command}: running on a copy of what is shipped ...", flush=True)
    program = [sys.executable, str(Path(sys.executable).parent / "ansible-test"), *COMMANDS[command]]
    log = CACHE / f"ansible-test-{command}.log"
    with log.open("w") as file:
        code = subprocess.call(
            program, cwd=tree, env=env, stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT
        )
    output = log.read_text()
    found = tally(command, output)
    if not found:
        output += f"ansible-test {command} found nothing to run.\n"
        code = code or 1
    if code:
        print(output)
    outcome = f"FAILED with exit code {code}" if code else "passed"
    print(f"ansible-test {command}: {outcome} ({found or 'no tests'}; log: {log.relative_to(ROOT)})", flush=True)
    return code


def tally(command: str, output: str) -> str:
    """Say how many tests ran; ansible-test itself is content with none."""
    if command == "sanity":
        ran = set(re.findall(r"^Running sanity test .*", output, re.MULTILINE))
        return f"{len(ran)} tests" if ran else ""
    return ", ".join(re.findall(r"^=+ (.*) in [\d.]+s.* =+$", output, re.MULTILINE))


if __name__ == "__main__":
    sys.exit(main())
