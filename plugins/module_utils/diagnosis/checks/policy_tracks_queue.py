# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The policy follows the length of this pool's queue: any other number (a database count, another queue, a metric that
differs by a letter) makes capacity that has nothing to do with the work.
"""

from __future__ import annotations

from ...resources import metric
from ..evidence import live, tracking
from ..finding import Finding, Remedy, failed, passed
from ..observed import Expected, Observed
from ..wording.group_commands import playbook_of_policy, policy_of

TITLE = "The policy follows the queue"
API = "autoscaling:DescribePolicies"
EFFECT = "Capacity does not follow the queue"
FOLLOWS: tuple[str, ...] = ("policy_exists",)


def check(observed: Observed, expected: Expected) -> Finding:
    pool, own = expected.pool, live.own_policy(observed, expected)
    found, wanted = tracking.words(own.tracked), tracking.words(metric.from_params(pool))
    if tracking.WAITING in tracking.parts_seen(own.tracked, pool):
        return passed(found, wanted)
    names = tracking.names(own.tracked), tracking.names(metric.from_params(pool))
    if names[0] != names[1] and not tracking.is_by_sqs(own.tracked):
        found, wanted = names
    elif found == wanted:
        # The same metric and dimensions: so it is the unit.
        found = f"{found} in a unit other than {metric.PUBLISHED_UNIT}"
    return failed(
        f"policy {pool.policy_name} follows {found} instead of the depth of queue {pool.queue_name} ({wanted})",
        observed=own.tracked.shown() if own.tracked else None,
        expected=metric.from_params(pool).shown(),
        remedy=Remedy(playbook_of_policy(pool), policy_of(observed.place, pool)),
    )
