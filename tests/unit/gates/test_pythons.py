# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pythons are found where they run, and only there."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.gates import pythons

SHIM = "#!/bin/sh\nexit 127\n"
# Takes itself for another version, in a place of its own.
OTHER = """\
#!/bin/sh
exec {real} -I -c 'import sys
sys.version_info, sys.base_prefix = (3, {minor}, 1, "final", 0), "{prefix}"
exec(sys.argv[1])' "$2"
"""


def script(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


def python(path, minor):
    return script(path, OTHER.format(real=sys.executable, minor=minor, prefix=path.parent.parent))


@pytest.fixture(autouse=True)
def empty_machine(tmp_path, monkeypatch):
    """A home, a PATH and a running interpreter with nothing beside them."""
    for name, folder in {"HOME": "home", "PYENV_ROOT": "pyenv"}.items():
        monkeypatch.setenv(name, str(tmp_path / folder))
    (tmp_path / "bin").mkdir()
    # /bin has the shell, and may have Pythons: the project's own names go before them.
    (tmp_path / "bin" / "sh").symlink_to("/bin/sh")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.delenv("PYTHON", raising=False)
    monkeypatch.setattr(sys, "base_prefix", str(tmp_path / "usr"))
    monkeypatch.setattr(pythons, "OWN_PYTHON", "3.11")


@pytest.mark.parametrize(
    "place", ["bin/python3.12", "bin/python3", "home/.pyenv/versions/3.12.1/bin/python", "pyenv/versions/x/bin/python"]
)
def test_a_python_is_found_by_what_it_is(tmp_path, place):
    found = python(tmp_path / place, minor=12)
    assert pythons.working_python("3.12") == str(found)
    assert pythons.working_python("3.13") is None


def test_a_python_is_found_beside_the_running_one(tmp_path, monkeypatch):
    running = python(tmp_path / "elsewhere/3.11.7/bin/python3", minor=11)
    found = python(tmp_path / "elsewhere/3.12.1/bin/python", minor=12)
    assert pythons.working_python("3.12") is None
    monkeypatch.setattr(sys, "base_prefix", str(running.parent.parent))
    assert pythons.working_python("3.12") == str(found)


def test_a_shim_with_nothing_behind_is_passed_over(tmp_path):
    script(tmp_path / "bin/python3.12", SHIM)
    assert pythons.working_python("3.12") is None
    assert not pythons.is_sound(str(tmp_path / "bin"))
    found = python(tmp_path / "pyenv/versions/3.12.1/bin/python", minor=12)
    assert pythons.working_python("3.12") == str(found)


def test_a_folder_is_sound_where_all_its_pythons_run(tmp_path):
    python(tmp_path / "bin/python3.12", minor=12)
    script(tmp_path / "bin/python3-config", SHIM)
    assert pythons.is_sound(str(tmp_path / "bin"))
    assert pythons.is_sound(str(tmp_path / "missing"))


def test_the_running_python_is_always_there():
    assert pythons.working_python(pythons.OWN_PYTHON) == sys.executable


def test_what_cannot_be_started_does_not_run(tmp_path):
    assert not pythons.runs(tmp_path / "missing")


# --- what the environments are made of --------------------------------------------------------------------------


def made_of(*bounds):
    return subprocess.run(["sh", pythons.FIND, *bounds], capture_output=True, text=True, check=False)


def test_a_named_python_is_the_only_candidate(tmp_path, monkeypatch):
    newest = python(tmp_path / "bin/python3", minor=13)
    assert made_of().stdout == f"{newest}\n"
    old = python(tmp_path / "old/python3", minor=10)
    monkeypatch.setenv("PYTHON", str(old))
    refused = made_of()
    assert (refused.returncode, refused.stdout) == (1, "")
    assert f"PYTHON={old} does not run, is not Python 3.11 to 3.13" in refused.stderr
    assert made_of("3.12").stdout == f"{newest}\n"


def test_where_there_is_none_it_says_what_to_do():
    done = made_of("3.12")
    assert (done.returncode, done.stdout) == (1, "")
    assert "No working Python 3.12 to 3.13" in done.stderr and "make PYTHON=" in done.stderr
