# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ansible-galaxy builds and installs runs by its full name, far from any checkout."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from local_aws import seed
from tests.integration.account import Account
from tests.integration.checkout import copy_checkout
from tests.integration.playbook import BIN, TIMEOUT_SECONDS

COLLECTION = Path("ansible_collections", "academy", "video_scaling")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A collections path that holds the built collection and nothing else."""
    folder = tmp_path_factory.mktemp("installed")
    source = copy_checkout(folder / "source")
    galaxy(folder, "build", str(source), "--output-path", str(folder))
    (archive,) = folder.glob("academy-video_scaling-*.tar.gz")
    galaxy(folder, "install", str(archive), "--offline", "--collections-path", str(folder / "collections"))
    return folder / "collections"


def galaxy(home: Path, *arguments: str) -> None:
    environment = {"PATH": os.pathsep.join([str(BIN), "/usr/bin", "/bin"]), "HOME": str(home), "LC_ALL": "C.UTF-8"}
    process = subprocess.run(
        [BIN / "ansible-galaxy", "collection", *arguments],
        cwd=home,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
    )
    assert process.returncode == 0, process.stdout + process.stderr


def test_what_is_shipped_is_what_a_user_needs(installed):
    shipped = {path.relative_to(installed / COLLECTION).as_posix() for path in (installed / COLLECTION).rglob("*")}
    assert {
        "files/lambda/queue_depth/lambda_function.py",
        "meta/runtime.yml",
        "playbooks/apply.yml",
        "playbooks/apply_policy.yml",
        "playbooks/deploy_lambda.yml",
    } <= shipped
    assert not {"local_aws", "playbooks/collections", "tests/integration"} & shipped


def test_the_playbooks_run_by_their_full_names(installed, account: Account, tmp_path):
    seed.make_group(account.client, old_policy=None)
    environment = {**account.environment, "ANSIBLE_COLLECTIONS_PATH": str(installed)}
    applied = account.play("academy.video_scaling.apply", environment=environment, directory=tmp_path)
    assert applied.code == 0, applied.output
    assert applied["Pools"].result["changed_steps"] == ["queue", "publisher", "schedule", "policy"]
    for name in ("deploy_lambda", "apply_policy"):
        run = account.play(f"academy.video_scaling.{name}", environment=environment, directory=tmp_path)
        assert run.code == 0, run.output
        assert (any(run.changed.values()), run.mutating) == (False, [])
