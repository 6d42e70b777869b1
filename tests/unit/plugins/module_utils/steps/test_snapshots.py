# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each pool lists its own snapshots; one whose snapshots cannot be read fails alone."""

from __future__ import annotations

from ansible_collections.academy.video_scaling.plugins.module_utils.steps import policies, snapshots
from ansible_collections.academy.video_scaling.plugins.module_utils.steps.step import alone
from ansible_collections.academy.video_scaling.tests.unit.examples import GROUP, other, pool
from ansible_collections.academy.video_scaling.tests.unit.fake_account import Account
from ansible_collections.academy.video_scaling.tests.unit.fake_aws import refusal
from ansible_collections.academy.video_scaling.tests.unit.plugins.module_utils.steps.runs import run_of

VIDEO, AUDIO = pool(), pool(**other())


def test_a_version_that_is_no_snapshot_is_listed_with_its_reason():
    aws = Account(GROUP)
    alone(policies, run_of(policies, [VIDEO], aws))
    name = f"/video_scaling/{GROUP}/{VIDEO.policy_name}"
    aws.parameters.put({"Name": name, "Type": "String", "Value": "x", "Tier": "Standard", "Overwrite": True})
    (row,) = snapshots.work(run_of(policies, [VIDEO], aws)).rows
    assert [(one["id"], one["kind"], one["live"]) for one in row["snapshots"]] == [
        ("2", snapshots.UNREADABLE, False),
        ("1", "change", False),
        ("baseline", "change", False),
    ]
    assert "it is no snapshot" in row["snapshots"][0]["holds"]


def test_a_pool_whose_snapshots_cannot_be_read_fails_alone():
    aws = Account(GROUP, AUDIO.auto_scaling_group_name)
    answer = aws.answers["ssm.get_parameter_history"]
    aws.answers["ssm.get_parameter_history"] = lambda params: (
        refusal("AccessDeniedException") if GROUP in params["Name"] else answer(params)
    )
    done = snapshots.work(run_of(policies, [VIDEO, AUDIO], aws))
    assert done.failed.keys() == {"video"}
    assert done.rows[1]["snapshots"] == []
