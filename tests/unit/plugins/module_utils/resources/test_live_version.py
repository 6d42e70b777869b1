# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Alias live goes back to a version that is there, and that version can read its queues before it is fired."""

from __future__ import annotations

import io
import json

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import Failure
from ansible_collections.academy.video_scaling.plugins.module_utils.resources import live_version, role
from ansible_collections.academy.video_scaling.plugins.module_utils.resources.function import DESCRIPTION
from ansible_collections.academy.video_scaling.plugins.module_utils.resources.live_version import (
    DesiredAlias,
    LiveVersion,
)
from ansible_collections.academy.video_scaling.plugins.module_utils.resources.snapshot import NothingToGoBackTo
from ansible_collections.academy.video_scaling.tests.unit.examples import FUNCTION, PLACE, given, other, settings
from ansible_collections.academy.video_scaling.tests.unit.fake_aws import FakeAws, operations, refusal, sent

LOG_GROUP = f"/aws/lambda/{FUNCTION}"
ROLE_NAME = f"{FUNCTION}-role"
VIDEO, AUDIO = given(), other()
DIVIDED = given(signal="published_per_instance")


def desired(version=None):
    return DesiredAlias(FUNCTION, version, PLACE)


def role_for(*pools):
    return role.from_params(ROLE_NAME, list(settings(*pools).values()), PLACE, LOG_GROUP)


def account(live="4", previous="3", served=None, description=DESCRIPTION, role_description=role.DESCRIPTION):
    """:param served: the pools of each version."""
    aliases = [
        {"Name": name, "FunctionVersion": at, "RevisionId": f"r-{name}"}
        for name, at in (("live", live), ("previous", previous))
        if at
    ]
    served = served or {"3": [VIDEO], "4": [AUDIO]}
    documents = role_for(AUDIO)

    def invoke(params):
        answer = {"pools": list(settings(*served[params["Qualifier"]]).values())}
        return {"Payload": io.BytesIO(json.dumps(answer).encode())}

    return FakeAws(
        {
            "lambda.list_aliases": aliases,
            "lambda.get_function_configuration": {
                "Description": description,
                "Role": PLACE.role_arn(f"path/{ROLE_NAME}"),
            },
            "lambda.invoke": invoke,
            "iam.get_role": {
                "Role": {
                    "RoleName": ROLE_NAME,
                    "AssumeRolePolicyDocument": documents.trust,
                    "Description": role_description,
                }
            },
            "iam.get_role_policy": {"PolicyDocument": documents.policy},
        }
    )


def found(aws, version=None):
    return live_version.find(aws, {FUNCTION: desired(version)})[FUNCTION]


def move(version, **more):
    return ("update_alias", {"FunctionName": FUNCTION, "Name": "live", "FunctionVersion": version, **more})


@pytest.mark.parametrize(
    ("current", "requests"),
    [
        pytest.param(LiveVersion(FUNCTION, "4", "3", "r"), [move("3", RevisionId="r")], id="back"),
        pytest.param(LiveVersion(FUNCTION, "4", "3"), [move("3")], id="no revision known"),
        pytest.param(LiveVersion(FUNCTION, "3", "3", "r"), [], id="there already"),
    ],
)
def test_the_alias_goes_back(current, requests):
    plan = live_version.plan(current, desired())
    assert sent(plan) == requests
    assert bool(plan.differences()) is bool(requests)


def test_the_rights_come_before_the_switch():
    current = LiveVersion(FUNCTION, "4", "3", "r", role=role_for(AUDIO), widened=role_for(VIDEO, AUDIO))
    assert operations(live_version.plan(current, desired())) == ["put_role_policy", "update_alias"]
    enough = LiveVersion(FUNCTION, "4", "3", "r", role=role_for(VIDEO, AUDIO), widened=role_for(VIDEO, AUDIO))
    assert operations(live_version.plan(enough, desired())) == ["update_alias"]


@pytest.mark.parametrize(
    ("aws", "version", "target"),
    [
        (account(), None, "3"),
        (account(), "2", "2"),
        (account(previous=None), "2", "2"),
        (account(live="3"), None, "3"),
        (account(), "4", "4"),
    ],
    ids=["the one before", "a given one", "a given one, none before", "gone back already", "the live one"],
)
def test_the_version_to_go_back_to(aws, version, target):
    aws.answers["lambda.invoke"] = lambda params: {"Payload": io.BytesIO(b'{"pools": []}')}
    current = found(aws, version)
    assert current.target == target
    assert live_version.plan(current, desired(version)).changed is (current.version != target)


def test_where_nothing_moves_nothing_more_is_asked():
    aws = account(live="3")
    found(aws)
    assert [operation for operation, _params in aws.asked] == ["lambda.list_aliases"]


@pytest.mark.parametrize(
    ("aws", "version", "reason"),
    [
        (account(live=None, previous=None), None, f"function {FUNCTION} has no alias live"),
        (account(live=None), "3", f"function {FUNCTION} has no alias live"),
        (account(previous=None), None, f"function {FUNCTION} has no version before 4"),
    ],
    ids=["no alias", "no alias, a given version", "no version before"],
)
def test_where_there_is_nothing_to_go_back_to_it_says_so(aws, version, reason):
    failure = found(aws, version)
    assert isinstance(failure, NothingToGoBackTo)
    assert str(failure) == f"nothing to go back to: {reason}"


@pytest.mark.parametrize(
    ("code", "part"),
    [("ResourceNotFoundException", "version 2 of function .* does not exist any more"), ("AccessDenied", "AccessDen")],
)
def test_a_version_that_cannot_be_read_is_not_gone_back_to(code, part):
    aws = account()
    aws.answers["lambda.get_function_configuration"] = refusal(code)
    with pytest.raises(Failure, match=part):
        raise found(aws, "2")


def test_the_role_is_widened_to_what_both_versions_read():
    current = found(account())
    assert current.role == role_for(AUDIO)
    assert current.widened == role_for(VIDEO, AUDIO)
    steps = sent(live_version.plan(current, desired()))
    assert [operation for operation, _params in steps] == ["put_role_policy", "update_alias"]
    assert steps[0][1]["RoleName"] == ROLE_NAME


@pytest.mark.parametrize(
    "served", [{"3": [VIDEO], "4": [DIVIDED]}, {"3": [DIVIDED], "4": [VIDEO]}], ids=["live", "before"]
)
def test_a_group_that_one_of_both_versions_reads_may_be_read(served):
    assert "autoscaling:DescribeAutoScalingGroups" in json.dumps(found(account(served=served)).widened.policy)


def test_one_pool_name_with_two_queues_needs_the_rights_to_both():
    moved = given(queue_name="academy-video-jobs-2")
    current = found(account(served={"3": [VIDEO], "4": [moved]}))
    document = json.dumps(current.widened.policy)
    assert [f'{PLACE.queue_arn(name)}"' in document for name in (VIDEO["queue_name"], moved["queue_name"])] == [
        True
    ] * 2


@pytest.mark.parametrize(
    ("aws", "invoked"),
    [(account(description="by hand"), False), (account(role_description="by hand"), True)],
    ids=["a version made by hand", "a role made by hand"],
)
def test_a_version_made_by_hand_is_never_invoked_and_a_role_made_by_hand_left_alone(aws, invoked):
    current = found(aws)
    assert (current.role, current.widened) == (None, None)
    assert operations(live_version.plan(current, desired())) == ["update_alias"]
    assert ("lambda.invoke" in dict(aws.asked)) is invoked


@pytest.mark.parametrize(
    ("served", "unwritten"),
    [
        ({"3": [VIDEO], "4": [VIDEO]}, {}),
        ({"3": [VIDEO, AUDIO], "4": [VIDEO]}, {}),
        ({"3": [AUDIO], "4": [VIDEO, AUDIO]}, {"video": ("Academy/VideoProcessing/VideoQueueDepthTotal",)}),
        (
            {"3": [VIDEO], "4": [DIVIDED]},
            {DIVIDED["name"]: ("Academy/VideoProcessing/VideoQueueDepthTotalPerInstance",)},
        ),
    ],
    ids=["the same", "more then", "a pool less", "not divided then"],
)
def test_what_only_the_live_version_writes_is_reported(served, unwritten):
    assert found(account(served=served)).unwritten == unwritten


def test_a_weighted_alias_gives_no_other_version_a_share_any_more():
    aws = account()
    weights = {"AdditionalVersionWeights": {"5": 0.5}}
    aws.answers["lambda.list_aliases"][0]["RoutingConfig"] = weights
    ((_operation, params),) = [
        step for step in sent(live_version.plan(found(aws), desired())) if step[0] == "update_alias"
    ]
    assert params["RoutingConfig"] == {"AdditionalVersionWeights": {}}
