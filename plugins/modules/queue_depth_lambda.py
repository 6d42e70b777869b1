#!/usr/bin/python
# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: queue_depth_lambda
short_description: Deploy the Lambda function that publishes the queue depths
version_added: 0.1.0
description:
  - Deploys the publisher, one Lambda function that measures the queues of all published pools of a region, with its role and its log group.
  - The pools' settings travel in the zip. The same code and settings give the same zip everywhere, so nothing is uploaded twice.
  - The given pools are added to those that the live version serves, so a run over one pool never silences the others.
  - What is fired is the version behind alias C(live). The version that was live before stays behind alias C(previous),
    and a function made by hand is published as a version before it is replaced.
  - Pools with a signal of SQS's own metrics need no publisher. They are not added, and stay served where they were,
    until O(state=absent) or O(purge_pools=true) takes them out.
options:
  state:
    description:
      - Whether the given pools are to be served.
      - V(absent) takes them out, and removes the function and its role when no pool is left.
    type: str
    choices: [present, absent]
    default: present
  purge_pools:
    description: Whether the given list is the whole truth, so that a served pool which is not in it is dropped.
    type: bool
    default: false
  function_name:
    description: The name of the function.
    type: str
    default: academy-worker-queue-depth-metric
  role:
    description:
      - The ARN of an existing role to run with, used as it is.
      - Not given, a role is made that may read the served queues, publish into their namespaces and write its own log.
      - Where so many queues do not fit into the policy of a role, common prefixes of their names take their place.
    type: str
  role_name:
    description:
      - The name of the role that is made. By default C(<function_name>-<region>-role).
      - Roles are the same in all regions of an account, so publishers in two regions need roles of two names.
    type: str
  runtime:
    description: The Lambda runtime.
    type: str
    default: python3.13
  architecture:
    description: The processor that the function runs on.
    type: str
    choices: [arm64, x86_64]
    default: arm64
  memory_size:
    description: MB of memory, 128 to 10240.
    type: int
    default: 128
  timeout:
    description: Seconds that one invocation may take, 10 to 60, since the next one starts a minute later.
    type: int
    default: 50
  retention_in_days:
    description:
      - Days that the log is kept.
      - Not given, a new log group gets 14 days and an existing one is left as it is, since a shorter time deletes logs.
    type: int
    choices: [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653]
  remove_log_group:
    description: With O(state=absent), whether the log group goes with the last pool. Otherwise it stays.
    type: bool
    default: false
  code:
    description: The source text of the function. The collection's own publisher is filled in by itself.
    type: str
extends_documentation_fragment:
  - academy.video_scaling.pools
  - academy.video_scaling.connection
  - academy.video_scaling.pool_rows
seealso:
  - module: academy.video_scaling.queue_depth_schedule
"""

EXAMPLES = r"""
- name: Publish the depth of one more queue
  academy.video_scaling.queue_depth_lambda:
    region: ap-northeast-2
    pools: &pools
      - name: video
        queue_name: academy-video-jobs
        auto_scaling_group_name: academy-video-worker-asg
        policy_name: video-backlogcount-tt
        metric:
          namespace: Academy/VideoProcessing
          name: VideoQueueDepthTotal
          dimensions:
            WorkerType: Video
            AutoScalingGroupName: academy-video-worker-asg

- name: Publish these pools and no others
  academy.video_scaling.queue_depth_lambda:
    region: ap-northeast-2
    pools: *pools
    purge_pools: true
"""

RETURN = r"""
requests:
  description: The requests of the plan with their parameters, and the waits between them, in order. In check mode, those that would be sent.
  returned: always, unless nothing could be asked of AWS
  type: list
  elements: dict
publisher:
  description: The publisher.
  returned: always, unless nothing could be asked of AWS
  type: dict
  contains:
    function_name:
      description: The name of the function.
      type: str
    alias_arn:
      description: The ARN of alias C(live), which is what the schedule fires.
      type: str
      sample: arn:aws:lambda:ap-northeast-2:123456789012:function:academy-worker-queue-depth-metric:live
    served_pools:
      description: The names of the pools that are served after this run.
      type: list
      elements: str
    dropped_pools:
      description: The names of the pools that are not served any more.
      type: list
      elements: str
pools:
  description: One row per pool, in the order given.
  returned: always, unless nothing could be asked of AWS
  type: list
  elements: dict
  contains:
    name:
      description: The pool.
      type: str
      sample: video
    changed:
      description: Whether the publisher of this pool differs (in check mode, would be changed).
      type: bool
    served:
      description: Whether the publisher measures this pool after this run.
      type: bool
    failed:
      description: Whether this pool failed.
      returned: failure
      type: bool
    msg:
      description: Why, in one sentence.
      returned: failure
      type: str
"""

from ansible_collections.academy.video_scaling.plugins.module_utils.aws.module import (
    STATE_OPTION,
    PoolModule,
    result,
    row,
)
from ansible_collections.academy.video_scaling.plugins.module_utils.package import settings_of
from ansible_collections.academy.video_scaling.plugins.module_utils.reconcile import Outcome, reconcile
from ansible_collections.academy.video_scaling.plugins.module_utils.resources import publisher
from ansible_collections.academy.video_scaling.plugins.module_utils.resources.function import LIVE, Release
from ansible_collections.academy.video_scaling.plugins.module_utils.resources.log_group import RETENTION_DAYS


def main() -> None:
    module = PoolModule(
        state=STATE_OPTION,
        purge_pools={"type": "bool", "default": False},
        function_name={"type": "str", "default": "academy-worker-queue-depth-metric"},
        role={"type": "str"},
        role_name={"type": "str"},
        runtime={"type": "str", "default": "python3.13"},
        architecture={"type": "str", "choices": ["arm64", "x86_64"], "default": "arm64"},
        memory_size={"type": "int", "default": 128},
        timeout={"type": "int", "default": 50},
        retention_in_days={"type": "int", "choices": list(RETENTION_DAYS)},
        remove_log_group={"type": "bool", "default": False},
        code={"type": "str"},
    )

    def work(pools, aws):
        wish = _wish(module.params, pools, aws.place)
        outcome = Outcome(None)
        if wish.pools or wish.purge or not wish.present:
            # Else nothing is published: a publisher that is broken does not stop whoever does without it.
            outcome = reconcile(publisher, {wish.function_name: wish}, aws, module.check_mode)[wish.function_name]
        served = _served(outcome, wish)
        rows = [
            row(
                pool.name,
                [outcome if pool.published or not wish.present else Outcome(None)],
                served=pool.name in served,
            )
            for pool in pools
        ]
        return result(rows, [outcome], publisher=_publisher(outcome, wish, served))

    module.run(work)


def _wish(params, pools, place):
    release = Release(
        code_sha256="",
        role=params["role"] or "",
        runtime=params["runtime"],
        architecture=params["architecture"],
        memory_size=params["memory_size"],
        timeout=params["timeout"],
    )
    present = params["state"] == "present"
    return publisher.from_params(
        function_name=params["function_name"],
        code=params["code"],
        pools={pool.name: settings_of(pool) for pool in pools if pool.published} if present else {},
        place=place,
        release=release,
        role_name=params["role_name"],
        retention_in_days=params["retention_in_days"],
        purge=params["purge_pools"],
        present=present,
        remove_log_group=params["remove_log_group"],
        names=frozenset(pool.name for pool in pools),
    )


def _served(outcome, wish):
    """The pools that are served after this run; after a failure, those that were served before."""
    live = outcome.found.function if outcome.found else None
    if outcome.failure:
        return set(live.pools or ()) if live else set()
    return set(publisher.served_after(live, wish)) if outcome.found else set()


def _publisher(outcome, wish, served):
    before = outcome.found.function if outcome.found else None
    return {
        "function_name": wish.function_name,
        "alias_arn": wish.place.function_arn(wish.function_name, LIVE),
        "served_pools": sorted(served),
        "dropped_pools": sorted(set(before.pools or ()) - served) if before else [],
    }


if __name__ == "__main__":
    main()
