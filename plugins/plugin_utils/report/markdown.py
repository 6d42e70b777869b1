# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The diagnosis as Markdown (GitHub's): for a ticket, a chat, a pull request."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .document import (
    by_status,
    count,
    document,
    events,
    headline,
    held,
    remedies,
    sentence,
    tally,
    worst_first,
)
from .wording import clock, evidence, legible, line, stamp

SIGNS = {"fail": "\u2716", "unknown": "?", "warn": "\u26a0", "skipped": "\u2013", "pass": "\u2714"}
# Characters of one piece of evidence; the JSON report has all of it.
MOST = 2000
# Of the events the newest; the JSON report has them all.
EVENTS = 30


def text(value: Any) -> str:
    """Any text as nothing but text, wherever in a line or a table it stands."""
    escaped = line(value).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    escaped = re.sub(r"([\\`*\[\]|~#!$])", r"\\\1", escaped)
    # Within a word an underscore means nothing, and names are full of them.
    escaped = re.sub(r"(?<![^\W_])_|_(?![^\W_])", r"\\_", escaped)
    # What looks like an address would become a link.
    return re.sub(r"(?i)(://|www\.|@)", lambda found: "".join(f"&#{ord(sign)};" for sign in found[0]), escaped)


def code(value: Any) -> str:
    content = line(value)
    marks = _marks(content, 1)
    # A mark of its own at the edge would be taken for one of these.
    edge = " " if content.startswith("`") or content.endswith("`") else ""
    return f"{marks}{edge}{content}{edge}{marks}" if content else ""


def cell(value: Any) -> str:
    """The same in a table, where a bar would end it, and in code there is no sure way to write one."""
    return text(value) if "|" in line(value) else code(value)


def block(value: Any, language: str = "") -> list[str]:
    content = legible(value)
    marks = _marks(content, 3)
    return ["", f"{marks}{language}", *content.split("\n"), marks, ""]


def report(result: Mapping[str, Any]) -> str:
    diagnosis = document(result)
    window = f"{stamp(diagnosis['since'])} to {stamp(diagnosis['at'])}"
    parts = [
        "# Diagnosis",
        "",
        f"**{text(headline(diagnosis))}**",
        "",
        f"Region {text(diagnosis['region'])}, account {text(diagnosis['account_id'])}, {window}.",
        "",
    ]
    pools = worst_first(diagnosis["pools"])
    if len(pools) > 1:
        parts += _table(("pool", "state", "verdict", "checks"), map(_overview, pools))
    for pool in pools:
        if len(pools) == 1 or not pool["healthy"] or count(pool, "warn"):
            parts += _pool(pool, diagnosis["at"])
    return "\n".join(parts).rstrip() + "\n"


def _overview(pool: Mapping[str, Any]) -> Sequence[str]:
    state = "\u2714 healthy" if pool["healthy"] else "\u2716 not healthy"
    return cell(pool["name"]), state, text(pool["verdict"]), tally(pool)


def _pool(pool: Mapping[str, Any], at: str) -> list[str]:
    found = by_status(pool["findings"])
    parts = [f"## Pool {code(pool['name'])}", "", f"**{text(pool['verdict'])}** ({tally(pool)})", ""]
    for finding in found:
        if finding["status"] not in ("pass", "skipped"):
            parts += _finding(finding)
    parts += _skips(found)
    passed = [code(finding["id"]) for finding in found if finding["status"] == "pass"]
    parts += ["### Passed", "", ", ".join(passed) or "Nothing.", ""]
    return parts + _held(pool, at) + _events(pool, at)


def _finding(finding: Mapping[str, Any]) -> list[str]:
    seen = finding.get("evidence") or {}
    parts = [f"### {SIGNS[finding['status']]} {finding['status']}: {code(finding['id'])}", ""]
    parts += [text(sentence(finding)), "", text(finding.get("why")), ""]
    for name, command in remedies(finding):
        parts += [f"{name}:", *block(command, "shell")]
    parts += [f"Evidence: {code(seen.get('api'))}, {stamp(seen.get('at') or '')}"]
    for name in ("observed", "expected"):
        if content := evidence(seen.get(name), MOST):
            parts += ["", f"{name}:", *block(content)]
    return [*parts, ""]


def _skips(found: Sequence[Mapping[str, Any]]) -> list[str]:
    rows = [(cell(one["id"]), text(one["cause"])) for one in found if one["status"] == "skipped"]
    return ["### Skipped", "", *_table(("check", "why"), rows)] if rows else []


def _held(pool: Mapping[str, Any], at: str) -> list[str]:
    rows = [
        (
            f"{clock(span['from'], at)} to {clock(span['to'], at)}",
            str(span["minutes"]),
            f"{span['direction']} ({span['capacity']} -> {span['wanted']})",
            f"{cell(span['holder'])} {text(span['words'])}",
        )
        for span in held(pool)
    ]
    heading = ["### When it could have scaled and did not (UTC)", ""]
    return [*heading, *_table(("when", "minutes", "wanted", "held by"), rows)] if rows else []


def _events(pool: Mapping[str, Any], at: str) -> list[str]:
    rows = [(clock(one["at"], at), text(one["kind"]), text(one["words"])) for one in events(pool)[-EVENTS:]]
    return ["### What happened (UTC)", "", *_table(("when", "what", ""), rows)] if rows else []


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    every = [head, ["---"] * len(head), *rows]
    return [*(f"| {' | '.join(row)} |" for row in every), ""]


def _marks(content: str, least: int) -> str:
    """More marks in a row than the text itself has."""
    longest = max((len(run) for run in re.findall("`+", content)), default=0)
    return "`" * max(least, longest + 1)
