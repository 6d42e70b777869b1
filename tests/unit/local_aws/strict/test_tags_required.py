# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is created without the required tags is denied, in the words and the protocol of each service."""

from __future__ import annotations

import pytest

from local_aws.strict.tags_required import CREATES, TagsRequired

from .sent import Emulator, Missing, code_of, made, request

BOTH = {"CostCenter": "1", "Owner": "me"}
LISTED = [{"Key": key, "Value": value} for key, value in BOTH.items()]
FORM = {"Tags.member.1.Key": "CostCenter", "Tags.member.1.Value": "1", "Tags.member.2.Key": "Owner"}
ABSENT = {
    "events__describe_rule": Missing("ResourceNotFoundException"),
    "ssm__get_parameter": Missing("ParameterNotFound"),
}
JSON = (400, "AccessDeniedException")
CASES = [
    ("sqs:CreateQueue", {"QueueName": "q"}, {"tags": BOTH}, (400, "com.amazon.coral.service#AccessDeniedException")),
    ("iam:CreateRole", {"RoleName": "r"}, FORM, (403, "AccessDenied")),
    ("lambda:CreateFunction", {"FunctionName": "f"}, {"Tags": BOTH}, (403, "AccessDeniedException")),
    ("logs:CreateLogGroup", {"logGroupName": "/g"}, {"tags": BOTH}, JSON),
    ("events:PutRule", {"Name": "n"}, {"Tags": LISTED}, JSON),
    ("ssm:PutParameter", {"Name": "/p"}, {"Tags": LISTED}, JSON),
]


def requiring(*keys, **answers):
    return made(TagsRequired, Emulator(**{**ABSENT, **answers}), required_tags=keys)


@pytest.mark.parametrize(("name", "parameters", "tags", "refusal"), CASES)
def test_what_is_created_needs_them_all(name, parameters, tags, refusal):
    behaviour = requiring("CostCenter", "Owner")
    assert code_of(behaviour.before(request(name, **parameters))) == refusal
    assert behaviour.before(request(name, **parameters, **tags)) is None
    assert code_of(requiring("CostCenter", "Stage").before(request(name, **parameters, **tags))) == refusal


@pytest.mark.parametrize(
    ("name", "parameters", "words"),
    [
        (
            "sqs:CreateQueue",
            {"QueueName": "q"},
            "sqs:createqueue on resource: arn:aws:sqs:ap-northeast-2:123456789012:q",
        ),
        ("iam:CreateRole", {"RoleName": "r"}, "iam:CreateRole on resource: arn:aws:iam::123456789012:role/r"),
        (
            "ssm:PutParameter",
            {"Name": "/p"},
            "ssm:PutParameter on resource: arn:aws:ssm:ap-northeast-2:123456789012:parameter/p",
        ),
    ],
)
def test_the_denial_names_the_action_the_resource_and_the_policy(name, parameters, words):
    found = requiring("CostCenter").before(request(name, **parameters))
    assert f"is not authorized to perform: {words} with an explicit deny in a service control policy" in found[2]


@pytest.mark.parametrize(
    ("name", "parameters", "there"),
    [
        ("events:PutRule", {"Name": "n"}, {"events__describe_rule": {"Name": "n"}}),
        ("ssm:PutParameter", {"Name": "/p"}, {"ssm__get_parameter": {"Parameter": {}}}),
    ],
)
def test_what_exists_is_changed_without(name, parameters, there):
    assert requiring("CostCenter", **there).before(request(name, **parameters)) is None


def test_everything_that_this_project_creates_is_among_them():
    assert {name for name, *_ in CASES} == {f"{service}:{operation}" for service, operation in CREATES}
    assert requiring("CostCenter").before(request("sqs:SetQueueAttributes", QueueUrl="u")) is None
