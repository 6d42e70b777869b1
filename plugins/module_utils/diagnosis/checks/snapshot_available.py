# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A rollback would change something: where no snapshot is kept, or the newest one is what is live already, going back
ends where it began.
"""

from __future__ import annotations

from ...resources import policy
from ...resources.policy import Policies
from ...resources.snapshot import parameter_name
from ...resources.snapshot_rules import ROLLBACK
from ..finding import Finding, Remedy, passed, warned
from ..observed import Expected, Observed
from ..wording.command_line import cli, playbook
from ..wording.words import moment, stamped

TITLE = "There is a state to go back to"
API = "ssm:GetParameters"
EFFECT = "A rollback changes nothing"
FOLLOWS: tuple[str, ...] = ("group_exists",)


def check(observed: Observed, expected: Expected) -> Finding:
    group, name = policy.key_of(expected.pool)
    newest, baseline = observed.snapshot, observed.baseline
    whose = f"policy {name} of group {group}"
    history = cli(observed.place, "ssm get-parameter-history", name=parameter_name(group, name))
    if newest is None and baseline is None:
        return warned(
            f"no snapshot of {whose} is kept: it was never changed from here",
            # Whatever the playbook changes, it keeps what was there before.
            remedy=Remedy(playbook("apply_policy"), history),
        )
    live = Policies(group, {reply["PolicyName"]: policy.from_response(reply) for reply in observed.policies})
    if newest is None:
        return passed("baseline")
    held = f"snapshot {newest.label}: {policy.held_by(newest)}"
    if newest.record.kind != ROLLBACK and policy.is_live(newest, live):
        taken = moment(observed.at, stamped(newest.record.stamp.at))
        return warned(
            f"the newest snapshot ({newest.label}, {taken}) of {whose} is what is live already",
            observed=held,
            remedy=Remedy(
                f"{playbook('snapshots')}  # and rollback with one of these",
                history,
            ),
        )
    return passed(held)
