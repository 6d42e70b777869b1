# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""While a long step runs, one line per host says every few seconds where it is; a short run says nothing."""

from __future__ import annotations

DOCUMENTATION = r"""
name: progress
type: aggregate
short_description: Says where a long run over many pools is
version_added: 0.1.0
description:
  - While a module of this collection works on many pools, prints a line per host every few seconds with the step,
    the pools done of all, how much was changed and has failed, the requests sent and the seconds left.
  - Prints nothing for a step that ends within O(interval), so a run over one pool looks as it always does.
  - A step goes through its pools in rounds, to read, to change, and to look whether that worked.
    In the first round, pools done are the share of it that was answered.
    A later round counts the things that it is about (queues, policies).
    The seconds left are those of the round at its speed so far, so they are a guess.
  - Changes and failures are those of the module's run so far, counted by resource (a queue, the publisher, the schedule,
    a policy), and by pool where a step could not even begin. In a check run, changes are those that would be made.
  - Modules have to run where Ansible runs, as the same user (C(ansible_connection=local), without C(become)).
    Those of other hosts run as usual and are not seen.
  - They write to a file for this user only in the directory for temporary files, which is removed at the end.
options:
  interval:
    description: Seconds between two lines of a host, and how long a step runs before its first line.
    type: float
    default: 5
    env:
      - name: VIDEO_SCALING_PROGRESS_INTERVAL
    ini:
      - section: callback_video_scaling_progress
        key: interval
requirements:
  - enabled by C(callbacks_enabled = academy.video_scaling.progress), or by that name in E(ANSIBLE_CALLBACKS_ENABLED)
author:
  - The academy.video_scaling contributors (@academy)
"""

import atexit
import contextlib
import os
import sys
import tempfile
import threading
from pathlib import Path

from ansible.plugins.callback import CallbackBase
from ansible_collections.academy.video_scaling.plugins.module_utils.aws import progress


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "academy.video_scaling.progress"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._watching = None

    def v2_playbook_on_start(self, playbook):
        self._end()
        # A run goes on where there is no room for the file.
        with contextlib.suppress(OSError):
            self._watching = Watching(max(0.1, self.get_option("interval")), self._print)
            atexit.register(self._end)

    def v2_runner_on_start(self, host, task):
        # The module's process inherits it: it is started right after this, and knows no name of its host.
        os.environ[progress.HOST] = host.get_name()

    def v2_runner_on_ok(self, result):
        self._forget(result)

    def v2_runner_on_failed(self, result, ignore_errors=False):
        self._forget(result)

    def v2_runner_on_unreachable(self, result):
        self._forget(result)

    def v2_playbook_on_stats(self, stats):
        self._end()

    def _forget(self, result):
        if self._watching:
            self._watching.forget(result.host.get_name())

    def _end(self):
        watching, self._watching = self._watching, None
        if watching:
            watching.end()
            atexit.unregister(self._end)

    def _print(self, line):
        self._display.display(line)
        # Otherwise a pipe keeps it back until the end.
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.flush()


class Watching:
    """The file that modules write to, and the thread that reads it."""

    def __init__(self, interval, display):
        file, name = tempfile.mkstemp(prefix="video_scaling_progress_", suffix=".jsonl")
        os.close(file)
        self.path = Path(name)
        os.environ[progress.FILE] = name
        self._owner = os.getpid()
        self._interval = interval
        self._display = display
        self._latest = {}
        self._rest = b""
        self._offset = 0
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="video_scaling progress", daemon=True)
        self._thread.start()

    def forget(self, host):
        """The host's task has ended, and nothing more comes of it."""
        with self._lock:
            self._read()
            self._latest.pop(host, None)

    def end(self):
        # A worker of Ansible is a fork of this process, and the file is not its own.
        if os.getpid() != self._owner:
            return
        self._ended.set()
        self._thread.join(timeout=self._interval)
        for name in (progress.FILE, progress.HOST):
            os.environ.pop(name, None)
        self.path.unlink(missing_ok=True)

    def _watch(self):
        while not self._ended.wait(self._interval):
            with self._lock:
                self._read()
                news, self._latest = self._latest, {}
            for line in news.values():
                if not line.ended and line.seconds >= self._interval:
                    self._display(as_text(line))

    def _read(self):
        """Whatever was written since: of each host the newest line counts."""
        with contextlib.suppress(OSError):
            with self.path.open("rb") as file:
                file.seek(self._offset)
                text = file.read()
            self._offset += len(text)
            *whole, self._rest = (self._rest + text).split(b"\n")
            for line in filter(None, map(progress.read, whole)):
                self._latest[line.host] = line


def as_text(line):
    """One line for a person."""
    parts = [f"{line.host}: {line.phase}: {_where(line)}"]
    parts += [f"{line.changed} changed", f"{line.failed} failed", f"{line.requests} requests"]
    parts.append(f"{line.seconds:.0f} s" if line.left is None else f"{line.seconds:.0f} s, about {line.left} s left")
    return ", ".join(parts)


def _where(line):
    if line.round > 1:
        return f"round {line.round}, {line.done} of {line.keys}"
    done = line.pools * line.done // line.keys if line.keys else 0
    return f"{done} of {line.pools} pools"
