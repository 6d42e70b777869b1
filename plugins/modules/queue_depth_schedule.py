#!/usr/bin/python
# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: queue_depth_schedule
short_description: Fire the publisher of queue depths by an EventBridge rule
version_added: 0.1.0
description:
  - Keeps the EventBridge rule that invokes the publisher, its target (alias C(live)) and the right to invoke it.
  - A target that invokes the publisher under another alias is changed in place, so it never runs twice. Targets that are not the publisher stay.
  - Without a published pool in the list there is nothing to fire, and nothing is touched.
options:
  state:
    description:
      - Whether the given pools are to be measured on schedule.
      - V(absent) removes the rule once the publisher serves no pool but those given. While it serves another, the rule stays.
    type: str
    choices: [present, absent]
    default: present
extends_documentation_fragment:
  - academy.video_scaling.pools
  - academy.video_scaling.publisher.function
  - academy.video_scaling.schedule
  - academy.video_scaling.tags
  - academy.video_scaling.connection
  - academy.video_scaling.pool_rows
seealso:
  - module: academy.video_scaling.queue_depth_lambda
"""

EXAMPLES = r"""
- name: Measure every minute
  academy.video_scaling.queue_depth_schedule:
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
"""

RETURN = r"""
requests:
  description: The requests of the plan with their parameters, and the waits between them, in order per resource. In check mode, those that would be sent.
  returned: always, unless nothing could be asked of AWS
  type: list
  elements: dict
schedule:
  description: The schedule.
  returned: always, unless nothing could be asked of AWS
  type: dict
  contains:
    rule_name:
      description: The name of the rule.
      type: str
    rule_arn:
      description: The ARN of the rule.
      type: str
    kept_for_pools:
      description: With O(state=absent), the pools that the publisher still serves and for which the rule stays.
      type: list
      elements: str
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
      description: Whether the schedule of this pool differs (in check mode, would be changed).
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
from ansible_collections.academy.video_scaling.plugins.module_utils.steps import schedule
from ansible_collections.academy.video_scaling.plugins.module_utils.steps.step import alone


def main() -> None:
    module = StepModule(state=STATE_OPTION, **schedule.OPTIONS)
    module.run_step(lambda run: alone(schedule, run).result())


if __name__ == "__main__":
    main()
