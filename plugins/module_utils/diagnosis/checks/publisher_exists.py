# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""There is a publisher, and it is able to run: without it the pool's metric has no datapoints, and without datapoints
the group stays as it is.
"""

from __future__ import annotations

from ..finding import Finding, Remedy, failed, not_needed, passed, warned
from ..observed import Expected, Observed, Reply
from ..wording.command_line import cli, playbook

TITLE = "The publisher exists"
API = "lambda:GetFunctionConfiguration"
EFFECT = "Nothing scales"
FOLLOWS: tuple[str, ...] = ()


def check(observed: Observed, expected: Expected) -> Finding:
    if not expected.pool.published:
        return unneeded(expected)
    function = observed.function
    if function is None:
        return missing(observed, expected)
    fired = observed.known("live_version", function)
    state, name = fired.get("State", "Active"), f"version {fired['Version']} of function {expected.function_name}"
    details = {
        "observed": {
            "FunctionArn": fired["FunctionArn"],
            "State": state,
            "LastUpdate": function.get("LastUpdateStatus"),
        },
        "expected": {"State": "Active"},
        "remedy": _remedy(observed, expected),
    }
    if state == "Failed":
        return failed(f"{name} is in state Failed{_reason(fired, 'StateReason')}", **details)
    if state != "Active":
        # Inactive: so long not invoked that Lambda has put it away. The next run wakes it.
        return warned(f"{name} is in state {state}{_reason(fired, 'StateReason')}", **details)
    if function.get("LastUpdateStatus") == "Failed":
        reason = _reason(function, "LastUpdateStatusReason")
        return warned(f"the last update of function {expected.function_name} failed{reason}", **details)
    return passed(details["observed"], details["expected"])


def unneeded(expected: Expected) -> Finding:
    """What every check of the publisher says of a pool that CloudWatch measures by itself."""
    return not_needed(f"signal {expected.pool.signal} needs no publisher")


def missing(observed: Observed, expected: Expected) -> Finding:
    """What every check that needs the publisher says where there is none."""
    return failed(
        f"function {expected.function_name} does not exist in {observed.place}",
        expected=expected.function_name,
        remedy=_remedy(observed, expected),
    )


def _reason(configuration: Reply, field: str) -> str:
    words = " ".join(str(configuration.get(field, "")).split()).rstrip(".")
    return f" ({words})" if words else ""


def _remedy(observed: Observed, expected: Expected) -> Remedy:
    look = cli(observed.place, "lambda get-function-configuration", function_name=expected.function_name)
    return Remedy(playbook("deploy_lambda"), look)
