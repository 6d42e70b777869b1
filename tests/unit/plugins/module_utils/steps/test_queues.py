# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The queues are brought in two stages, and what the first has failed, the second leaves alone."""

from __future__ import annotations

from functools import partial

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import Failure, Unusable
from ansible_collections.academy.video_scaling.plugins.module_utils.plan import Plan, Request
from ansible_collections.academy.video_scaling.plugins.module_utils.reconcile import Outcome, reconcile
from ansible_collections.academy.video_scaling.plugins.module_utils.resources import queue
from ansible_collections.academy.video_scaling.plugins.module_utils.steps import queues
from ansible_collections.academy.video_scaling.plugins.module_utils.steps.step import alone
from ansible_collections.academy.video_scaling.tests.unit.examples import other, pool
from ansible_collections.academy.video_scaling.tests.unit.fake_aws import FakeAws, refusal
from ansible_collections.academy.video_scaling.tests.unit.plugins.module_utils.steps.runs import run_of
from ansible_collections.academy.video_scaling.tests.unit.tag_cases import TAGS

JOBS, DLQ = "academy-video-jobs", "academy-video-jobs-dlq"
AUDIO_JOBS, AUDIO_DLQ = "academy-audio-jobs", "academy-audio-jobs-dlq"
VIDEO, AUDIO = pool(), pool(**other())
SHARING = pool(**other(dead_letter_queue_name=DLQ))
STATES = {True: "present", False: "absent"}
ALONE = pool(dead_letter_queue_name=...)
MADE = Plan("queue", None, {"queue_name": DLQ}, (Request("sqs", "create_queue", {"QueueName": DLQ}),))


def work(pools, failing=(), present=True):
    """What was done, and the stages: the queues that were brought at once, by name."""
    stages = []

    def reconciling(resource, desired, known=(), beside=()):
        assert resource is queue
        stages.append(dict(desired))
        return {
            name: Outcome(None, Failure(f"{name} failed") if name in failing else None) for name in (*desired, *beside)
        }

    return alone(queues, run_of(queues, pools, None, reconciling, state=STATES[present])), stages


@pytest.mark.parametrize(
    ("pools", "failing", "present", "stages"),
    [
        pytest.param([VIDEO, AUDIO], (), True, [[AUDIO_DLQ, DLQ], [AUDIO_JOBS, JOBS]], id="dead letters first"),
        pytest.param([VIDEO, AUDIO], (), False, [[AUDIO_JOBS, JOBS], [AUDIO_DLQ, DLQ]], id="dead letters last"),
        pytest.param([VIDEO, SHARING], (), True, [[DLQ], [AUDIO_JOBS, JOBS]], id="a shared one once"),
        pytest.param([ALONE], (), True, [[], [JOBS]], id="no dead letters"),
        pytest.param([VIDEO, AUDIO], [DLQ], True, [[AUDIO_DLQ, DLQ], [AUDIO_JOBS]], id="held back"),
        pytest.param([VIDEO, SHARING], [DLQ], True, [[DLQ], []], id="all that share it held back"),
        pytest.param([VIDEO, AUDIO], [JOBS], False, [[AUDIO_JOBS, JOBS], [AUDIO_DLQ]], id="held back from leaving"),
        pytest.param([VIDEO, SHARING], [JOBS], False, [[AUDIO_JOBS, JOBS], []], id="needed by one of two"),
    ],
)
def test_the_stages(pools, failing, present, stages):
    done, brought = work(pools, failing, present)
    assert [sorted(stage) for stage in brought] == stages
    assert done.outcomes.keys() == {name for stage in stages for name in stage} | {
        name for one in pools for name in (one.queue_name, one.dead_letter_queue_name) if name
    }


def test_a_pool_tells_of_both_its_queues():
    done, _brought = work([VIDEO, AUDIO], [DLQ])
    assert done.failed == {"video": f"{DLQ} failed; queue {JOBS} is left as it is until {DLQ} is in order"}


def test_a_queue_that_goes_knows_which_others_go_with_it():
    _done, brought = work([VIDEO, AUDIO], present=False)
    assert all(brought[1][name] == queue.DesiredAbsent(frozenset({JOBS, AUDIO_JOBS})) for name in (DLQ, AUDIO_DLQ))


def test_what_ends_the_second_stage_hides_nothing_of_the_first():
    def reconciling(resource, desired, known=(), beside=()):
        if DLQ in desired:
            return {DLQ: Outcome(MADE)}
        raise Unusable("the credentials have expired")

    done = alone(queues, run_of(queues, [VIDEO], None, reconciling))
    assert done.failed == {"video": "the credentials have expired"}
    assert [step["operation"] for step in done.result()["requests"]] == ["create_queue"]


@pytest.mark.parametrize(("present", "tags"), [(True, [TAGS, TAGS]), (False, [])], ids=["made", "deleted"])
def test_each_queue_that_is_to_be_there_gets_the_tags(present, tags):
    wanted = {}

    def reconciling(resource, desired, known=(), beside=()):
        wanted.update(desired)
        return {name: Outcome(None) for name in (*desired, *beside)}

    alone(queues, run_of(queues, [VIDEO], None, reconciling, state=STATES[present], tags=TAGS))
    assert [one.tags for one in wanted.values() if isinstance(one, queue.Queue)] == tags


class Queues(FakeAws):
    """Queues with their counts of visible messages, look after look; the last count stays."""

    def __init__(self, **counts):
        self.counts = {name.replace("_", "-"): list(values) for name, values in counts.items()}
        super().__init__(
            {
                "sqs.get_queue_url": lambda params: {"QueueUrl": f"https://sqs/1/{params['QueueName']}"},
                "sqs.get_queue_attributes": lambda params: self.attributes(params["QueueUrl"].rpartition("/")[2]),
                "sqs.list_dead_letter_source_queues": lambda params: [],
                "sqs.delete_queue": lambda params: self.counts.pop(params["QueueUrl"].rpartition("/")[2]) and {},
            }
        )

    def attributes(self, name):
        if name not in self.counts:
            return refusal(queue.MISSING[0])
        values = self.counts[name]
        count = values.pop(0) if len(values) > 1 else values[0]
        counts = dict.fromkeys(queue.COUNTS.values(), "0") | {queue.COUNTS["visible"]: str(count)}
        return {"Attributes": {**counts, "VisibilityTimeout": "30", "MessageRetentionPeriod": "60"}}

    @property
    def deleted(self):
        return [params["QueueUrl"].rpartition("/")[2] for name, params in self.sent if name == "sqs.delete_queue"]


PAIR = {"academy_video_jobs": [0], "academy_video_jobs_dlq": [0]}


@pytest.mark.parametrize(
    ("counts", "check", "deleted", "waited", "part"),
    [
        pytest.param(PAIR, False, [JOBS, DLQ], 75, "", id="empty all the time"),
        pytest.param(PAIR, True, [], 0, "", id="a check does not wait"),
        # The publisher's counts were old: a message shows after half a minute.
        pytest.param(PAIR | {"academy_video_jobs": [0, 0, 3]}, False, [], 75, "3 visible", id="a message shows"),
        pytest.param(
            PAIR | {"academy_video_jobs_dlq": [0, 2]}, False, [JOBS], 75, "2 visible", id="a dead letter shows"
        ),
        # Watched with the others, and looked at once more when its turn comes.
        pytest.param(
            PAIR | {"academy_video_jobs_dlq": [*[0] * 6, 1]}, False, [JOBS], 75, "1 visible", id="at the last moment"
        ),
        pytest.param(PAIR | {"academy_video_jobs": [4]}, False, [], 75, "4 visible", id="not empty"),
    ],
)
def test_queues_go_once_their_counts_have_settled_and_wait_for_that_together(counts, check, deleted, waited, part):
    slept, aws = [], Queues(**counts)
    reconciling = partial(reconcile, aws=aws, check_mode=check, clock=lambda: sum(slept), sleep=slept.append)
    done = alone(queues, run_of(queues, [VIDEO], aws, reconciling, state="absent"))
    assert aws.deleted == deleted
    assert sum(slept) == waited
    assert part in done.failed.get("video", "")
    assert bool(done.failed) is bool(part)
    waits = [step for step in done.result()["requests"] if "wait" in step]
    assert {step["params"]["seconds"] for step in waits} <= {queue.SETTLED.seconds}
    assert not check or len(waits) == 2
