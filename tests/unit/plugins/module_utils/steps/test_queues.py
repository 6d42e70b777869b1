# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The queues are brought in two stages, and what the first has failed, the second leaves alone."""

from __future__ import annotations

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import Failure, Unusable
from ansible_collections.academy.video_scaling.plugins.module_utils.plan import Plan, Request
from ansible_collections.academy.video_scaling.plugins.module_utils.reconcile import Outcome
from ansible_collections.academy.video_scaling.plugins.module_utils.resources import queue
from ansible_collections.academy.video_scaling.plugins.module_utils.steps import queues
from ansible_collections.academy.video_scaling.tests.unit.examples import other, pool
from ansible_collections.academy.video_scaling.tests.unit.fake_aws import FakeAws

JOBS, DLQ = "academy-video-jobs", "academy-video-jobs-dlq"
AUDIO_JOBS, AUDIO_DLQ = "academy-audio-jobs", "academy-audio-jobs-dlq"
VIDEO, AUDIO = pool(), pool(**other())
SHARING = pool(**other(dead_letter_queue_name=DLQ))
ALONE = pool(dead_letter_queue_name=...)
MADE = Plan("queue", None, {"queue_name": DLQ}, (Request("sqs", "create_queue", {"QueueName": DLQ}),))


def work(pools, failing=(), present=True):
    """What was done, and the stages: the queues that were brought at once, by name."""
    stages = []

    def bring(resource, desired):
        assert resource is queue
        stages.append(dict(desired))
        return {name: Outcome(None, Failure(f"{name} failed") if name in failing else None) for name in desired}

    return queues.work(pools, FakeAws(), bring, present), stages


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
    assert all(brought[1][name] == queue.Absent(frozenset({JOBS, AUDIO_JOBS})) for name in (DLQ, AUDIO_DLQ))


def test_what_ends_the_second_stage_hides_nothing_of_the_first():
    def bring(resource, desired):
        if DLQ in desired:
            return {DLQ: Outcome(MADE)}
        raise Unusable("the credentials have expired")

    done = queues.work([VIDEO], FakeAws(), bring)
    assert done.failed == {"video": "the credentials have expired"}
    assert [step["operation"] for step in done.result()["requests"]] == ["create_queue"]
