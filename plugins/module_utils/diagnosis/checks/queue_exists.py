# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""There is a queue: without it nothing can be measured, and nothing worked on."""

from __future__ import annotations

from ..finding import Finding, Remedy, failed, passed
from ..observed import Expected, Observed
from ..wording.command_line import cli, playbook

TITLE = "The queue exists"
API = "sqs:GetQueueUrl"
EFFECT = "Nothing scales"
FOLLOWS: tuple[str, ...] = ()


def check(observed: Observed, expected: Expected) -> Finding:
    if observed.queue is None:
        return missing(observed, expected)
    name = expected.pool.queue_name
    return passed(observed=observed.queue.get("QueueArn", name), expected=name)


def missing(observed: Observed, expected: Expected) -> Finding:
    """What every check that needs the queue says where there is none."""
    name = expected.pool.queue_name
    return failed(
        f"queue {name} does not exist in {observed.place}",
        expected=name,
        remedy=Remedy(playbook("apply"), cli(observed.place, "sqs list-queues", queue_name_prefix=name[:20])),
    )
