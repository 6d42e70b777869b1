# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role's own tasks are run, module by module, in a process that was warm before: so one run of a hundred is cheap.

What Ansible does between two modules is left out. The tasks, their order, options, conditions and registered results
are read from the role's files, and each module is its real ``main()``. A run may be killed at any of its requests.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import io
import json
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import botocore.session
from ansible.module_utils.testing import patch_module_args
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import init_plugin_loader
from ansible.template import Templar, trust_as_template
from botocore.exceptions import UnknownServiceError
from botocore.httpsession import URLLib3Session
from botocore.loaders import create_loader

from local_aws import operations
from local_aws.recorder import Recorded
from tests.integration.account import never_dangerous
from tests.integration.playbook import REPOSITORY, Run, Task

COLLECTION = "academy.video_scaling"
ROLE = REPOSITORY / "roles" / "video_scaling"
SERVICES = ("autoscaling", "cloudwatch", "events", "iam", "lambda", "logs", "sqs", "ssm", "sts")
# A wait of the collection is one for AWS, which a local one does not need: it is not skipped, but short.
LONGEST_SLEEP_SECONDS = 0.1


@dataclass(frozen=True)
class Kill:
    """SIGKILL right before the request of this number is sent (1 is the first), or right after its answer came.

    A read that is repeated until it answers something else counts once, or no two runs would have the same numbers.

    :param writes_only: the numbers are those of the requests that may change anything.
    """

    number: int
    after: bool
    writes_only: bool = False


@dataclass(frozen=True)
class Job:
    """:param play: a file of the role's tasks, or the tasks themselves."""

    play: str | Sequence[Mapping[str, Any]]
    environment: Mapping[str, str]
    variables: Mapping[str, Any] = field(default_factory=dict)
    check: bool = False
    kill: Kill | None = None


class Warm:
    """Everything is imported and every service model is loaded; a run is a fork of that."""

    def __init__(self, server: subprocess.Popen[bytes]) -> None:
        assert server.stdin and server.stdout
        self._to, self._from = server.stdin, server.stdout

    def run(self, job: Job) -> Run:
        pickle.dump(job, self._to)
        self._to.flush()
        code, pickled = pickle.load(self._from)
        notes = list(_unpickled(pickled))
        by_kind = {kind: [note for of, note in notes if of == kind] for kind in ("request", "task", "error")}
        never_dangerous(by_kind["request"])
        return Run(code, "", "".join(by_kind["error"]), by_kind["task"], 0.0, by_kind["request"])


@contextlib.contextmanager
def warm() -> Iterator[Warm]:
    """A process without threads, which therefore may fork, and with nothing of the tests' environment."""
    environment = {
        "PATH": "/usr/bin:/bin",
        "LC_ALL": "C.UTF-8",
        "PYTHONPATH": os.pathsep.join([str(REPOSITORY), str(REPOSITORY / "playbooks" / "collections")]),
    }
    command = [sys.executable, "-c", "from tests.integration import in_process; in_process.serve()"]
    with subprocess.Popen(
        command, cwd=REPOSITORY, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as server:
        try:
            yield Warm(server)
        finally:
            server.kill()


def _unpickled(pickled: bytes) -> Iterator[tuple[str, Any]]:
    stream = io.BytesIO(pickled)
    while stream.tell() < len(pickled):
        yield pickle.load(stream)


# What follows runs in the warm process and in its forks.


def serve() -> None:
    orders, answers = sys.stdin.buffer, os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    _warm_up()
    while True:
        try:
            job = pickle.load(orders)
        except EOFError:
            return
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            # Whatever happens, a fork must not go on as a second server.
            try:
                code = _work(job, os.fdopen(writer, "wb", buffering=0))
            except BaseException:
                sys.excepthook(*sys.exc_info())
                code = 99
            os._exit(code)
        os.close(writer)
        with os.fdopen(reader, "rb") as stream:
            pickled = stream.read()
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        pickle.dump((code, pickled), answers)
        answers.flush()


def _warm_up() -> None:
    """Whatever the first run of a process takes its time for, but requests."""
    # The role's filters are found as Ansible finds them.
    init_plugin_loader([str(REPOSITORY / "playbooks" / "collections")])
    patient = time.sleep
    time.sleep = lambda seconds: patient(min(seconds, LONGEST_SLEEP_SECONDS))
    shared = create_loader()
    botocore.session.create_loader = lambda search_path=None: shared
    session = boto3.session.Session(aws_access_key_id="none", aws_secret_access_key="none")
    for service in SERVICES:
        session.client(service, "ap-northeast-2")
        operations.operation_of(service, "GET", "/", {}, b"")
        for kind in ("paginators-1", "waiters-2"):
            with contextlib.suppress(UnknownServiceError):
                shared.load_service_model(service, kind)
    for path in sorted((REPOSITORY / "plugins" / "modules").glob("*.py")):
        _module(path.stem)
    for path in sorted((ROLE / "tasks").glob("*.yml")):
        _loaded(path)
    assert _Play(Job([], {}), print).templated(trust_as_template("{{ [1] | intersect([2]) != [] }}")) is False
    # A fork that collects garbage copies what it shares with this process.
    gc.collect()
    gc.freeze()


def _module(name: str) -> Any:
    return importlib.import_module(f"ansible_collections.{COLLECTION}.plugins.modules.{name}")


def _loaded(path: Path) -> Any:
    return DataLoader().load_from_file(str(path), trusted_as_template=True)


def _work(job: Job, stream: io.RawIOBase) -> int:
    lock = threading.Lock()

    def tell(kind: str, note: Any) -> None:
        stream.write(pickle.dumps((kind, note)))

    os.environ.update(job.environment)
    _watch(job.kill, tell, lock)
    play = _Play(job, tell)
    try:
        play.run(_loaded(ROLE / "tasks" / job.play) if isinstance(job.play, str) else job.play, {})
    except _Failed as failure:
        tell("error", str(failure))
        return 2
    return 0


def _watch(kill: Kill | None, tell: Callable[[str, Any], None], lock: threading.Lock) -> None:
    """Every request is noted once its answer came, and the process kills itself at the given request."""
    send = URLLib3Session.send
    counted, last = 0, None

    def watched(session: Any, request: Any) -> Any:
        nonlocal counted, last
        recorded = _recorded(request)
        with lock:
            known = not recorded.mutating and (recorded == last or (kill is not None and kill.writes_only))
            counted, last = counted + (not known), recorded
            number = 0 if known else counted
            if kill and (number, False) == (kill.number, kill.after):
                os.kill(os.getpid(), signal.SIGKILL)
        response = send(session, request)
        with lock:
            tell("request", replace(recorded, status=response.status_code))
            if kill and (number, True) == (kill.number, kill.after):
                os.kill(os.getpid(), signal.SIGKILL)
        return response

    URLLib3Session.send = watched


def _recorded(request: Any) -> Recorded:
    headers = {name: value if isinstance(value, str) else value.decode() for name, value in request.headers.items()}
    split = urlsplit(request.url)
    path = f"{split.path or '/'}?{split.query}" if split.query else split.path or "/"
    body = request.body or b""
    body = body.encode() if isinstance(body, str) else bytes(body)
    service = operations.service_of(path, headers)
    operation = operations.operation_of(service, request.method, path, headers, body)
    return Recorded(
        service=service,
        operation=operation,
        method=request.method,
        path=path,
        body=body,
        parameters=operations.parameters_of(headers, body),
        mutating=operations.mutates(service, operation, body),
    )


class _Failed(Exception):
    pass


class _Play:
    """As much of Ansible as the role's tasks use, and a refusal of all else.

    What only Ansible's own output shows (diff, changed_when, the closing lines) is left out, and so is what AWX keeps.
    """

    UNDERSTOOD = frozenset({"name", "block", "module_defaults", "vars", "when", "register", "check_mode"})
    LEFT_OUT = frozenset({"diff", "changed_when", "ansible.builtin.debug", "always"})

    def __init__(self, job: Job, tell: Callable[[str, Any], None]) -> None:
        modes = {"ansible_check_mode": job.check, "ansible_diff_mode": False, "inventory_hostname": "localhost"}
        given = (_loaded(ROLE / "defaults" / "main.yml"), _loaded(ROLE / "vars" / "main.yml"), job.variables, modes)
        self.variables = {name: value for values in given for name, value in values.items()}
        self.tell = tell

    def run(self, tasks: Sequence[Mapping[str, Any]], defaults: Mapping[str, Any]) -> None:
        for task in tasks:
            self.one(task, defaults)

    def one(self, task: Mapping[str, Any], defaults: Mapping[str, Any]) -> None:
        actions = {key for key in task if key.startswith(f"{COLLECTION}.")} | {
            "ansible.builtin.include_tasks",
            "ansible.builtin.fail",
        }
        assert task.keys() <= self.UNDERSTOOD | self.LEFT_OUT | actions, task
        self.variables.update(task.get("vars", {}))
        if "block" in task:
            self.run(task["block"], self.templated(task["module_defaults"][f"group/{COLLECTION}.all"]))
        elif not self.holds(task.get("when", True)):
            self.register(task, {"changed": False, "skipped": True})
        elif included := task.get("ansible.builtin.include_tasks"):
            self.run(_loaded(ROLE / "tasks" / included), defaults)
        elif failing := task.get("ansible.builtin.fail"):
            raise _Failed(str(self.templated(failing["msg"])))
        elif "ansible.builtin.debug" not in task:
            self.module(task, defaults)

    def holds(self, conditions: Any) -> bool:
        listed = conditions if isinstance(conditions, list) else [conditions]
        return all(self.templar.evaluate_conditional(condition) for condition in listed)

    def module(self, task: Mapping[str, Any], defaults: Mapping[str, Any]) -> None:
        (full_name,) = [key for key in task if key.startswith(f"{COLLECTION}.")]
        check = self.templated(task.get("check_mode", self.variables["ansible_check_mode"]))
        name = full_name.removeprefix(f"{COLLECTION}.")
        result = _result(name, {**defaults, **self.templated(task[full_name]), "_ansible_check_mode": check})
        status = "failed" if result.get("failed") else "ok"
        self.tell("task", Task(str(self.templated(task["name"])), status, result))
        if status == "failed":
            raise _Failed(f"{name}: {result.get('msg')}")
        self.register(task, result)

    def register(self, task: Mapping[str, Any], result: Mapping[str, Any]) -> None:
        if "register" in task:
            self.variables[task["register"]] = result

    def templated(self, value: Any) -> Any:
        return self.templar.template(value)

    @property
    def templar(self) -> Any:
        return Templar(DataLoader(), self.variables)


def _result(name: str, options: Mapping[str, Any]) -> dict[str, Any]:
    given = dict(options)
    # All that an action plugin does is to add the publisher's source, which lies where Ansible runs.
    if (REPOSITORY / "plugins" / "action" / f"{name}.py").is_file():
        action = importlib.import_module(f"ansible_collections.{COLLECTION}.plugins.action.{name}")
        given["code"] = action.SOURCE.read_text(encoding="utf-8")
    printed = io.StringIO()
    with patch_module_args(given), contextlib.redirect_stdout(printed), contextlib.suppress(SystemExit):
        _module(name).main()
    result: dict[str, Any] = json.loads(printed.getvalue())
    return result
