# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pools that the tests declare: the design's seed pool, and whatever differs from it in a test."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.academy.video_scaling.plugins.module_utils.package import settings_of
from ansible_collections.academy.video_scaling.plugins.module_utils.place import Place, Stamp
from ansible_collections.academy.video_scaling.plugins.module_utils.pool import POOL_OPTIONS, Pool

ROOT = Path(__file__).resolve().parents[2]
PLACE = Place("aws", "ap-northeast-2", "123456789012")
STAMP = Stamp("2026-02-22T09:17:40+00:00", "arn:aws:sts::123456789012:assumed-role/deployer/kim", "0.1.0")
GROUP = "academy-video-worker-asg"
POLICY = "video-backlogcount-tt"
FUNCTION = "academy-worker-queue-depth-metric"
RULE = "academy-worker-queue-depth-rate"
# The right of the rule to invoke the publisher, as GetPolicy tells it.
STATEMENT = {
    "Sid": f"events-{RULE}",
    "Effect": "Allow",
    "Principal": {"Service": "events.amazonaws.com"},
    "Action": "lambda:InvokeFunction",
    "Condition": {"ArnLike": {"AWS:SourceArn": PLACE.rule_arn(RULE)}},
}
METRIC = {
    "namespace": "Academy/VideoProcessing",
    "name": "VideoQueueDepthTotal",
    "dimensions": {"WorkerType": "Video", "AutoScalingGroupName": GROUP},
}
SEED = {
    "name": "video",
    "queue_name": "academy-video-jobs",
    "dead_letter_queue_name": "academy-video-jobs-dlq",
    "max_receive_count": 3,
    "auto_scaling_group_name": GROUP,
    "policy_name": POLICY,
    "signal": "published_total",
    "metric": METRIC,
    "target_value": 1,
}


def given(**changes: Any) -> dict[str, Any]:
    """The seed pool as a person writes it, with some options otherwise; an option of ... is left out."""
    return {name: value for name, value in {**SEED, **changes}.items() if value is not ...}


def other(**changes: Any) -> dict[str, Any]:
    """A second pool that shares nothing with the seed pool."""
    own = {
        "name": "audio",
        "queue_name": "academy-audio-jobs",
        "dead_letter_queue_name": "academy-audio-jobs-dlq",
        "auto_scaling_group_name": "academy-audio-worker-asg",
        "policy_name": "audio-backlogcount-tt",
        "metric": {**METRIC, "name": "AudioQueueDepthTotal"},
    }
    return given(**{**own, **changes})


def typed(params: dict[str, Any]) -> dict[str, Any]:
    """The options as a module gets them: with the argument spec's types and defaults."""
    checked = ArgumentSpecValidator(POOL_OPTIONS).validate(params)
    assert not checked.error_messages, checked.error_messages
    return checked.validated_parameters


def pool(**changes: Any) -> Pool:
    return Pool.from_params(typed(given(**changes)))


def settings(*pools: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What the publisher knows of the pools, by name."""
    return {params["name"]: settings_of(Pool.from_params(typed(params))) for params in pools or (given(),)}
