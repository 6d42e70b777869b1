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

from functools import partial
from pathlib import Path

from ansible_collections.academy.video_scaling.plugins.module_utils import tags as tagging
from ansible_collections.academy.video_scaling.plugins.module_utils.aws.module import PoolModule
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import Failure
from ansible_collections.academy.video_scaling.plugins.module_utils.reconcile import Outcome, planned, reconcile
from ansible_collections.academy.video_scaling.plugins.module_utils.resources import (
    live_version,
    policy,
    policy_file,
    rule_snapshot,
    snapshot,
    snapshot_rules,
)
from ansible_collections.academy.video_scaling.plugins.module_utils.steps import next_apply, policies, scale_in
from ansible_collections.academy.video_scaling.plugins.module_utils.steps.done import Done, combined, row, warning
from ansible_collections.academy.video_scaling.plugins.module_utils.steps.preflight import PLACE_OPTIONS, require_place
from ansible_collections.academy.video_scaling.plugins.module_utils.steps.publisher import FUNCTION_OPTION
from ansible_collections.academy.video_scaling.plugins.module_utils.steps.schedule import RULE_OPTIONS


def main() -> None:
    module = PoolModule(
        snapshot={"type": "str"},
        snapshot_file={"type": "path"},
        rollback_lambda={"type": "bool", "default": False},
        rollback_policies={"type": "bool", "default": True},
        rule_name=RULE_OPTIONS["rule_name"],
        **PLACE_OPTIONS,
        **FUNCTION_OPTION,
        **scale_in.OPTION,
        **tagging.OPTION,
    )

    def work(pools, aws):
        params = module.params
        require_place(aws, params)
        found = _found(params, pools, aws)
        name = params["function_name"]
        alias, target = {}, None
        if params["rollback_lambda"] and not (found and all(isinstance(one, Failure) for one in found.values())):
            alias = {name: live_version.Wish(name, _version(params, found), aws.place)}
            # Seen to before any policy is changed: a rollback that can do only half of it does nothing.
            ahead = planned(live_version, alias, aws)[name]
            if ahead.failure:
                rows = [_stopped(pool.name, ahead.failure, module.check_mode) for pool in pools]
                return Done(rows, {}, {"publisher": {"function_name": name, "changed": False}}).result()
            target = ahead.found.target
        tags = tagging.from_params(params["tags"])
        told = snapshot.Record(aws.stamp, name, snapshot_rules.ROLLBACK, live_version=target, tags=tags)
        chosen = {
            key: one for key, one in found.items() if params["rollback_policies"] and not isinstance(one, Failure)
        }
        wishes = {key: policy.from_snapshot(one, told) for key, one in chosen.items()}
        looked = planned(policy, wishes, aws)
        risk = scale_in.look(pools, aws, params["on_scale_in"], wishes, looked)
        if risk.failed:
            return combined(pools, [risk]).result()
        outcomes = reconcile(policy, wishes, aws, module.check_mode, known=looked)
        rows = [_row(pool, found.get(policy.key_of(pool)), outcomes, module.check_mode) for pool in pools]
        tagged = policies.tag_snapshots(outcomes, tags, partial(reconcile, aws=aws, check_mode=module.check_mode))
        of_snapshots = Done([row(pool.name, policies.of_snapshots(pool, tagged)) for pool in pools], tagged)
        moved = reconcile(live_version, alias, aws, module.check_mode)
        if alias and not any(outcome.failure for outcome in moved.values()):
            fired = _fired_before(aws, params, target, tags)
            moved = {**moved, **reconcile(rule_snapshot, fired, aws, module.check_mode)}
        publisher = {"function_name": name, "changed": any(outcome.changed for outcome in moved.values())}
        for outcome in moved.values():
            if outcome.failure:
                rows = [{**one, "failed": True, "msg": str(outcome.failure)} for one in rows]
        told_beside = {"publisher": publisher} if alias else {}
        later = next_apply.look(pools, wishes, outcomes)
        blind = Done([], facts=warning(_unwritten(pools, ahead.found, wishes) if alias else []))
        return combined(
            pools, [risk, Done(rows, {**outcomes, **moved}, told_beside), of_snapshots, later, blind]
        ).result()

    module.run(work)


def _found(params, pools, aws):
    """The snapshot of each pool; none is looked for where the publisher alone goes to the version before."""
    if not params["rollback_policies"]:
        if params["snapshot_file"] or not params["rollback_lambda"]:
            raise Failure("rollback_policies: false leaves only the publisher; give rollback_lambda, no snapshot_file")
        return _kept(params, pools, aws) if params["snapshot"] else {}
    return _from_file(params, pools, aws) if params["snapshot_file"] else _kept(params, pools, aws)


def _kept(params, pools, aws):
    return aws.each(lambda key: snapshot.chosen(aws, key, params["snapshot"]), [policy.key_of(pool) for pool in pools])


def _from_file(params, pools, aws):
    if len(pools) != 1:
        raise Failure(f"snapshot_file: holds one policy, and {len(pools)} pools are given; give the one it belongs to")
    if params["snapshot"]:
        raise Failure("snapshot_file: cannot be given beside snapshot; choose one")
    try:
        content = Path(params["snapshot_file"]).read_bytes()
    except OSError as error:
        raise Failure(f"snapshot_file: cannot be read ({error}); give the path of a file on this host") from error
    key = policy.key_of(pools[0])
    one = policy_file.from_text(policy_file.decoded(content), pools[0])
    raw = policy.to_request(key[0], one).params
    told = snapshot.Record(aws.stamp, params["function_name"], snapshot_rules.FILE)
    return {key: snapshot.Snapshot(*key, {pools[0].policy_name: raw}, {}, told)}


def _fired_before(aws, params, version, tags):
    """The rule as it was with this version of the publisher, by its name; none where it has not been changed since."""
    name, function_arn = params["rule_name"], aws.place.function_arn(params["function_name"])
    before = rule_snapshot.before(aws, name, function_arn, version, tags)
    return {name: before} if before else {}


def _unwritten(pools, publisher, wishes):
    """Whose metric the version to go back to does not write, also of pools that are not given."""
    given = {pool.name: wishes.get(policy.key_of(pool)) for pool in pools}
    for name, metrics in publisher.unwritten.items():
        if wish := given.get(name):
            followed = {one.tracked.words for one in wish.policies.values() if one and one.tracked}
            metrics = [one for one in metrics if one in followed]
        if metrics:
            yield (
                f"pool {name}: version {publisher.target} of the publisher does not write {' and '.join(metrics)}, as "
                f"version {publisher.version} does; a policy that follows it gets no value and no longer scales, so "
                "take that policy back as well, or apply this pool again"
            )


def _version(params, found):
    """The version that the chosen snapshots tell; None for the one behind alias previous."""
    if not params["snapshot"]:
        return None
    versions = {one.record.function_version for one in found.values() if not isinstance(one, Failure)} - {None}
    if len(versions) > 1:
        raise Failure(
            f"rollback_lambda: the snapshots of these pools tell different versions ({', '.join(sorted(versions))}), "
            "and there is one publisher; go back with one pool at a time"
        )
    if not versions:
        raise Failure("rollback_lambda: this snapshot tells no version of the publisher; leave it out")
    return versions.pop()


def _row(pool, found, outcomes, check_mode):
    if found is None:
        return row(pool.name, [])
    if isinstance(found, Failure):
        return _stopped(pool.name, found, check_mode)
    stamp = found.record.stamp
    told = {"id": found.label, "at": stamp.at, "by": stamp.caller_arn, "kind": found.record.kind}
    return row(pool.name, [outcomes.get(policy.key_of(pool), Outcome(None))], snapshot=told)


def _stopped(name, failure, check_mode):
    """Nothing to go back to is what a check run is asked to find out, and fails only a real one."""
    fails = not (check_mode and isinstance(failure, snapshot.NothingToGoBackTo))
    return {"name": name, "changed": False, "msg": str(failure), **({"failed": True} if fails else {})}


if __name__ == "__main__":
    main()
