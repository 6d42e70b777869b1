# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Only what is asked for is read, page by page; one account that fails keeps no other from being read."""

from __future__ import annotations

import threading

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import AwsFailure, Failure, Unusable
from ansible_collections.academy.video_scaling.plugins.plugin_utils.fleet import reading
from ansible_collections.academy.video_scaling.plugins.plugin_utils.fleet.places import Target
from ansible_collections.academy.video_scaling.plugins.plugin_utils.fleet.reading import api_filters, read, read_all
from ansible_collections.academy.video_scaling.tests.unit.examples import PLACE
from ansible_collections.academy.video_scaling.tests.unit.fake_aws import FakeAws, refusal

GROUPS = "autoscaling.describe_auto_scaling_groups"
SIZES = {"MinSize": 0, "MaxSize": 20, "DesiredCapacity": 3}
FILTERS = [{"Name": "tag-key", "Values": ["video_scaling:queue_name"]}]


def group(name, tags=(), **more):
    return {"AutoScalingGroupName": name, **SIZES, "Tags": [{"Key": k, "Value": v} for k, v in tags], **more}


def target(name="a", account_id="", **connection):
    return Target(name, PLACE.region, account_id, connection)


# --- filters ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("filters", "asked"),
    [
        ({}, FILTERS),
        ({"tag:Role": "worker"}, [{"Name": "tag:Role", "Values": ["worker"]}]),
        (
            {"tag:Role": ["a", "b"], "tag-value": 7},
            [{"Name": "tag:Role", "Values": ["a", "b"]}, {"Name": "tag-value", "Values": ["7"]}],
        ),
    ],
    ids=["none", "a text", "several"],
)
def test_filters_are_sent_as_aws_takes_them(filters, asked):
    assert api_filters(filters, "video_scaling:queue_name") == asked


@pytest.mark.parametrize(
    ("filters", "words"),
    [
        ({"Role": "worker"}, ["filters: Role", "tag:<key>"]),
        ({"tag:": "worker"}, ["filters: tag:"]),
        ({"instance-state-name": "running"}, ["instance-state-name", "tag-key"]),
        ({"tag:On": True}, ["tag:On", "True", "quotes"]),
        ({"tag:On": [None]}, ["tag:On"]),
        ({"tag:On": []}, ["tag:On"]),
        ({"tag:On": {"a": 1}}, ["tag:On"]),
    ],
    ids=str,
)
def test_what_is_no_filter_is_refused(filters, words):
    with pytest.raises(Failure) as refused:
        api_filters(filters, "x")
    assert all(word in str(refused.value) for word in words), refused.value


# --- one place --------------------------------------------------------------------------------------------------


def test_the_groups_are_read_with_the_filters_and_their_tags():
    found = [group("b"), group("a", [("Role", "worker"), ("Empty", "")]), group("gone", Status="Delete in progress")]
    aws, asked_for = FakeAws({GROUPS: found}), []

    def connect(options):
        asked_for.append(options)
        return aws

    assert read(target(profile="p"), FILTERS, connect) == {
        "account_id": PLACE.account_id,
        "groups": [
            {
                "auto_scaling_group_name": "a",
                "min_size": 0,
                "max_size": 20,
                "tags": {"Role": "worker", "Empty": ""},
            },
            {"auto_scaling_group_name": "b", "min_size": 0, "max_size": 20, "tags": {}},
        ],
    }
    assert asked_for == [{"profile": "p", "region": PLACE.region}]
    assert aws.asked == [(GROUPS, {"Filters": FILTERS, "MaxRecords": 100})]


def test_a_group_without_a_list_of_tags_has_none():
    aws = FakeAws({GROUPS: [{"AutoScalingGroupName": "a", **SIZES}]})
    assert read(target(), FILTERS, lambda options: aws)["groups"][0]["tags"] == {}


def test_credentials_of_another_account_are_refused_before_its_groups_are_read():
    aws = FakeAws({GROUPS: []})
    with pytest.raises(Failure, match=rf"account {PLACE.account_id}, not to 999999999999; correct profile"):
        read(target(account_id="999999999999"), FILTERS, lambda options: aws)
    assert aws.asked == []
    assert read(target(account_id=PLACE.account_id), FILTERS, lambda options: aws)["groups"] == []


# --- all of them ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("failure", [refusal("AccessDenied"), Unusable("no credentials"), Failure("odd")], ids=repr)
def test_a_place_that_fails_keeps_no_other_from_being_read(failure):
    answers = {"good": FakeAws({GROUPS: [group("a")]}), "bad": FakeAws({GROUPS: failure})}
    found = read_all(
        [target("x", profile="bad"), target("y", profile="good")], FILTERS, lambda options: answers[options["profile"]]
    )
    assert found[f"x-{PLACE.region}"] is failure
    assert [one["auto_scaling_group_name"] for one in found[f"y-{PLACE.region}"]["groups"]] == ["a"]


def test_nothing_to_read_is_nothing_read():
    assert read_all([], FILTERS, lambda options: pytest.fail("connected")) == {}


def test_what_is_no_failure_of_aws_is_not_hidden():
    def connect(options):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        read_all([target()], FILTERS, connect)


def test_places_are_read_at_once_and_not_all_of_them(monkeypatch):
    monkeypatch.setattr(reading, "THREADS", 3)
    together = threading.Barrier(3, timeout=30)
    inside, most, lock = [], [], threading.Lock()

    class Slow(FakeAws):
        def open(self):
            with lock:
                inside.append(self)
                most.append(len(inside))
            # Nobody gets on before three have come.
            together.wait()
            with lock:
                inside.remove(self)
            return PLACE

    found = read_all([target(str(number)) for number in range(6)], FILTERS, lambda options: Slow({GROUPS: []}))
    assert len(found) == 6
    assert not any(isinstance(one, AwsFailure) for one in found.values())
    assert max(most) == 3
