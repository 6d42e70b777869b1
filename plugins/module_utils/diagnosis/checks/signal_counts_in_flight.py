# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The signal counts messages in flight: one that sees only those that wait falls to 0 as soon as all are being worked
on, and scale-in then stops the workers that do it.
"""

from __future__ import annotations

from ..evidence import live, tracking
from ..finding import Finding, Remedy, failed, passed, warned
from ..observed import Expected, Observed
from ..wording.command_line import playbook
from ..wording.group_commands import policy_of

TITLE = "The signal counts messages in flight"
API = "autoscaling:DescribePolicies"
EFFECT = "Busy workers are stopped"
FOLLOWS: tuple[str, ...] = ("policy_exists", "policy_tracks_queue", "metric_matches_queue")

# A published value that is the waiting messages alone, in so many minutes with messages in flight and in all of them,
# is no accident of the moment at which each was read.
MINUTES_ALIKE = 5


def check(observed: Observed, expected: Expected) -> Finding:
    pool, own = expected.pool, live.own_policy(observed, expected)
    parts = tracking.parts_seen(own.tracked, pool)
    shown = {
        "observed": sorted(parts),
        "expected": sorted(tracking.WHOLE),
        "remedy": Remedy(playbook("apply"), policy_of(observed.place, pool)),
    }
    if tracking.IN_FLIGHT not in parts:
        cause = f"policy {pool.policy_name} follows {tracking.words(own.tracked)}, which leaves out messages in flight"
    elif minutes := _minutes_alike(observed, expected):
        cause = f"in {minutes} minutes with messages in flight the published value was that of the waiting ones alone"
    else:
        return passed(sorted(parts), sorted(tracking.WHOLE))
    if own.disable_scale_in:
        return warned(f"{cause} (scale-in is disabled, so no worker is lost)", **shown)
    return failed(f"{cause}, and scale-in is enabled", **shown)


def _minutes_alike(observed: Observed, expected: Expected) -> int:
    """In how many minutes the published value was the waiting messages alone; 0 where it was not in one of them."""
    metrics = observed.known("queue_metrics", {})
    waiting, published = dict(metrics.get("visible", ())), dict(observed.known("metric", ()))
    if not expected.pool.published:
        return 0
    alike = [
        published[minute] == waiting[minute]
        for minute, count in metrics.get("in_flight", ())
        if count > 0 and minute in published and minute in waiting
    ]
    return len(alike) if all(alike) and len(alike) >= MINUTES_ALIKE else 0
