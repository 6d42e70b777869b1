# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host that is long at work has a line every interval, nobody else has, and nothing is left behind."""

from __future__ import annotations

import os
import stat
import threading
import time
from types import SimpleNamespace

import pytest
from ansible_collections.academy.video_scaling.plugins.callback import progress as edge
from ansible_collections.academy.video_scaling.plugins.module_utils.aws import progress
from ansible_collections.academy.video_scaling.plugins.module_utils.aws.progress import Line

INTERVAL = 0.1


@pytest.fixture
def shown():
    return []


@pytest.fixture
def watching(shown, monkeypatch):
    # Both are taken back by the end of the test.
    monkeypatch.setenv(progress.FILE, "")
    monkeypatch.setenv(progress.HOST, "")
    one = edge.Watching(INTERVAL, shown.append)
    yield one
    one.end()


def line(host="seoul", phase="queue", seconds=9.0, ended=False):
    return Line(host, phase, 1000, 1, 824, 2000, 3, 1, 1650, seconds, 12, ended)


def write(watching, *lines):
    with watching.path.open("ab") as file:
        file.writelines(one.written() for one in lines)


def until(happened):
    """Whether it does, within a time that nothing needs."""
    deadline = time.monotonic() + 20
    while not (result := happened()) and time.monotonic() < deadline:
        time.sleep(0.01)
    return result


def test_each_host_has_its_newest_line(watching, shown):
    with watching._lock:
        write(watching, line(phase="queue"), line("oregon"), line(phase="policy"))
    assert until(lambda: len(shown) == 2)
    assert {one.partition(",")[0] for one in shown} == {
        "seoul: policy: 412 of 1000 pools",
        "oregon: queue: 412 of 1000 pools",
    }


@pytest.mark.parametrize("one", [line(seconds=INTERVAL / 2), line(ended=True)], ids=["short", "ended"])
def test_what_is_short_or_ended_is_not_shown(watching, shown, one):
    with watching._lock:
        write(watching, one, line("oregon"))
    assert until(lambda: shown)
    assert ["oregon" in text for text in shown] == [True]


def test_what_has_ended_its_task_is_forgotten(watching, shown):
    with watching._lock:
        write(watching, line())
        watching._lock.release()
        try:
            watching.forget("seoul")
        finally:
            watching._lock.acquire()
        write(watching, line("oregon"))
    assert until(lambda: shown)
    assert ["oregon" in text for text in shown] == [True]


def test_half_a_line_waits_for_the_rest_and_nonsense_is_left_out(watching, shown):
    whole = line().written()
    for part in (b"no line\n", whole[:20], whole[20:]):
        with watching.path.open("ab") as file:
            file.write(part)
        watching.forget("nobody")
    assert until(lambda: shown)
    assert len(shown) == 1


def test_the_file_is_private_and_goes_at_the_end(watching, shown):
    assert os.environ[progress.FILE] == str(watching.path)
    assert stat.S_IMODE(watching.path.stat().st_mode) == 0o600
    watching.end()
    assert not watching.path.exists()
    assert progress.FILE not in os.environ
    assert not watching._thread.is_alive()
    # A second time changes nothing.
    watching.end()


def test_a_file_that_was_taken_away_stops_nothing(watching, shown):
    watching.path.unlink()
    watching.forget("seoul")
    watching.end()
    assert shown == []


def test_a_fork_ends_nothing(watching, monkeypatch):
    monkeypatch.setattr(watching, "_owner", os.getpid() + 1)
    watching.end()
    assert watching.path.exists()
    monkeypatch.setattr(watching, "_owner", os.getpid())


@pytest.mark.parametrize(
    ("one", "text"),
    [
        (line(), "seoul: queue: 412 of 1000 pools, 3 changed, 1 failed, 1650 requests, 9 s, about 12 s left"),
        (
            Line("seoul", "queue", 1000, 2, 1, 3, 3, 0, 1650, 60.4, None),
            "seoul: queue: round 2, 1 of 3, 3 changed, 0 failed, 1650 requests, 60 s",
        ),
        (
            Line("seoul", "policy", 1000, 0, 0, 0, 0, 0, 10, 6.0, None),
            "seoul: policy: 0 of 1000 pools, 0 changed, 0 failed, 10 requests, 6 s",
        ),
    ],
    ids=["first round", "later round", "before any round"],
)
def test_a_line_for_a_person(one, text):
    assert edge.as_text(one) == text


@pytest.fixture
def plugin(monkeypatch):
    monkeypatch.setenv(progress.FILE, "")
    monkeypatch.setenv(progress.HOST, "")
    found = edge.CallbackModule()
    monkeypatch.setattr(found, "get_option", {"interval": INTERVAL}.__getitem__)
    yield found
    found.v2_playbook_on_stats(None)


def test_the_plugin_begins_and_ends_with_a_playbook(plugin, capsys):
    before = threading.active_count()
    plugin.v2_playbook_on_start(None)
    plugin.v2_runner_on_start(SimpleNamespace(get_name=lambda: "seoul"), None)
    assert os.environ[progress.HOST] == "seoul"
    path = plugin._watching.path
    write(plugin._watching, line())
    assert until(lambda: "seoul: queue: 412 of 1000 pools" in capsys.readouterr().out)
    plugin.v2_playbook_on_stats(None)
    assert not path.exists()
    assert threading.active_count() == before


@pytest.mark.parametrize("method", ["v2_runner_on_ok", "v2_runner_on_failed", "v2_runner_on_unreachable"])
def test_the_plugin_forgets_a_host_whose_task_has_ended(plugin, monkeypatch, method):
    host = SimpleNamespace(host=SimpleNamespace(get_name=lambda: "seoul"))
    # Without a playbook there is nothing to forget.
    getattr(plugin, method)(host)
    plugin.v2_playbook_on_start(None)
    forgotten = []
    monkeypatch.setattr(plugin._watching, "forget", forgotten.append)
    getattr(plugin, method)(host)
    assert forgotten == ["seoul"]


def test_a_run_goes_on_where_there_is_no_room_for_the_file(plugin, monkeypatch):
    def full(**how):
        raise OSError("no space left on device")

    monkeypatch.setattr(edge.tempfile, "mkstemp", full)
    plugin.v2_playbook_on_start(None)
    plugin.v2_playbook_on_stats(None)
