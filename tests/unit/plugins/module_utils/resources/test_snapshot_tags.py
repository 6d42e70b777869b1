# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tags of what keeps the snapshots are mended where it is there; nothing is made for them."""

from __future__ import annotations

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.resources import snapshot_tags
from ansible_collections.academy.video_scaling.plugins.module_utils.resources.snapshot import parameter_name
from ansible_collections.academy.video_scaling.plugins.module_utils.resources.snapshot_tags import SnapshotTags
from ansible_collections.academy.video_scaling.tests.unit.examples import GROUP, POLICY
from ansible_collections.academy.video_scaling.tests.unit.fake_aws import FakeAws, refusal, sent
from ansible_collections.academy.video_scaling.tests.unit.tag_cases import FOREIGN, TAGS, as_list, every_drift

NAME = parameter_name(GROUP, POLICY)
BASELINE = f"{NAME}/baseline"
WANTED = SnapshotTags(NAME, TAGS)


def account(**live):
    """:param live: the tags of the newest parameter and of the baseline; one that is left out is not there."""
    tags = {NAME: live.get("newest"), BASELINE: live.get("baseline")}

    def answer(params):
        found = tags[params["ResourceId"]]
        return refusal("InvalidResourceId") if found is None else {"TagList": as_list(found)}

    return FakeAws({"ssm.list_tags_for_resource": answer})


def planned(aws):
    return snapshot_tags.plan(snapshot_tags.find(aws, {NAME: WANTED})[NAME], WANTED)


def add(parameter, tags):
    return ("add_tags_to_resource", {"ResourceType": "Parameter", "ResourceId": parameter, "Tags": as_list(tags)})


@every_drift
@pytest.mark.parametrize("which", [NAME, BASELINE], ids=["the newest", "the baseline"])
def test_the_given_tags_of_a_parameter_are_mended_and_no_others(live, untagged, which):
    plan = planned(account(newest=live if which == NAME else TAGS, baseline=live if which == BASELINE else TAGS))
    assert sent(plan) == ([add(which, untagged)] if untagged else [])
    assert plan.before[which].get("tags", {}) == {key: live[key] for key in TAGS if key in live}
    assert plan.after == {name: {"tags": TAGS} for name in (NAME, BASELINE)}
    assert not any(key in str(plan) for key in FOREIGN)


@pytest.mark.parametrize(
    ("live", "parameters"),
    [({}, []), ({"newest": FOREIGN}, [NAME]), ({"newest": {}, "baseline": {}}, [NAME, BASELINE])],
    ids=["none", "one", "both"],
)
def test_what_is_not_there_is_not_made(live, parameters):
    plan = planned(account(**live))
    assert sent(plan) == [add(name, TAGS) for name in parameters]
    assert list(plan.after or {}) == parameters


def test_tags_that_may_not_be_read_are_reported():
    aws = FakeAws({"ssm.list_tags_for_resource": refusal("AccessDeniedException")})
    assert "AccessDenied" in str(snapshot_tags.find(aws, {NAME: WANTED})[NAME])


@pytest.mark.parametrize(("has_baseline", "asked"), [(True, [NAME, BASELINE]), (False, [NAME])], ids=["both", "one"])
def test_each_parameter_is_asked_for_once(has_baseline, asked):
    aws = account(newest=TAGS)
    snapshot_tags.find(aws, {NAME: SnapshotTags(NAME, TAGS, has_baseline=has_baseline)})
    assert [params["ResourceId"] for _name, params in aws.asked] == asked
