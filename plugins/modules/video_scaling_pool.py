#!/usr/bin/python
# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: video_scaling_pool
short_description: Keep worker pools whole, from the queue to the policy
version_added: 0.1.0
description:
  - Does in one go what M(academy.video_scaling.video_scaling_preflight), M(academy.video_scaling.video_queue),
    M(academy.video_scaling.queue_depth_lambda), M(academy.video_scaling.queue_depth_schedule),
    M(academy.video_scaling.video_scaling_policy) and M(academy.video_scaling.video_scaling_verify) do one after the other.
  - What one step has read, the next one does not ask again, so a run over one pool or a thousand takes a fraction of the time.
  - A pool that fails in one step takes no part in the next; the others go on, and the task fails at the end and names each.
    With O(purge_pools) such a pool stays served if it was.
  - A pool that cannot succeed from the start (no such group, for example) stops the run before anything is written.
options:
  steps:
    description: What is done, always in this order.
    type: list
    elements: str
    choices: [queue, publisher, schedule, group_metrics, policy]
    default: [queue, publisher, schedule, group_metrics, policy]
  manage_queues:
    description: Whether missing queues are made and declared attributes mended. If not, the queues must exist.
    type: bool
    default: true
  expected_account:
    description: The id of the account that the credentials must belong to.
    type: str
  expected_region:
    description: The region that the run must be in.
    type: str
  wait_timeout:
    description: Seconds in which the publisher and the queues must agree at the end. New rights and counts need a moment to spread.
    type: int
    default: 60
extends_documentation_fragment:
  - academy.video_scaling.pools
  - academy.video_scaling.policy
  - academy.video_scaling.policy.group_metrics
  - academy.video_scaling.publisher
  - academy.video_scaling.publisher.function
  - academy.video_scaling.schedule
  - academy.video_scaling.tags
  - academy.video_scaling.connection
  - academy.video_scaling.pool_rows
seealso:
  - module: academy.video_scaling.video_scaling_diagnosis_info
  - module: academy.video_scaling.video_scaling_rollback
"""

EXAMPLES = r"""
- name: Workers that follow the length of their queue
  academy.video_scaling.video_scaling_pool:
    region: ap-northeast-2
    expected_account: "123456789012"
    pools:
      - name: video
        queue_name: academy-video-jobs
        dead_letter_queue_name: academy-video-jobs-dlq
        auto_scaling_group_name: academy-video-worker-asg
        policy_name: video-backlogcount-tt
        metric:
          namespace: Academy/VideoProcessing
          name: VideoQueueDepthTotal
          dimensions:
            WorkerType: Video
            AutoScalingGroupName: academy-video-worker-asg

- name: The policy alone, without a Lambda in the path
  academy.video_scaling.video_scaling_pool:
    region: ap-northeast-2
    steps: [policy]
    pools:
      - name: video
        queue_name: academy-video-jobs
        auto_scaling_group_name: academy-video-worker-asg
        policy_name: video-backlogcount-tt
        signal: sqs_total
"""

RETURN = r"""
changed_steps:
  description: The steps that changed something (in check mode, would change something).
  returned: always, unless an option, the account or the way to AWS stopped the run before its first step
  type: list
  elements: str
  sample: [publisher, policy]
requests:
  description: The requests of all plans with their parameters, and the waits between them, in order. In check mode, those that would be sent.
  returned: always, unless an option, the account or the way to AWS stopped the run before its first step
  type: list
  elements: dict
account_id:
  description: The account of the caller.
  returned: always, unless an option, the account or the way to AWS stopped the run before its first step
  type: str
region:
  description: The region of the run.
  returned: always, unless an option, the account or the way to AWS stopped the run before its first step
  type: str
publisher:
  description: The publisher.
  returned: with O(steps) C(publisher), where a pool was left for it
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
schedule:
  description: The schedule.
  returned: with O(steps) C(schedule), where a pool was left for it
  type: dict
  contains:
    rule_name:
      description: The name of the rule.
      type: str
    rule_arn:
      description: The ARN of the rule.
      type: str
    kept_for_pools:
      description: Always empty here.
      type: list
      elements: str
requests_by_operation:
  description: How many requests were sent, by service and operation as the API names it. Each attempt counts.
  returned: with C(-v), once the options were accepted
  type: dict
  sample: {"sqs:GetQueueUrl": 4}
seconds_by_phase:
  description:
    - Seconds by step. C(read) is the reading of all that the steps are about, before the first of them.
    - What belongs to no step of its own counts for the module's name.
  returned: with C(-v), once the options were accepted
  type: dict
  sample: {"connect": 0.08, "read": 1.204}
pools:
  description: One row per pool, in the order given.
  returned: always, unless an option, the account or the way to AWS stopped the run before its first step
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
    changed_steps:
      description: The steps in which it did.
      type: list
      elements: str
    queue_arn:
      description: The ARN of the queue.
      returned: with O(steps) C(queue) and O(manage_queues), where the pool got so far
      type: str
    dead_letter_queue_arn:
      description: The ARN of the dead-letter queue.
      returned: as C(queue_arn), where the pool has one
      type: str
    served:
      description: Whether the publisher measures this pool after this run.
      returned: with O(steps) C(publisher), where the pool got so far
      type: bool
    scale_in:
      description: Why AWS may scale in once the policy has changed, as a sentence without its full stop.
      returned: with O(steps) C(policy) and O(on_scale_in=warn), where that is so, or not known
      type: str
    other_policies:
      description: The names of the group's other scaling policies, as found before the change.
      returned: with O(steps) C(policy), where the pool got so far
      type: list
      elements: str
    removed_policies:
      description: Those of them that O(pools[].exclusive) removes. A warning tells of each what triggers it.
      returned: with O(steps) C(policy), where the pool got so far
      type: list
      elements: str
    queue_depth_total:
      description: The depth on which the publisher and the queue agreed.
      returned: with O(steps) C(publisher), for a published pool on which they agreed, unless in check mode
      type: int
    failed:
      description: Whether this pool failed. The others are worked on all the same.
      returned: failure of this pool
      type: bool
    msg:
      description: Why, in one sentence.
      returned: failure of this pool
      type: str
"""

from ansible_collections.academy.video_scaling.plugins.module_utils.step_module import StepModule
from ansible_collections.academy.video_scaling.plugins.module_utils.steps import apply


def main() -> None:
    module = StepModule(**apply.OPTIONS)
    module.run_step(apply.work)


if __name__ == "__main__":
    main()
