# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The queue puts away messages that fail again and again: without a redrive policy to an existing dead-letter queue
such a message comes back until it expires, keeps a worker busy each time, and nobody notices.
"""

from __future__ import annotations

from dataclasses import replace

from ...resources import queue
from ...resources.queue import DEAD_LETTER_RETENTION_SECONDS, Redrive
from ..finding import Finding, Remedy, failed, passed, warned
from ..observed import Expected, Observed
from ..wording.command_line import playbook
from ..wording.queue_commands import attributes_of, set_attributes
from . import queue_exists

TITLE = "The queue has its dead-letter queue"
API = "sqs:GetQueueAttributes"
EFFECT = "A message that always fails comes back for ever"
FOLLOWS: tuple[str, ...] = ("queue_exists",)


def check(observed: Observed, expected: Expected) -> Finding:
    if observed.queue is None:
        return queue_exists.missing(observed, expected)
    name = expected.pool.queue_name
    live = queue.from_response(name, "", observed.queue)
    declared = queue.from_params(expected.pool, observed.place)[name]
    shown, wanted = live.shown().get("redrive_policy"), declared.shown().get("redrive_policy")
    if declared.redrive and live.redrive != declared.redrive:
        words = f"queue {name} {_words(live.redrive)}, declared is that it {_words(declared.redrive)}"
        only = replace(declared, visibility_timeout=None, message_retention_period=None)
        cli = set_attributes(observed.place, name, queue.to_request(only))
        return failed(words, observed=shown, expected=wanted, remedy=Remedy(playbook("apply"), cli))
    if live.redrive is None:
        remedy = Remedy(cli=attributes_of(observed.place, name))
        return warned(f"queue {name} has no dead-letter queue, and none is declared", remedy=remedy)
    target = _name_of(live.redrive)
    if observed.dead_letter_queue is None:
        remedy = Remedy(playbook("apply"), attributes_of(observed.place, name))
        words = f"dead-letter queue {target}, which queue {name} names, does not exist"
        return failed(words, observed=shown, expected=wanted, remedy=remedy)
    kept, at_source = int(observed.dead_letter_queue["MessageRetentionPeriod"]), live.message_retention_period or 0
    if kept < at_source:
        longest = {"MessageRetentionPeriod": str(DEAD_LETTER_RETENTION_SECONDS)}
        return warned(
            f"dead-letter queue {target} keeps messages for {kept} seconds, less than the {at_source} of queue {name}, "
            "and a dead letter keeps the age of its message: it may expire before anybody has seen it",
            observed={"message_retention_period": kept},
            expected={"message_retention_period": f"at least {at_source}"},
            remedy=Remedy(cli=set_attributes(observed.place, target, longest)),
        )
    return passed(shown, wanted)


def _words(redrive: Redrive | None) -> str:
    if redrive is None:
        return "has no redrive policy"
    return f"sends a message to {_name_of(redrive)} after {redrive.max_receive_count} receives"


def _name_of(redrive: Redrive) -> str:
    return redrive.dead_letter_target_arn.rsplit(":", 1)[-1]
