# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nothing kept, or nothing but what is live, is warned of; a rollback is no change to go back over."""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.checks import snapshot_available
from ansible_collections.academy.video_scaling.plugins.module_utils.resources.snapshot import ROLLBACK
from ansible_collections.academy.video_scaling.tests.unit.examples import GROUP, POLICY
from ansible_collections.academy.video_scaling.tests.unit.observations import case, every_case, holds, kept, policy

SAME = kept({POLICY: policy()})
NONE_BEFORE = kept({POLICY: None})
CASES = every_case(
    case("another policy before"),
    case("none before", snapshot=NONE_BEFORE),
    case("none before, and none now", "warn", "is what is live already", snapshot=NONE_BEFORE, policies=[]),
    case(
        "nothing kept",
        "warn",
        f"no snapshot of policy {POLICY} of group {GROUP} is kept: it was never changed from here",
        snapshot=None,
        baseline=None,
    ),
    case("only the baseline", snapshot=None),
    case(
        "what is live",
        "warn",
        f"the newest snapshot (7, 09:17 UTC) of policy {POLICY} of group {GROUP} is what is live already",
        snapshot=SAME,
    ),
    case("rolled back", snapshot=replace(SAME, record=replace(SAME.record, kind=ROLLBACK))),
)


@CASES
def test_there_is_a_state_to_go_back_to(example):
    holds(snapshot_available, example)
