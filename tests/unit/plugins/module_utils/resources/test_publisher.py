# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The given pools are added to those that are served: a run over one pool never silences the others."""

from __future__ import annotations

import importlib.util
import io
import json
from dataclasses import replace

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import Failure
from ansible_collections.academy.video_scaling.plugins.module_utils.package import code_sha256, package
from ansible_collections.academy.video_scaling.plugins.module_utils.resources import memory, publisher, role
from ansible_collections.academy.video_scaling.plugins.module_utils.resources.function import (
    DESCRIPTION,
    Found,
    Function,
    Release,
)
from ansible_collections.academy.video_scaling.plugins.module_utils.resources.log_group import LogGroup
from ansible_collections.academy.video_scaling.plugins.module_utils.resources.publisher import Publisher
from ansible_collections.academy.video_scaling.tests.unit.examples import (
    FUNCTION,
    METRIC,
    PLACE,
    ROOT,
    given,
    other,
    settings,
)
from ansible_collections.academy.video_scaling.tests.unit.fake_aws import FakeAws, operations, refusal, sent
from ansible_collections.academy.video_scaling.tests.unit.tag_cases import TAGS, as_list

CODE = "def lambda_handler(event, context): ...\n"
VIDEO, AUDIO = given(), other()
NOTHING = Publisher(None, None, None)
GIVEN_ROLE = "arn:aws:iam::123456789012:role/academy-lambda"


def desired(*pools, **changes):
    options = {
        "function_name": FUNCTION,
        "code": CODE,
        "pools": settings(*pools) if pools else {},
        "place": PLACE,
        "release": Release("", ""),
        "role_name": None,
    }
    return publisher.from_params(**options | changes)


def serving(*pools, retention=14, **changes):
    """A publisher as this collection leaves it."""
    wanted = publisher.to_desired(NOTHING, desired(*pools, **changes))
    found = Found("r", "4", "rl", "3")
    live = replace(wanted.function, found=found, archive=b"")
    return Publisher(live, wanted.role, LogGroup(wanted.log_group.name, retention))


def silent(*pools):
    """A publisher that does not say which pools it serves."""
    whole = serving(*pools)
    return replace(whole, function=replace(whole.function, pools=None))


def by_hand():
    release = Release("sha-hand", GIVEN_ROLE, description="")
    return Publisher(Function(FUNCTION, release, live=None, pools=None, found=Found("r")), None, None)


def served(current, wanted):
    return sorted(publisher.served_after(current.function, wanted))


@pytest.mark.parametrize(
    ("current", "wanted", "pools"),
    [
        pytest.param(NOTHING, desired(VIDEO), ["video"], id="first"),
        pytest.param(serving(VIDEO), desired(AUDIO), ["audio", "video"], id="added"),
        pytest.param(serving(VIDEO), desired(VIDEO), ["video"], id="the same"),
        pytest.param(serving(VIDEO, AUDIO), desired(AUDIO, purge=True), ["audio"], id="purged"),
        pytest.param(
            serving(VIDEO, AUDIO),
            desired(AUDIO, purge=True, names=frozenset({"video"})),
            ["audio", "video"],
            id="purged, one kept",
        ),
        pytest.param(
            serving(AUDIO),
            desired(AUDIO, purge=True, names=frozenset({"video"})),
            ["audio"],
            id="purged, none there to keep",
        ),
        pytest.param(
            serving(VIDEO, AUDIO), desired(present=False, names=frozenset({"video"})), ["audio"], id="taken out"
        ),
        pytest.param(serving(VIDEO), desired(present=False, names=frozenset({"video"})), [], id="the last taken out"),
        pytest.param(
            serving(VIDEO), desired(present=False, names=frozenset({"audio"})), ["video"], id="another taken out"
        ),
        pytest.param(by_hand(), desired(VIDEO), ["video"], id="made by hand, replaced whole"),
        pytest.param(silent(VIDEO), desired(AUDIO, purge=True), ["audio"], id="silent, purged"),
    ],
)
def test_which_pools_are_served_after(current, wanted, pools):
    assert served(current, wanted) == pools


def test_a_pool_is_served_as_it_was_declared_last():
    moved = given(queue_name="academy-video-jobs-2")
    assert publisher.served_after(serving(VIDEO, AUDIO).function, desired(moved)) == settings(moved, AUDIO)


@pytest.mark.parametrize(
    "wanted", [desired(AUDIO), desired(present=False, names=frozenset({"video"}))], ids=["present", "absent"]
)
def test_a_publisher_that_does_not_say_what_it_serves_is_left_alone(wanted):
    with pytest.raises(Failure, match=r"so nothing is changed; .* purge_pools: true"):
        publisher.plan(silent(VIDEO), wanted)


KEPT = {"purge": True, "names": frozenset({"video"})}


@pytest.mark.parametrize(
    ("current", "wanted", "message"),
    [
        (silent(VIDEO), desired(AUDIO, **KEPT), r"purge_pools: .* does not say whether it serves video, .* mend"),
        (
            serving(VIDEO),
            desired({**AUDIO, "metric": VIDEO["metric"]}, **KEPT),
            "writes the same metric for pool video",
        ),
    ],
    ids=["it does not say", "two would write one metric"],
)
def test_a_purge_that_cannot_keep_what_has_failed_is_refused(current, wanted, message):
    with pytest.raises(Failure, match=message):
        publisher.plan(current, wanted)


def test_more_pools_than_any_memory_is_enough_for_are_refused_before_anything_is_read():
    number = memory.most_pools(50) + 1
    pools = {f"p{place}": {} for place in range(number)}
    with pytest.raises(Failure, match=f"{number} pools are more than"):
        desired(pools=pools, memory_size=memory.AUTO, release=Release("", "", timeout=50))


CREATION = [
    "create_log_group",
    "put_retention_policy",
    "create_role",
    "put_role_policy",
    "create_function",
    "function_active",
    "publish_version",
    "published_version_active",
    "create_alias",
]
UPLOAD = ["update_function_code", "function_updated"]
GO_LIVE = ["publish_version", "published_version_active", "update_alias", "update_alias"]


@pytest.mark.parametrize(
    ("current", "wanted", "steps"),
    [
        pytest.param(NOTHING, desired(VIDEO), CREATION, id="new"),
        pytest.param(
            NOTHING,
            desired(VIDEO, release=Release("", GIVEN_ROLE)),
            [step for step in CREATION if "role" not in step],
            id="new, with a given role",
        ),
        pytest.param(serving(VIDEO), desired(VIDEO), [], id="as declared"),
        pytest.param(serving(VIDEO, AUDIO), desired(VIDEO), [], id="one of those served"),
        pytest.param(
            serving(VIDEO),
            desired(AUDIO),
            [*UPLOAD, "put_role_policy", *GO_LIVE],
            id="added: the right comes before the switch",
        ),
        pytest.param(
            serving(VIDEO, AUDIO),
            desired(VIDEO, purge=True),
            [*UPLOAD, *GO_LIVE, "put_role_policy"],
            id="dropped: the right goes last",
        ),
        pytest.param(
            serving(VIDEO, AUDIO),
            desired(present=False, names=frozenset({"audio"})),
            [*UPLOAD, *GO_LIVE, "put_role_policy"],
            id="taken out: the right goes last",
        ),
        pytest.param(
            serving(VIDEO),
            desired(present=False, names=frozenset({"video"})),
            ["delete_function", "delete_role_policy", "delete_role"],
            id="none left",
        ),
        pytest.param(
            serving(VIDEO, release=Release("", GIVEN_ROLE)),
            desired(present=False, names=frozenset({"video"}), release=Release("", GIVEN_ROLE)),
            ["delete_function"],
            id="none left, a given role stays",
        ),
        pytest.param(NOTHING, desired(present=False, names=frozenset({"video"})), [], id="absent already"),
        pytest.param(
            serving(VIDEO),
            desired(present=False, names=frozenset({"video"}), remove_log_group=True),
            ["delete_function", "delete_role_policy", "delete_role", "delete_log_group"],
            id="none left, nor its log",
        ),
        pytest.param(
            serving(VIDEO, AUDIO),
            desired(present=False, names=frozenset({"audio"}), remove_log_group=True),
            [*UPLOAD, *GO_LIVE, "put_role_policy"],
            id="one left, so its log is",
        ),
        pytest.param(
            replace(NOTHING, log_group=LogGroup(f"/aws/lambda/{FUNCTION}", 14)),
            desired(present=False, names=frozenset({"video"}), remove_log_group=True),
            ["delete_log_group"],
            id="absent, a log left over by a run that was stopped",
        ),
        pytest.param(
            by_hand(),
            desired(present=False, names=frozenset({"video"}), remove_log_group=True),
            [],
            id="made by hand, its log stays too",
        ),
        pytest.param(
            serving(VIDEO),
            desired(present=False, names=frozenset({"audio"}), code="another"),
            [],
            id="another pool's absence",
        ),
        pytest.param(by_hand(), desired(present=False, names=frozenset({"video"})), [], id="made by hand, absent"),
        pytest.param(
            replace(NOTHING, role=serving(VIDEO).role),
            desired(present=False, names=frozenset({"video"})),
            ["delete_role_policy", "delete_role"],
            id="absent, a role left over",
        ),
        pytest.param(NOTHING, desired(purge=True), [], id="purge where nothing is"),
        pytest.param(
            serving(VIDEO), desired(purge=True, names=frozenset({"video"})), [], id="purge with nobody to serve now"
        ),
        pytest.param(serving(VIDEO), desired(), [], id="no published pool in the list"),
        pytest.param(
            serving(VIDEO), desired(VIDEO, retention_in_days=7), ["put_retention_policy"], id="retention alone"
        ),
        pytest.param(serving(VIDEO, retention=None), desired(VIDEO), [], id="a log kept forever"),
    ],
)
def test_the_way_to_the_publisher(current, wanted, steps):
    plan = publisher.plan(current, wanted)
    assert operations(plan) == steps
    assert bool(plan.differences()) is bool(steps)


def test_a_dropped_pool_is_shown_beforehand():
    plan = publisher.plan(serving(VIDEO, AUDIO), desired(VIDEO, purge=True))
    assert any(line.startswith(f"function {FUNCTION}.pools.audio: expected nothing") for line in plan.differences())


def many(number, first=0):
    """So many pools that share nothing but their namespace."""
    return [
        other(
            name=f"p{n}",
            queue_name=f"academy-{n}-jobs",
            auto_scaling_group_name=f"academy-{n}-worker-asg",
            metric={**METRIC, "name": f"Depth{n}"},
        )
        for n in range(first, first + number)
    ]


FLEET = many(600)


@pytest.mark.parametrize(
    ("current", "wanted", "size"),
    [
        pytest.param(NOTHING, desired(VIDEO, memory_size="auto"), 128, id="one pool"),
        pytest.param(NOTHING, desired(*FLEET, memory_size="auto"), 256, id="a fleet"),
        pytest.param(serving(*FLEET), desired(VIDEO, memory_size="auto"), 256, id="one more of a fleet"),
        pytest.param(serving(*FLEET), desired(VIDEO, memory_size="auto", purge=True), 128, id="a fleet purged to one"),
        pytest.param(
            serving(VIDEO, *FLEET),
            desired(present=False, names=frozenset(p["name"] for p in FLEET), memory_size="auto"),
            128,
            id="a fleet taken out",
        ),
        pytest.param(NOTHING, desired(*FLEET, memory_size="512"), 512, id="a given size"),
        pytest.param(NOTHING, desired(*FLEET), 128, id="the release's own size"),
    ],
)
def test_the_memory_follows_the_pools_that_are_served_afterwards(current, wanted, size):
    function = publisher.to_desired(current, wanted).function
    assert {function.latest.memory_size, function.live.memory_size} == {size}


def test_a_fleet_with_the_memory_that_follows_is_left_alone_by_a_second_run():
    current = serving(*FLEET, memory_size="auto")
    assert not publisher.plan(current, desired(*FLEET[:3], memory_size="auto")).differences()
    grown = publisher.plan(current, desired(VIDEO, memory_size="auto"))
    assert "update_function_configuration" not in operations(grown), "the same step, so only the code changes"


def test_a_fleet_that_grows_beyond_a_step_gets_memory_with_its_code():
    grown = publisher.plan(serving(*many(300), memory_size="auto"), desired(*many(200, 300), memory_size="auto"))
    ((_name, configuration),) = [step for step in sent(grown) if step[0] == "update_function_configuration"]
    assert configuration["MemorySize"] == 256


def test_more_pools_than_one_publisher_can_serve_are_refused_before_anything_is_sent(monkeypatch):
    monkeypatch.setattr(publisher.memory, "most_pools", lambda timeout, divided: 1)
    with pytest.raises(Failure, match=r"^memory_size: 2 pools are more than the 1 "):
        publisher.plan(serving(VIDEO), desired(AUDIO, memory_size="auto"))
    assert publisher.plan(serving(VIDEO), desired(AUDIO)).differences()


def test_whatever_is_live_can_read_its_queues():
    """The version that is live reads the old queue until the next one has taken over."""
    moved = given(queue_name="academy-video-jobs-2")
    steps = sent(publisher.plan(serving(VIDEO), desired(moved)))
    wide, narrow = [
        (place, params["PolicyDocument"]) for place, (name, params) in enumerate(steps) if name == "put_role_policy"
    ]
    switch = max(place for place, (name, _params) in enumerate(steps) if name == "update_alias")
    assert wide[0] < switch < narrow[0]
    queues = [PLACE.queue_arn("academy-video-jobs"), PLACE.queue_arn("academy-video-jobs-2")]
    assert [f'"{arn}"' in wide[1] for arn in queues] == [True, True]
    assert [f'"{arn}"' in narrow[1] for arn in queues] == [False, True]


def test_the_zip_that_is_uploaded_is_the_one_whose_hash_is_compared():
    plan = publisher.plan(serving(VIDEO), desired(AUDIO))
    ((_name, code),) = [step for step in sent(plan) if step[0] == "update_function_code"]
    assert code["ZipFile"] == package(CODE, settings(VIDEO, AUDIO))
    ((_name, version),) = [step for step in sent(plan) if step[0] == "publish_version"]
    assert version["CodeSha256"] == code_sha256(code["ZipFile"])


def test_the_role_covers_every_served_pool():
    ((_name, params),) = [
        step for step in sent(publisher.plan(serving(VIDEO), desired(AUDIO))) if step[0] == "put_role_policy"
    ]
    assert "academy-video-jobs" in params["PolicyDocument"]
    assert "academy-audio-jobs" in params["PolicyDocument"]


def test_a_function_made_by_hand_gets_a_role_of_its_own():
    steps = sent(publisher.plan(by_hand(), desired(VIDEO)))
    ((_name, configuration),) = [step for step in steps if step[0] == "update_function_configuration"]
    assert configuration["Role"] == PLACE.role_arn(f"{FUNCTION}-{PLACE.region}-role")
    assert steps.index(("update_function_configuration", configuration)) > [name for name, _params in steps].index(
        "create_role"
    )


@pytest.mark.parametrize(
    ("current", "wanted", "reason"),
    [
        pytest.param(serving(VIDEO), desired(purge=True), "use state: absent", id="purge of everything"),
        pytest.param(
            serving(VIDEO),
            desired(given(name="copy")),
            "pool copy: metric: .* for pool video already; take video out",
            id="one metric twice",
        ),
        pytest.param(
            replace(serving(VIDEO), role=replace(serving(VIDEO).role, description="by hand")),
            desired(VIDEO),
            "was not made by this collection",
            id="a foreign role of that name",
        ),
    ],
)
def test_what_is_refused(current, wanted, reason):
    with pytest.raises(Failure, match=reason):
        publisher.plan(current, wanted)


@pytest.mark.parametrize(
    ("options", "option"),
    [
        ({"function_name": "depth metric"}, "function_name"),
        ({"function_name": ""}, "function_name"),
        ({"function_name": "f" * 65}, "function_name"),
        ({"function_name": "f" * 45}, "role_name"),
        ({"code": None}, "code"),
        ({"code": ""}, "code"),
        ({"release": Release("", "", memory_size=127)}, "memory_size"),
        ({"release": Release("", "", memory_size=10241)}, "memory_size"),
        ({"memory_size": 64}, "memory_size"),
        ({"memory_size": "much"}, "memory_size"),
        ({"release": Release("", "", timeout=9)}, "timeout"),
        ({"release": Release("", "", timeout=61)}, "timeout"),
        ({"release": Release("", GIVEN_ROLE), "role_name": "another"}, "role_name"),
        ({"release": Release("", "academy-lambda")}, "role"),
        ({"role_name": "depth role"}, "role_name"),
        ({"role_name": "r" * 65}, "role_name"),
    ],
    ids=str,
)
def test_an_option_that_lambda_does_not_take_is_named(options, option):
    with pytest.raises(Failure, match=f"^{option}: "):
        desired(VIDEO, **options)


@pytest.mark.parametrize(
    "options",
    [
        {"release": Release("", "", memory_size=128, timeout=60)},
        {"release": Release("", "", memory_size=10240, timeout=10)},
        {"release": Release("", "arn:aws-cn:iam::123456789012:role/path/to/role")},
        {"role_name": "r" * 64},
        {"function_name": "f" * 44},
    ],
    ids=[
        "least memory, most time",
        "most memory, least time",
        "role with a path",
        "longest role",
        "longest function with a role of its own",
    ],
)
def test_what_lambda_takes_is_accepted(options):
    assert desired(VIDEO, **options).pools


def test_an_accepted_timeout_leaves_time_to_read_the_queues():
    """The function keeps some seconds for publishing; with no more than those it would read nothing, ever."""
    source = ROOT / "files" / "lambda" / "queue_depth" / "lambda_function.py"
    spec = importlib.util.spec_from_file_location("lambda_function", source)
    code = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(code)
    accepted = []
    for timeout in range(1, 61):
        try:
            accepted.append(desired(VIDEO, release=Release("", "", timeout=timeout)).release.timeout)
        except Failure:
            continue
    assert min(accepted) > code.RESERVE_SECONDS


def test_what_is_found_is_role_log_and_function():
    current = serving(VIDEO)
    configuration = {
        "FunctionName": FUNCTION,
        "CodeSha256": current.function.latest.code_sha256,
        "Role": current.function.latest.role,
        "Runtime": "python3.13",
        "Architectures": ["arm64"],
        "MemorySize": 128,
        "Timeout": 50,
        "Handler": "lambda_function.lambda_handler",
        "Description": DESCRIPTION,
        "RevisionId": "r",
    }
    answers = {
        "lambda.get_function_configuration": configuration,
        "lambda.list_aliases": [
            {"Name": "live", "FunctionVersion": "4", "RevisionId": "rl"},
            {"Name": "previous", "FunctionVersion": "3", "RevisionId": "rp"},
        ],
        "lambda.invoke": {"Payload": io.BytesIO(json.dumps({"pools": list(settings(VIDEO).values())}).encode())},
        "iam.get_role": {
            "Role": {
                "RoleName": f"{FUNCTION}-{PLACE.region}-role",
                "AssumeRolePolicyDocument": current.role.trust,
                "Description": role.DESCRIPTION,
            }
        },
        "iam.get_role_policy": {"PolicyDocument": current.role.policy},
        "logs.describe_log_groups": [
            {"logGroupName": f"/aws/lambda/{FUNCTION}", "retentionInDays": 14, "storedBytes": 1}
        ],
    }
    for wanted in (desired(VIDEO), desired(AUDIO)):
        aws = FakeAws(answers)
        assert publisher.find(aws, {FUNCTION: wanted}) == {FUNCTION: current}
    answers["lambda.get_function_configuration"] = refusal("AccessDeniedException")
    assert "AccessDenied" in str(publisher.find(FakeAws(answers), {FUNCTION: desired(VIDEO)})[FUNCTION])


def test_a_given_role_is_not_looked_at():
    aws = FakeAws(
        {"lambda.get_function_configuration": refusal("ResourceNotFoundException"), "logs.describe_log_groups": []}
    )
    found = publisher.find(aws, {FUNCTION: desired(VIDEO, release=Release("", GIVEN_ROLE))})
    assert found == {FUNCTION: NOTHING}


# --- tags -------------------------------------------------------------------------------------------------------


def tagged(*pools, live=None):
    """A publisher as it is found, with these tags, or with those that are given."""
    live = TAGS if live is None else live
    whole = serving(*pools, tags=live)
    log_group = replace(whole.log_group, tags=live, arn=PLACE.log_group_arn(whole.log_group.name))
    found = replace(whole.function.found, arn=PLACE.function_arn(FUNCTION))
    return Publisher(replace(whole.function, found=found), whole.role, log_group)


def test_all_that_is_made_gets_the_tags():
    made = {
        name: params for name, params in sent(publisher.plan(NOTHING, desired(VIDEO, tags=TAGS))) if "create" in name
    }
    assert {name: params.get("Tags") or params.get("tags") for name, params in made.items()} == {
        "create_log_group": TAGS,
        "create_role": as_list(TAGS),
        "create_function": TAGS,
        "create_alias": None,
    }


@pytest.mark.parametrize(
    ("pools", "operations_around"),
    [
        ([VIDEO], []),
        ([AUDIO], ["update_function_code", "publish_version", "update_alias", "update_alias"]),
    ],
    ids=["as served", "one more"],
)
def test_each_part_is_tagged_once_and_the_function_last(pools, operations_around):
    names = [name for name, _params in sent(publisher.plan(tagged(VIDEO, live={}), desired(*pools, tags=TAGS)))]
    assert [name for name in names if "tag" in name] == ["tag_resource", "tag_role", "tag_resource"]
    assert names[-1] == "tag_resource"
    assert [name for name in names if "function" in name or "version" in name or "alias" in name] == operations_around
    assert not publisher.plan(tagged(VIDEO), desired(VIDEO, tags=TAGS)).changed


def test_the_pools_that_stay_keep_the_tags():
    plan = publisher.plan(tagged(VIDEO, AUDIO), desired(present=False, names=frozenset({"video"}), tags=TAGS))
    assert plan.changed
    assert not [name for name, _params in sent(plan) if "tag" in name]


def test_the_tags_of_every_part_are_looked_for():
    answers = {
        "lambda.get_function_configuration": {
            "FunctionName": FUNCTION,
            "CodeSha256": "sha",
            "Role": GIVEN_ROLE,
            "MemorySize": 128,
            "Timeout": 50,
        },
        "lambda.list_aliases": [],
        "lambda.list_tags": {"Tags": TAGS},
        "iam.get_role": {"Role": {"RoleName": "r", "AssumeRolePolicyDocument": {}, "Tags": as_list(TAGS)}},
        "iam.get_role_policy": {"PolicyDocument": {}},
        "logs.describe_log_groups": [{"logGroupName": f"/aws/lambda/{FUNCTION}"}],
        "logs.list_tags_for_resource": {"tags": TAGS},
    }
    for given_tags in (TAGS, {}):
        found = publisher.find(FakeAws(answers), {FUNCTION: desired(VIDEO, tags=given_tags)})[FUNCTION]
        assert [part.tags for part in (found.function, found.role, found.log_group)] == [given_tags] * 3


NOT_FOUND = {"iam": "NoSuchEntity", "lambda": "ResourceNotFoundException", "logs": "ResourceNotFoundException"}


@pytest.mark.parametrize(
    "current",
    [
        NOTHING,
        replace(NOTHING, role=serving(VIDEO).role),
        replace(serving(VIDEO), role=replace(serving(VIDEO).role, policy=None)),
        serving(AUDIO),
    ],
    ids=["first apply", "stopped after the role", "the policy is missing", "another pool is served"],
)
def test_whatever_follows_a_create_outlasts_that_it_does_not_show_yet(current):
    """That of this run, or of one that was stopped a moment ago."""
    steps = publisher.plan(current, desired(VIDEO)).requests
    following = [step for step in steps if not getattr(step, "operation", "").startswith(("create_role", "create_log"))]
    assert following
    assert [step for step in following if (NOT_FOUND[step.service], "") not in step.until_consistent] == []
