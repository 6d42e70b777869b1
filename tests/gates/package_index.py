# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A home in which ansible-test gets all that it installs from the package index that this user's pip uses."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import sysconfig
from pathlib import Path

GET_PIP = """\
# Installs the pip that lies beside this script; the real get-pip.py would fetch it.
import subprocess, sys
wheel = {wheel!r}
sys.exit(subprocess.call([sys.executable, wheel + "/pip", "install", "--quiet", "--no-index", "--no-cache-dir", wheel]))
"""


def provide(home: Path) -> None:
    provide_get_pip(home / ".ansible" / "test" / "cache")
    carry_pip_settings(home / ".config" / "pip" / "pip.conf")


def provide_get_pip(folder: Path) -> None:
    """Put a stand-in where ansible-test looks before it fetches get-pip.py, and the wheel that it installs."""
    wanted = Path(sysconfig.get_path("purelib")) / "ansible_test" / "_internal" / "python_requirements.py"
    found = re.search(r"""\bpip=['"]([\d.]+)['"]""", wanted.read_text())
    if not found:
        raise SystemExit(f"{wanted} no longer says which pip ansible-test wants: mend provide_get_pip in {__file__}")
    version = found[1]
    wheel = folder / f"pip-{version}-py3-none-any.whl"
    if not wheel.exists():
        folder.mkdir(parents=True, exist_ok=True)
        download = ["download", "-qq", "--no-deps", "--only-binary", ":all:", "--dest", str(folder), f"pip=={version}"]
        subprocess.run([sys.executable, "-m", "pip", *download], check=True)
    (folder / f"get_pip_{version.replace('.', '_')}.py").write_text(GET_PIP.format(wheel=str(wheel)))


def carry_pip_settings(target: Path) -> None:
    """Write down how this user's pip reaches its index: ansible-test passes neither the home nor PIP_… on to pip."""
    listing = [sys.executable, "-m", "pip", "config", "list"]
    lines = subprocess.run(listing, check=True, capture_output=True, text=True).stdout.splitlines()
    settings = dict(line.split("=", 1) for line in lines if "=" in line)
    # What stands in the environment goes before what stands in a file, and a command's section before the common one.
    found = {
        key.removeprefix(scope): ast.literal_eval(value)
        for scope in ("global.", "install.", "download.", ":env:.")
        for key, value in settings.items()
        if key.startswith(scope)
    }
    text = ["[global]"]
    for key, value in {**of_environment(), **found, "quiet": "2"}.items():
        text.append(f"{key} = " + "\n    ".join(value.split("\n")))
    target.parent.mkdir(parents=True, exist_ok=True)
    target.touch(mode=0o600)  # an index's address may hold a password
    target.write_text("\n".join(text) + "\n")


def of_environment() -> dict[str, str]:
    """What pip and those below it take from the environment without calling it a setting of pip."""
    names = {
        "proxy": ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"),
        "cert": ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"),
    }
    found = {option: next(filter(None, map(os.environ.get, given)), None) for option, given in names.items()}
    return {option: value for option, value in found.items() if value}
