# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is measured is a whole command, as a person would type it; which of its parts takes how long is not asked."""

from __future__ import annotations

import json
import sys
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from local_aws.emulator import ACCOUNT, REGION

from . import fleet
from .commands import HERE, ROOT

OURS = Path(sys.executable).parent
PEERS = ROOT / ".venvs" / "peers" / "bin"
FUNCTION_SOURCE = ROOT / "files" / "lambda" / "queue_depth" / "lambda_function.py"
APPLY, DIAGNOSE = "playbooks/apply.yml", "playbooks/diagnose.yml"
# Before these the account holds the groups and nothing else; after the first apply it holds all.
CHECK, FIRST, NOOP, DRIFTED, DIAGNOSIS = "check", "first", "noop", "drifted", "diagnose"
READS, LISTED, EMPTY = "reads", "reads, listed", "empty playbook"
NAMES = ("ours", "floor", "peers", "mitogen")


@dataclass(frozen=True)
class Subject:
    """One way to keep such a fleet; its steps in the order in which the account allows them."""

    name: str
    steps: dict[str, list[str]]
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def is_peer(self) -> bool:
        return self.name in ("peers", "mitogen")


def written(folder: Path, count: int) -> tuple[Path, Path]:
    """The fleet as a person writes it for Ansible, and as the floor reads it."""
    wanted = fleet.variables(count)
    as_yaml, as_json = folder / f"pools-{count}.yml", folder / f"pools-{count}.json"
    as_yaml.write_text(yaml.safe_dump(wanted, sort_keys=False), encoding="utf-8")
    as_json.write_text(json.dumps({**fleet.defaults(), **wanted}), encoding="utf-8")
    return as_yaml, as_json


def ours(pools: Path) -> Subject:
    apply = [str(OURS / "ansible-playbook"), APPLY, "-e", f"@{pools}"]
    # Nothing fires in a bench, so no pool is healthy: what is measured is the diagnosis, not its verdict.
    diagnose = [str(OURS / "ansible-playbook"), DIAGNOSE, "-e", f"@{pools}", "-e", "video_scaling_fail_on=never"]
    return Subject("ours", {CHECK: [*apply, "--check"], FIRST: apply, NOOP: apply, DRIFTED: apply, DIAGNOSIS: diagnose})


def floor(pools: Path) -> Subject:
    words = [sys.executable, str(HERE / "floor.py"), str(pools)]
    return Subject("floor", {READS: words, LISTED: [*words, "listed"]})


def empty_playbook() -> Subject:
    return Subject("floor", {EMPTY: [str(OURS / "ansible-playbook"), str(HERE / "empty.yml")]})


def peers(folder: Path, pools: Path, *, mitogen: bool) -> Subject:
    apply = [str(PEERS / "ansible-playbook"), str(HERE / "peers.yml"), "-e", f"@{pools}", "-e", f"@{extra(folder)}"]
    return Subject(
        "mitogen" if mitogen else "peers",
        {CHECK: [*apply, "--check"], FIRST: apply, NOOP: apply, DRIFTED: apply},
        strategy() if mitogen else {},
    )


def extra(folder: Path) -> Path:
    """What the peers' playbook needs beside the fleet: names, and an archive that they cannot make."""
    archive, path = folder / "publisher.zip", folder / "peers.json"
    with zipfile.ZipFile(archive, "w") as packed:
        # A fixed date, so that the same content is the same archive.
        entry = zipfile.ZipInfo("lambda_function.py", date_time=(1980, 1, 1, 0, 0, 0))
        packed.writestr(entry, FUNCTION_SOURCE.read_bytes())
    settings = fleet.defaults()
    wanted: dict[str, Any] = {
        "region": REGION,
        "account": ACCOUNT,
        "archive": str(archive),
        "function_name": settings["video_scaling_function_name"],
        "rule_name": settings["video_scaling_rule_name"],
        "runtime": settings["video_scaling_runtime"],
    }
    path.write_text(json.dumps(wanted), encoding="utf-8")
    return path


def strategy() -> dict[str, str]:
    folders = sorted(PEERS.parent.glob("lib/python3*/site-packages/ansible_mitogen/plugins/strategy"))
    return {"ANSIBLE_STRATEGY": "mitogen_linear", "ANSIBLE_STRATEGY_PLUGINS": str(folders[-1]) if folders else ""}


def missing(name: str) -> str:
    """Why a subject cannot be measured here, or nothing."""
    if name in ("peers", "mitogen") and not (PEERS / "ansible-playbook").is_file():
        return "no environment .venvs/peers: it needs Python 3.12 or newer"
    return ""
