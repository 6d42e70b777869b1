# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A failed run of the publisher is not repeated, or every other pool would be published three times."""

from __future__ import annotations

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import Failure
from ansible_collections.academy.video_scaling.plugins.module_utils.resources import retries
from ansible_collections.academy.video_scaling.plugins.module_utils.resources.retries import Retries
from ansible_collections.academy.video_scaling.tests.unit.examples import FUNCTION
from ansible_collections.academy.video_scaling.tests.unit.fake_aws import FakeAws, refusal, sent

PARAMS = {"FunctionName": FUNCTION, "Qualifier": "live", "MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60}


@pytest.mark.parametrize(
    ("current", "requests"),
    [
        pytest.param(None, [("put_function_event_invoke_config", PARAMS)], id="Lambda's own way"),
        pytest.param(Retries(FUNCTION), [], id="as declared"),
        pytest.param(Retries(FUNCTION, 2), [("update_function_event_invoke_config", PARAMS)], id="repeated"),
        pytest.param(
            Retries(FUNCTION, 0, 21600), [("update_function_event_invoke_config", PARAMS)], id="kept for hours"
        ),
        pytest.param(
            Retries(FUNCTION, None, None), [("update_function_event_invoke_config", PARAMS)], id="only a destination"
        ),
    ],
)
def test_the_way_to_no_repetition(current, requests):
    plan = retries.plan(current, Retries(FUNCTION))
    assert sent(plan) == requests
    assert bool(plan.differences()) is bool(requests)


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ({"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60, "DestinationConfig": {}}, Retries(FUNCTION)),
        ({"DestinationConfig": {"OnFailure": {}}}, Retries(FUNCTION, None, None)),
        (refusal("ResourceNotFoundException"), None),
    ],
    ids=["as declared", "only a destination", "nothing"],
)
def test_what_is_set_is_found(answer, found):
    aws = FakeAws({"lambda.get_function_event_invoke_config": answer})
    assert retries.find(aws, FUNCTION) == found
    assert aws.asked[0][1] == {"FunctionName": FUNCTION, "Qualifier": "live"}


def test_what_may_not_be_read_is_reported():
    with pytest.raises(Failure, match="AccessDenied"):
        retries.find(FakeAws({"lambda.get_function_event_invoke_config": refusal("AccessDeniedException")}), FUNCTION)
