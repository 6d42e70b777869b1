# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A change of a policy first warns of workers that AWS may take away at once, by what AWS itself has recorded."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import Failure
from ansible_collections.academy.video_scaling.plugins.module_utils.reconcile import Outcome, planned
from ansible_collections.academy.video_scaling.plugins.module_utils.resources import policy
from ansible_collections.academy.video_scaling.plugins.module_utils.steps import scale_in
from ansible_collections.academy.video_scaling.tests.unit.examples import GROUP, POLICY, other, pool
from ansible_collections.academy.video_scaling.tests.unit.fake_aws import FakeAws, refusal

NOW = datetime(2026, 2, 22, 9, 30, 20, tzinfo=UTC)
AUDIO_GROUP = "academy-audio-worker-asg"
RECORDED = Path(__file__).resolve().parents[3] / "recorded"
PREDICTED = "predicted: AWS was observed to start a new alarm at 0.9 x target"


def minutes(*values, until=1):
    """One value a minute, the newest `until` minutes ago."""
    newest = NOW.replace(second=0) - timedelta(minutes=until)
    times = [newest - timedelta(minutes=back) for back in range(len(values))]
    return list(zip(reversed(times), values, strict=True))


class Account(FakeAws):
    """:param series: by metric name, its points; a failure to raise. :param live: DescribePolicies' answer."""

    def __init__(self, series=None, live=(), group=None, alarms=(), in_flight=9):
        self.series = {} if series is None else series
        sizes = {"MinSize": 0, "MaxSize": 20, "DesiredCapacity": 12, **(group or {})}
        counts = {"ApproximateNumberOfMessages": "0", "ApproximateNumberOfMessagesNotVisible": str(in_flight)}
        attributes = {"VisibilityTimeout": "30", "MessageRetentionPeriod": "60", **counts}
        super().__init__(
            {
                "autoscaling.describe_policies": list(live),
                "autoscaling.describe_auto_scaling_groups": [
                    {"AutoScalingGroupName": name, **sizes} for name in (GROUP, AUDIO_GROUP)
                ],
                "cloudwatch.get_metric_data": self.measured,
                "cloudwatch.describe_alarms": list(alarms),
                "sqs.get_queue_url": lambda params: {"QueueUrl": params["QueueName"]},
                "sqs.get_queue_attributes": {"Attributes": {**attributes, "ApproximateNumberOfMessagesDelayed": "0"}},
            }
        )

    def measured(self, params):
        if isinstance(self.series, Exception):
            return self.series
        results = []
        for query in params["MetricDataQueries"]:
            points = self.series.get(query["MetricStat"]["Metric"]["MetricName"], [])
            times, values = zip(*points, strict=True) if points else ((), ())
            results.append({"Id": query["Id"], "Timestamps": times, "Values": values, "StatusCode": "Complete"})
        return results


def risks(aws, *pools, desired=None):
    """What is reported of the pools, declared as they are unless something else is desired."""
    desired = desired or policy.declared(pools)
    return scale_in.risks(pools, aws, desired, planned(policy, desired, aws), lambda: NOW)


def live(declared, **changes):
    """The policy of a pool as AWS returns it."""
    key = policy.key_of(declared)
    wanted = policy.from_params(declared).policies[declared.policy_name]
    params = policy.to_request(key[0], wanted).params
    alarms = [{"AlarmName": f"{key[1]}-{kind}", "AlarmARN": "arn"} for kind in ("AlarmHigh", "AlarmLow")]
    return {**params, "PolicyARN": "arn:policy", "Alarms": alarms, "Enabled": True, **changes}


QUIET = {"VideoQueueDepthTotal": minutes(*[0.0] * 20)}


def test_a_pool_that_would_lose_workers_is_reported_with_its_metric_its_capacity_and_its_work():
    assert risks(Account(QUIET), pool()) == {
        "video": "AWS may scale in within about a minute: VideoQueueDepthTotal has been below 0.9 for 15 minutes "
        f"({PREDICTED} 1); desired capacity is 12, 9 messages are in flight"
    }


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0.0] * 15, True),
        ([0.0] * 14, False),
        ([0.0] * 14 + [0.9], False),
        ([5.0] * 5 + [0.8] * 15, True),
        ([0.0] * 10 + [1.0] + [0.0] * 4, False),
        ([], False),
    ],
    ids=["15 low ones", "too few", "one at the threshold", "the newest 15 count", "one above", "a new metric"],
)
def test_what_the_alarm_will_see(values, expected):
    found = risks(Account({"VideoQueueDepthTotal": minutes(*values)}), pool())
    assert bool(found) == expected


def test_a_minute_that_has_not_ended_is_not_looked_at():
    unfinished = [*minutes(*[0.0] * 15), (NOW.replace(second=0), 50.0)]
    assert risks(Account({"VideoQueueDepthTotal": unfinished}), pool())


def test_a_metric_that_lacks_a_datapoint_is_judged_by_those_before():
    assert risks(Account({"VideoQueueDepthTotal": minutes(*[0.0] * 16, until=4)}), pool())


@pytest.mark.parametrize(
    ("declared", "group"),
    [
        ({"disable_scale_in": True}, {}),
        ({}, {"DesiredCapacity": 0}),
        ({}, {"MinSize": 12}),
        ({}, {"SuspendedProcesses": [{"ProcessName": "AlarmNotification"}]}),
    ],
    ids=["scale-in disabled", "at 0", "at the minimum", "alarms are not heard"],
)
def test_who_cannot_be_scaled_in_is_not_reported(declared, group):
    aws = Account(QUIET, group=group)
    assert risks(aws, pool(**declared)) == {}


def test_a_policy_that_stays_as_it_is_costs_no_request():
    aws = Account(QUIET, live=[live(pool())])
    assert risks(aws, pool()) == {}
    assert {name for name, _params in aws.asked} == {"autoscaling.describe_policies"}


def test_only_the_pool_that_would_be_scaled_in_is_named():
    busy = {**QUIET, "AudioQueueDepthTotal": minutes(*[7.0] * 20)}
    aws = Account(busy)
    assert list(risks(aws, pool(), pool(**other()))) == ["video"]
    # The metrics of all pools are read in one request.
    assert [name for name, _params in aws.asked].count("cloudwatch.get_metric_data") == 1


@pytest.mark.parametrize(
    ("declared", "series", "expected"),
    [
        (
            {"signal": "sqs_total", "metric": ...},
            {"ApproximateNumberOfMessagesVisible": [0.0] * 15, "ApproximateNumberOfMessagesNotVisible": [0.0] * 15},
            "VideoQueueDepthTotal has been below 0.9",
        ),
        (
            {"signal": "sqs_total", "metric": ...},
            {"ApproximateNumberOfMessagesVisible": [0.0] * 15, "ApproximateNumberOfMessagesNotVisible": [9.0] * 15},
            "",
        ),
        # A missing input is no value: 14 of them are too few.
        (
            {"signal": "sqs_total", "metric": ...},
            {"ApproximateNumberOfMessagesVisible": [0.0] * 20, "ApproximateNumberOfMessagesNotVisible": [0.0] * 14},
            "",
        ),
        (
            {"signal": "sqs_per_instance", "metric": ...},
            {
                "ApproximateNumberOfMessagesVisible": [0.0] * 15,
                "ApproximateNumberOfMessagesNotVisible": [9.0] * 15,
                "GroupDesiredCapacity": [12.0] * 15,
            },
            "VideoQueueDepthPerInstance has been below 0.9",
        ),
        (
            {"signal": "published_per_instance", "target_value": 2},
            {"VideoQueueDepthTotalPerInstance": [1.7] * 15},
            "VideoQueueDepthTotalPerInstance has been below 1.8",
        ),
        ({"signal": "published_per_instance"}, {"VideoQueueDepthTotal": [0.0] * 15}, ""),
    ],
    ids=["sum", "in flight", "half of it", "per instance", "published per instance", "one nobody has published yet"],
)
def test_each_signal_is_judged_by_what_it_follows(declared, series, expected):
    aws = Account({name: minutes(*values) for name, values in series.items()})
    found = risks(aws, pool(**declared))
    assert expected in found.get("video", "") if expected else found == {}


# --- what AWS has recorded --------------------------------------------------------------------------------------


def recorded(folder):
    """The policy and its alarms as AWS answered."""
    policies = json.loads((RECORDED / folder / "scaling_policies.json").read_text(encoding="utf-8"))["ScalingPolicies"]
    return policies, json.loads((RECORDED / folder / "alarms.json").read_text(encoding="utf-8"))["MetricAlarms"]


@pytest.mark.parametrize(
    ("folder", "declared", "expected"),
    [
        # The metric was new: AlarmLow had no data for 13 minutes.
        ("20260222_091201", {}, {"VideoQueueDepthTotal": [0.0] * 3}),
        # Target 1 became 2, and AlarmLow fired 62 s after it was made.
        ("20260222_093103", {"target_value": 2}, {"VideoQueueDepthTotal": [0.0] * 20}),
        # The metric became a sum of SQS's own, and AlarmLow fired 85 s after it was made.
        (
            "metricmath_20260222_094943",
            {"signal": "sqs_total"},
            {
                "ApproximateNumberOfMessagesVisible": [0.0] * 20,
                "ApproximateNumberOfMessagesNotVisible": [0.0] * 20,
            },
        ),
    ],
    ids=["a new metric", "a new target", "a new sum"],
)
def test_what_aws_did_at_once_is_reported_and_what_it_did_not_is_not(folder, declared, expected):
    policies, alarms = recorded(folder)
    series = {name: minutes(*values) for name, values in expected.items()}
    found = risks(Account(series, live=policies, alarms=alarms), pool(**declared))
    fired = all(len(values) >= 15 for values in expected.values())
    assert bool(found) == fired
    assert not fired or PREDICTED in found["video"]


@pytest.mark.parametrize(("value", "expected"), [(0.69, True), (0.8, False)], ids=["below it", "above it"])
def test_an_alarm_that_stays_is_judged_by_its_own_threshold(value, expected):
    """AWS has rewritten it from 0.9 to 0.7: a value of 0.8 scaled in before, and does not now."""
    policies, alarms = recorded("20260222_093103")
    aws = Account({"VideoQueueDepthTotal": minutes(*[value] * 20)}, live=policies, alarms=alarms)
    found = risks(aws, pool(estimated_instance_warmup=60))
    assert ("below 0.7 for 15 minutes (the threshold of its scale-in alarm)" in found.get("video", "")) == expected


def test_an_alarm_that_is_gone_is_predicted():
    policies, _alarms = recorded("20260222_093103")
    found = risks(Account(QUIET, live=policies), pool(estimated_instance_warmup=60))
    assert PREDICTED in found["video"]


# --- other policies ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("specification", "series", "expected"),
    [
        (
            {"PredefinedMetricSpecification": {"PredefinedMetricType": "ASGAverageCPUUtilization"}},
            {"CPUUtilization": [3.0] * 15},
            "ASGAverageCPUUtilization has been below 45",
        ),
        (
            {
                "PredefinedMetricSpecification": {
                    "PredefinedMetricType": "ALBRequestCountPerTarget",
                    "ResourceLabel": "app/web/1/targetgroup/video/2",
                }
            },
            {"RequestCountPerTarget": [60.0] * 15},
            "",
        ),
        (
            {"PredefinedMetricSpecification": {"PredefinedMetricType": "SomethingNew"}},
            {},
            "is unknown, as SomethingNew is not known",
        ),
        (
            {
                "CustomizedMetricSpecification": {
                    "Metrics": [
                        {
                            "Id": "m1",
                            "ReturnData": False,
                            "MetricStat": {"Metric": {"Namespace": "A", "MetricName": "Depth"}, "Stat": "Average"},
                        },
                        {"Id": "e1", "Expression": "FILL(m1, 0)", "ReturnData": True},
                    ]
                }
            },
            {"Depth": [0.0] * 15},
            "is unknown, as FILL(m1, 0) is not known (its metric math cannot be evaluated here: FILL",
        ),
        (
            {
                "CustomizedMetricSpecification": {
                    "Namespace": "A",
                    "MetricName": "Depth",
                    "Statistic": "Maximum",
                    "Period": 10,
                }
            },
            {"Depth": []},
            "",
        ),
    ],
    ids=["processor", "load balancer", "unheard of", "another function", "a short period"],
)
def test_whatever_a_rollback_puts_back_is_looked_at(specification, series, expected):
    wanted = policy.from_response(
        {
            "PolicyName": POLICY,
            "PolicyType": "TargetTrackingScaling",
            "TargetTrackingConfiguration": {**specification, "TargetValue": 50.0},
        }
    )
    desired = policy.DesiredPolicies(GROUP, POLICY, {POLICY: wanted}, whole=True)
    aws = Account({name: minutes(*values) for name, values in series.items()}, live=[live(pool())])
    found = risks(aws, pool(), desired={(GROUP, POLICY): desired})
    assert expected in found.get("video", "") if expected else found == {}


@pytest.mark.parametrize(
    "wanted",
    [None, {"PolicyName": POLICY, "PolicyType": "SimpleScaling", "ScalingAdjustment": -1}],
    ids=["none", "simple"],
)
def test_a_policy_that_tracks_nothing_is_no_matter(wanted):
    policies = {POLICY: policy.from_response(wanted) if wanted else None}
    desired = policy.DesiredPolicies(GROUP, POLICY, policies, whole=True)
    assert risks(Account(QUIET), pool(), desired={(GROUP, POLICY): desired}) == {}


# --- a policy that keeps the others from scaling in no longer ----------------------------------------------------

CPU = "cpu"
IDLE = {**QUIET, "CPUUtilization": minutes(*[3.0] * 20)}
LOW = {"AlarmName": "cpu-AlarmLow", "Threshold": 35.0, "ComparisonOperator": "LessThanThreshold"}
OWN_LOW = {**LOW, "AlarmName": f"{POLICY}-AlarmLow", "Threshold": 0.7}
FREED = (
    "AWS may scale in within about a minute: {} has been below {:g} for 15 minutes (the threshold of its scale-in "
    "alarm), and AWS will no longer wait for {} to agree; desired capacity is 12, 9 messages are in flight"
)
CPU_FREED = FREED.format("ASGAverageCPUUtilization", 35, POLICY)


def by_processor(**changes):
    """Another policy of the same group, as AWS returns it."""
    tracking = {"PredefinedMetricSpecification": {"PredefinedMetricType": "ASGAverageCPUUtilization"}}
    names = {"PolicyName": CPU, "PolicyType": "TargetTrackingScaling", "PolicyARN": "arn:cpu"}
    configuration = {**tracking, "TargetValue": 50.0, "DisableScaleIn": changes.pop("disable_scale_in", False)}
    return {
        "AutoScalingGroupName": GROUP,
        **names,
        "TargetTrackingConfiguration": configuration,
        "Alarms": [{"AlarmName": "cpu-AlarmHigh", "AlarmARN": "arn"}, {"AlarmName": "cpu-AlarmLow", "AlarmARN": "arn"}],
        "Enabled": True,
        **changes,
    }


STEPS = {"AutoScalingGroupName": GROUP, "PolicyName": "steps", "PolicyType": "StepScaling", "Enabled": True}
GONE = policy.DesiredPolicies(GROUP, POLICY, {POLICY: None}, whole=True)
DISABLED = policy.DesiredPolicies(
    GROUP, POLICY, {POLICY: policy.from_response(live(pool(), Enabled=False))}, whole=True
)


@pytest.mark.parametrize(
    ("desired", "others"),
    [
        (GONE, [by_processor()]),
        (DISABLED, [by_processor()]),
        (policy.from_params(pool(), present=False), [by_processor()]),
        (policy.from_params(pool(disable_scale_in=True)), [by_processor()]),
        (GONE, [STEPS, by_processor()]),
    ],
    ids=["none of before", "one that was disabled", "retired", "set not to scale in", "one of steps beside"],
)
def test_the_policy_that_stays_is_reported_where_its_group_loses_the_one_that_kept_it(desired, others):
    aws = Account(IDLE, live=[live(pool()), *others], alarms=[LOW])
    assert risks(aws, pool(), desired={(GROUP, POLICY): desired}) == {"video": CPU_FREED}
    asked = [params["AlarmNames"] for name, params in aws.asked if name == "cloudwatch.describe_alarms"]
    assert asked[-1] == ["cpu-AlarmHigh", "cpu-AlarmLow"]


def test_a_pool_that_becomes_exclusive_is_reported_of_its_own_policy():
    aws = Account(QUIET, live=[live(pool()), by_processor()], alarms=[OWN_LOW, LOW])
    assert risks(aws, pool(exclusive=True)) == {"video": FREED.format("VideoQueueDepthTotal", 0.7, CPU)}


@pytest.mark.parametrize(
    ("declared", "policies"),
    [
        ({"exclusive": True}, [live(pool()), by_processor(disable_scale_in=True)]),
        ({"exclusive": True}, [live(pool()), by_processor(Enabled=False)]),
        ({"exclusive": True}, [live(pool()), STEPS]),
        ({"exclusive": True}, [live(pool(disable_scale_in=True)), by_processor()]),
        ({"disable_scale_in": True}, [live(pool()), by_processor(disable_scale_in=True)]),
        ({"disable_scale_in": True}, [live(pool()), by_processor(Enabled=False)]),
        ({"disable_scale_in": True}, [live(pool()), STEPS]),
        ({"disable_scale_in": True}, [live(pool(), Enabled=False), by_processor()]),
        ({"disable_scale_in": True}, [live(pool())]),
    ],
    ids=[
        "it never scaled in",
        "it was disabled",
        "it goes by steps",
        "the one that stays was made to scale in",
        "the other never scales in",
        "the other is disabled",
        "the other goes by steps",
        "it was disabled before",
        "there is no other",
    ],
)
def test_who_kept_nobody_from_scaling_in_frees_nobody(declared, policies):
    found = risks(Account(IDLE, live=policies, alarms=[OWN_LOW, LOW]), pool(**declared))
    assert "no longer wait" not in found.get("video", "")


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([3.0] * 15, True),
        ([3.0] * 3, True),
        ([36.0] * 15, False),
        ([3.0] * 14 + [36.0], False),
        ([], False),
    ],
    ids=["below it", "a value now and then", "above it, and below 0.9 x target", "once above it", "none"],
)
def test_a_policy_that_stays_is_judged_by_its_live_alarm_and_by_what_there_is(values, expected):
    aws = Account({"CPUUtilization": minutes(*values)}, live=[live(pool()), by_processor()], alarms=[LOW])
    assert bool(risks(aws, pool(disable_scale_in=True))) == expected


def sharing(**changes):
    """Another pool over the same group."""
    return pool(**other(auto_scaling_group_name=GROUP, **changes))


NEW_TARGET = (
    f"AWS may scale in within about a minute: AudioQueueDepthTotal has been below 1.8 for 15 minutes ({PREDICTED} 2); "
    "desired capacity is 12, 9 messages are in flight"
)


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        ({}, {"video": FREED.format("AudioQueueDepthTotal", 0.7, POLICY)}),
        # What changes itself is reported as such, and once.
        ({"target_value": 2}, {"audio": NEW_TARGET}),
        ({"disable_scale_in": True}, {}),
    ],
    ids=["stays", "changes too", "is not to scale in either"],
)
def test_pools_of_one_group_are_looked_at_together(second, expected):
    policies = [live(pool()), live(sharing(), Alarms=[{"AlarmName": "audio-AlarmLow", "AlarmARN": "arn"}])]
    quiet = {"AudioQueueDepthTotal": minutes(*[0.0] * 20)}
    aws = Account(quiet, live=policies, alarms=[{**OWN_LOW, "AlarmName": "audio-AlarmLow"}])
    assert risks(aws, pool(disable_scale_in=True), sharing(**second)) == expected


def test_every_policy_of_a_group_that_may_scale_in_is_reported():
    returned = [{**live(pool()), "PolicyName": "depth"}, by_processor()]
    desired = policy.DesiredPolicies(
        GROUP, POLICY, {one["PolicyName"]: policy.from_response(one) for one in returned}, whole=True
    )
    found = risks(Account(IDLE), pool(), desired={(GROUP, POLICY): desired})
    assert found["video"].count("AWS may scale in within about a minute") == 2
    assert found["video"].count("desired capacity is 12") == 1


# --- what it costs ----------------------------------------------------------------------------------------------


def test_many_pools_cost_no_more_readings_than_one_but_for_their_counts():
    pools = [
        pool(
            **other(
                name=f"p{number}",
                queue_name=f"academy-{number}-jobs",
                auto_scaling_group_name=f"group-{number}",
                policy_name=f"p{number}-tt",
            )
        )
        for number in range(12)
    ]
    aws = Account({"AudioQueueDepthTotal": minutes(*[0.0] * 20)})
    aws.answers["autoscaling.describe_auto_scaling_groups"] = lambda params: [
        {"AutoScalingGroupName": name, "MinSize": 0, "MaxSize": 20, "DesiredCapacity": 12}
        for name in params["AutoScalingGroupNames"]
    ]
    aws.answers["sqs.list_queues"] = [f"https://sqs/1/{one.queue_name}" for one in pools]
    desired = policy.declared(pools)
    looked = planned(policy, desired, aws)
    aws.asked.clear()
    found = scale_in.risks(pools, aws, desired, looked, lambda: NOW)
    assert len(found) == 12
    assert Counter(name for name, _params in aws.asked) == {
        "autoscaling.describe_auto_scaling_groups": 1,
        "cloudwatch.get_metric_data": 1,
        "sqs.list_queues": 1,
        "sqs.get_queue_attributes": 12,
    }


# --- what cannot be read ----------------------------------------------------------------------------------------


def test_thresholds_that_cannot_be_read_are_no_matter_where_none_is_needed():
    """The policy of one pool stays but for its warm-up, the other one's is new."""
    quiet = {**QUIET, "AudioQueueDepthTotal": minutes(*[0.0] * 20)}
    aws = Account(quiet, live=[live(pool())])
    aws.answers["cloudwatch.describe_alarms"] = refusal("AccessDenied")
    found = risks(aws, pool(estimated_instance_warmup=60), pool(**other()))
    assert "AudioQueueDepthTotal has been below 0.9" in found["audio"]
    assert found["video"].startswith(
        "whether AWS scales in once the policy has changed is unknown, as the threshold of alarm "
        f"{POLICY}-AlarmLow is not known (AccessDenied: refused); desired capacity is 12"
    )
    assert risks(aws, pool(**other())).keys() == {"audio"}


def test_a_threshold_that_cannot_be_read_is_no_matter_where_the_metric_is_new():
    aws = Account({"VideoQueueDepthTotal": minutes(*[0.0] * 14)}, live=[live(pool())])
    aws.answers["cloudwatch.describe_alarms"] = refusal("AccessDenied")
    assert risks(aws, pool(estimated_instance_warmup=60)) == {}


def test_a_metric_that_cannot_be_read_is_reported_and_not_guessed():
    found = risks(Account(refusal("AccessDenied")), pool())
    assert found["video"].startswith(
        "whether AWS scales in once the policy has changed is unknown, as VideoQueueDepthTotal is not known ("
    )
    assert found["video"].endswith("desired capacity is 12, 9 messages are in flight")


def test_a_group_that_cannot_be_read_is_reported_and_not_guessed():
    aws = Account(QUIET)
    aws.answers["autoscaling.describe_auto_scaling_groups"] = refusal("AccessDenied")
    desired = policy.declared([pool()])
    found = scale_in.risks([pool()], aws, desired, {key: outcome(desired[key]) for key in desired}, lambda: NOW)
    assert f"is unknown, as the capacity of group {GROUP} is not known (AccessDenied: refused)" in found["video"]


def outcome(desired):
    current = policy.Policies(desired.group_name, {})
    return Outcome(policy.plan(current, desired), found=current)


def test_a_queue_that_cannot_be_read_keeps_nobody_from_the_warning():
    aws = Account(QUIET)
    aws.answers["sqs.get_queue_url"] = refusal("AccessDenied")
    assert risks(aws, pool())["video"].endswith("how many messages are in flight is not known")


def test_a_policy_that_could_not_be_planned_is_somebody_elses_to_tell():
    desired = policy.declared([pool()])
    planned_so = dict.fromkeys(desired, Outcome(None, Failure("denied")))
    assert scale_in.risks([pool()], Account(), desired, planned_so, lambda: NOW) == {}


# --- what becomes of it -----------------------------------------------------------------------------------------


def look(mode, aws):
    desired = policy.declared([pool(), pool(**other())])
    return scale_in.look([pool(), pool(**other())], aws, mode, desired, planned(policy, desired, aws))


def lasting(*values):
    """The same, for whoever looks at the clock."""
    newest = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(minutes=1)
    return [(newest - timedelta(minutes=back), value) for back, value in enumerate(values)]


@pytest.mark.parametrize("mode", scale_in.CHOICES)
def test_it_is_warned_of_refused_or_not_looked_at(mode):
    series = {"VideoQueueDepthTotal": lasting(*[0.0] * 20), "AudioQueueDepthTotal": lasting(*[9.0] * 20)}
    aws = Account(series)
    done = look(mode, aws)
    warned = done.facts.get("warnings", [])
    assert len(warned) == (1 if mode == "warn" else 0)
    assert all(line.startswith("pool video: AWS may scale in within about a minute: ") for line in warned)
    assert list(done.failed) == (["video"] if mode == "refuse" else [])
    assert "video_scaling_on_scale_in: warn" in done.failed.get("video", "video_scaling_on_scale_in: warn")
    assert ("cloudwatch.get_metric_data" in [name for name, _params in aws.asked]) == (mode != "ignore")
    assert aws.counted["failed"] == (1 if mode == "refuse" else 0)
