# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A command meets a clean environment, a home that nothing but the bench uses, and an end; whatever ends us ends it."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
HERE = Path(__file__).resolve().parent
STOP_SECONDS = 15.0
MODULE = re.compile(r"AnsiballZ_(\w+)")
COLOURS = re.compile(r"\x1b\[[\d;]*m")
ERROR = re.compile(r"FAILED!|UNREACHABLE!|\[?ERROR\]?:|fatal:|Traceback|Error:")
ERROR_LENGTH = 300


@dataclass(frozen=True)
class Cost:
    """What one run of a command took; `error` is empty where it went well."""

    wall_seconds: float
    cpu_seconds: float
    peak_megabytes: float
    largest: str
    error: str


def environment(home: Path, aws: Mapping[str, str]) -> dict[str, str]:
    """All that a measured command gets to see."""
    return {
        "PATH": os.pathsep.join(["/usr/bin", "/bin"]),
        "HOME": str(home),
        "TMPDIR": str(home / "tmp"),
        "LC_ALL": "C.UTF-8",
        "ANSIBLE_HOME": str(home / "ansible"),
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
        "ANSIBLE_NOCOLOR": "true",
        **aws,
    }


def run(command: list[str], variables: Mapping[str, str], seconds: float, *, look: bool = False) -> Cost:
    """The cost of one run; with `look` also the name of its largest process, and then its times count for nothing."""
    log = Path(variables["HOME"]) / "output.log"
    words = ["-I", "-S", str(HERE / "watch.py"), str(seconds), str(log), "look" if look else "rest", *command]
    with program(words, variables) as watch:
        assert watch.stdout is not None
        report = json.loads(watch.stdout.readline() or "{}")
    if not report:
        raise RuntimeError(f"the watcher of {' '.join(command)} said nothing")
    return Cost(
        wall_seconds=report["wall_seconds"],
        cpu_seconds=report["cpu_seconds"],
        peak_megabytes=report["peak_megabytes"],
        largest=kind_of(report["largest"]),
        error=error_of(report, log.read_text(encoding="utf-8", errors="replace"), seconds),
    )


@contextlib.contextmanager
def program(words: list[str], variables: Mapping[str, str]) -> Iterator[subprocess.Popen[str]]:
    """A Python program of ours that ends when its standard input does, out of reach of the terminal's Ctrl-C."""
    started = subprocess.Popen(
        [sys.executable, *words],
        cwd=ROOT,
        env=dict(variables),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert started.stdin is not None
    assert started.stdout is not None
    try:
        yield started
    finally:
        with contextlib.suppress(OSError):
            started.stdin.close()
        try:
            started.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            started.kill()
            started.wait()
        started.stdout.close()


def kind_of(largest: str) -> str:
    """Which of a command's processes that is, in words that hold no path."""
    place, _, words = largest.partition(" ")
    if module := MODULE.search(words):
        return f"module {module[1]}"
    if "mitogen" in words and "ansible-playbook" not in words:
        return "mitogen's child"
    if "ansible-playbook" in words:
        return "ansible-playbook" if place == "first" else "worker of ansible-playbook"
    scripts = [word for word in words.split() if word.endswith(".py")]
    return Path((scripts or words.split() or [""])[0]).name


def error_of(report: Mapping[str, Any], output: str, seconds: float) -> str:
    if report["state"] == "timed out":
        return f"did not end within {seconds:g} seconds"
    if report["state"] != "ended":
        return f"was {report['state']}"
    return f"exit code {report['code']}: {error_line(output)}" if report["code"] else ""


def error_line(output: str) -> str:
    """The line that says most about why a command failed: what comes with the first error, else the last line."""
    lines = [COLOURS.sub("", line).strip() for line in output.splitlines() if line.strip()]
    messages = [found[1] for line in lines if (found := re.search(r'"msg": "((?:[^"\\]|\\.)*)"', line))]
    errors = [line for line in lines if ERROR.search(line)]
    said = next(iter([*messages, *errors, *lines[-1:]]), "no output")
    return said if len(said) <= ERROR_LENGTH else said[: ERROR_LENGTH - 1] + "…"
