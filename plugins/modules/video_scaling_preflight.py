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
        require_empty_queues={"type": "bool", "default": False},
        require_groups={"type": "bool", "default": True},
        expected_account={"type": "str"},
        expected_region={"type": "str"},
    )

    def work(pools, aws):
        params = module.params
        _require("expected_account", params["expected_account"], aws.place.account_id)
        _require("expected_region", params["expected_region"], aws.place.region)
        groups = {}
        if params["require_groups"]:
            groups = group.find(aws, dict.fromkeys(pool.auto_scaling_group_name for pool in pools))
        queues = {}
        if params["require_empty_queues"] or not params["manage_queues"]:
            queues = queue.find(aws, _declared(pools, aws.place))
        rows = []
        for pool in pools:
            causes = [_missing_group(aws, groups, pool)]
            for option in ("queue_name", "dead_letter_queue_name"):
                causes.append(_unfit_queue(aws, queues, pool, option, params))
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
    found = groups.get(pool.auto_scaling_group_name, True)
    return None if found else group.missing(aws, pool.auto_scaling_group_name)


def _unfit_queue(aws, queues, pool, option, params):
    name = getattr(pool, option)
    found = queues.get(name, True)
    if isinstance(found, Failure):
        return found
    if found is None and not params["manage_queues"]:
        return Failure(
            f"{option}: there is no queue {name} in {aws.place}, and this run does not manage queues; "
            "create it, correct the name, or let the run make it (video_scaling_manage_queues: true)"
        )
    if params["require_empty_queues"] and isinstance(found, queue.Queue) and found.held:
        return Failure(
            f"{option}: queue {name} still holds {found.held}; let the workers empty it, or move its messages, first "
            "(or say that they may be left: video_scaling_retire_force: true)"
        )
    return None


if __name__ == "__main__":
    main()
