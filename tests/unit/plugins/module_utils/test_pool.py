# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every rule of a pool is checked over the whole list, and every breach names the pool, the option and the reason."""

from __future__ import annotations

from dataclasses import replace

import pytest
import yaml
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import Failure
from ansible_collections.academy.video_scaling.plugins.module_utils.pool import (
    POOL_OPTIONS,
    Metric,
    Pool,
    breaches_of,
    message_of,
    pools_from_params,
)
from ansible_collections.academy.video_scaling.tests.unit.bad_pools import BREACHES
from ansible_collections.academy.video_scaling.tests.unit.examples import (
    GROUP,
    METRIC,
    ROOT,
    SEED,
    given,
    other,
    pool,
    typed,
)


@pytest.mark.parametrize(("pools", "named", "option", "reason"), BREACHES)
def test_a_breach_names_pool_option_and_reason(pools, named, option, reason):
    (breach,) = breaches_of([typed(params) for params in pools])
    assert breach.startswith(f"{named}: {option}")
    assert reason in breach


@pytest.mark.parametrize(
    "pools",
    [
        pytest.param([given()], id="the seed pool"),
        pytest.param([given(signal="sqs_total", metric=...)], id="SQS's own metrics"),
        pytest.param([given(dead_letter_queue_name=...)], id="no DLQ"),
        pytest.param([given(queue_name="q" * 80)], id="queue name of 80"),
        pytest.param([given(queue_name="q" * 75 + ".fifo", dead_letter_queue_name="d.fifo")], id="both FIFO, 80 long"),
        pytest.param([given(visibility_timeout=0, message_retention_period=60, max_receive_count=1)], id="lowest"),
        pytest.param(
            [given(visibility_timeout=43200, message_retention_period=1209600, max_receive_count=1000)], id="highest"
        ),
        pytest.param([given(target_value=0.001, estimated_instance_warmup=0)], id="small target, no warmup"),
        pytest.param([given(policy_name="p" * 255, auto_scaling_group_name="g" * 255)], id="names of 255"),
        pytest.param([given(metric={**METRIC, "namespace": "N" * 255, "name": "n" * 255})], id="metric of 255"),
        pytest.param(
            [given(metric={**METRIC, "name": "n" * 250})], id="only the name per instance, which nobody needs"
        ),
        pytest.param([given(metric={**METRIC, "namespace": "AWSome"})], id="namespace that only resembles AWS's"),
        pytest.param([given(metric={**METRIC, "dimensions": {f"d{n}": n for n in range(30)}})], id="30 dimensions"),
        pytest.param([given(exclusive=True), other(exclusive=True)], id="exclusive, a group each"),
        pytest.param([given(), other(auto_scaling_group_name=GROUP)], id="one group, a policy each"),
        pytest.param([given(), other(policy_name=SEED["policy_name"])], id="one policy name, a group each"),
        pytest.param([given(), other(dead_letter_queue_name="academy-video-jobs-dlq")], id="one DLQ"),
        pytest.param(
            [given(), other(queue_name="academy-video-jobs", dead_letter_queue_name="academy-video-jobs-dlq")],
            id="one queue, declared alike",
        ),
        pytest.param([given(), other(signal="sqs_total", metric=METRIC)], id="a metric that only one publishes"),
    ],
)
def test_what_aws_takes_is_accepted(pools):
    assert list(breaches_of([typed(params) for params in pools])) == []


def test_all_breaches_are_reported_at_once():
    with pytest.raises(Failure) as refused:
        pools_from_params([typed(given(target_value=0, queue_name="jobs!")), typed(other(policy_name=""))])
    lines = str(refused.value).splitlines()
    assert lines[0] == "3 problems in pools:"
    assert [line.split(": ")[:2] for line in lines[1:]] == [
        ["- pool video", "queue_name"],
        ["- pool video", "target_value"],
        ["- pool audio", "policy_name"],
    ]


def test_one_breach_stands_alone():
    assert message_of(["pool video: name: taken"]) == "pool video: name: taken"


def test_the_roles_default_is_the_seed_pool():
    defaults = yaml.safe_load((ROOT / "roles/video_scaling/defaults/main.yml").read_text())
    assert defaults["video_scaling_pools"] == [SEED]


def test_a_pool_is_declared_as_its_options_say():
    assert pool() == Pool(
        name="video",
        queue_name="academy-video-jobs",
        auto_scaling_group_name="academy-video-worker-asg",
        policy_name="video-backlogcount-tt",
        dead_letter_queue_name="academy-video-jobs-dlq",
        max_receive_count=3,
        visibility_timeout=None,
        message_retention_period=None,
        signal="published_total",
        metric=Metric(
            "Academy/VideoProcessing",
            "VideoQueueDepthTotal",
            (("AutoScalingGroupName", "academy-video-worker-asg"), ("WorkerType", "Video")),
        ),
        per_instance_metric=Metric(
            "Academy/VideoProcessing",
            "VideoQueueDepthTotalPerInstance",
            (("AutoScalingGroupName", "academy-video-worker-asg"), ("WorkerType", "Video")),
        ),
        target_value=1.0,
        disable_scale_in=False,
        estimated_instance_warmup=None,
        exclusive=False,
    )


def test_the_dataclass_has_the_options_and_their_defaults():
    required = {name: "x" for name, spec in POOL_OPTIONS.items() if spec.get("required")}
    optional = {name: spec.get("default") for name, spec in POOL_OPTIONS.items() if name not in required}
    # The metric's options declare two metrics.
    assert vars(Pool(**required)) == {**required, **optional, "per_instance_metric": None}


@pytest.mark.parametrize(
    ("named", "name"),
    [({}, "VideoQueueDepthTotalPerInstance"), ({"per_instance_name": "Load"}, "Load")],
    ids=["by default", "named"],
)
def test_the_second_metric_differs_from_the_first_in_its_name_alone(named, name):
    declared = pool(metric={**METRIC, **named})
    assert declared.per_instance_metric == replace(declared.metric, name=name)
    assert declared.metric.name == METRIC["name"]


@pytest.mark.parametrize("option", ["visibility_timeout", "message_retention_period", "estimated_instance_warmup"])
def test_zero_is_a_value_and_not_unmanaged(option):
    assert getattr(pool(**{option: 0}), option) == 0


@pytest.mark.parametrize(
    ("dimensions", "kept"),
    [
        ({"B": "2", "A": "1"}, (("A", "1"), ("B", "2"))),
        ({"Port": 80, "Load": 0.5}, (("Load", "0.5"), ("Port", "80"))),
    ],
    ids=["sorted", "numbers as text"],
)
def test_dimensions_are_a_set_of_texts(dimensions, kept):
    assert Metric.from_params({**METRIC, "dimensions": dimensions}).dimensions == kept


@pytest.mark.parametrize(
    ("signal", "published"), [("published_total", True), ("sqs_total", False)], ids=["published", "SQS's own"]
)
def test_only_some_signals_need_the_publisher(signal, published):
    assert pool(signal=signal).published is published


def test_the_publishers_reply_names_the_pool():
    assert pool(name="audio_long").depth_field == "audio_long_queue_depth_total"
