# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every way to declare pools wrongly: the refusal opens with the pool and the option, and holds the reason."""

from __future__ import annotations

import pytest

from .examples import GROUP, METRIC, given, other


def measured(**changes):
    """The seed pool's metric, otherwise."""
    return given(metric={name: value for name, value in {**METRIC, **changes}.items() if value is not ...})


def dimensions(*pairs):
    return measured(dimensions=dict(pairs))


def case(name, pools, pool, option, reason):
    return pytest.param(pools if isinstance(pools, list) else [pools], pool, option, reason, id=name)


VIDEO = "pool video"
BOTH = "pools video and audio"

# What the types allow and a rule forbids.
BREACHES = [
    case("empty list", [], "pools is empty", "list at least one pool", ""),
    case("name with a capital", given(name="Video"), "pool Video", "name", "start with a letter a-z"),
    case("name with a dash", given(name="video-hd"), "pool video-hd", "name", "only a-z, 0-9 and _"),
    case("name with a digit first", given(name="4k"), "pool 4k", "name", "start with a letter a-z"),
    case("name of no letter", given(name=""), "pool number 1", "name", "start with a letter a-z"),
    case("queue name of 81", given(queue_name="q" * 81), VIDEO, "queue_name", "has 81 characters; SQS takes 1 to 80"),
    case(
        "queue name of 81 with .fifo",
        given(queue_name="q" * 76 + ".fifo", dead_letter_queue_name=...),
        VIDEO,
        "queue_name",
        "has 81 characters",
    ),
    case("queue name of none", given(queue_name=""), VIDEO, "queue_name", "has 0 characters"),
    case(
        "queue name with a bad letter", given(queue_name="jobs!"), VIDEO, "queue_name", "only letters, digits, - and _"
    ),
    case(
        "queue name with a line end", given(queue_name="jobs\n"), VIDEO, "queue_name", "only letters, digits, - and _"
    ),
    case("queue name with a dot", given(queue_name="jobs.video"), VIDEO, "queue_name", "only letters, digits, - and _"),
    case("queue URL", given(queue_name="https://sqs/1/jobs"), VIDEO, "queue_name", "give the name, not a URL"),
    case(
        "DLQ name of 81", given(dead_letter_queue_name="q" * 81), VIDEO, "dead_letter_queue_name", "SQS takes 1 to 80"
    ),
    case(
        "DLQ name with a bad letter",
        given(dead_letter_queue_name="dlq?"),
        VIDEO,
        "dead_letter_queue_name",
        "only letters",
    ),
    case(
        "DLQ is the queue",
        given(dead_letter_queue_name="academy-video-jobs"),
        VIDEO,
        "dead_letter_queue_name",
        "itself",
    ),
    case(
        "FIFO DLQ alone",
        given(dead_letter_queue_name="dlq.fifo"),
        VIDEO,
        "dead_letter_queue_name",
        "end in .fifo or neither",
    ),
    case("FIFO queue alone", given(queue_name="jobs.fifo"), VIDEO, "dead_letter_queue_name", "end in .fifo or neither"),
    case("received never", given(max_receive_count=0), VIDEO, "max_receive_count", "0 must be from 1 to 1000"),
    case("received too often", given(max_receive_count=1001), VIDEO, "max_receive_count", "must be from 1 to 1000"),
    case("visibility below 0", given(visibility_timeout=-1), VIDEO, "visibility_timeout", "from 0 to 43200 seconds"),
    case(
        "visibility over 12 hours", given(visibility_timeout=43201), VIDEO, "visibility_timeout", "43201 must be from 0"
    ),
    case(
        "retention too short",
        given(message_retention_period=59),
        VIDEO,
        "message_retention_period",
        "from 60 to 1209600",
    ),
    case(
        "retention too long",
        given(message_retention_period=1209601),
        VIDEO,
        "message_retention_period",
        "to 1209600 seconds",
    ),
    case(
        "group name of none", given(auto_scaling_group_name=""), VIDEO, "auto_scaling_group_name", "1 to 255 characters"
    ),
    case("group name of 256", given(auto_scaling_group_name="g" * 256), VIDEO, "auto_scaling_group_name", "1 to 255"),
    case(
        "group ARN",
        given(auto_scaling_group_name=f"arn:aws:autoscaling:x:1:autoScalingGroup:y:autoScalingGroupName/{GROUP}"),
        VIDEO,
        "auto_scaling_group_name",
        "give the group's name, not its ARN",
    ),
    case("policy name of blanks", given(policy_name="  "), VIDEO, "policy_name", "1 to 255 characters"),
    case("policy name of 256", given(policy_name="p" * 256), VIDEO, "policy_name", "1 to 255 characters"),
    case("target 0", given(target_value=0), VIDEO, "target_value", "0.0 must be a number above 0"),
    case("target negative", given(target_value=-1.5), VIDEO, "target_value", "-1.5 must be a number above 0"),
    case("target nan", given(target_value="nan"), VIDEO, "target_value", "nan must be a number above 0"),
    case("target infinite", given(target_value="inf"), VIDEO, "target_value", "inf must be a number above 0"),
    case(
        "warmup negative", given(estimated_instance_warmup=-1), VIDEO, "estimated_instance_warmup", "-1 must be from 0"
    ),
    case(
        "published per instance without a metric",
        given(signal="published_per_instance", metric=...),
        VIDEO,
        "metric",
        "or use signal sqs_per_instance",
    ),
    case(
        "per-instance name of none",
        given(signal="published_per_instance", metric={**METRIC, "per_instance_name": "  "}),
        VIDEO,
        "metric.per_instance_name",
        "1 to 255 ASCII characters",
    ),
    case(
        "per-instance name that gets too long",
        given(signal="published_per_instance", metric={**METRIC, "name": "n" * 250}),
        VIDEO,
        "metric.per_instance_name",
        "give a shorter metric.per_instance_name",
    ),
    case(
        "per-instance name that is that of the total",
        measured(per_instance_name="VideoQueueDepthTotal"),
        VIDEO,
        "metric.per_instance_name",
        "is the name of the total too",
    ),
    case(
        "one pool's total is another pool's value per instance",
        [
            given(signal="published_per_instance"),
            other(metric={**METRIC, "name": "VideoQueueDepthTotalPerInstance"}),
        ],
        "pools video and audio",
        "metric",
        "both publish Academy/VideoProcessing VideoQueueDepthTotalPerInstance",
    ),
    case("minimum negative", given(min_size=-1), VIDEO, "min_size", "-1 must be from 0"),
    case("maximum negative", given(max_size=-1), VIDEO, "max_size", "-1 must be from 0"),
    case("minimum above maximum", given(min_size=3, max_size=2), VIDEO, "min_size", "3 is above max_size 2"),
    case("no metric", given(metric=...), VIDEO, "metric", "needs one; give namespace, name and dimensions"),
    case("namespace of AWS", measured(namespace="AWS/SQS"), VIDEO, "metric.namespace", "reserved by AWS"),
    case("namespace of none", measured(namespace=""), VIDEO, "metric.namespace", "1 to 255 characters"),
    case("namespace of 256", measured(namespace="n" * 256), VIDEO, "metric.namespace", "1 to 255 characters"),
    case(
        "namespace with a bad letter",
        measured(namespace="Academy$"),
        VIDEO,
        "metric.namespace",
        "1 to 255 characters of",
    ),
    case(
        "namespace with a colon first",
        measured(namespace=":Academy"),
        VIDEO,
        "metric.namespace",
        "not start with a colon",
    ),
    case("metric name of none", measured(name=""), VIDEO, "metric.name", "1 to 255 ASCII characters"),
    case("metric name of 256", measured(name="n" * 256), VIDEO, "metric.name", "1 to 255 ASCII characters"),
    case("metric name not ASCII", measured(name="Länge"), VIDEO, "metric.name", "1 to 255 ASCII characters"),
    case("no dimension", dimensions(), VIDEO, "metric.dimensions", "0 given; CloudWatch takes 1 to 30"),
    case("31 dimensions", dimensions(*((f"d{n}", "v") for n in range(31))), VIDEO, "metric.dimensions", "31 given"),
    case("dimension name blank", dimensions((" ", "v")), VIDEO, "metric.dimensions", "the name ' ' must have"),
    case(
        "dimension name of 256", dimensions(("d" * 256, "v")), VIDEO, "metric.dimensions", "1 to 255 ASCII characters"
    ),
    case(
        "dimension name with a colon first",
        dimensions((":d", "v")),
        VIDEO,
        "metric.dimensions",
        "not start with a colon",
    ),
    case(
        "dimension value of none", dimensions(("d", "")), VIDEO, "metric.dimensions", "the value of 'd' must be a text"
    ),
    case(
        "dimension value null", dimensions(("d", None)), VIDEO, "metric.dimensions", "the value of 'd' must be a text"
    ),
    case(
        "dimension value a truth",
        dimensions(("d", True)),
        VIDEO,
        "metric.dimensions",
        "the value of 'd' must be a text",
    ),
    case(
        "dimension value a list",
        dimensions(("d", ["v"])),
        VIDEO,
        "metric.dimensions",
        "the value of 'd' must be a text",
    ),
    case("dimension value of 1025", dimensions(("d", "v" * 1025)), VIDEO, "metric.dimensions", "1 to 1024 ASCII"),
    case("dimension value not ASCII", dimensions(("d", "영상")), VIDEO, "metric.dimensions", "ASCII characters"),
    case("one name twice", [given(), other(name="video")], VIDEO, "name", "used 2 times"),
    case(
        "one policy of one group twice",
        [given(), other(auto_scaling_group_name=GROUP, policy_name="video-backlogcount-tt")],
        BOTH,
        "policy_name",
        "both own policy video-backlogcount-tt of group academy-video-worker-asg",
    ),
    case("one metric twice", [given(), other(metric=METRIC)], BOTH, "metric", "both publish Academy/VideoProcessing"),
    case(
        "exclusive on a shared group",
        [given(exclusive=True), other(auto_scaling_group_name=GROUP)],
        BOTH,
        "exclusive",
        "would remove the other pool's policy",
    ),
    case(
        "DLQ that is another pool's queue",
        [given(), other(dead_letter_queue_name="academy-video-jobs")],
        "pool audio",
        "dead_letter_queue_name",
        "is the queue of pool video",
    ),
    *(
        case(
            f"shared queue with two {option}",
            [
                given(),
                other(queue_name="academy-video-jobs", dead_letter_queue_name="academy-video-jobs-dlq")
                | {option: value},
            ],
            BOTH,
            option,
            "declared differently for the one queue academy-video-jobs",
        )
        for option, value in (
            ("dead_letter_queue_name", "academy-audio-jobs-dlq"),
            ("max_receive_count", 5),
            ("visibility_timeout", 60),
            ("message_retention_period", 60),
        )
    ),
]

# What the types themselves do not allow.
MISTYPED = [
    *(
        case(f"cooldown as {option}", given(**{option: 300}), VIDEO, option, "EC2 target tracking has no cooldown")
        for option in (
            "cooldown",
            "default_cooldown",
            "scale_in_cooldown",
            "scale_out_cooldown",
            "ScaleInCooldown",
            "ScaleOutCooldown",
            "SCALE_OUT_COOLDOWN",
        )
    ),
    case("cooldown of none", given(cooldown=None), VIDEO, "cooldown", "EC2 target tracking has no cooldown"),
    case("unknown option", given(weight=1), VIDEO, "weight", "is not an option; there are auto_scaling_group_name"),
    case("misspelt option", given(que_name="jobs"), VIDEO, "que_name", "is not an option; did you mean queue_name?"),
    case("unknown option of the metric", measured(unit="Bytes"), VIDEO, "metric.unit", "is not an option"),
    case("no name", given(name=...), "pool number 1", "name", "is required"),
    case("name null", given(name=None), "pool number 1", "name", ""),
    case("no queue name", given(queue_name=...), VIDEO, "queue_name", "is required"),
    case("queue name null", given(queue_name=None), VIDEO, "queue_name", ""),
    case("no group name", given(auto_scaling_group_name=...), VIDEO, "auto_scaling_group_name", "is required"),
    case("no policy name", given(policy_name=...), VIDEO, "policy_name", "is required"),
    case("metric without namespace", measured(namespace=...), VIDEO, "metric.namespace", "is required"),
    case("metric without name", measured(name=...), VIDEO, "metric.name", "is required"),
    case("metric without dimensions", measured(dimensions=...), VIDEO, "metric.dimensions", "is required"),
    case("metric a text", given(metric="VideoQueueDepthTotal"), VIDEO, "metric: 'VideoQueueDepthTotal'", "dictionary"),
    case("dimensions a text", measured(dimensions="Video"), VIDEO, "metric.dimensions", "'Video' is no dictionary"),
    case("target a text", given(target_value="fast"), VIDEO, "target_value", "'fast' is no number"),
    case("target a list", given(target_value=[1]), VIDEO, "target_value", "[1] is no number"),
    case(
        "visibility a text", given(visibility_timeout="long"), VIDEO, "visibility_timeout", "'long' is no whole number"
    ),
    case(
        "receive count a fraction", given(max_receive_count=2.5), VIDEO, "max_receive_count", "2.5 is no whole number"
    ),
    case("scale-in neither", given(disable_scale_in="perhaps"), VIDEO, "disable_scale_in", "'perhaps' is no yes or no"),
    case("unknown signal", given(signal="database"), VIDEO, "signal", "'database' is no choice of published_total"),
    case("pool a text", [given(), "audio"], "pool number 2", "'audio' is not a dictionary of options", ""),
    case("pool a list", [["video"]], "pool number 1", "['video'] is not a dictionary of options", ""),
    case("pool null", [None], "pool number 1", "None is not a dictionary of options", ""),
    case("pool a number", [given(), 7], "pool number 2", "7 is not a dictionary of options", ""),
]
