# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tags become texts that every service takes; of what is live only the given keys count."""

from __future__ import annotations

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils import tags
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import Failure
from ansible_collections.academy.video_scaling.tests.unit.tag_cases import BAD_TAGS, FOREIGN, as_list

GIVEN = {"team": "video", "cost-center": "7"}


@pytest.mark.parametrize(
    ("given", "texts"),
    [
        (None, {}),
        ({}, {}),
        ({"team": "video"}, {"team": "video"}),
        ({"cost-center": 7, "share": 0.5, 2026: "year"}, {"cost-center": "7", "share": "0.5", "2026": "year"}),
        ({"managed": True, "shared": False}, {"managed": "true", "shared": "false"}),
        ({"note": ""}, {"note": ""}),
        ({"k" * 128: "v" * 256}, {"k" * 128: "v" * 256}),
        ({"a b_.:/=+-@": "1 2_.:/=+-@"}, {"a b_.:/=+-@": "1 2_.:/=+-@"}),
        ({"팀": "영상 처리"}, {"팀": "영상 처리"}),
        ({"my-aws:team": "awsome"}, {"my-aws:team": "awsome"}),
        ({f"key-{number}": "" for number in range(50)}, {f"key-{number}": "" for number in range(50)}),
    ],
    ids=[
        "none",
        "empty",
        "text",
        "numbers",
        "booleans",
        "no value",
        "longest",
        "signs",
        "Korean",
        "nearly AWS's",
        "50",
    ],
)
def test_tags_become_texts(given, texts):
    assert tags.from_params(given) == texts


@pytest.mark.parametrize(("given", "reason"), BAD_TAGS)
def test_what_a_service_does_not_take_is_refused(given, reason):
    with pytest.raises(Failure) as refused:
        tags.from_params(given)
    assert str(refused.value).startswith("tags: ")
    assert reason in str(refused.value)


def test_all_that_is_wrong_is_reported_at_once():
    with pytest.raises(Failure) as refused:
        tags.from_params({"aws:team": "a;b"})
    first, *lines = str(refused.value).splitlines()
    assert first == "2 problems in tags:"
    assert [line.partition(" starts")[0].partition(" must")[0] for line in lines] == [
        "- tags: the key 'aws:team'",
        "- tags: the value of 'aws:team'",
    ]


@pytest.mark.parametrize(
    ("live", "found", "sent"),
    [
        ({**GIVEN, **FOREIGN}, GIVEN, {}),
        (FOREIGN, {}, GIVEN),
        ({**GIVEN, "team": "audio"}, {**GIVEN, "team": "audio"}, {"team": "video"}),
        ({**GIVEN, "team": ""}, {**GIVEN, "team": ""}, {"team": "video"}),
        ({"team": "video"}, {"team": "video"}, {"cost-center": "7"}),
        ({"Team": "video", "cost-center": "7"}, {"cost-center": "7"}, {"team": "video"}),
    ],
    ids=["as given", "none", "another value", "an empty value", "one missing", "another case"],
)
def test_only_the_given_tags_are_compared(live, found, sent):
    assert tags.own(live, GIVEN) == found
    assert tags.differing(found, GIVEN) == sent


@pytest.mark.parametrize(
    ("live", "found"), [({"Team": "video"}, {"team": "video"}), ({"Team": "audio"}, {"team": "audio"}), (FOREIGN, {})]
)
def test_a_roles_keys_have_no_case(live, found):
    assert tags.own_in_any_case(live, GIVEN) == found


@pytest.mark.parametrize(("given", "shown"), [({}, {}), (GIVEN, {"tags": GIVEN})], ids=["none", "some"])
def test_tags_are_shown_where_some_are_given(given, shown):
    assert tags.shown(given) == shown


def test_a_list_of_tags_is_what_it_was():
    assert tags.to_list(GIVEN) == as_list(GIVEN)
    assert tags.from_list(tags.to_list(GIVEN)) == GIVEN
