# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The diagnosis in the few lines that a console has room for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...module_utils.failures import listed
from .document import (
    by_status,
    count,
    document,
    headline,
    held,
    remedies,
    tally,
    worst_first,
)
from .wording import clock, line

# As many pools as a person reads one by one; of more, the healthy ones share a line.
MANY = 10
# Of more pools that are not healthy, the rest show only their verdict.
DETAILED = 20
# The longest of the times in which a group was held; the reports have them all.
HELD = 3


def lines(result: Mapping[str, Any]) -> list[str]:
    diagnosis = document(result)
    pools = worst_first(diagnosis["pools"])
    ill = [pool for pool in pools if not pool["healthy"]]
    warned = [pool for pool in pools if pool["healthy"] and count(pool, "warn")]
    well = [pool for pool in pools if pool["healthy"] and not count(pool, "warn")]
    text: list[str] = []
    for number, pool in enumerate(ill + warned):
        text += _whole(pool, diagnosis["at"]) if number < DETAILED else [_heading(pool)]
    if len(pools) > MANY and well:
        text.append(f"healthy: {listed([line(pool['name']) for pool in well])}")
    else:
        text += [f"{_heading(pool)} ({tally(pool)})" for pool in well]
    text += _skips(pools)
    return [*text, headline(diagnosis)] if len(pools) > 1 else text


def verdicts(result: Mapping[str, Any], fail_on: str = "fail") -> list[str]:
    """The sentences that fail a run, none where nothing does. What several pools have in common is said once.

    :param fail_on: ``fail``, ``warn`` or ``never``.
    """
    diagnosis = document(result)
    sharing: dict[str, list[str]] = {}
    for pool in worst_first(diagnosis["pools"]):
        if fail_on != "never" and (not pool["healthy"] or (fail_on == "warn" and count(pool, "warn"))):
            sharing.setdefault(line(pool["verdict"]), []).append(line(pool["name"]))
    if len(diagnosis["pools"]) == 1:
        return list(sharing)
    return [f"{listed(names)}: {verdict}" for verdict, names in sharing.items()]


def _heading(pool: Mapping[str, Any]) -> str:
    state = "healthy" if pool["healthy"] else "NOT HEALTHY"
    return f"{line(pool['name'])}: {state}. {line(pool['verdict'])}"


def _whole(pool: Mapping[str, Any], at: str) -> list[str]:
    found = [finding for finding in by_status(pool["findings"]) if finding["status"] != "pass"]
    rows: list[tuple[str, str, str]] = []
    for finding, *alike in _alike([finding for finding in found if finding["status"] != "skipped"]):
        rows += _finding(finding, line(pool["verdict"]))
        if alike:
            rows.append(("", "", f"so too {', '.join(line(one['id']) for one in alike)}"))
    rows += _following(found)
    rows += [("held", _when(span, at), _held(span)) for span in _longest(pool)]
    return [_heading(pool), *_aligned(rows), f"  {tally(pool)}"]


def _alike(findings: Sequence[Mapping[str, Any]]) -> list[list[Mapping[str, Any]]]:
    """Many checks may have no answer for one reason, as a refused reading."""
    groups: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for finding in findings:
        reason = finding["cause"] if finding["status"] == "unknown" else finding["id"]
        groups.setdefault((finding["status"], line(reason)), []).append(finding)
    return list(groups.values())


def _finding(finding: Mapping[str, Any], verdict: str) -> list[tuple[str, str, str]]:
    """A finding and the way out; what the verdict says already is not said again."""
    cause = line(finding["cause"])
    said = [] if cause and cause in verdict else [cause]
    said += [f"-> {line(command)}" for dummy, command in remedies(finding)[:1]]
    first, *rest = said or [cause]
    return [(finding["status"], line(finding["id"]), first), *(("", "", words) for words in rest)]


def _following(found: Sequence[Mapping[str, Any]]) -> list[tuple[str, str, str]]:
    """What follows from one failure stands in one line."""
    causes: dict[str, list[str]] = {}
    for finding in found:
        if finding.get("follows_from"):
            causes.setdefault(line(finding["follows_from"]), []).append(line(finding["id"]))
    return [("follows", root, ", ".join(names)) for root, names in causes.items()]


def _skips(pools: Sequence[Mapping[str, Any]]) -> list[str]:
    """What somebody has skipped is listed once: it holds for all pools."""
    asked = [
        (line(finding["id"]), line(finding["cause"]))
        for pool in pools
        for finding in pool["findings"]
        if finding["status"] == "skipped" and not finding.get("follows_from")
    ]
    return [f"skipped: {name}: {cause}" for name, cause in dict.fromkeys(asked)]


def _longest(pool: Mapping[str, Any]) -> list[dict[str, Any]]:
    """At its smallest with nothing to do a group is where it should be."""
    spans = [span for span in held(pool) if span["holder"] != "at_min"]
    longest = sorted(spans, key=lambda span: -span["minutes"])[:HELD]
    return sorted(longest, key=lambda span: span["from"])


def _when(span: Mapping[str, Any], at: str) -> str:
    return f"{clock(span['from'], at)}-{clock(span['to'], at)} UTC"


def _held(span: Mapping[str, Any]) -> str:
    return f"{span['minutes']} min not scaled {span['direction']} ({span['holder']}): {line(span['words'])}"


def _aligned(rows: Sequence[tuple[str, str, str]]) -> list[str]:
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(2)]
    return [f"  {row[0]:<{widths[0]}}  {row[1]:<{widths[1]}}  {row[2]}".rstrip() for row in rows]
