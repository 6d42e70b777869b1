# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nothing between a worker and its end fails when there is work to lose, and is warned of when there may be."""

from __future__ import annotations

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.checks import busy_workers_protected
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.observed import Unread
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import AwsFailure
from ansible_collections.academy.video_scaling.tests.unit.examples import GROUP
from ansible_collections.academy.video_scaling.tests.unit.observations import (
    case,
    every_case,
    group,
    healthy,
    holds,
    instance,
    observed,
    policy,
    queue,
    queue_metrics,
    series,
    wanted,
)

BARE = {"lifecycle_hooks": []}
LAUNCHING = [{**healthy()["lifecycle_hooks"][0], "LifecycleTransition": "autoscaling:EC2_INSTANCE_LAUNCHING"}]
IDLE = queue(ApproximateNumberOfMessagesNotVisible=0)
SHORT = queue(VisibilityTimeout=299)
NO_SCALE_IN = {"declared": {"disable_scale_in": True}, "policies": [policy(wanted(disable_scale_in=True))]}
NO_HOOK = f"group {GROUP} has no terminating lifecycle hook, and"
STAKE = "3 messages in flight, and one that is cut off comes back after 10 min"


def mixed(in_service=3, **distribution):
    return group(in_service, MixedInstancesPolicy={"InstancesDistribution": distribution})


SPOT = mixed(OnDemandPercentageAboveBaseCapacity=0)
CASES = every_case(
    case("a hook"),
    case("none", "fail", f"{NO_HOOK} scale-in may take any of its 3 workers: {STAKE}", **BARE),
    case("a hook at launch only", "fail", NO_HOOK, lifecycle_hooks=LAUNCHING),
    case("none, and nothing in flight", "warn", "0 messages in flight", **BARE, queue=IDLE),
    case(
        "none, and it was idle all the while",
        **BARE,
        queue=IDLE,
        queue_metrics=queue_metrics(in_flight=series(0)),
    ),
    case("none, and no worker", "warn", "scale-in may take any worker: 0 messages", **BARE, queue=IDLE, group=group(0)),
    case("none, and jobs that are just long", "fail", "after 5 min", **BARE, queue=queue(VisibilityTimeout=300)),
    case("none, and short jobs", "warn", "comes back after 5 min", **BARE, queue=SHORT),
    case("none, short jobs, nothing in flight", **BARE, queue={**SHORT, "ApproximateNumberOfMessagesNotVisible": "0"}),
    case("none, and never busy", **BARE, queue=IDLE, queue_metrics=queue_metrics(in_flight=series(0))),
    case("none, and no queue", **BARE, queue=None),
    case("none, and no scale-in", **BARE, **NO_SCALE_IN),
    case("every new one is protected", **BARE, group=group(NewInstancesProtectedFromScaleIn=True)),
    case(
        "workers protect themselves",
        **BARE,
        group=group(Instances=[instance(1), instance(2, ProtectedFromScaleIn=True)]),
    ),
    case(
        "only those that are kept warm",
        "fail",
        "any of its 1 workers",
        **BARE,
        group=group(
            1, Instances=[instance(1), instance(2, LifecycleState="Warmed:Stopped", ProtectedFromScaleIn=True)]
        ),
    ),
    case("Spot and a hook", group=SPOT),
    case(
        "Spot",
        "fail",
        f"{NO_HOOK} scale-in may take any of its 3 workers and Spot may reclaim any of its instances: {STAKE}",
        **BARE,
        group=SPOT,
    ),
    case(
        "Spot, no scale-in",
        "fail",
        f"{NO_HOOK} Spot may reclaim any of its instances",
        **BARE,
        **NO_SCALE_IN,
        group=SPOT,
    ),
    case("on demand only", **BARE, **NO_SCALE_IN, group=mixed(OnDemandPercentageAboveBaseCapacity=100)),
    case("on demand by default", **BARE, **NO_SCALE_IN, group=mixed()),
)


@CASES
def test_busy_workers_are_protected(example):
    holds(busy_workers_protected, example)


def test_what_is_at_stake_is_not_known_without_the_queue():
    with pytest.raises(Unread, match="denied"):
        busy_workers_protected.check(observed(queue=AwsFailure("denied"), **BARE), wanted())
