# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run over some pools tells what is served after it, and touches a publisher only where a pool needs one."""

from __future__ import annotations

import io
import json

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.package import code_sha256, package
from ansible_collections.academy.video_scaling.plugins.module_utils.resources.function import DESCRIPTION
from ansible_collections.academy.video_scaling.plugins.modules import queue_depth_lambda
from ansible_collections.academy.video_scaling.tests.unit.examples import FUNCTION, PLACE, given, other, settings
from ansible_collections.academy.video_scaling.tests.unit.fake_aws import FakeAws, refusal
from ansible_collections.academy.video_scaling.tests.unit.tag_cases import TAGS

CODE = "def lambda_handler(event, context): ...\n"
VIDEO, AUDIO = given(), other()
ROLE = "arn:aws:iam::123456789012:role/academy-lambda"


def empty():
    return FakeAws(
        {
            "lambda.get_function_configuration": refusal("ResourceNotFoundException"),
            "iam.get_role": refusal("NoSuchEntity"),
            "logs.describe_log_groups": [],
        }
    )


def serving(*pools, **answers):
    """A publisher with a given role that serves these pools; requests change nothing about it."""
    configuration = {
        "FunctionName": FUNCTION,
        "CodeSha256": code_sha256(package(CODE, settings(*pools))),
        "Role": ROLE,
        "Runtime": "python3.13",
        "Architectures": ["arm64"],
        "MemorySize": 128,
        "Timeout": 50,
        "Handler": "lambda_function.lambda_handler",
        "Description": DESCRIPTION,
        "RevisionId": "r",
    }
    described = json.dumps({"version": "4", "pools": list(settings(*pools).values())}).encode()
    return FakeAws(
        {
            "lambda.get_function_configuration": configuration,
            "lambda.list_aliases": [{"Name": "live", "FunctionVersion": "4", "RevisionId": "r"}],
            "lambda.invoke": lambda params: {"Payload": io.BytesIO(described)},
            "logs.describe_log_groups": [
                {"logGroupName": f"/aws/lambda/{FUNCTION}", "retentionInDays": 14, "storedBytes": 1}
            ],
        }
        | answers
    )


def deploy(run, aws, *pools, check_mode=False, **options):
    return run(queue_depth_lambda.main, {"pools": list(pools), "code": CODE, **options}, aws, check_mode)


def test_a_check_on_an_empty_account_plans_everything_and_sends_nothing(run):
    aws = empty()
    ended = deploy(run, aws, VIDEO, check_mode=True)
    assert aws.sent == []
    assert [step.get("operation") for step in ended["requests"] if "operation" in step] == [
        "create_log_group",
        "put_retention_policy",
        "create_role",
        "put_role_policy",
        "create_function",
        "publish_version",
        "create_alias",
    ]
    assert ended["pools"] == [{"name": "video", "changed": True, "served": True}]
    assert ended["publisher"] == {
        "function_name": FUNCTION,
        "alias_arn": PLACE.function_arn(FUNCTION, "live"),
        "served_pools": ["video"],
        "dropped_pools": [],
        "replaced": False,
    }


@pytest.mark.parametrize(
    ("pools", "options", "served", "dropped", "changed"),
    [
        pytest.param([VIDEO, AUDIO], {}, ["audio", "video"], [], False, id="as served"),
        pytest.param([VIDEO], {}, ["audio", "video"], [], False, id="one of those served"),
        pytest.param(
            [other(name="text", metric={**AUDIO["metric"], "name": "Text"})],
            {},
            ["audio", "text", "video"],
            [],
            True,
            id="added",
        ),
        pytest.param([VIDEO], {"purge_pools": True}, ["video"], ["audio"], True, id="purged"),
        pytest.param([VIDEO], {"state": "absent"}, ["audio"], ["video"], True, id="taken out"),
        pytest.param([VIDEO, AUDIO], {"state": "absent"}, [], ["audio", "video"], True, id="all taken out"),
        pytest.param(
            [given(signal="sqs_total"), AUDIO], {}, ["audio", "video"], [], False, id="no longer published, stays"
        ),
    ],
)
def test_what_is_served_after(run, pools, options, served, dropped, changed):
    ended = deploy(run, serving(VIDEO, AUDIO), *pools, role=ROLE, check_mode=True, **options)
    assert not ended.get("failed"), ended["msg"]
    assert (ended["publisher"]["served_pools"], ended["publisher"]["dropped_pools"]) == (served, dropped)
    assert ended["changed"] is changed
    assert [row["served"] for row in ended["pools"]] == [pool["name"] in served for pool in pools]


@pytest.mark.parametrize(
    ("pools", "options", "removed"),
    [
        ([VIDEO], {"remove_log_group": True}, True),
        ([VIDEO], {}, False),
        ([AUDIO], {"remove_log_group": True}, False),
    ],
    ids=["asked for", "not asked for", "another pool is left"],
)
def test_the_log_group_goes_with_the_last_pool_and_only_when_asked_to(run, pools, options, removed):
    left = [VIDEO] if pools == [VIDEO] else [VIDEO, AUDIO]
    ended = deploy(run, serving(*left), *pools, role=ROLE, check_mode=True, state="absent", **options)
    assert ("delete_log_group" in [step.get("operation") for step in ended["requests"]]) is removed


def test_pools_that_are_not_published_need_no_publisher(run):
    aws = FakeAws()
    ended = deploy(run, aws, given(signal="sqs_total", metric=...))
    assert (ended["changed"], aws.asked, aws.sent) == (False, [], [])


@pytest.mark.parametrize(
    "aws",
    [
        serving(VIDEO, AUDIO, **{"lambda.update_function_code": refusal("PreconditionFailedException")}),
        serving(VIDEO, AUDIO, **{"iam.get_role": refusal("AccessDenied")}),
    ],
    ids=["refused while sent", "not readable"],
)
def test_a_failed_run_fails_its_pools_and_drops_none(run, aws):
    options = {} if "iam.get_role" in aws.answers else {"role": ROLE}
    ended = deploy(run, aws, given(queue_name="moved"), **options)
    assert ended["failed"]
    assert ended["msg"].startswith("pool video: ")
    assert ended["publisher"]["dropped_pools"] == []


@pytest.mark.parametrize(
    "option", [{"timeout": 5}, {"memory_size": 64}, {"function_name": "a b"}, {"role": "x"}], ids=str
)
def test_a_wrong_option_is_refused_before_anything_is_asked_of_the_publisher(run, option):
    aws = FakeAws()
    ended = deploy(run, aws, VIDEO, **option)
    assert ended["msg"].startswith(f"{next(iter(option))}: ")
    assert (aws.asked, aws.sent) == ([], [])


@pytest.mark.parametrize(
    ("options", "tagged"),
    [
        ({}, ["logs.tag_resource", "lambda.tag_resource"]),
        ({"state": "absent", "pools": [AUDIO]}, ["logs.tag_resource", "lambda.tag_resource"]),
        ({"state": "absent", "pools": [AUDIO, VIDEO]}, []),
    ],
    ids=["present", "one goes", "all go"],
)
def test_what_stays_gets_the_tags(run, options, tagged):
    aws = serving(VIDEO, AUDIO, **{"lambda.list_tags": {"Tags": {}}, "logs.list_tags_for_resource": {"tags": {}}})
    ended = deploy(run, aws, VIDEO, role=ROLE, tags=TAGS, check_mode=True, **options)
    named = [f"{step['service']}.{step['operation']}" for step in ended["requests"] if "operation" in step]
    assert [name for name in named if "tag" in name] == tagged
