# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A gate says what its program said, and ends it with itself."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from tests.gates import programs
from tests.gates.shipped import ROOT

GATE = """
import signal, sys
from pathlib import Path
from local_aws import interrupts
from tests.gates import programs
# As in a terminal, also where the tests run under nohup.
signal.signal(signal.SIGHUP, signal.SIG_DFL)
interrupts.as_ctrl_c()
try:
    programs.run(["sh", "-c", "echo $$; exec sleep 600"], Path(sys.argv[1]))
except KeyboardInterrupt:
    print("ended")
"""


@pytest.mark.parametrize(
    ("script", "code", "output"),
    [("echo out; echo err >&2", 0, "out\nerr\n"), ("exit 3", 3, ""), ("kill -9 $$", 9, "")],
)
def test_a_program_that_fails_is_no_success(tmp_path, script, code, output):
    assert programs.run(["sh", "-c", script], tmp_path / "new" / "log") == (code, output)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_gate_that_is_ended_takes_its_program_with_it(tmp_path, number):
    log = tmp_path / "log"
    command = [sys.executable, "-c", GATE, str(log)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as gate:
        try:
            while gate.poll() is None and not (log.exists() and log.read_text().endswith("\n")):
                time.sleep(0.02)
            pid = int(log.read_text())
            gate.send_signal(number)
            assert gate.communicate(timeout=30)[0] == "ended\n"
        finally:
            gate.terminate()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


@pytest.mark.parametrize(
    ("failure", "expected"),
    [
        ("", (0, "gate: passed (2 tests; log: .cache/x.log)\n")),
        ("exit code 3", (1, "all of it\ngate: FAILED, exit code 3 (2 tests; log: .cache/x.log)\n")),
    ],
)
def test_what_is_printed(capsys, failure, expected):
    code = programs.tell("gate", failure, "all of it", ROOT / ".cache" / "x.log", "2 tests")
    assert (code, capsys.readouterr().out) == expected
