# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A command's costs and its error come back, and nothing that it started stays behind."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from bench import commands

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux gives a program the orphans of its children")


@pytest.fixture
def variables(tmp_path):
    (tmp_path / "tmp").mkdir()
    return commands.environment(tmp_path, {"AWS_REGION": "here"})


def python(code):
    return [sys.executable, "-c", code]


def is_gone(pid, seconds=10.0):
    deadline = time.monotonic() + seconds
    while Path(f"/proc/{pid}").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    return not Path(f"/proc/{pid}").exists()


def test_the_costs_of_a_command_come_back(variables):
    cost = commands.run(python("print(len(bytearray(200_000_000)))"), variables, 60)
    assert cost.error == ""
    assert cost.peak_megabytes > 190
    assert cost.wall_seconds > 0


@on_linux
def test_the_memory_is_that_of_the_largest_and_its_name_is_reported(variables):
    child = "import time; held = bytearray(200_000_000); time.sleep(1)"
    cost = commands.run(
        python(f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}, 'AnsiballZ_this.py'])"),
        variables,
        60,
        look=True,
    )
    assert cost.peak_megabytes > 190
    assert cost.largest == "module this"


def test_the_caller_is_not_counted(variables):
    held = bytearray(300_000_000)
    cost = commands.run(python("pass"), variables, 60)
    assert cost.peak_megabytes < len(held) / 2**20 / 2


def test_a_command_sees_only_what_it_is_given(variables, monkeypatch):
    monkeypatch.setenv("ANSIBLE_STRATEGY", "free")
    code = "import os, sys; sys.exit('ANSIBLE_STRATEGY' in os.environ or os.environ['AWS_REGION'] != 'here')"
    assert commands.run(python(code), variables, 60).error == ""


def test_a_failure_is_reported_with_its_line(variables):
    assert (
        commands.run(python("raise SystemExit('ERROR: no role')"), variables, 60).error == "exit code 1: ERROR: no role"
    )


@on_linux
@pytest.mark.parametrize("ending", ["time.sleep(600)", "sys.exit()"], ids=["when the time is up", "when it ends"])
def test_what_a_command_started_ends_with_it(variables, tmp_path, ending):
    pid_file = tmp_path / "pid"
    orphan = (
        "import os, signal, time; signal.signal(signal.SIGINT, signal.SIG_IGN); "
        f"open({str(pid_file)!r}, 'w').write(str(os.getpid())); time.sleep(600)"
    )
    code = (
        "import os, subprocess, sys, time\n"
        f"subprocess.Popen([sys.executable, '-c', {orphan!r}], start_new_session=True)\n"
        f"while not (os.path.exists({str(pid_file)!r}) and os.path.getsize({str(pid_file)!r})): time.sleep(0.01)\n"
        f"{ending}"
    )
    cost = commands.run(python(code), variables, 5)
    assert cost.error == ("did not end within 5 seconds" if "600" in ending else "")
    assert is_gone(pid_file.read_text())


@on_linux
def test_a_command_ends_with_its_owner(variables, tmp_path):
    pid_file = tmp_path / "pid"
    code = f"import os, time; open({str(pid_file)!r}, 'w').write(str(os.getpid())); time.sleep(600)"
    words = ["-I", "-S", str(commands.HERE / "watch.py"), "600", str(tmp_path / "log"), "rest", *python(code)]
    with commands.program(words, variables):
        deadline = time.monotonic() + 20
        while not (pid_file.exists() and pid_file.read_text()) and time.monotonic() < deadline:
            time.sleep(0.02)
    assert is_gone(pid_file.read_text())


@pytest.mark.parametrize(
    ("largest", "expected"),
    [
        ("", ""),
        ("first /a/python /a/ansible-playbook playbooks/apply.yml", "ansible-playbook"),
        ("child /a/python /a/ansible-playbook playbooks/apply.yml", "worker of ansible-playbook"),
        ("child /a/python /tmp/ansible-x/AnsiballZ_video_queue.py", "module video_queue"),
        ("child mitogen:root@here:12", "mitogen's child"),
        ("first /a/python /a/bench/floor.py /tmp/pools-1.json", "floor.py"),
    ],
)
def test_the_largest_is_named_without_a_path(largest, expected):
    assert commands.kind_of(largest) == expected


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("", "no output"),
        ("PLAY\nlast words\n", "last words"),
        ("TASK\n\x1b[0;31m[ERROR]: Task failed: no role\x1b[0m\nPLAY RECAP\n", "[ERROR]: Task failed: no role"),
        (
            '[ERROR]: first\nfatal: [localhost]: FAILED! => {"changed": false, "msg": "no \\"role\\""}\n',
            'no \\"role\\"',
        ),
        ("x" * 400, "x" * 299 + "…"),
    ],
)
def test_the_error_is_the_line_that_says_most(output, expected):
    assert commands.error_line(output) == expected


def test_nothing_of_the_machine_is_on_the_path(variables):
    assert Path(variables["HOME"]) == Path(variables["ANSIBLE_HOME"]).parent
    assert not any(name.startswith("VIDEO_") for name in variables)
