# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A local AWS for whoever cannot hold it open: it lives as long as the file that leads to it, and its owner.

python -m local_aws.background start FOLDER --owner PID     returns when FOLDER/config leads to it
python -m local_aws.background stop FOLDER                  returns when it is gone
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO

from . import profiles
from .emulator import READY_SECONDS, STOP_SECONDS, EmulatorFailed, EmulatorMissing, ministack

CONFIG, LOCK, LOG = "config", "lock", "log"
LOOK_SECONDS = 0.1
# Nobody leaves one behind for longer than this, also who has named no owner.
AT_MOST_SECONDS = 3600.0

_ROOT = Path(__file__).resolve().parent.parent


class NotServing(RuntimeError):
    """It did not start, or does not end."""


def start(folder: Path, accounts: Mapping[str, str], owner: int | None = None) -> Path:
    """Returns the configuration file that leads to it, once it does; one that is running there is ended first."""
    stop(folder)
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / CONFIG
    # There from the beginning: whoever removes it ends also one that is not ready yet.
    config.touch()
    command = [sys.executable, "-m", "local_aws.background", "serve", str(folder)]
    command += [f"--account={name}={account}" for name, account in accounts.items()]
    command += [f"--owner={owner}"] if owner else []
    with (folder / LOG).open("wb") as log:
        server = subprocess.Popen(
            command, cwd=_ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
    try:
        # It gives up by itself after READY_SECONDS.
        while server.poll() is None:
            if config.exists() and config.stat().st_size:
                return config
            time.sleep(LOOK_SECONDS)
    except BaseException:
        config.unlink(missing_ok=True)
        raise
    raise NotServing((folder / LOG).read_text(errors="replace").strip() or "it was stopped before it was ready")


def stop(folder: Path) -> None:
    """Ends the one of that folder, if there is one, and returns when it is gone."""
    (folder / CONFIG).unlink(missing_ok=True)
    if folder.is_dir():
        with _alone(folder):
            pass


def serve(folder: Path, accounts: Mapping[str, str], owner: int | None = None) -> None:
    """Returns when the configuration file is gone, or its owner is."""
    config = folder / CONFIG
    # Not made anew: it may have been removed meanwhile.
    with _alone(folder), config.open("r+", encoding="utf-8") as opened, ministack() as aws:
        opened.write(profiles.text(aws.url, accounts))
        opened.flush()
        deadline = time.monotonic() + AT_MOST_SECONDS
        while leads_to(config, opened) and _lives(owner) and time.monotonic() < deadline:
            time.sleep(LOOK_SECONDS)


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Whoever serves holds a lock on the folder, which the system takes back however he ends."""
    with (folder / LOCK).open("w") as lock:
        deadline = time.monotonic() + READY_SECONDS + 2 * STOP_SECONDS
        while not _locked(lock):
            if time.monotonic() > deadline:
                raise NotServing(f"The local AWS of {folder} does not end.")
            time.sleep(LOOK_SECONDS)
        yield


def _locked(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def leads_to(config: Path, opened: IO[str]) -> bool:
    """A file of the same name that somebody else has made is not this one."""
    try:
        return os.path.samestat(config.stat(), os.fstat(opened.fileno()))
    except FileNotFoundError:
        return False


def _lives(owner: int | None) -> bool:
    if owner is None:
        return True
    try:
        os.kill(owner, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _parsed(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local_aws.background")
    parser.add_argument("action", choices=["start", "stop", "serve"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--account", action="append", default=[], metavar="PROFILE=ID", help="one more account")
    parser.add_argument("--owner", type=int, metavar="PID", help="the process with which it ends")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> int:
    given = _parsed(arguments)
    accounts = dict(account.split("=", 1) for account in given.account)
    try:
        if given.action == "stop":
            stop(given.folder)
        elif given.action == "start":
            print(start(given.folder, accounts, given.owner))
        else:
            # Leaves the context, and so ends the emulator.
            signal.signal(signal.SIGTERM, lambda *dummy: sys.exit(0))
            with contextlib.suppress(FileNotFoundError):
                serve(given.folder, accounts, given.owner)
    except (NotServing, EmulatorFailed, EmulatorMissing) as failure:
        print(failure, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
