# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The local AWS to try things on can be talked to by a shell that reads its file, and is gone after Ctrl-C."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys

import pytest

from local_aws import emulator, seed, serve

ASK = """
import boto3, json, shutil
depth = boto3.client("sqs").get_queue_attributes(QueueUrl=boto3.client("sqs").get_queue_url(
    QueueName="academy-video-jobs")["QueueUrl"], AttributeNames=["All"])["Attributes"]
print(json.dumps([depth["ApproximateNumberOfMessages"], depth["ApproximateNumberOfMessagesNotVisible"],
    shutil.which("ansible-playbook")]))
"""
LAST_LINE = "Ctrl-C stops it, and nothing of it is left.\n"


@pytest.fixture(scope="module")
def needed():
    try:
        emulator.executable_of("ministack")
    except emulator.EmulatorMissing as missing:
        pytest.skip(str(missing))


def said_by(process):
    """What it says until it is ready, or all if it never is."""
    lines = []
    for line in process.stdout:
        lines.append(line)
        if line == LAST_LINE:
            break
    return "".join(lines)


@pytest.mark.usefixtures("needed")
def test_a_shell_can_talk_to_it_until_it_is_stopped(tmp_path):
    path = tmp_path / "with a space" / "aws.sh"
    command = [sys.executable, "-m", "local_aws.serve", str(path)]
    process = subprocess.Popen(command, cwd=serve.ROOT, stdout=subprocess.PIPE, text=True)
    try:
        said = said_by(process)
        assert said.endswith(LAST_LINE)
        assert f". {shlex.quote(str(path))}" in said and seed.OLD_METRIC in said
        logged_in = "export AWS_PROFILE=none-such AWS_ENDPOINT_URL_SQS=http://127.0.0.1:9"
        script = f"{logged_in}; . {shlex.quote(str(path))}; python -c {shlex.quote(ASK)}"
        answer = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True, cwd=tmp_path)
        assert json.loads(answer.stdout) == ["3", "0", str(serve.BIN / "ansible-playbook")]
    finally:
        process.send_signal(signal.SIGINT)
        rest = process.communicate(timeout=30)[0]
    assert (process.returncode, path.exists()) == (0, False)
    assert "stopped" in rest


def test_a_file_that_another_has_written_since_stays(tmp_path):
    path = tmp_path / "aws.sh"
    with serve.written(path, {"A": "first"}):
        with serve.written(path, {"A": "second"}):
            assert "second" in path.read_text()
        assert not path.exists()
        path.write_text("a later one's")
    assert path.read_text() == "a later one's"


@pytest.mark.usefixtures("needed")
def test_an_emulator_that_ends_by_itself_ends_it(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(emulator.Emulator, "is_running", lambda self: False)
    with monkeypatch.context() as signals:
        signals.setattr(serve.interrupts, "as_ctrl_c", lambda: None)
        assert serve.main(tmp_path / "aws.sh") == 1
    assert "ended by itself" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_without_the_emulator_it_says_what_to_do(tmp_path):
    environment = {**os.environ, "VIDEO_SCALING_MINISTACK": str(tmp_path / "none")}
    command = [sys.executable, "-m", "local_aws.serve", str(tmp_path / "aws.sh")]
    done = subprocess.run(command, cwd=serve.ROOT, env=environment, capture_output=True, text=True)
    assert (done.returncode, list(tmp_path.iterdir())) == (1, [])
    assert "make venvs" in done.stderr
