# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What really went wrong with such a pool, and which checks say so: those and no others.

Each incident is the pool that is well with all that looked different at the time. Its number is its row in the list of
incidents; ``known`` is for what AWS's documents and users tell beside that list. What a failure brings with it stays
quiet: it is skipped, and says what it follows from.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.catalogue import IDS
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.finding import FAIL, PASS, SKIPPED, WARN
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.observed import Observed
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.verdict import Verdict, judged
from ansible_collections.academy.video_scaling.tests.unit.examples import FUNCTION, GROUP, PLACE, POLICY, RULE
from ansible_collections.academy.video_scaling.tests.unit.observations import (
    AT,
    SINCE,
    activity,
    ago,
    alarm,
    dead_letter_queue,
    function_metrics,
    group,
    healthy,
    instance,
    kept,
    live_version,
    policy,
    queue,
    queue_metrics,
    series,
    wanted,
)
from ansible_collections.academy.video_scaling.tests.unit.scenes import (
    BEFORE,
    BY_CPU,
    BY_SQS,
    IN_VPC,
    MAY_SET,
    MISSPELT,
    NO_FUNCTION,
    NO_GROUP,
    NO_GROUP_METRICS,
    NO_POLICY,
    NO_REDRIVE,
    REFRESH,
    SILENT,
    SPOT,
    SQS,
    SQS_POLICY,
    TO_ONE,
    TO_ZERO,
    UNGUARDED,
    VISIBLE_ONLY,
    alarms,
    blind,
    changed,
    custom,
    dead_publisher,
    declared_metric,
    denied,
    failing_runs,
    following,
    idle,
    iso,
    launch,
    launching,
    not_invoked,
    on_the_way,
    published,
    quota,
    replaced,
    set_by_hand,
    shrunk,
    state,
    statements,
    step_alarm,
    suspended,
    work,
)

TOTAL = {"signal": "published_total"}
# The rows of the list, but for 21: what a tool once asked for in vain is not a state of a pool.
ROWS = {str(number) for number in range(1, 28) if number != 21}


@dataclass(frozen=True)
class Incident:
    """:param label: its row, and what happened. :param fires: status by id; the first that fails is the first cause.
    :param says: what the sentence must name, or the causes where all are warnings.
    :param declared, readings: what differs. :param follows: what must be reported as well, as a consequence.
    """

    label: str
    fires: dict[str, str]
    says: tuple[str, ...]
    readings: dict[str, Any]
    declared: dict[str, Any]
    follows: tuple[str, ...]

    @property
    def first(self) -> str | None:
        return next((name for name, status in self.fires.items() if status == FAIL), None)


def incident(
    label: str,
    fires: dict[str, str],
    says: tuple[str, ...],
    *readings: dict[str, Any],
    declared: dict[str, Any] | None = None,
    follows: tuple[str, ...] = (),
    **more: Any,
) -> Incident:
    """:param readings, more: those that differ from the healthy pool's, the later ones over the earlier ones."""
    merged: dict[str, Any] = {}
    for some in (*readings, more):
        merged |= some
    return Incident(label, fires, says, merged, declared or {}, follows)


def well(label: str, warns: tuple[str, ...], *readings: dict[str, Any], **more: Any) -> Incident:
    """No incident: at most a warning."""
    return incident(f"well: {label}", dict.fromkeys(warns, WARN), (), *readings, **more)


def judge(case: Incident) -> Verdict:
    """A reading of ... is not read at all."""
    readings = {name: value for name, value in {**healthy(), **case.readings}.items() if value is not ...}
    return judged(Observed(AT, SINCE, PLACE, readings), wanted(**case.declared))


INCIDENTS = (
    # --- rows of the list ---
    incident(
        "1: a counter that nobody decrements holds the group at its maximum",
        {"policy_tracks_queue": FAIL, "alarms_not_stuck": FAIL, "capacity_fits_queue": FAIL, "messages_arrive": WARN},
        (POLICY, "BacklogCount"),
        idle(20),
        following(custom("BacklogCount"), high=state("ALARM", hours=6.5), low=state("OK", hours=6.5)),
        activities=[launch(ago(hours=6.3), (16, 20))],
    ),
    incident(
        "2: the publisher lies in a VPC that does not reach AWS",
        {"publisher_reaches_aws": FAIL},
        (FUNCTION, "vpc-1aa60778", "Task timed out after 50.00 seconds"),
        blind(),
        failing_runs("2026-02-22T11:59:10.121Z 5f1c20aa Task timed out after 50.00 seconds", 50_000),
        live_version=live_version(VpcConfig=IN_VPC),
        follows=("publisher_runs_clean", "metric_fresh", "alarms_have_data"),
    ),
    incident(
        "2: later each of its runs is refused",
        {"publisher_runs_clean": FAIL},
        (FUNCTION, "403"),
        blind(),
        failing_runs("[ERROR] HTTPError: HTTP Error 403: Forbidden"),
        follows=("metric_fresh",),
    ),
    incident(
        "3: its role may write another namespace only",
        {"publisher_may_publish": FAIL},
        ("cloudwatch:PutMetricData", "Academy/VideoProcessing"),
        blind(),
        failing_runs(denied("cloudwatch:PutMetricData")),
        statements(PublishDepths={"Condition": {"StringEquals": {"cloudwatch:namespace": ["Academy/Video"]}}}),
        follows=("publisher_runs_clean", "metric_fresh"),
    ),
    incident(
        "3: its role may not read the queue",
        {"publisher_may_publish": FAIL},
        ("sqs:GetQueueAttributes", "academy-video-jobs"),
        blind(),
        failing_runs(denied("sqs:GetQueueAttributes")),
        statements(ReadQueues=...),
    ),
    incident(
        "4: the publisher falls back to another source and writes nothing here",
        {"metric_fresh": FAIL},
        ("VideoQueueDepthTotal", "10:25 UTC", "1.6 h"),
        blind(),
        follows=("alarms_have_data",),
    ),
    incident(
        "4: the metric flaps between two sources",
        {"alarms_not_stuck": WARN},
        ("AlarmHigh", "lost its data 2 times"),
        published([point for point in series(3) if point[0].minute % 20 >= 8]),
        alarm_history=[
            changed("High", ago(minutes=minutes), *states)
            for minutes, *states in (
                (18, "OK", "INSUFFICIENT_DATA"),
                (28, "INSUFFICIENT_DATA", "OK"),
                (38, "OK", "INSUFFICIENT_DATA"),
                (48, "INSUFFICIENT_DATA", "OK"),
            )
        ],
    ),
    incident(
        "4: every third minute only has a value",
        {"metric_fresh": FAIL},
        ("VideoQueueDepthTotal", "lacks 18 datapoints"),
        published([point for point in series(3) if point[0].minute % 3 == 2]),
    ),
    incident(
        "5: another system writes the metric",
        {"metric_matches_queue": FAIL},
        ("the metric said 9 at 11:59 UTC", "academy-video-jobs"),
        work(0, 3, 9),
        metric=series(9),
    ),
    incident(
        "6: workers with long jobs are ended by scale-in",
        {"busy_workers_protected": FAIL},
        (GROUP, "lifecycle hook"),
        work(0, 5, 5),
        declared={"visibility_timeout": 10800},
        queue=queue(ApproximateNumberOfMessagesNotVisible=5, VisibilityTimeout=10800),
        lifecycle_hooks=[],
        activities=[shrunk(ago(minutes=40), (6, 5))],
    ),
    incident(
        "7: a signal of waiting messages only",
        {"signal_counts_in_flight": FAIL},
        (POLICY, "in flight"),
        BY_SQS,
        following(VISIBLE_ONLY, low=state("ALARM", minutes=30)),
        declared=SQS,
        activities=[shrunk(ago(minutes=28), (4, 3))],
    ),
    incident(
        "7: a publisher that counts waiting messages only",
        {"metric_matches_queue": FAIL},
        ("said 0", "without the messages in flight"),
        published(series(0)),
        alarms=alarms(low=state("ALARM", minutes=30)),
        activities=[shrunk(ago(minutes=28), (4, 3))],
        follows=("signal_counts_in_flight",),
    ),
    incident(
        "8: a redeployment made the group anew",
        {"policy_exists": FAIL},
        (GROUP, "11:20 UTC"),
        work(12, 1, 1, 40, CreatedTime=ago(minutes=40)),
        NO_POLICY,
        activities=[
            activity(
                f"At {iso(ago(minutes=40))} a user request created an AutoScalingGroup changing the desired capacity "
                f"from 0 to 1.  At {iso(ago(minutes=40))} an instance was started in response to a difference between "
                "desired and actual capacity, increasing the capacity from 0 to 1.",
                ago(minutes=40),
            )
        ],
    ),
    incident(
        "8: without the group's metrics and hooks too",
        {"policy_exists": FAIL, "group_metrics_enabled": WARN},
        (GROUP, "11:20 UTC"),
        work(12, 1, 1, 40, CreatedTime=ago(minutes=40), EnabledMetrics=[]),
        NO_POLICY,
        group_metrics=NO_GROUP_METRICS,
        lifecycle_hooks=[],
    ),
    incident(
        "9: the policy was deleted and not put again",
        {"policy_exists": FAIL},
        (GROUP, "no scaling policy"),
        work(4, 3, 3, 8),
        NO_POLICY,
    ),
    incident(
        "10: another script owns the policy as well",
        {"policy_as_declared": FAIL, "signal_is_per_instance": WARN},
        (POLICY, "VideoQueueDepthTotal"),
        following(declared_metric(signal="sqs_total", metric=...)),
        work(0, 1, 1),
    ),
    incident(
        "11: a test left its own maximum and target",
        {"policy_as_declared": FAIL, "group_sizes_as_declared": FAIL},
        (POLICY, "target_value", "found 2.0"),
        following(declared_metric(), 2.0),
        work(2, 2, 2, MaxSize=10),
    ),
    incident(
        "12: the newest snapshot is what is live",
        {"snapshot_available": WARN},
        ("newest snapshot (7", "is what is live already"),
        snapshot=kept({POLICY: policy()}),
    ),
    incident(
        "13: a function sets the capacity beside the policy",
        {"single_scaling_owner": FAIL},
        ("autoscaling:SetDesiredCapacity",),
        activities=[
            set_by_hand(ago(minutes=12), (2, 3)),
            shrunk(ago(minutes=31), (3, 2)),
            set_by_hand(ago(minutes=47), (2, 3)),
            set_by_hand(ago(minutes=70), (1, 2)),
        ],
        role_statements=[*healthy()["role_statements"], MAY_SET],
    ),
    incident(
        "13: a second policy, on another metric",
        {"single_scaling_owner": WARN},
        ("video-cpu", GROUP),
        policies=[policy(), BY_CPU],
    ),
    incident(
        "14: the policy was put by Application Auto Scaling, and never came to be",
        {"policy_exists": FAIL, "snapshot_available": WARN},
        (GROUP, "no scaling policy"),
        work(6, 1, 1, flow=(2, 1, 1)),
        NO_POLICY,
        snapshot=None,
        baseline=None,
    ),
    incident(
        "15: workers stop themselves and are replaced",
        {"instances_stable": FAIL},
        (GROUP, "20 instances", "EC2 health check"),
        idle(1, 150),
        activities=[one for number in range(20) for one in replaced(ago(minutes=4 + 6 * number), 40 - number)],
    ),
    incident(
        "16: instances without a worker on them",
        {"messages_are_consumed": FAIL},
        ("academy-video-jobs", "8 waiting messages", "11:10 UTC (50 min)"),
        work(8, 0, 8, 50, flow=(0, 0, 0)),
    ),
    incident(
        "16: and at the maximum, all of them",
        {"messages_are_consumed": FAIL},
        ("academy-video-jobs", "40 waiting messages", "20 instances"),
        work(40, 0, 20, 120, flow=(1, 0, 0)),
        alarms=alarms(high=state("ALARM", minutes=110)),
    ),
    incident(
        "17: messages come back",
        {"messages_are_deleted": FAIL},
        ("academy-video-jobs", "925 times", "only 31"),
        work(2, 3, 5, 150, flow=(1, 6, 0)),
    ),
    incident(
        "18: a visibility timeout that drifted leaves ghosts in flight",
        {"queue_settings_as_declared": FAIL},
        ("10800", "600"),
        work(0, 12, 9, 4, DesiredCapacity=12),
        group=group(9, DesiredCapacity=12, Instances=on_the_way(9, 12)),
        alarms=alarms(high=state("ALARM", minutes=2)),
        queue=queue(ApproximateNumberOfMessagesNotVisible=12, VisibilityTimeout=10800),
        activities=[launching(ago(minutes=1), (9, 12))],
    ),
    incident(
        "18: and they are more than there are workers",
        {"queue_settings_as_declared": FAIL, "messages_are_deleted": WARN},
        ("10800", "600"),
        work(0, 9, 5, 120, flow=(0, 0, 0), MaxSize=5),
        declared={"max_size": 5},
        queue=queue(ApproximateNumberOfMessagesNotVisible=9, VisibilityTimeout=10800),
        alarms=alarms(high=state("ALARM", minutes=116)),
    ),
    incident(
        "19: a Spot instance was taken with its message",
        {"busy_workers_protected": FAIL},
        (GROUP, "Spot"),
        group=group(MixedInstancesPolicy=SPOT),
        lifecycle_hooks=[],
        activities=replaced(ago(minutes=25), 2),
    ),
    incident(
        "19: the publisher returned early for all pools meanwhile",
        {"metric_fresh": FAIL},
        ("VideoQueueDepthTotal", "20 min"),
        blind(20),
    ),
    incident(
        "20: messages go to a queue of another name",
        {"messages_arrive": WARN},
        ("academy-video-jobs", "another queue name"),
        idle(1),
    ),
    incident(
        "22: the quota of Spot instances is used up",
        {"group_reaches_desired": FAIL},
        ("16 of 20 workers", "MaxSpotInstanceCountExceeded"),
        quota(4),
    ),
    incident(
        "22: and far more waits than the maximum could do",
        {"group_reaches_desired": FAIL},
        ("16 of 20 workers", "MaxSpotInstanceCountExceeded"),
        quota(60),
    ),
    incident(
        "23: workers have no route or right to receive",
        {"messages_are_consumed": FAIL},
        ("academy-video-jobs", "180 waiting messages", "09:00 UTC (3 h)"),
        work(180, 0, 20, 180, flow=(1, 0, 0)),
        alarms=alarms(high=state("ALARM", minutes=170)),
    ),
    incident(
        "24: an instance refresh waits for protected instances",
        {"instance_refresh_can_finish": FAIL},
        (GROUP, "3 instances protected from scale-in"),
        group=group(
            NewInstancesProtectedFromScaleIn=True,
            Instances=[instance(number, ProtectedFromScaleIn=True) for number in range(3)],
        ),
        instance_refreshes=[REFRESH],
    ),
    incident(
        "25: a poison message goes round, and the dead-letter queue fills",
        {"dead_letter_queue_empty": FAIL},
        ("academy-video-jobs-dlq", "6 messages"),
        work(1, 3, 4, 150, flow=(1, 2, 1)),
        dead_letter_queue=dead_letter_queue(ApproximateNumberOfMessages=6),
        dead_letter_metrics={"visible": tuple((time, (time.hour - 9) * 2) for time, dummy in series(0))},
    ),
    incident(
        "26: the alarm of a step policy takes no data for well",
        {"alarms_have_data": FAIL, "single_scaling_owner": WARN, "messages_arrive": WARN},
        ("video-queue-idle", "notBreaching"),
        idle(3),
        BY_SQS,
        declared={**SQS, "disable_scale_in": True, "min_size": 0, "target_value": 0.5},
        group=group(3, MinSize=0),
        metric=(),
        queue_metrics=SILENT,
        # With scale-in disabled there is no AlarmLow.
        policies=[
            policy(
                wanted(**SQS, disable_scale_in=True, target_value=0.5),
                Alarms=[{"AlarmName": alarm("High")["AlarmName"], "AlarmARN": "arn:High"}],
            ),
            TO_ZERO,
        ],
        alarms=[
            *alarms(state("INSUFFICIENT_DATA", hours=2), follows=SQS_POLICY)[:1],
            step_alarm("video-queue-idle", TO_ZERO, TreatMissingData="notBreaching"),
        ],
    ),
    incident(
        "27: an alarm sets the capacity to one under running jobs",
        {"single_scaling_owner": FAIL},
        ("video-reset-to-one", "ExactCapacity 1"),
        work(0, 5, 5),
        policies=[policy(), TO_ONE],
        alarms=[*alarms(), step_alarm("video-queue-empty", TO_ONE, TreatMissingData="breaching")],
    ),
    # --- what AWS's documents and users tell ---
    incident(
        "known: one message does not start a worker",
        {"one_message_starts_a_worker": FAIL, "signal_is_per_instance": WARN},
        ("academy-video-jobs", "1 message", "MinSize 0"),
        work(1, 0, 0, 60, flow=(0, 0, 0), MinSize=0),
        following(custom()),
        declared={**TOTAL, "min_size": 0},
    ),
    incident(
        "known: a total takes ten busy workers for ten too few",
        {"signal_is_per_instance": FAIL},
        (POLICY, "wants 20 workers", "at most 10 messages"),
        work(0, 10, 20, 120),
        following(custom(), high=state("ALARM", minutes=110)),
        declared=TOTAL,
    ),
    incident(
        "known: alarms without data although the metric is there",
        {"alarms_have_data": FAIL},
        ("AlarmHigh", "no data since 10:00 UTC (2 h)"),
        work(6, 3, 3, 120),
        alarms=alarms(*[state("INSUFFICIENT_DATA", hours=2)] * 2),
    ),
    incident(
        "known: the group's metrics are not enabled",
        {"group_metrics_enabled": FAIL},
        (GROUP, "GroupDesiredCapacity", "the policy's signal is divided by"),
        work(6, 3, 3, 120, EnabledMetrics=[]),
        BY_SQS,
        declared=SQS,
        follows=("alarms_have_data",),
        group_metrics=NO_GROUP_METRICS,
        alarms=alarms(*[state("INSUFFICIENT_DATA", hours=2)] * 2, follows=SQS_POLICY),
    ),
    incident(
        "known: a division by zero drops the datapoint",
        # It also counts a missing half of the depth as 0.
        {"policy_as_declared": FAIL, "metric_fresh": WARN},
        (POLICY, "(m1 + m2) / m3"),
        work(5, 0, 0, 120, flow=(0, 0, 0), MinSize=0),
        BY_SQS,
        following(UNGUARDED, 0.5, high=state("INSUFFICIENT_DATA", hours=2), low=state("INSUFFICIENT_DATA", hours=2)),
        declared={**SQS, "min_size": 0, "target_value": 0.5},
        follows=("alarms_have_data",),
    ),
    incident(
        "known: Launch is suspended",
        {"scaling_processes_running": FAIL},
        (GROUP, "Launch"),
        work(6, 3, 3, 60, DesiredCapacity=9, **suspended("Launch")),
        follows=("group_reaches_desired",),
        alarms=alarms(high=state("ALARM", minutes=57)),
    ),
    incident(
        "known: Terminate is suspended",
        {"scaling_processes_running": FAIL},
        (GROUP, "Terminate"),
        work(0, 3, 8, 60, DesiredCapacity=3, **suspended("Terminate")),
        alarms=alarms(low=state("ALARM", minutes=40)),
    ),
    incident(
        "known: AlarmNotification is suspended",
        {"scaling_processes_running": FAIL},
        (GROUP, "AlarmNotification"),
        work(17, 3, 3, 120, **suspended("AlarmNotification")),
        follows=("capacity_fits_queue",),
        alarms=alarms(high=state("ALARM", minutes=117)),
    ),
    incident(
        "known: the policy is disabled",
        {"policy_exists": FAIL},
        (POLICY, "disabled"),
        work(9, 1, 1, 60),
        policies=[policy(Enabled=False)],
        alarms=alarms(high=state("ALARM", minutes=57)),
        follows=("capacity_fits_queue",),
    ),
    incident(
        "known: all workers are protected from scale-in for ever",
        {"messages_arrive": WARN, "capacity_fits_queue": FAIL},
        (GROUP, "wants 9 workers", "9 of them are protected"),
        idle(9, Instances=[instance(number, ProtectedFromScaleIn=True) for number in range(9)]),
    ),
    incident(
        "known: the group is at its maximum",
        {"group_has_headroom": FAIL},
        (GROUP, "maximum of 20", "60 waiting messages"),
        work(60, 20, 20, 90, flow=(4, 3, 3)),
        alarms=alarms(high=state("ALARM", minutes=86)),
    ),
    incident(
        "known: the rule is disabled",
        {"schedule_enabled": FAIL},
        (RULE, "disabled since 10:25 UTC"),
        blind(),
        not_invoked(),
        follows=("metric_fresh", "alarms_have_data"),
        rule={"Name": RULE, "State": "DISABLED", "ScheduleExpression": "rate(1 minute)"},
    ),
    incident(
        "known: the rule has no target",
        {"schedule_invokes_publisher": FAIL},
        (RULE, "no target"),
        blind(),
        not_invoked(),
        follows=("metric_fresh",),
        targets=[],
    ),
    incident(
        "known: the rule may not invoke its target",
        {"schedule_invokes_publisher": FAIL},
        (f"{RULE} may not invoke {FUNCTION}:live",),
        blind(),
        not_invoked(),
        follows=("metric_fresh",),
        permissions=[],
    ),
    incident(
        "known: reserved concurrency 0",
        {"publisher_runs_clean": FAIL},
        (FUNCTION, "reserved concurrency 0"),
        blind(),
        not_invoked(throttles=1),
        follows=("metric_fresh",),
        reserved_concurrency=0,
    ),
    incident(
        "known: a dimension with one other letter",
        {"policy_tracks_queue": FAIL},
        (POLICY, "WorkerType=video", "WorkerType=Video"),
        work(9, 1, 1, 95),
        following(custom(WorkerType="video"), high=state("NEW", hours=5), low=state("NEW", hours=5)),
        declared=TOTAL,
        follows=("alarms_have_data",),
    ),
    incident(
        "known: a queue's name without its last letter",
        {"policy_tracks_queue": FAIL},
        (POLICY, "QueueName=academy-video-job)"),
        work(9, 1, 1, 95),
        BY_SQS,
        following(MISSPELT, high=state("NEW", hours=5), low=state("NEW", hours=5)),
        declared=SQS,
    ),
    incident(
        "known: another unit",
        {"policy_tracks_queue": FAIL},
        (POLICY, "unit"),
        work(9, 1, 1, 95),
        following(custom(unit="Percent"), high=state("NEW", hours=5), low=state("NEW", hours=5)),
        declared=TOTAL,
    ),
    incident(
        "known: a queue without a redrive policy",
        {"dead_letter_queue_configured": FAIL},
        ("academy-video-jobs", "redrive"),
        queue=NO_REDRIVE,
    ),
    incident(
        "known: and none is declared",
        {"dead_letter_queue_configured": WARN},
        ("academy-video-jobs", "no dead-letter queue"),
        declared={"dead_letter_queue_name": ...},
        queue=NO_REDRIVE,
        dead_letter_queue=None,
        dead_letter_metrics={},
    ),
    incident(
        "known: a dead-letter queue with messages",
        {"dead_letter_queue_empty": WARN},
        ("academy-video-jobs-dlq", "4 messages"),
        dead_letter_queue=dead_letter_queue(ApproximateNumberOfMessages=4),
        dead_letter_metrics={"visible": series(4)},
    ),
    incident(
        "known: a dead-letter queue that forgets before its queue",
        {"dead_letter_queue_configured": WARN},
        ("academy-video-jobs-dlq", "86400", "345600"),
        dead_letter_queue=dead_letter_queue(MessageRetentionPeriod=86400),
    ),
    # --- what the version before did ---
    incident(
        "before: a dead publisher looks like an empty queue to a policy of version 0.1.0",
        {
            "schedule_invokes_publisher": FAIL,
            "metric_fresh": FAIL,
            "policy_as_declared": FAIL,
            "alarms_have_data": FAIL,
        },
        (
            f"function {FUNCTION} has not run since 11:40 UTC (20 min). Busy workers are stopped because ",
            f"policy {POLICY} counts a missing Academy/VideoProcessing/VideoQueueDepthTotal as 0",
            "so AWS scales in while it is missing",
        ),
        dead_publisher(),
        per_instance_metric=(),
        policies=[BEFORE],
        # It has been below the threshold for 15 minutes, and AWS takes the workers away.
        alarms=alarms(low=state("ALARM", minutes=3), follows=BEFORE),
        follows=("metric_matches_queue", "capacity_fits_queue"),
    ),
    incident(
        "before: the same publisher and the policy of today",
        {"schedule_invokes_publisher": FAIL},
        (f"function {FUNCTION} has not run since 11:40 UTC (20 min)",),
        dead_publisher(),
        alarms=alarms(*[state("INSUFFICIENT_DATA", minutes=3)] * 2),
        follows=("metric_fresh", "metric_matches_queue", "alarms_have_data", "capacity_fits_queue"),
    ),
    incident(
        "before: nothing was applied since the version before, and all is well so far",
        {"publisher_may_publish": FAIL, "metric_fresh": FAIL, "policy_as_declared": FAIL, "alarms_have_data": WARN},
        ("autoscaling:DescribeAutoScalingGroups", "although the total is of 11:59 UTC", "or is an older one"),
        per_instance_metric=(),
        policies=[BEFORE],
        alarms=alarms(follows=BEFORE),
        role_statements=[one for one in healthy()["role_statements"] if one["Sid"] != "ReadGroups"],
    ),
    # --- what is not there ---
    incident(
        "missing: somebody deleted an alarm of the policy",
        {"alarms_exist": FAIL},
        (POLICY, "AlarmLow"),
        alarms=alarms()[:1],
    ),
    incident(
        "missing: no queue",
        {"queue_exists": FAIL},
        ("academy-video-jobs",),
        blind(),
        failing_runs(
            "[ERROR] NotPublished: not everything was published for video: AWS.SimpleQueueService.NonExistentQueue"
        ),
        queue=None,
        queue_metrics=SILENT,
    ),
    incident("missing: no publisher", {"publisher_exists": FAIL}, (FUNCTION,), blind(), **NO_FUNCTION),
    incident(
        "missing: a publisher that was made by hand",
        {"publisher_as_declared": FAIL},
        (FUNCTION, "version 4"),
        live_version=live_version(Description="", Runtime="python3.11", Architectures=["x86_64"], Timeout=30),
    ),
    incident(
        "missing: no version is live",
        {"publisher_as_declared": FAIL},
        (FUNCTION, "alias live"),
        blind(),
        not_invoked(),
        aliases={},
        live_version=None,
        permissions=[],
    ),
    incident("missing: no rule", {"schedule_enabled": FAIL}, (RULE,), blind(), not_invoked(), rule=None, targets=[]),
    incident("missing: no group", {"group_exists": FAIL}, (GROUP,), work(9, 0, 0, 60, flow=(1, 0, 0)), NO_GROUP),
    incident(
        "missing: nothing at all",
        {"queue_exists": FAIL, "publisher_exists": FAIL, "schedule_enabled": FAIL, "group_exists": FAIL},
        ("academy-video-jobs",),
        NO_FUNCTION,
        NO_GROUP,
        queue=None,
        dead_letter_queue=None,
        queue_metrics=SILENT,
        dead_letter_metrics={"visible": ()},
        rule=None,
        targets=[],
        metric=(),
        per_instance_metric=(),
        snapshot=None,
        baseline=None,
    ),
)

SEED = {"signal": "published_total", "visibility_timeout": ..., "min_size": ..., "max_size": ...}
EMPTIED = {
    **work(0, 0, 0, 60, flow=(0, 0, 0), MinSize=0),
    **following(custom(), low=state("ALARM", minutes=45)),
    "activities": [shrunk(ago(minutes=44), (1, 0))],
}
SEED_AT_WORK = {**work(0, 1, 1), **following(custom())}
WELL = (
    well("at work, by the published metric", ()),
    well("at work, by AWS/SQS", (), BY_SQS, declared=SQS),
    well("idle, by the published metric", ("messages_arrive",), idle(1)),
    well(
        "idle for so long that AWS/SQS is silent",
        ("messages_arrive",),
        idle(1),
        BY_SQS,
        declared=SQS,
        metric=(),
        queue_metrics=SILENT,
        alarms=alarms(*[state("INSUFFICIENT_DATA", hours=2)] * 2, follows=SQS_POLICY),
    ),
    well("at its minimum after the work", (), idle(1, 60)),
    well(
        "the seed pool as declared", ("signal_is_per_instance", "one_message_starts_a_worker"), EMPTIED, declared=SEED
    ),
    well(
        "a burst, and workers on their way",
        (),
        work(12, 3, 3, 4, flow=(4, 1, 1), DesiredCapacity=15),
        group=group(3, DesiredCapacity=15, Instances=on_the_way(3, 15)),
        alarms=alarms(high=state("ALARM", minutes=1)),
        activities=[launching(ago(minutes=1), (3, 15))],
    ),
    well("jobs of two hours", (), work(0, 3, 3, 100, flow=(0, 0, 0))),
    well(
        "one message at a time, by a total", ("signal_is_per_instance",), SEED_AT_WORK, declared={**SEED, "min_size": 1}
    ),
    well(
        "SQS tells its numbers late",
        (),
        queue_metrics={name: series(points[-1][1], 175, 6) for name, points in queue_metrics().items()},
    ),
    well("the queue was emptied just now", (), work(0, 0, 9, 10, flow=(0, 0, 0))),
    well(
        "a peak at the maximum",
        ("group_has_headroom",),
        work(5, 20, 20, 9, flow=(3, 3, 3)),
        alarms=alarms(high=state("ALARM", minutes=5)),
    ),
    well(
        "a Spot instance was taken and its message drained",
        (),
        group=group(MixedInstancesPolicy=SPOT),
        activities=replaced(ago(minutes=25), 2),
    ),
    well(
        "an instance refresh goes on",
        (),
        instance_refreshes=[{**REFRESH, "StatusReason": "", "StartTime": ago(minutes=20), "PercentageComplete": 60}],
    ),
    well(
        "one run was throttled, and one failed",
        ("publisher_runs_clean",),
        function_metrics=function_metrics(
            errors=tuple((time, float(time == ago(minutes=47, seconds=20))) for time, dummy in series(0)),
            throttles=tuple((time, float(time == ago(minutes=81, seconds=20))) for time, dummy in series(0)),
        ),
        log_errors=[(ago(minutes=47), "[ERROR] NotPublished: not everything was published for video: RequestTimeout")],
    ),
    well(
        "to zero and back, with a target below one",
        (),
        work(0, 0, 0, 60, flow=(0, 0, 0), MinSize=0),
        declared={"min_size": 0, "target_value": 0.5},
        policies=[policy(wanted(target_value=0.5))],
        alarms=alarms(low=state("ALARM", minutes=45), follows=policy(wanted(target_value=0.5))),
    ),
    well(
        "just deployed",
        ("alarms_have_data",),
        published(series(3, 3)),
        alarms=alarms(state("OK", minutes=1), state("NEW", minutes=2), made=ago(minutes=2)),
        live_version=live_version(LastModified="2026-02-22T11:58:02.000+0000"),
    ),
)

EVERY = (*INCIDENTS, *WELL)
every_incident = pytest.mark.parametrize("case", EVERY, ids=[one.label for one in EVERY])


@every_incident
def test_these_checks_say_so_and_no_others(case: Incident):
    findings = judge(case).findings
    loud = {found.id: found.status for found in findings if found.status not in (PASS, SKIPPED)}
    assert loud == case.fires, {found.id: found.cause for found in findings if found.id in loud}
    followers = {found.id: found.follows_from for found in findings if found.status == SKIPPED}
    assert set(case.follows) <= set(followers)
    assert {case.fires.get(root) for root in followers.values()} <= {FAIL}


@every_incident
def test_the_sentence_names_the_first_cause(case: Incident):
    verdict = judge(case)
    assert verdict.healthy == (case.first is None)
    causes = {found.id: found.cause for found in verdict.findings}
    said = verdict.sentence
    alone = next((found.cause for found in verdict.findings if found.status == FAIL and found.stands_alone), "")
    if case.first:
        assert f" because {causes[case.first]}." in said
        assert said.endswith(f" because {alone or causes[case.first]}.")
    else:
        assert [name for name in case.fires if name not in said] == []
        said = "; ".join(causes[name] for name in case.fires)
    assert [words for words in case.says if words not in said] == [], said


def test_every_row_is_here():
    assert {one.label.partition(":")[0] for one in INCIDENTS} >= ROWS


def test_every_check_is_needed_for_one_of_them():
    assert {name for one in INCIDENTS for name in one.fires} == set(IDS)


def test_all_that_is_shown_is_json():
    for case in EVERY:
        json.dumps(judge(case).shown(), allow_nan=False)
