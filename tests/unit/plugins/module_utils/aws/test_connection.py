# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way to AWS: options before environment, each client once, every error one sentence, one failure its own."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime
from typing import ClassVar

import botocore.session
import pytest
import yaml
from ansible_collections.academy.video_scaling.plugins.module_utils.aws import connection as edge
from ansible_collections.academy.video_scaling.plugins.module_utils.aws.connection import (
    CONNECTION_OPTIONS,
    CONNECTION_RULES,
    Connection,
)
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import AwsFailure, Failure, Unusable
from ansible_collections.academy.video_scaling.plugins.module_utils.place import Place
from ansible_collections.academy.video_scaling.plugins.module_utils.plan import Reply, Request, Wait
from ansible_collections.academy.video_scaling.tests.unit.examples import ROOT
from botocore import awsrequest, httpsession
from botocore.stub import ANY, Stubber

KEYS = {"access_key": "AKIAOPTION", "secret_key": "secret-option"}
SEOUL = {"region": "ap-northeast-2", **KEYS}
CONFIG = """\
[profile prod]
region = eu-west-1
aws_access_key_id = AKIAPROFILE
aws_secret_access_key = secret-profile
"""


@pytest.fixture(autouse=True)
def environment(monkeypatch, tmp_path):
    """Nothing of this machine's AWS settings is seen; ``environment(NAME=value)`` sets some."""
    names = {name for listed in edge.ENVIRONMENT.values() for name in listed}
    for name in names | {
        "AWS_PROFILE",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_ENDPOINT_URL",
        "AWS_DEFAULT_PROFILE",
    }:
        monkeypatch.delenv(name, raising=False)
    config = tmp_path / "config"
    config.write_text(CONFIG)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    return lambda **variables: [monkeypatch.setenv(name, value) for name, value in variables.items()]


@pytest.fixture(autouse=True)
def time(monkeypatch):
    """Time passes only by sleeping."""
    passed = [0.0]
    monkeypatch.setattr(edge, "monotonic", lambda: passed[0])
    monkeypatch.setattr(edge, "sleep", lambda seconds: passed.__setitem__(0, passed[0] + seconds))
    return passed


def stubbed(connection, service):
    stubber = Stubber(connection._client(service))
    stubber.activate()
    return stubber


# --- where ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "variables", "region"),
    [
        ({"region": "us-east-1"}, {"AWS_REGION": "us-west-2"}, "us-east-1"),
        ({}, {"AWS_REGION": "us-west-2", "AWS_DEFAULT_REGION": "us-east-2"}, "us-west-2"),
        ({}, {"AWS_DEFAULT_REGION": "us-east-2", "EC2_REGION": "sa-east-1"}, "us-east-2"),
        ({}, {"EC2_REGION": "sa-east-1"}, "sa-east-1"),
        ({"profile": "prod"}, {}, "eu-west-1"),
        ({}, {"AWS_PROFILE": "prod"}, "eu-west-1"),
        ({"profile": "prod"}, {"AWS_REGION": "us-west-2"}, "us-west-2"),
        ({"profile": "prod", "region": "us-east-1"}, {}, "us-east-1"),
    ],
    ids=str,
)
def test_region(environment, options, variables, region):
    environment(**variables)
    assert Connection(options).region == region


@pytest.mark.parametrize(
    ("options", "parts"),
    [
        ({}, ["no region: give region, or set AWS_REGION"]),
        ({"region": "ap-northeast-9"}, ["region: 'ap-northeast-9' is not a region", "ap-northeast-2"]),
        ({"region": "moon"}, ["region: 'moon'", "ap-northeast-2 is one, for example"]),
        ({"profile": "nobody"}, ["profile: ", "nobody"]),
    ],
    ids=["none", "a near one", "a strange one", "an unknown profile"],
)
def test_a_region_that_cannot_be_used_is_named(options, parts):
    with pytest.raises(Unusable) as refused:
        _place = Connection({**KEYS, **options} if "profile" not in options else options).place
    assert all(part in str(refused.value) for part in parts)


def test_the_place_is_asked_once():
    connection = Connection(SEOUL)
    sts = stubbed(connection, "sts")
    sts.add_response(
        "get_caller_identity", {"Account": "123456789012", "Arn": "arn:aws-cn:sts::123456789012:assumed-role/x/y"}, {}
    )
    assert connection.place == connection.place == Place("aws-cn", "ap-northeast-2", "123456789012")
    sts.assert_no_pending_responses()


def test_who_and_when_is_asked_together_with_where_and_stays():
    connection = Connection(SEOUL)
    sts = stubbed(connection, "sts")
    arn = "arn:aws:sts::123456789012:assumed-role/deployer/kim"
    before = datetime.now(UTC).replace(microsecond=0)
    sts.add_response("get_caller_identity", {"Account": "123456789012", "Arn": arn}, {})
    stamp = connection.stamp
    assert (stamp.caller_arn, connection.place.account_id, connection.stamp) == (arn, "123456789012", stamp)
    assert before <= datetime.fromisoformat(stamp.at) <= datetime.now(UTC)
    assert stamp.at.endswith("+00:00")
    assert stamp.collection_version == yaml.safe_load((ROOT / "galaxy.yml").read_text())["version"]
    sts.assert_no_pending_responses()


@pytest.mark.parametrize("code", ["ExpiredToken", "InvalidClientTokenId", "AccessDenied", "InternalError"])
def test_whoever_cannot_say_who_he_is_stops(code):
    connection = Connection(SEOUL)
    stubbed(connection, "sts").add_client_error("get_caller_identity", code)
    with pytest.raises(Unusable) as refused:
        _place = connection.place
    assert (refused.value.code, refused.value.operation) == (code, "sts:GetCallerIdentity")


# --- who --------------------------------------------------------------------------------------------------------

LONG = ("AKIALONG", "secret-long", None)


@pytest.mark.parametrize(
    ("options", "variables", "credentials"),
    [
        pytest.param(KEYS, {}, ("AKIAOPTION", "secret-option", None), id="options"),
        pytest.param({**KEYS, "session_token": "t"}, {}, ("AKIAOPTION", "secret-option", "t"), id="options with token"),
        pytest.param({"profile": "prod"}, {}, ("AKIAPROFILE", "secret-profile", None), id="profile"),
        pytest.param(
            {}, {"AWS_PROFILE": "prod"}, ("AKIAPROFILE", "secret-profile", None), id="profile of the environment"
        ),
        pytest.param(
            {}, {"AWS_ACCESS_KEY_ID": "AKIALONG", "AWS_SECRET_ACCESS_KEY": "secret-long"}, LONG, id="botocore's names"
        ),
        pytest.param(
            {}, {"AWS_ACCESS_KEY": "AKIALONG", "AWS_SECRET_KEY": "secret-long"}, LONG, id="amazon.aws's names"
        ),
        pytest.param({}, {"EC2_ACCESS_KEY": "AKIALONG", "EC2_SECRET_KEY": "secret-long"}, LONG, id="EC2's names"),
        pytest.param(
            {},
            {"AWS_ACCESS_KEY": "AKIALONG", "AWS_SECRET_KEY": "secret-long", "AWS_SECURITY_TOKEN": "t"},
            (*LONG[:2], "t"),
            id="amazon.aws's names with token",
        ),
        pytest.param(
            {},
            {"AWS_ACCESS_KEY_ID": "AKIALONG", "AWS_SECRET_ACCESS_KEY": "secret-long", "AWS_SESSION_TOKEN": "t"},
            (*LONG[:2], "t"),
            id="botocore's names with token",
        ),
        pytest.param(
            {"profile": "prod"},
            {"AWS_ACCESS_KEY": "AKIALONG", "AWS_SECRET_KEY": "secret-long"},
            ("AKIAPROFILE", "secret-profile", None),
            id="a profile goes before the environment's keys",
        ),
        pytest.param(
            KEYS,
            {"AWS_SECURITY_TOKEN": "stale"},
            ("AKIAOPTION", "secret-option", None),
            id="keys of options take no token of the environment",
        ),
        pytest.param(
            {},
            {"AWS_ACCESS_KEY_ID": "AKIALONG", "AWS_SECRET_ACCESS_KEY": "secret-long", "AWS_SECURITY_TOKEN": "t"},
            (*LONG[:2], "t"),
            id="botocore's names with amazon.aws's token",
        ),
        pytest.param(
            {},
            {
                "AWS_ACCESS_KEY_ID": "AKIALONG",
                "AWS_SECRET_ACCESS_KEY": "secret-long",
                "AWS_ACCESS_KEY": "AKIAOLD",
                "AWS_SECRET_KEY": "secret-old",
            },
            LONG,
            id="botocore's names go first, as documented",
        ),
        pytest.param(
            {},
            {"AWS_ACCESS_KEY_ID": "AKIALONG", "AWS_SECRET_ACCESS_KEY": "secret-long", "EC2_SECRET_KEY": "secret-old"},
            LONG,
            id="keys of two sources are not mixed",
        ),
    ],
)
def test_credentials(environment, options, variables, credentials):
    environment(**variables)
    client = Connection({"region": "ap-northeast-2", **options})._client("sqs")
    found = client._request_signer._credentials
    assert (found.access_key, found.secret_key, found.token) == credentials


def test_missing_credentials_are_reported():
    with pytest.raises(Unusable, match="no AWS credentials found: give profile"):
        _place = Connection({"region": "ap-northeast-2"}).place


@pytest.mark.parametrize(
    ("options", "variables", "address"),
    [
        ({"endpoint_url": "http://127.0.0.1:1"}, {"AWS_URL": "http://127.0.0.1:2"}, "http://127.0.0.1:1"),
        ({}, {"AWS_URL": "http://127.0.0.1:2", "EC2_URL": "http://127.0.0.1:3"}, "http://127.0.0.1:2"),
        ({}, {"EC2_URL": "http://127.0.0.1:3"}, "http://127.0.0.1:3"),
        ({}, {"AWS_ENDPOINT_URL": "http://127.0.0.1:4"}, "http://127.0.0.1:4"),
        ({}, {}, "https://sqs.ap-northeast-2.amazonaws.com"),
    ],
    ids=["option", "AWS_URL", "EC2_URL", "botocore's own", "none"],
)
@pytest.mark.parametrize("who", [KEYS, {"profile": "prod"}], ids=["keys", "profile"])
def test_the_address_does_not_depend_on_who_asks(environment, options, variables, address, who):
    environment(**variables)
    assert Connection({"region": "ap-northeast-2", **who, **options})._client("sqs").meta.endpoint_url == address


@pytest.mark.parametrize(
    ("options", "verify"),
    [
        ({}, None),
        ({"aws_ca_bundle": "/ca.pem"}, "/ca.pem"),
        ({"validate_certs": None}, None),
        ({"validate_certs": True}, None),
        ({"validate_certs": True, "aws_ca_bundle": "/ca.pem"}, "/ca.pem"),
        ({"validate_certs": False, "aws_ca_bundle": "/ca.pem"}, False),
    ],
    ids=["not said", "not said, a bundle", "empty", "as usual", "a bundle", "not at all"],
)
def test_certificates_are_checked_unless_that_is_refused(options, verify):
    assert Connection(options)._verify == verify


def test_the_ca_bundle_of_the_environment(environment):
    environment(AWS_CA_BUNDLE="/ca.pem")
    assert Connection({"validate_certs": True})._verify == "/ca.pem"


class Assuming:
    """A boto3 session whose every client is one that assumes a role."""

    made: ClassVar[list] = []
    meta = botocore.session.Session().create_client("sqs", "ap-northeast-2").meta
    region_name = None

    def __init__(self, **options):
        self.made.append(options)

    def get_available_partitions(self):
        return ["aws"]

    def get_available_regions(self, service, partition):
        return ["ap-northeast-2"]

    def client(self, service, **options):
        self.made.append(options)
        return self

    def assume_role(self, **params):
        self.made.append(params)
        return {"Credentials": {"AccessKeyId": "ASIA", "SecretAccessKey": "s", "SessionToken": "t"}}


@pytest.mark.parametrize(
    ("options", "params"),
    [
        ({}, {}),
        ({"external_id": "shared"}, {"ExternalId": "shared"}),
    ],
    ids=["without external id", "with external id"],
)
def test_a_role_is_assumed_with_the_given_credentials(monkeypatch, options, params):
    monkeypatch.setattr(edge.boto3.session, "Session", Assuming)
    monkeypatch.setattr(Assuming, "made", [])
    arn = "arn:aws:iam::123456789012:role/deployer"
    Connection({**SEOUL, "assume_role_arn": arn, **options})._client("sqs")
    session, asking, assumed, taken = Assuming.made
    assert (session["aws_access_key_id"], asking.get("aws_access_key_id")) == ("AKIAOPTION", None)
    assert assumed == {"RoleArn": arn, "RoleSessionName": "academy.video_scaling", **params}
    assert (taken["aws_access_key_id"], taken["aws_session_token"]) == ("ASIA", "t")


# --- asking -----------------------------------------------------------------------------------------------------


def test_a_client_is_made_once():
    connection = Connection(SEOUL)
    assert connection._client("sqs") is connection._client("sqs")


def test_a_call_is_answered():
    connection = Connection(SEOUL)
    stubbed(connection, "sqs").add_response("get_queue_url", {"QueueUrl": "u"}, {"QueueName": "jobs"})
    assert connection.call("sqs", "get_queue_url", QueueName="jobs")["QueueUrl"] == "u"


@pytest.mark.parametrize(
    "ask",
    [
        lambda connection: connection.call("autoscaling", "describe_policies"),
        lambda connection: list(connection.pages("autoscaling", "describe_policies", "ScalingPolicies")),
        lambda connection: connection.send(Request("autoscaling", "describe_policies", {}), {}),
    ],
    ids=["call", "pages", "send"],
)
def test_a_refusal_names_the_operation_as_aws_does(ask):
    connection = Connection(SEOUL)
    stubbed(connection, "autoscaling").add_client_error("describe_policies", "AccessDenied")
    with pytest.raises(AwsFailure) as refused:
        ask(connection)
    assert (refused.value.code, refused.value.operation) == ("AccessDenied", "autoscaling:DescribePolicies")


def test_all_pages_are_read():
    connection = Connection(SEOUL)
    stubber = stubbed(connection, "autoscaling")
    for number, token in ((1, {"NextToken": "more"}), (2, {})):
        group = {
            "AutoScalingGroupName": f"workers-{number}",
            "MinSize": 0,
            "MaxSize": 1,
            "DesiredCapacity": 0,
            "DefaultCooldown": 300,
            "AvailabilityZones": [],
            "HealthCheckType": "EC2",
            "CreatedTime": 0,
        }
        params = {"AutoScalingGroupNames": ["a"], **({"NextToken": ANY} if number == 2 else {})}
        stubber.add_response("describe_auto_scaling_groups", {"AutoScalingGroups": [group], **token}, params)
    found = connection.pages(
        "autoscaling", "describe_auto_scaling_groups", "AutoScalingGroups", AutoScalingGroupNames=["a"]
    )
    assert [group["AutoScalingGroupName"] for group in found] == ["workers-1", "workers-2"]


def test_a_request_is_sent_with_its_replies():
    connection = Connection(SEOUL)
    stubbed(connection, "lambda").add_response(
        "update_alias", {}, {"FunctionName": "f", "Name": "live", "FunctionVersion": "7"}
    )
    params = {"FunctionName": "f", "Name": "live", "FunctionVersion": Reply("published", "Version")}
    connection.send(Request("lambda", "update_alias", params), {"published": {"Version": "7"}})


def test_an_entry_that_was_refused_is_no_success():
    """PutTargets answers 200 and says in its reply which targets it did not take."""
    connection = Connection(SEOUL)
    entry = {"TargetId": "1", "ErrorCode": "ManagedRuleException", "ErrorMessage": "of a service"}
    stubbed(connection, "events").add_response("put_targets", {"FailedEntryCount": 1, "FailedEntries": [entry]})
    with pytest.raises(AwsFailure, match=r"^events:PutTargets .*ManagedRuleException: of a service") as refused:
        connection.send(Request("events", "put_targets", {"Rule": "r", "Targets": [{"Id": "1", "Arn": "arn"}]}), {})
    assert (refused.value.code, refused.value.operation) == ("ManagedRuleException", "events:PutTargets")


SPREADING = Request(
    "lambda",
    "create_alias",
    {"FunctionName": "f", "Name": "live", "FunctionVersion": "1"},
    until_consistent=(("InvalidParameterValueException", "cannot be assumed"),),
)


def test_what_is_still_spreading_is_repeated(time):
    connection = Connection(SEOUL)
    stubber = stubbed(connection, "lambda")
    for _round in range(3):
        stubber.add_client_error(
            "create_alias", "InvalidParameterValueException", "the role cannot be assumed by Lambda"
        )
    stubber.add_response("create_alias", {"Name": "live"})
    assert connection.send(SPREADING, {})["Name"] == "live"
    assert 0 < time[0] < edge.SPREADING_SECONDS


@pytest.mark.parametrize(
    ("code", "message", "repeated"),
    [
        ("InvalidParameterValueException", "the role cannot be assumed by Lambda", True),
        ("InvalidParameterValueException", "Layers is wrong", False),
        ("ResourceConflictException", "the role cannot be assumed by Lambda", False),
    ],
    ids=["for a bounded time", "another message", "another code"],
)
def test_anything_else_is_not_repeated(time, code, message, repeated):
    connection = Connection(SEOUL)
    stubber = stubbed(connection, "lambda")
    for _round in range(200):
        stubber.add_client_error("create_alias", code, message)
    with pytest.raises(AwsFailure, match=message):
        connection.send(SPREADING, {})
    assert (time[0] >= edge.SPREADING_SECONDS) is repeated


BUSY = "The operation cannot be performed at this time. "
TARGETS = {"Rule": "r", "Targets": [{"Id": "1", "Arn": "arn"}]}
# Of each service one write, and how it says that somebody else is changing the same thing.
CONTENDED = [
    ("ssm", "put_parameter", {"Name": "/a", "Value": "v"}, "TooManyUpdates", ""),
    (
        "lambda",
        "publish_version",
        {"FunctionName": "f"},
        "ResourceConflictException",
        f"{BUSY}An update is in progress",
    ),
    (
        "lambda",
        "invoke",
        {"FunctionName": "f"},
        "ResourceConflictException",
        f"{BUSY}The function is currently in the following state: Pending",
    ),
    (
        "iam",
        "put_role_policy",
        {"RoleName": "r", "PolicyName": "p", "PolicyDocument": "{}"},
        "ConcurrentModification",
        "",
    ),
    ("events", "put_rule", {"Name": "r"}, "ConcurrentModificationException", ""),
    ("logs", "create_log_group", {"logGroupName": "g"}, "OperationAbortedException", ""),
    ("autoscaling", "delete_policy", {"PolicyName": "p"}, "ResourceContention", ""),
    ("autoscaling", "delete_policy", {"PolicyName": "p"}, "ScalingActivityInProgress", ""),
    ("sqs", "delete_queue", {"QueueUrl": "u"}, "ConcurrentModificationException", ""),
]


@pytest.mark.parametrize(("service", "operation", "params", "code", "message"), CONTENDED, ids=str)
@pytest.mark.parametrize("is_over", [True, False], ids=["until it is over", "for a bounded time"])
def test_what_somebody_else_changes_at_the_moment_is_tried_again(
    time, service, operation, params, code, message, is_over
):
    connection = Connection(SEOUL)
    stubber = stubbed(connection, service)
    for _round in range(3 if is_over else 200):
        stubber.add_client_error(operation, code, message)
    if is_over:
        stubber.add_response(operation, {"Version": "1"} if operation == "publish_version" else {})
        connection.send(Request(service, operation, params), {})
        assert 0 < time[0] < edge.SPREADING_SECONDS
    else:
        with pytest.raises(AwsFailure) as refused:
            connection.send(Request(service, operation, params), {})
        assert refused.value.code == code
        assert edge.SPREADING_SECONDS <= time[0] < 2 * edge.SPREADING_SECONDS


def test_an_entry_that_somebody_else_changes_at_the_moment_is_tried_again(time):
    connection = Connection(SEOUL)
    stubber = stubbed(connection, "events")
    entry = {"TargetId": "1", "ErrorCode": "ConcurrentModificationException", "ErrorMessage": "changed"}
    stubber.add_response("put_targets", {"FailedEntryCount": 1, "FailedEntries": [entry]})
    stubber.add_response("put_targets", {"FailedEntryCount": 0, "FailedEntries": []})
    connection.send(Request("events", "put_targets", TARGETS), {})
    assert time[0] > 0


def test_a_diagnosis_tries_no_longer_than_it_lasts(time):
    connection = Connection(SEOUL, quick=True)
    stubber = Stubber(connection._client_for("lambda", "invoke"))
    stubber.activate()
    for _round in range(200):
        stubber.add_client_error("invoke", "ResourceConflictException", f"{BUSY}following state: Pending")
    with pytest.raises(AwsFailure):
        connection.call("lambda", "invoke", FunctionName="f")
    assert time[0] <= edge.QUICK_SECONDS + 2


@pytest.mark.parametrize(
    ("service", "operation", "params", "repeated"),
    [
        ("lambda", "invoke", {"FunctionName": "f", "Qualifier": "7"}, True),
        ("lambda", "get_function_configuration", {"FunctionName": "f"}, False),
    ],
    ids=["a version that was found", "a function"],
)
def test_only_what_was_found_before_is_asked_for_until_it_shows(time, service, operation, params, repeated):
    connection = Connection(SEOUL)
    stubber = stubbed(connection, service)
    stubber.add_client_error(operation, "ResourceNotFoundException", "Function not found")
    stubber.add_response(operation, {})
    if repeated:
        assert connection.call(service, operation, **params) == {}
    else:
        with pytest.raises(AwsFailure, match="not found"):
            connection.call(service, operation, **params)
    assert (time[0] > 0) is repeated


NOT_YET = (("ResourceNotFoundException", ""),)


@pytest.mark.parametrize(
    ("spreading", "code", "succeeds"),
    [
        (NOT_YET, "ResourceNotFoundException", True),
        ((), "ResourceNotFoundException", False),
        (NOT_YET, "AccessDenied", False),
    ],
    ids=["not yet", "not at all", "another code"],
)
def test_a_wait_outlasts_what_does_not_show_yet(time, spreading, code, succeeds):
    """botocore's waiters take any error for the end, also that the function of a moment ago is not there."""
    connection = Connection(SEOUL)
    stubber = stubbed(connection, "lambda")
    for _round in range(2):
        stubber.add_client_error("get_function_configuration", code, "refused")
    stubber.add_response("get_function_configuration", {"State": "Active"})
    step = Wait("lambda", "function_active", {"FunctionName": "f"}, spreading)
    if succeeds:
        assert connection.send(step, {}) == {}
        assert time[0] > 0
    else:
        with pytest.raises(AwsFailure) as refused:
            connection.send(step, {})
        # What is missing is the right to its request, and not one to wait.
        assert (refused.value.code, refused.value.operation) == (code, "lambda:GetFunctionConfiguration")


def test_a_wait_waits_and_tells_what_it_waited_for():
    connection = Connection(SEOUL)
    stubber = stubbed(connection, "lambda")
    step = Wait("lambda", "published_version_active", {"FunctionName": "f", "Qualifier": Reply("published", "Version")})
    expected = {"FunctionName": "f", "Qualifier": "7"}
    stubber.add_response("get_function_configuration", {"State": "Active"}, expected)
    assert connection.send(step, {"published": {"Version": "7"}}) == {}
    stubber.add_response("get_function_configuration", {"State": "Failed"}, expected)
    with pytest.raises(AwsFailure, match="lambda:published_version_active"):
        connection.send(step, {"published": {"Version": "7"}})


@pytest.mark.parametrize("keys", [[], ["a"], ["a", "b", "c"], [f"k{n}" for n in range(60)]], ids=len)
def test_each_key_has_its_own_result_in_order(keys):
    assert list(Connection(SEOUL).each(str.upper, keys).items()) == [(key, key.upper()) for key in keys]


def test_each_runs_in_a_bounded_number_of_threads():
    names = set()
    met = threading.Barrier(edge.THREADS)

    def name_of(key):
        names.add(threading.get_ident())
        # All threads are inside at once, or this breaks.
        met.wait(timeout=60)

    Connection(SEOUL).each(name_of, range(edge.THREADS * 3))
    assert len(names) == edge.THREADS


@pytest.mark.parametrize("keys", [["a"], ["a", "b"]], ids=["one", "several"])
def test_one_failure_is_its_own(keys):
    def fails_for_a(key):
        if key == "a":
            raise Failure("a is refused")
        return key

    results = Connection(SEOUL).each(fails_for_a, keys)
    assert str(results.pop("a")) == "a is refused"
    assert results == {key: key for key in keys[1:]}


@pytest.mark.parametrize("keys", [["a"], ["a", "b"]], ids=["one", "several"])
def test_what_stops_everything_is_no_result(keys):
    def no_route(key):
        raise Unusable("no route")

    with pytest.raises(Unusable):
        Connection(SEOUL).each(no_route, keys)


@pytest.fixture
def last_line(monkeypatch, tmp_path):
    """The newest line for whoever watches the connections of the test."""
    file = tmp_path / "progress.jsonl"
    file.touch()
    monkeypatch.setenv("VIDEO_SCALING_PROGRESS_FILE", str(file))
    return lambda: json.loads(file.read_text().splitlines()[-1])


@pytest.mark.parametrize("quick", [False, True], ids=["patient", "quick"])
@pytest.mark.parametrize("keys", [1, 40])
def test_whoever_watches_sees_each_key_that_was_done(last_line, time, quick, keys):
    connection = Connection(SEOUL, quick=quick)

    def work(key):
        if key % 2:
            raise Failure("a key that failed is done as well")

    with connection.phase("queue", total=20):
        connection.each(work, range(keys))
        time[0] += 2
        connection.count(changed=1, failed=2)
    last = last_line()
    assert [last[name] for name in ("phase", "pools", "round", "done", "keys")] == ["queue", 20, 1, keys, keys]
    assert [last[name] for name in ("changed", "failed", "ended")] == [1, 2, True]
    assert connection.measured() == {"requests_by_operation": {}, "seconds_by_phase": {"queue": 2}}


@pytest.mark.parametrize("keys", [1, 40])
def test_what_is_not_counted_itself_is_counted_by_what_is_done_for_it(last_line, time, keys):
    connection = Connection(SEOUL)
    with connection.phase("read", total=20):
        parts = range(3)
        found = connection.each(lambda part: connection.each(str, range(keys)), parts, counted=False)
        time[0] += 2
        connection.count()
    last = last_line()
    assert [last[name] for name in ("round", "done", "keys")] == [1, 3 * keys, 3 * keys]
    assert found == {part: {key: str(key) for key in range(keys)} for part in parts}


@pytest.mark.parametrize("keys", [1, 40])
def test_the_parts_of_a_key_are_no_keys_of_their_own(last_line, time, keys):
    connection = Connection(SEOUL)
    with connection.phase("publisher", total=20):
        connection.each(lambda key: connection.each(str, range(3)), range(keys))
        connection.each(str, range(keys))
        time[0] += 2
        connection.count()
    last = last_line()
    assert [last[name] for name in ("round", "done", "keys")] == [2, keys, keys]


def test_the_way_to_aws_is_a_phase(time):
    connection = Connection(SEOUL)
    identity = {"Account": "123456789012", "Arn": "arn:aws:sts::123456789012:assumed-role/x/y"}
    stubbed(connection, "sts").add_response("get_caller_identity", identity, {})
    connection.open()
    assert list(connection.measured()["seconds_by_phase"]) == ["connect"]


# --- in time ----------------------------------------------------------------------------------------------------


@pytest.fixture
def quick(monkeypatch):
    """A connection that gives up soon; the clock stands, so what is waited for is waited for in earnest."""
    monkeypatch.setattr(edge, "QUICK_SECONDS", 1.0)
    return Connection(SEOUL, quick=True)


@pytest.fixture
def hanging():
    """A function that does not end before the test does."""
    ended = threading.Event()

    def hang(key):
        if not str(key).startswith("hung"):
            return str(key).upper()
        return ended.wait(60)

    yield hang
    ended.set()


@pytest.mark.parametrize("keys", [[], ["a"], ["a", "b", "c"], [f"k{n}" for n in range(60)]], ids=len)
def test_what_answers_in_time_has_its_own_result_in_order(quick, hanging, keys):
    assert list(quick.each(hanging, keys).items()) == [(key, key.upper()) for key in keys]


@pytest.mark.parametrize("hung", [1, edge.THREADS - 1], ids=["one", "all threads but one"])
def test_what_hangs_is_given_up_and_keeps_nobody_from_the_rest(quick, hanging, hung):
    others = [f"k{number}" for number in range(60)]
    results = quick.each(hanging, [*(f"hung{number}" for number in range(hung)), *others])
    assert {key: results[key] for key in others} == {key: key.upper() for key in others}
    late = [value for key, value in results.items() if key not in others]
    assert [(str(one), one.code) for one in late] == [
        ("there was no answer within 1 seconds", edge.NOT_ANSWERED)
    ] * hung


def test_nothing_is_begun_once_time_is_up(quick, hanging, time):
    results = quick.each(hanging, [f"hung{number}" for number in range(edge.THREADS)] + ["a"])
    assert {type(value) for value in results.values()} == {AwsFailure}
    time[0] = 5.0
    assert quick.each(hanging, ["a"])["a"].__class__ is AwsFailure


def test_no_thread_keeps_the_process_alive(quick, hanging):
    quick.each(hanging, ["hung"])
    assert {one.daemon for one in threading.enumerate() if one.name.startswith("reader")} <= {True}


@pytest.mark.parametrize("error", [Unusable("no route"), KeyError("a defect")], ids=["unusable", "defect"])
def test_what_stops_everything_does_not_wait_for_what_hangs(monkeypatch, hanging, error):
    monkeypatch.setattr(edge, "QUICK_SECONDS", 600)

    def stopping(key):
        if key == "stop":
            raise error
        return hanging(key)

    with pytest.raises(type(error)):
        Connection(SEOUL, quick=True).each(stopping, ["hung", "stop"])


def test_one_failure_is_its_own_in_time_too(quick):
    def fails(key):
        raise Failure(f"{key} is refused")

    assert str(quick.each(fails, ["a"])["a"]) == "a is refused"


def test_who_does_not_learn_in_time_who_he_is_stops(quick, monkeypatch):
    ended = threading.Event()
    monkeypatch.setattr(Connection, "_identity", property(lambda self: ended.wait(60)))
    with pytest.raises(Unusable, match="GetCallerIdentity: there was no answer within") as stopped:
        quick.open()
    assert stopped.value.operation == "sts:GetCallerIdentity"
    ended.set()


@pytest.mark.parametrize(
    ("error", "message"), [("AccessDenied", "sts:GetCallerIdentity in ap-northeast-2 is denied"), (None, None)]
)
def test_a_quick_connection_opens_like_any_other(quick, error, message):
    sts = stubbed(quick, "sts")
    if error:
        sts.add_client_error("get_caller_identity", error)
        with pytest.raises(Unusable, match=message):
            quick.open()
    else:
        arn = "arn:aws:sts::123456789012:assumed-role/x/y"
        sts.add_response("get_caller_identity", {"Account": "123456789012", "Arn": arn}, {})
        assert quick.open() == Place("aws", "ap-northeast-2", "123456789012")


def test_all_of_it_fits_into_a_minute():
    """Two services that hang one after the other, and ten seconds for all that is not asked of AWS."""
    tries = edge.QUICK["attempts"] * edge.QUICK["read_timeout"]
    assert tries < edge.QUICK_SECONDS <= 50
    first = edge.FIRST_REQUEST["attempts"] * (
        edge.FIRST_REQUEST["connect_timeout"] + edge.FIRST_REQUEST["read_timeout"]
    )
    assert first + tries < edge.QUICK_SECONDS


@pytest.mark.parametrize(
    ("is_quick", "operation", "read_timeout", "attempts"),
    [
        (False, "list_aliases", 65, 8),
        (False, "invoke", 65, 8),
        (True, "list_aliases", 8, 3),
        (True, "invoke", 65, 1),
    ],
    ids=["patient", "patient, invoking", "quick", "quick, invoking"],
)
def test_how_long_a_request_is_waited_for(is_quick, operation, read_timeout, attempts):
    config = Connection(SEOUL, quick=is_quick)._client_for("lambda", operation).meta.config
    assert (config.read_timeout, config.retries["total_max_attempts"]) == (read_timeout, attempts)


# --- replies that were cut off or replaced on their way ---------------------------------------------------------


@pytest.fixture
def answered(monkeypatch):
    """``answered(body)``: whatever is asked next is answered so."""

    class Raw:
        def __init__(self, body):
            self.body = body

        def stream(self, *args, **how):
            yield self.body

        def read(self, *args):
            return self.body

    def answered(body, status=200):
        reply = awsrequest.AWSResponse("http://127.0.0.1", status, {"content-type": "x"}, Raw(body))
        monkeypatch.setattr(httpsession.URLLib3Session, "send", lambda session, request: reply)

    return answered


RULE = ("events", "describe_rule", {"Name": "r"})
ALIASES = ("lambda", "list_aliases", {"FunctionName": "f"})
PARAMETERS = ("ssm", "get_parameters", {"Names": ["/a"]})
POLICIES = ("autoscaling", "describe_policies", {})


@pytest.mark.parametrize(
    ("asked", "body"),
    [
        (RULE, b'{"Name": "r", "Sta'),
        (RULE, b""),
        (RULE, b"<html><body>Proxy</body></html>"),
        (RULE, b'{"Name": "\xed'),
        (ALIASES, b'{"Aliases": [{"Na'),
        (ALIASES, b""),
        (PARAMETERS, b'{"Parameters": [{"LastModifiedDate": "no time"}]}'),
        (POLICIES, b"<DescribePoliciesResponse><Descr"),
        (POLICIES, b'{"not": "XML"}'),
    ],
    ids=["cut off", "empty", "a page", "half a letter", "cut off, REST", "empty, REST", "no time", "XML", "no XML"],
)
def test_a_reply_that_cannot_be_read_is_no_empty_one(answered, asked, body):
    service, operation, params = asked
    answered(body)
    connection = Connection(SEOUL)
    with pytest.raises(AwsFailure) as refused:
        connection.call(service, operation, **params)
    assert refused.value.__class__ is AwsFailure
    assert "gave an answer that cannot be read" in str(refused.value)
    action = f"{service}:{connection._client(service).meta.method_to_api_mapping[operation]}"
    assert refused.value.operation == action


def test_no_page_is_taken_for_an_empty_one(answered):
    answered(b'{"Aliases": [')
    with pytest.raises(AwsFailure, match="cannot be read"):
        list(Connection(SEOUL).pages("lambda", "list_aliases", "Aliases", FunctionName="f"))


@pytest.mark.parametrize(
    ("asked", "body", "status"),
    [
        (RULE, b'{"Name": "r"}', 200),
        (("events", "remove_permission", {"StatementId": "s"}), b"", 200),
        (("lambda", "delete_alias", {"FunctionName": "f", "Name": "a"}), b"", 204),
        (("lambda", "invoke", {"FunctionName": "f"}), b"no JSON", 200),
    ],
    ids=["whole", "nothing to say", "no content", "a stream"],
)
def test_a_good_reply_is_read(answered, asked, body, status):
    service, operation, params = asked
    answered(body, status)
    Connection(SEOUL).call(service, operation, **params)


def test_secrets_are_never_logged():
    secret = {name for name, spec in CONNECTION_OPTIONS.items() if spec.get("no_log")}
    assert secret == {"secret_key", "session_token", "external_id"}


def test_rules_speak_of_options_that_exist():
    named = {
        option
        for rule in ("mutually_exclusive", "required_together")
        for pair in CONNECTION_RULES[rule]
        for option in pair
    }
    named |= {option for pair in CONNECTION_RULES["required_by"].items() for option in (pair[0], *pair[1])}
    assert named | edge.ENVIRONMENT.keys() <= CONNECTION_OPTIONS.keys()
