#!/usr/bin/python
# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: video_scaling_policy
short_description: Keep the target-tracking policy of worker groups in place
version_added: 0.1.0
description:
  - Puts the target-tracking policy of each pool on its EC2 Auto Scaling group, and replaces it in place when it differs.
  - A policy is never deleted to be put again, and the capacity of a group is never written.
  - What was live is kept as a snapshot in SSM Parameter Store before the first request that changes it, and only then.
    While two runs change the same policies, the one that finds them moved stops.
  - Group metrics that a signal needs are enabled first.
  - What AWS adds or reorders (dimensions, queries, C(DisableScaleIn), ARNs, alarms) is no difference.
options:
  state:
    description: Whether the policy is to be there. V(absent) deletes this policy alone, whatever O(pools[].exclusive) says.
    type: str
    choices: [present, absent]
    default: present
  function_name:
    description: The name of the publisher's function, whose live version a snapshot tells.
    type: str
    default: academy-worker-queue-depth-metric
extends_documentation_fragment:
  - academy.video_scaling.pools
  - academy.video_scaling.policy
  - academy.video_scaling.policy.group_metrics
  - academy.video_scaling.tags
  - academy.video_scaling.connection
  - academy.video_scaling.pool_rows
seealso:
  - module: academy.video_scaling.queue_depth_lambda
"""

EXAMPLES = r"""
- name: The workers follow the length of their queue
  academy.video_scaling.video_scaling_policy:
    region: ap-northeast-2
    pools:
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
        target_value: 1

- name: The same without a Lambda, and without any other policy on the group
  academy.video_scaling.video_scaling_policy:
    pools:
      - name: video
        queue_name: academy-video-jobs
        auto_scaling_group_name: academy-video-worker-asg
        policy_name: video-backlogcount-tt
        signal: sqs_total
        exclusive: true
"""

RETURN = r"""
requests:
  description: The requests of the plan with their parameters, and the waits between them, in order per resource. In check mode, those that would be sent.
  returned: always, unless nothing could be asked of AWS
  type: list
  elements: dict
requests_by_operation:
  description: How many requests were sent, by service and operation as the API names it. Each attempt counts.
  returned: with C(-v), once the options were accepted
  type: dict
  sample: {"sqs:GetQueueUrl": 4}
seconds_by_phase:
  description: Seconds by step. What belongs to no step of its own counts for the module's name.
  returned: with C(-v), once the options were accepted
  type: dict
  sample: {"connect": 0.08, "queue": 1.204}
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
      description: Whether anything of this pool differs (in check mode, would be changed).
      type: bool
    scale_in:
      description: Why AWS may scale in once the policy has changed, as a sentence without its full stop.
      returned: with O(on_scale_in=warn), where that is so, or not known
      type: str
    other_policies:
      description: The names of the group's other scaling policies, as found before the change.
      type: list
      elements: str
    removed_policies:
      description: Those of them that O(pools[].exclusive) removes. A warning tells of each what triggers it.
      type: list
      elements: str
    failed:
      description: Whether this pool failed. The others are worked on all the same.
      returned: failure of this pool
      type: bool
    msg:
      description: Why, in one sentence.
      returned: failure of this pool
      type: str
"""

from ansible_collections.academy.video_scaling.plugins.module_utils.aws.module import STATE_OPTION
from ansible_collections.academy.video_scaling.plugins.module_utils.step_module import StepModule
from ansible_collections.academy.video_scaling.plugins.module_utils.steps import policies_alone


def main() -> None:
    module = StepModule(state=STATE_OPTION, **policies_alone.OPTIONS)
    module.run_step(lambda run: policies_alone.work(run).result())


if __name__ == "__main__":
    main()
