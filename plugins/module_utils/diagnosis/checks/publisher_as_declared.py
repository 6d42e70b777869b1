# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is fired is the publisher of this collection, with the settings it was deployed with: a function made by hand
may publish anything under the metric's name, and whatever was changed by hand is not in the code that everybody reads.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ...plan import Plan
from ...resources import function
from ...resources.function import DESCRIPTION, LATEST, LIVE, Release
from ..finding import Finding, Remedy, failed, passed, warned
from ..observed import Expected, Observed, Reply
from ..wording.command_line import cli, playbook
from . import publisher_exists

TITLE = "The publisher is as declared"
API = "lambda:ListAliases"
EFFECT = "Nobody knows what the group follows"
FOLLOWS: tuple[str, ...] = ("publisher_exists", "publisher_reaches_aws")


def check(observed: Observed, expected: Expected) -> Finding:
    if not expected.pool.published:
        return publisher_exists.unneeded(expected)
    if observed.function is None:
        return publisher_exists.missing(observed, expected)
    name = expected.function_name
    details: dict[str, Any] = {
        "observed": {
            "aliases": {alias: found["FunctionVersion"] for alias, found in observed.aliases.items()},
            "versions": [version["Version"] for version in observed.versions],
        },
        "remedy": Remedy(playbook("deploy_lambda"), cli(observed.place, "lambda list-aliases", function_name=name)),
    }
    live, alias = observed.live_version, observed.aliases.get(LIVE)
    if live is None or alias is None:
        made = "" if observed.function.get("Description") == DESCRIPTION else ": it was made by hand"
        return failed(f"function {name} has no alias {LIVE} for the schedule to fire{made}", **details)
    fired = f"version {live['Version']} of function {name}, which is {LIVE},"
    if live.get("Description") != DESCRIPTION:
        return failed(f"{fired} was not made by this collection", **details)
    answer = observed.known("answer")
    if answer is not None and not {expected.pool.depth_field, expected.pool.name} & {
        *answer,
        *answer.get("failed", ()),
    }:
        return failed(
            f"{fired} does not serve the pool: asked now, it answered {', '.join(sorted(answer)[:5]) or 'nothing'} "
            f"and no {expected.pool.depth_field}",
            effect="Nothing scales",
            **details,
        )
    if differences := _differences(live, alias, expected):
        return warned(f"{fired} is not as declared ({'; '.join(differences)})", **details)
    return passed(details["observed"])


def _differences(live: Reply, alias: Reply, expected: Expected) -> list[str]:
    """What a release of this collection does not have (a VPC, layers, environment), and what is declared otherwise."""
    found = function.from_response(live)
    wanted = replace(
        Release(found.code_sha256, found.role, found.runtime, found.architecture),
        memory_size=expected.memory_size or found.memory_size,
        timeout=expected.timeout or found.timeout,
    )
    differences = Plan("", found.shown(), wanted.shown()).differences()
    if alias["FunctionVersion"] == LATEST:
        differences.append(f"it is {LATEST}, which the next change alters")
    weights = (alias.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}
    return [*differences, *(f"version {version} gets {weight:.0%} of the runs" for version, weight in weights.items())]
