# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The publisher reaches SQS and CloudWatch: in a VPC without a NAT gateway or endpoints every request waits until the
run is stopped, and no datapoint is ever written.
"""

from __future__ import annotations

from ..evidence import runs
from ..finding import Finding, failed, passed
from ..observed import Expected, Observed, Reply
from ..wording.words import counted, since
from . import publisher_exists

TITLE = "The publisher reaches AWS"
API = "lambda:GetFunctionConfiguration"
EFFECT = "Nothing scales"
FOLLOWS: tuple[str, ...] = ("publisher_exists",)
# Of the timeout: Lambda reports a run that it stopped with a little less or more than the timeout itself.
NEAR = 0.95


def check(observed: Observed, expected: Expected) -> Finding:
    if not expected.pool.published:
        return publisher_exists.unneeded(expected)
    if observed.function is None:
        return publisher_exists.missing(observed, expected)
    fired = observed.known("live_version", observed.function)
    lately = runs.of(observed, expected, observed.function_metrics)
    stopped = lately.failing and lately.longest >= NEAR * 1000 * fired["Timeout"]
    shown = {
        "subnets": _subnets(fired),
        "timeout": fired["Timeout"],
        "longest run": round(lately.longest / 1000, 1),
        "errors": lately.errors,
        "invocations": lately.count,
    }
    if not stopped and not lately.unreached:
        return passed(shown)
    failed_runs = f"{lately.errors:g} of {counted(lately.count, 'run')} failed " if lately.count else "its runs fail "
    how = [f"{failed_runs}{since(observed.at, lately.start)}"]
    if lately.longest:
        how.append(f"the longest took {lately.longest / 1000:.1f} s of {fired['Timeout']} s")
    if lately.unreached:
        how.append(f'the log says "{lately.unreached}"')
    return failed(
        f"function {expected.function_name} {_where(fired)}: {', '.join(how)}",
        observed=shown,
        expected={"subnets": []},
        remedy=runs.remedy(observed, expected),
    )


def _subnets(configuration: Reply) -> list[str]:
    return list((configuration.get("VpcConfig") or {}).get("SubnetIds") or ())


def _where(configuration: Reply) -> str:
    if not _subnets(configuration):
        return "gets no answer from AWS in time"
    vpc = configuration["VpcConfig"].get("VpcId") or "a VPC"
    return f"runs in {vpc} ({', '.join(_subnets(configuration))}) and gets no answer from AWS there"
