# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nobody but the pool's policy sets the group's capacity: of two controllers each undoes what the other did, and one
that shrinks the group stops workers in the middle of their jobs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ..evidence import live, others, rights
from ..evidence.rights import Asked
from ..evidence.several import joined
from ..finding import Finding, Remedy, failed, passed, warned
from ..observed import Expected, Observed, Reply
from ..wording.command_line import cli, playbook
from ..wording.words import counted, moment

TITLE = "Nobody else sets the group's capacity"
API = "autoscaling:DescribePolicies"
EFFECT = "The capacity is not the queue's alone"
FOLLOWS: tuple[str, ...] = ("group_exists",)

SET_BY_HAND = (
    "user request explicitly set group desired capacity",
    "user request update of AutoScalingGroup constraints",
)
RIGHT = "autoscaling:SetDesiredCapacity"
# What CloudTrail calls it, which knows who asked.
EVENT = "AttributeKey=EventName,AttributeValue=SetDesiredCapacity"
# Once or twice in the time window is a person who helps; more often it is a program.
MANY_TIMES = 3


def check(observed: Observed, expected: Expected) -> Finding:
    live.group(observed, expected)
    found = [
        *_other_policies(observed, expected),
        *_scheduled(observed, expected),
        *_set_by_hand(observed, expected),
    ]
    names = [policy["PolicyName"] for policy in observed.policies]
    if not found:
        return passed(names, [expected.pool.policy_name])
    return replace(joined(found), observed=[one.observed for one in found], expected=[expected.pool.policy_name])


def _other_policies(observed: Observed, expected: Expected) -> Iterator[Finding]:
    group = expected.pool.auto_scaling_group_name
    for policy in others.policies(observed, expected):
        name = policy["PolicyName"]
        remedy = Remedy(
            f"{playbook('apply_policy')}  # with exclusive: true",
            cli(observed.place, "autoscaling delete-policy", auto_scaling_group_name=group, policy_name=name),
        )
        cause = f"policy {name} ({others.kind(policy)}) acts on group {group} as well"
        if others.shrinks(policy):
            # Where nobody is at work there is nobody to stop.
            yield (failed if observed.was_busy else warned)(
                f"{cause} and can shrink it", effect="Busy workers are stopped", observed=name, remedy=remedy
            )
        else:
            yield warned(cause, observed=name, remedy=remedy)


def _scheduled(observed: Observed, expected: Expected) -> Iterator[Finding]:
    group = expected.pool.auto_scaling_group_name
    for action in observed.scheduled_actions:
        name = action["ScheduledActionName"]
        sets = {
            size: action[size] for size in ("MinSize", "MaxSize", "DesiredCapacity") if action.get(size) is not None
        }
        sizes = ", ".join(f"{size} {value}" for size, value in sets.items())
        yield warned(
            f"scheduled action {name} of group {group} sets {sizes} ({_when(observed, action)})",
            observed=name,
            remedy=Remedy(
                cli=cli(
                    observed.place,
                    "autoscaling delete-scheduled-action",
                    auto_scaling_group_name=group,
                    scheduled_action_name=name,
                )
            ),
        )


def _when(observed: Observed, action: Reply) -> str:
    return f"at {action.get('Recurrence') or moment(observed.at, action['StartTime'])}"


def _set_by_hand(observed: Observed, expected: Expected) -> Iterator[Finding]:
    """By the activities of the time window; every instance that starts or stops for it tells the same cause."""
    times = {
        activity["Cause"]: activity["StartTime"]
        for activity in observed.activities
        if activity["StartTime"] >= observed.since and any(words in activity["Cause"] for words in SET_BY_HAND)
    }
    may, group = _publisher_may(observed, expected), expected.pool.auto_scaling_group_name
    if times:
        role = f", and the publisher's role has {RIGHT}" if may else ""
        yield (failed if may or len(times) >= MANY_TIMES else warned)(
            f"the capacity of group {group} was set by request {counted(len(times), 'time')} "
            f"(last at {moment(observed.at, max(times.values()))}){role}",
            observed=sorted(times),
            remedy=Remedy(cli=cli(observed.place, "cloudtrail lookup-events", lookup_attributes=EVENT)),
        )
    elif may:
        yield warned(
            f"the publisher's role may set the capacity of group {group} as well ({RIGHT})",
            observed=RIGHT,
            remedy=Remedy(playbook("deploy_lambda")),
        )


def _publisher_may(observed: Observed, expected: Expected) -> bool:
    """Known only of a pool that has a publisher."""
    arn = live.group(observed, expected).get("AutoScalingGroupARN", "*")
    return bool(rights.answer(observed.known("role_statements", ()), Asked(RIGHT, arn, {})).allowed)
