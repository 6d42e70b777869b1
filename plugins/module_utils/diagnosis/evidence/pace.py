# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How often the publisher is fired, and so how old what it writes may be."""

from __future__ import annotations

import re
from datetime import timedelta

UNITS = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}
# What a cron expression means is not computed: taken for hourly, so that none is called late that is not.
CRON = timedelta(hours=1)
# A datapoint bears the start of its minute, is visible a minute or two later, and one failed run is no failure yet.
LAG = timedelta(minutes=4)
# Long enough that one failed run does not outweigh the others, short enough that what was mended soon counts as mended.
RECENT = timedelta(minutes=10)


def pause(expression: str) -> timedelta:
    """Between two runs."""
    match = re.fullmatch(r"rate\((\d+) (minute|hour|day)s?\)", expression.strip())
    return int(match[1]) * UNITS[match[2]] if match else CRON


def allowed_age(expression: str) -> timedelta:
    """Of the newest datapoint or run, of a publisher that is well."""
    return pause(expression) + LAG


def recent(expression: str) -> timedelta:
    """The time whose runs tell how the publisher is doing now: at least three."""
    return max(RECENT, 3 * pause(expression) + LAG)
