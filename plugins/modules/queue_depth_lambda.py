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
  remove_log_group:
    description: With O(state=absent), whether the log group goes with the last pool. Otherwise it stays.
    type: bool
    default: false
extends_documentation_fragment:
  - academy.video_scaling.pools
  - academy.video_scaling.publisher
  - academy.video_scaling.publisher.function
  - academy.video_scaling.tags
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
    replaced:
      description: Whether another version was live before, which is now behind alias C(previous) and can be gone back to.
      type: bool
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

from ansible_collections.academy.video_scaling.plugins.module_utils.aws.module import STATE_OPTION
from ansible_collections.academy.video_scaling.plugins.module_utils.step_module import StepModule
from ansible_collections.academy.video_scaling.plugins.module_utils.steps import publisher
from ansible_collections.academy.video_scaling.plugins.module_utils.steps.step import alone


def main() -> None:
    remove_log_group = {"type": "bool", "default": False}
    module = StepModule(state=STATE_OPTION, remove_log_group=remove_log_group, **publisher.OPTIONS)
    module.run_step(lambda run: alone(publisher, run).result())


if __name__ == "__main__":
    main()
