# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Requests are counted, by what they are about."""

from __future__ import annotations

from local_aws.strict.countdown import Countdown


def test_so_many_requests_meet_the_old_state():
    countdown = Countdown()
    countdown.start(("role", "r"), 2)
    assert [countdown.meets(("role", "r")) for _ in range(4)] == [True, True, False, False]
    assert not countdown.meets(("role", "other"))


def test_looking_does_not_count():
    countdown = Countdown()
    countdown.start(("f",), 1)
    assert countdown.is_late(("f",)) and countdown.is_late(("f",))
    assert countdown.meets(("f",))
    assert not countdown.is_late(("f",))


def test_what_belongs_to_the_forgotten_is_forgotten():
    countdown = Countdown()
    for key in (("f",), ("f", "live"), ("g", "live")):
        countdown.start(key, 1)
    countdown.forget(("f",))
    assert [countdown.is_late(key) for key in (("f",), ("f", "live"), ("g", "live"))] == [False, False, True]
