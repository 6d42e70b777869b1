# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The order of the steps, who takes part in which, and that the result keeps all that was done."""

from __future__ import annotations

import io
import json

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import Failure, Unusable
from ansible_collections.academy.video_scaling.plugins.module_utils.plan import Plan, Request
from ansible_collections.academy.video_scaling.plugins.module_utils.reconcile import Outcome
from ansible_collections.academy.video_scaling.plugins.module_utils.resources.queue import Queue
from ansible_collections.academy.video_scaling.plugins.module_utils.steps import apply, group_metrics, prefetch
from ansible_collections.academy.video_scaling.plugins.module_utils.steps.step import Run
from ansible_collections.academy.video_scaling.tests.unit.examples import (
    FUNCTION,
    GROUP,
    POLICY,
    RULE,
    given,
    other,
    pool,
)
from ansible_collections.academy.video_scaling.tests.unit.fake_aws import FakeAws, refusal
from ansible_collections.academy.video_scaling.tests.unit.tag_cases import TAGS

AUDIO_GROUP = "academy-audio-worker-asg"
JOBS, DLQ, AUDIO_JOBS, AUDIO_DLQ = (
    f"academy-{kind}" for kind in ("video-jobs", "video-jobs-dlq", "audio-jobs", "audio-jobs-dlq")
)
VIDEO, AUDIO, PLAIN = pool(), pool(**other()), pool(**other(name="plain", signal="sqs_total"))
GROUPS = ("groups", [AUDIO_GROUP, GROUP])
DEFAULTS = {name: option.get("default") for name, option in apply.OPTIONS.items()}
# What each step does for both pools, in its order.
QUEUES = [("queue", [AUDIO_DLQ, DLQ]), ("queue", [AUDIO_JOBS, JOBS])]
PUBLISHER, SCHEDULE = ("publisher", [FUNCTION]), ("schedule", [RULE])
POLICIES = ("policy", [(AUDIO_GROUP, "audio-backlogcount-tt"), (GROUP, POLICY)])
ASKED = ("invoke", [])
# The steps that the seed pool has something to do in.
STEPS = tuple(name for name in apply.NAMES if name != group_metrics.NAME)
BY_SQS = pool(signal="sqs_per_instance", metric=...)
KEYS = {"video": {DLQ, JOBS, (GROUP, POLICY)}, "audio": {AUDIO_DLQ, AUDIO_JOBS, POLICIES[1][0]}}


class Account(FakeAws):
    """What is read and what is brought go into one journal, in order.

    :param failing: by key, why a resource is not brought. :param ending: by step, what ends it.
    :param changing: the steps in which everything changes. :param depths: what the publisher counts, by pool.
    :param blind: the steps whose resources cannot be looked at beforehand, ``recovering`` those that can the next time.
    """

    def __init__(
        self,
        failing=None,
        ending=None,
        changing=(),
        depths=None,
        groups=(GROUP, AUDIO_GROUP),
        queues=(),
        blind=(),
        recovering=(),
    ):
        self.recovering, self.looks = recovering, []
        self.failing, self.ending, self.changing, self.blind = failing or {}, ending or {}, changing, blind
        self.depths = {"video": 5, "audio": 5, **(depths or {})}
        self.journal, self.wanted, self.events = [], {}, []
        self.looked, self.known = {}, {}
        self.refused = refusal("AccessDenied")
        sizes = {"MinSize": 0, "MaxSize": 20, "DesiredCapacity": 0}
        attributes = {
            "VisibilityTimeout": "30",
            "MessageRetentionPeriod": "60",
            "ApproximateNumberOfMessages": "3",
            "ApproximateNumberOfMessagesNotVisible": "2",
            "ApproximateNumberOfMessagesDelayed": "9",
        }
        gone = refusal("QueueDoesNotExist")
        super().__init__(
            {
                "autoscaling.describe_auto_scaling_groups": self.noted(
                    "groups", [{"AutoScalingGroupName": name, **sizes} for name in groups], "AutoScalingGroupNames"
                ),
                "sqs.get_queue_url": lambda p: {"QueueUrl": p["QueueName"]} if p["QueueName"] in queues else gone,
                "sqs.get_queue_attributes": self.noted("count", {"Attributes": attributes}, "QueueUrl"),
                "lambda.invoke": self.invoke,
            }
        )

    def noted(self, word, reply, about):
        return lambda params: self.journal.append((word, params[about])) or reply

    def invoke(self, params):
        self.journal.append(ASKED)
        self.events.append(json.loads(params["Payload"]))
        answer = {f"{name}_queue_depth_total": depth for name, depth in self.depths.items()}
        return {"Payload": io.BytesIO(json.dumps(answer).encode())}

    def look(self, resource, desired, aws):
        step = resource.__name__.rsplit(".", 1)[-1]
        first = step not in self.looked
        assert first or step in self.blind or (step == "policy" and desired.keys() <= self.failing.keys())
        self.looked.setdefault(step, sorted(desired))
        self.looks.append((step, sorted(desired)))
        if step in self.blind and (first or step not in self.recovering):
            raise self.refused
        return {key: self.outcome(step, key) for key in desired}

    def reconcile(self, resource, desired, known=None, beside=None):
        step = resource.__name__.rsplit(".", 1)[-1]
        self.known.setdefault(step, set()).update(known or ())
        self.journal.append((step, sorted(desired)))
        self.wanted[step] = desired
        if step in self.ending:
            raise self.ending[step]
        return {key: self.outcome(step, key) for key in desired}

    def outcome(self, step, key):
        request = Request("sqs", "delete_queue", {"QueueUrl": f"{step} {key}"})
        plan = Plan(f"{step} {key}", None, {}, (request,) if step in self.changing else ())
        found = Queue(key, counts={"visible": 3, "in flight": 2}) if step == "queue" else None
        return Outcome(plan, Failure(self.failing[key]) if key in self.failing else None, found)


def work(aws, *pools, sends=True, clock=lambda: 0.0, **options):
    values = {**DEFAULTS, "code": "pass", "wait_timeout": 0, **options}
    return apply.work(Run(pools or (VIDEO, AUDIO), aws, values, aws.reconcile, sends, aws.look, clock))


def failed(result):
    return {one["name"]: one["msg"] for one in result["pools"] if one.get("failed")}


# --- order ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "journal"),
    [
        ({}, [*QUEUES, PUBLISHER, SCHEDULE, POLICIES, ASKED]),
        ({"steps": ["policy", "publisher", "schedule", "queue"]}, [*QUEUES, PUBLISHER, SCHEDULE, POLICIES, ASKED]),
        ({"steps": ["policy"]}, [POLICIES]),
        ({"steps": ["schedule", "queue"]}, [*QUEUES, SCHEDULE]),
        ({"steps": ["publisher"]}, [PUBLISHER, ASKED, ("count", JOBS), ("count", AUDIO_JOBS)]),
        ({"steps": []}, []),
        ({"sends": False}, [*QUEUES, PUBLISHER, SCHEDULE, POLICIES]),
    ],
    ids=["all", "listed otherwise", "policy", "two", "publisher", "none", "a check"],
)
def test_the_steps_are_done_in_their_order_after_the_groups_were_looked_at(options, journal):
    aws = Account(queues=[JOBS, AUDIO_JOBS])
    result = work(aws, **options)
    assert aws.journal == [GROUPS, *journal]
    assert (failed(result), aws.sent) == ({}, [])


@pytest.mark.parametrize(
    ("steps", "option", "refused"),
    [
        (["policy"], {"memory_size": "64"}, False),
        (["policy"], {"rule_name": "a b"}, False),
        (["publisher"], {"rule_name": "a b"}, False),
        (["publisher"], {"memory_size": "64"}, True),
        (["schedule"], {"rule_name": "a b"}, True),
    ],
)
def test_only_options_of_the_chosen_steps_are_looked_at(steps, option, refused):
    if refused:
        with pytest.raises(Failure, match=next(iter(option))):
            work(Account(), steps=steps, **option)
    else:
        assert failed(work(Account(queues=[JOBS, AUDIO_JOBS]), steps=steps, **option)) == {}


def test_queues_that_are_not_managed_are_counted_in_the_preflight_and_not_brought():
    aws = Account(queues=[JOBS, DLQ, AUDIO_JOBS, AUDIO_DLQ])
    work(aws, manage_queues=False)
    counts = [("count", name) for name in (DLQ, JOBS, AUDIO_DLQ, AUDIO_JOBS)]
    assert aws.journal == [GROUPS, *counts, PUBLISHER, SCHEDULE, POLICIES, ASKED]


@pytest.mark.parametrize(
    ("steps", "missing"), [(["queue", "policy"], {"video", "audio"}), (["policy"], set())], ids=["needed", "left out"]
)
def test_queues_that_are_not_managed_must_be_there_where_the_run_is_about_queues(steps, missing):
    assert failed(work(Account(), manage_queues=False, steps=steps)).keys() == missing


def test_pools_that_are_not_published_need_no_publisher():
    aws = Account()
    result = work(aws, PLAIN)
    assert [word for word, _keys in aws.journal] == ["groups", "queue", "queue", "policy"]
    assert result["pools"][0]["served"] is False


# --- looking ----------------------------------------------------------------------------------------------------

LOOKS = {
    "queue": sorted([JOBS, DLQ, AUDIO_JOBS, AUDIO_DLQ]),
    "publisher": [FUNCTION],
    "schedule": [RULE],
    "policy": sorted([(AUDIO_GROUP, "audio-backlogcount-tt"), (GROUP, POLICY)]),
}


@pytest.mark.parametrize(
    ("options", "steps"),
    [
        ({}, STEPS),
        ({"steps": ["policy"]}, ["policy"]),
        ({"steps": ["schedule", "publisher"]}, ["publisher", "schedule"]),
        ({"steps": []}, []),
        ({"manage_queues": False}, ["publisher", "schedule", "policy"]),
    ],
    ids=["all", "policy", "two", "none", "queues of others"],
)
def test_what_the_chosen_steps_are_about_is_looked_at_once(options, steps):
    aws = Account(queues=[JOBS, DLQ, AUDIO_JOBS, AUDIO_DLQ])
    work(aws, **options)
    assert aws.looked == {step: LOOKS[step] for step in steps}
    assert {step: sorted(known) for step, known in aws.known.items()} == aws.looked
    assert ("read", 2 if steps else 0) in aws.phases


def test_nothing_is_looked_at_for_pools_that_cannot_succeed():
    aws = Account(groups=[])
    work(aws)
    assert aws.looked == {}


@pytest.mark.parametrize("purge", [False, True])
def test_of_a_publisher_that_no_pool_needs_only_a_purge_looks_at_it(purge):
    aws = Account()
    work(aws, PLAIN, purge_pools=purge)
    assert aws.looked.keys() == {"queue", "policy", *(["publisher"] if purge else [])}


@pytest.mark.parametrize(
    ("changing", "again"),
    [
        (["queue"], []),
        (["publisher"], []),
        (["queue", "publisher"], ["publisher"]),
        (["schedule"], ["schedule"]),
        (["policy"], ["policy"]),
    ],
    ids=" ".join,
)
def test_what_differs_is_read_again_where_an_earlier_step_changed_something(changing, again):
    """Or where who only looks does not read all that the plan needs."""
    aws = Account(changing=changing, failing={(GROUP, POLICY): "denied"})
    work(aws)
    known = {**LOOKS, "policy": LOOKS["policy"][:1]} | {step: [] for step in again}
    assert {step: sorted(keys) for step, keys in aws.known.items()} == known


@pytest.mark.parametrize("key", [FUNCTION, RULE, JOBS])
def test_what_could_not_be_read_ahead_is_read_again(key):
    aws = Account(failing={key: "throttled"})
    work(aws)
    assert all(key not in known for known in aws.known.values())


def test_what_differs_is_read_again_where_another_pool_has_failed():
    aws = Account(changing=["publisher"], failing={JOBS: "denied"})
    work(aws)
    assert aws.known["publisher"] == set()


def test_what_was_read_ahead_is_read_again_where_a_step_before_took_long():
    now = [0.0]

    class Slow(Account):
        def reconcile(self, resource, desired, known=None, beside=None):
            if resource.__name__.endswith(".publisher"):
                now[0] += prefetch.FRESH_SECONDS + 1
            return super().reconcile(resource, desired, known)

    aws = Slow()
    work(aws, clock=lambda: now[0])
    assert {step for step, keys in aws.known.items() if keys} == {"queue", "publisher"}


def test_a_defect_in_what_is_read_ahead_is_reported_by_its_step():
    aws = Account(blind=["policy"], ending={"policy": KeyError("Enabled")}, changing=["queue"])
    aws.refused = KeyError("Enabled")
    result = work(aws)
    assert (result["changed_steps"], result["pools"][0]["changed"]) == (["queue"], True)
    assert "please report it: KeyError('Enabled')" in failed(result)["video"]


@pytest.mark.parametrize("blind", [["queue"], ["policy", "schedule"], STEPS], ids=" ".join)
def test_who_could_not_be_looked_at_beforehand_is_brought_all_the_same(blind):
    aws = Account(blind=blind)
    result = work(aws)
    assert {step for step, known in aws.known.items() if not known} == set(blind)
    assert aws.journal == [GROUPS, *QUEUES, PUBLISHER, SCHEDULE, POLICIES, ASKED]
    assert failed(result) == {}


# --- refusing ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "option",
    [
        {"memory_size": 64},
        {"timeout": 61},
        {"function_name": "a b"},
        {"role": "x"},
        {"code": ""},
        {"rule_name": "a b"},
        {"schedule_expression": "1 minute"},
        {"expected_account": "210987654321"},
        {"expected_region": "us-east-1"},
    ],
    ids=str,
)
def test_a_bad_option_is_refused_before_anything_is_asked_or_brought(option):
    aws = Account()
    with pytest.raises(Failure, match=f"^{next(iter(option))}: "):
        work(aws, **option)
    assert (aws.journal, aws.asked) == ([], [])


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, ["groups", "queue", "queue", "group", "policy"]),
        ({"steps": ["policy", "group_metrics"]}, ["groups", "group", "policy"]),
        ({"steps": ["queue"], "manage_group_metrics": False}, ["groups", "queue", "queue"]),
        ({"manage_group_metrics": False}, ["groups"]),
        ({"steps": ["policy"]}, ["groups"]),
    ],
    ids=["all", "the policy and what it needs", "no policy", "not managed", "the policy alone"],
)
def test_what_a_signal_needs_of_its_group_is_there_before_its_policy_or_nothing_is_done(options, words):
    aws = Account()
    result = work(aws, BY_SQS, **options)
    assert [word for word, _keys in aws.journal] == words
    assert ("video" in failed(result)) == (words == ["groups"])


@pytest.mark.parametrize("mode", ["warn", "refuse", "ignore"])
def test_workers_that_aws_may_take_away_are_reported_before_anything_is_done(monkeypatch, mode):
    aws = Account(changing=["policy"])
    asked = []

    def risks(pools, aws, desired, planned):
        asked.append((sorted(desired), sorted(planned)))
        return {"video": "AWS may scale in"}

    monkeypatch.setattr(apply.scale_in, "risks", risks)
    result = work(aws, on_scale_in=mode)
    assert asked == ([] if mode == "ignore" else [(POLICIES[1], POLICIES[1])])
    assert result.get("warnings") == (["pool video: AWS may scale in"] if mode == "warn" else None)
    assert list(failed(result)) == (["video"] if mode == "refuse" else [])
    assert [word for word, _keys in aws.journal] == ["groups"] + (
        [] if mode == "refuse" else ["queue", "queue", "publisher", "schedule", "policy", "invoke"]
    )
    assert result["changed"] == (mode != "refuse")


@pytest.mark.parametrize("mode", ["warn", "refuse", "ignore"])
def test_policies_that_cannot_be_read_are_reported_or_refused_where_a_risk_is(mode):
    aws = Account(blind=["policy"])
    result = work(aws, on_scale_in=mode)
    assert failed(result) == (dict.fromkeys(["video", "audio"], str(aws.refused)) if mode == "refuse" else {})
    assert (aws.journal == [GROUPS]) == (mode == "refuse")
    assert result.get("warnings", []) == [
        f"pool {name}: whether AWS scales in once the policy has changed is unknown, as the live policy of group "
        f"{group} is not known ({aws.refused})"
        for name, group in {"video": GROUP, "audio": AUDIO_GROUP}.items()
        if mode == "warn"
    ]
    assert [keys for step, keys in aws.looks if step == "policy"] == [LOOKS["policy"]] * (1 if mode == "ignore" else 2)


@pytest.mark.parametrize("mode", ["warn", "refuse"])
@pytest.mark.parametrize(
    ("account", "again"),
    [
        ({"blind": ["policy"], "recovering": ["policy"]}, [LOOKS["policy"]]),
        ({"failing": {(GROUP, POLICY): "throttled"}}, [[(GROUP, POLICY)]]),
    ],
    ids=["all", "one of them"],
)
def test_policies_that_could_not_be_read_ahead_are_read_again_for_the_look(monkeypatch, mode, account, again):
    """Or their own step might read and change them without a warning."""
    looked = []

    def risks(pools, aws, desired, planned):
        looked.append(sorted(planned))
        return {"audio": "AWS may scale in"}

    monkeypatch.setattr(apply.scale_in, "risks", risks)
    aws = Account(**account)
    result = work(aws, on_scale_in=mode)
    assert [keys for step, keys in aws.looks if step == "policy"] == [LOOKS["policy"], *again]
    assert looked == [LOOKS["policy"]]
    assert result.get("warnings") == (["pool audio: AWS may scale in"] if mode == "warn" else None)
    assert "audio" in failed(result) or mode == "warn"


def test_a_pool_that_cannot_succeed_stops_all_before_the_first_write():
    aws = Account(groups=[AUDIO_GROUP])
    result = work(aws)
    assert aws.journal == [GROUPS]
    assert failed(result).keys() == {"video"}
    assert result["pools"][1] == {"name": "audio", "changed": False, "changed_steps": []}
    assert (result["changed"], result["requests"], result["diff"]) == (False, [], [])


# --- pools that fail --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pool_name", ["video", "audio"])
@pytest.mark.parametrize("position", [0, 1], ids=["dead-letter queue", "queue"])
def test_a_pool_whose_queue_fails_takes_no_further_part_and_the_other_is_done(pool_name, position):
    queue_name = {"video": [DLQ, JOBS], "audio": [AUDIO_DLQ, AUDIO_JOBS]}[pool_name][position]
    (left,) = {"video", "audio"} - {pool_name}
    aws = Account(failing={queue_name: "denied"})
    result = work(aws)
    assert aws.wanted["publisher"][FUNCTION].pools.keys() == {left}
    assert aws.wanted["policy"].keys() == {key for key in KEYS[left] if isinstance(key, tuple)}
    assert failed(result).keys() == {pool_name}
    assert failed(result)[pool_name].startswith("denied")
    depths = {one["name"]: one.get("queue_depth_total") for one in result["pools"]}
    assert depths == {pool_name: None, left: 5}
    assert [one["name"] for one in result["pools"]] == ["video", "audio"]


@pytest.mark.parametrize(
    ("failing", "words", "names"),
    [
        ({FUNCTION: "denied"}, ["queue", "queue", "publisher", "policy"], {"video"}),
        ({RULE: "denied"}, ["queue", "queue", "publisher", "schedule", "policy"], {"video"}),
        ({(GROUP, POLICY): "denied"}, ["queue", "queue", "publisher", "schedule", "policy"], {"video"}),
        ({JOBS: "denied", AUDIO_JOBS: "denied"}, ["queue", "queue"], {"video", "plain"}),
    ],
    ids=["publisher", "schedule", "policy", "every pool"],
)
def test_who_failed_is_not_worked_on_and_the_publisher_is_asked_for_nobody(failing, words, names):
    aws = Account(failing=failing)
    result = work(aws, VIDEO, PLAIN)
    assert [word for word, _keys in aws.journal] == ["groups", *words]
    assert failed(result).keys() == names
    if "policy" in words and (GROUP, POLICY) not in failing:
        assert aws.wanted["policy"].keys() == {("academy-audio-worker-asg", "audio-backlogcount-tt")}


@pytest.mark.parametrize("purge", [False, True])
def test_a_purge_drops_what_the_list_does_not_have_and_not_what_has_failed(purge):
    aws = Account(failing={JOBS: "denied"})
    work(aws, purge_pools=purge)
    desired = aws.wanted["publisher"][FUNCTION]
    assert (desired.pools.keys(), desired.names, desired.purge) == ({"audio"}, {"video"}, purge)


# --- what ends a step -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("error", [Failure("cannot go on"), Unusable("cannot go on")], ids=["failure", "unusable"])
@pytest.mark.parametrize(
    ("step", "words", "changed_steps"),
    [
        ("queue", ["queue"], []),
        ("publisher", ["queue", "queue", "publisher"], ["queue"]),
        ("schedule", ["queue", "queue", "publisher", "schedule"], ["queue", "publisher"]),
        ("policy", ["queue", "queue", "publisher", "schedule", "policy"], ["queue", "publisher", "schedule"]),
    ],
)
def test_what_ends_a_step_fails_the_pools_that_were_left_and_hides_nothing_of_the_steps_before(
    error, step, words, changed_steps
):
    aws = Account(ending={step: error}, changing=apply.NAMES, failing={} if step == "queue" else {AUDIO_JOBS: "denied"})
    result = work(aws)
    assert [word for word, _keys in aws.journal] == ["groups", *words]
    assert result["changed_steps"] == changed_steps
    assert result["changed"] is bool(changed_steps)
    sent = [request["params"]["QueueUrl"].split()[0] for request in result["requests"]]
    assert sent == [entry["after_header"].split()[0] for entry in result["diff"]]
    assert list(dict.fromkeys(sent)) == changed_steps
    assert failed(result) == {"video": "cannot go on", "audio": "cannot go on" if step == "queue" else "denied"}
    assert result["pools"][0]["changed_steps"] == changed_steps
    assert result["pools"][1]["changed_steps"] == changed_steps[:1]


def test_a_defect_in_a_late_step_hides_nothing_of_the_steps_before():
    result = work(Account(ending={"policy": KeyError("Enabled")}, changing=apply.NAMES))
    assert result["changed_steps"] == ["queue", "publisher", "schedule"]
    assert "please report it: KeyError('Enabled')" in failed(result)["video"]
    assert "Traceback" in result["exception"]


def test_what_ends_the_verification_hides_nothing_either():
    aws = Account(changing=apply.NAMES, depths={"video": 4})
    aws.answers["sqs.get_queue_url"] = Unusable("cannot go on")
    result = work(aws)
    assert result["changed_steps"] == list(STEPS)
    assert failed(result)["video"] == "cannot go on"
    assert len(result["requests"]) == len(result["diff"]) == 8


# --- telling ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changing", "of_video", "of_plain"),
    [
        ([], [], []),
        (["queue"], ["queue"], ["queue"]),
        (["publisher"], ["publisher"], []),
        (["policy", "schedule"], ["schedule", "policy"], ["policy"]),
    ],
    ids=["none", "queue", "publisher", "schedule and policy"],
)
def test_the_steps_that_changed_are_reported_of_the_run_and_of_each_pool(changing, of_video, of_plain):
    result = work(Account(changing=changing), VIDEO, PLAIN)
    assert (result["changed"], result["changed_steps"]) == (bool(changing), of_video)
    assert [one["changed_steps"] for one in result["pools"]] == [of_video, of_plain]
    assert [one["changed"] for one in result["pools"]] == [bool(of_video), bool(of_plain)]


def test_what_each_step_reports_beside_its_pools_is_reported():
    result = work(Account())
    assert (result["account_id"], result["region"]) == ("123456789012", "ap-northeast-2")
    assert (result["publisher"]["function_name"], result["schedule"]["rule_name"]) == (FUNCTION, RULE)
    assert {"queue_arn", "dead_letter_queue_arn", "served", "other_policies", "queue_depth_total"} <= result["pools"][
        0
    ].keys()


# --- verification -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changing", "publish"),
    [([], False), (["queue", "schedule", "policy"], False), (["publisher"], True)],
    ids=["nothing changed", "all but the publisher", "the publisher"],
)
def test_only_a_publisher_that_has_changed_publishes_at_the_end(changing, publish):
    aws = Account(changing=changing)
    work(aws)
    assert aws.events == [{"publish": publish}]


@pytest.mark.parametrize("changing", [[], ["policy"]], ids=["nothing changed", "a policy changed"])
@pytest.mark.parametrize(
    ("seconds", "counted"),
    [(prefetch.FRESH_SECONDS, []), (prefetch.FRESH_SECONDS + 1, [JOBS, AUDIO_JOBS])],
    ids=["a moment ago", "long ago"],
)
def test_what_was_counted_long_ago_is_counted_again(seconds, counted, changing):
    aws = Account(changing=changing, queues=[JOBS, AUDIO_JOBS])
    now = [0.0]
    reconcile = aws.reconcile

    def slow(resource, desired, known=None, beside=None):
        now[0] = seconds
        return reconcile(resource, desired, known)

    aws.reconcile = slow
    work(aws, clock=lambda: now[0])
    assert [key for word, key in aws.journal if word == "count"] == counted


@pytest.mark.parametrize(
    ("depths", "counted", "expected"),
    [
        ({}, [], set()),
        ({"audio": 4}, [AUDIO_JOBS], {"audio"}),
        ({"video": 6, "audio": 4}, [JOBS, AUDIO_JOBS], {"video", "audio"}),
    ],
    ids=["both agree", "one differs", "both differ"],
)
def test_only_a_queue_that_differs_is_counted_again(depths, counted, expected):
    aws = Account(depths=depths, queues=[JOBS, AUDIO_JOBS])
    assert failed(work(aws)).keys() == expected
    assert aws.journal[7:] == [("count", name) for name in counted]


def test_the_publisher_that_is_asked_is_the_one_that_was_deployed():
    aws = Account()
    work(aws, pool(**given(name="video")), function_name="depths")
    ((_operation, params),) = [one for one in aws.asked if one[0] == "lambda.invoke"]
    assert (params["FunctionName"], params["Qualifier"]) == ("depths", "live")


# --- tags -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("tags", "looked_at"), [({}, []), (TAGS, ["snapshot_tags"])], ids=["none", "some"])
def test_every_step_that_makes_something_gets_the_tags(tags, looked_at):
    aws = Account()
    work(aws, VIDEO, tags=tags)
    assert sorted(aws.wanted) == sorted([*STEPS, *looked_at])
    assert [one.tags for one in aws.wanted["queue"].values()] == [tags]
    assert aws.wanted["publisher"][FUNCTION].tags == tags
    assert aws.wanted["schedule"][RULE].firing.rule.tags == tags
    assert aws.wanted["policy"][GROUP, POLICY].record.tags == tags
    assert [one.tags for one in aws.wanted.get("snapshot_tags", {}).values()] == [tags] * len(looked_at)
