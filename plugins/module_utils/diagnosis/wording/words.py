# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Times and numbers as a person on call reads them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


def stamped(text: str) -> datetime:
    """The moment of a stamp (ISO 8601), in UTC."""
    return datetime.fromisoformat(text).astimezone(UTC)


def moment(at: datetime, time: datetime) -> str:
    """``02:41 UTC``, with the date where it was another day. :param at: when it is read."""
    in_utc = time.astimezone(UTC)
    return f"{in_utc:%H:%M} UTC" if in_utc.date() == at.date() else f"{in_utc:%Y-%m-%d %H:%M} UTC"


def lasting(duration: timedelta) -> str:
    """``45 s``, ``12 min``, ``6.5 h``, ``3 d``."""
    if duration >= 2 * DAY:
        return f"{round(duration / DAY, 1):g} d"
    if duration >= 1.5 * HOUR:
        return f"{round(duration / HOUR, 1):g} h"
    if duration >= 1.5 * MINUTE:
        return f"{duration / MINUTE:.0f} min"
    return f"{duration.total_seconds():.0f} s"


def since(at: datetime, time: datetime) -> str:
    """``since 02:41 UTC (6.5 h)``."""
    return f"since {moment(at, time)} ({lasting(at - time)})"


def counted(number: float, thing: str) -> str:
    """``1 message``, ``2 messages``."""
    return f"{number:g} {thing}{'' if number == 1 else 's'}"
