# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A rule that is taken over can be had again with what its targets hand over; a foreign text is passed over."""

from __future__ import annotations

import json

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import AwsFailure, Failure
from ansible_collections.academy.video_scaling.plugins.module_utils.reconcile import reconcile
from ansible_collections.academy.video_scaling.plugins.module_utils.resources import parameter, rule_snapshot, schedule
from ansible_collections.academy.video_scaling.tests.unit.examples import FUNCTION, PLACE, RULE, STAMP, STATEMENT
from ansible_collections.academy.video_scaling.tests.unit.fake_aws import FakeAws, Parameters, refusal
from ansible_collections.academy.video_scaling.tests.unit.tag_cases import TAGS

ARN = PLACE.function_arn(FUNCTION)
NAME = f"/video_scaling/rule/{RULE}/schedule"
TARGET = {"Id": "by-hand", "Arn": ARN, "Input": '{"dry": true}', "DeadLetterConfig": {"Arn": "arn:dlq"}}
OURS = {"Id": "by-hand", "Arn": f"{ARN}:live"}


class Fired(FakeAws):
    """A rule, with its targets, that invokes the publisher, and the Parameter Store."""

    def __init__(self, *targets, expression="rate(5 minutes)", live="2", state="ENABLED"):
        self.rule = {"Name": RULE, "ScheduleExpression": expression, "State": state, "Description": "by hand"}
        self.targets = {one["Id"]: one for one in targets}
        self.live = live
        self.parameters = Parameters()
        statement = {"Sid": f"events-{RULE}", **STATEMENT}
        super().__init__(
            {
                "events.describe_rule": lambda params: self.rule or refusal("ResourceNotFoundException"),
                "events.list_targets_by_rule": lambda params: list(self.targets.values()),
                "events.put_rule": self.put_rule,
                "events.put_targets": self.put_targets,
                "events.remove_targets": self.remove,
                "lambda.list_aliases": lambda params: [{"Name": "live", "FunctionVersion": self.live}],
                "lambda.get_policy": {"Policy": json.dumps({"Statement": [statement]})},
                "lambda.get_function_event_invoke_config": {
                    "MaximumRetryAttempts": 0,
                    "MaximumEventAgeInSeconds": 60,
                },
                **self.parameters.answers(),
            }
        )

    def put_rule(self, params):
        self.rule = {**params}
        return {}

    def put_targets(self, params):
        self.targets |= {one["Id"]: one for one in params["Targets"]}
        return {}

    def remove(self, params):
        for name in params["Ids"]:
            del self.targets[name]
        return {}

    @property
    def kept(self):
        return [json.loads(one["Value"]) for one in self.parameters.versions.get(NAME, [])]


def apply(aws, expression="rate(1 minute)", check_mode=False, present=True, tags=None):
    desired = schedule.from_params(RULE, expression, FUNCTION, PLACE, present, tags or {}, STAMP)
    outcome = reconcile(schedule, {RULE: desired}, aws, check_mode, sleep=lambda _seconds: None)[RULE]
    assert outcome.failure is None, outcome.failure
    return outcome


def back(aws, version="1"):
    fired = rule_snapshot.before(aws, RULE, ARN, version)
    if fired is None:
        return None
    outcome = reconcile(rule_snapshot, {RULE: fired}, aws, False, sleep=lambda _seconds: None)[RULE]
    assert outcome.failure is None, outcome.failure
    return outcome


def test_a_rule_that_is_taken_over_is_kept_before_its_first_change_and_put_back():
    aws = Fired(TARGET, {**TARGET, "Id": "second", "Input": '{"second": true}'})
    apply(aws)
    assert next(name for name, _params in aws.sent) == "ssm.put_parameter"
    assert (aws.rule["ScheduleExpression"], aws.targets) == ("rate(1 minute)", {"by-hand": OURS})
    assert (aws.kept[0]["live"], aws.kept[0]["by"]) == ("2", STAMP.caller_arn)
    assert back(aws).changed
    assert (aws.rule["ScheduleExpression"], aws.rule["Description"]) == ("rate(5 minutes)", "by hand")
    # What is behind the alias goes back itself, so that the targets go on invoking it.
    assert aws.targets == {
        "by-hand": {**TARGET, "Arn": f"{ARN}:live"},
        "second": {**TARGET, "Arn": f"{ARN}:live", "Id": "second", "Input": '{"second": true}'},
    }
    assert not back(aws).changed


def test_a_rule_that_is_as_declared_keeps_nothing_and_asks_for_nothing_more():
    aws = Fired(OURS, expression="rate(1 minute)")
    assert not apply(aws).changed
    assert (aws.kept, {name for name, _params in aws.asked} & {"ssm.get_parameters", "lambda.list_aliases"}) == (
        [],
        set(),
    )


def test_a_check_run_shows_what_it_would_keep_and_writes_nothing():
    aws = Fired(TARGET)
    outcome = apply(aws, check_mode=True)
    assert [step.operation for step in outcome.plan.steps] == ["put_parameter", "put_rule", "put_targets"]
    assert outcome.plan.before[f"rule {RULE}"]["targets"]["by-hand"]["settings"] == {
        "DeadLetterConfig": {"Arn": "arn:dlq"},
        "Input": '{"dry": true}',
    }
    assert aws.sent == []


def test_a_run_that_was_stopped_midway_does_not_bury_what_was_there():
    aws = Fired(TARGET)
    aws.answers["events.put_targets"] = refusal("AccessDeniedException")
    desired = schedule.from_params(RULE, "rate(1 minute)", FUNCTION, PLACE, stamp=STAMP)
    assert reconcile(schedule, {RULE: desired}, aws, False, sleep=lambda _seconds: None)[RULE].failure
    aws.answers["events.put_targets"] = aws.put_targets
    apply(aws)
    back(aws)
    assert (aws.rule["ScheduleExpression"], aws.targets["by-hand"]["Input"]) == ("rate(5 minutes)", '{"dry": true}')


@pytest.mark.parametrize(
    ("version", "expression"),
    [("1", "rate(5 minutes)"), ("2", "rate(1 minute)"), ("3", None), ("$LATEST", None)],
)
def test_a_version_gets_back_the_schedule_that_it_had(version, expression):
    aws = Fired(TARGET)
    apply(aws)
    aws.live = "3"
    apply(aws, "rate(2 minutes)")
    outcome = back(aws, version)
    assert (outcome and aws.rule["ScheduleExpression"]) == expression


def test_a_disabled_rule_is_disabled_again():
    aws = Fired(OURS, expression="rate(1 minute)", state="DISABLED")
    apply(aws)
    back(aws)
    assert aws.rule["State"] == "DISABLED"


def test_a_rule_that_goes_has_been_this_collections_and_is_not_kept():
    aws = Fired(OURS)
    aws.answers |= {"events.delete_rule": {}, "lambda.remove_permission": {}}
    desired = schedule.from_params(RULE, "rate(1 minute)", FUNCTION, PLACE, False, stamp=STAMP)
    outcome = reconcile(schedule, {RULE: desired}, aws, True)[RULE]
    assert outcome.plan.preparation == ()


def test_a_new_parameter_gets_the_tags_in_its_request_and_a_later_version_none():
    aws = Fired(TARGET)
    aws.answers["events.list_tags_for_resource"] = {"Tags": []}
    aws.answers["events.tag_resource"] = {}
    for expression in ("rate(1 minute)", "rate(2 minutes)"):
        desired = schedule.from_params(RULE, expression, FUNCTION, PLACE, True, TAGS, STAMP)
        reconcile(schedule, {RULE: desired}, aws, False, sleep=lambda _seconds: None, clock=iter(range(99)).__next__)
    puts = [params for name, params in aws.sent if name == "ssm.put_parameter"]
    assert [("Tags" in params, params["Overwrite"]) for params in puts] == [(True, False), (False, True)]


@pytest.mark.parametrize("size", [5000, 9000])
def test_a_long_input_takes_an_advanced_parameter_or_stops_the_change(size):
    aws = Fired({**TARGET, "Input": json.dumps("x" * size)})
    if size < parameter.ADVANCED_BYTES:
        apply(aws)
        assert aws.parameters.versions[NAME][0]["Tier"] == "Advanced"
        # One that is advanced cannot become a standard one again.
        apply(aws, "rate(2 minutes)")
        return
    desired = schedule.from_params(RULE, "rate(1 minute)", FUNCTION, PLACE, stamp=STAMP)
    outcome = reconcile(schedule, {RULE: desired}, aws, False)[RULE]
    assert "keep it elsewhere and remove it from the targets first" in str(outcome.failure)
    assert aws.sent == []


@pytest.mark.parametrize(
    "changes",
    [
        {"schema": 2},
        {"rule": "another"},
        {"state": "ON"},
        {"schedule_expression": 5},
        {"live": "x"},
        {"targets": [{"Id": 7, "Arn": "a"}]},
        {"targets": ["a"]},
        {"targets": None},
        None,
    ],
    ids=str,
)
def test_a_version_that_is_something_else_is_passed_over(changes):
    aws = Fired(TARGET)
    apply(aws)
    value = json.dumps({**aws.kept[0], "schedule_expression": "rate(9 minutes)", **changes}) if changes else "text"
    aws.parameters.versions[NAME].insert(0, {**aws.parameters.versions[NAME][0], "Value": value, "Version": 0})
    back(aws)
    assert aws.rule["ScheduleExpression"] == "rate(5 minutes)"
    aws.parameters.versions[NAME].append({**aws.parameters.versions[NAME][0], "Version": 9})
    apply(aws, "rate(7 minutes)")


@pytest.mark.parametrize("tags", [{}, TAGS], ids=["none", "some"])
def test_a_rule_that_is_put_back_has_the_tags(tags):
    aws = Fired(TARGET, live="1")
    apply(aws)
    aws.live = "2"
    apply(aws, "rate(7 minutes)")
    fired = rule_snapshot.before(aws, RULE, ARN, "1", tags)
    assert fired.rule.tags == tags


def test_where_nothing_was_kept_there_is_nothing_to_put_back():
    assert back(Fired(OURS)) is None


def test_what_may_not_be_read_is_a_failure():
    aws = Fired(OURS)
    aws.answers["ssm.get_parameter_history"] = refusal("AccessDeniedException")
    with pytest.raises(AwsFailure):
        back(aws)
    aws.answers["lambda.list_aliases"] = refusal("AccessDeniedException")
    desired = schedule.from_params(RULE, "rate(3 minutes)", FUNCTION, PLACE, stamp=STAMP)
    assert isinstance(reconcile(schedule, {RULE: desired}, aws, False)[RULE].failure, Failure)
