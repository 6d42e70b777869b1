# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rule fires the alias and nothing else of the publisher; targets of somebody else stay as they are."""

from __future__ import annotations

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import Failure
from ansible_collections.academy.video_scaling.plugins.module_utils.resources import rule
from ansible_collections.academy.video_scaling.plugins.module_utils.resources.rule import TARGET_ID
from ansible_collections.academy.video_scaling.tests.unit.examples import FUNCTION, PLACE, RULE
from ansible_collections.academy.video_scaling.tests.unit.fake_aws import FakeAws, refusal, sent
from ansible_collections.academy.video_scaling.tests.unit.tag_cases import (
    TAGS,
    as_list,
    every_drift,
    require_own_tags_shown,
)

ARN = PLACE.function_arn(FUNCTION)
LIVE = f"{ARN}:live"
FOREIGN = {"Id": "audit", "Arn": "arn:aws:sns:ap-northeast-2:123456789012:audit"}
LOOKALIKE = {"Id": "longer", "Arn": f"{ARN}-2:live"}
DESCRIBED = {"Name": RULE, "Arn": PLACE.rule_arn(RULE), "ScheduleExpression": "rate(1 minute)", "State": "ENABLED"}


def wanted(present=True, schedule="rate(1 minute)"):
    return rule.from_params(RULE, schedule, ARN, present)


def live(*targets, **changes):
    return rule.from_response({**DESCRIBED, **changes}, list(targets) or [{"Id": TARGET_ID, "Arn": LIVE}], ARN)


def put_rule(schedule="rate(1 minute)"):
    return ("put_rule", {"Name": RULE, "ScheduleExpression": schedule, "State": "ENABLED"})


def put_target(target_id=TARGET_ID):
    return ("put_targets", {"Rule": RULE, "Targets": [{"Id": target_id, "Arn": LIVE}]})


def remove(*ids):
    return ("remove_targets", {"Rule": RULE, "Ids": list(ids)})


@pytest.mark.parametrize(
    ("current", "requests"),
    [
        pytest.param(None, [put_rule(), put_target()], id="new"),
        pytest.param(live(), [], id="as declared"),
        pytest.param(live({"Id": "1", "Arn": LIVE}), [], id="under another id"),
        pytest.param(live(State="DISABLED"), [put_rule()], id="disabled"),
        pytest.param(live(ScheduleExpression="rate(5 minutes)"), [put_rule()], id="another schedule"),
        pytest.param(live({"Id": "1", "Arn": ARN}), [put_target("1")], id="without alias, changed in place"),
        pytest.param(
            live({"Id": "1", "Arn": f"{ARN}:previous"}), [put_target("1")], id="another alias, changed in place"
        ),
        pytest.param(
            live({"Id": "1", "Arn": LIVE, "Input": '{"publish": false}'}), [put_target("1")], id="with an input"
        ),
        pytest.param(
            live({"Id": "1", "Arn": ARN}, {"Id": "2", "Arn": LIVE}), [remove("1")], id="twice: it would run twice"
        ),
        pytest.param(live(FOREIGN), [put_target()], id="only somebody else's"),
        pytest.param(live(LOOKALIKE), [put_target()], id="a function whose name only begins alike"),
        pytest.param(live({"Id": "1", "Arn": LIVE}, FOREIGN), [], id="beside somebody else's"),
    ],
)
def test_the_way_to_the_rule(current, requests):
    plan = rule.plan(current, wanted())
    assert sent(plan) == requests
    assert bool(plan.differences()) is bool(requests)


def test_a_foreign_target_is_shown_before_and_after():
    plan = rule.plan(live(FOREIGN), wanted())
    assert plan.before["targets"][FOREIGN["Arn"]] == plan.after["targets"][FOREIGN["Arn"]]


def test_a_foreign_target_that_has_the_id_stays_as_it_is():
    """PutTargets replaces whatever has the same id."""
    requests = sent(rule.plan(live({**FOREIGN, "Id": TARGET_ID}), wanted()))
    put = [target["Id"] for name, params in requests if name == "put_targets" for target in params["Targets"]]
    assert put
    assert TARGET_ID not in put


@pytest.mark.parametrize(
    ("current", "requests"),
    [
        pytest.param(None, [], id="absent already"),
        pytest.param(
            live({"Id": "1", "Arn": LIVE}, {"Id": "2", "Arn": ARN}),
            [remove("1", "2"), ("delete_rule", {"Name": RULE})],
            id="targets first",
        ),
        pytest.param(rule.from_response(DESCRIBED, [], ARN), [("delete_rule", {"Name": RULE})], id="no targets"),
    ],
)
def test_the_way_to_no_rule(current, requests):
    plan = rule.plan(current, wanted(present=False))
    assert sent(plan) == requests
    assert plan.after is None


def test_a_rule_that_fires_something_else_is_not_deleted():
    with pytest.raises(Failure, match=r"also fires arn:aws:sns:.*:audit and is not deleted"):
        rule.plan(live({"Id": "1", "Arn": LIVE}, FOREIGN), wanted(present=False))


def test_a_rule_of_events_has_no_schedule():
    found = rule.from_response({"Name": RULE, "EventPattern": "{}", "State": "ENABLED"}, [], ARN)
    assert found.schedule_expression is None
    assert [name for name, _params in sent(rule.plan(found, wanted()))] == ["put_rule", "put_targets"]


def test_a_put_carries_over_what_it_does_not_manage():
    unmanaged = {
        "Description": "every minute",
        "EventPattern": "{}",
        "RoleArn": "arn:aws:iam::123456789012:role/events",
    }
    ((_name, params),) = sent(rule.plan(live(State="DISABLED", **unmanaged), wanted()))
    assert params == {**put_rule()[1], **unmanaged}
    assert not rule.plan(live(**unmanaged), wanted()).changed


def test_rule_and_targets_are_found():
    aws = FakeAws(
        {"events.describe_rule": DESCRIBED, "events.list_targets_by_rule": [FOREIGN, {"Id": "1", "Arn": LIVE}]}
    )
    assert rule.find(aws, wanted()) == live({"Id": "1", "Arn": LIVE}, FOREIGN)


def test_a_missing_rule_is_none():
    assert rule.find(FakeAws({"events.describe_rule": refusal("ResourceNotFoundException")}), wanted()) is None


def test_what_may_not_be_read_is_reported():
    with pytest.raises(Failure, match="AccessDenied"):
        rule.find(FakeAws({"events.describe_rule": refusal("AccessDeniedException")}), wanted())


# --- tags -------------------------------------------------------------------------------------------------------


def tagged(schedule="rate(1 minute)", present=True):
    return rule.from_params(RULE, schedule, ARN, present, TAGS)


def account(live, **changes):
    return FakeAws(
        {
            "events.describe_rule": {**DESCRIBED, **changes},
            "events.list_targets_by_rule": [{"Id": TARGET_ID, "Arn": LIVE}],
            "events.list_tags_for_resource": live if isinstance(live, Exception) else {"Tags": as_list(live)},
        }
    )


def test_a_new_rule_is_made_with_its_tags():
    plan = rule.plan(None, tagged())
    name, params = put_rule()
    assert sent(plan) == [(name, {**params, "Tags": as_list(TAGS)}), put_target()]
    require_own_tags_shown(plan, {})


@every_drift
@pytest.mark.parametrize("state", ["ENABLED", "DISABLED"])
def test_the_given_tags_of_a_rule_are_mended_and_no_others_and_no_put_of_one_that_exists_has_any(live, untagged, state):
    aws = account(live, State=state)
    plan = rule.plan(rule.find(aws, tagged()), tagged())
    request = ("tag_resource", {"ResourceARN": PLACE.rule_arn(RULE), "Tags": as_list(untagged)})
    assert sent(plan) == [*([put_rule()] if state == "DISABLED" else []), *([request] if untagged else [])]
    assert aws.asked[-1] == ("events.list_tags_for_resource", {"ResourceARN": PLACE.rule_arn(RULE)})
    require_own_tags_shown(plan, live)


def test_tags_that_may_not_be_read_are_reported():
    with pytest.raises(Failure, match="AccessDenied"):
        rule.find(account(refusal("AccessDeniedException")), tagged())


@pytest.mark.parametrize("desired", [wanted(), tagged(present=False)], ids=["none given", "to be deleted"])
def test_tags_are_read_only_where_some_are_given(desired):
    aws = account({})
    rule.find(aws, desired)
    assert [name for name, _params in aws.asked] == ["events.describe_rule", "events.list_targets_by_rule"]
