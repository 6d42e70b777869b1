# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run that cannot succeed, or is in the wrong place, ends before its first write."""

from __future__ import annotations

import pytest

from local_aws import seed
from tests.integration.account import pool

HAND_MADE = {"video_scaling_manage_queues": False}

REFUSED = [
    ("unknown group", {}, ["video", "academy-video-worker-asg"]),
    ("other account", {"video_scaling_expected_account": "210987654321"}, ["210987654321", "123456789012"]),
    ("other region", {"video_scaling_expected_region": "us-east-1"}, ["us-east-1", "ap-northeast-2"]),
]


@pytest.mark.parametrize(("variables", "words"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_the_wrong_place_is_refused_before_any_write(account, variables, words):
    if variables:
        seed.make_group(account.client, old_policy=None)
    run = account.apply(variables)
    assert run.code != 0
    assert (run.failure.name, run.mutating) == ("Pools", [])
    for word in words:
        assert word in run.failure.message


@pytest.mark.parametrize(("variables", "words"), [row[1:] for row in REFUSED[1:]], ids=[row[0] for row in REFUSED[1:]])
@pytest.mark.parametrize("playbook", ["rollback", "retire"])
def test_nothing_is_taken_away_in_the_wrong_place(account, playbook, variables, words):
    seed.make_pool(account.client)
    run = account.play(f"playbooks/{playbook}.yml", variables)
    assert run.code != 0
    assert {request.name for request in run.requests} == {"sts:GetCallerIdentity"}
    for word in words:
        assert word in run.failure.message


def test_a_missing_queue_is_refused_where_queues_are_not_made(account):
    seed.make_group(account.client, old_policy=None)
    run = account.apply(HAND_MADE)
    assert run.code != 0
    assert (run.failure.name, run.mutating) == ("Pools", [])
    assert "video" in run.failure.message and "academy-video-jobs" in run.failure.message


def test_every_pool_that_is_not_ready_is_named_at_once(account):
    seed.make_group(account.client, old_policy=None)
    run = account.apply({"video_scaling_pools": [pool(), pool("audio"), pool("image")]})
    assert run.code != 0
    assert (run.failure.name, run.mutating) == ("Pools", [])
    assert "audio" in run.failure.message and "image" in run.failure.message
    assert "failed" not in run.failure.pools["video"]
    assert run.failure.pools["audio"]["failed"] and run.failure.pools["image"]["failed"]


def test_a_queue_made_by_hand_is_used_as_it_is(account):
    seed.make_pool(account.client)
    run = account.apply({**HAND_MADE, "video_scaling_expected_account": "123456789012"})
    assert run.code == 0, run.output
    assert "queue" not in run["Pools"].result["changed_steps"]
    assert "queue_arn" not in run["Pools"].pools["video"]
    assert [name for name in run.mutating if name.startswith("sqs:")] == []
