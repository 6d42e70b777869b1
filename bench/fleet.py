# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A fleet is the seed pool, or that pool many times under numbered names; its groups are there before the run."""

from __future__ import annotations

import functools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import yaml

from local_aws import seed

from .commands import ROOT

THREADS = 16
# AWS takes two snapshots a second from us, and a first apply writes two for each pool whose policy it changes. The
# policies of more pools than this are there as declared: else the bench would wait a quarter of an hour each time.
POOLS_WITH_AN_OLD_POLICY = 20
DEFAULTS = ROOT / "roles" / "video_scaling" / "defaults" / "main.yml"
# The emulator fires rules by itself, in the same cores: none of that may fall into a measurement.
SCHEDULE = "rate(1 day)"
TARGET_TRACKING = "TargetTrackingScaling"

Pool = dict[str, Any]


@functools.cache
def defaults() -> dict[str, Any]:
    return dict(yaml.safe_load(DEFAULTS.read_text(encoding="utf-8")))


def pools(count: int) -> list[Pool]:
    seed_pool = defaults()["video_scaling_pools"][0]
    return [dict(seed_pool)] if count == 1 else [numbered(seed_pool, number) for number in range(1, count + 1)]


def numbered(pool: Pool, number: int) -> Pool:
    group = f"academy-video-worker-{number:05}-asg"
    dimensions = {**pool["metric"]["dimensions"], "AutoScalingGroupName": group}
    return {
        **pool,
        "name": f"{pool['name']}_{number:05}",
        "queue_name": f"academy-video-jobs-{number:05}",
        "dead_letter_queue_name": f"academy-video-jobs-{number:05}-dlq",
        "auto_scaling_group_name": group,
        "metric": {**pool["metric"], "dimensions": dimensions},
    }


def variables(count: int) -> dict[str, Any]:
    """What a person would write down for such a fleet."""
    return {"video_scaling_pools": pools(count), "video_scaling_schedule_expression": SCHEDULE}


def make_groups(client: Callable[[str], Any], fleet: list[Pool]) -> None:
    """The groups as others made them, each with a policy; queues and publisher are the run's to make."""
    clients = {service: client(service) for service in ("ec2", "autoscaling")}
    metric_name = seed.OLD_METRIC if len(fleet) <= POOLS_WITH_AN_OLD_POLICY else fleet[0]["metric"]["name"]
    # The first makes the launch template that the others share.
    make_group(clients, metric_name, fleet[0])
    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(functools.partial(make_group, clients, metric_name), fleet[1:]))


def make_group(clients: dict[str, Any], metric_name: str, pool: Pool) -> None:
    named = {"group": pool["auto_scaling_group_name"], "name": pool["policy_name"]}
    seed.make_group(clients.__getitem__, name=named["group"], old_policy=None)
    seed.make_old_policy(clients.__getitem__, **named, metric_name=metric_name)


def drift(client: Callable[[str], Any], pool: Pool) -> None:
    """Somebody changes the target of the pool's policy by hand."""
    autoscaling = client("autoscaling")
    where = {"AutoScalingGroupName": pool["auto_scaling_group_name"]}
    found = autoscaling.describe_policies(**where)["ScalingPolicies"]
    policy = next(policy for policy in found if policy["PolicyName"] == pool["policy_name"])
    tracking = policy["TargetTrackingConfiguration"]
    autoscaling.put_scaling_policy(
        **where,
        PolicyName=pool["policy_name"],
        PolicyType=TARGET_TRACKING,
        TargetTrackingConfiguration={**tracking, "TargetValue": tracking["TargetValue"] + 1},
    )
