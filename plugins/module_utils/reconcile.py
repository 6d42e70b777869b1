# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one path of every change: find -> plan -> prepare -> send -> find again -> nothing must be left.

A check run is this path without the sending; nothing else in the collection asks for check mode.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from .failures import AwsFailure, Failure, Outdated, Unusable
from .plan import Aws, Key, Plan, Request, Wait, is_one_of

# SQS says that most changed attributes take up to 60 seconds to show; every other service here is quicker.
PATIENCE_SECONDS = 75.0
PREPARED_SECONDS = (0.0, 0.5, 1.0, 2.0)
# How often what has to stay as it is, is found again over that time.
STEADY_LOOKS = 5
PAUSES_SECONDS = (0.0, 0.25, 0.5, 1.0, 2.0, 4.0, 5.0)


class Resource(Protocol):
    """What each file of ``resources/`` offers (a module is one)."""

    def find(self, aws: Aws, desired: Mapping[Any, Any]) -> Mapping[Any, Any]:
        """What is live, per key of ``desired``: a value, None where nothing is, or a Failure."""

    def plan(self, current: Any, desired: Any) -> Plan:
        """The way from ``current`` to ``desired``; raises Failure where there is none."""


@dataclass(frozen=True)
class Outcome:
    """What became of one resource: its plan, the failure that stopped it, and what was found before.

    :param watched: whether it was found as it was for as long as its plan asks for.
    """

    plan: Plan | None
    failure: Failure | None = None
    found: Any = None
    watched: bool = False

    @property
    def changed(self) -> bool:
        return self.plan is not None and self.plan.changed


def reconcile(
    resource: Resource,
    desired: Mapping[Key, Any],
    aws: Aws,
    check_mode: bool,
    known: Mapping[Key, Outcome] | None = None,
    beside: Mapping[Key, Any] | None = None,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> dict[Key, Outcome]:
    """Bring every resource of ``desired`` (keyed as its file says) to what is wanted.

    One resource's failure is its own outcome; the others go on.

    :param known: what was ``planned`` a moment ago, and need not be found again.
    :param beside: what a later call changes. Where plans have to stay as they are for a while, all of it is watched
        together with ``desired``; its outcomes are returned too, to be ``known`` to that call.
    """
    known = known or {}
    every = {**desired, **(beside or {})}
    looked = planned(resource, {key: wanted for key, wanted in every.items() if key not in known}, aws)
    found = {key: known[key] if key in known else looked[key] for key in every}
    if not check_mode:
        found = _watched(resource, every, found, aws, sleep)
    outcomes = {key: found[key] for key in desired}
    later = {key: outcome for key, outcome in found.items() if key not in desired}
    waiting = {
        key: outcome.plan
        for key, outcome in outcomes.items()
        if outcome.plan and outcome.plan.changed and not outcome.failure
    }
    short = {key: _short(outcome.plan) for key, outcome in outcomes.items() if outcome.plan and outcome.plan.left_out}
    aws.count(failed=sum(outcome.failure is not None for outcome in outcomes.values()))
    if check_mode:
        aws.count(changed=len(waiting), failed=len(short))
        return _failing(outcomes, short) | later
    failures = _prepare(resource, desired, waiting, aws, sleep)
    aws.count(failed=len(failures))
    ready = {key: plan for key, plan in waiting.items() if key not in failures}
    failures |= _sent(resource, desired, ready, aws, clock, sleep)
    to_confirm = {key: desired[key] for key in waiting if key not in failures}
    left = _left_over(resource, to_confirm, aws, clock, sleep)
    # What else failed is counted already.
    aws.count(failed=len((left.keys() | short.keys()) - failures.keys()))
    failures |= left
    return _failing(outcomes, short | failures) | later


def _short(plan: Plan) -> Failure:
    return Failure(f"{plan.resource}: {'; '.join(plan.left_out)}")


def _failing(outcomes: Mapping[Key, Outcome], failures: Mapping[Key, Failure]) -> dict[Key, Outcome]:
    return {**outcomes, **{key: replace(outcomes[key], failure=failure) for key, failure in failures.items()}}


def planned(resource: Resource, desired: Mapping[Key, Any], aws: Aws) -> dict[Key, Outcome]:
    """What is live of each, and the way from there to what is wanted; nothing is sent."""
    if not desired:
        return {}
    current = resource.find(aws, desired)
    return {key: _plan_one(resource, current[key], wanted) for key, wanted in desired.items()}


def _plan_one(resource: Resource, current: Any, wanted: Any) -> Outcome:
    if isinstance(current, Failure):
        return Outcome(None, current)
    try:
        return Outcome(resource.plan(current, wanted), found=current)
    except Failure as failure:
        return Outcome(None, failure)


def _watched(
    resource: Resource,
    desired: Mapping[Key, Any],
    outcomes: Mapping[Key, Outcome],
    aws: Aws,
    sleep: Callable[[float], None],
) -> dict[Key, Outcome]:
    """The outcomes once all that has to stay as it is was found so over that time, which all of it waits together.

    What an earlier call has watched is only found once more.
    """
    seconds = {
        key: 0.0 if outcome.watched else outcome.plan.steady.seconds
        for key, outcome in outcomes.items()
        if outcome.plan and outcome.plan.changed and outcome.plan.steady and not outcome.failure
    }
    longest, watched = max(seconds.values(), default=0.0), dict(outcomes)
    for pause in [longest / STEADY_LOOKS] * STEADY_LOOKS if longest else [0.0]:
        if not seconds:
            break
        sleep(pause)
        try:
            found = planned(resource, {key: desired[key] for key in seconds}, aws)
        except Failure as failure:
            # Nothing has been sent.
            found = dict.fromkeys(seconds, Outcome(None, failure))
        watched |= {key: replace(outcome, watched=True) for key, outcome in found.items()}
        seconds = {key: seconds[key] for key, outcome in found.items() if outcome.plan and outcome.plan.steady}
    return watched


def _prepare(
    resource: Resource, desired: Mapping[Key, Any], plans: Mapping[Key, Plan], aws: Aws, sleep: Callable[[float], None]
) -> dict[Key, Failure]:
    """Send what comes before the change, then look whether the change is still the planned one."""
    with_preparation = {key: plan.preparation for key, plan in plans.items() if plan.preparation}
    failures = _prepared(aws, with_preparation)
    for pause in PREPARED_SECONDS:
        if not (outdated := _outdated(failures)):
            break
        # What a run that was stopped a moment ago has prepared may not have shown yet.
        sleep(pause)
        rest = _still_to_prepare(resource, {key: desired[key] for key in outdated}, plans, aws)
        failures = {key: failure for key, failure in failures.items() if key not in rest} | _prepared(aws, rest)
    unconfirmed = {key: desired[key] for key in with_preparation if key not in failures}
    for pause in PREPARED_SECONDS:
        if not unconfirmed:
            break
        # What was just written may not be read at once.
        sleep(pause)
        try:
            found = planned(resource, unconfirmed, aws)
        except Failure as failure:
            # Nothing of the change itself has been sent.
            return failures | dict.fromkeys(unconfirmed, Failure(str(failure)))
        moved = {key: _moved(plans[key], outcome) for key, outcome in found.items()}
        failures |= {key: failure for key, failure in moved.items() if failure}
        unconfirmed = {
            key: desired[key] for key in unconfirmed if not moved[key] and (found[key].plan or plans[key]).preparation
        }
    return failures | {key: _interfered(plans[key]) for key in unconfirmed}


def _prepared(aws: Aws, preparations: Mapping[Key, tuple[Request, ...]]) -> dict[Key, Failure]:
    return _failed(aws.each(lambda key: _send(aws, preparations[key]), preparations))


def _still_to_prepare(
    resource: Resource, desired: Mapping[Key, Any], plans: Mapping[Key, Plan], aws: Aws
) -> dict[Key, tuple[Request, ...]]:
    """What is left to send of the preparations of those that have not moved.

    A request that was not planned at first tells that somebody else has prepared a change meanwhile.
    """
    try:
        found = planned(resource, desired, aws)
    except Failure:
        # Whoever looks again tells it.
        return {}
    rest = {key: one.plan.preparation for key, one in found.items() if one.plan and not _moved(plans[key], one)}
    return {
        key: requests
        for key, requests in rest.items()
        if all(request in plans[key].preparation for request in requests)
    }


def _moved(intended: Plan, now: Outcome) -> Failure | None:
    if now.failure or now.plan is None:
        return now.failure
    return None if now.plan.before == intended.before else _interfered(intended)


def _interfered(intended: Plan) -> Failure:
    return Failure(
        f"{intended.resource}: somebody else has changed the same thing since it was read, so nothing was overwritten; "
        "look at what they did, then run again"
    )


def _failed(sent: Mapping[Key, Failure | None]) -> dict[Key, Failure]:
    return {key: failure for key, failure in sent.items() if failure is not None}


def _sent(
    resource: Resource,
    desired: Mapping[Key, Any],
    plans: Mapping[Key, Plan],
    aws: Aws,
    clock: Callable[[], float],
    sleep: Callable[[float], None],
) -> dict[Key, Failure]:
    """Send the plans, and tell which failed.

    One that does not fit what is there was made before AWS had shown that (a run that was stopped a moment ago has made
    it): it is made anew for a bounded time.
    """
    failures = _failed(aws.each(lambda key: _change(aws, plans[key]), plans))
    deadline, attempt = clock() + PATIENCE_SECONDS, 0
    while (outdated := _outdated(failures)) and clock() < deadline:
        sleep(PAUSES_SECONDS[min(attempt, len(PAUSES_SECONDS) - 1)])
        attempt += 1
        try:
            found = planned(resource, {key: desired[key] for key in outdated}, aws)
        except Failure as failure:
            found = dict.fromkeys(outdated, Outcome(None, failure))
        # What would have to be prepared again is another change.
        anew = {key: one.plan for key, one in found.items() if one.plan and not one.plan.preparation}
        sent = _failed(aws.each(lambda key: _change(aws, anew[key]), anew))  # noqa: B023 - called at once
        unplanned = {key: one.failure or _interfered(plans[key]) for key, one in found.items() if key not in anew}
        aws.count(failed=len(unplanned))
        failures = {key: failure for key, failure in failures.items() if key not in found} | sent | unplanned
    aws.count(failed=len(outdated))
    return failures


def _outdated(failures: Mapping[Key, Failure]) -> list[Key]:
    return [key for key, failure in failures.items() if isinstance(failure, Outdated)]


def _change(aws: Aws, plan: Plan) -> None:
    try:
        _send(aws, plan.requests)
    except Failure as failure:
        if not isinstance(failure, Outdated):
            aws.count(failed=1)
        raise
    aws.count(changed=1)


def _send(aws: Aws, steps: tuple[Request | Wait, ...]) -> None:
    try:
        _send_each(aws, steps, {})
    except Unusable as failure:
        # The result still has to say what was sent, so this ends one resource and not the run.
        raise Failure(str(failure)) from failure


def _send_each(aws: Aws, steps: tuple[Request | Wait, ...], replies: dict[str, dict[str, Any]]) -> None:
    for step in steps:
        try:
            reply = aws.send(step, replies)
        except AwsFailure as failure:
            if not isinstance(step, Request) or not is_one_of(failure, step.refusals):
                raise
            _send_each(aws, step.instead, replies)
            continue
        if label := getattr(step, "label", ""):
            replies[label] = reply


def _left_over(
    resource: Resource, desired: Mapping[Key, Any], aws: Aws, clock: Callable[[], float], sleep: Callable[[float], None]
) -> dict[Key, Failure]:
    """The failures of what still differs once AWS has had its time to show the change."""
    deadline = clock() + PATIENCE_SECONDS
    left: dict[Key, Failure] = {}
    remaining = dict(desired)
    attempt = 0
    while remaining:
        sleep(PAUSES_SECONDS[min(attempt, len(PAUSES_SECONDS) - 1)])
        attempt += 1
        try:
            found = planned(resource, remaining, aws)
        except Failure as failure:
            left = dict.fromkeys(remaining, Failure(f"sent, but not seen to have worked: {failure}"))
            if isinstance(failure, Unusable):
                break
        else:
            left = {key: _not_converged(one) for key, one in found.items() if one.changed or one.failure}
            remaining = {key: remaining[key] for key in left}
        if clock() >= deadline:
            break
    return left


def _not_converged(outcome: Outcome) -> Failure:
    if outcome.failure or outcome.plan is None:
        return outcome.failure or Failure("nothing was found of it")
    left = "; ".join(outcome.plan.differences()) or ", ".join(str(step.shown()) for step in outcome.plan.requests)
    return Failure(
        f"{outcome.plan.resource} did not converge: AWS accepted the change, yet {left}. "
        "AWS may not have spread it yet (run again in some minutes), or another tool changes it at the same time."
    )
