# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The policy has its alarms, and they may act: target tracking makes two of them, and only an alarm wakes a policy."""

from __future__ import annotations

import json
from collections.abc import Sequence

from ...failures import listed
from ...resources.policy import Policy, to_request
from ..evidence import live
from ..finding import Finding, Remedy, failed, passed
from ..observed import Expected, Observed, Reply
from ..wording.command_line import cli

TITLE = "The policy's alarms exist and act"
API = "cloudwatch:DescribeAlarms"
EFFECT = "Nothing scales"
FOLLOWS: tuple[str, ...] = ("policy_exists",)


def check(observed: Observed, expected: Expected) -> Finding:
    own = live.own_policy(observed, expected)
    alarms = {alarm["AlarmName"]: alarm for alarm in observed.alarms_of(own.raw)}
    named = [alarm["AlarmName"] for alarm in own.raw.get("Alarms") or ()]
    gone = [name for name in named if name not in alarms]
    mute = [name for name, alarm in alarms.items() if not alarm.get("ActionsEnabled", True)]
    stray = [name for name, alarm in alarms.items() if not _wakes(alarm, own)]
    works = [alarm for name, alarm in alarms.items() if name not in (*mute, *stray)]
    missing = _missing(own, works)
    if not (gone or missing):
        return passed(list(alarms), named)
    cli_again = _put_again(observed, expected, own)
    if gone:
        cause = f"{_alarms(gone)} of policy {own.name} no longer exist{'' if len(gone) > 1 else 's'}"
    elif mute:
        cause = f"{_alarms(mute)} of policy {own.name} may not act: ActionsEnabled is false"
        cli_again = cli(observed.place, "cloudwatch enable-alarm-actions", alarm_names=mute)
    elif stray:
        cause = f"{_alarms(stray)} do{'' if len(stray) > 1 else 'es'} not call policy {own.name}"
    else:
        cause = f"policy {own.name} has no alarm that {missing}"
    effect = f"Nothing {missing}" if missing and " or " not in missing else EFFECT
    return failed(cause, effect=effect, observed=list(alarms), expected=named, remedy=Remedy(cli=cli_again))


def _wakes(alarm: Reply, own: Policy) -> bool:
    arn = own.raw.get("PolicyARN")
    return arn is None or arn in alarm.get("AlarmActions", ())


def _missing(own: Policy, alarms: Sequence[Reply]) -> str:
    """What no alarm is for; with scale-in disabled AWS makes only the one that scales out."""
    there = {live.is_high(alarm) for alarm in alarms} | ({False} if own.disable_scale_in else set())
    words = {True: "scales out", False: "scales in"}
    return " or ".join(word for is_high, word in words.items() if is_high not in there)


def _alarms(names: Sequence[str]) -> str:
    return f"alarm{'s' if len(names) > 1 else ''} {listed(names)}"


def _put_again(observed: Observed, expected: Expected, own: Policy) -> str:
    """A put of the policy as it is makes its alarms anew; a playbook sends nothing where nothing differs."""
    put = to_request(expected.pool.auto_scaling_group_name, own).params
    warmup = own.estimated_instance_warmup
    return cli(
        observed.place,
        "autoscaling put-scaling-policy",
        auto_scaling_group_name=put["AutoScalingGroupName"],
        policy_name=put["PolicyName"],
        policy_type=put["PolicyType"],
        target_tracking_configuration=json.dumps(put["TargetTrackingConfiguration"]),
        **({} if warmup is None else {"estimated_instance_warmup": warmup}),
    )
