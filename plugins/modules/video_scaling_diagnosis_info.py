#!/usr/bin/python
# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: video_scaling_diagnosis_info
short_description: Say why a pool does, or does not, scale
version_added: 0.1.0
description:
  - Reads everything that scaling depends on, once and in parallel, and runs every check over it,
    from the queue over the publisher, the metric, the policy and its alarms to the group.
  - Each pool gets one sentence that names the first cause, and its findings with evidence and the command that helps.
  - Changes nothing. A pool that is not healthy, or that does not exist, is a result and no failure of the task.
  - Answers within a minute, of a thousand pools within two. What AWS does not answer in time, or refuses, leaves the
    checks that need it C(unknown), with the missing action named; a pool of which something is unknown is not healthy.
options:
  memory_size:
    description: The memory in MB that the function should have. Not given, or V(auto), it is not compared.
    type: str
  timeout:
    description: The seconds that an invocation of the function should be allowed. Not given, it is not compared.
    type: int
  since:
    description:
      - How far back metrics, alarms, activities and the log are read, as V(90m), V(3h) or V(2d); V(15d) at most.
      - CloudWatch keeps one datapoint a minute for 15 days. Of a fleet less is read, so that there is an answer within
        a minute, as of 200 pools V(1d).
    type: str
    default: 3h
  checks:
    description: The ids of the checks to report. Not given or empty, all of them.
    type: list
    elements: str
  skip:
    description:
      - Checks that are known and accepted, each id with the reason. They are reported as C(skipped), with the reason.
      - What follows from a skipped check is reported by itself.
    type: dict
    default: {}
  invoke:
    description:
      - Whether the publisher is also asked what it measures right now. It publishes nothing when it is asked so.
      - A function that this collection did not make is not invoked.
    type: bool
    default: false
extends_documentation_fragment:
  - academy.video_scaling.pools
  - academy.video_scaling.publisher.function
  - academy.video_scaling.schedule
  - academy.video_scaling.connection
  - academy.video_scaling.pool_rows.reading
seealso:
  - module: academy.video_scaling.video_scaling_verify
"""

EXAMPLES = r"""
- name: Why does it not scale
  academy.video_scaling.video_scaling_diagnosis_info:
    region: ap-northeast-2
    pools:
      - name: video
        queue_name: academy-video-jobs
        auto_scaling_group_name: academy-video-worker-asg
        policy_name: video-backlogcount-tt
        signal: sqs_total
  register: diagnosis

- name: The first cause
  ansible.builtin.debug:
    msg: "{{ diagnosis.pools[0].verdict }}"

- name: The last night, without a check whose finding is accepted
  academy.video_scaling.video_scaling_diagnosis_info:
    region: ap-northeast-2
    since: 12h
    skip:
      queue_settings_as_declared: the visibility timeout is being raised until Friday
    pools:
      - name: video
        queue_name: academy-video-jobs
        auto_scaling_group_name: academy-video-worker-asg
        policy_name: video-backlogcount-tt
        signal: sqs_total
"""

RETURN = r"""
healthy:
  description: Whether nothing fails and nothing is unknown, over all pools.
  returned: success
  type: bool
at:
  description: When the reading began, in UTC.
  returned: success
  type: str
  sample: "2026-02-22T12:00:20Z"
since:
  description: The start of the time window, in UTC.
  returned: success
  type: str
  sample: "2026-02-22T09:00:20Z"
region:
  description: The region of the run.
  returned: success
  type: str
account_id:
  description: The account of the caller.
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
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: The pool.
      type: str
      sample: video
    changed:
      description: Always false.
      type: bool
    healthy:
      description: Whether nothing fails and nothing is unknown.
      type: bool
    verdict:
      description: One sentence that names the first cause.
      type: str
      sample: Nothing scales because rule academy-worker-queue-depth-rate is disabled since 14:02 UTC.
    counts:
      description: How many findings there are of each status.
      type: dict
      sample: {"pass": 34, "skipped": 1, "warn": 0, "unknown": 0, "fail": 1}
    findings:
      description: One per check, causes before what follows from them.
      type: list
      elements: dict
      contains:
        id:
          description: The check.
          type: str
          sample: schedule_enabled
        pool:
          description: The pool.
          type: str
        status:
          description: V(pass), V(skipped), V(warn), V(unknown) or V(fail).
          type: str
        title:
          description: What holds where it passes.
          type: str
        cause:
          description: What is wrong, with names, numbers and times. Empty where it passes.
          type: str
        effect:
          description: What a person sees of it.
          type: str
        why:
          description: What the check looks at and why it matters.
          type: str
        follows_from:
          description: The check whose failure explains this one. Empty where there is none.
          type: str
        evidence:
          description: What was read.
          type: dict
          contains:
            api:
              description: The action that shows it, as IAM writes it; of an unknown finding the one that is missing.
              type: str
            observed:
              description: What AWS answered, as far as it matters here.
              type: raw
            expected:
              description: What would pass.
              type: raw
            at:
              description: When that was so, in UTC.
              type: str
        remedy:
          description: The way out.
          type: dict
          contains:
            playbook:
              description: The command line of a playbook. Empty where none helps.
              type: str
            cli:
              description: A command of the AWS CLI that mends it or shows more. Empty where there is none.
              type: str
    unread:
      description: What could not be read, by reading, in one sentence each. Empty where everything was.
      type: dict
    timeline:
      description: Depth, metric, alarms, activities and capacity by the minute, and what held the group in each.
      type: dict
"""

from ansible_collections.academy.video_scaling.plugins.module_utils.aws.module import PoolModule
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis import diagnose
from ansible_collections.academy.video_scaling.plugins.module_utils.steps.publisher import FUNCTION_OPTION
from ansible_collections.academy.video_scaling.plugins.module_utils.steps.schedule import RULE_OPTIONS


def main() -> None:
    module = PoolModule(**FUNCTION_OPTION, **RULE_OPTIONS, **diagnose.OPTIONS)
    asked = module.accepted(lambda: diagnose.from_params(module.params))
    module.run(lambda pools, aws: diagnose.diagnose(asked, pools, aws), quick=True)


if __name__ == "__main__":
    main()
