# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The result of a diagnosis as the reports read it: what is wrong first, and one sentence over all of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...module_utils.failures import listed
from .wording import line, plain

# What a report is made of; beside it a registered result holds what Ansible adds.
KEYS = ("healthy", "at", "since", "region", "account_id", "pools")
# From what a person must look at first to what only counts.
STATUSES = ("fail", "unknown", "warn", "skipped", "pass")


def document(result: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a registered result that is the diagnosis.

    Ansible's own containers stay as they are: to make plain ones of a fleet takes seconds, so only what is shown is.
    """
    return {key: result[key] for key in KEYS if key in result}


def by_status(findings: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Failures first; within a status causes stay before what follows from them."""
    return sorted(findings, key=lambda finding: STATUSES.index(finding["status"]))


def worst_first(pools: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """What is not healthy, then what has warnings; else in the order given."""
    return sorted(pools, key=lambda pool: (pool["healthy"], not count(pool, "warn")))


def count(pool: Mapping[str, Any], status: str) -> int:
    return int((pool.get("counts") or {}).get(status, 0))


def tally(pool: Mapping[str, Any]) -> str:
    """How many checks came to what: ``1 fail, 34 pass``."""
    counts = [f"{count(pool, status)} {status}" for status in STATUSES if count(pool, status)]
    return ", ".join(counts) or "no check ran"


def headline(diagnosis: Mapping[str, Any]) -> str:
    """One sentence over all pools; of a single pool its own."""
    pools = diagnosis["pools"]
    if len(pools) == 1:
        return line(pools[0]["verdict"])
    ill = [line(pool["name"]) for pool in pools if not pool["healthy"]]
    if not ill:
        warned = sum(1 for pool in pools if count(pool, "warn"))
        return f"All {len(pools)} pools are healthy" + (f", {warned} of them with warnings." if warned else ".")
    are = "is" if len(ill) == 1 else "are"
    return f"{len(ill)} of {len(pools)} pools {are} not healthy: {listed(ill)}."


def sentence(finding: Mapping[str, Any]) -> str:
    """What a finding says, as a whole sentence."""
    cause = line(finding["cause"]).rstrip(".")
    if finding["status"] == "fail" and finding.get("effect"):
        return f"{line(finding['effect'])} because {cause}."
    if finding["status"] == "unknown":
        return f"It is not known: {cause}."
    return f"{cause[:1].upper()}{cause[1:]}." if cause else ""


def remedies(finding: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What a person can type: its name, and the command."""
    remedy = finding.get("remedy") or {}
    ways = (("Playbook", remedy.get("playbook")), ("AWS CLI", remedy.get("cli")))
    return [(name, command) for name, command in ways if command]


def held(pool: Mapping[str, Any]) -> list[dict[str, Any]]:
    """When the group could have scaled and did not."""
    return _listed_in(pool, "held")


def events(pool: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What happened, oldest first."""
    return _listed_in(pool, "events")


def _listed_in(pool: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = plain((pool.get("timeline") or {}).get(name) or [])
    return found
