# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever was live on a group comes back as it was, and so does each of the newest hundred changes but one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ansible_collections.academy.video_scaling.plugins.module_utils.resources import policy as resource
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from local_aws import seed
from local_aws.recorder import Answer, Recorded
from tests.integration.account import Account, account_in, pool, task
from tests.integration.in_process import Job, Warm
from tests.integration.playbook import Run

POLICY = "video_scaling_policy"
ROLLBACK = "video_scaling_rollback"
CHANGES = 120
# Of a parameter, AWS keeps so many versions: a further one drops the oldest, unless that has a label.
KEPT_VERSIONS = 100

NAMES = st.text("abcXYZ019_-", min_size=1, max_size=12)
DIMENSIONS = st.dictionaries(NAMES, NAMES, min_size=1, max_size=4).map(
    lambda pairs: [{"Name": name, "Value": value} for name, value in pairs.items()]
)
CUSTOM = st.fixed_dictionaries(
    {"MetricName": NAMES, "Namespace": NAMES, "Statistic": st.sampled_from(["Average", "Sum", "Maximum"])},
    optional={"Dimensions": DIMENSIONS, "Unit": st.sampled_from(["Count", "Percent"]), "Period": st.just(30)},
)
MATH = st.builds(
    lambda metrics, words: {
        "Metrics": [
            *(
                {
                    "Id": f"m{number}",
                    "MetricStat": {"Metric": metric, "Stat": "Sum", **({"Unit": "Count"} if number % 2 else {})},
                    "ReturnData": False,
                }
                for number, metric in enumerate(metrics)
            ),
            {"Id": "e1", "Expression": " + ".join(f"m{number}" for number in range(len(metrics))), **words}
            | {"ReturnData": True},
        ]
    },
    st.lists(
        st.fixed_dictionaries({"MetricName": NAMES, "Namespace": NAMES}, optional={"Dimensions": DIMENSIONS}),
        min_size=1,
        max_size=3,
    ),
    st.fixed_dictionaries({}, optional={"Label": NAMES}),
)
PREDEFINED = st.one_of(
    st.sampled_from(["ASGAverageCPUUtilization", "ASGAverageNetworkIn"]).map(
        lambda kind: {"PredefinedMetricType": kind}
    ),
    NAMES.map(lambda label: {"PredefinedMetricType": "ALBRequestCountPerTarget", "ResourceLabel": label}),
)
FOLLOWED = st.one_of(
    CUSTOM.map(lambda metric: {"CustomizedMetricSpecification": metric}),
    MATH.map(lambda metrics: {"CustomizedMetricSpecification": metrics}),
    PREDEFINED.map(lambda metric: {"PredefinedMetricSpecification": metric}),
)
COMMON = st.fixed_dictionaries({}, optional={"EstimatedInstanceWarmup": st.integers(0, 3600), "Enabled": st.booleans()})
# AWS answers with DisableScaleIn even where nobody said it.
TRACKING = st.builds(
    lambda followed, target, disabled, common: {
        "PolicyType": "TargetTrackingScaling",
        "TargetTrackingConfiguration": {**followed, "TargetValue": target / 4, "DisableScaleIn": disabled},
        **common,
    },
    FOLLOWED,
    st.integers(1, 4000),
    st.booleans(),
    COMMON,
)
STEPS = st.builds(
    lambda kind, bounds, adjustments, common: {
        "PolicyType": "StepScaling",
        "AdjustmentType": kind,
        "MetricAggregationType": "Average",
        "StepAdjustments": [
            {"MetricIntervalLowerBound": 0.0, "MetricIntervalUpperBound": bounds, "ScalingAdjustment": adjustments[0]},
            {"MetricIntervalLowerBound": bounds, "ScalingAdjustment": adjustments[1]},
        ],
        **common,
    },
    st.sampled_from(["ChangeInCapacity", "ExactCapacity", "PercentChangeInCapacity"]),
    st.integers(1, 100).map(float),
    st.tuples(st.integers(0, 9), st.integers(0, 9)),
    COMMON,
)
OTHERS = st.dictionaries(st.sampled_from(["by-hand", "left-by-a-test"]), st.one_of(TRACKING, STEPS), max_size=2)


class Module:
    """The two modules over one pool, each as a run of its own behind the account's recorder."""

    def __init__(self, account: Account, process: Warm) -> None:
        self.account, self.process = account, process
        self.autoscaling = account.client("autoscaling")
        taken = self.autoscaling.meta.service_model.operation_model("PutScalingPolicy").input_shape.members
        self.taken = set(taken) - {"AutoScalingGroupName"}

    def run(self, *tasks: Mapping[str, Any]) -> Run:
        with self.account.watched() as seen:
            run = self.process.run(Job(list(tasks), self.account.environment))
        assert run.code == 0, run.output
        assert [request.name for request in run.requests] == [request.name for request in seen]
        return run

    def apply(self, **options: Any) -> Run:
        return self.run(task(POLICY, {"pools": [pool(**options)]}))

    def back_to(self, *snapshots: str) -> Run:
        """One after the other; without any, to before the newest change."""
        return self.run(*(back(name) for name in snapshots)) if snapshots else self.run(back(None))

    def put(self, policies: Mapping[str, Mapping[str, Any]]) -> None:
        for name, params in policies.items():
            self.autoscaling.put_scaling_policy(AutoScalingGroupName=seed.GROUP, PolicyName=name, **params)

    def raw(self) -> dict[str, dict[str, Any]]:
        found = self.autoscaling.describe_policies(AutoScalingGroupName=seed.GROUP)["ScalingPolicies"]
        return {policy["PolicyName"]: policy for policy in found}

    def live(self) -> dict[str, dict[str, Any]]:
        """What PutScalingPolicy takes of each live policy."""
        return {
            name: in_order({field: value for field, value in raw.items() if field in self.taken})
            for name, raw in self.raw().items()
        }


def in_order(value: Any) -> Any:
    """Dimensions and queries are sets, which AWS returns in an order of its own."""
    if isinstance(value, dict):
        return {name: in_order(inner) for name, inner in value.items()}
    if isinstance(value, list) and value and ("Id" in value[0] or "Name" in value[0]):
        return sorted(map(in_order, value), key=lambda one: one.get("Id") or one["Name"])
    return value


def back(snapshot: str | None) -> dict[str, Any]:
    return task(ROLLBACK, {"pools": [pool()], **({"snapshot": snapshot} if snapshot else {})})


@settings(
    max_examples=25,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(own=st.none() | TRACKING, others=OTHERS, exclusive=st.booleans(), by_sqs=st.booleans())
def test_what_was_live_comes_back(ministack, process, own, others, exclusive, by_sqs):
    with account_in(ministack) as account:
        seed.make_group(account.client, old_policy=None)
        module = Module(account, process)
        module.put(others | ({seed.OLD_POLICY: own} if own else {}))
        before, canonical = module.live(), canonically(module)
        options = {"exclusive": exclusive} | ({"signal": "sqs_total", "metric": None} if by_sqs else {})

        applied = module.apply(**options)
        assert applied.changed == {POLICY: True}
        assert module.live().keys() == {seed.OLD_POLICY, *(() if exclusive else others)}
        again = module.apply(**options)
        assert (again.changed, again.mutating) == ({POLICY: False}, [])

        module.back_to()
        assert canonically(module) == canonical
        assert module.live() == before
        twice = module.back_to()
        assert (twice.changed, twice.mutating) == ({ROLLBACK: False}, [])


def canonically(module: Module) -> dict[str, Any]:
    return {name: resource.from_response(raw) for name, raw in module.raw().items()}


def test_of_120_changes_the_newest_99_and_the_baseline_can_be_gone_back_to(ministack, process):
    with account_in(ministack) as account:
        seed.make_group(account.client)
        module = Module(account, process)
        old = module.live()
        account.recording.before = as_aws_keeps_them(account)

        for target in range(1, CHANGES + 1):
            assert module.apply(target_value=target).mutating[-1] == "autoscaling:PutScalingPolicy", target

        newest = range(CHANGES - 98, CHANGES + 1)
        assert len(newest) == 99
        # The oldest first: each going back is a change as well, and drops the oldest version.
        for version in newest:
            module.back_to(str(version))
            (live,) = module.live().values()
            # What was live before the change of this number is what the change before has made.
            assert live["TargetTrackingConfiguration"]["TargetValue"] == version - 1
        module.back_to("baseline")
        assert module.live() == old


def as_aws_keeps_them(account: Account) -> Any:
    """Neither emulator forgets a version. A label would keep the oldest, and AWS then refuses the next version."""
    ssm = account.client("ssm")

    def before(request: Recorded) -> Answer | None:
        assert request.operation != "LabelParameterVersion", request
        if request.operation != "GetParameterHistory":
            return None
        name, first = request.parameters["Name"], int(request.parameters.get("NextToken", 0))
        pages = ssm.get_paginator("get_parameter_history").paginate(Name=name)
        versions = [version for page in pages for version in page["Parameters"]]
        kept = sorted(versions, key=lambda version: version["Version"])[-KEPT_VERSIONS:]
        page = {"Parameters": kept[first : first + 50]}
        if first + 50 < len(kept):
            page["NextToken"] = str(first + 50)
        return 200, {"Content-Type": "application/x-amz-json-1.1"}, json.dumps(page, default=_seconds)

    return before


def _seconds(moment: Any) -> float:
    return float(moment.timestamp())
