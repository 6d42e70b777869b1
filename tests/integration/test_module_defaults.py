# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a play works is said once for all modules, and needs no variable of the environment."""

from __future__ import annotations

from local_aws import seed
from tests.integration.account import pool, task

MODULES = [
    "video_scaling_preflight",
    "video_queue",
    "queue_depth_lambda",
    "queue_depth_schedule",
    "video_scaling_policy",
    "video_scaling_verify",
]


def test_one_entry_sets_region_endpoint_and_credentials_of_every_module(account):
    seed.make_group(account.client, old_policy=None)
    where = {
        "region": "ap-northeast-2",
        "endpoint_url": account.recording.url,
        "access_key": account.environment["AWS_ACCESS_KEY_ID"],
        "secret_key": "kept-to-itself",
    }
    play = {"module_defaults": {"group/academy.video_scaling.all": where}}
    run = account.tasks([task(module, {"pools": [pool()]}) for module in MODULES], play=play, environment={})
    assert run.code == 0, run.output
    assert [task.name for task in run.tasks] == MODULES
    assert {request.service for request in run.requests} == {
        "autoscaling",
        "events",
        "iam",
        "lambda",
        "logs",
        "sqs",
        "ssm",
        "sts",
    }
    written = run.output + "".join(str(task.result) for task in run.tasks)
    assert "kept-to-itself" not in written
