# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The demo as a terminal shows it, written into the pages that promise it: python -m local_aws.screen"""

from __future__ import annotations

import contextlib
import os
import re
import sys
from pathlib import Path

import pexpect
from rich.text import Text

from .marked import between

ROOT = Path(__file__).resolve().parent.parent
# The whole recording, and the pages that show the gist of it.
PAGE = "docs/demo.md"
FRONT_PAGES = ("README.md", "README.ko.md")
NAME = "demo"
# The gist: each numbered step, what went over the wire, which policy and value came of it, and the end.
TELLING = re.compile(r"== \d|   (?:policy|On the wire:|metric) |Done in ")
COMMAND = ("make", "demo")
ROWS, COLUMNS = 40, 100
SECONDS = 600
INTERRUPT_SECONDS = 20


class RecordingFailed(RuntimeError):
    """The command did not end well, so there is nothing to show."""


def main() -> int:
    try:
        shown = recorded(COMMAND)
    except KeyboardInterrupt:
        print("\nInterrupted; no page was changed.", file=sys.stderr)
        return 130
    except RecordingFailed as failure:
        print(f"\nThe recording failed: {failure}", file=sys.stderr)
        return 1
    write_pages(shown)
    return 0


def write_pages(shown: str) -> None:
    contents = {PAGE: block(COMMAND, shown), **dict.fromkeys(FRONT_PAGES, block(COMMAND, gist(shown)))}
    for page, content in contents.items():
        path = ROOT / page
        path.write_text(between(path.read_text(encoding="utf-8"), NAME, content), encoding="utf-8")
        print(f"Written: the demo in {page}")


def recorded(command: tuple[str, ...]) -> str:
    """What the command writes to a terminal of its own, without its colours; it is shown meanwhile.

    :raises RecordingFailed: where the command fails, or does not end within SECONDS.
    """
    environment = {**os.environ, "TERM": "xterm-256color"}
    child = pexpect.spawn(
        command[0],
        list(command[1:]),
        cwd=str(ROOT),
        env=environment,
        dimensions=(ROWS, COLUMNS),
        encoding="utf-8",
        timeout=SECONDS,
    )
    child.logfile_read = sys.stdout
    try:
        child.expect(pexpect.EOF)
    except pexpect.TIMEOUT:
        raise RecordingFailed(f"{' '.join(command)} did not end within {SECONDS} seconds") from None
    finally:
        if child.isalive():
            # As with Ctrl-C in a terminal: the command ends what it has started, and then itself.
            child.sendintr()
            with contextlib.suppress(pexpect.TIMEOUT):
                child.expect(pexpect.EOF, timeout=INTERRUPT_SECONDS)
        child.close()
    if child.exitstatus != 0:
        raise RecordingFailed(f"{' '.join(command)} ended with {child.exitstatus or child.signalstatus}")
    return plain(child.before)


def plain(output: str) -> str:
    """The text of the lines, as they stand on the screen at the end."""
    lines = Text.from_ansi(output.replace("\r\n", "\n")).plain.splitlines()
    return "\n".join(line.rstrip() for line in lines).strip("\n")


def gist(shown: str) -> str:
    return "\n".join(line for line in shown.splitlines() if TELLING.match(line))


def block(command: tuple[str, ...], shown: str) -> str:
    return f"```console\n$ {' '.join(command)}\n{shown}\n```"


if __name__ == "__main__":
    sys.exit(main())
