# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A policy that an older tool kept in a file is restored, and a file that cannot be one is refused with the reason."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from local_aws import seed
from tests.integration.account import account_in, pool, task
from tests.integration.history import policies
from tests.integration.in_process import Job

OWN = "video-backlogcount-tt"
CONFIGURATION: dict[str, Any] = {
    "CustomizedMetricSpecification": {
        "MetricName": "VideoQueueDepthTotal",
        "Namespace": "Academy/VideoProcessing",
        "Dimensions": [
            {"Name": "WorkerType", "Value": "Video"},
            {"Name": "AutoScalingGroupName", "Value": "academy-video-worker-asg"},
        ],
        "Statistic": "Average",
        "Unit": "Count",
    },
    "TargetValue": 4.5,
    "DisableScaleIn": True,
}
PREDEFINED = {"PredefinedMetricType": "ASGAverageCPUUtilization"}


def with_fields(**fields: Any) -> str:
    return json.dumps({**CONFIGURATION, **fields})


def without(field: str) -> str:
    return json.dumps({name: value for name, value in CONFIGURATION.items() if name != field})


def with_metric(change: Callable[[dict[str, Any]], Any]) -> str:
    changed = copy.deepcopy(CONFIGURATION)
    change(changed["CustomizedMetricSpecification"])
    return json.dumps(changed)


# What the file holds (None: there is none), and what the refusal says.
BAD: dict[str, tuple[str | None, list[str]]] = {
    "missing": (None, ["missing.json"]),
    "empty": ("", ["JSON"]),
    "no-json": ("TargetValue: 1", ["JSON"]),
    "list": ("[]", ["TargetTrackingConfiguration"]),
    "cooldown": (with_fields(ScaleOutCooldown=300), ["ScaleOutCooldown", "EC2 target tracking"]),
    "warmup": (with_fields(EstimatedInstanceWarmup=120), ["EstimatedInstanceWarmup"]),
    "both": (with_fields(PredefinedMetricSpecification=PREDEFINED), ["PredefinedMetricSpecification"]),
    "no-target": (without("TargetValue"), ["TargetValue"]),
    "text": (with_fields(TargetValue="many"), ["TargetValue"]),
    "zero": (with_fields(TargetValue=0), ["TargetValue"]),
    "unknown": (with_fields(Colour="red"), ["Colour"]),
    "whole-policy": (json.dumps({"TargetTrackingConfiguration": CONFIGURATION}), ["TargetTrackingConfiguration"]),
    "unknown-in-metric": (with_metric(lambda metric: metric.update(Colour="red")), ["Colour"]),
    "no-metric-name": (with_metric(lambda metric: metric.pop("MetricName")), ["MetricName"]),
    "statistic": (with_metric(lambda metric: metric.update(Statistic="Mean")), ["Statistic"]),
    "dimensions-no-list": (
        with_metric(lambda metric: metric.update(Dimensions={"WorkerType": "Video"})),
        ["Dimensions"],
    ),
    "dimension-without-value": (
        with_metric(lambda metric: metric.update(Dimensions=[{"Name": "WorkerType"}])),
        ["Value"],
    ),
}


@pytest.fixture(scope="module")
def refused(ministack, process, tmp_path_factory) -> Any:
    """A run for every bad file."""
    with account_in(ministack) as account:
        seed.make_group(account.client)
        before = policies(account)
        folder = tmp_path_factory.mktemp("bad")
        good = folder / "good.json"
        good.write_text(json.dumps(CONFIGURATION), encoding="utf-8")
        options: dict[str, dict[str, Any]] = {
            "two pools": {"snapshot_file": str(good), "pools": [pool(), pool("audio")]},
            "two sources": {"snapshot_file": str(good), "snapshot": "baseline"},
        }
        for name, (text, _) in BAD.items():
            path = folder / f"{name}.json"
            if text is not None:
                path.write_text(text, encoding="utf-8")
            options[name] = {"snapshot_file": str(path)}
        runs = {
            name: process.run(Job([task("video_scaling_rollback", {"pools": [pool()], **given})], account.environment))
            for name, given in options.items()
        }
        yield SimpleNamespace(runs=runs, before=before, after=policies(account))


@pytest.mark.parametrize(("name", "words"), [(name, row[1]) for name, row in BAD.items()], ids=list(BAD))
def test_a_bad_file_is_refused_with_the_reason(refused, name, words):
    message = refused.runs[name].failure.message
    for word in words:
        assert word in message
    for word in ("Traceback", "defect"):
        assert word not in message


def test_a_file_is_for_one_pool_and_stands_beside_no_snapshot(refused):
    assert "snapshot_file" in refused.runs["two pools"].failure.message
    assert "snapshot" in refused.runs["two sources"].failure.message


def test_nothing_is_sent_for_a_bad_file(refused):
    assert [run.mutating for run in refused.runs.values()] == [[]] * len(refused.runs)
    assert refused.after == refused.before


@pytest.fixture(scope="module")
def adopted(ministack, tmp_path_factory) -> Any:
    with account_in(ministack) as account:
        seed.make_group(account.client)
        path = Path(tmp_path_factory.mktemp("kept"), "video_tt_config.json")
        path.write_text(json.dumps(CONFIGURATION, indent=4), encoding="utf-8")
        variables = {"video_scaling_snapshot_file": str(path)}
        before = policies(account)
        checked = account.play("playbooks/rollback.yml", variables, check=True, diff=True)
        run = account.play("playbooks/rollback.yml", variables)
        after = policies(account)
        again = account.play("playbooks/rollback.yml", variables)
        back = account.module("video_scaling_rollback", {"pools": [pool()], "snapshot": "baseline"})
        yield SimpleNamespace(
            checked=checked, run=run, again=again, back=back, before=before, after=after, last=policies(account)
        )


def test_a_bare_configuration_is_restored(adopted):
    assert adopted.run.code == 0, adopted.run.output
    assert adopted.run.mutating == ["ssm:PutParameter", "ssm:PutParameter", "autoscaling:PutScalingPolicy"]
    restored = adopted.after[OWN]["TargetTrackingConfiguration"]
    metric, expected = (tracking["CustomizedMetricSpecification"] for tracking in (restored, CONFIGURATION))
    by_name = {dimension["Name"]: dimension["Value"] for dimension in metric["Dimensions"]}
    assert by_name == {dimension["Name"]: dimension["Value"] for dimension in expected["Dimensions"]}
    assert {**metric, "Dimensions": []} == {**expected, "Dimensions": []}
    assert (restored["TargetValue"], restored["DisableScaleIn"]) == (4.5, True)


def test_a_check_shows_it_and_a_second_run_changes_nothing(adopted):
    assert adopted.checked.code == 0, adopted.checked.output
    assert adopted.checked.mutating == []
    assert adopted.checked["Rollback"].differences["policies.video-backlogcount-tt.target_value"] == (1.0, 4.5)
    assert adopted.again.code == 0, adopted.again.output
    assert adopted.again.mutating == []
    assert "changed=0 " in adopted.again.stdout


def test_what_was_there_before_is_the_baseline(adopted):
    assert adopted.back.code == 0, adopted.back.output
    assert adopted.last == adopted.before
