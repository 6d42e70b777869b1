# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No message has failed for good: each one in the dead-letter queue is a job that nobody does any more, and a growing
number of them tells of a poison message or of workers that cannot do their work.
"""

from __future__ import annotations

from ...resources import queue
from ..finding import Finding, Remedy, failed, not_needed, passed, warned
from ..observed import Expected, Observed
from ..wording.queue_commands import on_queue
from ..wording.words import counted, moment

TITLE = "The dead-letter queue is empty"
API = "sqs:GetQueueAttributes"
EFFECT = "Jobs fail for good"
FOLLOWS: tuple[str, ...] = ("dead_letter_queue_configured",)


def check(observed: Observed, expected: Expected) -> Finding:
    attributes = observed.dead_letter_queue
    if attributes is None:
        return not_needed(f"queue {expected.pool.queue_name} has no dead-letter queue")
    name = attributes["QueueArn"].rsplit(":", 1)[-1]
    found = queue.from_response(name, "", attributes)
    held = sum(found.counts.values())
    earlier = observed.known("dead_letter_metrics", {}).get("visible", ())
    if not held:
        # What it held earlier was looked at, or has expired: that is only shown.
        most = max((value for dummy, value in earlier), default=0)
        return passed({"messages": 0, "most in the time window": most}, 0)
    # Somebody has to look at one: without a visibility timeout it stays where it is.
    look = on_queue(observed.place, name, "receive-message", visibility_timeout=0, attribute_names="All")
    words = f"dead-letter queue {name} holds {counted(held, 'message')}"
    details = {"observed": dict(found.counts), "expected": 0, "remedy": Remedy(cli=look)}
    if not earlier:
        return warned(words, **details)
    begin, then = earlier[0]
    if held > then:
        return failed(f"{words}, {held - then:g} more than at {moment(observed.at, begin)}", **details)
    return warned(f"{words}, no more than at {moment(observed.at, begin)}", **details)
