# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is fired is the version behind ``live``; what was live, or was made by hand, stays behind ``previous``."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from itertools import pairwise

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import Failure
from ansible_collections.academy.video_scaling.plugins.module_utils.plan import Reply, Wait, is_one_of
from ansible_collections.academy.video_scaling.plugins.module_utils.resources import function
from ansible_collections.academy.video_scaling.plugins.module_utils.resources.function import (
    DESCRIPTION,
    KEPT,
    LATEST,
    Found,
    Function,
    Release,
)
from ansible_collections.academy.video_scaling.tests.unit.examples import FUNCTION, PLACE, ROOT, given, other, settings
from ansible_collections.academy.video_scaling.tests.unit.fake_aws import FakeAws, operations, refusal, sent
from ansible_collections.academy.video_scaling.tests.unit.tag_cases import TAGS, every_drift, require_own_tags_shown

RECORDED = ROOT / "tests" / "unit" / "recorded" / "20260222_091201" / "lambda_config.json"
ROLE = "arn:aws:iam::123456789012:role/depth-role"
OURS = Release("sha-new", ROLE)
OLD = replace(OURS, code_sha256="sha-old")
BY_HAND = Release(
    "sha-hand",
    "arn:aws:iam::123456789012:role/academy-lambda",
    runtime="python3.11",
    architecture="x86_64",
    timeout=30,
    description="",
    environment=("API_KEY", "API_URL"),
    subnet_ids=("subnet-1",),
)
WANTED = Function(FUNCTION, OURS, OURS, settings(), archive=b"zip")
# A function made by hand as AWS describes it.
CONFIGURATION = {
    "FunctionName": FUNCTION,
    "Runtime": "python3.11",
    "Role": "arn:aws:iam::123456789012:role/academy-lambda",
    "Handler": "lambda_function.lambda_handler",
    "Description": "",
    "Timeout": 30,
    "MemorySize": 128,
    "CodeSha256": "sha-hand",
    "Version": "$LATEST",
    "VpcConfig": {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"], "VpcId": "vpc-1"},
    "Environment": {"Variables": {"API_URL": "REDACTED", "API_KEY": "REDACTED"}},
    "TracingConfig": {"Mode": "PassThrough"},
    "LoggingConfig": {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{FUNCTION}"},
    "RevisionId": "revision-1",
    "State": "Active",
    "LastUpdateStatus": "Successful",
    "PackageType": "Zip",
    "Architectures": ["x86_64"],
}


def live(latest=OURS, released=OURS, weights=(), **found):
    """A function of this collection, published."""
    known = {"revision_id": "r-1", "live_version": "4", "live_revision_id": "r-live", "previous_version": "3", **found}
    return Function(FUNCTION, latest, released, settings(), live_weights=weights, found=Found(**known))


def created(latest):
    """What a run that was stopped after CreateFunction leaves: it is Pending, and nothing is published."""
    return Function(FUNCTION, latest, None, None, found=Found("r-1", settling=("function_active",)))


def by_hand(latest=BY_HAND, released=None, **found):
    return Function(FUNCTION, latest, released, None, found=Found(**{"revision_id": "r-1", **found}))


def params_of(plan, operation):
    return [params for name, params in sent(plan) if name == operation]


def test_a_response_is_read_without_the_values_of_its_variables():
    assert function.from_response(CONFIGURATION) == BY_HAND


def test_what_a_response_leaves_out_is_lambdas_default():
    bare = {name: CONFIGURATION[name] for name in ("FunctionName", "CodeSha256", "Role", "MemorySize", "Timeout")}
    assert function.from_response(bare) == Release(
        "sha-hand", CONFIGURATION["Role"], runtime="", architecture="x86_64", timeout=30, handler="", description=""
    )


@pytest.mark.parametrize(
    ("added", "field", "value"),
    [
        ({"Layers": [{"Arn": "arn:layer:1", "CodeSize": 1}]}, "layers", ("arn:layer:1",)),
        ({"FileSystemConfigs": [{"Arn": "arn:efs", "LocalMountPath": "/mnt/a"}]}, "file_systems", ("arn:efs",)),
        ({"TracingConfig": {"Mode": "Active"}}, "tracing_mode", "Active"),
        ({"DeadLetterConfig": {"TargetArn": "arn:dlq"}}, "dead_letter_target_arn", "arn:dlq"),
        ({"LoggingConfig": {"LogGroup": "/elsewhere"}}, "log_group", "/elsewhere"),
        ({"VpcConfig": {"SubnetIds": ["b", "a"]}}, "subnet_ids", ("a", "b")),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_a_publisher_never_has_is_read(added, field, value):
    assert getattr(function.from_response(CONFIGURATION | added), field) == value


def test_every_field_of_a_release_is_one_that_a_request_carries():
    carried = {name for name, _params in function.to_request(FUNCTION, OURS).values()}
    assert carried | {"code_sha256", "architecture"} == set(vars(OURS))


CONFIGURE = ["update_function_configuration", "function_updated"]
CODE = ["update_function_code", "function_updated"]
PUBLISH = ["publish_version", "published_version_active"]
ALIASES = ["update_alias", "update_alias"]
KEEP = ["publish_version", "create_alias", "get_function_configuration"]
SEEN = replace(BY_HAND, description=KEPT)
UPDATING = ("function_updated",)
UPDATED = ["function_updated", "get_function_configuration"]


@pytest.mark.parametrize(
    ("current", "steps"),
    [
        pytest.param(None, ["create_function", "function_active", *PUBLISH, "create_alias"], id="nothing there"),
        pytest.param(live(), [], id="as declared"),
        pytest.param(live(OLD, OLD), [*CODE, *PUBLISH, *ALIASES], id="other code"),
        pytest.param(
            live(replace(OURS, memory_size=512), replace(OURS, memory_size=512)),
            [*CONFIGURE, *PUBLISH, *ALIASES],
            id="other memory",
        ),
        pytest.param(
            live(replace(OLD, timeout=20), OLD), [*CODE, *CONFIGURE, *PUBLISH, *ALIASES], id="other code and time"
        ),
        pytest.param(live(replace(OURS, architecture="x86_64")), CODE, id="other processor of what is not live"),
        pytest.param(live(replace(OURS, memory_size=512)), CONFIGURE, id="edited by hand, not published"),
        pytest.param(
            live(replace(BY_HAND, role=ROLE)),
            ["publish_version", "get_function_configuration", *CODE, *CONFIGURE],
            id="replaced by hand, not published",
        ),
        pytest.param(live(OURS, OLD), [*PUBLISH, *ALIASES], id="alias moved back by hand"),
        pytest.param(live(weights=("3",)), ["update_alias"], id="a share goes to another version"),
        pytest.param(
            live(OLD, OLD, previous_version=None), [*CODE, *PUBLISH, "create_alias", "update_alias"], id="first change"
        ),
        pytest.param(
            live(OLD, OLD, settling=UPDATING), [*UPDATED, *CODE, *PUBLISH, *ALIASES], id="an update is under way"
        ),
        pytest.param(
            live(replace(OURS, memory_size=512), settling=UPDATING),
            [*UPDATED, *CONFIGURE],
            id="an update is under way, other memory",
        ),
        pytest.param(
            live(OURS, OLD, settling=UPDATING), ["function_updated", *PUBLISH, *ALIASES], id="still uploading ours"
        ),
        pytest.param(live(settling=UPDATING), [], id="an update is under way, as declared"),
        pytest.param(created(OURS), ["function_active", *PUBLISH, "create_alias"], id="stopped while it was made"),
        pytest.param(
            created(OLD),
            ["function_active", "get_function_configuration", *CODE, *PUBLISH, "create_alias"],
            id="stopped while other code was made",
        ),
        pytest.param(
            by_hand(settling=("function_active", "function_updated")),
            ["function_active", *UPDATED, *KEEP, *CODE, *CONFIGURE, *PUBLISH, "create_alias"],
            id="made by hand, not active yet",
        ),
        pytest.param(live(update_failed=True), CONFIGURE, id="the last update failed"),
        pytest.param(by_hand(), [*KEEP, *CODE, *CONFIGURE, *PUBLISH, "create_alias"], id="made by hand"),
        pytest.param(
            by_hand(previous_version="1", previous=SEEN),
            [*CODE, *CONFIGURE, *PUBLISH, "create_alias"],
            id="made by hand, kept already",
        ),
        pytest.param(
            by_hand(previous_version="1", previous=replace(BY_HAND, code_sha256="sha-older")),
            [KEEP[0], "update_alias", KEEP[2], *CODE, *CONFIGURE, *PUBLISH, "create_alias"],
            id="made by hand, with an alias previous of somebody else",
        ),
        pytest.param(
            by_hand(OURS, previous_version="1", previous=SEEN),
            [*PUBLISH, "create_alias"],
            id="stopped before going live",
        ),
        pytest.param(
            by_hand(replace(BY_HAND, code_sha256="sha-new"), previous_version="1", previous=SEEN),
            [*CODE, *CONFIGURE, *PUBLISH, "create_alias"],
            id="stopped after the upload, of another processor",
        ),
        pytest.param(
            by_hand(replace(BY_HAND, code_sha256="sha-half"), previous_version="1", previous=SEEN),
            [*CODE, *CONFIGURE, *PUBLISH, "create_alias"],
            id="stopped after the upload, of other settings",
        ),
        pytest.param(
            by_hand(released=BY_HAND, live_version="9", live_revision_id="r"),
            [*CODE, *CONFIGURE, *PUBLISH, "create_alias", "update_alias"],
            id="made by hand, live by hand",
        ),
        pytest.param(
            by_hand(released=BY_HAND, live_version=LATEST, live_revision_id="r"),
            [*KEEP, *CODE, *CONFIGURE, *PUBLISH, "update_alias"],
            id="made by hand, live is what lies there",
        ),
        pytest.param(live(live_version=LATEST), [*PUBLISH, "update_alias"], id="ours, but live is what lies there"),
    ],
)
def test_the_way_to_the_declared_function(current, steps):
    plan = function.plan(current, WANTED)
    assert operations(plan) == steps


@pytest.mark.parametrize(
    "current",
    [
        None,
        live(OLD, OLD),
        live(OURS, OLD),
        live(replace(OURS, memory_size=512)),
        live(weights=("3",)),
        by_hand(),
        by_hand(released=BY_HAND, live_version=LATEST),
    ],
    ids=["new", "code", "alias", "latest", "weights", "by hand", "by hand, live"],
)
def test_whatever_is_sent_is_shown(current):
    assert function.plan(current, WANTED).differences()


def test_a_new_function_is_made_whole():
    (params,) = params_of(function.plan(None, WANTED), "create_function")
    assert params == {
        "FunctionName": FUNCTION,
        "PackageType": "Zip",
        "Code": {"ZipFile": b"zip"},
        "Architectures": ["arm64"],
        "Role": ROLE,
        "Runtime": "python3.13",
        "MemorySize": 128,
        "Timeout": 50,
        "Handler": "lambda_function.lambda_handler",
        "Description": DESCRIPTION,
    }


@pytest.mark.parametrize(
    ("field", "value", "key", "mended"),
    [
        ("role", "arn:other", "Role", ROLE),
        ("runtime", "python3.11", "Runtime", "python3.13"),
        ("memory_size", 512, "MemorySize", 128),
        ("timeout", 20, "Timeout", 50),
        ("handler", "index.handler", "Handler", "lambda_function.lambda_handler"),
        ("description", "by hand", "Description", DESCRIPTION),
        ("environment", ("DEBUG",), "Environment", {"Variables": {}}),
        ("subnet_ids", ("subnet-1",), "VpcConfig", {"SubnetIds": [], "SecurityGroupIds": []}),
        ("layers", ("arn:layer:1",), "Layers", []),
        ("file_systems", ("arn:efs",), "FileSystemConfigs", []),
        ("tracing_mode", "Active", "TracingConfig", {"Mode": "PassThrough"}),
        ("dead_letter_target_arn", "arn:dlq", "DeadLetterConfig", {"TargetArn": ""}),
        ("log_group", "/elsewhere", "LoggingConfig", {"LogGroup": f"/aws/lambda/{FUNCTION}"}),
    ],
)
def test_only_the_setting_that_differs_is_sent(field, value, key, mended):
    plan = function.plan(live(replace(OURS, **{field: value})), WANTED)
    assert params_of(plan, "update_function_configuration") == [
        {"FunctionName": FUNCTION, key: mended, "RevisionId": "r-1"}
    ]
    assert [line.split(":")[0] for line in plan.differences()] == [f"latest.{field}"]


def test_code_and_aliases_carry_the_revision_that_was_read():
    plan = function.plan(live(OLD, OLD), WANTED)
    assert params_of(plan, "update_function_code") == [
        {"FunctionName": FUNCTION, "ZipFile": b"zip", "Architectures": ["arm64"], "RevisionId": "r-1"}
    ]
    assert params_of(plan, "publish_version") == [{"FunctionName": FUNCTION, "CodeSha256": "sha-new"}]
    assert params_of(plan, "update_alias") == [
        {"FunctionName": FUNCTION, "Name": "previous", "FunctionVersion": "4"},
        {
            "FunctionName": FUNCTION,
            "Name": "live",
            "FunctionVersion": Reply("published", "Version"),
            "RevisionId": "r-live",
        },
    ]


@pytest.mark.parametrize(
    ("current", "operation"),
    [
        (live(OLD, OLD, settling=UPDATING), "update_function_code"),
        (live(replace(OURS, memory_size=512), settling=UPDATING), "update_function_configuration"),
        (by_hand(settling=UPDATING), "publish_version"),
    ],
    ids=["code", "configuration", "what was made by hand"],
)
def test_the_revision_is_read_again_once_what_was_under_way_has_ended(current, operation):
    """AWS gives the function another one then, and refuses the one that was found before."""
    plan = function.plan(current, WANTED)
    assert params_of(plan, operation)[0]["RevisionId"] == Reply("settled", "RevisionId")
    (read,) = [step for step in plan.requests if getattr(step, "label", "") == "settled"]
    assert isinstance(plan.requests[plan.requests.index(read) - 1], Wait)
    assert "<RevisionId of settled>" in [step.shown()["params"].get("RevisionId") for step in plan.requests]


def test_an_upload_under_way_is_waited_for_before_its_version_is_published():
    steps = operations(function.plan(live(OURS, OLD, settling=UPDATING), WANTED))
    assert steps.index("function_updated") < steps.index("publish_version")


OTHER_RUNTIME = replace(OLD, runtime="python3.7")


@pytest.mark.parametrize(
    ("current", "revision"),
    [
        (live(OTHER_RUNTIME, OTHER_RUNTIME), "r-1"),
        (live(OTHER_RUNTIME, OTHER_RUNTIME, settling=UPDATING), Reply("settled", "RevisionId")),
        (by_hand(), Reply("kept", "RevisionId")),
    ],
    ids=["ours", "ours, still settling", "made by hand"],
)
def test_a_blocked_runtime_goes_before_the_code(current, revision):
    """Only where AWS refuses the code for it, which is known once it was sent."""
    (code,) = [step for step in function.plan(current, WANTED).requests if getattr(step, "instead", ())]
    assert code.operation == "update_function_code"
    refusal_of_aws = "The runtime parameter of python3.7 is no longer supported for creating or updating AWS Lambda"
    assert is_one_of(refusal("InvalidParameterValueException", refusal_of_aws), code.refusals)
    assert not is_one_of(refusal("InvalidParameterValueException", "Unzipped size must be smaller"), code.refusals)
    runtime, updated, again = code.instead
    assert (runtime.operation, runtime.params) == (
        "update_function_configuration",
        {"FunctionName": FUNCTION, "Runtime": "python3.13", "RevisionId": revision},
    )
    assert (updated.waiter, again.operation) == ("function_updated", "update_function_code")
    # The revision of before is gone, and whoever comes second was refused with it.
    assert again.params == {name: value for name, value in code.params.items() if name != "RevisionId"}
    assert [step["operation"] for step in code.shown()["if_refused"] if "operation" in step] == [
        "update_function_configuration",
        "update_function_code",
    ]


def test_code_for_the_runtime_that_is_there_has_no_other_way():
    (code,) = [step for step in function.plan(live(OLD, OLD), WANTED).requests if "ZipFile" in step.params]
    assert (code.instead, code.refusals) == ((), ())


def test_an_alias_that_shared_its_invocations_no_longer_does():
    (params,) = params_of(function.plan(live(weights=("3",)), WANTED), "update_alias")
    assert params == {
        "FunctionName": FUNCTION,
        "Name": "live",
        "FunctionVersion": "4",
        "RevisionId": "r-live",
        "RoutingConfig": {"AdditionalVersionWeights": {}},
    }


@pytest.mark.parametrize(
    ("current", "alias"),
    [
        (by_hand(), "create_alias"),
        (by_hand(released=BY_HAND, live_version=LATEST), "create_alias"),
        (by_hand(previous_version="1", previous=replace(BY_HAND, code_sha256="sha-older")), "update_alias"),
    ],
    ids=["no alias", "live is what lies there", "previous is other code"],
)
def test_what_was_made_by_hand_is_a_version_before_its_code_is_replaced(current, alias):
    plan = function.plan(current, WANTED)
    assert sent(plan)[:2] == [
        (
            "publish_version",
            {"FunctionName": FUNCTION, "CodeSha256": "sha-hand", "Description": KEPT, "RevisionId": "r-1"},
        ),
        (alias, {"FunctionName": FUNCTION, "Name": "previous", "FunctionVersion": Reply("found", "Version")}),
    ]
    (code,) = params_of(plan, "update_function_code")
    assert code["RevisionId"] == Reply("kept", "RevisionId")
    assert LATEST not in [params.get("FunctionVersion") for _name, params in sent(plan)]


def test_a_hand_made_version_behind_live_becomes_the_previous_one():
    plan = function.plan(by_hand(released=BY_HAND, live_version="9", live_revision_id="r"), WANTED)
    assert params_of(plan, "create_alias") == [{"FunctionName": FUNCTION, "Name": "previous", "FunctionVersion": "9"}]


def test_whatever_is_sent_next_finds_the_function_settled():
    steps = function.plan(by_hand(), WANTED).requests
    for step, following in pairwise(steps):
        if getattr(step, "operation", "").startswith("update_function"):
            assert isinstance(following, Wait)


@pytest.mark.parametrize(
    "current",
    [None, live(replace(OLD, timeout=20), OLD), live(OLD, OLD, settling=UPDATING), by_hand()],
    ids=["new", "changed", "still settling", "made by hand"],
)
def test_what_lambda_is_not_ready_for_is_repeated(current):
    steps = function.plan(current, WANTED).requests
    # Also the waits: what a run has just made may not be found by the next request, whichever that is.
    assert all(("ResourceNotFoundException", "") in step.until_consistent for step in steps)
    role = ("create_function", "update_function_configuration")
    needing = [step for step in steps if getattr(step, "operation", "") in role]
    assert all(("InvalidParameterValueException", "cannot be assumed") in step.until_consistent for step in needing)


def test_an_absent_function_goes_whole():
    assert sent(function.plan(live(), None)) == [("delete_function", {"FunctionName": FUNCTION})]
    assert not function.plan(None, None).changed


@pytest.mark.parametrize(
    ("current", "wanted", "reason"),
    [
        (by_hand(), None, "was not made by this collection"),
        (by_hand(released=BY_HAND), None, "was not made by this collection"),
        (by_hand(package_type="Image"), WANTED, "container image"),
    ],
    ids=["by hand", "live by hand", "an image"],
)
def test_what_is_refused(current, wanted, reason):
    with pytest.raises(Failure, match=reason):
        function.plan(current, wanted)


def test_served_pools_are_shown_and_unknown_is_said():
    assert live().shown(False)["pools"] == settings()
    assert by_hand().shown(False)["pools"] == "unknown"


def test_only_what_is_set_is_shown():
    assert not {"layers", "subnet_ids", "log_group"} & OURS.shown().keys()
    assert BY_HAND.shown()["subnet_ids"] == ["subnet-1"]


# --- finding ----------------------------------------------------------------------------------------------------


def configured(release, **changes):
    whole = CONFIGURATION | {
        "CodeSha256": release.code_sha256,
        "Description": release.description,
        "Role": release.role,
        "Runtime": release.runtime,
        "Timeout": release.timeout,
        "Architectures": [release.architecture],
        "VpcConfig": {"SubnetIds": list(release.subnet_ids)},
        "Environment": {"Variables": dict.fromkeys(release.environment, "x")},
    }
    return whole | changes


def answered(answer, **reply):
    return lambda params: {"Payload": io.BytesIO(json.dumps(answer).encode()), **reply}


DESCRIBED = answered({"version": "4", "pools": list(settings(other()).values())})


def account(latest=OURS, released=OURS, aliases=("live", "previous"), answer=None, **answers):
    """:param aliases: by name, or as listed."""
    versions = {"live": "4", "previous": "3"}
    known = {"live": configured(released), "previous": configured(SEEN)}
    listed = [
        {"Name": alias, "FunctionVersion": versions[alias], "RevisionId": f"r-{alias}"}
        if isinstance(alias, str)
        else alias
        for alias in aliases
    ]
    return FakeAws(
        {
            "lambda.get_function_configuration": lambda params: known.get(params.get("Qualifier"), configured(latest)),
            "lambda.list_aliases": listed,
            "lambda.invoke": answer or refusal("unexpected"),
        }
        | answers
    )


def asked_of(aws):
    return [
        (params["Qualifier"], json.loads(params["Payload"])) for name, params in aws.asked if name == "lambda.invoke"
    ]


DESCRIBE = {"describe": True}


@pytest.mark.parametrize(
    ("aws", "pools", "asked"),
    [
        pytest.param(account(), settings(), [], id="the expected zip serves the expected pools"),
        pytest.param(
            account(OLD, OLD, answer=DESCRIBED), settings(other()), [("4", DESCRIBE)], id="another version is asked"
        ),
        pytest.param(account(BY_HAND, BY_HAND), None, [], id="what was made by hand is never invoked"),
        pytest.param(account(aliases=()), settings(), [], id="stopped before going live, the expected zip"),
        pytest.param(
            account(OLD, aliases=(), answer=DESCRIBED),
            settings(other()),
            [(LATEST, DESCRIBE)],
            id="stopped before going live",
        ),
        pytest.param(account(OLD, OLD, answer=answered({"ok": 1})), None, [("4", DESCRIBE)], id="it does not say"),
    ],
)
def test_which_pools_are_served(aws, pools, asked):
    found = function.find(aws, FUNCTION, "sha-new", settings())
    assert found.pools == pools
    assert asked_of(aws) == asked


@pytest.mark.parametrize(
    ("configuration", "found"),
    [
        ({}, {}),
        ({"State": "Pending"}, {"settling": ("function_active",)}),
        ({"LastUpdateStatus": "InProgress"}, {"settling": ("function_updated",)}),
        (
            {"State": "Pending", "LastUpdateStatus": "InProgress"},
            {"settling": ("function_active", "function_updated")},
        ),
        ({"LastUpdateStatus": "Failed"}, {"update_failed": True}),
        ({"PackageType": "Image"}, {"package_type": "Image"}),
        ({"RevisionId": None}, {"revision_id": None}),
    ],
    ids=str,
)
def test_what_the_requests_need_to_know_is_found(configuration, found):
    aws = account(**{"lambda.get_function_configuration": configured(OURS, **configuration)})
    expected = {"revision_id": "revision-1", "live_version": "4", "live_revision_id": "r-live", "previous_version": "3"}
    assert function.find(aws, FUNCTION, "sha-new", settings()).found == Found(**expected | found)


def test_the_version_kept_is_read_only_beside_hand_made_code():
    assert function.find(account(BY_HAND, BY_HAND), FUNCTION, "sha-new", {}).found.previous == SEEN
    assert function.find(account(), FUNCTION, "sha-new", {}).found.previous is None


def test_a_weighted_alias_is_found():
    alias = {
        "Name": "live",
        "FunctionVersion": "4",
        "RevisionId": "r",
        "RoutingConfig": {"AdditionalVersionWeights": {"3": 0.1}},
    }
    assert function.find(account(aliases=[alias]), FUNCTION, "sha-new", settings()).live_weights == ("3",)


def test_a_missing_function_is_none():
    missing = refusal("ResourceNotFoundException")
    assert function.find(account(**{"lambda.get_function_configuration": missing}), FUNCTION, "", {}) is None


@pytest.mark.parametrize(
    ("aws", "names"),
    [
        (account(), {"live", "previous"}),
        (account(aliases=()), set()),
        (account(**{"lambda.list_aliases": refusal("ResourceNotFoundException")}), set()),
    ],
    ids=["two", "none", "no function"],
)
def test_the_aliases(aws, names):
    found = function.aliases(aws, FUNCTION)
    assert {name: alias["Name"] for name, alias in found.items()} == {name: name for name in names}


def test_aliases_that_may_not_be_read_are_not_taken_for_none():
    with pytest.raises(Failure, match="AccessDenied"):
        function.aliases(account(**{"lambda.list_aliases": refusal("AccessDeniedException")}), FUNCTION)


@pytest.mark.parametrize("operation", ["lambda.get_function_configuration", "lambda.list_aliases", "lambda.invoke"])
def test_what_may_not_be_read_is_reported(operation):
    with pytest.raises(Failure, match="AccessDenied"):
        function.find(account(OLD, OLD, **{operation: refusal("AccessDeniedException")}), FUNCTION, "sha-new", {})


@pytest.mark.parametrize(
    ("aws", "served"),
    [
        (account(**{"lambda.get_function_configuration": refusal("ResourceNotFoundException")}), {}),
        (account(BY_HAND, BY_HAND), {}),
        (account(OLD, OLD, answer=DESCRIBED), settings(other())),
    ],
    ids=["no function", "made by hand", "asked"],
)
def test_served(aws, served):
    assert function.served(aws, FUNCTION) == served


def test_a_function_that_does_not_say_what_it_serves_is_not_guessed_at():
    with pytest.raises(Failure, match="does not say which pools it serves"):
        function.served(account(OLD, OLD, answer=answered({})), FUNCTION)


@pytest.mark.parametrize(
    ("aws", "found"),
    [
        (account(**{"lambda.get_function_configuration": refusal("ResourceNotFoundException")}), "found nothing"),
        (account(BY_HAND, BY_HAND), "found a version that this collection did not make"),
        (account(), None),
    ],
    ids=["nothing", "by hand", "ours"],
)
def test_only_the_own_function_is_asked_to_measure(aws, found):
    if found:
        with pytest.raises(Failure, match=found):
            function.require_own(aws, FUNCTION)
    else:
        function.require_own(aws, FUNCTION)
    assert asked_of(aws) == []


def test_the_recorded_function_is_one_made_by_hand():
    release = function.from_response(json.loads(RECORDED.read_text()))
    current = by_hand(release)
    assert current.made_by_hand
    assert release.environment == ("LAMBDA_INTERNAL_API_KEY", "VIDEO_BACKLOG_API_INTERNAL")
    assert "REDACTED" not in json.dumps(current.shown(with_latest=True))
    assert operations(function.plan(current, WANTED))[:3] == KEEP


def test_the_settings_are_those_of_the_pools():
    assert settings(given(), other()).keys() == {"video", "audio"}


# --- tags -------------------------------------------------------------------------------------------------------

TAGGED = replace(WANTED, tags=TAGS)
ARN = PLACE.function_arn(FUNCTION)


def test_a_new_function_is_made_with_its_tags():
    plan = function.plan(None, TAGGED)
    assert [params["Tags"] for params in params_of(plan, "create_function")] == [TAGS]
    require_own_tags_shown(plan, {})


@every_drift
def test_the_given_tags_of_a_function_are_mended_and_no_others(live, untagged):
    aws = account(OURS, OURS, **{"lambda.list_tags": {"Tags": live}})
    plan = function.plan(function.find(aws, FUNCTION, OURS.code_sha256, settings(), TAGS), TAGGED)
    assert sent(plan) == ([("tag_resource", {"Resource": ARN, "Tags": untagged})] if untagged else [])
    assert [params for name, params in aws.asked if name == "lambda.list_tags"] == [{"Resource": ARN}]
    require_own_tags_shown(plan, live)


def test_tags_come_after_all_that_needs_a_revision():
    aws = account(OLD, OLD, answer=DESCRIBED, **{"lambda.list_tags": {}})
    plan = function.plan(function.find(aws, FUNCTION, "sha-new", settings(), TAGS), TAGGED)
    assert operations(plan) == [*CODE, *PUBLISH, *ALIASES, "tag_resource"]


def test_tags_that_may_not_be_read_are_reported():
    aws = account(OURS, OURS, **{"lambda.list_tags": refusal("AccessDeniedException")})
    with pytest.raises(Failure, match="AccessDenied"):
        function.find(aws, FUNCTION, OURS.code_sha256, settings(), TAGS)


def test_without_given_tags_none_are_read():
    aws = account(OURS, OURS)
    function.find(aws, FUNCTION, OURS.code_sha256, settings())
    assert [name for name, _params in aws.asked] == [
        "lambda.get_function_configuration",
        "lambda.list_aliases",
        "lambda.get_function_configuration",
    ]
