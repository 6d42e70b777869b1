# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The queue hides and keeps messages as long as declared: a visibility timeout that has drifted either hands a job out
twice while it is still worked on, or hides the jobs of a dead worker for hours.
"""

from __future__ import annotations

from dataclasses import replace

from ...resources import queue
from ..finding import Finding, Remedy, failed, passed
from ..observed import Expected, Observed
from ..wording.command_line import playbook
from ..wording.queue_commands import set_attributes
from . import queue_exists

TITLE = "The queue has the declared settings"
API = "sqs:GetQueueAttributes"
EFFECT = "Messages are hidden or kept for another time than declared"
FOLLOWS: tuple[str, ...] = ("queue_exists",)


def check(observed: Observed, expected: Expected) -> Finding:
    if observed.queue is None:
        return queue_exists.missing(observed, expected)
    name = expected.pool.queue_name
    # The redrive policy has a check of its own.
    declared = replace(queue.from_params(expected.pool, observed.place)[name], redrive=None)
    wanted = declared.shown()
    found = {setting: queue.from_response(name, "", observed.queue).shown()[setting] for setting in wanted}
    differing = [setting for setting in wanted if found[setting] != wanted[setting]]
    if differing:
        differences = " and ".join(
            f"{setting} {found[setting]} instead of {wanted[setting]} seconds" for setting in differing
        )
        cli = set_attributes(observed.place, name, queue.to_request(declared))
        return failed(
            f"queue {name} has {differences}", observed=found, expected=wanted, remedy=Remedy(playbook("apply"), cli)
        )
    return passed(found, wanted)
