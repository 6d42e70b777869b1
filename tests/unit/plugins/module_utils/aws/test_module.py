# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every module refuses and answers alike, and refuses before the first request."""

from __future__ import annotations

import copy

import pytest
from ansible.module_utils.common.parameters import PASS_VARS
from ansible_collections.academy.video_scaling.plugins.module_utils.aws import module as edge
from ansible_collections.academy.video_scaling.plugins.module_utils.aws.module import (
    POOLS_REPEATED,
    PoolModule,
    failure_message,
    refusal,
)
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import Failure, Unusable
from ansible_collections.academy.video_scaling.plugins.module_utils.pool import NO_COOLDOWN
from ansible_collections.academy.video_scaling.plugins.module_utils.tags import OPTION
from ansible_collections.academy.video_scaling.tests.unit.bad_pools import BREACHES, MISTYPED
from ansible_collections.academy.video_scaling.tests.unit.examples import given, other
from ansible_collections.academy.video_scaling.tests.unit.fake_aws import FakeAws
from ansible_collections.academy.video_scaling.tests.unit.tag_cases import BAD_TAGS, TAGS

# From ansible-core 2.21 on a module repeats its options only where it is asked to; 2.19 refuses to be asked.
ASKED_TO_REPEAT = {"_ansible_inject_invocation": True} if "inject_invocation" in PASS_VARS else {}


class Untouched(FakeAws):
    """May not even be asked where it is."""

    @property
    def place(self):
        raise AssertionError("AWS was asked before the options were checked")

    @place.setter
    def place(self, value):
        pass


def module(work, **options):
    def main():
        PoolModule(**options).run(work)

    return main


def answering(*rows):
    return lambda pools, aws: {"changed": False, "pools": list(rows)}


# --- what a verbose run reports as well -------------------------------------------------------------------------

MEASURED = {"requests_by_operation", "seconds_by_phase"}


def failing(error):
    def work(pools, aws):
        aws.call("sqs", "get_queue_url", QueueName="jobs")
        raise error

    return work


@pytest.mark.parametrize(
    "work",
    [
        answering({"name": "video", "changed": False}),
        answering({"name": "video", "changed": False, "failed": True, "msg": "refused"}),
        failing(Unusable("no route")),
        failing(KeyError("a defect")),
    ],
    ids=["success", "one pool failed", "all failed", "a defect"],
)
@pytest.mark.parametrize("verbosity", [0, 1, 3])
def test_requests_and_seconds_are_reported_only_by_a_verbose_run(run, work, verbosity):
    aws = FakeAws({"sqs.get_queue_url": {"QueueUrl": "u"}})
    ended = run(module(work), {"pools": [given()], "_ansible_verbosity": verbosity}, aws)
    reported = {name: ended[name] for name in MEASURED & ended.keys()}
    assert reported == ({name: {**value} for name, value in aws.measured().items()} if verbosity else {})
    assert [(total, name != "") for name, total in aws.phases] == [(1, True)]


@pytest.mark.parametrize("number", [1, POOLS_REPEATED, POOLS_REPEATED + 1])
def test_a_result_repeats_the_options_but_not_those_of_a_fleet(run, number):
    pools = [
        given(
            name=f"video_{place}",
            queue_name=f"jobs-{place}",
            auto_scaling_group_name=f"workers-{place}",
            signal="sqs_total",
        )
        for place in range(number)
    ]
    named = [pool["name"] for pool in pools]
    ended = run(module(answering()), {"pools": pools, "region": "ap-northeast-2", **ASKED_TO_REPEAT}, FakeAws())
    options = ended["invocation"]["module_args"]
    assert options["region"] == "ap-northeast-2"
    assert [pool if number > POOLS_REPEATED else pool["name"] for pool in options["pools"]] == named


# --- refusing ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("pools", "named", "option", "reason"), BREACHES + MISTYPED)
def test_bad_input_is_refused_before_the_first_request(run, pools, named, option, reason):
    aws = Untouched()
    ended = run(module(answering()), {"pools": pools}, aws)
    assert ended["failed"]
    opening = f"{named}: {option}"
    assert ended["msg"].startswith(opening), ended["msg"]
    assert reason in ended["msg"]
    assert (aws.asked, aws.sent) == ([], [])


@pytest.mark.parametrize(("pools", "named", "option", "reason"), BREACHES + MISTYPED)
def test_a_refusal_of_the_raw_value_says_the_same(pools, named, option, reason):
    given_before = copy.deepcopy(pools)
    message = refusal(pools)
    assert message.startswith(f"{named}: {option}"), message
    assert reason in message
    assert pools == given_before


@pytest.mark.parametrize("listed", ["video", 7, {"name": "video"}], ids=str)
def test_what_is_no_list_is_refused_in_our_words(run, listed):
    assert refusal(listed).startswith(f"pools: {listed!r} is not a list")
    ended = run(module(answering()), {"pools": listed}, Untouched())
    assert (ended["failed"], ended["msg"]) == (True, refusal(listed))


def test_no_pools_at_all_is_refused_in_ansibles_words(run):
    assert refusal(None) == ""
    assert "missing required arguments: pools" in run(module(answering()), {}, Untouched())["msg"]


def test_a_pool_without_a_name_is_named_by_its_place_in_the_list():
    lines = refusal([given(weight=1), other(name="")]).splitlines()
    assert [line.split(": ")[0] for line in lines[1:]] == ["- pool video", "- pool number 2"]


def test_good_pools_are_not_the_reason():
    assert refusal([given(), other()]) == ""


def test_all_that_is_wrong_is_reported_at_once(run):
    pools = [given(target_value="fast", scale_in_cooldown=1), other(policy_name="", queue_name="jobs!")]
    lines = run(module(answering()), {"pools": pools}, Untouched())["msg"].splitlines()
    assert lines[0] == "4 problems in pools:"
    assert [line.split(": ")[:2] for line in sorted(lines[1:])] == [
        ["- pool audio", "policy_name"],
        ["- pool audio", "queue_name"],
        ["- pool video", "scale_in_cooldown"],
        ["- pool video", "target_value"],
    ]


def test_a_cooldown_is_refused_with_the_designs_sentence():
    assert NO_COOLDOWN in refusal([given(scale_out_cooldown=0)])
    assert "Application Auto Scaling" in NO_COOLDOWN
    assert "estimated_instance_warmup" in NO_COOLDOWN


@pytest.mark.parametrize(
    ("options", "part"),
    [
        ({"profile": "prod", "access_key": "AKIA", "secret_key": "secret-option"}, "mutually exclusive"),
        ({"access_key": "AKIA"}, "required together"),
        ({"session_token": "token-option"}, "access_key"),
        ({"external_id": "id-option"}, "assume_role_arn"),
        ({"validate_certs": "perhaps"}, "validate_certs"),
        ({"regoin": "ap-northeast-2"}, "regoin"),
    ],
    ids=str,
)
def test_a_wrong_connection_is_refused_before_the_first_request(run, options, part):
    ended = run(module(answering()), {"pools": [given()], **options}, Untouched())
    assert ended["failed"]
    assert part in ended["msg"]


def test_a_missing_boto3_is_reported(run, monkeypatch):
    monkeypatch.setattr(edge, "HAS_BOTO3", False)
    assert "boto3" in run(module(answering()), {"pools": [given()]}, Untouched())["msg"]


# --- running ----------------------------------------------------------------------------------------------------


def test_the_work_gets_typed_pools_and_the_connection(run):
    seen = []

    def work(pools, aws):
        seen.append((pools, aws))
        return answering()(pools, aws)

    aws = FakeAws()
    ended = run(module(work), {"pools": [given(target_value="2", disable_scale_in="yes")]}, aws)
    ((pools, connection),) = seen
    assert not ended.get("failed")
    assert (pools[0].target_value, pools[0].disable_scale_in, connection) == (2.0, True, aws)


@pytest.mark.parametrize("quick", [False, True])
def test_what_only_reads_may_be_quick(run, monkeypatch, quick):
    made = []

    def main():
        monkeypatch.setattr(edge, "Connection", lambda params, quick: made.append(quick) or FakeAws())
        PoolModule().run(answering(), quick=quick)

    run(main, {"pools": [given()]}, FakeAws())
    assert made == [quick]


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (Failure("rule_name: too long"), "rule_name: too long"),
        (Unusable("no AWS credentials found"), "no AWS credentials found"),
        (KeyError("QueueUrl"), "this is a defect of the collection, please report it: KeyError('QueueUrl')"),
    ],
    ids=["failure", "unusable", "defect"],
)
def test_what_stops_the_work_is_one_sentence(run, error, message):
    def work(pools, aws):
        raise error

    ended = run(module(work), {"pools": [given()]}, FakeAws())
    assert (ended["failed"], ended["msg"]) == (True, message)


def test_the_way_to_aws_is_tried_before_the_work(run):
    class NoRoute(FakeAws):
        @property
        def place(self):
            raise Unusable("cannot reach AWS")

        @place.setter
        def place(self, value):
            pass

    worked = []
    ended = run(module(lambda pools, aws: worked.append(1)), {"pools": [given()]}, NoRoute())
    assert (ended["msg"], worked) == ("cannot reach AWS", [])


def test_one_failed_pool_fails_the_task_with_every_row(run):
    rows = [{"name": "video", "changed": True}, {"name": "audio", "failed": True, "msg": "no group"}]
    ended = run(module(answering(*rows)), {"pools": [given(), other()]}, FakeAws())
    assert (ended["failed"], ended["msg"]) == (True, "pool audio: no group")
    assert [one["name"] for one in ended["pools"]] == ["video", "audio"]


@pytest.mark.parametrize(
    ("failed", "message"),
    [
        ({"a": "no group"}, "pool a: no group"),
        ({"a": "denied", "b": "denied"}, "pools a, b: denied"),
        ({"a": "denied", "b": "no group", "c": "denied"}, "- pools a, c: denied\n- pool b: no group"),
    ],
    ids=["one", "all alike", "each its own"],
)
def test_pools_that_fail_for_one_reason_share_a_line(failed, message):
    assert failure_message(failed) == message


# --- tags -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("tags", "reason"), BAD_TAGS)
def test_bad_tags_are_refused_before_the_first_request(run, tags, reason):
    aws = Untouched()
    ended = run(module(answering(), **OPTION), {"pools": [given()], "tags": tags}, aws)
    assert ended["failed"]
    assert ended["msg"].startswith("tags: ")
    assert reason in ended["msg"]
    assert (aws.asked, aws.sent) == ([], [])


@pytest.mark.parametrize("options", [{}, OPTION], ids=["a module without tags", "a module with tags"])
def test_good_tags_and_none_are_no_reason_to_refuse(run, options):
    for tags in ({}, {"tags": TAGS}) if options else ({},):
        ended = run(module(answering(), **options), {"pools": [given()], **tags}, FakeAws())
        assert not ended.get("failed"), ended
