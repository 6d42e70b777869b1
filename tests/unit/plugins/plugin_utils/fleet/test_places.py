# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A target says which host it makes and how the role reaches it; what cannot be a place is refused by name."""

from __future__ import annotations

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.aws.connection import CONNECTION_OPTIONS
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import Failure
from ansible_collections.academy.video_scaling.plugins.plugin_utils.fleet.places import (
    ACCOUNT_OPTIONS,
    CONNECTION,
    ENVIRONMENT,
    Target,
    targets,
)

SEOUL, OHIO = "ap-northeast-2", "us-east-2"
ROLE = "arn:aws:iam::222222222222:role/video-scaling"
FILTERS = [{"Name": "tag-key", "Values": ["video_scaling:queue_name"]}]


def hosts(regions, accounts, **connection):
    return {target.host: target for target in targets(regions, accounts, connection)}


@pytest.mark.parametrize(
    ("regions", "accounts", "named"),
    [
        ([SEOUL], [], [SEOUL]),
        ([SEOUL, OHIO, SEOUL], [], [SEOUL, OHIO]),
        ([SEOUL], [{"name": "a"}, {"name": "b"}], [f"a-{SEOUL}", f"b-{SEOUL}"]),
        ([SEOUL], [{"name": "a"}, {"name": "b", "regions": [OHIO]}], [f"a-{SEOUL}", f"b-{OHIO}"]),
        ([], [{"name": "a", "regions": [OHIO]}], [f"a-{OHIO}"]),
        ([SEOUL], [{"name": "a", "regions": []}], [f"a-{SEOUL}"]),
        ([SEOUL], [{"name": 1}], [f"1-{SEOUL}"]),
    ],
    ids=str,
)
def test_a_host_is_one_region_of_one_account(regions, accounts, named):
    assert list(hosts(regions, accounts)) == named


@pytest.mark.parametrize(
    ("account", "connection", "expected"),
    [
        ({}, {}, {}),
        ({}, {"profile": "p", "validate_certs": False}, {"profile": "p", "validate_certs": False}),
        ({"profile": "own"}, {"profile": "p"}, {"profile": "own"}),
        (
            {"assume_role_arn": ROLE, "external_id": "x"},
            {"profile": "p", "endpoint_url": "http://e"},
            {"profile": "p", "endpoint_url": "http://e", "assume_role_arn": ROLE, "external_id": "x"},
        ),
        ({"external_id": "own"}, {"assume_role_arn": ROLE}, {"assume_role_arn": ROLE, "external_id": "own"}),
    ],
    ids=str,
)
def test_what_an_account_does_not_say_holds_for_all(account, connection, expected):
    target = hosts([SEOUL], [{"name": "a", **account}], **connection)[f"a-{SEOUL}"]
    assert target.connection == expected
    assert target.variables == {
        "video_scaling_region": SEOUL,
        **{f"video_scaling_{option}": value for option, value in expected.items()},
    }


@pytest.mark.parametrize(
    ("regions", "accounts", "connection", "words"),
    [
        ([], [], {}, ["regions:", "ap-northeast-2"]),
        ([], [{"name": "a"}], {}, ["regions:"]),
        ([SEOUL], [{}], {}, ["name", "accounts"]),
        ([SEOUL], [{"name": "a", "role": ROLE}], {}, ["role", "assume_role_arn"]),
        ([SEOUL], ["a"], {}, ["accounts"]),
        ([SEOUL], [{"name": "a b"}], {}, ["'a b'", "host's name"]),
        ([SEOUL], [{"name": ""}], {}, ["name: ''"]),
        ([SEOUL], [{"name": "a", "account_id": 9011}], {}, ["account a: account_id", "12 digits", "quotes"]),
        ([SEOUL], [{"name": "a"}, {"name": "a"}], {}, [f"a-{SEOUL}", "other names"]),
        ([SEOUL], [{"name": "a", "external_id": "x"}], {}, ["account a: external_id", "assume_role_arn"]),
        ([SEOUL], [], {"external_id": "x"}, ["external_id", "assume_role_arn"]),
    ],
    ids=str,
)
def test_what_is_no_place_is_refused_by_name(regions, accounts, connection, words):
    with pytest.raises(Failure) as refused:
        targets(regions, accounts, connection)
    assert all(word in str(refused.value) for word in words), refused.value


@pytest.mark.parametrize(
    ("target", "words"),
    [
        (Target("a", SEOUL, "", {}), f"account a, region {SEOUL}"),
        (Target("", SEOUL, "", {}), f"region {SEOUL}"),
    ],
)
def test_a_message_names_account_and_region(target, words):
    assert str(target) == words


def test_the_options_are_those_of_a_connection():
    assert set(CONNECTION) <= set(CONNECTION_OPTIONS)
    assert set(ACCOUNT_OPTIONS) - {"name", "account_id", "regions"} <= set(CONNECTION)


@pytest.mark.parametrize(
    ("other", "filters"),
    [
        (Target("a", OHIO, "", {}), FILTERS),
        (Target("a", SEOUL, "111111111111", {}), FILTERS),
        (Target("a", SEOUL, "", {"profile": "p"}), FILTERS),
        (Target("a", SEOUL, "", {}), [{"Name": "tag-key", "Values": ["other"]}]),
    ],
    ids=["region", "account", "connection", "filters"],
)
def test_another_question_has_another_key(monkeypatch, other, filters):
    for name in ENVIRONMENT:
        monkeypatch.delenv(name, raising=False)
    assert other.key(filters) != Target("a", SEOUL, "", {}).key(FILTERS)


def test_a_name_alone_makes_no_other_key():
    assert Target("b", SEOUL, "", {}).key(FILTERS) == Target("a", SEOUL, "", {}).key(FILTERS)


@pytest.mark.parametrize("name", ENVIRONMENT)
def test_another_way_to_aws_in_the_environment_has_another_key(monkeypatch, name):
    target = Target("a", SEOUL, "", {})
    monkeypatch.setenv(name, "one")
    before = target.key(FILTERS)
    assert target.key(FILTERS) == before
    monkeypatch.setenv(name, "two")
    assert target.key(FILTERS) != before
