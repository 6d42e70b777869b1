# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A diagnosis of several pools at once: its options, and what was read, judged and explained of each pool."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from typing import Any

from ..failures import Failure
from ..plan import Aws
from ..pool import Pool
from ..resources import memory
from .catalogue import IDS
from .explainer.minutes import iso
from .observe import observe
from .observed import Expected, Observed
from .timeline import timeline
from .verdict import judged

OPTIONS: dict[str, Any] = {
    "memory_size": {"type": "str"},
    "timeout": {"type": "int"},
    "since": {"type": "str", "default": "3h"},
    "checks": {"type": "list", "elements": "str"},
    "skip": {"type": "dict", "default": {}},
    "invoke": {"type": "bool", "default": False},
}
UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
LONGEST = timedelta(days=15)
# The minutes of all pools together that are read, judged and explained within a minute.
MOST_MINUTES = 200_000
OF_PUBLISHER = ("function_name", "rule_name", "schedule_expression", "timeout")


@dataclass(frozen=True)
class Diagnosis:
    """What is asked of it.

    :param window: how far back is looked. :param checks: their ids, None for all.
    :param skip: a reason by the id of a check. :param invoke: whether the publisher is asked what it counts.
    :param expected: what all pools of the region have in common, by the names of ``Expected``.
    """

    window: timedelta
    checks: Sequence[str] | None
    skip: Mapping[str, str]
    invoke: bool
    expected: Mapping[str, Any]


def from_params(params: Mapping[str, Any]) -> Diagnosis:
    """:param params: the values of OPTIONS, of the schedule's options, and ``pools``.
    :raises Failure: for a value that makes no sense.
    """
    of_publisher = {name: params[name] for name in OF_PUBLISHER}
    return Diagnosis(
        _window(params["since"], len(params["pools"])),
        _known("checks", params["checks"] or []) or None,
        _skipped(params["skip"] or {}),
        params["invoke"],
        {**of_publisher, "memory_size": memory.from_params(params["memory_size"] or memory.AUTO)},
    )


def diagnose(asked: Diagnosis, pools: Sequence[Pool], aws: Aws) -> dict[str, Any]:
    """The module's result."""
    now = datetime.now(UTC)
    expected = [Expected(pool, **asked.expected) for pool in pools]
    observed = observe(aws, expected, now - asked.window, now, asked.invoke)
    rows = [_row(asked, observed[one.pool.name], one) for one in expected]
    return {
        "changed": False,
        "healthy": all(row["healthy"] for row in rows),
        "at": iso(now),
        "since": iso(now - asked.window),
        "region": aws.place.region,
        "account_id": aws.place.account_id,
        "pools": rows,
    }


def _row(asked: Diagnosis, observed: Observed, expected: Expected) -> dict[str, Any]:
    return {
        "name": expected.pool.name,
        "changed": False,
        **judged(observed, expected, asked.checks, asked.skip).shown(),
        "unread": {name: str(value) for name, value in observed.readings.items() if isinstance(value, Failure)},
        "timeline": timeline(observed, expected).shown(),
    }


def _window(since: str, pools: int) -> timedelta:
    match = re.fullmatch(r"(\d{1,6})([mhd])", since.strip())
    window = int(match[1]) * UNITS[match[2]] if match else timedelta(0)
    if not timedelta(0) < window <= LONGEST:
        raise Failure(f"since: {since!r} is no time of up to 15 days; give minutes, hours or days, as 90m, 3h or 2d")
    if pools * (window // UNITS["m"]) > MOST_MINUTES:
        most = MOST_MINUTES // pools // 60
        raise Failure(f"since: {since!r} of {pools} pools is too much for one answer; give {most}h, or fewer pools")
    return window


def _known(option: str, ids: Iterable[str]) -> list[str]:
    """The ids, each of which is that of a check."""
    unknown = [name for name in ids if name not in IDS]
    if unknown:
        near = [match for name in unknown for match in get_close_matches(name, IDS, n=2)]
        hint = f"did you mean {' or '.join(dict.fromkeys(near))}?" if near else f"there are {', '.join(IDS)}"
        raise Failure(f"{option}: there is no check {', '.join(unknown)}; {hint}")
    return list(ids)


def _skipped(skip: Mapping[str, Any]) -> dict[str, str]:
    """The reasons by id."""
    reasons = {name: str(skip[name] or "").strip() for name in _known("skip", skip)}
    silent = [name for name, reason in reasons.items() if not reason]
    if silent:
        raise Failure(f"skip: {', '.join(silent)} needs a reason; it is shown in place of the finding")
    return reasons
