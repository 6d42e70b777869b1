# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whoever starts a local AWS and goes away finds it by its file, and nobody finds it after that file."""

from __future__ import annotations

import configparser
import http.client
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from local_aws import background, emulator, profiles

ROOT = Path(__file__).resolve().parents[3]
GONE_SECONDS = 20.0


def needs_ministack():
    try:
        emulator.executable_of("ministack")
    except emulator.EmulatorMissing as missing:
        return pytest.mark.skipif(True, reason=str(missing))
    return pytest.mark.skipif(False, reason="")


with_ministack = needs_ministack()


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "aws" / background.CONFIG))
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    profiles._session.cache_clear()
    yield tmp_path / "aws"
    background.stop(tmp_path / "aws")


def command(*arguments):
    return [sys.executable, "-m", "local_aws.background", *map(str, arguments)]


def started(folder, *arguments):
    """By a process that has ended before this returns."""
    return subprocess.run(
        command("start", folder, *arguments), cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )


def url_of(folder):
    parser = configparser.ConfigParser()
    parser.read(folder / background.CONFIG)
    return parser["default"]["endpoint_url"]


def answers(url):
    try:
        connection = http.client.HTTPConnection(urlsplit(url).hostname, urlsplit(url).port, timeout=5)
        connection.request("GET", "/_ministack/health")
        return connection.getresponse().status == 200
    except OSError:
        return False


def ends(url):
    deadline = time.monotonic() + GONE_SECONDS
    while answers(url):
        assert time.monotonic() < deadline, f"{url} still answers"
        time.sleep(0.05)
    return True


@with_ministack
def test_it_outlives_who_started_it_and_each_profile_leads_to_its_account(folder):
    run = started(folder, "--account", "academy-staging=222222222222")
    assert (run.returncode, run.stdout) == (0, f"{folder / background.CONFIG}\n"), run.stderr
    for profile, account in ((None, emulator.ACCOUNT), ("academy-staging", "222222222222")):
        assert profiles.client("sts", profile=profile).get_caller_identity()["Account"] == account
    url = url_of(folder)
    background.stop(folder)
    assert not answers(url)


def removed(folder, owner):
    (folder / background.CONFIG).unlink()


def owner_killed(folder, owner):
    owner.kill()
    owner.wait()


def started_again(folder, owner):
    assert started(folder).returncode == 0


@with_ministack
@pytest.mark.parametrize("event", [removed, owner_killed, started_again])
def test_it_ends_with(event, folder):
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as owner:
        assert started(folder, "--owner", owner.pid).returncode == 0
        url = url_of(folder)
        assert answers(url)
        event(folder, owner)
        assert ends(url)
        owner.kill()


@with_ministack
def test_one_that_is_asked_to_end_takes_its_emulator_with_it(folder):
    folder.mkdir()
    (folder / background.CONFIG).touch()
    with subprocess.Popen(command("serve", folder), cwd=ROOT) as server:
        while server.poll() is None and not (folder / background.CONFIG).stat().st_size:
            time.sleep(0.05)
        url = url_of(folder)
        server.send_signal(signal.SIGTERM)
        assert server.wait(GONE_SECONDS) == 0
    assert not answers(url)


def test_it_says_why_it_does_not_start(folder, monkeypatch):
    monkeypatch.setenv("VIDEO_SCALING_MINISTACK", "/nowhere/ministack")
    run = started(folder)
    assert run.returncode == 1
    assert "There is no ministack executable at /nowhere/ministack" in run.stderr


def test_stopping_what_is_not_there_is_no_failure(tmp_path):
    background.stop(tmp_path / "nothing")
    assert list(tmp_path.iterdir()) == []


def test_a_client_is_led_nowhere_but_to_the_loopback(folder):
    folder.mkdir()
    (folder / background.CONFIG).write_text(profiles.text("https://sqs.example.com", {}))
    with pytest.raises(profiles.NotLocal, match=r"sqs would be asked at https://sqs\.example\.com"):
        profiles.client("sqs")
