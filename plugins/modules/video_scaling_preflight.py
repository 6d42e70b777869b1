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
  - Checks that the caller is in the expected account and region, that every group exists, and that every queue exists where the run is not to make it.
  - Only reads. Every pool that is not ready is named with the reason.
options:
  manage_queues:
    description: Whether the run makes missing queues. If not, a missing queue is refused.
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

from ansible_collections.academy.video_scaling.plugins.module_utils.aws.module import PoolModule, row
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import Failure
from ansible_collections.academy.video_scaling.plugins.module_utils.reconcile import Outcome
from ansible_collections.academy.video_scaling.plugins.module_utils.resources import group, queue


def main() -> None:
    module = PoolModule(
        manage_queues={"type": "bool", "default": True},
        expected_account={"type": "str"},
        expected_region={"type": "str"},
    )

    def work(pools, aws):
        params = module.params
        _require("expected_account", params["expected_account"], aws.place.account_id)
        _require("expected_region", params["expected_region"], aws.place.region)
        groups = group.find(aws, dict.fromkeys(pool.auto_scaling_group_name for pool in pools))
        queues = {} if params["manage_queues"] else queue.find(aws, _declared(pools, aws.place))
        rows = []
        for pool in pools:
            causes = [_missing_group(aws, groups, pool), *_missing_queues(aws, queues, pool)]
            rows.append(row(pool.name, [Outcome(None, cause) for cause in causes if cause]))
        return {"changed": False, "pools": rows, "account_id": aws.place.account_id, "region": aws.place.region}

    module.run(work)


def _require(option, expected, found):
    if expected and expected != found:
        what = option.removeprefix("expected_")
        raise Failure(f"{option}: this run is to be in {what} {expected}, and the credentials lead to {what} {found}")


def _declared(pools, place):
    declared = {}
    for pool in pools:
        declared.update(queue.from_params(pool, place))
    return declared


def _missing_group(aws, groups, pool):
    return None if groups[pool.auto_scaling_group_name] else group.missing(aws, pool.auto_scaling_group_name)


def _missing_queues(aws, queues, pool):
    for option in ("queue_name", "dead_letter_queue_name"):
        name = getattr(pool, option)
        if name not in queues:
            continue
        found = queues[name]
        if isinstance(found, Failure):
            yield found
        elif found is None:
            yield Failure(
                f"{option}: there is no queue {name} in {aws.place}, and this run does not manage queues; "
                "create it, correct the name, or let the run make it (video_scaling_manage_queues: true)"
            )


if __name__ == "__main__":
    main()
