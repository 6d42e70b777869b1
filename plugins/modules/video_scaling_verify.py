#!/usr/bin/python
# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: video_scaling_verify
short_description: Read back what scales the pools, and fail where it is not as declared
version_added: 0.1.0
description:
  - Checks that the live version of the publisher answers each pool's depth as its queue counts it,
    that the rule is enabled and points at alias C(live), and that the policy is the declared one.
  - A mismatch fails with what was expected and what was found. Counts that move while they are read are read again.
  - Changes nothing. The publisher is asked to measure without publishing, unless O(publish=true).
options:
  aspects:
    description: What is read back.
    type: list
    elements: str
    choices: [publisher, schedule, policy]
    default: [publisher, schedule, policy]
  publish:
    description:
      - Whether the publisher publishes when it is asked, which also proves that it may.
      - It writes one more datapoint of the same minute. In check mode it never publishes.
    type: bool
    default: false
  wait_timeout:
    description: Seconds in which the depths must agree once. New rights and counts need a moment to spread.
    type: int
    default: 60
extends_documentation_fragment:
  - academy.video_scaling.pools
  - academy.video_scaling.publisher.function
  - academy.video_scaling.schedule
  - academy.video_scaling.connection
  - academy.video_scaling.pool_rows.reading
"""

EXAMPLES = r"""
- name: The policy is the declared one
  academy.video_scaling.video_scaling_verify:
    region: ap-northeast-2
    aspects: [policy]
    pools:
      - name: video
        queue_name: academy-video-jobs
        auto_scaling_group_name: academy-video-worker-asg
        policy_name: video-backlogcount-tt
        signal: sqs_total
"""

RETURN = r"""
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
    queue_depth_total:
      description: The depth on which the publisher and the queue agreed.
      returned: with O(aspects) C(publisher), for a published pool
      type: int
    failed:
      description: Whether something is not as declared.
      returned: failure of this pool
      type: bool
    msg:
      description: What was expected and what was found.
      returned: failure of this pool
      type: str
"""

from ansible_collections.academy.video_scaling.plugins.module_utils.step_module import StepModule
from ansible_collections.academy.video_scaling.plugins.module_utils.steps import verification


def main() -> None:
    module = StepModule(**verification.OPTIONS)
    module.run_step(lambda run: verification.work(run).read_result())


if __name__ == "__main__":
    main()
