# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The scaling policy of each pool, with a snapshot of what was live before the first request that changes it."""

from __future__ import annotations

from collections.abc import Sequence

from ..plan import Aws
from ..pool import Pool
from ..resources import policy, snapshot
from .done import Bring, Done, row


def work(pools: Sequence[Pool], aws: Aws, function_name: str, bring: Bring, present: bool = True) -> Done:
    """The outcomes are keyed by (group, policy)."""
    record = snapshot.Record(aws.stamp, function_name)
    outcomes = bring(policy, policy.declared(pools, record, present))
    rows = []
    for pool in pools:
        outcome = outcomes[policy.key_of(pool)]
        live = set(outcome.found.by_name) if outcome.found else set()
        rows.append(row(pool.name, [outcome], other_policies=sorted(live - {pool.policy_name})))
    return Done(rows, outcomes)
