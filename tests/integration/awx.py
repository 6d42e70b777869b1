# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs as AWX runs them: by ansible-runner over a fresh clone and with a home of its own; only events are left of them.

What an AWX server does beside that is done here by its rules: how variables come together, and how a workflow goes on.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.integration import playbook
from tests.integration.account import Account
from tests.integration.checkout import copy_checkout
from tests.integration.playbook import BIN, REPOSITORY, TIMEOUT_SECONDS

CONFIGURE = "examples/awx/configure.yml"
WRITE = """
- name: Write down what would be configured
  vars:
    names: "{{ query('ansible.builtin.varnames', '^controller_') }}"
  ansible.builtin.copy:
    content: "{{ dict(names | zip(query('ansible.builtin.vars', *names))) | to_json }}"
    dest: "{{ playbook_dir }}/written.json"
    mode: "0600"
"""


@dataclass(frozen=True)
class Job:
    """What AWX keeps of a job."""

    template: str
    code: int
    output: str = field(repr=False)
    events: list[Mapping[str, Any]] = field(repr=False)
    mutating: list[str]

    @property
    def artifacts(self) -> dict[str, Any]:
        (stats,) = [event["event_data"] for event in self.events if event["event"] == "playbook_on_stats"]
        return dict(stats.get("artifact_data", {}))

    @property
    def outcome(self) -> Mapping[str, Any]:
        """Of the one host."""
        (outcome,) = self.artifacts["video_scaling_outcome"].values()
        return outcome

    @property
    def results(self) -> dict[str, Mapping[str, Any]]:
        """Of every task that ran, by its name."""
        ended = [event["event_data"] for event in self.events if event["event"] in ("runner_on_ok", "runner_on_failed")]
        return {each["task"]: each["res"] for each in ended}

    @property
    def check_mode(self) -> bool:
        return bool(self.outcome["check_mode"])


def configuration(folder: Path) -> dict[str, Any]:
    """Every variable that the configuration role is handed, by its name."""
    copy_checkout(folder / "clone")
    role = folder / "collections" / "ansible_collections" / "infra" / "controller_configuration" / "roles" / "dispatch"
    (role / "tasks").mkdir(parents=True)
    (role / "tasks" / "main.yml").write_text(WRITE, encoding="utf-8")
    keys = {"AWS_ACCESS_KEY_ID": "key of the shell", "AWS_SECRET_ACCESS_KEY": "secret of the shell"}
    run = playbook.run(
        CONFIGURE,
        environment={"ANSIBLE_COLLECTIONS_PATH": str(folder / "collections"), **keys},
        directory=folder / "clone",
    )
    assert run.code == 0, run.output
    written: dict[str, Any] = json.loads((folder / "clone" / "examples" / "awx" / "written.json").read_text())
    return written


class Awx:
    """What was configured, and every job so far, each over its own copy of `clone`.

    `pools` and `variables` are those of the inventory's one host, `others` the variables of more hosts by their names.
    """

    def __init__(self, account: Account, configured: Mapping[str, Any], clone: Path) -> None:
        self.account = account
        self.templates = {each["name"]: each for each in configured["controller_templates"]}
        self.workflows = {each["name"]: each for each in configured["controller_workflows"]}
        (self._host,) = configured["controller_hosts"]
        (self._inventory,) = [
            each for each in configured["controller_inventories"] if each["name"] == self._host["inventory"]
        ]
        self.pools = self._host["variables"]["video_scaling_pools"]
        self.variables: dict[str, Any] = {}
        self.others: dict[str, Mapping[str, Any]] = {}
        self.jobs: list[Job] = []
        self._clone = clone

    def launch(
        self,
        template: str,
        answers: Mapping[str, Any] | None = None,
        *,
        handed: Mapping[str, Any] | None = None,
        job_type: str | None = None,
        limit: str | None = None,
    ) -> Job:
        """:param answers: to the survey. :param handed: the artifacts of the jobs before. :param job_type: if asked.
        :param limit: the one host of a slice.
        """
        settings = self.templates[template]
        assert job_type is None or settings.get("ask_job_type_on_launch"), f"{template} does not ask for the job type"
        # The template's own, then the defaults of its survey, then what the launch says.
        variables = {**settings.get("extra_vars", {}), **survey_of(settings, answers or {}), **(handed or {})}
        arguments = ["--check"] if (job_type or settings["job_type"]) == "check" else []
        arguments += ["--diff"] if settings.get("diff_mode") else []
        arguments += ["--limit", limit] if limit else []
        with tempfile.TemporaryDirectory(prefix="job-") as private:
            job = self._run(settings, Path(private), variables, arguments)
        self.jobs.append(job)
        return job

    def _run(
        self, settings: Mapping[str, Any], private: Path, variables: Mapping[str, Any], arguments: list[str]
    ) -> Job:
        shutil.copytree(self._clone, private / "project", symlinks=True)
        (private / "home").mkdir()
        variables_of_host = {**self._host["variables"], "video_scaling_pools": self.pools, **self.variables}
        hosts = {self._host["name"]: variables_of_host, **self.others}
        inventory = {"all": {"hosts": hosts, "vars": self._inventory.get("variables", {})}}
        for name, content in (
            ("inventory/hosts.yml", inventory),
            ("env/extravars", variables),
            ("env/envvars", self.account.environment),
        ):
            (private / name).parent.mkdir(exist_ok=True)
            (private / name).write_text(json.dumps(content), encoding="utf-8")
        command = [str(BIN / "ansible-runner"), "run", str(private), "-p", settings["playbook"], "--ident", "job"]
        with self.account.watched() as requests:
            process = subprocess.run(
                [*command, f"--cmdline={' '.join(arguments)}"] if arguments else command,
                env={"PATH": f"{BIN}:/usr/bin:/bin", "HOME": str(private / "home"), "LC_ALL": "C.UTF-8"},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=TIMEOUT_SECONDS,
            )
        paths = (private / "artifacts" / "job" / "job_events").glob("*-*.json")
        events = sorted(
            (json.loads(path.read_text(encoding="utf-8")) for path in paths), key=lambda one: one["counter"]
        )
        mutating = [request.name for request in requests if request.mutating]
        return Job(settings["name"], process.returncode, process.stdout + process.stderr, events, mutating)

    def walk(
        self,
        workflow: str,
        *,
        start: str,
        before: Mapping[str, Callable[[], Any]] | None = None,
        sliced: str = "",
    ) -> dict[str, Job]:
        """The jobs of a workflow by their nodes; every approval is given.

        :param before: what happens meanwhile, by the node that comes next.
        :param sliced: the node whose job is split, one slice for each host: it stands there as "node host".
        """
        nodes = {node["identifier"]: node for node in self.workflows[workflow]["simplified_workflow_nodes"]}
        done: dict[str, Job] = {}
        handed: dict[str, Any] = {}
        following = [start]
        while following:
            node = nodes[following.pop(0)]
            name, failed = node["identifier"], False
            if "unified_job_template" in node:
                (before or {}).get(name, lambda: None)()
                hosts = [self._host["name"], *self.others] if name == sliced else [None]
                jobs = [self.launch(node["unified_job_template"], handed=handed, limit=host) for host in hosts]
                done |= {f"{name} {host or ''}".strip(): job for host, job in zip(hosts, jobs, strict=True)}
                for job in jobs:
                    # Key by key, and the later job wins.
                    handed = {**handed, **job.artifacts}
                failed = any(job.code != 0 for job in jobs)
            following += node.get("failure_nodes" if failed else "success_nodes", [])
        return done


def survey_of(template: Mapping[str, Any], answers: Mapping[str, Any]) -> dict[str, Any]:
    """The variables that a survey makes; an answer that AWX would not take is an error of the test."""
    asked = {each["variable"]: each for each in template.get("survey_spec", {}).get("spec", [])}
    assert set(answers) <= set(asked), f"{template['name']} does not ask for {set(answers) - set(asked)}"
    defaults = {name: each["default"] for name, each in asked.items() if "default" in each}
    given = {**defaults, **answers}
    missing = [name for name, each in asked.items() if each["required"] and name not in given]
    assert not missing, f"{template['name']}: {missing} must be answered"
    wrong = [name for name, answer in given.items() if not accepted(asked[name], answer)]
    assert not wrong, f"{template['name']}: AWX refuses the answer to {wrong}"
    return given


def accepted(question: Mapping[str, Any], answer: Any) -> bool:
    """By AWX's own rules."""
    if question["type"] == "text":
        return isinstance(answer, str) and question["min"] <= len(answer) <= question["max"]
    if question["type"] == "integer":
        return type(answer) is int and question["min"] <= answer <= question["max"]
    if question["type"] == "multiplechoice":
        return answer in question["choices"]
    raise AssertionError(f"{question['variable']}: no test knows questions of type {question['type']}")


def playbooks() -> set[str]:
    return {f"playbooks/{path.name}" for path in (REPOSITORY / "playbooks").glob("*.yml")}
