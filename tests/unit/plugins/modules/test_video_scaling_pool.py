# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run makes a pool whole, a second one finds nothing to do, and a check tells beforehand what both would do."""

from __future__ import annotations

import io
import json
import zipfile
from collections import Counter

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import Unusable
from ansible_collections.academy.video_scaling.plugins.module_utils.package import code_sha256
from ansible_collections.academy.video_scaling.plugins.modules import video_scaling_pool
from ansible_collections.academy.video_scaling.tests.unit.examples import GROUP, METRIC, POLICY, given, other
from ansible_collections.academy.video_scaling.tests.unit.fake_account import Account
from ansible_collections.academy.video_scaling.tests.unit.fake_aws import refusal
from ansible_collections.academy.video_scaling.tests.unit.tag_cases import FOREIGN, TAGS, as_list

JOBS, DLQ = "academy-video-jobs", "academy-video-jobs-dlq"
AUDIO_JOBS, AUDIO_GROUP = "academy-audio-jobs", "academy-audio-worker-asg"
CODE = "def lambda_handler(event, context): ...\n"
EXPIRED = Unusable("the credentials have expired; get new ones")
# What a run over one pool asks where all is as declared, after the one question where it is.
NO_OP = Counter(
    {
        "autoscaling.describe_auto_scaling_groups": 1,
        "sqs.get_queue_url": 2,
        "sqs.get_queue_attributes": 2,
        "lambda.get_function_configuration": 2,
        "lambda.list_aliases": 1,
        "iam.get_role": 1,
        "iam.get_role_policy": 1,
        "logs.describe_log_groups": 1,
        "lambda.get_policy": 1,
        "lambda.get_function_event_invoke_config": 1,
        "events.describe_rule": 1,
        "events.list_targets_by_rule": 1,
        "autoscaling.describe_policies": 1,
        "lambda.invoke": 1,
    }
)


class World(Account):
    """An account in which every request does what it says, for as long as the credentials last."""

    def __init__(self, *group_names):
        super().__init__()
        self.group_names = group_names or (GROUP, AUDIO_GROUP)
        self.queues, self.roles, self.logs = {}, {}, {}
        self.latest, self.versions, self.live = None, {}, {}
        self.statements, self.retries, self.rule, self.targets = [], None, None, []
        self.events = []
        self.answers |= {
            "autoscaling.describe_auto_scaling_groups": self.groups,
            "autoscaling.describe_policies": self.policies_of,
            **self.of_queues(),
            **self.of_function(),
            **self.of_role_and_log(),
            **self.of_schedule(),
        }

    def pages(self, service, operation, field, **params):
        """A list is as many requests as it has pages."""
        items = list(super().pages(service, operation, field, **params))
        in_page = params.get("MaxRecords") or params.get("MaxResults") or 50
        self.asked += [(f"{service}.{operation}", params)] * ((len(items) - 1) // in_page)
        yield from items

    def groups(self, params):
        sizes = {"MinSize": 0, "MaxSize": 20, "DesiredCapacity": 0}
        asked = params["AutoScalingGroupNames"]
        return [{"AutoScalingGroupName": name, **sizes} for name in self.group_names if name in asked]

    def policies_of(self, params):
        group = params.get("AutoScalingGroupName")
        return [one for one in self.policies.values() if group in (None, one["AutoScalingGroupName"])]

    def of_queues(self):
        counts = {f"ApproximateNumberOfMessages{kind}": "0" for kind in ("NotVisible", "Delayed")}
        usual = {"VisibilityTimeout": "30", "MessageRetentionPeriod": "345600", "ApproximateNumberOfMessages": "3"}

        def url(params):
            name = params["QueueName"]
            return {"QueueUrl": name} if name in self.queues else refusal("QueueDoesNotExist")

        return {
            "sqs.list_queues": lambda p: [name for name in self.queues if name.startswith(p["QueueNamePrefix"])],
            "sqs.get_queue_url": url,
            "sqs.get_queue_attributes": lambda p: {"Attributes": usual | counts | self.queues[p["QueueUrl"]]},
            "sqs.create_queue": lambda p: self.queues.update({p["QueueName"]: dict(p["Attributes"])}) or {},
            "sqs.set_queue_attributes": lambda p: self.queues[p["QueueUrl"]].update(p["Attributes"]) or {},
        }

    def of_function(self):
        gone = refusal("ResourceNotFoundException")

        def found(params):
            if "Qualifier" in params:
                return self.versions[self.live[params["Qualifier"]]]
            return self.latest or gone

        def put(params):
            archive = params.get("ZipFile") or params.get("Code", {}).get("ZipFile")
            code = {"CodeSha256": code_sha256(archive), "archive": archive} if archive else {}
            plain = {name: value for name, value in params.items() if name not in ("ZipFile", "Code", "RevisionId")}
            self.latest = {**(self.latest or {}), **plain, **code}
            return {}

        def publish(params):
            version = str(len(self.versions) + 1)
            self.versions[version] = dict(self.latest)
            return {"Version": version}

        def point(params):
            self.live[params["Name"]] = params["FunctionVersion"]
            return {}

        return {
            "lambda.get_function_configuration": found,
            "lambda.list_aliases": lambda p: [{"Name": n, "FunctionVersion": v} for n, v in self.live.items()],
            "lambda.create_function": put,
            "lambda.update_function_code": put,
            "lambda.update_function_configuration": put,
            "lambda.publish_version": publish,
            "lambda.create_alias": point,
            "lambda.update_alias": point,
            "lambda.invoke": self.invoke,
        }

    def invoke(self, params):
        event = json.loads(params["Payload"])
        self.events.append(event)
        version = self.versions[self.live.get(params["Qualifier"], params["Qualifier"])]
        pools = json.loads(zipfile.ZipFile(io.BytesIO(version["archive"])).read("pools.json"))
        depths = {f"{one['name']}_queue_depth_total": 3 for one in pools if one["queue_name"] in self.queues}
        return {"Payload": io.BytesIO(json.dumps({"pools": pools} if event.get("describe") else depths).encode())}

    def of_role_and_log(self):
        gone = refusal("NoSuchEntity")
        return {
            "iam.get_role": lambda p: {"Role": self.roles[p["RoleName"]]} if p["RoleName"] in self.roles else gone,
            "iam.get_role_policy": lambda p: {"PolicyDocument": self.roles[p["RoleName"]]["policy"]},
            "iam.create_role": lambda p: self.roles.update({p["RoleName"]: dict(p)}) or {},
            "iam.put_role_policy": lambda p: self.roles[p["RoleName"]].update(policy=p["PolicyDocument"]) or {},
            "logs.describe_log_groups": lambda p: list(self.logs.values()),
            "logs.create_log_group": lambda p: self.logs.update({p["logGroupName"]: dict(p)}) or {},
            "logs.put_retention_policy": lambda p: self.logs[p["logGroupName"]].update(p) or {},
        }

    def of_schedule(self):
        gone = refusal("ResourceNotFoundException")

        def permit(params):
            source = {"ArnLike": {"AWS:SourceArn": params["SourceArn"]}}
            principal = {"Service": params["Principal"]}
            statement = {"Sid": params["StatementId"], "Action": params["Action"], "Effect": "Allow"}
            self.statements.append({**statement, "Principal": principal, "Condition": source})
            return {}

        def keep(name, params):
            setattr(self, name, dict(params))
            return {}

        return {
            "lambda.add_permission": permit,
            "lambda.get_policy": lambda p: {"Policy": json.dumps({"Statement": self.statements})},
            "lambda.put_function_event_invoke_config": lambda p: keep("retries", p),
            "lambda.get_function_event_invoke_config": lambda p: self.retries or gone,
            "events.put_rule": lambda p: keep("rule", p),
            "events.describe_rule": lambda p: self.rule or gone,
            "events.put_targets": lambda p: self.targets.extend(p["Targets"]) or {},
            "events.list_targets_by_rule": lambda p: list(self.targets),
        }


def apply(run, aws, *pools, check_mode=False, **options):
    """The module's result; what was asked, sent and invoked is that of this run alone."""
    for journal in (aws.asked, aws.sent, aws.events):
        journal.clear()
    given_options = {"pools": list(pools) or [given()], "code": CODE, "wait_timeout": 0, **options}
    return run(video_scaling_pool.main, given_options, aws, check_mode)


def whole(run, *pools, aws=None):
    """An account in which these pools are whole."""
    aws = aws or World()
    ended = apply(run, aws, *pools)
    assert not ended.get("failed"), ended["msg"]
    return aws


def many(number):
    return [
        other(
            name=f"pool_{n}",
            queue_name=f"jobs-{n}",
            dead_letter_queue_name=f"jobs-{n}-dlq",
            auto_scaling_group_name=f"group-{n}",
            metric={**METRIC, "name": f"Depth{n}"},
        )
        for n in range(number)
    ]


def test_one_run_makes_all_of_it_and_publishes_once(run):
    aws = World()
    ended = apply(run, aws)
    assert not ended.get("failed"), ended["msg"]
    assert ended["changed_steps"] == ["queue", "publisher", "schedule", "policy"]
    assert (list(aws.queues), list(aws.policies)) == ([DLQ, JOBS], [(GROUP, POLICY)])
    assert (aws.live, aws.rule["State"], len(aws.targets)) == ({"live": "1"}, "ENABLED", 1)
    assert aws.events == [{"publish": True}]
    assert ended["pools"][0]["queue_depth_total"] == 3


def test_a_run_that_finds_all_as_declared_makes_seventeen_requests(run):
    aws = whole(run)
    ended = apply(run, aws)
    assert Counter(operation for operation, _params in aws.asked) == NO_OP
    assert NO_OP.total() == 17
    assert aws.sent == []
    assert (ended["changed"], ended["changed_steps"], ended["requests"], ended["diff"]) == (False, [], [], [])
    assert aws.events == [{"publish": False}]


def test_of_many_pools_only_the_queues_are_asked_one_by_one(run):
    pools = many(300)
    aws = whole(run, *pools, aws=World(*(pool["auto_scaling_group_name"] for pool in pools)))
    ended = apply(run, aws, *pools)
    assert (ended.get("failed"), ended["changed"], aws.sent) == (None, False, [])
    of_few = {operation: times for operation, times in NO_OP.items() if operation != "sqs.get_queue_url"}
    assert Counter(operation for operation, _params in aws.asked) == of_few | {
        "sqs.list_queues": 1,
        "sqs.get_queue_attributes": 600,
        "autoscaling.describe_auto_scaling_groups": 3,
        "autoscaling.describe_policies": 3,
    }


# --- a check ----------------------------------------------------------------------------------------------------

SHALLOW = {"deadLetterTargetArn": f"arn:aws:sqs:ap-northeast-2:123456789012:{DLQ}", "maxReceiveCount": 1}


def nothing_yet(aws):
    return World()


def moved_redrive(aws):
    aws.queues[JOBS]["RedrivePolicy"] = json.dumps(SHALLOW)


def lost_queue(aws):
    del aws.queues[JOBS]


def disabled_rule(aws):
    aws.rule["State"] = "DISABLED"


def lost_policy(aws):
    aws.policies.clear()


def as_it_is(aws):
    pass


@pytest.mark.parametrize(
    ("drift", "pools", "options", "changed_steps"),
    [
        (nothing_yet, [given(), other()], {}, ["queue", "publisher", "schedule", "policy"]),
        (as_it_is, [given()], {}, []),
        (moved_redrive, [given()], {}, ["queue"]),
        (lost_queue, [given()], {}, ["queue"]),
        (as_it_is, [given()], {"memory_size": 256}, ["publisher"]),
        (disabled_rule, [given()], {}, ["schedule"]),
        (lost_policy, [given()], {}, ["policy"]),
        (as_it_is, [given(target_value=2), other()], {}, ["queue", "publisher", "policy"]),
        (as_it_is, [other()], {"purge_pools": True}, ["queue", "publisher", "policy"]),
        (disabled_rule, [given(target_value=2)], {"steps": ["policy"]}, ["policy"]),
        (lost_policy, [given()], {"manage_queues": False}, ["policy"]),
    ],
    ids=[
        "nothing yet",
        "as declared",
        "redrive moved",
        "queue lost",
        "memory",
        "rule disabled",
        "policy lost",
        "another target and pool",
        "purge",
        "one step",
        "queues not managed",
    ],
)
def test_a_check_sends_nothing_and_tells_what_the_run_then_does(run, drift, pools, options, changed_steps):
    aws = whole(run)
    aws = drift(aws) or aws
    checked = apply(run, aws, *pools, check_mode=True, **options)
    assert aws.sent == []
    # A publisher that is to change is asked whom it serves, and never to count or to publish.
    assert [event for event in aws.events if event != {"describe": True}] == []
    assert aws.events == [] or "publisher" in changed_steps
    applied = apply(run, aws, *pools, **options)
    assert not applied.get("failed"), applied["msg"]
    assert checked["changed_steps"] == applied["changed_steps"] == changed_steps
    assert (checked["changed"], checked["diff"]) == (applied["changed"], applied["diff"])
    assert [one.get("operation") for one in checked["requests"]] == [
        one.get("operation") for one in applied["requests"]
    ]
    assert checked["pools"] == [
        {fact: value for fact, value in row.items() if fact != "queue_depth_total"} for row in applied["pools"]
    ]
    assert not apply(run, aws, *pools, **options)["changed"]


# --- refusing and failing ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "option",
    [
        {"rule_name": "a b"},
        {"schedule_expression": "every minute"},
        {"memory_size": 64},
        {"timeout": 5},
        {"function_name": "a b"},
        {"role": "x"},
        {"expected_account": "210987654321"},
        {"expected_region": "us-east-1"},
    ],
    ids=str,
)
def test_a_bad_option_is_refused_before_the_first_write_of_any_step(run, option):
    aws = World()
    ended = apply(run, aws, **option)
    assert ended["msg"].startswith(f"{next(iter(option))}: ")
    assert (aws.asked, aws.sent) == ([], [])


def test_a_group_that_is_not_there_stops_the_run_before_anything_is_written(run):
    aws = World(GROUP)
    ended = apply(run, aws, given(), other())
    assert ended["msg"].startswith(f"pool audio: auto_scaling_group_name: there is no group {AUDIO_GROUP}")
    assert [operation for operation, _params in aws.asked] == ["autoscaling.describe_auto_scaling_groups"]
    assert (aws.sent, ended["requests"], ended["changed"]) == ([], [], False)


def refusing_audio(aws):
    create = aws.answers["sqs.create_queue"]
    refused = refusal("AccessDenied", "may not create")
    aws.answers["sqs.create_queue"] = lambda p: refused if p["QueueName"] == AUDIO_JOBS else create(p)
    return aws


def test_a_pool_that_fails_is_reported_and_the_other_is_whole(run):
    aws = refusing_audio(World())
    ended = apply(run, aws, given(), other())
    assert ended["msg"] == "pool audio: AccessDenied: may not create"
    assert ended["publisher"]["served_pools"] == ["video"]
    assert list(aws.policies) == [(GROUP, POLICY)]
    assert [(row["name"], row.get("failed"), row.get("queue_depth_total")) for row in ended["pools"]] == [
        ("video", None, 3),
        ("audio", True, None),
    ]


@pytest.mark.parametrize(
    ("purge", "served"), [(False, ["audio", "text", "video"]), (True, ["audio", "video"])], ids=["extended", "purged"]
)
def test_a_purge_keeps_the_pool_that_has_failed(run, purge, served):
    text = other(name="text", policy_name="text", metric={**METRIC, "name": "Text"})
    aws = refusing_audio(whole(run, given(), other(), text))
    del aws.queues[AUDIO_JOBS]
    ended = apply(run, aws, given(), other(), purge_pools=purge)
    assert ended["msg"] == "pool audio: AccessDenied: may not create"
    assert ended["publisher"]["served_pools"] == served
    assert apply(run, aws, check_mode=True)["publisher"]["served_pools"] == served


def test_a_purge_does_not_bring_in_the_pool_that_has_failed(run):
    aws = refusing_audio(whole(run))
    ended = apply(run, aws, given(), other(), purge_pools=True)
    assert ended["msg"] == "pool audio: AccessDenied: may not create"
    assert ended["publisher"]["served_pools"] == ["video"]


@pytest.mark.parametrize(
    ("operation", "changed_steps"),
    [
        ("iam.get_role", ["queue"]),
        ("events.describe_rule", ["queue", "publisher"]),
        ("autoscaling.describe_policies", ["queue", "publisher", "schedule"]),
    ],
)
def test_credentials_that_expire_on_the_way_hide_nothing_of_what_was_done(run, operation, changed_steps):
    aws = World()
    aws.answers[operation] = EXPIRED
    ended = apply(run, aws, given(), other())
    assert ended["msg"] == "pools video, audio: the credentials have expired; get new ones"
    assert ended["changed_steps"] == changed_steps
    assert [row["changed_steps"] for row in ended["pools"]] == [changed_steps, changed_steps]
    assert [one["operation"] for one in ended["requests"] if "operation" in one] == [
        name.split(".")[1] for name, _params in aws.sent if not name.endswith(("function_active", "version_active"))
    ]
    assert len(ended["diff"]) == 4 + len(changed_steps) - 1
    assert aws.events == []


def test_pools_that_are_not_published_need_no_publisher(run):
    aws = World()
    ended = apply(run, aws, given(signal="sqs_total"))
    assert ended["changed_steps"] == ["queue", "policy"]
    assert {name.split(".")[0] for name, _params in aws.sent} == {"sqs", "ssm", "autoscaling"}
    assert (aws.latest, aws.events, ended["pools"][0]["served"]) == (None, [], False)


# --- tags -------------------------------------------------------------------------------------------------------

# What a run over one pool asks beside, where tags are given.
OF_TAGS = Counter(
    {
        "sqs.list_queue_tags": 2,
        "lambda.list_tags": 1,
        "logs.list_tags_for_resource": 1,
        "events.list_tags_for_resource": 1,
        # The policy's snapshot, its baseline, and what is kept of the rule.
        "ssm.list_tags_for_resource": 3,
    }
)
# What makes something that has tags, and what tags it later.
MAKING = {"sqs.create_queue": 2, "logs.create_log_group": 1, "iam.create_role": 1, "lambda.create_function": 1}
MAKING |= {"events.put_rule": 1, "ssm.put_parameter": 2}
MENDING = {"sqs.tag_queue": 2, "logs.tag_resource": 1, "iam.tag_role": 1, "lambda.tag_resource": 1}
MENDING |= {"events.tag_resource": 1, "ssm.add_tags_to_resource": 2}


class Tagged(World):
    """An account that keeps the tags of what is made, by the service; those of a queue by its name."""

    def __init__(self, *group_names):
        super().__init__(*group_names)
        self.tags = {}
        for operation, name in (
            ("sqs.create_queue", lambda p: p["QueueName"]),
            ("lambda.create_function", lambda p: "lambda"),
            ("logs.create_log_group", lambda p: "logs"),
            ("events.put_rule", lambda p: "events"),
        ):
            self.answers[operation] = self.keeping(self.answers[operation], name)
        self.answers |= {
            "sqs.list_queue_tags": lambda p: {"Tags": self.tags[p["QueueUrl"]]},
            "sqs.tag_queue": lambda p: self.tags[p["QueueUrl"]].update(p["Tags"]) or {},
            "lambda.list_tags": lambda p: {"Tags": self.tags["lambda"]},
            "lambda.tag_resource": lambda p: self.tags["lambda"].update(p["Tags"]) or {},
            "logs.list_tags_for_resource": lambda p: {"tags": self.tags["logs"]},
            "logs.tag_resource": lambda p: self.tags["logs"].update(p["tags"]) or {},
            "events.list_tags_for_resource": lambda p: {"Tags": as_list(self.tags["events"])},
            "events.tag_resource": lambda p: self.tags["events"].update(given_as_list(p)) or {},
            "iam.tag_role": self.tag_role,
        }

    def keeping(self, answer, name):
        def keep(params):
            self.tags.setdefault(name(params), given_as_list(params))
            return answer(params)

        return keep

    def tag_role(self, params):
        role = next(iter(self.roles.values()))
        role["Tags"] = as_list({**given_as_list(role), **given_as_list(params)})
        return {}

    @property
    def all_tags(self):
        """Of every single thing."""
        role = next(iter(self.roles.values()))
        return [*self.tags.values(), *self.parameters.tags.values(), given_as_list(role)]

    def tag_by_hand(self, tags):
        for one in (*self.tags.values(), *self.parameters.tags.values()):
            one |= tags
        self.tag_role({"Tags": as_list(tags)})


def given_as_list(params):
    """The tags of a request, however the service writes them."""
    tags = params.get("tags") or params.get("Tags") or {}
    return dict(tags) if isinstance(tags, dict) else {tag["Key"]: tag["Value"] for tag in tags}


def tagging(aws):
    """How often each operation was sent with tags."""
    return Counter(operation for operation, params in aws.sent if given_as_list(params))


def test_all_that_is_made_has_the_tags_from_its_first_request_on(run):
    aws = Tagged()
    assert not apply(run, aws, tags=TAGS).get("failed")
    assert tagging(aws) == MAKING
    assert aws.all_tags == [TAGS] * 8


def test_a_run_that_finds_the_tags_as_given_asks_for_each_once(run):
    aws = Tagged()
    apply(run, aws, tags=TAGS)
    ended = apply(run, aws, tags=TAGS)
    assert Counter(operation for operation, _params in aws.asked) == NO_OP + OF_TAGS
    assert (ended["changed"], aws.sent) == (False, [])


def test_without_tags_none_are_asked_for_or_sent(run):
    aws = Tagged()
    apply(run, aws)
    assert not tagging(aws)
    apply(run, aws)
    assert Counter(operation for operation, _params in aws.asked) == NO_OP


@pytest.mark.parametrize("by_hand", [{}, FOREIGN, {**FOREIGN, "team": "audio"}], ids=["no", "others", "other values"])
def test_the_tags_of_what_is_there_are_mended_in_one_run_and_others_stay(run, by_hand):
    aws = Tagged()
    apply(run, aws)
    aws.tag_by_hand(by_hand)
    checked = apply(run, aws, tags=TAGS, check_mode=True)
    assert aws.sent == []
    ended = apply(run, aws, tags=TAGS)
    assert ended["changed_steps"] == checked["changed_steps"] == ["queue", "publisher", "schedule", "policy"]
    assert ended["diff"] == checked["diff"]
    assert tagging(aws) == Counter(operation for operation, _params in aws.sent) == MENDING
    assert not any(FOREIGN.keys() & given_as_list(params).keys() for _operation, params in aws.sent)
    assert aws.all_tags == [{**by_hand, **TAGS}] * 8
    assert not apply(run, aws, tags=TAGS)["changed"]


@pytest.mark.parametrize(
    ("operation", "step"),
    [
        ("sqs.list_queue_tags", "queue"),
        ("lambda.list_tags", "publisher"),
        ("logs.list_tags_for_resource", "publisher"),
        ("events.list_tags_for_resource", "schedule"),
        ("ssm.list_tags_for_resource", "policy"),
    ],
)
def test_tags_that_may_not_be_read_fail_the_pool(run, operation, step):
    aws = Tagged()
    apply(run, aws, tags=TAGS)
    aws.answers[operation] = refusal("AccessDenied", f"may not {operation}")
    ended = apply(run, aws, tags=TAGS)
    assert ended["failed"]
    assert f"may not {operation}" in ended["pools"][0]["msg"]
    assert aws.sent == []
