# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a release holds installs, explains itself and runs by its full name, far from any checkout."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from local_aws import seed
from tests.integration.account import Account
from tests.integration.checkout import copy_checkout
from tests.integration.playbook import BIN, REPOSITORY, TIMEOUT_SECONDS

COLLECTION = Path("ansible_collections", "academy", "video_scaling")
# Higher than any that was or will be released.
VERSION = "9999.0.0"
STEM = f"academy-video_scaling-{VERSION}"


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout on which everything was done that docs/releasing.md asks for."""
    root = copy_checkout(tmp_path_factory.mktemp("release") / "checkout")
    described = yaml.safe_load((root / "galaxy.yml").read_text())
    (root / "galaxy.yml").write_text(yaml.safe_dump({**described, "version": VERSION}))
    (root / "changelogs" / "fragments").mkdir(exist_ok=True)
    (root / "changelogs" / "fragments" / "trial.yml").write_text("bugfixes: [trial - a change.]")
    git(root, "init", "--quiet", "--initial-branch", "main")
    commit(root)
    refused = run(root, sys.executable, "-m", "release", "--check")
    assert (refused.returncode, "make changelog" in refused.stderr) == (1, True)

    released = run(root, BIN / "antsibull-changelog", "release")
    assert released.returncode == 0, released.stdout + released.stderr
    commit(root)
    git(root, "tag", "--annotate", VERSION, "--message", "x")
    return root


@pytest.fixture(scope="module")
def dist(checkout: Path) -> Path:
    """What `make release` makes, with a page in place of the site."""
    (checkout / ".cache" / "site").mkdir(parents=True)
    (checkout / ".cache" / "site" / "index.html").write_text("<p>")
    return release(checkout, "--site", ".cache/site")


@pytest.fixture(scope="module")
def installed(dist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A collections path that holds the released collection and nothing else."""
    folder = tmp_path_factory.mktemp("installed")
    galaxy = [BIN / "ansible-galaxy", "collection", "install", dist / f"{STEM}.tar.gz", "--offline"]
    process = run(folder, *galaxy, "--collections-path", folder / "collections")
    assert process.returncode == 0, process.stdout + process.stderr
    return folder / "collections"


def run(directory: Path, *command: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    environment |= {
        "PATH": os.pathsep.join([str(BIN), "/usr/bin", "/bin"]),
        "HOME": str(directory),
        "LC_ALL": "C.UTF-8",
    }
    return subprocess.run(
        command,
        cwd=directory,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
    )


def git(root: Path, *arguments: str) -> None:
    done = run(root, "git", "-c", "user.name=x", "-c", "user.email=x", *arguments)
    assert done.returncode == 0, done.stderr


def commit(root: Path) -> None:
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "x")


def release(root: Path, *options: str) -> Path:
    done = run(root, sys.executable, "-m", "release", *options)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    assert "not tagged" not in done.stdout
    return root / "dist"


def test_a_release_holds_what_it_should_and_its_checksums_are_right(dist):
    names = {path.name for path in dist.iterdir()}
    assert names == {f"{STEM}.tar.gz", f"{STEM}.cdx.json", f"{STEM}-site.tar.gz", "SHA256SUMS"}
    checked = run(dist, "sha256sum", "--check", "--strict", "SHA256SUMS")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert len(checked.stdout.splitlines()) == 3


def test_the_same_commit_makes_the_same_files(checkout, dist, tmp_path):
    git(tmp_path, "clone", "--quiet", str(checkout), "clone")
    again = release(tmp_path / "clone")
    for name in (f"{STEM}.tar.gz", f"{STEM}.cdx.json"):
        assert (again / name).read_bytes() == (dist / name).read_bytes()


def test_the_bill_of_materials_is_valid(dist):
    bill = (dist / f"{STEM}.cdx.json").read_text()
    assert JsonStrictValidator(SchemaVersion.V1_7).validate_str(bill) is None
    assert {part["name"] for part in json.loads(bill)["components"]} == {"ansible-core", "boto3", "botocore", "uplot"}


def test_what_is_shipped_is_what_a_user_needs(installed):
    shipped = {path.relative_to(installed / COLLECTION).as_posix() for path in (installed / COLLECTION).rglob("*")}
    assert {
        "CHANGELOG.rst",
        "files/lambda/queue_depth/lambda_function.py",
        "meta/runtime.yml",
        "playbooks/apply.yml",
        "playbooks/apply_policy.yml",
        "playbooks/deploy_lambda.yml",
    } <= shipped
    kept_out = {"bench", "dist", "extensions/molecule", "local_aws", "playbooks/collections", "release", "requirements"}
    kept_out |= {"tests/gates", "tests/integration", "tests/unit/bench", "tests/unit/gates", "tests/unit/release"}
    assert not kept_out & shipped


def plugins_of(kind: str) -> set[str]:
    return {path.stem for path in (REPOSITORY / "plugins" / kind).glob("*.py")} - {"__init__"}


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("module", plugins_of("modules")),
        ("filter", plugins_of("filter")),
        ("inventory", plugins_of("inventory")),
        ("callback", plugins_of("callback")),
        ("role", {path.name for path in (REPOSITORY / "roles").iterdir()}),
    ],
)
def test_ansible_doc_explains_everything(installed, tmp_path, kind, names):
    assert names
    full = sorted(f"academy.video_scaling.{name}" for name in names)
    shown = run(tmp_path, BIN / "ansible-doc", "--json", "--type", kind, *full, ANSIBLE_COLLECTIONS_PATH=str(installed))
    assert shown.returncode == 0, shown.stderr
    documented = json.loads(shown.stdout)
    assert sorted(documented) == full
    for name, entry in documented.items():
        assert entry.get("entry_points") or entry["doc"]["short_description"], name


def test_the_playbooks_run_by_their_full_names(installed, account: Account, tmp_path):
    seed.make_group(account.client, old_policy=None)
    environment = {**account.environment, "ANSIBLE_COLLECTIONS_PATH": str(installed)}
    applied = account.play("academy.video_scaling.apply", environment=environment, directory=tmp_path)
    assert applied.code == 0, applied.output
    assert applied["Pools"].result["changed_steps"] == ["queue", "publisher", "schedule", "policy"]
    for name in ("deploy_lambda", "apply_policy"):
        played = account.play(f"academy.video_scaling.{name}", environment=environment, directory=tmp_path)
        assert played.code == 0, played.output
        assert (any(played.changed.values()), played.mutating) == (False, [])
