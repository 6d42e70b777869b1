# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A playbook for one step writes what belongs to that step, and nothing else."""

from __future__ import annotations

import pytest

from local_aws import seed


@pytest.mark.parametrize(
    ("playbook", "services"),
    [("deploy_lambda.yml", {"iam", "lambda", "logs"}), ("apply_policy.yml", {"autoscaling", "ssm"})],
)
def test_the_services_that_are_written_to(account, playbook, services):
    seed.make_pool(account.client)
    run = account.play(f"playbooks/{playbook}")
    assert run.code == 0, run.output
    assert {name.partition(":")[0] for name in run.mutating} == services
