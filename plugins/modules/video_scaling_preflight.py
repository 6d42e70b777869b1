#!/usr/bin/python
# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: video_scaling_preflight
short_description: Refuse a run that cannot succeed, before anything is written
version_added: 0.1.0
description:
  - Checks that the caller is in the expected account and region, that every group exists, and that every queue exists
    and every needed group metric is published where the run is not to see to it.
  - Only reads. Every pool that is not ready is named with the reason.
options:
  manage_queues:
    description: Whether the run makes missing queues. If not, a missing queue is refused.
    type: bool
    default: true
  require_empty_queues:
    description: Whether a queue or dead-letter queue that holds a message is refused, with its counts.
    type: bool
    default: false
  require_groups:
    description: Whether a group that does not exist is refused.
    type: bool
    default: true
  expected_account:
    description: The id of the account that the credentials must belong to.
    type: str
  expected_region:
    description: The region that the run must be in.
    type: str
extends_documentation_fragment:
  - academy.video_scaling.pools
  - academy.video_scaling.policy.group_metrics
  - academy.video_scaling.connection
  - academy.video_scaling.pool_rows.reading
"""

EXAMPLES = r"""
- name: Nothing is written to the wrong account
  academy.video_scaling.video_scaling_preflight:
    region: ap-northeast-2
    expected_account: "123456789012"
    manage_queues: false
    pools:
      - name: video
        queue_name: academy-video-jobs
        auto_scaling_group_name: academy-video-worker-asg
        policy_name: video-backlogcount-tt
        signal: sqs_total
"""

RETURN = r"""
account_id:
  description: The account of the caller.
  returned: success
  type: str
region:
  description: The region of the run.
  returned: success
  type: str
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
    failed:
      description: Whether this pool is not ready.
      returned: failure of this pool
      type: bool
    msg:
      description: Why, in one sentence.
      returned: failure of this pool
      type: str
"""

from ansible_collections.academy.video_scaling.plugins.module_utils.step_module import StepModule
from ansible_collections.academy.video_scaling.plugins.module_utils.steps import preflight


def main() -> None:
    module = StepModule(**preflight.OPTIONS)
    module.run_step(lambda run: preflight.work(run.pools, run.aws, run.options).read_result())


if __name__ == "__main__":
    main()
