# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a version of the publisher answers is believed only as far as it says something."""

from __future__ import annotations

import io
import json

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import Failure
from ansible_collections.academy.video_scaling.plugins.module_utils.resources import answer
from ansible_collections.academy.video_scaling.tests.unit.examples import FUNCTION, given, other, settings
from ansible_collections.academy.video_scaling.tests.unit.fake_aws import FakeAws, refusal


def answering(payload, **reply):
    text = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return FakeAws({"lambda.invoke": lambda params: {"Payload": io.BytesIO(text), **reply}})


WHOLE = list(settings(given(), other()).values())


@pytest.mark.parametrize(
    ("aws", "pools"),
    [
        pytest.param(answering({"version": "4", "pools": WHOLE}), settings(given(), other()), id="all it serves"),
        pytest.param(answering({"version": "4", "pools": []}), {}, id="none"),
        pytest.param(answering({"video_queue_depth_total": 1}), None, id="depths instead"),
        pytest.param(answering({"pools": "video"}), None, id="no list"),
        pytest.param(answering({"pools": [*WHOLE, "video"]}), None, id="one is a text"),
        pytest.param(answering({"pools": [{"name": "video"}]}), None, id="one is not whole"),
        pytest.param(answering({"pools": [{**WHOLE[0], "metric": "x"}]}), None, id="its metric is a text"),
        pytest.param(answering({"pools": [{**WHOLE[0], "metric": {"name": "x"}}]}), None, id="its metric is not whole"),
        pytest.param(answering(None), None, id="null"),
        pytest.param(answering(b""), None, id="empty"),
        pytest.param(answering(b"<html>"), None, id="no JSON"),
        pytest.param(answering([1]), None, id="a list"),
        pytest.param(answering({"errorMessage": "boom"}, FunctionError="Unhandled"), None, id="its error"),
    ],
)
def test_the_pools_that_it_says_it_serves(aws, pools):
    assert answer.pools_of(aws, FUNCTION, "4") == pools
    ((_name, params),) = aws.asked
    assert (params["Qualifier"], json.loads(params["Payload"])) == ("4", {"describe": True})


def test_what_may_not_be_asked_is_not_taken_for_silence():
    with pytest.raises(Failure, match="AccessDenied"):
        answer.pools_of(FakeAws({"lambda.invoke": refusal("AccessDeniedException")}), FUNCTION, "4")


def test_its_answer_is_handed_on():
    aws = answering({"video_queue_depth_total": 5})
    assert answer.asked(aws, FUNCTION, "live", {"publish": False}) == {"video_queue_depth_total": 5}


@pytest.mark.parametrize(
    ("aws", "message"),
    [
        (answering({"errorMessage": "no pools.json"}, FunctionError="Unhandled"), "failed: no pools.json"),
        (answering({"errorType": "Runtime.ExitError"}, FunctionError="Unhandled"), "failed: .*Runtime.ExitError"),
        (answering("text"), "failed: text"),
        (answering(b"<html>"), "gave no readable answer"),
    ],
    ids=["its own error", "an error without message", "no dictionary", "no JSON"],
)
def test_its_own_error_is_reported(aws, message):
    with pytest.raises(Failure, match=f"function {FUNCTION}:live {message}"):
        answer.asked(aws, FUNCTION, "live", {})
