# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A snapshot tells all that is needed to go back and no secret, and fits before anything is changed."""

from __future__ import annotations

from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest

from local_aws import seed
from tests.integration.account import FUNCTION, Account, account_in, pool, task
from tests.integration.checkout import REPOSITORY
from tests.integration.history import (
    BASELINE,
    HISTORY,
    SECRET,
    make_function,
    parameters,
    policies,
    snapshots,
    versions,
    without_awss_own,
)

OWN = "video-backlogcount-tt"
CALLER = "arn:aws:iam::123456789012:root"
STANDARD_BYTES = 4096
ADVANCED_BYTES = 8192


def step(name: str, module: str = "video_scaling_policy", *pools: dict[str, Any], **options: Any) -> dict[str, Any]:
    return task(module, {"pools": list(pools) or [pool()], **options}, name=name)


@pytest.fixture(scope="module")
def kept(ministack) -> Any:
    """Two changes and a rollback of one pool, beside a pool that was never changed and a function made by hand."""
    with account_in(ministack) as account:
        seed.make_group(account.client)
        seed.make_group(account.client, name="academy-audio-worker-asg", old_policy=None)
        make_function(account)
        functions = account.client("lambda")
        made = functions.publish_version(FunctionName=FUNCTION)["Version"]
        functions.create_alias(FunctionName=FUNCTION, Name="live", FunctionVersion=made)
        first_read = account.client("autoscaling").describe_policies(AutoScalingGroupName=seed.GROUP)["ScalingPolicies"]
        changes = account.tasks(
            [
                step("one", "video_scaling_policy", pool(target_value=1)),
                step("two", "video_scaling_policy", pool(target_value=2)),
                step("back", "video_scaling_rollback"),
            ]
        )
        assert changes.code == 0, changes.output
        listed = account.play("playbooks/snapshots.yml", {"video_scaling_pools": [pool(), pool("audio")]})
        assert listed.code == 0, listed.output
        yield SimpleNamespace(**{name: value for name, value in locals().items() if name != "ministack"})


def test_a_snapshot_tells_what_when_who_and_with_what(kept):
    (first, second, third) = snapshots(kept.account)
    (before,) = kept.first_read
    for snapshot in (first, second, third):
        assert snapshot["schema"] == 1
        assert snapshot["by"] == CALLER
        assert datetime.fromisoformat(snapshot["at"]).utcoffset() is not None
        assert f"version: {snapshot['collection']}\n" in (REPOSITORY / "galaxy.yml").read_text(encoding="utf-8")
        assert snapshot["function"] == {"name": FUNCTION, "version": kept.made, "live": kept.made}
    assert first["policies"] == {OWN: before}
    assert [snapshot["kind"] for snapshot in (first, second, third)] == ["change", "change", "rollback"]
    assert snapshots(kept.account, BASELINE)[0]["policies"] == first["policies"]


def test_no_secret_of_the_function_is_in_any_snapshot_or_output(kept):
    for name in (HISTORY, BASELINE):
        for version in versions(kept.account, name):
            assert SECRET not in version["Value"]
            assert "API_KEY" not in version["Value"]
    for run in (kept.changes, kept.listed):
        assert SECRET not in run.output
        assert SECRET not in str([task.result for task in run.tasks])


def test_the_list_is_newest_first_and_says_what_is_live(kept):
    rows = kept.listed["Snapshots"].pools["video"]["snapshots"]
    assert [row["id"] for row in rows] == ["3", "2", "1", "baseline"]
    assert [row["at"] for row in rows] == sorted((row["at"] for row in rows), reverse=True)
    assert [row["live"] for row in rows] == [False, True, False, False]
    assert {row["by"] for row in rows} == {CALLER}
    assert {row["function_version"] for row in rows} == {kept.made}
    for row, (metric, target) in zip(
        rows,
        [("VideoQueueDepthTotal", 2), ("VideoQueueDepthTotal", 1), ("BacklogCount", 1), ("BacklogCount", 1)],
        strict=True,
    ):
        assert metric in row["holds"] and row["holds"].endswith(f"target {target}")
        assert "\n" not in row["holds"]
    assert without_awss_own(rows[1]["policies"][OWN]) == policies(kept.account)[OWN]


def test_the_table_is_for_people(kept):
    text = kept.listed.stdout
    assert kept.listed.mutating == []
    places = [text.index(f'"  {word} ') for word in ("id", "3", "2", "1", "baseline")]
    assert places == sorted(places)
    for word in ("when", "by", "live", "holds", "audio: no snapshots"):
        assert word in text
    (line,) = [line for line in text.splitlines() if line.strip().startswith('"  2 ')]
    assert " live " in line


def put_big_policies(account: Account, group: str, count: int, size: int) -> None:
    for number in range(count):
        dimensions = [{"Name": f"Dimension{index}", "Value": "v" * 40} for index in range(size)]
        account.client("autoscaling").put_scaling_policy(
            AutoScalingGroupName=group,
            PolicyName=f"big-{number}",
            PolicyType="TargetTrackingScaling",
            TargetTrackingConfiguration={
                "CustomizedMetricSpecification": {
                    "MetricName": "Big",
                    "Namespace": "Big",
                    "Dimensions": dimensions,
                    "Statistic": "Average",
                },
                "TargetValue": 1.0,
            },
        )


@pytest.fixture(scope="module")
def sized(ministack) -> Any:
    """In one run a pool with little to keep, one with more, and one with too much."""
    with account_in(ministack) as account:
        names = {"video": (0, 0), "more": (2, 20), "much": (5, 25)}
        for name, (count, size) in names.items():
            group = f"academy-{name}-worker-asg"
            seed.make_group(account.client, name=group, old_policy=f"{name}-backlogcount-tt")
            put_big_policies(account, group, count, size)
        before = policies(account, "academy-much-worker-asg")
        pools = [pool(name, exclusive=True) for name in names]
        options = {"pools": pools}
        checked = account.module("video_scaling_policy", options, check=True)
        run = account.module("video_scaling_policy", options)
        yield SimpleNamespace(**{name: value for name, value in locals().items() if name != "ministack"})


def test_the_tier_is_chosen_by_size(sized):
    for name, tier in (("video", "Standard"), ("more", "Advanced")):
        history = f"/video_scaling/academy-{name}-worker-asg/{name}-backlogcount-tt"
        (version,) = versions(sized.account, history)
        size = len(version["Value"].encode())
        assert (size > STANDARD_BYTES, size <= ADVANCED_BYTES) == (tier == "Advanced", True)
        assert [parameter["Tier"] for parameter in parameters(sized.account, history)] == [tier]
        assert [parameter["Tier"] for parameter in parameters(sized.account, f"{history}/baseline")] == [tier]
    assert list(policies(sized.account, "academy-more-worker-asg")) == ["more-backlogcount-tt"]


def test_a_snapshot_that_does_not_fit_is_an_error_before_the_change(sized):
    row = sized.run["video_scaling_policy"].pools["much"]
    assert sized.run.code != 0
    assert row["failed"] and "snapshot" in row["msg"] and "8" in row["msg"]
    assert "much" in sized.run.failure.message
    assert policies(sized.account, "academy-much-worker-asg") == sized.before
    assert not [
        request for request in sized.run.requests if request.mutating and "academy-much-worker-asg" in request.text
    ]
    assert versions(sized.account, "/video_scaling/academy-much-worker-asg/much-backlogcount-tt") == []


def test_a_check_tells_beforehand_that_it_will_not_fit(sized):
    assert sized.checked.mutating == []
    assert sized.checked["video_scaling_policy"].pools["much"].get("failed"), sized.checked.output
