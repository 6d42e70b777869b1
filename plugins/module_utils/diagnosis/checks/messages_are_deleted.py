# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is received is worked on and deleted: messages received again and again are done several times or never (a lock
taken for success, a poison message, too short a visibility timeout), and one in flight without a worker is hidden until
its timeout ends.
"""

from __future__ import annotations

from datetime import timedelta

from ..evidence import live, series
from ..finding import Finding, Remedy, failed, passed, warned
from ..observed import Expected, Observed
from ..wording.queue_commands import attributes_of
from ..wording.words import counted, lasting, since
from . import queue_exists

TITLE = "Received messages are deleted"
API = "cloudwatch:GetMetricData"
EFFECT = "Jobs are done again and again"
FOLLOWS: tuple[str, ...] = ("queue_exists",)
# Receives without an end, and as many of them as those with one: below that it is a worker that was replaced.
FEWEST_RETURNS = 5
# Of the retention period: what is older is about to be deleted by SQS itself.
ABOUT_TO_EXPIRE = 0.8
# The age of the oldest message is a minute or two late; what is older than this says nothing of now.
LATELY = timedelta(minutes=15)


def check(observed: Observed, expected: Expected) -> Finding:
    if observed.queue is None:
        return queue_exists.missing(observed, expected)
    name, metrics = expected.pool.queue_name, observed.queue_metrics
    received, deleted = series.total(metrics, "received"), series.total(metrics, "deleted")
    oldest = series.newest(series.after(metrics.get("oldest_age", ()), observed.at - LATELY))
    details = {
        "observed": {
            "received": received,
            "deleted": deleted,
            "in_flight": observed.in_flight,
            "oldest_age": oldest[1] if oldest else None,
        },
        "expected": "received = deleted + in flight",
        "remedy": Remedy(cli=attributes_of(observed.place, name)),
    }
    returned = received - deleted - observed.in_flight
    if returned >= max(FEWEST_RETURNS, deleted):
        return failed(
            f"queue {name} handed out messages {counted(received, 'time')} "
            f"{since(observed.at, observed.since)} and only {deleted:g} of them were deleted",
            **details,
        )
    retention = timedelta(seconds=int(observed.queue["MessageRetentionPeriod"]))
    age = timedelta(seconds=oldest[1] if oldest else 0)
    if age >= ABOUT_TO_EXPIRE * retention:
        return failed(
            f"the oldest message of queue {name} is {lasting(age)} old, and SQS deletes it after {lasting(retention)}",
            effect="Jobs are about to be lost",
            **details,
        )
    return _ghosts(observed, expected, details) or passed(details["observed"], details["expected"])


def _ghosts(observed: Observed, expected: Expected, details: dict[str, object]) -> Finding | None:
    """More in flight than there is capacity, whatever its instances are doing, to hold them."""
    group = observed.known("group")
    if group is None:
        return None
    pool, capacity = expected.pool, live.capacity(group.get("Instances", ()))
    per_instance = max(1.0, pool.target_value if pool.per_instance else 1.0)
    if observed.in_flight <= capacity * per_instance:
        return None
    unit = live.unit(group) if live.is_weighted(group) else "instance"
    hidden = lasting(timedelta(seconds=int((observed.queue or {})["VisibilityTimeout"])))
    return warned(
        f"{counted(observed.in_flight, 'message')} of queue {pool.queue_name} "
        f"{'is' if observed.in_flight == 1 else 'are'} in flight and group {pool.auto_scaling_group_name} has "
        f"{counted(capacity, unit)}: a worker takes several at once, or those of dead workers stay hidden for "
        f"the visibility timeout of {hidden}",
        observed=details["observed"],
        expected=f"at most {capacity * per_instance:g} in flight",
        remedy=Remedy(cli=attributes_of(observed.place, pool.queue_name)),
    )
