# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run that cannot reach AWS says why and what to do in one sentence, soon and without a traceback."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from local_aws.recorder import Answer, Recorded
from tests.integration.account import Account
from tests.integration.playbook import Run

LIMIT_SECONDS = 30.0
NOWHERE = {"video_scaling_region": "xx-nowhere-9"}
CREDENTIALS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")

# As AWS answers it.
EXPIRED = """<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <Error>
    <Type>Sender</Type>
    <Code>ExpiredToken</Code>
    <Message>The security token included in the request is expired</Message>
  </Error>
  <RequestId>5ad1c7e0-0000-4000-8000-000000000000</RequestId>
</ErrorResponse>
"""


@pytest.fixture
def closed_port() -> Iterator[str]:
    """Bound and never listened on, so that nobody else can answer there."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"


@pytest.fixture
def silent_port() -> Iterator[str]:
    """Takes connections and never answers."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(64)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


@pytest.fixture
def refused(record_property: Callable[[str, object], None]) -> Callable[..., Run]:
    def refused(account: Account, environment: Mapping[str, str], variables: Mapping[str, Any], *words: str) -> Run:
        run = account.apply(variables, environment=environment, timeout=LIMIT_SECONDS)
        record_property("seconds", round(run.seconds, 1))
        print(f"{run.seconds:.1f} seconds: {run.failure.message}")
        assert run.code != 0
        assert run.mutating == []
        assert run.failure.name == "Pools"
        assert "Traceback" not in run.output
        assert re.search(r"[.!?]\s|\n", run.failure.message) is None, "more than one sentence"
        for word in words:
            assert word in run.failure.message
        return run

    return refused


def test_no_credentials(account, refused):
    environment = {name: value for name, value in account.environment.items() if name not in CREDENTIALS}
    run = refused(account, environment, {}, "credentials", "AWS_PROFILE", "AWS_ACCESS_KEY_ID")
    assert run.requests == []


def test_an_expired_token(account, refused):
    def expired(request: Recorded) -> Answer | None:
        return (403, {"Content-Type": "text/xml"}, EXPIRED) if request.service == "sts" else None

    account.recording.before = expired
    environment = {**account.environment, "AWS_SESSION_TOKEN": "expired"}
    refused(account, environment, {}, "expired", "log in again")


def test_an_unknown_region_behind_an_endpoint(account, refused):
    refused(account, account.environment, NOWHERE, "region", "xx-nowhere-9", "ap-northeast-2")


def test_an_unknown_region(account, refused, closed_port):
    environment = {name: value for name, value in account.environment.items() if name != "AWS_ENDPOINT_URL"}
    # Should it try all the same, it does not leave this machine.
    environment.update(HTTPS_PROXY=closed_port, HTTP_PROXY=closed_port)
    refused(account, environment, NOWHERE, "region", "xx-nowhere-9", "ap-northeast-2")


@pytest.mark.parametrize("endpoint", ["closed_port", "silent_port"])
def test_an_endpoint_that_does_not_answer(account, refused, request, endpoint):
    url = request.getfixturevalue(endpoint)
    environment = {**account.environment, "AWS_ENDPOINT_URL": url}
    refused(account, environment, {}, "cannot reach", url, "check endpoint_url")
