# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Somebody sends messages: with none sent and none there the pool rests, which is right if there is no work, and is all
that is seen of producers that use another queue name or region, or that may not send.
"""

from __future__ import annotations

from ...resources import queue
from ..evidence import series
from ..finding import Finding, Remedy, passed, warned
from ..observed import Expected, Observed
from ..wording.command_line import cli
from ..wording.words import since
from . import queue_exists

TITLE = "Messages arrive"
API = "cloudwatch:GetMetricData"
EFFECT = "There is nothing to work on"
FOLLOWS: tuple[str, ...] = ("queue_exists",)


def check(observed: Observed, expected: Expected) -> Finding:
    if observed.queue is None:
        return queue_exists.missing(observed, expected)
    name = expected.pool.queue_name
    held = queue.from_response(name, "", observed.queue).counts
    # A queue that nobody has used for six hours has no datapoints at all, which says the same as zeros.
    shown = {"sent": series.total(observed.queue_metrics, "sent"), **held}
    if any(shown.values()):
        return passed(shown, "messages sent, or messages there")
    return warned(
        f"nothing was sent to queue {name} {since(observed.at, observed.since)} and it is empty: there is no work, or "
        "the producers use another queue name or region, or may not send",
        observed=shown,
        expected="messages sent, or messages there",
        remedy=Remedy(cli=cli(observed.place, "sqs list-queues")),
    )
