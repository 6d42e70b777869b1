# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pythons are found where they run, and only there."""

from __future__ import annotations

import sys

import pytest

from tests.gates import pythons

WORKING = "#!/bin/sh\nexit 0\n"
SHIM = "#!/bin/sh\nexit 127\n"


def script(path, text=WORKING):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


@pytest.fixture(autouse=True)
def empty_machine(tmp_path, monkeypatch):
    """A home, a PATH and a running interpreter with nothing beside them."""
    for name, folder in {"HOME": "home", "PYENV_ROOT": "pyenv", "PATH": "bin"}.items():
        monkeypatch.setenv(name, str(tmp_path / folder))
    (tmp_path / "bin").mkdir()
    monkeypatch.setattr(sys, "base_prefix", str(tmp_path / "usr"))


@pytest.mark.parametrize(
    "place",
    ["bin/python3.99", "home/.pyenv/versions/3.99.1/bin/python", "pyenv/versions/3.99.1/bin/python"],
)
def test_a_python_is_found(tmp_path, place):
    python = script(tmp_path / place)
    assert pythons.working_python("3.99") == str(python)
    assert pythons.working_python("3.9") is None


def test_a_python_is_found_beside_the_running_one(tmp_path, monkeypatch):
    python = script(tmp_path / "elsewhere/versions/3.99.1/bin/python")
    assert pythons.working_python("3.99") is None
    monkeypatch.setattr(sys, "base_prefix", str(tmp_path / "elsewhere/versions/3.11.7"))
    assert pythons.working_python("3.99") == str(python)


def test_a_shim_with_nothing_behind_is_passed_over(tmp_path):
    script(tmp_path / "bin/python3.99", SHIM)
    assert pythons.working_python("3.99") is None
    assert not pythons.is_sound(str(tmp_path / "bin"))
    python = script(tmp_path / "pyenv/versions/3.99.1/bin/python")
    assert pythons.working_python("3.99") == str(python)


def test_a_folder_is_sound_where_all_its_pythons_run(tmp_path):
    script(tmp_path / "bin/python3.99")
    script(tmp_path / "bin/python3-config", SHIM)
    assert pythons.is_sound(str(tmp_path / "bin"))
    assert pythons.is_sound(str(tmp_path / "missing"))


def test_the_running_python_is_always_there():
    assert pythons.working_python(pythons.OWN_PYTHON) == sys.executable


def test_what_cannot_be_started_does_not_run(tmp_path):
    assert not pythons.runs(tmp_path / "missing")
