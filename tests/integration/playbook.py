# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A playbook is run as a user runs it: a process of its own that inherits nothing from the tests but its arguments."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from local_aws.recorder import Recorded

REPOSITORY = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
TIMEOUT_SECONDS = 120.0

_CALLBACKS = Path(__file__).with_name("callback_plugins")
_SHORT_WAITS = Path(__file__).with_name("short_waits")
_INTERPRETER = {"ansible_python_interpreter": "{{ ansible_playbook_python }}"}


@dataclass(frozen=True)
class Task:
    """One task's result."""

    name: str
    status: str
    result: Mapping[str, Any] = field(repr=False)
    host: str = "localhost"

    @property
    def changed(self) -> bool:
        return bool(self.result.get("changed"))

    @property
    def message(self) -> str:
        return str(self.result.get("msg", ""))

    @property
    def diff(self) -> list[Mapping[str, Any]]:
        found = self.result.get("diff") or []
        return found if isinstance(found, list) else [found]

    @property
    def differences(self) -> dict[str, tuple[Any, Any]]:
        """What the diff shows as changing: by dotted path, the value before and the value after (None: not there)."""
        found: dict[str, tuple[Any, Any]] = {}
        for entry in self.diff:
            found.update(_differences(entry["before"], entry["after"]))
        return found

    @property
    def pools(self) -> dict[str, Mapping[str, Any]]:
        return {row["name"]: row for row in self.result.get("pools", [])}


@dataclass(frozen=True)
class Run:
    """What a finished process left behind."""

    code: int
    stdout: str = field(repr=False)
    stderr: str = field(repr=False)
    tasks: list[Task]
    seconds: float
    requests: list[Recorded] = field(default_factory=list, repr=False)

    @property
    def mutating(self) -> list[str]:
        """The operations on the wire that may change anything, in the order in which they were answered."""
        return [request.name for request in self.requests if request.mutating]

    @property
    def output(self) -> str:
        return self.stdout + self.stderr

    @property
    def changed(self) -> dict[str, bool]:
        """By task name; tasks that were skipped are left out."""
        return {task.name: task.changed for task in self.tasks if task.status != "skipped"}

    @property
    def diffs(self) -> dict[str, list[Mapping[str, Any]]]:
        """By task name; tasks without a difference are left out."""
        return {task.name: task.diff for task in self.tasks if task.diff}

    @property
    def failure(self) -> Task:
        """The one task that failed."""
        failed = [task for task in self.tasks if task.status in ("failed", "unreachable")]
        assert len(failed) == 1, self.output
        return failed[0]

    def __getitem__(self, name: str) -> Task:
        found = [task for task in self.tasks if task.name == name]
        assert len(found) == 1, f"{len(found)} results of {name!r} in:\n{self.output}"
        return found[0]


def run(
    playbook: str | os.PathLike[str],
    variables: Mapping[str, Any] | None = None,
    *,
    environment: Mapping[str, str],
    arguments: Sequence[str] = (),
    check: bool = False,
    diff: bool = False,
    directory: Path = REPOSITORY,
    timeout: float = TIMEOUT_SECONDS,
) -> Run:
    """`playbook` is a path seen from `directory`, or the name of an installed one.

    :param arguments: more of the command line.
    """
    command = [str(BIN / "ansible-playbook"), os.fspath(playbook), *arguments]
    command += ["--check"] if check else []
    command += ["--diff"] if diff else []
    with tempfile.TemporaryDirectory(prefix="playbook-") as home:
        results = Path(home, "results.jsonl")
        if variables:
            given = Path(home, "variables.json")
            given.write_text(json.dumps(variables), encoding="utf-8")
            command += ["--extra-vars", f"@{given}"]
        started = time.monotonic()
        process = subprocess.run(
            command,
            cwd=directory,
            env={**own_environment(Path(home)), "VIDEO_SCALING_TASK_RESULTS": str(results), **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout,
        )
        seconds = time.monotonic() - started
        lines = results.read_text(encoding="utf-8").splitlines() if results.exists() else []
    tasks = [Task(**json.loads(line)) for line in lines]
    return Run(process.returncode, process.stdout, process.stderr, tasks, seconds)


def run_tasks(
    tasks: Sequence[Mapping[str, Any]],
    *,
    environment: Mapping[str, str],
    play: Mapping[str, Any] | None = None,
    **how: Any,
) -> Run:
    """A playbook of nothing but these tasks, which finds the collection in this checkout."""
    whole = {
        "name": "Tasks",
        "hosts": "localhost",
        "connection": "local",
        "gather_facts": False,
        "vars": _INTERPRETER,
        "tasks": list(tasks),
        **(play or {}),
    }
    collections = {"ANSIBLE_COLLECTIONS_PATH": str(REPOSITORY / "playbooks" / "collections")}
    with tempfile.TemporaryDirectory(prefix="playbook-") as folder:
        # JSON is YAML.
        Path(folder, "tasks.yml").write_text(json.dumps([whole]), encoding="utf-8")
        return run(Path(folder, "tasks.yml"), environment={**collections, **environment}, **how)


def _differences(before: Any, after: Any, path: str = "") -> dict[str, tuple[Any, Any]]:
    if not isinstance(before, dict) or not isinstance(after, dict):
        return {} if before == after else {path: (before, after)}
    found: dict[str, tuple[Any, Any]] = {}
    for key in sorted({*before, *after}):
        found.update(_differences(before.get(key), after.get(key), f"{path}.{key}".lstrip(".")))
    return found


def own_environment(home: Path) -> dict[str, str]:
    return {
        "PATH": os.pathsep.join([str(BIN), "/usr/local/bin", "/usr/bin", "/bin"]),
        "HOME": str(home),
        "LC_ALL": "C.UTF-8",
        "ANSIBLE_HOME": str(home / "ansible"),
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_CALLBACK_PLUGINS": str(_CALLBACKS),
        "ANSIBLE_CALLBACKS_ENABLED": "task_results",
        "PYTHONPATH": str(_SHORT_WAITS),
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "NO_PROXY": "127.0.0.1,localhost",
        "no_proxy": "127.0.0.1,localhost",
    }
