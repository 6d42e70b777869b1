# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the page shows of a pool: every text legible, what is wrong first, and of many pools less of each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from . import chart
from .document import by_status, count, events, held, remedies, sentence, tally
from .wording import evidence, legible, line

# Characters of a piece of evidence, and events: the JSON report has all of them.
EVIDENCE_OF_FEW, EVIDENCE_OF_MANY = 6000, 500
EVENTS_OF_FEW, EVENTS_OF_MANY = 300, 30


def pool_view(pool: Mapping[str, Any], number: int, is_many: bool) -> dict[str, Any]:
    """:param number: its place in the page. :param is_many: whether it must be brief."""
    timeline = pool.get("timeline") or {}
    spans, happened = held(pool), events(pool)
    most = EVENTS_OF_MANY if is_many else EVENTS_OF_FEW
    findings = [_finding(one, f"p{number}", is_many) for one in by_status(pool["findings"])]
    return {
        "anchor": f"p{number}",
        "name": line(pool["name"]),
        "healthy": pool["healthy"],
        "state": _state(pool),
        "verdict": line(pool["verdict"]),
        "tally": tally(pool),
        "open": [finding for finding in findings if finding["status"] in ("fail", "unknown", "warn")],
        "skipped": [finding for finding in findings if finding["status"] == "skipped"],
        "passed": [finding for finding in findings if finding["status"] == "pass"],
        "held": [{**span, "words": line(span["words"])} for span in spans],
        "events": [{**event, "words": line(event["words"])} for event in reversed(happened[-most:])],
        "earlier": max(0, len(happened) - most),
        "gaps": [line(gap) for gap in timeline.get("gaps") or ()],
        "follows": line(timeline.get("follows")),
        "chart": Markup(chart.embedded(timeline, spans, happened[-most:])) if chart.drawable(timeline) else "",
        "summary": chart.summary(timeline) if chart.drawable(timeline) else "",
    }


def _state(pool: Mapping[str, Any]) -> str:
    """The status that stands for the whole pool."""
    if pool["healthy"]:
        return "warn" if count(pool, "warn") else "pass"
    return "fail" if count(pool, "fail") or not count(pool, "unknown") else "unknown"


def _finding(finding: Mapping[str, Any], anchor: str, is_many: bool) -> dict[str, Any]:
    seen = finding.get("evidence") or {}
    is_open = finding["status"] in ("fail", "unknown", "warn")
    most = EVIDENCE_OF_MANY if is_many else EVIDENCE_OF_FEW
    with_evidence = is_open or not is_many
    return {
        "anchor": f"{anchor}-{line(finding['id'])}",
        "id": line(finding["id"]),
        "status": finding["status"],
        "title": line(finding["title"]),
        "sentence": sentence(finding),
        "why": line(finding.get("why")),
        # The link says already what it follows from.
        "rest": line(finding["cause"]).removeprefix(f"it follows from {line(finding.get('follows_from'))}: "),
        "root": line(finding.get("follows_from")),
        "root_anchor": f"{anchor}-{line(finding.get('follows_from'))}",
        "api": line(seen.get("api")),
        "at": seen.get("at") or "",
        "observed": evidence(seen.get("observed"), most) if with_evidence else "",
        "expected": evidence(seen.get("expected"), most) if with_evidence else "",
        "commands": [(name, legible(command)) for name, command in remedies(finding)] if is_open else [],
    }
