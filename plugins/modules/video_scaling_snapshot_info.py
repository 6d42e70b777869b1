#!/usr/bin/python
# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: video_scaling_snapshot_info
short_description: List what the scaling policies of worker groups can be taken back to
version_added: 0.1.0
description:
  - Lists the snapshots of each pool's policy, newest first, and the baseline last.
  - Each says when and by whom the change was made before which it was taken, what it holds, and whether that is live now.
extends_documentation_fragment:
  - academy.video_scaling.pools
  - academy.video_scaling.connection
  - academy.video_scaling.pool_rows.reading
seealso:
  - module: academy.video_scaling.video_scaling_rollback
"""

EXAMPLES = r"""
- name: What can be gone back to
  academy.video_scaling.video_scaling_snapshot_info:
    region: ap-northeast-2
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
    snapshots:
      description: Its snapshots, newest first, the baseline last.
      type: list
      elements: dict
      contains:
        id:
          description: What to give to M(academy.video_scaling.video_scaling_rollback) as O(ignore:snapshot).
          type: str
        at:
          description: When it was taken, in UTC.
          type: str
        by:
          description: The ARN of who made the change.
          type: str
        kind:
          description: V(change), V(rollback), or V(unreadable) for a version that is no snapshot and is never applied.
          type: str
        holds:
          description: What it holds, in one line; of an unreadable one why it cannot be used.
          type: str
        live:
          description: Whether what it holds is what is live now.
          type: bool
        policies:
          description: The policies as AWS returned them, by name. None where there was none.
          type: dict
        function_version:
          description: The version of the publisher that goes with it.
          type: str
    failed:
      description: Whether its snapshots could not be read.
      returned: failure of this pool
      type: bool
    msg:
      description: Why, in one sentence.
      returned: failure of this pool
      type: str
"""

from ansible_collections.academy.video_scaling.plugins.module_utils.step_module import StepModule
from ansible_collections.academy.video_scaling.plugins.module_utils.steps import snapshots


def main() -> None:
    module = StepModule()
    module.run_step(lambda run: snapshots.work(run).read_result())


if __name__ == "__main__":
    main()
