# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A long run says where each host is, a short one nothing; a throttle holds every thread; -v tells what was sent."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import threading
import time
from collections import Counter, defaultdict

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.aws.connection import THREADS

from tests.integration import playbook
from tests.integration.account import pool, task

PLUGIN = "academy.video_scaling.progress"
LINE = re.compile(
    r"(?P<host>\S+): video_queue: (?:(?P<pools>\d+) of 40 pools|round (?P<round>\d+), (?P<done>\d+) of (?P<keys>\d+)), "
    r"(?P<changed>\d+) changed, (?P<failed>\d+) failed, (?P<requests>\d+) requests, "
    r"(?P<seconds>\d+) s(?:, about (?P<left>\d+) s left)?"
)


def fleet(prefix, size):
    """Pools of one queue each."""
    alone = {"signal": "sqs_total", "metric": None, "dead_letter_queue_name": None, "max_receive_count": None}
    return [pool(f"{prefix}{number}", **alone) for number in range(size)]


def lines(run):
    return [match.groupdict() for match in map(LINE.fullmatch, run.stdout.splitlines()) if match]


# A module writes a line of its progress where something moves, and not twice in a second.
LONGER_THAN_A_LINE = 1.1
REFUSED = {7, 17, 27, 37}
# Queues are made in the order of their names: of the first ones in flight, and the last ones.
FIRST_REFUSED, LAST_BUT_ONE, LAST = 17, {38, 39, 4, 5, 6, 8}, 9


class Held:
    """Queues that are made only once the lines before them have been shown, however slow the machine is.

    :param log: of the run, which has each line as soon as it is shown.
    """

    def __init__(self, log):
        self.log = log
        self.turns = defaultdict(threading.Lock)

    def __call__(self, request):
        if request.name != "sqs:CreateQueue":
            return None
        host, number = re.search(r"(seoul|oregon)(\d+)-jobs$", request.parameters["QueueName"]).groups()
        if int(number) in REFUSED:
            if int(number) == FIRST_REFUSED:
                time.sleep(LONGER_THAN_A_LINE)
            body = {"__type": "com.amazon.coral.service#AccessDeniedException", "message": "not allowed"}
            return 400, {}, json.dumps(body)
        self.until_shown(host, changed="0")
        if int(number) in LAST_BUT_ONE:
            # Each of them moves something when there is a line to write again.
            with self.turns[host]:
                if not self.is_shown(host, failed="4"):
                    time.sleep(LONGER_THAN_A_LINE)
        if int(number) == LAST:
            self.until_shown(host, failed="4")
        return None

    def is_shown(self, host, **wanted):
        shown = [match.groupdict() for match in LINE.finditer(self.log.read_text()) if match["host"] == host]
        return any(wanted.items() <= line.items() for line in shown)

    def until_shown(self, host, **wanted):
        until = time.monotonic() + 60
        while not self.is_shown(host, **wanted) and time.monotonic() < until:
            time.sleep(0.05)


@pytest.fixture
def watched(account, tmp_path):
    """The environment of a run that is watched, whose temporary files have a folder of their own."""
    return {
        **account.environment,
        "TMPDIR": str(tmp_path),
        "ANSIBLE_CALLBACKS_ENABLED": f"task_results,{PLUGIN}",
        "VIDEO_SCALING_PROGRESS_INTERVAL": "0.5",
    }


def test_several_hosts_say_where_they_are(account, watched, tmp_path):
    pools = {host: fleet(host, 40) for host in ("seoul", "oregon")}
    log = tmp_path / "run.log"
    log.touch()
    account.recording.before = Held(log)
    inventory = tmp_path / "hosts.json"
    inventory.write_text(json.dumps({"all": {"hosts": {host: {} for host in pools}}}), encoding="utf-8")
    run = account.tasks(
        [task("video_queue", {"pools": "{{ fleet[inventory_hostname] }}"}, vars={"fleet": pools})],
        environment={**watched, "ANSIBLE_INVENTORY": str(inventory), "ANSIBLE_LOG_PATH": str(log)},
        play={"hosts": "all"},
    )
    assert run.code == 2, run.output
    shown = lines(run)
    assert {line["host"] for line in shown} == {"seoul", "oregon"}, run.stdout
    for host in ("seoul", "oregon"):
        seconds = [int(line["seconds"]) for line in shown if line["host"] == host]
        assert len(seconds) >= 2
        assert seconds == sorted(seconds)
        requests = [int(line["requests"]) for line in shown if line["host"] == host]
        assert requests == sorted(requests)
        assert 0 < requests[0] < requests[-1]
        changed = [int(line["changed"]) for line in shown if line["host"] == host]
        assert changed == sorted(changed)
        # Of 40, those that end in 7 are refused.
        assert 0 == changed[0] < changed[-1] <= 36
        # While the queues are still made, a line says how many were refused.
        assert [line["failed"] for line in shown if line["host"] == host][-1] == "4", run.stdout
        assert any(line["left"] for line in shown if line["host"] == host), run.stdout
    assert list(tmp_path.glob("*progress*")) == []


def test_a_run_over_one_pool_says_nothing(account, watched):
    environment = {name: value for name, value in watched.items() if name != "VIDEO_SCALING_PROGRESS_INTERVAL"}
    run = account.module("video_queue", {"pools": fleet("video", 1)}, environment=environment)
    assert run.code == 0, run.output
    assert "requests" not in run.stdout


def test_a_run_that_is_interrupted_leaves_nothing_behind(account, watched, tmp_path):
    account.recording.latency = 0.5
    play = {"hosts": "localhost", "connection": "local", "gather_facts": False}
    play["tasks"] = [task("video_queue", {"pools": fleet("video", 40)})]
    play["vars"] = {"ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    path = tmp_path / "tasks.yml"
    path.write_text(json.dumps([play]), encoding="utf-8")
    environment = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(tmp_path),
        "LC_ALL": "C.UTF-8",
        "ANSIBLE_COLLECTIONS_PATH": str(playbook.REPOSITORY / "playbooks" / "collections"),
        **watched,
        "ANSIBLE_CALLBACKS_ENABLED": PLUGIN,
    }
    command = [str(playbook.BIN / "ansible-playbook"), str(path)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as run:
        try:
            seen = next(line for line in run.stdout if LINE.fullmatch(line.rstrip()))
            assert list(tmp_path.glob("video_scaling_progress_*")), seen
            run.send_signal(signal.SIGINT)
            run.communicate(timeout=60)
        finally:
            run.kill()
    assert run.returncode != 0
    assert list(tmp_path.glob("video_scaling_progress_*")) == []


def test_minus_v_tells_what_the_recorder_saw(account):
    tasks = [task("video_queue", {"pools": fleet("video", 3)})]
    run = account.tasks(tasks, environment={**account.environment, "ANSIBLE_VERBOSITY": "1"})
    assert run.code == 0, run.output
    result = run["video_queue"].result
    assert result["requests_by_operation"] == dict(Counter(request.name for request in run.requests))
    assert set(result["seconds_by_phase"]) == {"connect", "video_queue"}
    quiet = account.tasks(tasks)["video_queue"].result
    assert not {"requests_by_operation", "seconds_by_phase"} & quiet.keys()


HELD_SECONDS = 5


def test_a_throttle_of_one_thread_holds_all(account):
    """One of all threads has to wait, and no other asks again before that time is over."""
    arrived, met, began = [], threading.Barrier(THREADS), []
    lock = threading.Lock()

    def before(request):
        if request.name != "sqs:GetQueueUrl":
            return None
        with lock:
            number = len(arrived)
            arrived.append(time.monotonic())
            if number == THREADS - 1:
                began.append(time.monotonic())
        if number >= THREADS:
            return None
        met.wait(timeout=60)
        if number == 0:
            body = {"__type": "com.amazonaws.sqs#RequestThrottled", "message": "slow down"}
            return 400, {"Retry-After": str(HELD_SECONDS)}, json.dumps(body)
        # The others are answered once that one has its answer.
        time.sleep(HELD_SECONDS / 2)
        return None

    account.recording.before = before
    run = account.module("video_queue", {"pools": fleet("video", 2 * THREADS)}, check=True)
    assert run.code == 0, run.output
    after = arrived[THREADS:]
    assert len(after) >= THREADS
    assert min(after) - began[0] >= HELD_SECONDS
