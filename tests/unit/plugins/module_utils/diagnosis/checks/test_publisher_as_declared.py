# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is not this collection's publisher fails, what was changed of it by hand warns."""

from __future__ import annotations

from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.checks import publisher_as_declared
from ansible_collections.academy.video_scaling.tests.unit.examples import FUNCTION
from ansible_collections.academy.video_scaling.tests.unit.observations import (
    case,
    every_case,
    holds,
    live_version,
    observed,
    wanted,
)

LATEST = "$LATEST"
FIRED = f"version 4 of function {FUNCTION}, which is live,"


def aliases(version="4", **more):
    return {"live": {"Name": "live", "FunctionVersion": version, **more}}


def differing(**configuration):
    return {"live_version": live_version(**configuration)}


CASES = every_case(
    case("as declared", declared={"memory_size": 128, "timeout": 50}),
    case("memory and timeout are not compared", **differing(MemorySize=512, Timeout=30)),
    case("its own log group", **differing(LoggingConfig={"LogGroup": f"/aws/lambda/{FUNCTION}"})),
    case(
        "no alias",
        "fail",
        f"function {FUNCTION} has no alias live for the schedule to fire",
        aliases={},
        live_version=None,
    ),
    case(
        "made by hand",
        "fail",
        "has no alias live for the schedule to fire: it was made by hand",
        aliases={},
        live_version=None,
        function=live_version(Version=LATEST, Description=""),
    ),
    case("made by hand, with alias", "fail", f"{FIRED} was not made by this collection", **differing(Description="")),
    case(
        "it does not serve the pool",
        "fail",
        f"{FIRED} does not serve the pool: asked now, it answered audio_queue_depth_total and no video_queue_depth",
        "Nothing scales",
        answer={"audio_queue_depth_total": 1},
    ),
    case("it serves no pool", "fail", "it answered nothing and", "Nothing scales", answer={}),
    case("it serves the pool", answer={"video_queue_depth_total": 1}),
    case("it could not read the pool", answer={"failed": {"video": "gone"}}),
    case(
        "memory and timeout",
        "warn",
        f"{FIRED} is not as declared (memory_size: expected 128, found 512; timeout: expected 50, found 30)",
        declared={"memory_size": 128, "timeout": 50},
        **differing(MemorySize=512, Timeout=30),
    ),
    case(
        "a VPC",
        "warn",
        "subnet_ids: expected nothing, found ['subnet-1']",
        **differing(VpcConfig={"SubnetIds": ["subnet-1"]}),
    ),
    case("a layer", "warn", "layers: expected nothing", **differing(Layers=[{"Arn": "arn:layer"}])),
    case(
        "two versions",
        "warn",
        "(version 3 gets 10% of the runs)",
        aliases=aliases(RoutingConfig={"AdditionalVersionWeights": {"3": 0.1}}),
    ),
    case(
        "the newest code, whatever it is",
        "warn",
        f"(it is {LATEST}, which the next change alters)",
        aliases=aliases(LATEST),
    ),
    case("no function", "fail", f"function {FUNCTION} does not exist", function=None),
    case("no publisher is needed", declared={"signal": "sqs_total"}, aliases={}, live_version=None),
)


@CASES
def test_the_publisher_is_as_declared(example):
    holds(publisher_as_declared, example)


def test_it_shows_what_can_be_gone_back_to():
    found = publisher_as_declared.check(observed(), wanted())
    assert found.observed == {"aliases": {"live": "4", "previous": "3"}, "versions": ["3", "4"]}
