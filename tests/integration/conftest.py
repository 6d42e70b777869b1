# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every account starts empty, every run is watched on the wire, and no run at all may send what never may be sent."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from local_aws import emulator, recorder, seed
from local_aws.emulator import Emulator
from local_aws.recorder import Recording
from tests.integration.account import Account, account_in
from tests.integration.in_process import Warm, warm


@pytest.fixture(scope="session")
def ministack() -> Iterator[Emulator]:
    """A local AWS that runs the publisher's code."""
    with emulator.ministack() as running:
        yield running


@pytest.fixture(scope="session")
def moto() -> Iterator[Emulator]:
    """A local AWS that does not, and errs in other places."""
    with emulator.moto() as running:
        yield running


@pytest.fixture(scope="session")
def process() -> Iterator[Warm]:
    """Runs the role's tasks without Ansible's own processes."""
    with warm() as started:
        yield started


@pytest.fixture
def between(ministack: Emulator) -> Iterator[Recording]:
    """A recorder in front of the local AWS, for what a test lets it answer."""
    with recorder.recording(ministack.url) as recording:
        yield recording


@pytest.fixture
def account(ministack: Emulator) -> Iterator[Account]:
    """An empty account for one test."""
    with account_in(ministack) as empty:
        yield empty


@pytest.fixture(scope="module")
def shared(ministack: Emulator) -> Iterator[Account]:
    """An empty account for a whole module, whose tests then do without `account`."""
    with account_in(ministack) as empty:
        yield empty


@pytest.fixture(scope="module")
def applied(shared: Account) -> Account:
    """The seed pool, applied; each test of the module leaves it so."""
    seed.make_group(shared.client, old_policy=None)
    run = shared.apply()
    assert run.code == 0, run.output
    return shared
