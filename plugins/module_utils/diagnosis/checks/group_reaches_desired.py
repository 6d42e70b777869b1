# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""As many workers are in service as the group wants: a quota or a lack of Spot capacity stops launches, and only the
group's activities tell it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from ..evidence import live
from ..explainer.activities import failed as is_failed
from ..finding import Finding, Remedy, failed, passed
from ..observed import Expected, Observed, Reply
from ..wording.command_line import cli
from ..wording.group_commands import activities_of
from ..wording.words import lasting, moment

TITLE = "The group reaches the capacity it wants"
API = "autoscaling:DescribeScalingActivities"
EFFECT = "Fewer workers run than are wanted"
FOLLOWS: tuple[str, ...] = ("group_exists", "scaling_processes_running")

# An instance boots, passes its lifecycle hooks and is in service well within so long.
LAUNCH = timedelta(minutes=15)
# The quotas that stop launches, by what AWS says of them: their codes are the same in every account.
QUOTAS = {"MaxSpotInstanceCountExceeded": "L-34B43A08", "VcpuLimitExceeded": "L-1216C47A"}


def check(observed: Observed, expected: Expected) -> Finding:
    group, name = live.group(observed, expected), expected.pool.auto_scaling_group_name
    desired, in_service = group["DesiredCapacity"], live.in_service(group)
    seen = {"DesiredCapacity": desired, "InService": in_service}
    if in_service >= desired:
        return passed(seen)
    launches = [one for one in observed.activities if str(one.get("Description", "")).startswith("Launching")]
    since = _short_since(observed)
    shortage = f"{in_service} of {desired} {live.unit(group)}s of group {name} are in service"
    shown = {"observed": seen, "expected": {"InService": desired}, "remedy": _remedy(observed, name, launches)}
    if launches and is_failed(launches[0]) and launches[0]["StartTime"] >= observed.since:
        failures = [one for one in launches if is_failed(one) and one["StartTime"] >= observed.since]
        return failed(
            f"{shortage}, and {len(failures)} launch{'es' if len(failures) > 1 else ''} failed since "
            f"{moment(observed.at, failures[-1]['StartTime'])}: {_message(launches[0])}",
            at=launches[0]["StartTime"],
            **shown,
        )
    begun = [one["StartTime"] for one in launches if not one.get("EndTime")]
    if since is None and begun:
        since = min(begun)
    if since is not None and observed.at - since >= LAUNCH:
        states = sorted(
            {one["LifecycleState"] for one in group.get("Instances", ()) if one["LifecycleState"] != "InService"}
        )
        others = f" (the others are {', '.join(states)})" if states else ""
        return failed(f"{shortage} for {lasting(observed.at - since)}{others}", at=since, **shown)
    return passed(seen)


def _short_since(observed: Observed) -> datetime | None:
    """Since when the group has had fewer than it wants; None where its metrics do not tell."""
    metrics = observed.known("group_metrics", {})
    wanted = dict(metrics.get("desired", ()))
    began = None
    for minute, count in live.in_service_lately(observed):
        if count >= wanted.get(minute, count):
            began = None
        elif began is None:
            began = minute
    return began


def _message(activity: Reply) -> str:
    return str(activity.get("StatusMessage") or activity.get("Cause") or "no reason is given").strip().rstrip(".")


def _remedy(observed: Observed, name: str, launches: list[Reply]) -> Remedy:
    message = _message(launches[0]) if launches else ""
    for words, code in QUOTAS.items():
        if words in message:
            return Remedy(
                cli=cli(observed.place, "service-quotas get-service-quota", service_code="ec2", quota_code=code)
            )
    return Remedy(cli=activities_of(observed.place, name))
