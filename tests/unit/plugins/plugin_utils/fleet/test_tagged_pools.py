# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tags win over what is said for all groups, texts become what their option is, and a breach names group and tag."""

from __future__ import annotations

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.pool import POOL_OPTIONS
from ansible_collections.academy.video_scaling.plugins.plugin_utils.fleet.tagged_pools import (
    breaches_of,
    name_of,
    options_of,
    pool_of,
)

PREFIX = "video_scaling:"
POLICY = {"policy_name": "queue-depth", "signal": "sqs_total"}
METRIC = {"namespace": "Academy/Video", "name": "Depth", "dimensions": {"WorkerType": "Video"}}


def group(called="academy-video-worker-asg", /, **tags):
    prefixed = {f"{PREFIX}{option}": value for option, value in tags.items()}
    return {"auto_scaling_group_name": called, "min_size": 0, "max_size": 2, "tags": prefixed}


def as_is(option, value, group):
    return value


def built(group, **defaults):
    return pool_of(group, PREFIX, defaults, as_is)


@pytest.mark.parametrize(
    ("tags", "options"),
    [
        ({}, {}),
        ({"Name": "x", "aws:autoscaling": "y"}, {}),
        ({f"{PREFIX}queue_name": "jobs", "Name": "x"}, {"queue_name": "jobs"}),
        (
            {f"{PREFIX}metric.namespace": "N", f"{PREFIX}metric.name": "M", f"{PREFIX}metric.dimensions.A.B": "1"},
            {"metric": {"namespace": "N", "name": "M", "dimensions": {"A.B": "1"}}},
        ),
        ({f"{PREFIX}queue.name": "jobs"}, {"queue.name": "jobs"}),
        ({f"{PREFIX}metric": "M", f"{PREFIX}metric.name": "N"}, {"metric": "M"}),
    ],
    ids=str,
)
def test_a_tag_with_the_prefix_is_an_option(tags, options):
    assert options_of(tags, PREFIX) == options


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("academy-video-worker-asg", "academy_video_worker_asg"),
        ("Video.Workers (blue)", "video_workers_blue"),
        ("_x_", "x"),
    ],
    ids=str,
)
def test_a_pool_is_named_like_its_group(name, made):
    assert name_of(name) == made
    assert built(group(name))["name"] == made
    assert built(group(name), name="given")["name"] == "given"
    assert built(group(name, name="tagged"), name="given")["name"] == "tagged"


@pytest.mark.parametrize(
    ("tags", "defaults", "expected"),
    [
        ({"queue_name": "a"}, {"queue_name": "b", "policy_name": "p"}, {"queue_name": "a", "policy_name": "p"}),
        ({"max_receive_count": "5"}, {}, {"max_receive_count": 5}),
        ({"target_value": "2.5"}, {"target_value": 1}, {"target_value": 2.5}),
        ({"disable_scale_in": "true"}, {}, {"disable_scale_in": True}),
        ({"disable_scale_in": "no"}, {}, {"disable_scale_in": False}),
        ({"queue_name": "007"}, {}, {"queue_name": "007"}),
        ({"max_receive_count": "many"}, {}, {"max_receive_count": "many"}),
        ({}, {"visibility_timeout": None}, {}),
        ({}, {"visibility_timeout": "30"}, {"visibility_timeout": 30}),
        (
            {"metric.name": "Own", "metric.dimensions.Kind": "k"},
            {"metric": METRIC},
            {"metric": {**METRIC, "name": "Own", "dimensions": {"WorkerType": "Video", "Kind": "k"}}},
        ),
        (
            {"metric.dimensions.WorkerType": "Own"},
            {"metric": METRIC},
            {"metric": {**METRIC, "dimensions": {"WorkerType": "Own"}}},
        ),
        ({"strange": "x"}, {}, {"strange": "x"}),
    ],
    ids=str,
)
def test_tags_win_and_texts_become_what_they_mean(tags, defaults, expected):
    pool = built(group(**tags), **defaults)
    assert pool.pop("name") == "academy_video_worker_asg"
    assert pool.pop("auto_scaling_group_name") == "academy-video-worker-asg"
    assert pool == expected
    assert list(map(type, pool.values())) == list(map(type, expected.values()))


def test_only_what_the_tags_do_not_say_is_rendered():
    seen = {}

    def render(option, value, group):
        seen[option] = value
        return f"rendered {option}"

    tags = {"queue_name": "a", "metric.dimensions.WorkerType": "Own"}
    pool = pool_of(
        group(**tags), PREFIX, {"queue_name": "{{ bad }}", "policy_name": "{{ p }}", "metric": METRIC}, render
    )
    assert seen == {"policy_name": "{{ p }}", "metric": {**METRIC, "dimensions": {}}}
    assert pool["policy_name"] == "rendered policy_name"


def test_the_options_come_in_the_order_of_their_documentation():
    pool = built(group(strange="x", target_value="1", queue_name="a"), **POLICY)
    assert list(pool) == [*[option for option in POOL_OPTIONS if option in pool], "strange"]


GOOD = {"queue_name": "a-jobs"}


@pytest.mark.parametrize(
    ("groups", "defaults", "expected"),
    [
        ([group(**GOOD)], POLICY, []),
        ([group(**GOOD), group("audio", queue_name="b-jobs")], POLICY, []),
        (
            [group()],
            POLICY,
            [["group academy-video-worker-asg: queue_name: is required", "(give tag video_scaling:queue_name, or"]],
        ),
        ([group(queue_name="a b")], POLICY, [["queue_name: 'a b'", "(tag video_scaling:queue_name)"]]),
        ([group()], {**POLICY, "queue_name": "a b"}, [["queue_name: 'a b'", "(pool_defaults.queue_name)"]]),
        (
            [group(**GOOD, scale_in_cooldown="300")],
            POLICY,
            [["EC2 target tracking has no cooldown", "(tag video_scaling:scale_in_cooldown)"]],
        ),
        ([group(**GOOD, queue="x")], POLICY, [["queue: is not an option; did you mean queue_name?", "tag video_"]]),
        (
            [group(**GOOD, max_receive_count="many", target_value="-1")],
            POLICY,
            [["max_receive_count: 'many' is no whole number", "(tag video_scaling:max_receive_count)"]],
        ),
        (
            [group(**GOOD, **{"metric.name": "N"})],
            {"policy_name": "p"},
            [["metric.namespace: is required", "(give tag video_scaling:metric.namespace, or pool_defaults.metric."],
             ["metric.dimensions: is required", "give tag video_scaling:metric.dimensions"]],
        ),
        (
            [group(**GOOD, **{"metric.dimensions.A": "\u00e9"})],
            {"policy_name": "p", "metric": METRIC},
            [["metric.dimensions: the value of 'A'", "(tag video_scaling:metric.dimensions.A)"]],
        ),
        ([group("7", **GOOD)], POLICY, [["name: '7' must start with a letter", "(give tag video_scaling:name, or"]]),
        (
            [group(**GOOD, auto_scaling_group_name="another")],
            POLICY,
            [["auto_scaling_group_name: is this group", "remove tag video_scaling:auto_scaling_group_name"]],
        ),
        (
            [group("a", name="x", **GOOD), group("b", name="x", queue_name="b-jobs"), group("c", queue_name="c-jobs")],
            POLICY,
            [["pool x: name: used 2 times", "(pool x is group a, pool x is group b)"]],
        ),
        (
            [group("a", **GOOD), group("b", **GOOD, max_receive_count="9")],
            POLICY,
            [["pools a and b: max_receive_count", "(pool a is group a, pool b is group b)"]],
        ),
        ([], POLICY, [["pools is empty"]]),
    ],
    ids=[
        "good", "two good", "missing", "bad tag", "bad default", "cooldown", "unknown", "no number", "half a metric",
        "dimension", "name of the group", "group", "one name", "one queue in two ways", "none",
    ],
)  # fmt: skip
def test_a_breach_names_group_and_tag(groups, defaults, expected):
    pools = [built(one, **defaults) for one in groups]
    found = breaches_of(groups, pools, PREFIX, defaults)
    assert len(found) == len(expected), found
    for breach, words in zip(found, expected, strict=True):
        assert all(word in breach for word in words), breach
