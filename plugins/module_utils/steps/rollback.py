# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Back to a snapshot: the policies of each pool, and where that is asked for the publisher and its schedule.

The publisher is looked at before any policy is changed: a rollback that can do only half of its work does nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from .. import tags as tagging
from ..failures import Failure
from ..pool import Pool
from ..reconcile import Outcome
from ..resources import live_version, policy, policy_file, rule_snapshot, snapshot, snapshot_rules
from ..resources.snapshot import Snapshot
from . import next_apply, policies, prefetch, scale_in
from .preflight import PLACE_OPTIONS, require_place
from .publisher import FUNCTION_OPTION
from .result import PoolResult, StepResult, combined, pool_result, warning
from .schedule import RULE_OPTIONS
from .step import Run

OPTIONS: dict[str, Any] = {
    "snapshot": {"type": "str"},
    "snapshot_file": {"type": "path"},
    "rollback_lambda": {"type": "bool", "default": False},
    "rollback_policies": {"type": "bool", "default": True},
    "rule_name": RULE_OPTIONS["rule_name"],
    **PLACE_OPTIONS,
    **FUNCTION_OPTION,
    **scale_in.OPTIONS,
    **tagging.OPTION,
}

# The snapshot of each pool, by the key of its policy, or why there is none.
Chosen: TypeAlias = Mapping[policy.Key, Any]


def work(run: Run) -> StepResult:
    """The outcomes are keyed as the policies, the snapshots' tags, the alias and the rule are.

    :raises Failure: in the wrong account or region, and for options that do not go together.
    """
    require_place(run.aws, run.options)
    chosen = _chosen(run)
    alias = _alias(run, chosen)
    ahead = run.look(live_version, alias, run.aws).get(run.function_name)
    if ahead and ahead.failure:
        rows = [_stopped(pool, ahead.failure, run.sends) for pool in run.pools]
        return StepResult(rows, facts={"publisher": {"function_name": run.function_name, "changed": False}})
    desired = _desired(run, chosen, ahead.found.target if ahead else None)
    looked = run.look(policy, desired, run.aws)
    risk = scale_in.look(run.pools, run.aws, run.options["on_scale_in"], desired, looked)
    if risk.failed:
        return combined(run.pools, [risk])
    parts = [risk, *_policies(run, chosen, desired, looked)]
    if ahead:
        parts.append(_publisher(run, alias, ahead.found.target))
        parts.append(StepResult([], facts=warning(_unwritten(run.pools, ahead.found, desired))))
    return combined(run.pools, parts)


def _chosen(run: Run) -> Chosen:
    """The snapshots to go back to; none are looked for where the publisher alone goes to the version before."""
    options = run.options
    if options["rollback_policies"]:
        return _from_file(run) if options["snapshot_file"] else _kept(run)
    if options["snapshot_file"] or not options["rollback_lambda"]:
        raise Failure("rollback_policies: false leaves only the publisher; give rollback_lambda, no snapshot_file")
    return _kept(run) if options["snapshot"] else {}


def _kept(run: Run) -> Chosen:
    keys = [policy.key_of(pool) for pool in run.pools]
    return run.aws.each(lambda key: snapshot.chosen(run.aws, key, run.options["snapshot"]), keys)


def _from_file(run: Run) -> Chosen:
    if len(run.pools) != 1:
        raise Failure(
            f"snapshot_file: holds one policy, and {len(run.pools)} pools are given; give the one it belongs to"
        )
    if run.options["snapshot"]:
        raise Failure("snapshot_file: cannot be given beside snapshot; choose one")
    try:
        content = Path(run.options["snapshot_file"]).read_bytes()
    except OSError as error:
        raise Failure(f"snapshot_file: cannot be read ({error}); give the path of a file on this host") from error
    (pool,) = run.pools
    group_name, policy_name = key = policy.key_of(pool)
    raw = policy.to_request(group_name, policy_file.from_text(policy_file.decoded(content), pool)).params
    record = snapshot.Record(run.aws.stamp, run.function_name, snapshot_rules.FILE)
    return {key: Snapshot(group_name, policy_name, {policy_name: raw}, {}, record)}


def _alias(run: Run, chosen: Chosen) -> dict[str, live_version.DesiredAlias]:
    """Where alias ``live`` goes, by the function's name; nowhere if no pool has anything to go back to."""
    if not run.options["rollback_lambda"] or (chosen and all(isinstance(one, Failure) for one in chosen.values())):
        return {}
    version = _version(chosen) if run.options["snapshot"] else None
    return {run.function_name: live_version.DesiredAlias(run.function_name, version, run.aws.place)}


def _version(chosen: Chosen) -> str:
    """The version of the publisher that the chosen snapshots name."""
    versions = {one.record.function_version for one in chosen.values() if isinstance(one, Snapshot)} - {None}
    if len(versions) > 1:
        raise Failure(
            f"rollback_lambda: the snapshots of these pools tell different versions "
            f"({', '.join(sorted(map(str, versions)))}), and there is one publisher; go back with one pool at a time"
        )
    if not versions:
        raise Failure("rollback_lambda: this snapshot tells no version of the publisher; leave it out")
    return str(versions.pop())


def _desired(run: Run, chosen: Chosen, live: str | None) -> dict[policy.Key, policy.DesiredPolicies]:
    """:param live: the version of the publisher that is live after this run, None where it stays."""
    record = snapshot.Record(
        run.aws.stamp, run.function_name, snapshot_rules.ROLLBACK, live_version=live, tags=run.tags
    )
    if not run.options["rollback_policies"]:
        return {}
    return {key: policy.from_snapshot(one, record) for key, one in chosen.items() if isinstance(one, Snapshot)}


def _policies(
    run: Run, chosen: Chosen, desired: Mapping[policy.Key, policy.DesiredPolicies], looked: Mapping[policy.Key, Outcome]
) -> list[StepResult]:
    outcomes = run.reconcile(policy, desired, known=prefetch.prepared(looked))
    rows = [_row(pool, chosen.get(policy.key_of(pool)), outcomes, run.sends) for pool in run.pools]
    tagged = policies.tag_snapshots(outcomes, run)
    tag_rows = [pool_result(pool.name, policies.of_snapshots(pool, tagged)) for pool in run.pools]
    return [StepResult(rows, outcomes), StepResult(tag_rows, tagged), next_apply.look(run.pools, desired, outcomes)]


def _publisher(run: Run, alias: Mapping[str, live_version.DesiredAlias], version: str) -> StepResult:
    """The alias, then the rule as it was with that version, unless it has not been changed since."""
    outcomes: dict[str, Outcome] = run.reconcile(live_version, alias)
    if not outcomes[run.function_name].failure:
        function_arn = run.aws.place.function_arn(run.function_name)
        rule_name = run.options["rule_name"]
        before = rule_snapshot.before(run.aws, rule_name, function_arn, version, run.tags)
        outcomes |= run.reconcile(rule_snapshot, {rule_name: before} if before else {})
    failures = [Outcome(None, outcome.failure) for outcome in outcomes.values() if outcome.failure]
    changed = any(outcome.changed for outcome in outcomes.values())
    facts = {"publisher": {"function_name": run.function_name, "changed": changed}}
    return StepResult([pool_result(pool.name, failures) for pool in run.pools], outcomes, facts)


def _unwritten(
    pools: Sequence[Pool], publisher: Any, desired: Mapping[policy.Key, policy.DesiredPolicies]
) -> Iterator[str]:
    """Whose metric the version to go back to does not write, also of pools that are not given.

    :param publisher: as ``live_version`` found it.
    """
    given = {pool.name: desired.get(policy.key_of(pool)) for pool in pools}
    for name, metrics in publisher.unwritten.items():
        if wanted := given.get(name):
            followed = {one.tracked.words for one in wanted.policies.values() if one and one.tracked}
            metrics = [one for one in metrics if one in followed]
        if metrics:
            yield (
                f"pool {name}: version {publisher.target} of the publisher does not write {' and '.join(metrics)}, as "
                f"version {publisher.version} does; a policy that follows it gets no value and no longer scales, so "
                "take that policy back as well, or apply this pool again"
            )


def _row(
    pool: Pool, found: Snapshot | Failure | None, outcomes: Mapping[policy.Key, Outcome], fails: bool
) -> PoolResult:
    if found is None:
        return pool_result(pool.name, [])
    if isinstance(found, Failure):
        return _stopped(pool, found, fails)
    stamp = found.record.stamp
    facts = {"id": found.label, "at": stamp.at, "by": stamp.caller_arn, "kind": found.record.kind}
    return pool_result(pool.name, [outcomes.get(policy.key_of(pool), Outcome(None))], snapshot=facts)


def _stopped(pool: Pool, failure: Failure, fails: bool) -> PoolResult:
    """:param fails: where there is nothing to go back to; that is what a check run is asked to find out."""
    fails = fails or not isinstance(failure, snapshot.NothingToGoBackTo)
    return {"name": pool.name, "changed": False, "msg": str(failure), **({"failed": True} if fails else {})}
