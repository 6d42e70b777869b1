# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A long phase writes a line about once a second, a short one none, and whatever the file is the run goes on."""

from __future__ import annotations

import os
import threading
from unittest.mock import Mock

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.aws import progress
from ansible_collections.academy.video_scaling.plugins.module_utils.aws.progress import Journal, Line, read


@pytest.fixture
def clock():
    return [100.0]


@pytest.fixture
def file(tmp_path, monkeypatch):
    path = tmp_path / "progress.jsonl"
    path.touch()
    monkeypatch.setenv(progress.FILE, str(path))
    monkeypatch.setenv(progress.HOST, "seoul")
    return path


@pytest.fixture
def journal(clock, file):
    return Journal(lambda: clock[0])


def lines(file):
    return [read(line) for line in file.read_bytes().splitlines()]


def rounds(file):
    return [(line.round, line.done, line.keys, line.left) for line in lines(file)]


def test_a_short_phase_writes_nothing(journal, clock, file):
    with journal.within("queue", 1) as phase, phase.going_through(2):
        for _key in range(2):
            clock[0] += 0.4
            journal.sent("sqs:GetQueueUrl")
            phase.key_done()
        journal.count(1, 0)
    assert lines(file) == []


def test_a_long_phase_writes_about_once_a_second_and_at_its_end(journal, clock, file):
    with journal.within("queue", 1000) as phase, phase.going_through(2000):
        for _key in range(2000):
            clock[0] += 0.01
            journal.sent("sqs:GetQueueUrl")
            phase.key_done()
        journal.count(3, 1)
    found = lines(file)
    assert 19 <= len(found) <= 21
    assert [line.seconds for line in found] == sorted(line.seconds for line in found)
    middle = found[9]
    assert (middle.host, middle.phase, middle.pools, middle.round, middle.keys) == ("seoul", "queue", 1000, 1, 2000)
    assert middle.done == pytest.approx(1000, abs=20)
    assert middle.left == pytest.approx(10, abs=1)
    last = found[-1]
    assert (last.done, last.changed, last.failed, last.requests, last.ended) == (2000, 3, 1, 2000, True)
    assert [line.ended for line in found[:-1]] == [False] * (len(found) - 1)


def test_what_was_changed_and_has_failed_adds_up_over_the_phases(journal, clock, file):
    with journal.within("queue", 10):
        journal.count(2, 0)
        clock[0] += 2
        journal.count(0, 1)
    with journal.within("policy", 10):
        clock[0] += 2
        journal.sent("autoscaling:DescribePolicies")
        clock[0] += 2
        journal.count(3, 0)
    assert [(line.phase, line.changed, line.failed, line.ended) for line in lines(file)] == [
        ("queue", 2, 1, False),
        ("queue", 2, 1, True),
        ("policy", 2, 1, False),
        ("policy", 5, 1, False),
        ("policy", 5, 1, True),
    ]


def test_rounds_are_counted_by_themselves(journal, clock, file):
    with journal.within("queue", 10) as phase:
        for keys in (20, 3):
            with phase.going_through(keys):
                clock[0] += 5
                phase.key_done()
    assert rounds(file) == [
        (1, 1, 20, 95),
        (2, 1, 3, 10),
        (2, 1, 3, 0),
    ]


def test_what_goes_on_beside_a_round_is_part_of_it(journal, clock, file):
    with journal.within("read", 10) as phase:
        with phase.going_through(0):
            for keys in (20, 1):
                with phase.going_through(keys):
                    clock[0] += 5
                    phase.key_done()
        with phase.going_through(3):
            clock[0] += 5
            phase.key_done()
    assert rounds(file) == [
        (1, 1, 20, 95),
        (1, 2, 21, 95),
        (2, 1, 3, 10),
        (2, 1, 3, 0),
    ]


def test_nobody_can_tell_what_is_left_before_something_is_done(journal, clock, file):
    with journal.within("policy", 10):
        clock[0] += 2
        journal.sent("autoscaling:DescribePolicies")
    first, _last = lines(file)
    assert (first.left, first.requests, first.keys) == (None, 1, 0)


def test_a_thread_that_was_left_behind_tells_nothing_more(journal, clock, file):
    with journal.within("diagnosis", 10) as phase:
        clock[0] += 2
        with phase.going_through(10):
            pass
    written = lines(file)
    clock[0] += 2
    phase.key_done()
    assert lines(file) == written
    assert written[-1].ended


def test_seconds_and_requests_are_reported(journal, clock):
    for name, seconds in (("connect", 0.0804), ("queue", 2), ("queue", 3)):
        with journal.within(name, 1):
            clock[0] += seconds
            journal.sent(f"sqs:{name}")
    journal.sent("sqs:after")
    assert journal.measured() == {
        "requests_by_operation": {"sqs:after": 1, "sqs:connect": 1, "sqs:queue": 2},
        "seconds_by_phase": {"connect": 0.08, "queue": 5.0},
    }
    assert list(journal.measured()["requests_by_operation"]) == ["sqs:after", "sqs:connect", "sqs:queue"]


def test_a_phase_that_fails_is_timed_too(journal, clock):
    with pytest.raises(KeyError), journal.within("queue", 1):
        clock[0] += 2
        raise KeyError
    with journal.within("policy", 1):
        pass
    assert journal.measured()["seconds_by_phase"] == {"queue": 2, "policy": 0}


def test_seconds_of_a_phase_within_another_count_once(journal, clock):
    with journal.within("module", 1) as outer:
        clock[0] += 1
        for name, seconds in (("queue", 2), ("policy", 4), ("queue", 8)):
            with journal.within(name, 1):
                assert journal.phase is not outer
                clock[0] += seconds
            assert journal.phase is outer
        clock[0] += 16
    assert journal.measured()["seconds_by_phase"] == {"module": 17, "queue": 10, "policy": 4}


def test_threads_lose_no_count(journal):
    with journal.within("queue", 1) as phase, phase.going_through(1600):

        def work():
            for _key in range(100):
                journal.sent("sqs:GetQueueUrl")
                journal.count(2, 1)
                phase.key_done()

        threads = [threading.Thread(target=work) for _number in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert (phase._line.done, phase._line.requests) == (1600, 1600)
        assert (phase._line.changed, phase._line.failed) == (3200, 1600)
    assert journal.measured()["requests_by_operation"] == {"sqs:GetQueueUrl": 1600}


@pytest.mark.parametrize("what", ["gone", "a folder", "a link", "a pipe", "read-only", "no variable"])
def test_whatever_the_file_is_the_run_goes_on(tmp_path, monkeypatch, file, clock, what):
    target = tmp_path / "target"
    target.touch()
    if what == "no variable":
        monkeypatch.delenv(progress.FILE)
    elif what == "read-only":
        file.chmod(0o400)
        monkeypatch.setattr(os, "write", Mock(side_effect=OSError("no space left")))
    else:
        file.unlink()
        {
            "gone": lambda: None,
            "a folder": file.mkdir,
            "a link": lambda: file.symlink_to(target),
            "a pipe": lambda: os.mkfifo(file),
        }[what]()
    journal = Journal(lambda: clock[0])
    with journal.within("queue", 1):
        clock[0] += 5
        journal.count(1, 0)
    assert target.read_bytes() == b""
    assert journal.measured()["seconds_by_phase"] == {"queue": 5}


def test_a_line_is_read_as_it_was_written():
    line = Line("seoul", "queue", 10, 1, 2, 20, 3, 4, 5, 6.7, 8)
    assert read(line.written()) == line
    assert line.written().endswith(b"\n")


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b"{}", b'{"host": "seoul"}', b"null", b"\xff"])
def test_anything_else_is_no_line(text):
    assert read(text) is None
