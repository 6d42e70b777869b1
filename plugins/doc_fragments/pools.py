# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pools option, the same for every module."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  pools:
    description:
      - The pools of one region of one account. One pool is a list of one; a fleet is the same call.
      - The whole list is checked before the first request. Every problem is named by pool and option.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: The pool's own name, unique in the list. It matches C([a-z][a-z0-9_]*).
        type: str
        required: true
      queue_name:
        description: The SQS queue from which the workers take their jobs. A FIFO queue ends in C(.fifo).
        type: str
        required: true
      dead_letter_queue_name:
        description: The queue that takes the messages nobody could work on. Not given, the redrive policy is not managed.
        type: str
      max_receive_count:
        description: How often a message is received before it goes to O(pools[].dead_letter_queue_name), 1 to 1000.
        type: int
        default: 3
      visibility_timeout:
        description: Seconds a received message stays in flight, 0 to 43200. Not given, it is left as it is.
        type: int
      message_retention_period:
        description: Seconds the queue keeps a message, 60 to 1209600. Not given, it is left as it is.
        type: int
      auto_scaling_group_name:
        description: The EC2 Auto Scaling group of the workers. It must exist; its sizes are never written.
        type: str
        required: true
      policy_name:
        description: The target-tracking policy. A policy is known by its group and its name together.
        type: str
        required: true
      signal:
        description:
          - What the policy follows.
          - V(published_total) is visible + in-flight messages as the publisher measures them every minute.
          - V(sqs_total) is the same sum by metric math over the metrics that SQS itself writes, without a Lambda.
          - V(published_per_instance) and V(sqs_per_instance) are that depth over the desired capacity of the group, so that
            O(pools[].target_value) is the messages for each instance (for each unit of capacity, where instances have
            weights). At capacity 0 one message reads above the target.
          - For V(published_per_instance) the publisher divides, and policies follow a plain metric.
          - V(sqs_per_instance) needs the group metric C(GroupDesiredCapacity), which a run enables. SQS writes its metrics
            one to two minutes late, so a group may grow beyond what its queue asks for, at most to its maximum size.
        type: str
        default: published_total
        choices: [published_total, sqs_total, published_per_instance, sqs_per_instance]
      metric:
        description: The CloudWatch metric, required for the published signals. Two pools cannot publish the same one.
        type: dict
        suboptions:
          namespace:
            description: Its namespace. Not one that starts with C(AWS/).
            type: str
            required: true
          name:
            description: Its name, that of the depth.
            type: str
            required: true
          per_instance_name:
            description:
              - The name of the second metric, the depth over the desired capacity, in the same namespace with the same
                dimensions. Written only for V(published_per_instance).
              - Not given, it is O(pools[].metric.name) with C(PerInstance) added.
            type: str
          dimensions:
            description: Its dimensions as name and value, 1 to 30.
            type: dict
            required: true
      target_value:
        description: The value that the policy keeps the signal at, above 0.
        type: float
        default: 1.0
      disable_scale_in:
        description: Whether the policy only ever adds instances.
        type: bool
        default: false
      estimated_instance_warmup:
        description: Seconds until a new instance counts. Not given, it is left as it is.
        type: int
      exclusive:
        description:
          - Whether the other scaling policies of the group are removed, after this one is in place.
          - Otherwise they are only reported.
        type: bool
        default: false
      min_size:
        description: The minimum size that the group should have. Only compared by the diagnosis, never written.
        type: int
      max_size:
        description: The maximum size that the group should have. Only compared by the diagnosis, never written.
        type: int
"""
