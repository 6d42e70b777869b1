# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""All ways to ask a program to end are one, and asking twice does no harm."""

from __future__ import annotations

import signal
import threading

import pytest

from local_aws import interrupts

ALL = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


@pytest.fixture(autouse=True)
def as_usual():
    """Also where the tests themselves run under nohup."""
    before = {number: signal.signal(number, signal.SIG_DFL) for number in ALL}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", ALL)
def test_each_is_an_interrupt(number):
    interrupts.as_ctrl_c()
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(number)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_also_where_it_was_ignored(number):
    signal.signal(number, signal.SIG_IGN)
    interrupts.as_ctrl_c()
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(number)


def test_under_nohup_a_closed_terminal_ends_nothing():
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    interrupts.as_ctrl_c()
    signal.raise_signal(signal.SIGHUP)


@pytest.mark.parametrize("number", ALL)
def test_what_is_started_is_known_before_a_request_to_end_is_heard(number):
    interrupts.as_ctrl_c()
    started = []
    with pytest.raises(KeyboardInterrupt), interrupts.postponed():
        signal.raise_signal(number)
        started.append("it")
    assert started == ["it"]
    assert signal.getsignal(number) == signal.default_int_handler


def test_what_is_ignored_stays_ignored_for_what_is_started():
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with interrupts.postponed():
        assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN


def test_another_thread_is_never_interrupted():
    entered = []

    def start():
        with interrupts.postponed():
            entered.append(True)

    thread = threading.Thread(target=start)
    thread.start()
    thread.join()
    assert entered == [True]


@pytest.mark.parametrize("number", ALL)
def test_while_things_are_ended_no_other_is_heard(number):
    interrupts.as_ctrl_c()
    with interrupts.ignored():
        signal.raise_signal(number)
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(number)
