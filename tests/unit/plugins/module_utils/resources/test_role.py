# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role may read the pools' queues and publish into their namespaces; a foreign role is left alone."""

from __future__ import annotations

import json
from fnmatch import fnmatchcase

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import Failure
from ansible_collections.academy.video_scaling.plugins.module_utils.place import Place
from ansible_collections.academy.video_scaling.plugins.module_utils.resources import role
from ansible_collections.academy.video_scaling.plugins.module_utils.resources.role import (
    DESCRIPTION,
    INLINE_POLICY_LIMIT,
)
from ansible_collections.academy.video_scaling.tests.unit.examples import METRIC, PLACE, ROOT, given, other, settings
from ansible_collections.academy.video_scaling.tests.unit.fake_aws import FakeAws, refusal, sent
from ansible_collections.academy.video_scaling.tests.unit.tag_cases import (
    TAGS,
    as_list,
    every_drift,
    require_own_tags_shown,
)
from hypothesis import given as generated
from hypothesis import strategies as st

NAME = "depth-role"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
SEED_POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "PublishDepths",
            "Effect": "Allow",
            "Action": "cloudwatch:PutMetricData",
            "Resource": "*",
            "Condition": {"StringEquals": {"cloudwatch:namespace": "Academy/VideoProcessing"}},
        },
        {
            "Sid": "ReadQueues",
            "Effect": "Allow",
            "Action": ["sqs:GetQueueUrl", "sqs:GetQueueAttributes"],
            "Resource": "arn:aws:sqs:ap-northeast-2:123456789012:academy-video-jobs",
        },
        {
            "Sid": "WriteLogs",
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": "arn:aws:logs:ap-northeast-2:123456789012:log-group:/aws/lambda/depth:*",
        },
    ],
}


def declared(*pools, place=PLACE):
    return role.from_params(NAME, list(settings(*pools).values()), place, "/aws/lambda/depth")


def live(trust=None, policy=..., description=DESCRIPTION):
    policy = SEED_POLICY if policy is ... else policy
    return role.from_response(
        {"RoleName": NAME, "AssumeRolePolicyDocument": trust or TRUST, "Description": description}, policy
    )


def statement(document, sid):
    return next(one for one in document["Statement"] if one["Sid"] == sid)


@pytest.mark.parametrize(
    ("pools", "granted"),
    [
        ([given()], False),
        ([given(), other(signal="published_per_instance")], True),
    ],
    ids=["totals", "one per instance"],
)
def test_groups_may_be_read_where_a_depth_is_divided_by_one(pools, granted):
    actions = [action for one in declared(*pools).policy["Statement"] for action in one["Action"]]
    of_groups = [action for action in actions if action.startswith("autoscaling:")]
    assert of_groups == (["autoscaling:DescribeAutoScalingGroups"] if granted else [])
    assert len(actions) == 5 + granted


def reordered(document):
    return {
        "Statement": [
            {name: list(reversed(value)) if isinstance(value, list) else value for name, value in one.items()}
            for one in reversed(document["Statement"])
        ],
        "Version": document["Version"],
    }


@pytest.mark.parametrize(
    "current",
    [
        pytest.param(live(), id="as IAM returns it"),
        pytest.param(live(json.dumps(TRUST), json.dumps(SEED_POLICY)), id="as text"),
        pytest.param(live(policy=reordered(SEED_POLICY)), id="reordered"),
        pytest.param(live(trust={**TRUST, "Statement": TRUST["Statement"][0]}), id="one statement without a list"),
    ],
)
def test_the_seed_pools_role_is_the_designs_and_what_iam_means_the_same_is_no_change(current):
    assert not role.plan(current, declared()).changed


def test_every_pool_adds_its_queue_and_its_namespace():
    document = declared(given(), other(metric={**METRIC, "namespace": "Academy/Audio"})).policy
    assert statement(document, "ReadQueues")["Resource"] == [
        PLACE.queue_arn("academy-audio-jobs"),
        PLACE.queue_arn("academy-video-jobs"),
    ]
    assert statement(document, "PublishDepths")["Condition"] == {
        "StringEquals": {"cloudwatch:namespace": ["Academy/Audio", "Academy/VideoProcessing"]}
    }


def test_in_china_arns_have_another_partition():
    document = declared(place=Place("aws-cn", "cn-north-1", "123456789012")).policy
    assert statement(document, "ReadQueues")["Resource"] == [
        "arn:aws-cn:sqs:cn-north-1:123456789012:academy-video-jobs"
    ]


@pytest.mark.parametrize(
    ("current", "requests"),
    [
        pytest.param(None, ["create_role", "put_role_policy"], id="new"),
        pytest.param(live(policy=None), ["put_role_policy"], id="no policy yet"),
        pytest.param(
            live(policy={**SEED_POLICY, "Statement": SEED_POLICY["Statement"][:2]}),
            ["put_role_policy"],
            id="a right gone",
        ),
        pytest.param(live(trust={**TRUST, "Statement": []}), ["update_assume_role_policy"], id="trust gone"),
        pytest.param(
            live({**TRUST, "Statement": []}, None), ["update_assume_role_policy", "put_role_policy"], id="both"
        ),
    ],
)
def test_drift_is_mended_alone(current, requests):
    plan = role.plan(current, declared())
    assert [name for name, _params in sent(plan)] == requests
    assert plan.differences()


def test_the_policy_is_sent_without_white_space():
    (_name, params) = sent(role.plan(None, declared()))[-1]
    assert params["PolicyDocument"] == "".join(params["PolicyDocument"].split())
    assert role.canonical(json.loads(params["PolicyDocument"])) == role.canonical(SEED_POLICY)


@pytest.mark.parametrize(
    ("current", "requests"),
    [
        pytest.param(None, [], id="not there"),
        pytest.param(live(policy=None), ["delete_role"], id="without policy"),
        pytest.param(live(), ["delete_role_policy", "delete_role"], id="with policy"),
    ],
)
def test_an_absent_role_goes_after_its_policy(current, requests):
    assert [name for name, _params in sent(role.plan(current, None))] == requests


def test_a_role_that_somebody_else_made_is_left_alone():
    foreign = live(description="by hand")
    with pytest.raises(Failure, match="was not made by this collection"):
        role.plan(foreign, declared())
    assert not role.plan(foreign, None).changed


@pytest.mark.parametrize(
    ("answers", "found"),
    [
        ({"iam.get_role": refusal("NoSuchEntity")}, None),
        (
            {
                "iam.get_role": {
                    "Role": {"RoleName": NAME, "AssumeRolePolicyDocument": TRUST, "Description": DESCRIPTION}
                },
                "iam.get_role_policy": refusal("NoSuchEntity"),
            },
            live(policy=None),
        ),
        (
            {
                "iam.get_role": {
                    "Role": {"RoleName": NAME, "AssumeRolePolicyDocument": TRUST, "Description": DESCRIPTION}
                },
                "iam.get_role_policy": {"PolicyDocument": SEED_POLICY},
            },
            live(),
        ),
    ],
    ids=["no role", "no policy", "both"],
)
def test_what_is_not_there_is_none(answers, found):
    assert role.find(FakeAws(answers), NAME) == found


def test_what_may_not_be_read_is_reported():
    with pytest.raises(Failure, match="AccessDenied"):
        role.find(FakeAws({"iam.get_role": refusal("AccessDenied")}), NAME)


# --- properties -------------------------------------------------------------------------------------------------

words = st.text("abc:*", min_size=1, max_size=4)
one_or_more = words | st.lists(words, min_size=1, max_size=3, unique=True)
statements = st.fixed_dictionaries(
    {"Effect": st.sampled_from(["Allow", "Deny"]), "Action": one_or_more, "Resource": one_or_more},
    optional={
        "Sid": words,
        "Principal": st.dictionaries(st.sampled_from(["Service", "AWS"]), one_or_more, min_size=1),
        "Condition": st.dictionaries(words, st.dictionaries(words, one_or_more, min_size=1), min_size=1, max_size=2),
    },
)
documents = st.builds(
    lambda listed: {"Version": "2012-10-17", "Statement": listed}, st.lists(statements, min_size=1, max_size=3)
)


@generated(documents)
def test_the_canonical_form_is_its_own(document):
    once = role.canonical(document)
    assert role.canonical(once) == once


@generated(documents, st.randoms(use_true_random=False))
def test_the_order_of_a_document_is_nothing(document, random):
    def shuffled(value):
        if isinstance(value, dict):
            return {name: shuffled(value[name]) for name in random.sample(sorted(value), len(value))}
        if isinstance(value, list):
            return random.sample([shuffled(inner) for inner in value], len(value))
        return value

    assert role.canonical(shuffled(document)) == role.canonical(document)


queue_names = st.text("ab-1", min_size=1, max_size=30)


@generated(st.lists(queue_names, min_size=1, max_size=40, unique=True), st.integers(min_value=10, max_value=400))
def test_patterns_cover_every_name_and_fit(names, limit):
    def size_of(patterns):
        return sum(len(pattern) + 3 for pattern in patterns)

    patterns = role.patterns_that_fit(sorted(names), size_of, limit)
    assert size_of(patterns) <= limit
    assert all(any(fnmatchcase(name, pattern) for pattern in patterns) for name in names)
    if size_of(names) <= limit:
        assert sorted(patterns) == sorted(names)


def test_as_many_queues_as_there_may_be_fit_into_one_role():
    pools = [
        other(name=f"p{n}", queue_name=f"{n:04}-{'q' * 75}", metric={**METRIC, "name": f"n{n}"}) for n in range(1000)
    ]
    document = declared(*pools).policy
    assert role.size(document) <= INLINE_POLICY_LIMIT
    patterns = statement(document, "ReadQueues")["Resource"]
    assert all(any(fnmatchcase(PLACE.queue_arn(params["queue_name"]), one) for one in patterns) for params in pools)
    assert statement(document, "ListQueues") == role.canonical(
        {"Sid": "ListQueues", "Effect": "Allow", "Action": "sqs:ListQueues", "Resource": "*"}
    )


@pytest.mark.parametrize(("queues", "listed"), [(role.LISTED_FROM - 1, False), (role.LISTED_FROM, True)])
def test_only_a_publisher_that_reads_a_list_may_list(queues, listed):
    pools = [other(name=f"p{n}", queue_name=f"q{n}", metric={**METRIC, "name": f"n{n}"}) for n in range(queues)]
    found = {one["Sid"] for one in declared(*pools).policy["Statement"]}
    assert found == {"PublishDepths", "ReadQueues", "WriteLogs", *(["ListQueues"] if listed else [])}


def test_the_function_lists_from_as_many_queues_on_as_its_role_allows():
    source = (ROOT / "files" / "lambda" / "queue_depth" / "lambda_function.py").read_text(encoding="utf-8")
    assert f"\nLISTED_FROM = {role.LISTED_FROM}\n" in source


def test_more_namespaces_than_one_role_may_name_are_refused_before_anything_is_sent():
    """Only queue names become patterns; the namespaces alone may outgrow the limit."""
    pools = [
        other(name=f"p{n}", queue_name=f"q{n}", metric={**METRIC, "namespace": f"Academy/{n:03}/{'n' * 60}"})
        for n in range(200)
    ]
    with pytest.raises(Failure, match="role"):
        role.plan(None, declared(*pools))


# --- tags -------------------------------------------------------------------------------------------------------


def tagged(*pools):
    return role.from_params(NAME, list(settings(*pools).values()), PLACE, "/aws/lambda/depth", TAGS)


def account(live):
    described = {"RoleName": NAME, "AssumeRolePolicyDocument": TRUST, "Description": DESCRIPTION}
    if live is not None:
        described["Tags"] = as_list(live)
    return FakeAws({"iam.get_role": {"Role": described}, "iam.get_role_policy": {"PolicyDocument": SEED_POLICY}})


def test_a_new_role_is_made_with_its_tags():
    plan = role.plan(None, tagged())
    (name, params), _put = sent(plan)
    assert (name, params["Tags"]) == ("create_role", as_list(TAGS))
    require_own_tags_shown(plan, {})


@every_drift
def test_the_given_tags_of_a_role_are_mended_and_no_others(live, untagged):
    plan = role.plan(role.find(account(live), NAME, TAGS), tagged())
    assert sent(plan) == ([("tag_role", {"RoleName": NAME, "Tags": as_list(untagged)})] if untagged else [])
    require_own_tags_shown(plan, live)


@pytest.mark.parametrize("live", [None, {}], ids=["unsaid", "none"])
def test_a_role_may_have_no_tags(live):
    assert role.find(account(live), NAME, TAGS).tags == {}


def test_a_key_in_another_case_is_the_same_key_of_a_role():
    found = role.find(account({"Team": "video", "COST-CENTER": "7"}), NAME, TAGS)
    assert not role.plan(found, tagged()).changed


def test_a_roles_tags_cost_no_request():
    for given_tags in ({}, TAGS):
        aws = account(TAGS)
        assert role.find(aws, NAME, given_tags).tags == given_tags
        assert [name for name, _params in aws.asked] == ["iam.get_role", "iam.get_role_policy"]
