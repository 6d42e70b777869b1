#!/usr/bin/python
# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: video_scaling_rollback
short_description: Take the scaling policies of worker groups back to a snapshot
version_added: 0.1.0
description:
  - Loads a snapshot and brings the policies that it names to what they were, also to not being there.
  - It goes the same way as any change, so it takes a snapshot first and can itself be taken back.
  - Run twice, the second run changes nothing.
  - Where there is nothing to go back to, a check run says so, and a real run fails with that sentence.
options:
  snapshot:
    description:
      - The id of a snapshot (as M(academy.video_scaling.video_scaling_snapshot_info) lists them), or V(baseline)
        for what was there before the first change of all.
      - Not given, the state before the newest change that was not itself a rollback.
    type: str
  snapshot_file:
    description:
      - A file with a bare C(TargetTrackingConfiguration) in JSON, as older tools kept it, on the host where this runs.
      - In UTF-8, or in UTF-16 with a byte-order mark as Windows PowerShell writes it.
      - It is taken for the policy of the one pool that is given.
    type: path
  rollback_lambda:
    description:
      - Whether alias C(live) of the publisher goes back as well.
      - To the version behind alias C(previous), or with O(snapshot) to the version which that snapshot tells.
      - The rule gets back the schedule and what its targets handed to the publisher (C(Input) and the like), as they
        were while that version was live. Its targets invoke the alias all the same.
    type: bool
    default: false
  rule_name:
    description: The EventBridge rule that fires the publisher.
    type: str
    default: academy-worker-queue-depth-rate
  rollback_policies:
    description:
      - Whether the policies go back. If not, only the publisher does, and O(rollback_lambda) must be given.
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
  - academy.video_scaling.policy
  - academy.video_scaling.publisher.function
  - academy.video_scaling.tags
  - academy.video_scaling.connection
  - academy.video_scaling.pool_rows
seealso:
  - module: academy.video_scaling.video_scaling_snapshot_info
"""

EXAMPLES = r"""
- name: Undo the newest change of this pool's policy
  academy.video_scaling.video_scaling_rollback:
    region: ap-northeast-2
    pools: &pools
      - name: video
        queue_name: academy-video-jobs
        auto_scaling_group_name: academy-video-worker-asg
        policy_name: video-backlogcount-tt
        signal: sqs_total

- name: Undo the newest deployment of the publisher, and leave the policies as they are
  academy.video_scaling.video_scaling_rollback:
    region: ap-northeast-2
    pools: *pools
    rollback_lambda: true
    rollback_policies: false

- name: Back to what was there before this collection
  academy.video_scaling.video_scaling_rollback:
    region: ap-northeast-2
    pools: *pools
    snapshot: baseline
"""

RETURN = r"""
requests:
  description: The requests of the plan with their parameters, in order. In check mode, those that would be sent.
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
      description: Whether its policies differ from the snapshot (in check mode, would be changed).
      type: bool
    scale_in:
      description: Why AWS may scale in once the policy has changed, as a sentence without its full stop.
      returned: with O(on_scale_in=warn), where that is so, or not known
      type: str
    declared_otherwise:
      description:
        - Where the variables of the pool still differ from what it goes back to. The next apply would undo that.
      returned: where the policies were looked at
      type: list
      elements: str
      sample: ["policy video-backlogcount-tt: target_value: expected 4.0, found 1.0"]
    snapshot:
      description: The snapshot that it goes back to, with C(id), C(at), C(by) and C(kind).
      returned: where there is one, and it was looked for
      type: dict
    failed:
      description: Whether this pool failed. The others are worked on all the same.
      returned: failure of this pool
      type: bool
    msg:
      description: Why, or in check mode also that there is nothing to go back to.
      returned: failure of this pool, or nothing to go back to
      type: str
publisher:
  description: The publisher, with C(function_name) and C(changed).
  returned: with O(rollback_lambda=true)
  type: dict
"""

from ansible_collections.academy.video_scaling.plugins.module_utils.step_module import StepModule
from ansible_collections.academy.video_scaling.plugins.module_utils.steps import rollback


def main() -> None:
    module = StepModule(**rollback.OPTIONS)
    module.run_step(lambda run: rollback.work(run).result())


if __name__ == "__main__":
    main()
