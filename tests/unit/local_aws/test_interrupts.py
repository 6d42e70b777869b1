# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""All ways to ask a program to end are one, and asking twice does no harm."""

from __future__ import annotations

import signal

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
def test_while_things_are_ended_no_other_is_heard(number):
    interrupts.as_ctrl_c()
    with interrupts.ignored():
        signal.raise_signal(number)
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(number)
