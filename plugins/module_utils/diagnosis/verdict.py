# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks of one pool and what they come to: healthy or not, and the first cause in one sentence."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from .catalogue import CHECKS, Check, id_of
from .explainer.minutes import iso
from .finding import FAIL, PASS, SKIPPED, STATUSES, UNKNOWN, WARN, Finding
from .observed import Expected, Observed, Unread


@dataclass(frozen=True)
class Verdict:
    """:param healthy: nothing fails, and nothing is unknown. :param sentence: names the first cause."""

    pool: str
    healthy: bool
    sentence: str
    findings: tuple[Finding, ...]

    def count(self, status: str) -> int:
        return sum(finding.status == status for finding in self.findings)

    def shown(self) -> dict[str, Any]:
        """Made of JSON only."""
        return {
            "healthy": self.healthy,
            "verdict": self.sentence,
            "counts": {status: self.count(status) for status in STATUSES},
            "findings": [_shown(finding) for finding in self.findings],
        }


def _shown(finding: Finding) -> dict[str, Any]:
    fields = ("id", "pool", "status", "title", "cause", "effect", "why", "follows_from")
    return {
        **{name: getattr(finding, name) for name in fields},
        "evidence": {name: _json(getattr(finding, name)) for name in ("api", "observed", "expected", "at")},
        "remedy": {"playbook": finding.remedy.playbook, "cli": finding.remedy.cli},
    }


def _json(value: Any) -> Any:
    """What AWS returned, in the types that JSON has: it knows no times, and no number without end."""
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, Mapping):
        return {str(name): _json(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_json(inner) for inner in value]
    if isinstance(value, (set, frozenset)):
        return sorted(map(str, value))
    if value is None or isinstance(value, (bool, int, str)) or (isinstance(value, float) and math.isfinite(value)):
        return value
    return str(value)


def judged(
    observed: Observed,
    expected: Expected,
    checks: Sequence[str] | None = None,
    skip: Mapping[str, str] | None = None,
) -> Verdict:
    """:param checks: ids of those to run, None for all. :param skip: reasons by id."""
    findings: dict[str, Finding] = {}
    for check in CHECKS:
        found = _skipped(check, skip or {}) or _found(check, observed, expected)
        found = replace(
            found,
            id=id_of(check),
            pool=expected.pool.name,
            title=check.TITLE,
            why=" ".join((check.__doc__ or "").split()),
            api=found.api or check.API,
            at=found.at or observed.at,
            effect=found.effect or check.EFFECT,
        )
        findings[found.id] = _following(found, check, findings)
    wanted = findings.keys() if checks is None else set(checks)
    # The cause is shown also where only what follows from it was asked for.
    wanted = {*wanted, *(findings[name].follows_from for name in wanted)}
    chosen = tuple(found for found in findings.values() if found.id in wanted)
    return Verdict(expected.pool.name, _healthy(chosen), _sentence(expected.pool.name, chosen), chosen)


def _skipped(check: Check, skip: Mapping[str, str]) -> Finding | None:
    reason = skip.get(id_of(check))
    return None if reason is None else Finding(SKIPPED, f"it was skipped: {reason}")


def _found(check: Check, observed: Observed, expected: Expected) -> Finding:
    try:
        return check.check(observed, expected)
    except Unread as unread:
        return Finding(UNKNOWN, str(unread), api=unread.action)
    except Exception as error:  # one reply of an odd shape must not cost the other answers
        return Finding(UNKNOWN, f"this is a defect of the collection, please report it: {error!r}")


def _following(found: Finding, check: Check, earlier: Mapping[str, Finding]) -> Finding:
    """What an earlier failure explains says so, instead of being a failure as well."""
    if found.status == PASS or found.follows_from or found.status == SKIPPED or found.stands_alone:
        return found
    for name in check.FOLLOWS:
        root = earlier[name].follows_from or (name if earlier[name].status == FAIL else "")
        if root:
            return replace(found, status=SKIPPED, follows_from=root, cause=f"it follows from {root}: {found.cause}")
    return found


def _healthy(findings: Sequence[Finding]) -> bool:
    return not any(found.status in (FAIL, UNKNOWN) for found in findings)


def _sentence(pool: str, findings: Sequence[Finding]) -> str:
    first = {status: next((found for found in findings if found.status == status), None) for status in (FAIL, UNKNOWN)}
    if cause := first[FAIL]:
        alone = [found for found in findings if found.status == FAIL and found.stands_alone and found is not cause]
        causes = [cause] if cause.stands_alone else [cause, *alone[:1]]
        return " ".join(f"{one.effect} because {one.cause}." for one in causes)
    if blind := first[UNKNOWN]:
        return f"It is not known whether pool {pool} is healthy because check {blind.id} has no answer: {blind.cause}."
    warnings = [found.id for found in findings if found.status == WARN]
    beside = (
        f", with {len(warnings)} warning{'s' if len(warnings) > 1 else ''} ({', '.join(warnings)})" if warnings else ""
    )
    return f"Pool {pool} is healthy{beside}."
