# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every check, in causal order: what comes first is the cause of what comes after.

An explicit list, because Ansible ships to the target only what is imported by name.
"""

from __future__ import annotations

from typing import Protocol

from .checks import (
    alarms_exist,
    alarms_have_data,
    alarms_not_stuck,
    busy_workers_protected,
    capacity_fits_queue,
    dead_letter_queue_configured,
    dead_letter_queue_empty,
    group_exists,
    group_has_headroom,
    group_metrics_enabled,
    group_reaches_desired,
    group_sizes_as_declared,
    instance_refresh_can_finish,
    instances_stable,
    messages_are_consumed,
    messages_are_deleted,
    messages_arrive,
    metric_fresh,
    metric_matches_queue,
    one_message_starts_a_worker,
    policy_as_declared,
    policy_exists,
    policy_tracks_queue,
    publisher_as_declared,
    publisher_exists,
    publisher_may_publish,
    publisher_reaches_aws,
    publisher_runs_clean,
    queue_exists,
    queue_settings_as_declared,
    scaling_processes_running,
    schedule_enabled,
    schedule_invokes_publisher,
    signal_counts_in_flight,
    signal_is_per_instance,
    single_scaling_owner,
    snapshot_available,
)
from .finding import Finding
from .observed import Expected, Observed


class Check(Protocol):
    """What each file of ``checks/`` offers (a module is one); its file's name is the check's id."""

    __name__: str
    #: what holds where it passes, as a short sentence without full stop
    TITLE: str
    #: the action that shows it, as IAM writes it
    API: str
    #: what a person sees where it fails: the clause before "because"
    EFFECT: str
    #: ids of earlier checks whose failure explains a failure of this one
    FOLLOWS: tuple[str, ...]

    def check(self, observed: Observed, expected: Expected) -> Finding:
        """Pure. Raises Unread where it needs a reading that failed."""


CHECKS: tuple[Check, ...] = (
    queue_exists,
    queue_settings_as_declared,
    dead_letter_queue_configured,
    dead_letter_queue_empty,
    messages_arrive,
    messages_are_consumed,
    messages_are_deleted,
    publisher_exists,
    # Why its runs fail comes before that they fail.
    publisher_may_publish,
    publisher_reaches_aws,
    publisher_runs_clean,
    publisher_as_declared,
    schedule_enabled,
    schedule_invokes_publisher,
    metric_fresh,
    metric_matches_queue,
    # What a policy hangs on: without the group there is none, while one of its processes is suspended none acts.
    group_exists,
    scaling_processes_running,
    policy_exists,
    # Metric math per instance is made of its size.
    group_metrics_enabled,
    policy_as_declared,
    policy_tracks_queue,
    signal_counts_in_flight,
    signal_is_per_instance,
    one_message_starts_a_worker,
    single_scaling_owner,
    alarms_exist,
    alarms_have_data,
    alarms_not_stuck,
    # What comes of all that.
    group_sizes_as_declared,
    capacity_fits_queue,
    group_has_headroom,
    group_reaches_desired,
    instances_stable,
    busy_workers_protected,
    instance_refresh_can_finish,
    snapshot_available,
)


def id_of(check: Check) -> str:
    return check.__name__.rsplit(".", 1)[-1]


IDS: tuple[str, ...] = tuple(map(id_of, CHECKS))
