# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs that wait in vain fail, and name the VPC they wait in; a VPC in which the runs succeed does not."""

from __future__ import annotations

import json

from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.checks import publisher_reaches_aws
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import AwsFailure
from ansible_collections.academy.video_scaling.tests.unit.examples import FUNCTION
from ansible_collections.academy.video_scaling.tests.unit.observations import (
    ago,
    case,
    every_case,
    function_metrics,
    holds,
    live_version,
    series,
)

IN_VPC = live_version(VpcConfig={"VpcId": "vpc-1", "SubnetIds": ["subnet-1", "subnet-2"], "SecurityGroupIds": ["sg-1"]})
STOPPED = function_metrics(errors=series(1), duration=series(50000))
FAST = function_metrics(errors=series(1), duration=series(4600))


def line(reason):
    return [(ago(minutes=1), json.dumps({"failed": {"video": reason}}))]


CASES = every_case(
    case("no VPC"),
    case(
        "an empty VpcConfig", live_version=live_version(VpcConfig={"SubnetIds": [], "VpcId": ""}), function_metrics=FAST
    ),
    case("a VPC with a way out", live_version=IN_VPC),
    case(
        "stopped in a VPC",
        "fail",
        f"function {FUNCTION} runs in vpc-1 (subnet-1, subnet-2) and gets no answer from AWS there: 9 of 9 runs failed "
        "since 11:50 UTC (10 min), the longest took 50.0 s of 50 s",
        live_version=IN_VPC,
        function_metrics=STOPPED,
    ),
    case(
        "refused by its network before it is stopped",
        "fail",
        'the longest took 4.6 s of 50 s, the log says "ConnectTimeoutError: Connect timeout on endpoint URL"',
        live_version=IN_VPC,
        function_metrics=FAST,
        log_errors=line("ConnectTimeoutError: Connect timeout on endpoint URL"),
    ),
    case(
        "stopped without a VPC",
        "fail",
        f"function {FUNCTION} gets no answer from AWS in time: 9 of 9 runs failed",
        function_metrics=STOPPED,
    ),
    case(
        "only the log tells",
        "fail",
        'its runs fail since 11:50 UTC (10 min), the log says "Task timed out"',
        function_metrics={},
        log_errors=[(ago(minutes=1), "Task timed out")],
    ),
    case(
        "made by hand, no alias", "fail", "runs in vpc-1", live_version=None, function=IN_VPC, function_metrics=STOPPED
    ),
    case("another failure", live_version=IN_VPC, function_metrics=FAST, log_errors=line("KeyError: 'x'")),
    case(
        "of another pool",
        function_metrics=STOPPED,
        log_errors=[(ago(minutes=1), json.dumps({"failed": {"audio": "timeout"}}))],
    ),
    case("slow, but done", function_metrics=function_metrics(duration=series(49000))),
    case(
        "mended since",
        function_metrics=function_metrics(
            errors=series(1, until=12), duration=(*series(50000, until=12), *series(200, 11))
        ),
    ),
    case(
        "the log is denied", "fail", "9 of 9 runs", function_metrics=STOPPED, log_errors=AwsFailure("denied"), metric=()
    ),
    case("no function", "fail", f"function {FUNCTION} does not exist", function=None),
    case("no publisher is needed", declared={"signal": "sqs_total"}, function_metrics=STOPPED),
)


@CASES
def test_the_publisher_reaches_aws(example):
    holds(publisher_reaches_aws, example)
