#!/usr/bin/python
# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: video_queue
short_description: Keep the SQS queues of worker pools and their redrive policies
version_added: 0.1.0
description:
  - Creates the queue and the dead-letter queue of each pool where they are missing, and mends the attributes that the pool declares.
  - An attribute that the pool does not declare is left as it is. A new dead-letter queue keeps messages for 14 days.
  - A queue is never purged, and only an empty one is deleted.
options:
  state:
    description:
      - Whether the queues are to be there.
      - V(absent) deletes the queue and the dead-letter queue of each pool. It refuses while either holds a message.
      - As SQS's counts come late, V(absent) reads them for 75 seconds before anything is deleted, of all pools at once. In
        check mode it does not wait.
      - A dead-letter queue that collects for other queues as well is kept, and the pool fails with their names.
    type: str
    choices: [present, absent]
    default: present
extends_documentation_fragment:
  - academy.video_scaling.pools
  - academy.video_scaling.tags
  - academy.video_scaling.connection
  - academy.video_scaling.pool_rows
"""

EXAMPLES = r"""
- name: A queue whose messages are tried three times
  academy.video_scaling.video_queue:
    region: ap-northeast-2
    pools:
      - name: video
        queue_name: academy-video-jobs
        dead_letter_queue_name: academy-video-jobs-dlq
        max_receive_count: 3
        visibility_timeout: 10800
        auto_scaling_group_name: academy-video-worker-asg
        policy_name: video-backlogcount-tt
        signal: sqs_total
"""

RETURN = r"""
requests:
  description:
    - The requests of the plan with their parameters, and the waits before and between them, in order per resource.
    - In check mode, those that would be sent; nothing is waited for then.
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
    queue_arn:
      description: The ARN of the queue.
      type: str
      sample: arn:aws:sqs:ap-northeast-2:123456789012:academy-video-jobs
    dead_letter_queue_arn:
      description: The ARN of the dead-letter queue.
      returned: where the pool has one
      type: str
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
from ansible_collections.academy.video_scaling.plugins.module_utils.steps import queues
from ansible_collections.academy.video_scaling.plugins.module_utils.steps.step import alone
from ansible_collections.academy.video_scaling.plugins.module_utils.tags import OPTION


def main() -> None:
    module = StepModule(state=STATE_OPTION, **OPTION)
    module.run_step(lambda run: alone(queues, run).result())


if __name__ == "__main__":
    main()
