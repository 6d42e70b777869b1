# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A behaviour lets everything pass unless it says otherwise, and asks the emulator as who the request came from."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from local_aws.strict.behaviour import Behaviour, Settings, Upstream

from .sent import OK, Emulator, Missing, made, request


def test_what_a_behaviour_does_not_touch_passes():
    sent = request("sqs:ListQueues")
    assert made(Behaviour).before(sent) is None
    assert made(Behaviour).after(sent, OK) is OK


def test_delays_are_a_few_requests_by_default():
    assert Settings().pace == 2
    assert "python3.8" in Settings().blocked_runtimes


@pytest.mark.parametrize(("code", "found"), [("Gone", {}), ("Throttled", None)])
def test_one_error_means_that_it_is_not_there(code, found):
    aws = Emulator(ssm__get_parameter=Missing(code))
    if found is None:
        with pytest.raises(ClientError):
            aws.unless("Gone", "ssm", request("ssm:GetParameter"), "get_parameter", Name="n")
    else:
        assert aws.unless("Gone", "ssm", request("ssm:GetParameter"), "get_parameter", Name="n") == found
    assert aws.called("ssm:get_parameter") == [{"Name": "n"}]


def test_the_emulator_is_asked_in_the_account_and_region_of_the_request():
    aws = Upstream("http://127.0.0.1:1")
    there = aws.client("sqs", request("sqs:ListQueues", account="210987654321", region="eu-west-1"))
    assert (there.meta.region_name, there.meta.endpoint_url) == ("eu-west-1", "http://127.0.0.1:1")
    assert there is aws.client("sqs", request("sqs:GetQueueUrl", account="210987654321", region="eu-west-1"))
    assert there is not aws.client("sqs", request("sqs:ListQueues", region="eu-west-1"))
