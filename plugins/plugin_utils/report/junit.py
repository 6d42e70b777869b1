# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The diagnosis as JUnit XML, which every CI server shows: one suite a pool, one case a check."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from .document import count, document, headline, remedies, sentence
from .wording import evidence, legible, line

PACKAGE = "academy.video_scaling"
# Characters of one piece of evidence; the JSON report has all of it.
MOST = 4000


def report(result: Mapping[str, Any]) -> str:
    diagnosis = document(result)
    suites = [_suite(pool, diagnosis) for pool in diagnosis["pools"]]
    root = Element("testsuites", {"name": f"{PACKAGE} diagnosis", **_sums(suites)})
    root.extend(suites)
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _sums(suites: list[Element]) -> dict[str, str]:
    names = ("tests", "failures", "errors", "skipped")
    return {name: str(sum(int(suite.get(name, 0)) for suite in suites)) for name in names}


def _suite(pool: Mapping[str, Any], diagnosis: Mapping[str, Any]) -> Element:
    name = line(pool["name"])
    counted = {"failures": "fail", "errors": "unknown", "skipped": "skipped"}
    suite = Element(
        "testsuite",
        {
            "name": f"pool {name}",
            "tests": str(len(pool["findings"])),
            **{kind: str(count(pool, status)) for kind, status in counted.items()},
            "time": "0",
            "timestamp": line(diagnosis["at"]).removesuffix("Z"),
        },
    )
    properties = SubElement(suite, "properties")
    facts = {key: diagnosis[key] for key in ("region", "account_id", "since", "at")}
    for key, value in {**facts, "verdict": pool["verdict"], "headline": headline(diagnosis)}.items():
        SubElement(properties, "property", {"name": key, "value": line(value)})
    for finding in pool["findings"]:
        suite.append(_case(finding, name))
    return suite


def _case(finding: Mapping[str, Any], pool: str) -> Element:
    case = Element("testcase", {"classname": f"{PACKAGE}.{pool}", "name": line(finding["id"]), "time": "0"})
    status, cause = finding["status"], line(finding["cause"])
    if status == "fail":
        SubElement(case, "failure", {"message": cause, "type": "fail"}).text = _whole(finding)
    elif status == "unknown":
        SubElement(case, "error", {"message": cause, "type": "unknown"}).text = _whole(finding)
    elif status == "skipped":
        SubElement(case, "skipped", {"message": cause})
    elif status == "warn":
        SubElement(case, "system-out").text = f"warning: {cause}\n{_whole(finding)}"
    return case


def _whole(finding: Mapping[str, Any]) -> str:
    seen = finding.get("evidence") or {}
    parts = [
        sentence(finding),
        legible(finding.get("why")),
        *(f"{name}: {legible(command)}" for name, command in remedies(finding)),
        f"evidence: {legible(seen.get('api'))} at {legible(seen.get('at'))}",
        *(f"{name}: {text}" for name in ("observed", "expected") if (text := evidence(seen.get(name), MOST))),
    ]
    return "\n".join(part for part in parts if part)
