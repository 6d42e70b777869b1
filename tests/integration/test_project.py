# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A bare clone is a project that ansible-runner, and so AWX, runs as it was synced."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from local_aws import seed
from tests.integration.account import Account
from tests.integration.checkout import copy_checkout
from tests.integration.playbook import BIN, TIMEOUT_SECONDS


@pytest.fixture(scope="module")
def jobs(shared: Account, tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """A check and an apply, each with the events and the writes that it left."""
    folder = tmp_path_factory.mktemp("runner")
    copy_checkout(folder / "project")
    (folder / "inventory").mkdir()
    (folder / "inventory" / "hosts").write_text("localhost ansible_connection=local\n", encoding="utf-8")
    (folder / "env").mkdir()
    (folder / "env" / "envvars").write_text(json.dumps(shared.environment), encoding="utf-8")
    seed.make_group(shared.client, old_policy=None)
    return SimpleNamespace(
        checked=run_job(shared, folder, "checked", "--check --diff"),
        applied=run_job(shared, folder, "applied", "--diff"),
    )


def run_job(account: Account, folder: Path, name: str, options: str) -> SimpleNamespace:
    command = [
        BIN / "ansible-runner",
        "run",
        folder,
        "-p",
        "playbooks/apply.yml",
        "--ident",
        name,
        f"--cmdline={options}",
    ]
    environment = {"PATH": os.pathsep.join([str(BIN), "/usr/bin", "/bin"]), "HOME": str(folder), "LC_ALL": "C.UTF-8"}
    with account.watched() as requests:
        process = subprocess.run(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_SECONDS,
        )
    events = folder / "artifacts" / name / "job_events"
    return SimpleNamespace(
        code=process.returncode,
        output=process.stdout + process.stderr,
        mutating=[request.name for request in requests if request.mutating],
        results=results_of(events),
    )


def results_of(events: Path) -> dict[str, dict[str, Any]]:
    """The result of every task that went well, by the task's name."""
    found = [json.loads(path.read_text(encoding="utf-8")) for path in events.glob("*-*.json")]
    return {
        event["event_data"]["task"]: event["event_data"]["res"] for event in found if event["event"] == "runner_on_ok"
    }


def test_a_check_job_plans_everything_and_writes_nothing(jobs):
    assert jobs.checked.code == 0, jobs.checked.output
    assert jobs.checked.mutating == []
    assert jobs.checked.results["Pools"]["changed_steps"] == ["queue", "publisher", "schedule", "policy"]


def test_an_apply_job_does_what_the_check_job_planned(jobs):
    assert jobs.applied.code == 0, jobs.applied.output
    applied, checked = jobs.applied.results["Pools"], jobs.checked.results["Pools"]
    assert applied["changed_steps"] == checked["changed_steps"]
    assert applied["diff"] == checked["diff"]
    assert applied["pools"][0]["queue_depth_total"] == 0
